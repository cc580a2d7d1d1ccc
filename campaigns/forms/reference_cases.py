"""Forms of reference cases (通报案例): the text, the summing-up, publishing, taking down."""

from django import forms

from campaigns.forms.stages import VersionField
from campaigns.models import ReferenceCase
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField

LONGEST = 5000
CONFIRM = (
    "已去标识：文字中没有当事人及有关人员的姓名、身份证号、电话；与在册人员同名的词语已逐一核对"
)


class SummaryForm(ActForm):
    """一案一总结: what the discipline side adds."""

    submit = "保存"
    loopholes = TextField(
        label="暴露的漏洞", rows=4, max_length=LONGEST, required=False,
        help_text="制度、流程、监管上的漏洞，一行一条。",
    )  # fmt: skip
    common = TextField(
        label="共性问题", rows=4, max_length=LONGEST, required=False,
        help_text="本单位也可能存在的问题，一行一条；可以由此登记问题。",
    )  # fmt: skip
    lessons = TextField(label="教训警示", rows=4, max_length=LONGEST, required=False)
    deidentified = forms.BooleanField(label=CONFIRM, required=False)
    version = VersionField(required=False)


class CaseForm(SummaryForm):
    name = LineField(
        label="案例简称", max_length=60, help_text="不写姓名，例如：某单位审批岗位受贿案。"
    )
    level = forms.ChoiceField(
        label="通报级别", choices=[("", "请选择"), *ReferenceCase.Level.choices]
    )
    document = LineField(
        label="通报文件", max_length=200, required=False, help_text="文件标题；口头通报的可以不填。"
    )
    document_number = LineField(label="文号", max_length=60, required=False)
    document_on = DayField(label="通报日期", required=False)
    summary = TextField(
        label="案情摘要",
        rows=6,
        max_length=LONGEST,
        help_text="只写已经公开通报的内容，用职务、岗位代替姓名。案件线索一律不得填入。",
    )
    field_order = (
        *("name", "level", "document", "document_number", "document_on", "summary"),
        *("loopholes", "common", "lessons", "deidentified", "version"),
    )


class PublishForm(ActForm):
    submit = "发布"
    version = VersionField()


class WithdrawForm(ActForm):
    submit = "撤下"
    reason = TextField(label="撤下原因", rows=2, max_length=300)
