"""Forms of a draft: its basics, who takes part, stages, assignments, sources, levels, papers."""

import re
from datetime import time
from typing import Any

from django import forms

from campaigns.forms.lines import lines_of, parted
from campaigns.forms.weekly_plans import HourField
from campaigns.imports.kit_checks import too_close
from campaigns.models import Policy
from campaigns.models.kit import (
    REPORTS,
    WORDS,
    KitAssignment,
    KitSource,
    KitWeekly,
)
from campaigns.models.weekly_plan import WEEKDAYS
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField
from reform.models import Organization

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
ABOVE = "（上级）"
MOST_ASSIGNMENTS, MOST_SOURCES = 500, 50


class CodeField(LineField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "代码")
        kwargs.setdefault("help_text", "字母、数字和连字符，问题编号以它开头，例如 YACG。")
        super().__init__(max_length=20, **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not CODE.fullmatch(value):
            raise forms.ValidationError("只用字母、数字、连字符和下划线，以字母或数字开头。")


class StartForm(ActForm):
    """What a kit does not say: for whom, and from when."""

    submit = "建立草案"
    kit = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    campaign = forms.IntegerField(widget=forms.HiddenInput, required=False, max_value=2**31 - 1)
    case = forms.IntegerField(widget=forms.HiddenInput, required=False, max_value=2**31 - 1)
    organization = OrganizationField(label="牵头单位")
    title = LineField(label="名称", max_length=200)
    code = CodeField()
    starts_on = DayField(label="开始日期", help_text="各阶段按此推算，建立后都可以改。")

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = places


class KitFileForm(StartForm):
    submit = "读入并建立草案"
    kit, campaign, case = None, None, None
    title = LineField(
        label="名称", max_length=200, required=False, help_text="不填则按套件里的名称。"
    )
    code = CodeField(
        required=False, help_text="不填则按套件取一个；字母、数字和连字符，问题编号以它开头。"
    )
    file = forms.FileField(
        label="套件文件",
        help_text="从系统导出的 .toml 文件，可以修改后再导入。有错误的不读入，逐处指出。",
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
    )
    field_order = ("file", "organization", "title", "code", "starts_on")


class EditForm(ActForm):
    """Changes a part of a draft; `edition` is the one it was opened with."""

    submit = "保存"
    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class BasicsForm(EditForm):
    title = LineField(label="名称", max_length=200)
    code = CodeField()
    starts_on = DayField(label="开始日期", help_text="改动后，各阶段随之前后移动。")
    ends_on = DayField(label="结束日期")
    word = forms.ChoiceField(label="称呼", choices=[(word, word) for word in WORDS])
    office_name = LineField(label="办公室简称", max_length=20, help_text="例如：活动办、整治办。")
    at_once_days = forms.IntegerField(label="立行立改控制天数", min_value=1, max_value=365)
    standing_review_days = forms.IntegerField(
        label="长期坚持最长复核间隔（天）", min_value=1, max_value=366
    )


class ParticipantsForm(EditForm):
    add = OrganizationField(
        label="增加参加单位", required=False, help_text="选上级单位，即包括它的全部下级。"
    )
    remove = forms.MultipleChoiceField(
        label="移出", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, joined: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.joined = {str(place.pk): place for place in joined}
        self.fields["remove"].choices = [(key, str(place)) for key, place in self.joined.items()]
        if not joined:
            del self.fields["remove"]

    def facts(self) -> dict[str, list[Organization]]:
        add = self.cleaned_data["add"]
        remove = [self.joined[key] for key in self.cleaned_data.get("remove", ())]
        return {"add": [add] if add else [], "remove": remove}


class AssignmentsForm(EditForm):
    lines = TextField(
        label="任务分解",
        rows=16,
        max_length=60_000,
        required=False,
        help_text="一行一项：来源条款｜任务内容｜规定动作或自选动作。可以从表格整列粘贴；"
        "只写任务内容也可以，按规定动作计。牵头领导、单位和时限在活动开始后落实。",
    )

    def clean_lines(self) -> str:
        self.rows = []
        for number, line in enumerate(lines_of(self.cleaned_data["lines"]), start=1):
            self.rows.append(self._row(parted(line), number))
        if len(self.rows) > MOST_ASSIGNMENTS:
            raise forms.ValidationError(f"任务最多{MOST_ASSIGNMENTS}项。")
        return self.cleaned_data["lines"]

    def _row(self, parts: list[str], number: int) -> KitAssignment:
        kinds = {"规定动作": True, "自选动作": False}
        prescribed = kinds[parts.pop()] if len(parts) > 1 and parts[-1] in kinds else True
        if len(parts) > 2:
            raise forms.ValidationError(
                f"第{number}行：最后一栏只能写“规定动作”或“自选动作”，任务内容里不要用“｜”。"
            )
        clause, content = parts if len(parts) == 2 else ("", parts[0])
        if not content or len(content) > 500 or len(clause) > 100:
            raise forms.ValidationError(f"第{number}行：任务内容1至500字，来源条款最多100字。")
        return KitAssignment(clause, content, prescribed)


class SourcesForm(EditForm):
    lines = TextField(
        label="问题来源",
        rows=16,
        max_length=20_000,
        help_text="一行一种：名称：也写作的词、也写作的词。上级或外部指出的，名称后加“（上级）”。"
        "请保留“其他”。",
    )

    def clean_lines(self) -> str:
        self.rows = []
        for number, line in enumerate(lines_of(self.cleaned_data["lines"]), start=1):
            name, *rest = parted(line, "：", ":")
            above = name.endswith(ABOVE)
            name = name.removesuffix(ABOVE).strip()
            also = tuple(
                word.strip() for word in re.split("[、，,]", "".join(rest)) if word.strip()
            )
            if not name or len(name) > 40 or len(also) > 20 or any(len(word) > 20 for word in also):
                raise forms.ValidationError(
                    f"第{number}行：名称1至40字，也写作的词最多20个、每个最多20字。"
                )
            self.rows.append(KitSource(name, also, above))
        if len(self.rows) > MOST_SOURCES:
            raise forms.ValidationError(f"问题来源最多{MOST_SOURCES}种。")
        return self.cleaned_data["lines"]


class PapersForm(EditForm):
    office_weekday = forms.TypedChoiceField(label="汇总单位截止日", choices=WEEKDAYS, coerce=int)
    office_hour = HourField(label="汇总单位截止时刻")
    branch_weekday = forms.TypedChoiceField(label="基层单位截止日", choices=WEEKDAYS, coerce=int)
    branch_hour = HourField(label="基层单位截止时刻")
    policy = forms.ChoiceField(label="截止日遇节假日", choices=Policy)
    remind_workdays = forms.IntegerField(
        label="提前几个工作日提醒未报单位", min_value=0, max_value=4
    )
    remind_minutes = forms.IntegerField(
        label="截止当天提前几分钟再提醒", min_value=0, max_value=600
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, (words, _usual) in REPORTS.items():
            self.fields[f"report_{key}"] = LineField(
                label=f"{words}的名称", max_length=100, help_text="“{活动}”处写活动名称。"
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and (why := too_close(self.weekly())):
            self.add_error("branch_weekday", f"{why}。")
        return data

    def weekly(self) -> KitWeekly:
        data = {key: self.cleaned_data[key] for key in KitWeekly.__dataclass_fields__}
        hours = {key: f"{value:%H:%M}" for key, value in data.items() if isinstance(value, time)}
        return KitWeekly(**data | hours)

    def reports(self) -> dict[str, str]:
        return {key: self.cleaned_data[f"report_{key}"] for key in REPORTS}
