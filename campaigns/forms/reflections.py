"""Forms of a reflection (心得体会): written, submitted, agreed to be shown; and choosing it."""

from typing import Any

from django import forms

from campaigns.forms.stages import VersionField
from campaigns.models import Audience
from campaigns.models.reflection import DRAFT, LONGEST
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField


class WriteForm(ActForm):
    """What is being written: nothing in it is refused for being unfinished."""

    title = LineField(label="题目", max_length=100, required=False)
    text = TextField(label="正文", rows=18, max_length=DRAFT, required=False)
    version = VersionField()


class SubmitForm(ActForm):
    submit = "提交"
    audience = forms.ChoiceField(
        label="给谁看", choices=Audience, widget=forms.RadioSelect, initial=Audience.SECRETARY
    )
    version = VersionField()
    promise = LineField(label="阅看人", widget=forms.HiddenInput, required=False, max_length=2000)


class ConsentForm(ActForm):
    """The copy that may be shown. `seen` are the traces that the page told of."""

    submit = "同意展示这份稿子"
    title = LineField(label="题目", max_length=100)
    text = TextField(
        label="展示稿",
        rows=16,
        max_length=LONGEST,
        help_text="改的是这份展示稿，提交的原文不变。请去掉姓名、单位、电话等能认出人的内容。",
    )
    is_signed = forms.TypedChoiceField(
        label="署名",
        choices=[("no", "不署名：展示时不出现我的姓名和单位"), ("yes", "署上我的姓名和党组织")],
        widget=forms.RadioSelect,
        initial="no",
        coerce=lambda value: value == "yes",
    )
    seen = LineField(label="已看提示", widget=forms.HiddenInput, required=False, max_length=64)


class ShowForm(ActForm):
    submit = "选用"
    since = DayField(label="展示自")
    until = DayField(label="展示至")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", "展示结束日期不能早于开始日期。")
        return data
