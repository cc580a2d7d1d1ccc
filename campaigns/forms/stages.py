"""Forms of stages: planning, opening and closing them, the summary, who is excused."""

from typing import Any

from django import forms

from campaigns.models import Condition, Excuse
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField, PersonField

YES_NO = [("yes", "邀请"), ("no", "不邀请")]
LONGEST = 20_000  # characters of a summary


class VersionField(forms.IntegerField):
    """Which state of a row the page showed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="版本",
            widget=forms.HiddenInput,
            min_value=0,
            max_value=2**31 - 1,
            error_messages={"required": "页面已过期，请刷新后重新填写。"},
            **kwargs,
        )


class StageForm(ActForm):
    submit = "保存阶段"
    title = LineField(label="名称", max_length=40, help_text="例如：学习教育、问题查摆、问题整改。")
    starts_on = DayField(label="开始日期")
    ends_on = DayField(label="结束日期")
    goal = TextField(label="目标", rows=3, max_length=2000, required=False)
    conditions = forms.MultipleChoiceField(
        label="结束条件",
        choices=Condition,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="全部具备才能结束；办公室也可以列明未完成的再结束。不选的不核对。",
    )


class ShiftStageForm(ActForm):
    """Of a published campaign: its days, and why."""

    submit = "调整时间"
    starts_on = DayField(label="开始日期")
    ends_on = DayField(label="结束日期")
    reason = TextField(label="调整原因", rows=2, max_length=300)
    version = VersionField()


class TurnForm(ActForm):
    """At each change it is asked whether the discipline group is to supervise."""

    submit = "开始这个阶段"
    invited = forms.ChoiceField(
        label="是否邀请纪检组监督",
        choices=YES_NO,
        widget=forms.RadioSelect,
        help_text="选“邀请”的，通知牵头单位及其上级的纪检人员；选择会记录下来。",
    )

    def clean_invited(self) -> bool:
        return self.cleaned_data["invited"] == "yes"


class SummaryForm(ActForm):
    submit = "提交阶段总结"
    summary = TextField(label="阶段总结", rows=10, max_length=LONGEST, required=False)
    file = forms.FileField(
        label="总结文件",
        required=False,
        help_text="Word、PDF等，可以不传；已有文件的，重新上传即替换。",
    )


class CloseForm(TurnForm):
    submit = "结束这个阶段"
    summary = TextField(
        label="阶段总结",
        rows=8,
        max_length=LONGEST,
        required=False,
        help_text="可以写在这里，也可以上传文件。",
    )
    file = forms.FileField(label="总结文件", required=False, help_text="Word、PDF等，可以不传。")
    confirmed = forms.BooleanField(
        label="列明未完成的，仍然结束",
        required=False,
        help_text="上面未完成的名单将随阶段记录下来。",
    )
    seen = forms.CharField(
        label="页面状态", widget=forms.HiddenInput, required=False, max_length=40
    )
    field_order = ("summary", "file", "invited", "confirmed", "seen")


class ExcuseForm(ActForm):
    submit = "登记免计"
    person = PersonField(label="人员", required=False)
    organization = OrganizationField(
        label="或者单位（含下级）", required=False, help_text="人员、单位只填一项。"
    )
    reason = forms.ChoiceField(label="原因", choices=Excuse.Reason)
    words = LineField(
        label="说明", max_length=200, required=False, help_text="选“其他”的须写明；不写病情。"
    )


class EndExcuseForm(ActForm):
    submit = "取消免计"
    words = LineField(label="原因", max_length=200, help_text="例如：已返岗。")
