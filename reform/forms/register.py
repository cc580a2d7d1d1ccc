"""Forms of the register of people: adding, changing, moving, closing and opening accounts."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from reform.forms.act import ActForm, LineField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField, PersonField
from reform.models import User
from reform.models.user import UNPLACED

ACCOUNT = RegexValidator(r"^[A-Za-z0-9_.@-]{2,50}\Z", "账号为2至50个字母、数字，可含“_”“.”“-”“@”。")
WITHOUT = "没有账号也可以登记：能作为责任人、签批人，不能登录；以后随时可以开通。"


def account_field(**kwargs: Any) -> LineField:
    return LineField(label="账号", max_length=50, validators=[ACCOUNT], **kwargs)


class PlaceField(forms.IntegerField):
    """The rank inside an organization; empty is last, by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="排序",
            required=False,
            min_value=1,
            max_value=UNPLACED - 1,
            help_text="在本单位内的先后，数字小的在前；不填排在最后。",
            **kwargs,
        )

    def clean(self, value: Any) -> int:
        return super().clean(value) or UNPLACED


class PersonForm(ActForm):
    """A new person."""

    submit = "登记"
    name = LineField(label="姓名", max_length=40)
    organization = OrganizationField(label="所在党组织")
    post = LineField(label="职务", max_length=60, required=False)
    phone = LineField(label="联系电话", max_length=30, required=False)
    place = PlaceField()
    since = DayField(label="隶属自")
    username = account_field(required=False, help_text=f"留空即不开通。{WITHOUT}")

    def clean_username(self) -> str:
        """Said at the field, where it can be mended; the act asks again."""
        username = self.cleaned_data["username"]
        if username and User.objects.filter(username=username).exists():
            raise forms.ValidationError("该账号已被使用，请换一个。")
        return username


class EditForm(ActForm):
    submit = "保存"
    name = LineField(label="姓名", max_length=40)
    post = LineField(label="职务", max_length=60, required=False)
    place = PlaceField()
    phone = LineField(
        label="新的联系电话",
        max_length=30,
        required=False,
        help_text="不填则不变。",
    )
    no_phone = forms.BooleanField(label="删去联系电话", required=False)

    def __init__(self, *args: Any, now: str, homeless: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if now:
            self.fields["phone"].help_text = f"现为{now}。不填则不变。"
        else:
            del self.fields["no_phone"]
        if homeless:  # there is no organization in which to rank
            del self.fields["place"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        gone, new = data.pop("no_phone", False), data.get("phone")
        if gone and new:
            self.add_error("phone", "要么填写新号码，要么删去，请二选一。")
        data["phone"] = "" if gone else new or None
        return data


class AccountForm(ActForm):
    submit = "开通账号"
    username = account_field()

    clean_username = PersonForm.clean_username


class SameForm(ActForm):
    submit = "认定为同一人"
    other = PersonField(
        label="主账号",
        help_text="两个账号此后按同一个人计算回避和兼任；主账号决定主要隶属。",
    )


class TransferForm(ActForm):
    submit = "调整隶属"
    organization = OrganizationField(label="调入党组织")
    since = DayField(label="自", help_text="原隶属到前一天为止，并作为历史保留。")


class ReasonForm(ActForm):
    reason = LineField(label="理由", max_length=200)


class DisableForm(ReasonForm):
    submit = "停用"


class ConfirmForm(ActForm):
    """Nothing to fill in."""

    submit = "确定"
