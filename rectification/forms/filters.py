"""The filter form of the ledger page: what stands in the address, as fields."""

from typing import Any

from django import forms

from rectification.models import Problem, Progress
from rectification.models.ledger_filter import ORDERS


class LedgerFilterForm(forms.Form):
    """Shows the filters; `ledger_filter.narrow` reads them from the address itself."""

    q = forms.CharField(label="关键词", required=False, max_length=100)
    campaign = forms.ChoiceField(label="活动", required=False)
    organization = forms.ChoiceField(label="责任单位", required=False)
    item = forms.ChoiceField(label="问题类别", required=False)
    source = forms.ChoiceField(label="问题来源", required=False)
    severity = forms.ChoiceField(
        label="程度", choices=[("", "全部"), *Problem.Severity.choices], required=False
    )
    owner = forms.ChoiceField(
        label="归属", choices=[("", "全部"), *Problem.OwnerKind.choices], required=False
    )
    progress = forms.ChoiceField(
        label="进展", choices=[("", "全部"), *Progress.choices], required=False
    )
    due_from = forms.DateField(
        label="时限自", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    due_until = forms.DateField(
        label="时限至", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    sort = forms.ChoiceField(
        label="排序",
        choices=[(code, words) for code, (words, _) in ORDERS.items()],
        required=False,
    )

    def __init__(
        self, *args: Any, choices: dict[str, list[tuple[str, str]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, found in choices.items():
            self.fields[name].choices = [("", "全部"), *found]
