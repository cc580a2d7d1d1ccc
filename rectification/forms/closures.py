"""Forms for applying for closure, deciding a step, and entering a paper signature."""

from typing import Any

from django import forms

from rectification.actions.verdicts import Verdict, is_review
from rectification.forms.days import DayField
from rectification.forms.measures import BehalfForm
from rectification.models import Decision, Method, ReturnReason, ReviewStep, Standard
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.pickers import PersonField


class ApplyForm(BehalfForm):
    submit = "提交销号申请"
    statement = TextField(
        label="整改情况说明", rows=5, min_length=5, help_text="做了什么、查了什么、还留下什么。"
    )
    effect = TextField(label="整改成效", rows=3, help_text="可核实的变化，有数字写数字。")


class VerdictForm(ActForm):
    """What the reviewer says; a return needs reason, words and a new day."""

    submit = "提交意见"
    shown_for = dict.fromkeys(("reason", "new_due_on"), f"decision={Decision.RETURNED.value}")
    decision = forms.ChoiceField(
        label="结论",
        choices=[(Decision.APPROVED, "同意"), (Decision.RETURNED, "退回整改")],
        widget=forms.RadioSelect,
    )
    methods = forms.MultipleChoiceField(
        label="核查方式",
        choices=Method,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="同意时至少选一种。",
    )
    standards = forms.MultipleChoiceField(
        label="逐项对照标准",
        choices=Standard,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="同意时前三项须全部达到；后两项不涉及的可不勾。",
    )
    opinion = TextField(
        label="意见",
        rows=3,
        max_length=2000,
        required=False,
        help_text="退回时必填，同意时可不填。",
    )
    reason = forms.ChoiceField(
        label="退回原因", choices=[("", "请选择"), *ReturnReason.choices], required=False
    )
    new_due_on = DayField(label="补改期限", required=False)

    def __init__(self, *args: Any, step: ReviewStep, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if step.kind != "verify":
            del self.fields["standards"]
        if not is_review(step):
            del self.fields["methods"]
        elif step.must_visit:
            self.fields["methods"].help_text = "该单位无人可审签，须采用实地查看或访谈。"

    def verdict(self) -> Verdict:
        data = self.cleaned_data
        return Verdict(
            decision=Decision(data["decision"]),
            opinion=data["opinion"],
            reason=data["reason"],
            methods=data.get("methods", []),
            standards=data.get("standards", []),
            new_due_on=data["new_due_on"],
        )


class PaperForm(VerdictForm):
    """A decision signed on paper: who, when, in which words, and the scan."""

    submit = "录入线下签批"
    signer = forms.ModelChoiceField(
        label="签批人（在册）",
        queryset=None,
        required=False,
        empty_label="不在名单中，在下面填写姓名",
    )
    signer_name = LineField(label="签批人姓名（不在册）", max_length=40, required=False)
    signer_post = LineField(label="职务", max_length=60, required=False)
    signed_on = DayField(label="签批日期")
    scan = forms.FileField(label="审批表扫描件", help_text="PDF或图片，不超过20MB。")

    field_order = (
        "signer",
        "signer_name",
        "signer_post",
        "signed_on",
        "scan",
        "decision",
        "methods",
        "standards",
        "opinion",
        "reason",
        "new_due_on",
    )

    def __init__(self, *args: Any, signers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signer"].queryset = signers
        self.fields["opinion"].help_text = "照纸面原文录入。"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("signer") and not data.get("signer_name"):
            self.add_error("signer_name", "请选择签批人，或填写签批人姓名。")
        return data


class AppointForm(ActForm):
    submit = "指派"
    user = PersonField(label="人员")
    until = DayField(label="截止日期")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people
