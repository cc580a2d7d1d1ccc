"""Choosing a password: the same two boxes, and the same sentences, wherever it is done."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazystr

from reform.forms.act import ActForm
from reform.models import password_rules
from reform.models.password_rules import MOST


def new_password(*, again: bool = False) -> forms.CharField:
    """Blanks stay: a password is what was typed, and no text of a page."""
    return forms.CharField(
        label="再输入一次新密码" if again else "新密码",
        max_length=MOST,
        strip=False,
        help_text="" if again else lazystr(_Rules()),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class _Rules:
    """The rules in force, said when the page is drawn."""

    def __str__(self) -> str:
        return "；".join(password_rules.profile().in_words()) + "。"


def same_twice(data: dict[str, Any]) -> dict[str, Any]:
    first, second = data.get("new_password1"), data.get("new_password2")
    if first and second and first != second:
        raise ValidationError({"new_password2": "两次输入的新密码不一致。"})
    return data


class OwnPasswordForm(ActForm):
    submit = "修改密码"
    old_password = forms.CharField(
        label="原密码",
        max_length=MOST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new_password1, new_password2 = new_password(), new_password(again=True)

    def clean(self) -> dict[str, Any]:
        return same_twice(super().clean())
