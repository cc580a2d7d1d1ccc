"""Forms of assignments: entering and changing one, a line of progress, clauses, requirements."""

import re
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from campaigns.forms.stages import VersionField
from campaigns.imports.assignments import read_due
from campaigns.imports.matching import Matcher
from campaigns.models import Assignment, Campaign
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField
from reform.models import Actor
from reform.models.organization import within
from reform.text import clean

ACTIONS = [("yes", "规定动作"), ("no", "自选动作")]
NAMES = "/people/search/"
NUMBER = re.compile(
    r"((?:第[一二三四五六七八九十百零\d]{1,6}条|[（(][一二三四五六七八九十百\d]{1,4}[）)]"
    r"|[一二三四五六七八九十百]{1,4}[、.．]|\d{1,3}(?:\.\d{1,3})*[、.．）)])\s*)+"
)
MOST_LINES, LONGEST_LINE = 500, 1000


def names_field(label: str, url: str, *, max_length: int, **kwargs: Any) -> LineField:
    """Names with 、 between them, which the browser helps to find."""
    attrs = {"data-picker": "names", "data-url": url, "autocomplete": "off"}
    widget = forms.TextInput(attrs)
    return LineField(label=label, max_length=max_length, required=False, widget=widget, **kwargs)


class AssignmentForm(ActForm):
    submit = "保存任务"
    task = LineField(label="工作任务", max_length=500)
    content = TextField(label="具体措施", rows=3, max_length=2000, required=False)
    is_prescribed = forms.ChoiceField(label="类别", choices=ACTIONS, initial="yes")
    clause = LineField(
        label="依据条款",
        max_length=130,
        required=False,
        help_text="写登记过的条款号，例如：市委方案 （一）。",
    )
    stage = forms.ModelChoiceField(
        label="阶段", queryset=None, required=False, empty_label="不分阶段"
    )
    organization = OrganizationField(label="牵头单位")
    leader_name = names_field("牵头领导", NAMES, max_length=60)
    cooperating = names_field(
        "配合单位",
        "/organizations/search/",
        max_length=500,
        help_text="多个用顿号分开；“各党支部”等统称按文字保留。",
    )
    person_name = names_field("责任人", NAMES, max_length=100)
    due = LineField(
        label="完成时限",
        max_length=100,
        required=False,
        help_text="照常写：6月底前、2026年9月30日、立行立改、长期坚持。",
    )
    remark = LineField(label="备注", max_length=500, required=False)
    version = VersionField(required=False)

    def __init__(self, *args: Any, campaign: Campaign, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign, self.actor = campaign, actor
        self.matcher = Matcher(campaign, actor)
        self.fields["stage"].queryset = campaign.stages.all()

    def clean_is_prescribed(self) -> bool:
        return self.cleaned_data["is_prescribed"] == "yes"

    def clean_clause(self) -> Any:
        written = self.cleaned_data["clause"]
        if not written:
            return None
        found, why = self.matcher.clause(written)
        if why:
            raise forms.ValidationError(why)
        return found

    def clean(self) -> dict[str, Any]:
        """Put names beside the accounts they stand for, and the due date beside its words."""
        data = super().clean()
        place = data.get("organization")
        data["leader"] = self.matcher.person(data.get("leader_name", ""), None)
        data["person"] = self.matcher.person(data.get("person_name", ""), place)
        data["cooperating"], rest = self.matcher.places(data.get("cooperating", ""))
        data["cooperating_text"] = rest
        if len(rest) > 200:
            self.add_error("cooperating", "没有对应到参加单位的名称太多，最多200字。")
        due = read_due(data.pop("due", ""), self.campaign, by=self.actor)
        data["due_text"], data["due_on"] = due.text, due.due_on
        if due.fault:
            self.add_error("due", due.fault)
        return data


class ProgressForm(ActForm):
    submit = "填报进展"
    text = LineField(label="进展", max_length=1000)
    status = forms.ChoiceField(
        label="状态", choices=[one for one in Assignment.Status.choices if one[0] != "not_started"]
    )
    on = DayField(label="日期")


class UploadForm(ActForm):
    submit = "上传并核对"
    file = forms.FileField(
        label="任务分解表",
        help_text=".xlsx、.xls或.csv，须有“工作任务”和“牵头单位”两列，其他栏目名称、次序不限。",
    )


class ClausesForm(ActForm):
    submit = "登记条款"
    source = LineField(
        label="依据", max_length=100, help_text="方案、通知或文件的简称，例如：市委方案。"
    )
    text = TextField(
        label="条款",
        rows=8,
        max_length=100_000,
        help_text="从方案中粘贴，每行一条；行首的“（一）”“1.”等作为条款号。",
    )

    def clean_text(self) -> list[tuple[str, str]]:
        lines = [line for line in map(clean, self.cleaned_data["text"].split("\n")) if line]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"一次最多登记{MOST_LINES}条，现在有{len(lines)}条。")
        return [self._clause(place, line) for place, line in enumerate(lines, start=1)]

    @staticmethod
    def _clause(place: int, line: str) -> tuple[str, str]:
        found = NUMBER.match(line)
        number = found[0] if found else ""
        text = line[len(number) :].strip()
        if not text:
            raise forms.ValidationError(f"第{place}行只有条款号，没有内容，请补充或删去。")
        if len(text) > LONGEST_LINE:
            raise forms.ValidationError(
                f"第{place}行有{len(text)}字，每条最多{LONGEST_LINE}字，请分行。"
            )
        return "".join(number.split()).rstrip("、.．")[:20], text


