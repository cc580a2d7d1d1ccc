"""How one wants to be told (提醒方式): a page under one's own profile."""

from datetime import datetime
from typing import Any

from reform import policy
from reform.actions import preferences
from reform.exports.channels import configured
from reform.forms.preferences import PreferenceForm
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

    def act(self, _user: User, *, by: Actor, at: datetime, **data: Any) -> None:
        kept = Preference.of(by.user).email
        preferences.choose(**{"email": kept} | data, channels=list(self.channels), by=by, at=at)

    def back(self) -> str:
        return "notice-choices"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        phone = self.request.user.phone
        return super().get_context_data(**kwargs) | {
            "hours": IN_WORDS,
            "phone": policy.masked(phone) if phone else "",
            "by_phone": set(self.channels) - {Delivery.Channel.MAIL},
            "cancel": "profile",
        }
