"""Complaints and suggestions (意见建议)."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from reform.forms.act import ActForm, LineField, TextField


class SuggestionForm(ActForm):
    submit = "提交"
    text = TextField(
        label="意见或建议",
        rows=6,
        max_length=2000,
        help_text="哪里不好用、哪项要求重复或不合理，都可以写。由本单位活动办阅看。",
    )
    page = LineField(label="页面", max_length=200, required=False, widget=forms.HiddenInput)

    def clean_page(self) -> str:
        return own_page(self.cleaned_data["page"])


def own_page(path: Any) -> str:
    """Return `path` when it is a page of ours, else nothing."""
    path = str(path or "")
    ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path[:200] if ours else ""


DOORS = ("login", "login-second", "login-code", "logout", "logged-out")


def page_inside(path: Any) -> str:
    """Return `path` when it is a page of ours behind the door: nobody who has come in wants to be
    led back to the door."""
    found = own_page(path)
    return "" if found.partition("?")[0] in map(reverse, DOORS) else found