class SuperiorRequestForm(ActForm):
    submit = "保存"
    source = LineField(label="来源", max_length=100, help_text="哪个上级、哪份文件或哪次会议。")
    on = DayField(label="收到日期")
    text = TextField(label="要求内容", rows=4, max_length=5000)
    due_on = DayField(
        label="落实期限", required=False, help_text="要求有期限的，到期前提醒牵头单位的办公室。"
    )
    answered_by = LineField(
        label="落实人或单位",
        max_length=100,
        required=False,
        help_text="还没有落实的，下面三项都不填。",
    )
    answered_on = DayField(label="落实日期", required=False)
    answer = TextField(label="落实情况", rows=4, max_length=5000, required=False)
    version = VersionField(required=False)
    field_order = (
        "source",
        "on",
        "text",
        "due_on",
        "answered_by",
        "answered_on",
        "answer",
        "version",
    )


# ---------------------------------------------------------------- filters


class AssignmentFilter(forms.Form):
    q = LineField(label="关键词", max_length=50, required=False)
    organization = OrganizationField(label="牵头单位（含下级）", required=False)
    status = forms.ChoiceField(
        label="状态",
        choices=[("", "全部"), *Assignment.Status.choices, ("overdue", "逾期未完成")],
        required=False,
    )
    prescribed = forms.ChoiceField(label="类别", choices=[("", "全部"), *ACTIONS], required=False)
    stage = forms.ChoiceField(label="阶段", choices=[], required=False)

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(str(row.pk), row.title) for row in campaign.stages.all()]
        self.fields["stage"].choices = [("", "全部"), *rows, ("none", "不分阶段")]
        for name in ("status", "prescribed", "stage"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def narrow(self, rows: Any, on: date) -> Any:
        """Return what the filters that make sense leave of the rows."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        if words := chosen.get("q"):
            here = Q(task__contains=words) | Q(content__contains=words)
            rows = rows.filter(here | Q(person_name__contains=words))
        if place := chosen.get("organization"):
            rows = rows.filter(within(place.path, "organization__path"))
        if status := chosen.get("status"):
            rows = rows.overdue(on) if status == "overdue" else rows.filter(status=status)
        if kind := chosen.get("prescribed"):
            rows = rows.filter(is_prescribed=kind == "yes")
        if stage := chosen.get("stage"):
            rows = rows.filter(stage=None if stage == "none" else stage)
        return rows

    def in_words(self) -> str:
        """Say which filters hold, for the foot of a table."""
        self.is_valid()
        said = []
        for name, value in self.cleaned_data.items():
            if value:
                choices = dict(getattr(self.fields[name], "choices", ()))
                said.append(f"{self.fields[name].label}：{choices.get(value, value)}")
        return "；".join(said)
