"""Notices (提醒): a row in somebody's inbox, told once per cause."""

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from reform.models.actor import Actor
from reform.models.delegation import Delegation
from reform.models.event import Event
from reform.models.user import Duty, User

# What was read, and messages that were sent, are kept for so long (decision 0020). What nobody has
# read stays. Longer than any key is looked for again: 31 days of a weekly report's cut-off.
KEPT = timedelta(days=180)
OF_ONESELF = (Event.ACCOUNT, Event.SYSTEM)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(recipient=actor.user)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def outlived(self, on: date) -> Self:
        """Return what was told to people who have lost a duty since, their own or a lent one: they
        may no longer read what it is about, so no mail repeats it. It stays in the inbox, as it
        was told; what concerns the person himself goes out all the same."""
        lost = Q(until__lt=on, until__gte=OuterRef("created_at__date"))
        back = Q(ended_on__lte=on, ended_on__gt=OuterRef("created_at__date"))
        own = Duty.objects.filter(lost, user=OuterRef("recipient"))
        lent = Delegation.objects.filter(lost | back, delegate=OuterRef("recipient"))
        return self.exclude(event__in=OF_ONESELF).filter(Exists(own) | Exists(lent))


class Notice(models.Model):
    class Timing(models.TextChoices):
        DIGEST = "digest", "每日汇总"
        DIRECT = "direct", "即时"  # at its own minute, whatever the hour

    # Three indexes begin with it: a fourth of its own would only be kept up.
    recipient = models.ForeignKey(
        User, models.CASCADE, related_name="notices", db_index=False, verbose_name="收件人"
    )
    subject = models.CharField("标题", max_length=200)
    url = models.CharField("链接", max_length=200, blank=True)
    # Says what this notice is about, e.g. "applied:17:round2"; the same is never told twice.
    key = models.CharField(max_length=100)
    event = models.CharField("事项", max_length=20, choices=Event, default=Event.SYSTEM)
    timing = models.CharField("发送时机", max_length=10, choices=Timing, default=Timing.DIGEST)
    # When it should have been told; told after that, it says so.
    due_at = models.DateTimeField("应提醒时间", null=True)
    late = models.BooleanField("补发", default=False)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True)
    # When the sweeper has put it into messages, or found that nobody wants it in one.
    sorted_at = models.DateTimeField("整理时间", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="notice_told_once"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_inbox"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(
                fields=["timing", "recipient"],
                condition=Q(sorted_at=None),
                name="notice_to_sort",
            ),
            models.Index(fields=["key"], condition=Q(read_at=None), name="notice_to_settle"),
        ]

    def __str__(self) -> str:
        return self.subject
