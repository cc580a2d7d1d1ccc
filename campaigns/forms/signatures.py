"""Forms of decisions about a campaign: on paper, and about a change."""

from typing import Any

from django import forms

from campaigns.actions.signatures import Paper
from campaigns.models import Campaign, ChangeRequest, Checklist
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField
from reform.models import User

Kind = ChangeRequest.Kind


class PaperForm(ActForm):
    """A decision signed on paper (线下签批): who, when, in which words, and the scan."""

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
    opinion = TextField(label="签批意见", rows=3, max_length=2000, help_text="照纸面原文录入。")
    scan = forms.FileField(label="签批件扫描件", help_text="PDF或图片，不超过20MB。")

    def __init__(self, *args: Any, signers: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signer"].queryset = User.objects.filter(pk__in=[one.pk for one in signers])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("signer") and not data.get("signer_name"):
            self.add_error("signer_name", "请选择签批人，或填写签批人姓名。")
        return data


def paper_of(facts: dict[str, Any]) -> Paper:
    """Take what a paper says out of the data of a form."""
    names = ("signer", "signer_name", "signer_post", "signed_on", "opinion", "scan")
    return Paper(**{name: facts.pop(name) for name in names})


class ChangeForm(ActForm):
    """What to change, and why; the fields of other kinds are not there."""

    submit = "提出申请"
    KINDS = {
        Kind.DATES: ("starts_on", "ends_on"),
        Kind.OFFICE_NAME: ("name",),
        Kind.PARTICIPANT: ("organization",),
        Kind.ITEM: ("checklist", "item", "description"),
    }
    starts_on = DayField(label="开始日期")
    ends_on = DayField(label="结束日期")
    name = LineField(label="办公室简称", max_length=20)
    organization = OrganizationField(label="增加参加单位", help_text="含它的全部下级。")
    checklist = forms.ModelChoiceField(label="清单", queryset=None, empty_label=None)
    item = LineField(label="条目名称", max_length=40)
    description = LineField(label="具体表现", max_length=300, required=False)
    reason = TextField(label="理由", rows=3, max_length=1000)

    def __init__(self, *args: Any, campaign: Campaign, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        lists = campaign.checklists.exclude(mode=Checklist.Mode.QUESTIONS)
        self.fields["checklist"].queryset = lists
        for other, names in self.KINDS.items():
            for name in names if other != kind else ():
                del self.fields[name]

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        match self.kind:
            case Kind.DATES:
                return {key: data[key].isoformat() for key in ("starts_on", "ends_on")}
            case Kind.OFFICE_NAME:
                return {"name": data["name"]}
            case Kind.PARTICIPANT:
                return {"organization": data["organization"].pk}
        return {
            "checklist": data["checklist"].pk,
            "name": data["item"],
            "description": data["description"],
        }


class ReturnDraftForm(ActForm):
    submit = "退回修改"
    reason = TextField(
        label="退回理由",
        rows=4,
        max_length=1000,
        help_text="起草人在草案页和收件箱看到。",
    )


class DecideForm(ActForm):
    submit = "提交意见"
    decision = forms.ChoiceField(
        label="结论",
        choices=[("approve", "批准，立即生效"), ("refuse", "不批准")],
        widget=forms.RadioSelect,
    )
    opinion = TextField(
        label="意见", rows=3, max_length=2000, required=False, help_text="不批准的须写明理由。"
    )
