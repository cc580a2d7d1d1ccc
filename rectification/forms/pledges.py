"""Forms of pledges (公开承诺): signing, problems, what the pledger says; the list's filter."""

from collections.abc import Iterator
from typing import Any

from django import forms

from campaigns.models.pledge import MOST
from rectification.models import Problem
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField

FIRST = 3  # rows that are open from the beginning
OFFERED = 100  # problems to tick; a unit that has more writes numbers


class SignForm(ActForm):
    """As many promises as are filled in; a row that is emptied is dropped."""

    submit = "签署"
    is_public = forms.TypedChoiceField(
        label="是否公开",
        choices=[("yes", "公开"), ("no", "不公开")],
        widget=forms.RadioSelect,
        initial="yes",
        coerce=lambda value: value == "yes",
    )
    promise = LineField(label="阅看人", widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(MOST):
            self.fields[f"text_{n}"] = TextField(
                label="做什么", rows=2, max_length=500, required=False
            )
            self.fields[f"due_{n}"] = LineField(label="什么时候做到", max_length=40, required=False)
            for name in (f"text_{n}", f"due_{n}"):
                self.fields[name].widget.attrs["class"] = "form-control"
            self.fields[f"due_{n}"].widget.attrs["placeholder"] = "9月底前、长期坚持"

    def rows(self) -> Iterator[tuple[int, Any, Any]]:
        for n in range(MOST):
            yield n + 1, self[f"text_{n}"], self[f"due_{n}"]

    def first(self) -> list[tuple[int, Any, Any]]:
        return list(self.rows())[: self.open_rows]

    def others(self) -> list[tuple[int, Any, Any]]:
        return list(self.rows())[self.open_rows :]

    @property
    def open_rows(self) -> int:
        used = [n for n, text, due in self.rows() if text.value() or due.value()]
        return min(max(FIRST, max(used, default=0) + 1), MOST)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["promises"] = []
        for n in range(MOST):
            text, due = data.pop(f"text_{n}", ""), data.pop(f"due_{n}", "")
            if not text and not due:
                continue
            if not text and f"text_{n}" not in self.errors:
                self.add_error(f"text_{n}", "请写明做什么；不要这一项的，请全部清空。")
            if not due and f"due_{n}" not in self.errors:
                self.add_error(f"due_{n}", "请写明什么时候做到，例如“9月底前”“长期坚持”。")
            data["promises"].append({"text": text, "due_text": due})
        return data


class LinkForm(ActForm):
    submit = "保存关联"
    problems = forms.MultipleChoiceField(
        label="这项承诺解决台账上的哪些问题",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="兑现情况随这些问题的销号情况显示；看不到该问题的人不会知道有关联。",
    )

    def __init__(self, *args: Any, problems: list[Problem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(row.pk): row for row in problems}
        self.fields["problems"].choices = [
            (key, f"{row.number}（{row.get_status_display()}）{row.description[:40]}")
            for key, row in self.known.items()
        ]

    def clean_problems(self) -> list[Problem]:
        return [self.known[key] for key in self.cleaned_data["problems"]]


class FulfilForm(ActForm):
    submit = "填报兑现"
    done_on = DayField(label="完成日期")
    text = TextField(
        label="兑现情况",
        rows=4,
        max_length=1000,
        help_text="做了什么、做到什么程度；公开的承诺，能看到承诺的人都能看到这里。",
    )


class PledgeFilter(forms.Form):
    organization = OrganizationField(label="单位（含下级）", required=False)
    kind = forms.ChoiceField(
        label="承诺人",
        choices=[("", "全部"), ("team", "班子"), ("person", "个人")],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].widget.attrs["class"] = "form-select"
