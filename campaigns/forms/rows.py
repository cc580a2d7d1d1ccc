"""Forms of several rows of the same fields: a draft's stages, and its closing levels."""

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from crispy_forms.bootstrap import InlineCheckboxes
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row, Submit
from django import forms

from campaigns.forms.drafts import EditForm
from campaigns.models import ClosingStep
from campaigns.models.closing_level import FITS
from campaigns.models.kit import CONDITIONS, KitLevel
from reform.forms.act import LineField, TextField
from reform.forms.days import DayField


class RowsForm(EditForm):
    """Several rows of the same fields, and some more to fill; a row that is emptied is dropped."""

    columns: ClassVar[dict[str, Callable[[], forms.Field]]] = {}
    wide: ClassVar[dict[str, str]] = {}  # column → its width on a desk
    word = ""  # what a row is
    needed: ClassVar[tuple[str, ...]] = ()  # what a row that is not empty must have
    blank, most = 2, 20

    def __init__(self, *args: Any, rows: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        filled = len(rows)
        if self.is_bound:
            key = self.needed[0]
            sent = [n for n in range(self.most) if f"{key}_{n}" in self.data]
            filled = max(sent, default=-1) + 1
        self.count = min(filled if self.is_bound else filled + self.blank, self.most)
        for n in range(self.count):
            for name, make in self.columns.items():
                field = make()
                field.required = False
                field.initial = rows[n].get(name) if n < len(rows) else None
                self.fields[f"{name}_{n}"] = field

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        plain = list(EditForm.base_fields)
        sets = [
            Fieldset(
                f"{self.word}{n + 1}",
                Row(
                    *(
                        Column(self._shown(f"{name}_{n}"), css_class=self.wide.get(name, "col-12"))
                        for name in self.columns
                    )
                ),
            )
            for n in range(self.count)
        ]
        helper.layout = Layout(*plain, *sets)
        helper.inputs = []
        helper.add_input(Submit("submit", self.submit))
        return helper

    def _shown(self, name: str) -> Any:
        many = isinstance(self.fields[name], forms.MultipleChoiceField)
        return InlineCheckboxes(name) if many else name

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.rows = []
        for n in range(self.count):
            row = {name: data.get(f"{name}_{n}") for name in self.columns}
            if not any(row.values()):
                continue
            for name in self.needed:
                if not row[name] and f"{name}_{n}" not in self.errors:
                    self.add_error(f"{name}_{n}", "请填写；不要这一项的，请全部清空。")
            self.rows.append(row)
        return data


class StagesForm(RowsForm):
    word, needed, blank, most = "阶段", ("title", "starts_on", "ends_on"), 1, 20
    columns = {
        "title": lambda: LineField(label="名称", max_length=40),
        "starts_on": lambda: DayField(label="开始日期"),
        "ends_on": lambda: DayField(label="结束日期"),
        "goal": lambda: TextField(label="目标", rows=2, max_length=500),
        "conditions": lambda: forms.MultipleChoiceField(
            label="结束条件", choices=list(CONDITIONS.items()), widget=forms.CheckboxSelectMultiple
        ),
    }
    wide = {"title": "col-md-4", "starts_on": "col-md-4", "ends_on": "col-md-4"}

    def facts(self) -> list[dict[str, Any]]:
        return sorted(self.rows, key=lambda row: row["starts_on"] or date.max)


class LevelsForm(RowsForm):
    word, needed, blank, most = "层级", ("name", "fits", "chain"), 1, 10
    columns = {
        "name": lambda: LineField(label="名称", max_length=40),
        "fits": lambda: forms.MultipleChoiceField(
            label="用于", choices=list(FITS.items()), widget=forms.CheckboxSelectMultiple
        ),
        "chain": lambda: forms.MultipleChoiceField(
            label="审核步骤（按此顺序依次办理）",
            choices=ClosingStep.Kind.choices,
            widget=forms.CheckboxSelectMultiple,
        ),
    }
    wide = {"fits": "col-md-6", "chain": "col-md-6"}

    def facts(self) -> list[KitLevel]:
        """The order of the steps is that of the form: no chain goes round another way."""
        order = list(ClosingStep.Kind.values)
        return [
            KitLevel(
                row["name"],
                tuple(row["fits"] or ()),
                tuple(sorted(row["chain"] or (), key=order.index)),
            )
            for row in self.rows
        ]
