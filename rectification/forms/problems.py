"""Forms for what stands on a problem: typing it, filling it, correcting it."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row, Submit
from django import forms

from campaigns.models import Campaign
from rectification.actions.deadlines import last_review_day
from rectification.forms.days import DayField, FoundForm
from rectification.models import Problem
from reform.deadlines import read as read_deadline
from reform.forms.act import ActForm, LineField, TextField

DUE_HELP = "照常填写即可：6月底前、2026年6月30日、15日内、立行立改、长期坚持、6月底前并长期坚持。"


class NamesField(LineField):
    """Names with 、 between them; kept in order, each once."""

    def __init__(self, *, url: str = "", **kwargs: Any) -> None:
        super().__init__(max_length=300, required=False, **kwargs)
        self.widget.attrs |= {"data-picker": "names", "data-url": url, "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        text = super().to_python(value) or ""
        for mark in "，,；;/":
            text = text.replace(mark, "、")
        return list(dict.fromkeys(name.strip() for name in text.split("、") if name.strip()))

    def validate(self, value: Any) -> None:
        if any(len(name) > 40 for name in value):
            raise forms.ValidationError("每个名字不超过40个字，多个名字之间用“、”隔开。")
        if len(value) > 50:
            raise forms.ValidationError(f"写了{len(value)}个名字，最多50个。")

    def run_validators(self, value: Any) -> None:
        """Lengths are asked name by name, above."""


class ItemsField(forms.ModelMultipleChoiceField):
    """Items by their keys; a key too long for the database is none (SQLite would break on it)."""

    def clean(self, value: Any) -> Any:
        if any(len(str(key)) > 18 for key in value or ()):
            raise forms.ValidationError("请从列表中选择问题类别。")
        return super().clean(value)


class ProblemForm(FoundForm):
    """Everything a row says, in the order of the six clarities. The deadline as it is written."""

    submit = "保存"
    version = forms.IntegerField(label="版本", widget=forms.HiddenInput, required=False)

    description = TextField(label="存在问题", rows=4, help_text="写清时间、地点、事项和具体表现。")
    items = ItemsField(
        label="问题类别", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    source = forms.ModelChoiceField(
        label="问题来源", queryset=None, required=False, empty_label="请选择"
    )
    source_text = LineField(label="来源说明", max_length=200, required=False)
    superior_number = LineField(label="上级编号", max_length=60, required=False)
    found_on = DayField(label="发现日期", required=False)
    owner_kind = forms.ChoiceField(label="问题归属", choices=Problem.OwnerKind, initial="unit")
    severity = forms.ChoiceField(label="程度", choices=Problem.Severity, initial="ordinary")
    cause = TextField(label="原因分析", rows=3, required=False)
    leaders = NamesField(label="责任领导", url="/people/search/")
    departments = NamesField(label="责任部门", url="/organizations/search/")
    persons = NamesField(
        label="责任人", url="/people/search/", help_text="没有账号的人员直接写姓名，按回车。"
    )
    cooperating = NamesField(label="配合单位", url="/organizations/search/")
    due = LineField(label="整改时限", max_length=100, required=False, help_text=DUE_HELP)
    stage_goal = TextField(
        label="阶段目标", rows=2, required=False, help_text="长期坚持的问题须写明本阶段要达到什么。"
    )
    review_on = DayField(
        label="下次复核日", required=False, help_text="长期坚持的问题须定三个月内的复核日。"
    )
    standard = TextField(label="整改标准", rows=2, required=False)
    effect_expected = TextField(label="预期效果", rows=2, required=False)
    measures = TextField(
        label="整改措施", rows=3, required=False, help_text="一行一项，入账后也可再加。"
    )
    remark = TextField(label="备注", rows=2, required=False, max_length=2000)
    reason = LineField(label="更正理由", max_length=300)

    def __init__(
        self,
        *args: Any,
        campaign: Campaign,
        organization: Any,
        on: date,
        amending: bool = False,
        leave_out: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.campaign, self.on = campaign, on
        self.fields["items"].queryset = campaign.items.all()
        self.fields["source"].queryset = campaign.sources.all()
        self.fields["persons"].widget.attrs["data-url"] += f"?organization={organization.pk}"
        if not amending:
            del self.fields["reason"]
        for name in leave_out:
            del self.fields[name]

    def clean_due(self) -> str:
        text = self.cleaned_data["due"]
        if text and not self._is_untouched(text):
            read = read_deadline(text, year=self.campaign.year, on=self.on)
            if read.fault or read.kind == "undetermined":
                raise forms.ValidationError(
                    read.fault or read.doubt or f"看不懂“{text}”。{DUE_HELP}"
                )
        return text

    def clean_review_on(self) -> date | None:
        day = self.cleaned_data["review_on"]
        if day is None or day == self.initial.get("review_on"):
            return day
        last = last_review_day(self.campaign, on=self.on)
        if not self.on < day <= last:
            raise forms.ValidationError(
                f"下次复核日须在今天之后、三个月内（不晚于{last:%Y-%m-%d}），请核对。"
            )
        return day

    def clean(self) -> dict[str, Any]:
        """A deadline before the problem was found is a slip of the pen, in whichever of them."""
        data = super().clean() or {}
        due, found = data.get("due"), data.get("found_on")
        if due and found and not self._is_untouched(due):
            day = read_deadline(due, year=self.campaign.year, on=self.on).due_on
            if day and day < found:
                self.add_error(
                    "due", f"整改时限{day:%Y-%m-%d}早于发现日期{found:%Y-%m-%d}，请核对。"
                )
        return data

    def _is_untouched(self, due: str) -> bool:
        return due == (self.initial.get("due") or "")

    def facts(self) -> dict[str, Any]:
        """Return what was typed in the shape that the acts take."""
        data = dict(self.cleaned_data)
        for name in ("token", "version", "measures", "reason"):
            data.pop(name, None)
        if "due" in data:
            text = data.pop("due")
            read = deadline_facts(text, year=self.campaign.year, on=self.on)
            data["review_on"] = data.get("review_on") or read["recurring"]
            # Words nobody touched are not read again: “15日内” would begin anew, and the control
            # day that an issued row has got would be gone.
            if not self._is_untouched(text):
                data |= {name: value for name, value in read.items() if name != "recurring"}
        return data

    def measure_lines(self) -> list[str]:
        lines = self.cleaned_data.get("measures", "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        helper.layout = Layout(*(self._fieldset(*group) for group in GROUPS))
        helper.layout.fields = [part for part in helper.layout.fields if part.fields]
        helper.layout.extend(name for name in ("token", "version") if name in self.fields)
        helper.add_input(Submit("submit", self.submit))
        return helper

    def _fieldset(self, title: str, rows: tuple[tuple[tuple[str, str], ...], ...]) -> Fieldset:
        if title == WORK and "measures" not in self.fields:  # they have forms of their own then
            title = "备注"
        kept = []
        for row in rows:
            columns = [Column(name, css_class=width) for name, width in row if name in self.fields]
            if columns:
                kept.append(Row(*columns))
        return Fieldset(title, *kept)


WORK = "措施与备注"
# How the page groups the fields: title, then rows of (field, width).
GROUPS: tuple[tuple[str, tuple[tuple[tuple[str, str], ...], ...]], ...] = (
    (
        "问题",
        (
            (("description", "col-12"),),
            (("items", "col-12"),),
            (("source", "col-md-4"), ("source_text", "col-md-8")),
            (
                ("found_on", "col-md-3"),
                ("owner_kind", "col-md-3"),
                ("severity", "col-md-3"),
                ("superior_number", "col-md-3"),
            ),
            (("cause", "col-12"),),
        ),
    ),
    (
        "六个明确",
        (
            (("leaders", "col-md-6"), ("persons", "col-md-6")),
            (("departments", "col-md-6"), ("cooperating", "col-md-6")),
            (("due", "col-md-6"), ("review_on", "col-md-6")),
            (("stage_goal", "col-12"),),
            (("standard", "col-md-6"), ("effect_expected", "col-md-6")),
        ),
    ),
    (WORK, ((("measures", "col-12"),), (("remark", "col-12"),))),
    ("更正", ((("reason", "col-12"),),)),
)


def deadline_facts(text: str, *, year: int, on: date) -> dict[str, Any]:
    """Return the columns of a deadline as it was written."""
    read = read_deadline(text, year=year, on=on)
    return {
        "due_text": text,
        "due_kind": read.kind,
        "due_on": read.due_on,
        "due_days": read.days,
        "due_workdays": read.workdays,
        "then_standing": read.then_standing,
        "recurring": read.review_on,
    }


class ReasonForm(ActForm):
    reason = TextField(label="理由", rows=3, max_length=500)


class ConfirmForm(ActForm):
    """Nothing to fill in: one button and its token."""


class ChooseForm(forms.Form):
    """Whose problem it is, before it is typed; skipped where there is no choice."""

    campaign = forms.ModelChoiceField(label="活动", queryset=None, empty_label=None)
    organization = forms.ModelChoiceField(label="责任单位", queryset=None, empty_label=None)


# Told apart row by row, so never filled for many at once.
NOT_FILLED = (
    "description",
    "items",
    "source_text",
    "superior_number",
    "owner_kind",
    "severity",
    "cause",
    "cooperating",
    "measures",
    "remark",
    "version",
)


class FillForm(ProblemForm):
    """What many rows may lack at once (批量补齐); everything is optional."""

    submit = "补齐空着的内容"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, leave_out=NOT_FILLED, **kwargs)
