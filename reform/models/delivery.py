"""The outbox (发送箱): one message to one person over one channel, made of one or more notices."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from reform.models.notice import Notice
from reform.models.user import User

# Who has not tried again by then will not: the notice itself is in the inbox.
DEAD_KEPT = timedelta(days=30)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def unsent(self) -> Self:
        return self.filter(state__in=[Delivery.State.WAITING, Delivery.State.SENDING])

    def dead(self) -> Self:
        return self.filter(state=Delivery.State.DEAD)

    def ended_before(self, at: datetime) -> Self:
        return self.filter(ended_at__lt=at)

    def free(self, at: datetime) -> Self:
        """Return what waits and may be tried, and what a sweeper that was killed had in hand."""
        waiting = Q(state=Delivery.State.WAITING, next_at__lte=at)
        return self.filter(waiting | Q(state=Delivery.State.SENDING, claimed_until__lt=at))


def new_message_id() -> str:
    """RFC 5322: the same for every try, so that a message sent twice is known as one."""
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"
    return f"<{uuid.uuid4().hex}@{sender}>"


class Delivery(models.Model):
    class Channel(models.TextChoices):
        MAIL = "mail", "邮件"
        WEBHOOK = "webhook", "工作群"
        FILE = "file", "短信"

    class State(models.TextChoices):
        WAITING = "waiting", "等待发送"
        SENDING = "sending", "正在发送"
        SENT = "sent", "已发送"
        SPARED = "spared", "不再发送"  # all of it was read meanwhile, or the account was closed
        DEAD = "dead", "未送达"

    recipient = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="收件人")
    channel = models.CharField("渠道", max_length=10, choices=Channel)
    timing = models.CharField("发送时机", max_length=10, choices=Notice.Timing)
    day = models.DateField("日期")
    notices = models.ManyToManyField(Notice, through="DeliveryNotice", related_name="deliveries")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("已试次数", default=0)
    next_at = models.DateTimeField("下次发送")
    # The sweep that has it in hand, and until when it is believed to be alive.
    claimed_by = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True)
    error = models.CharField("未送达原因", max_length=200, blank=True)
    message_id = models.CharField(max_length=255, unique=True, default=new_message_id)
    made_at = models.DateTimeField("生成时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "外发消息"
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "channel", "day"],
                condition=Q(timing="digest"),
                name="delivery_one_digest_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_at"], condition=Q(state="waiting"), name="delivery_waiting"
            ),
            models.Index(
                fields=["claimed_until"], condition=Q(state="sending"), name="delivery_in_hand"
            ),
            models.Index(fields=["-id"], condition=Q(state="dead"), name="delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"致{self.recipient}的{self.get_channel_display()}"


class DeliveryNotice(models.Model):
    """A notice in a message: once over each channel, whatever fails."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="parts")
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, choices=Delivery.Channel)

    class Meta:
        verbose_name = verbose_name_plural = "外发消息内容"
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel"], name="notice_goes_once_by_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}：{self.notice_id}"
