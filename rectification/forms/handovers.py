"""The form of a handing over (移交)."""

from typing import Any

from django import forms

from rectification.actions.handovers import Kind
from reform.forms.act import ActForm
from reform.forms.pickers import PersonField


class HandOverForm(ActForm):
    submit = "移交"
    kinds = forms.MultipleChoiceField(
        label="移交哪些",
        choices=Kind,
        widget=forms.CheckboxSelectMultiple,
        help_text="分给几个人的，分几次选。",
    )
    successor = PersonField(label="接手人")

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = kinds
        self.fields["kinds"].initial = [code for code, _ in kinds]
