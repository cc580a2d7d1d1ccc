"""How one wants to be told (提醒方式): a page under one's own profile."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from reform import policy
from reform.actions import addresses, preferences
from reform.errors import Refused
from reform.exports import messages as words
from reform.exports.channels import configured, mail
from reform.forms.preferences import AddressForm, PreferenceForm
from reform.models import Actor, Delivery, Preference, User
from reform.models.office_hours import IN_WORDS
from reform.views.own import OwnView


class NoticeChoices(OwnView):
    form_class = PreferenceForm
    template_name = "reform/notices/choices.html"
    title = "提醒方式"
    done = "提醒方式已保存。"

    def get_form_kwargs(self) -> dict[str, Any]:
        self.channels = configured()
        preference = Preference.of(self.request.user)
        own = {"preference": preference, "channels": self.channels}
        return super().get_form_kwargs() | own

    def act(self, _user: User, *, by: Actor, at: datetime, **data: Any) -> str:
        row = Preference.of(by.user)
        kept = {"email": row.asked_email or row.email}
        return preferences.choose(**kept | data, channels=list(self.channels), by=by, at=at)

    def back(self) -> str:
        return "notice-choices"

    def next_page(self, code: str) -> str:
        return mailed(self.request, code) if code else self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        phone, row = self.request.user.phone, Preference.of(self.request.user)
        return super().get_context_data(**kwargs) | {
            "hours": IN_WORDS,
            "phone": policy.masked(phone) if phone else "",
            "by_phone": set(self.channels) - {Delivery.Channel.MAIL},
            "asked": row.asked_email,
            "in_use": row.email,
            "cancel": "profile",
        }


def mailed(request: HttpRequest, code: str) -> str:
    """Mail a code to the address that waits for it, now, as somebody sits there and waits; return
    the page that takes it back."""
    to = Preference.objects.get(user=request.user).asked_email
    if wrong := mail.posted(to, *words.code_mail(code)):
        messages.error(request, f"验证码没有发出。{wrong}一分钟后可重新发送。")
    else:
        messages.info(request, f"验证码已发到{to}，有几封的以最后一封为准。")
    return "notice-address"


class NoticeAddress(OwnView):
    """The page that takes the code back."""

    form_class = AddressForm
    template_name = "reform/notices/address.html"
    title = "验证邮箱"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.preference = Preference.of(request.user)
        if not self.preference.asked_email:
            return redirect("notice-choices")
        return super().dispatch(request, *args, **kwargs)

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        """A wrong one is counted, so outside the transaction."""
        code = "" if data["again"] else data["code"]
        if code and not addresses.matches(code, by=self.request.actor, at=self.at):
            raise Refused(addresses.WRONG)
        return {"code": code}

    def act(self, _user: User, *, code: str, by: Actor, at: datetime) -> str:
        if code:
            return addresses.keep(code, by=by, at=at)
        self.again = addresses.ask_again(by=by, at=at)
        return ""

    def next_page(self, old: str) -> str:
        if code := getattr(self, "again", ""):
            return mailed(self.request, code)
        messages.success(self.request, "邮箱已验证，今后的提醒发到这里。")
        if old:
            self._tell(old)
        return self.back()

    def _tell(self, old: str) -> None:
        """Whoever reads the old address hears that it was taken away, and not whole by which."""
        new = policy.masked_mail(self.preference.asked_email)
        if wrong := mail.posted(old, *words.moved_mail(self.request.user.name, new)):
            messages.warning(self.request, f"没有能通知原来的邮箱：{wrong}")

    def back(self) -> str:
        return "notice-choices"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.preference
        facts = {"asked": row.asked_email, "in_use": row.email}
        return super().get_context_data(**kwargs) | facts
