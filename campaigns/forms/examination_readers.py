"""Forms about who reads an examination, and about taking its text out of the system."""

from django import forms

from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.pickers import PersonField


class AssignForm(ActForm):
    submit = "告知本人并指派"
    person = PersonField(label="阅看人", help_text="纪检人员或领导。")
    until = DayField(label="阅看至", help_text="最长60天，到期自动收回；随时可以结束。")
    reason = LineField(label="原因", max_length=150, help_text="本人会看到。")
    whole = forms.BooleanField(
        label="也看标明“仅班子”的部分",
        required=False,
        help_text="不勾的，只看不含“仅班子”的部分。本人没有标明的，看全文。",
    )


class AskCopyForm(ActForm):
    submit = "提交导出申请"
    texts = forms.MultipleChoiceField(
        label="导出哪些",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选要导出的材料。"},
    )
    reason = TextField(
        label="用途",
        rows=3,
        max_length=500,
        help_text="写明作何用、给谁看、用后如何处理。批准人和本人都会看到。",
    )

    def __init__(self, *args: object, texts: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["texts"].choices = texts


class DecideCopyForm(ActForm):
    submit = "提交"
    decision = forms.ChoiceField(
        label="结论",
        choices=[("approved", "批准导出"), ("refused", "不批准")],
        widget=forms.RadioSelect,
    )
    words = TextField(
        label="意见", rows=3, max_length=500, required=False, help_text="不批准的须写明原因。"
    )
