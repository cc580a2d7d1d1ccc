"""Forms for granting and ending duties, and for what a leader answers for."""

from typing import Any

from django import forms

from reform.forms.act import ActForm, LineField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField
from reform.models import DutyField, Organization, Role
from reform.text import clean

MOST = 30  # organizations in one field; more is a principal


class PlacesField(forms.CharField):
    """Several organizations, one a line: by name, short name, code or “名称 #17”."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> list[Organization]:
        lines = [clean(line, multiline=False) for line in super().clean(value).splitlines()]
        one = OrganizationField(required=True)
        return [one.clean(line) for line in dict.fromkeys(filter(None, lines))][:MOST]


class GrantForm(ActForm):
    submit = "授予"
    shown_for = {
        "principal": f"role={Role.LEADER.value}",
        "fields_": f"role={Role.LEADER.value}",
        "unit_admin": f"role={Role.OFFICE.value}",
    }
    role = forms.ChoiceField(label="职责", choices=Role)
    organization = OrganizationField(label="党组织")
    since = DayField(label="自")
    until = DayField(label="至", required=False, help_text="最后一天；不填即长期。")
    principal = forms.BooleanField(
        label="主要负责人", required=False, help_text="对本单位及全部下级负责。"
    )
    fields_ = PlacesField(
        label="分管单位",
        required=False,
        max_length=4000,
        help_text="不是主要负责人的领导，只看得到分管的单位。每行一个，写全称、简称或代码。",
    )
    unit_admin = forms.BooleanField(
        label="单位管理员",
        required=False,
        help_text="可为本单位及下级登记、停用人员，发登录码，授予党员干部、联络员、支部书记。",
    )

    def __init__(self, *args: Any, roles: tuple[Role, ...], marks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
        if not marks:
            for name in self.shown_for:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "role" in data:
            data["role"] = Role(data["role"])
        data["fields"] = data.pop("fields_", [])
        return data


class EndForm(ActForm):
    submit = "结束"
    until = DayField(label="最后一天")
    reason = LineField(label="理由", max_length=200)


class MarkForm(ActForm):
    """Whether a leader is 主要负责人, an office 单位管理员."""

    submit = "保存"
    marked = forms.BooleanField(required=False)
    reason = LineField(label="理由", max_length=200)

    def __init__(self, *args: Any, mark: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meant = GrantForm.base_fields[mark]
        self.fields["marked"].label, self.fields["marked"].help_text = meant.label, meant.help_text


class FieldForm(ActForm):
    submit = "确定"
    kind = forms.ChoiceField(
        label="关系",
        choices=DutyField.Kind,
        help_text="分管决定能看、能办哪些单位；联系点只作说明。",
    )
    organization = OrganizationField(label="党组织")
    since = DayField(label="自")


class EndFieldForm(ActForm):
    submit = "结束"
    until = DayField(label="最后一天")


class ProposalFilter(forms.Form):
    state = forms.ChoiceField(
        choices=[("", "待确认"), ("confirmed", "已确认"), ("declined", "未同意")], required=False
    )
