"""Forms of instructions (批示): written here, recorded from paper, answered, ended."""

from typing import Any

from django import forms

from rectification.forms.days import DayField
from rectification.models import Problem
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.pickers import OrganizationField
from reform.models import Actor

LONGEST = 2000


class OnProblemForm(ActForm):
    submit = "批示"
    text = TextField(label="批示内容", rows=4, max_length=LONGEST)
    answer_by = DayField(label="答复期限", required=False, help_text="不要求期限的可不填。")


class WriteForm(OnProblemForm):
    organization = OrganizationField(label="办理单位", help_text="分管范围内的党组织。")
    field_order = ("organization", "text", "answer_by")

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = places


class RecordForm(WriteForm):
    """What was written on paper: who, when, in which words; the scan where there is one."""

    submit = "录入批示"
    signer = forms.ModelChoiceField(
        label="批示人（在册）",
        queryset=None,
        required=False,
        empty_label="不在名单中，在下面填写姓名",
    )
    signer_name = LineField(label="批示人姓名（不在册）", max_length=40, required=False)
    signed_on = DayField(label="批示日期")
    problem = LineField(
        label="所涉问题编号", max_length=40, required=False, help_text="不针对某一条问题的可不填。"
    )
    scan = forms.FileField(
        label="扫描件", required=False, help_text="PDF或图片，不超过20MB，可不传。"
    )
    field_order = (
        "signer",
        "signer_name",
        "signed_on",
        "organization",
        "problem",
        "text",
        "answer_by",
        "scan",
    )

    def __init__(self, *args: Any, signers: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["signer"].queryset = signers
        self.fields["text"].help_text = "照纸面原文录入。"
        self.fields["organization"].help_text = "按批示应当办理的单位。"

    def clean_problem(self) -> Problem | None:
        number = self.cleaned_data["problem"]
        if not number:
            return None
        row = Problem.objects.visible_to(self.actor).filter(number=number).first()
        if row is None:
            raise forms.ValidationError("没有找到这个编号的问题，请核对。")
        return row

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("signer") and not data.get("signer_name"):
            self.add_error("signer_name", "请选择批示人，或填写批示人姓名。")
        return data


class AnswerForm(ActForm):
    text = TextField(label="答复内容", rows=6, max_length=LONGEST)

    def __init__(self, *args: Any, may_answer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit = "答复" if may_answer else "保存草稿，送负责人答复"


class AgainForm(ActForm):
    submit = "再次批示"
    text = TextField(label="还要办什么", rows=3, max_length=LONGEST)
    answer_by = DayField(label="答复期限", required=False, help_text="不要求期限的可不填。")


class DoneForm(ActForm):
    submit = "办结"
    note = TextField(
        label="说明", rows=2, max_length=LONGEST, required=False, help_text="已经答复的可不填。"
    )
