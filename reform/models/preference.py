"""How a person wants to be told (提醒方式). The inbox itself nobody can switch off."""

from datetime import time

from django.db import models

from reform.models.delivery import Delivery
from reform.models.event import Event
from reform.models.user import User

Channel = Delivery.Channel
# When the digest may go out (models/office_hours.py).
HOURS = (*(time(hour, 30) for hour in range(8, 12)), *(time(hour) for hour in range(14, 18)))
# What presses goes out also where a line to a group or a telephone disturbs; all goes by mail.
PRESSING = frozenset({Event.OVERDUE, Event.WEEKLY, Event.WEEKLY_RETURNED, Event.WEEKLY_LIST})


def by_default(channel: str, event: str) -> bool:
    return channel == Channel.MAIL or event in PRESSING


class Preference(models.Model):
    user = models.OneToOneField(User, models.CASCADE, related_name="preference")
    # Proved: a code that went there has come back.
    email = models.EmailField("邮箱", max_length=254, blank=True)
    # An address that was typed waits here for its proof (actions/addresses.py); we keep what proves
    # the code, never the code.
    asked_email = models.EmailField("待验证的邮箱", max_length=254, blank=True)
    proof = models.CharField("校验值", max_length=64, blank=True)
    proof_sent_at = models.DateTimeField("验证码发出时间", null=True)
    proof_tries = models.PositiveSmallIntegerField("输错次数", default=0)
    digest_at = models.TimeField("每日汇总时间", default=HOURS[0])
    # channel → event → whether: only what was chosen otherwise than `by_default`.
    choices = models.JSONField("选择", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "提醒方式"

    def __str__(self) -> str:
        return f"{self.user}的提醒方式"

    @classmethod
    def of(cls, user: User) -> "Preference":
        """Return the person's choice; unsaved, and by default throughout, where he made none."""
        try:
            return user.preference
        except cls.DoesNotExist:
            return cls(user=user)

    def wants(self, channel: str, event: str) -> bool:
        chosen = self.choices.get(channel, {}).get(event)
        return by_default(channel, event) if chosen is None else bool(chosen)
