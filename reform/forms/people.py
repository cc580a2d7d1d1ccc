"""Signing in, and one's own password."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError

from reform.models import User
from reform.text import clean


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "账号或密码不正确。连续输错5次，该账号将暂停登录15分钟。",
        "inactive": "该账号已停用，请联系系统管理员。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "账号"
        self.fields["password"].label = "密码"
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.add_input(Submit("submit", "登录"))

    def clean_username(self) -> str:
        """Django sets `maxlength` for the browser only, and axes would keep any length it gets."""
        username = clean(self.cleaned_data["username"], multiline=False)
        if len(username) > self.fields["username"].max_length:
            raise ValidationError(self.error_messages["invalid_login"])
        return username


# Django's own sentences, some of which it has in English only.
UNFIT = {
    "password_too_short": "密码至少%(min_length)d个字符。",
    "password_too_similar": "密码与%(verbose_name)s太相近，容易被猜到。",
    "password_too_common": "这个密码太常见，容易被猜到。",
    "password_entirely_numeric": "密码不能全是数字。",
}


class OwnPasswordForm(PasswordChangeForm):
    error_messages = PasswordChangeForm.error_messages | {
        "password_incorrect": "原密码不正确，请重新输入。",
        "password_mismatch": "两次输入的新密码不一致。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "原密码"
        self.fields["new_password1"].label = "新密码"
        self.fields["new_password2"].label = "再输入一次新密码"
        self.fields[
            "new_password1"
        ].help_text = "至少10个字符，不能全是数字，不能是常见密码，也不能与账号相近。"
        self.fields["new_password2"].help_text = ""
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.add_input(Submit("submit", "修改密码"))

    def validate_password_for_user(self, user: User, password_field_name: str) -> None:
        super().validate_password_for_user(user, password_field_name)
        faults = self.errors.get(password_field_name)
        for fault in faults.as_data() if faults else ():
            fault.message = UNFIT.get(fault.code, fault.message)
