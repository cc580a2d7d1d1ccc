"""Forms of weekly reports: the texts, a return, a later cut-off, a signature, how it went out."""

from datetime import datetime
from typing import Any

from django import forms

from campaigns.models import BEIJING
from rectification.forms.days import DayField
from rectification.models import Deferral, Forwarding
from reform.forms.act import ActForm, LineField, TextField

LONGEST = 10_000  # characters of one text; 800 is what a report should have


class MomentField(forms.DateTimeField):
    """A moment of Beijing, to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "form-control"}, format="%Y-%m-%dT%H:%M"
        )
        super().__init__(
            widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs
        )

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        if moment and not 2000 <= moment.year <= 2100:
            raise forms.ValidationError("请填2000年至2100年的时间。")
        return moment

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")
        return value


class SeenForm(ActForm):
    """One button; `version` is the edition that stood on the page where it was pressed."""

    version = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1
    )


class TextsForm(ActForm):
    submit = "保存"
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    progress = TextField(label="本周工作进展", rows=10, max_length=LONGEST, required=False)
    plans = TextField(label="下周工作安排", rows=6, max_length=LONGEST, required=False)


class CollatedForm(TextsForm):
    practices = TextField(label="好的做法", rows=3, max_length=LONGEST, required=False)
    troubles = TextField(
        label="存在问题", rows=3, max_length=LONGEST, required=False, help_text="一般不点名。"
    )
    field_order = ("version", "progress", "practices", "troubles", "plans")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["progress"].label = "总体情况"
        self.fields["progress"].widget.attrs["rows"] = 5
        self.fields["plans"].label = "下周重点"
        self.fields["plans"].widget.attrs["rows"] = 4


class PartForm(ActForm):
    submit = "保存这一段"
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    progress = TextField(label="本周工作进展", rows=8, max_length=LONGEST, required=False)
    plans = TextField(label="下周工作安排", rows=5, max_length=LONGEST, required=False)


class WhyForm(SeenForm):
    reason = TextField(label="意见", rows=3, max_length=500, help_text="写明要改什么。")


class DeferForm(ActForm):
    submit = "同意缓报"
    kind = forms.ChoiceField(label="事由", choices=Deferral.Kind, widget=forms.RadioSelect)
    until = MomentField(label="缓至")
    reason = TextField(label="说明", rows=2, max_length=500)


class OutageForm(ActForm):
    """For all that report to an office at once."""

    submit = "登记系统故障"
    until = MomentField(label="缓至", help_text="所有下级单位在此之前报来的，都不计迟报。")
    reason = TextField(
        label="故障情况", rows=2, max_length=500, help_text="写明何时起、何时止不能使用。"
    )


class SignatureForm(SeenForm):
    submit = "录入线下签批"
    signer = forms.ModelChoiceField(
        label="签批人（在册）",
        queryset=None,
        required=False,
        empty_label="不在名单中，在下面填写姓名",
    )
    signer_name = LineField(label="签批人姓名（不在册）", max_length=40, required=False)
    signed_on = DayField(label="签批日期")
    scan = forms.FileField(label="签批稿扫描件", help_text="PDF或图片，不超过20MB。")

    def __init__(self, *args: Any, signers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signer"].queryset = signers


class TemplateForm(ActForm):
    submit = "存入模板"
    file = forms.FileField(
        label="上级模板",
        help_text="Excel（.xlsx）或 Word（.docx）空表。存一次，以后各期都能用。",
    )


class ForwardForm(ActForm):
    submit = "登记报送"
    to = LineField(label="报送对象", max_length=100)
    sent_at = MomentField(label="报送时间")
    way = forms.ChoiceField(label="方式", choices=Forwarding.Way)
    receipt = LineField(
        label="回执", max_length=200, required=False, help_text="如签收人、收文号；可以以后再登记。"
    )
