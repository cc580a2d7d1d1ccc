"""The form that says of which reference cases a problem came (由案例引出)."""

from typing import Any

from django import forms

from reform.forms.act import ActForm


class CasesField(forms.ModelMultipleChoiceField):
    """Cases by their keys; a key too long for the database is none."""

    def clean(self, value: Any) -> Any:
        if any(len(str(key)) > 18 for key in value or ()):
            raise forms.ValidationError("请从列表中选择案例。")
        return super().clean(value)


class CasesForm(ActForm):
    submit = "保存"
    cases = CasesField(
        label="由哪些案例引出",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "请从列表中选择案例。",
            "invalid_pk_value": "请从列表中选择案例。",
        },
    )

    def __init__(self, *args: Any, cases: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cases"].queryset = cases
