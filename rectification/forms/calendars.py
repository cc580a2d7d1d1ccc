"""What a leader decides on deadlines that a changed calendar would bring forward."""

from collections.abc import Sequence
from typing import Any

from django import forms

from rectification.models import EarlierDeadline
from reform.forms.act import ActForm, LineField
from reform.workdays import long

CUT = 40  # characters of a description that tell which row it is


def _in_words(row: EarlierDeadline) -> str:
    problem = row.problem
    text = problem.description
    said = f"{text[:CUT]}…" if len(text) > CUT else text
    return (
        f"{problem} · {problem.organization} · {said}"
        f"（{long(row.was)}提前到{long(row.becomes)}，{problem.due_text}）"
    )


class DecideForm(ActForm):
    submit = "办理"
    rows = forms.TypedMultipleChoiceField(
        label="问题", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    decision = forms.ChoiceField(
        label="意见",
        choices=[("approve", "同意提前"), ("keep", "维持原时限")],
        widget=forms.RadioSelect,
    )
    reason = LineField(
        label="说明", required=False, max_length=500, help_text="维持原时限的，须写明理由。"
    )

    def __init__(self, *args: Any, rows: Sequence[EarlierDeadline], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = {row.pk: row for row in rows}
        self.fields["rows"].choices = [(row.pk, _in_words(row)) for row in rows]
        self.fields["rows"].initial = list(self.waiting)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            data["approve"] = data.pop("decision") == "approve"
            data["rows"] = [self.waiting[key] for key in data["rows"]]
        return data
