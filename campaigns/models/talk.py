"""Admonition talks (提醒谈话): between two people, read by these two and nobody else.

Counted nowhere: how often somebody was talked to is no figure of a person (domain §7.3).
"""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from reform.models import Actor, User


class AdmonitionTalkQuerySet(models.QuerySet["AdmonitionTalk"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return those the actor leads or is invited to."""
        mine = User.objects.of_person(actor.user)
        return self.filter(Q(leader__in=mine) | Q(person__in=mine))


class AdmonitionTalk(models.Model):
    leader = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="谈话人")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="谈话对象")
    day = models.DateField("约定日期")
    reason = models.CharField("事由", max_length=100)
    held_on = models.DateField("谈话日期", null=True)
    content = models.TextField("谈话内容", max_length=5000, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    made_at = models.DateTimeField("约定时间")

    objects = AdmonitionTalkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒谈话"
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(leader=F("person")), name="talk_between_two"),
            models.UniqueConstraint(
                fields=["leader", "person", "day"],
                name="talk_once_a_day",
                violation_error_message="这一天已经约了这位同志谈话。",
            ),
            models.CheckConstraint(
                condition=Q(content="") | Q(held_on__isnull=False), name="talk_held_before_noted"
            ),
        ]

    def __str__(self) -> str:
        return f"提醒谈话（{self.day.year}年{self.day.month}月{self.day.day}日）"

    def get_absolute_url(self) -> str:
        return reverse("talk", args=[self.pk])

    def is_led_by(self, actor: Actor) -> bool:
        return self.leader.person_id == actor.user.person_id
