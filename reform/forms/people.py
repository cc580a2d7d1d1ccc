"""Signing in, and one's own password."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

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
        return clean(self.cleaned_data["username"], multiline=False)


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
        ].help_text = "至少10个字符，不能全是数字，不能是常见密码，也不能与姓名、账号相近。"
        self.fields["new_password2"].help_text = ""
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.add_input(Submit("submit", "修改密码"))

    @property
    def media(self) -> forms.Media:
        return forms.Media()
