"""Forms of the system administrator for the tree."""

from typing import Any

from django import forms

from reform.forms.act import ActForm, LineField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField
from reform.models import Organization, OrganizationRelation


class NameField(LineField):
    def __init__(self, label: str = "名称", **kwargs: Any) -> None:
        super().__init__(label=label, max_length=100, **kwargs)


class ShortNameField(LineField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="简称", max_length=40, required=False, **kwargs)


class CodeField(forms.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"\A[A-Za-z0-9_-]+\Z",
            label="代码",
            max_length=20,
            error_messages={"invalid": "代码只能用字母、数字、横线和下划线。"},
            **kwargs,
        )


class KindField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="类型", choices=Organization.Kind.choices, **kwargs)


class DocumentField(LineField):
    """The paper a change goes by: its number, or the meeting that decided it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "批复文号或会议名称，例如：市委组〔2026〕12号。")
        super().__init__(label="依据", max_length=200, **kwargs)


class EstablishForm(ActForm):
    submit = "建立"
    name = NameField()
    short_name = ShortNameField()
    kind = KindField(initial=Organization.Kind.BRANCH)
    code = CodeField(help_text="已按上级的代码给出建议，可以修改；全系统不重复。")
    document = DocumentField(required=False)


class RenameForm(ActForm):
    submit = "更名"
    name = NameField("新名称")
    short_name = ShortNameField()
    on = DayField(label="更名日期")
    document = DocumentField()


class ChangeForm(ActForm):
    submit = "保存"
    short_name = ShortNameField()
    kind = KindField()
    code = CodeField()


class PlaceForm(ActForm):
    """After whom an organization stands. A button up or down says `direction` instead."""

    submit = "排在其后"
    direction = forms.ChoiceField(
        choices=[("", ""), ("earlier", "上移"), ("later", "下移"), ("first", "排在首位")],
        required=False,
        widget=forms.HiddenInput,
    )
    after = OrganizationField(label="放在……之后", required=False)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].queryset = Organization.objects.filter(
            parent=organization.parent_id
        ).exclude(pk=organization.pk)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("direction") and not data.get("after") and not self.errors:
            self.add_error("after", "请填写放在哪个党组织之后，或用“上移”“下移”。")
        return data


class RelationForm(ActForm):
    submit = "登记"
    kind = forms.ChoiceField(label="关系", choices=OrganizationRelation.Kind.choices)
    other = OrganizationField(label="对方单位")
    since = DayField(label="自")
    note = LineField(label="说明", max_length=200, required=False)


class EndRelationForm(ActForm):
    submit = "终止"
    until = DayField(label="最后一天")
