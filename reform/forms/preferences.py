"""How one wants to be told (提醒方式): an address, an hour, and a tick a kind and channel."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reform.forms.act import ActForm, LineField
from reform.models import Delivery, Event, Preference
from reform.models.preference import HOURS
from reform.text import half_width

# What mail servers in use hand out. An address may have more (quotes, blanks, numbers in brackets),
# and then means one thing here, another to the library that writes it, and a third to the server.
PLAIN = re.compile(
    r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.I | re.ASCII
)


class MailField(LineField, forms.EmailField):
    """Cleaned as a line of text, and looked at as an address."""

    default_error_messages = {"invalid": "请填写一个邮箱地址，如 zhangsan@example.cn。"}

    def clean(self, value: Any) -> Any:
        found = super().clean(half_width(value) if isinstance(value, str) else value)
        if found and not PLAIN.fullmatch(found):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class PreferenceForm(ActForm):
    submit = "保存"
    email = MailField(
        label="邮箱",
        max_length=254,
        required=False,
        help_text="填好保存后，先往这里发一个验证码，填回后才发提醒；不填就不发邮件。"
        "只有本人能看到全部。",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    digest_at = forms.TypedChoiceField(
        label="每日汇总时间",
        choices=[(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in HOURS],
        coerce=lambda text: next(hour for hour in HOURS if f"{hour:%H:%M}" == text),
        help_text="工作日汇总发送一次；周报催报等到时限的，随时发。",
    )
    wanted = forms.MultipleChoiceField(label="发送的事项", required=False)

    def __init__(
        self, *args: Any, preference: Preference, channels: Mapping[str, Any], **kwargs: Any
    ) -> None:
        kwargs["initial"] = {
            "email": preference.asked_email or preference.email,
            "digest_at": f"{preference.digest_at:%H:%M}",
        } | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.preference = preference
        self.channels = [(name, Delivery.Channel(name).label) for name in channels]
        names = [name for name, _ in self.channels]
        choices = [f"{name}:{event}" for name in names for event in Event.values]
        self.fields["wanted"].choices = [(value, value) for value in choices]
        if Delivery.Channel.MAIL not in channels:
            del self.fields["email"]

    def rows(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Return a row an event: its word, and of each channel what it sends, its word, a tick."""
        chosen = self.data.getlist("wanted") if self.is_bound else None
        return [
            (event.label, [self._box(event, *channel, chosen=chosen) for channel in self.channels])
            for event in Event
        ]

    def _box(
        self, event: Event, name: str, label: str, *, chosen: list[str] | None
    ) -> tuple[str, str, bool]:
        value = f"{name}:{event}"
        ticked = self.preference.wants(name, event) if chosen is None else value in chosen
        return value, label, ticked

    def clean_wanted(self) -> set[tuple[str, str]]:
        pairs = (value.partition(":") for value in self.cleaned_data["wanted"])
        return {(name, event) for name, _, event in pairs}


class AddressForm(ActForm):
    submit = "确认"
    code = LineField(
        label="验证码",
        required=False,
        max_length=20,
        help_text="邮件中的六位数字，30分钟内有效。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    again = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("again") and not data.get("code") and "code" not in self.errors:
            self.add_error("code", "请填写邮件中的验证码。")
        return data


class RetryForm(ActForm):
    submit = "重新发送"
