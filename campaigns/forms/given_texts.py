"""The form of a text given to be compared with."""

from typing import Any

from django import forms

from campaigns.actions.given_texts import LONGEST
from campaigns.models import GivenText
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.pickers import OrganizationField


class GiveTextForm(ActForm):
    submit = "提供"
    shown_for = {"organization": "kind=team|superior"}
    kind = forms.ChoiceField(label="是什么材料", choices=GivenText.Kind, widget=forms.RadioSelect)
    organization = OrganizationField(
        label="哪个单位的", required=False, help_text="该单位和下级单位的自查剖析与它比对。"
    )
    title = LineField(label="名称", max_length=100, help_text="例如：班子对照检查材料。")
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    text = TextField(
        label="正文",
        rows=10,
        max_length=LONGEST,
        required=False,
        help_text="粘贴正文，或在下面选择文件。",
    )
    file = forms.FileField(label="文件", required=False, help_text=".docx 或 .txt。")

    def __init__(self, *args: Any, only_own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if only_own:
            own = GivenText.Kind.EARLIER
            self.fields["kind"].choices = [(own.value, own.label)]
            self.fields["kind"].initial = own.value
            del self.fields["organization"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if bool(data.get("text")) == bool(data.get("file")) and "text" not in self.errors:
            both = bool(data.get("text"))
            words = "正文和文件只要一样，请去掉一样。" if both else "请粘贴正文，或选择文件。"
            self.add_error("text", words)
        needs = data.get("kind") in {GivenText.Kind.TEAM, GivenText.Kind.SUPERIOR}
        if needs and "organization" not in self.errors and not data.get("organization"):
            self.add_error("organization", "请选择这份材料是哪个单位的。")
        return data
