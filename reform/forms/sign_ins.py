"""The door: account and password, one-time code, one-time password."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from reform.forms.act import ActForm, LineField, TextField
from reform.forms.passwords import new_password, same_twice
from reform.text import clean


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "账号或密码不正确。连续输错5次，该账号将在本机暂停登录15分钟。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "账号"
        self.fields["password"].label = "密码"
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.add_input(Submit("submit", "登录"))

    def clean_username(self) -> str:
        """Django sets `maxlength` for the browser only."""
        username = clean(self.cleaned_data["username"], multiline=False)
        if len(username) > self.fields["username"].max_length:
            raise ValidationError(self.error_messages["invalid_login"])
        return username


class DoorForm(forms.Form):
    """A form at the door: no token, because nobody is signed in whose it could be."""

    submit = "继续"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.add_input(Submit("submit", self.submit))


class CodeForm(DoorForm):
    submit = "设置密码"
    username = LineField(
        label="账号",
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    code = LineField(
        label="一次性代码",
        max_length=40,
        help_text="由管理员当面或电话告知，如 7K3M-Q9XD-2HRT；不分大小写，可不输横线。",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
    )
    new_password1, new_password2 = new_password(), new_password(again=True)

    def clean(self) -> dict[str, Any]:
        return same_twice(super().clean())


class SecondStepForm(DoorForm):
    submit = "登录"
    code = LineField(
        label="动态口令或备用码",
        max_length=20,
        help_text="打开手机上的验证器，输入现在显示的6位数字；手机不在身边，可输入一个备用码。",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "inputmode": "numeric"}
        ),
    )


def number_field(label: str = "动态口令") -> LineField:
    return LineField(
        label=label,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class TurnOnForm(ActForm):
    submit = "开通"
    code = number_field("手机上显示的6位数字")


class NumberForm(ActForm):
    code = number_field("动态口令或备用码")


class ReasonForm(ActForm):
    submit = "重置动态口令"
    reason = TextField(
        label="原因", rows=2, max_length=100, help_text="如：手机遗失，已当面核实本人身份。"
    )


class EndForm(ActForm):
    """Nothing is asked but whether it is meant; so are the two below."""

    submit = "退出登录"


class LiftForm(ActForm):
    submit = "解除暂停"


class WitnessForm(ActForm):
    submit = "生成见证码"
