"""Opinions (画像意见): what somebody said of somebody, before it is merged.

Who spoke is told to nobody, so an opinion has a key that says no order, and bears no moment
(docs/decisions/0032).
"""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from campaigns.models.portrait import Portrait, PortraitItem, PortraitSource
from reform.models import Actor, User


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def of(self, portrait: Portrait) -> Self:
        """Return what was said of somebody in one session."""
        return self.filter(portrait=portrait)

    def by(self, actor: Actor) -> Self:
        """Return what the actor has written himself."""
        return self.filter(speaker__in=User.objects.of_person(actor.user))

    def waiting(self) -> Self:
        """Return what is neither merged nor answered by a reason why not."""
        return self.filter(item=None, refused="")


class Opinion(models.Model):
    """What somebody said of somebody. Its words never change; who said it is wiped when the
    portrait is closed (both by trigger)."""

    # No order and no moment: with the trail beside them they would say who.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portrait = models.ForeignKey(Portrait, models.PROTECT, related_name="opinions")
    source = models.CharField("来源", max_length=20, choices=PortraitSource)
    text = models.TextField("意见", max_length=2000)
    speaker = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    item = models.ForeignKey(PortraitItem, models.SET_NULL, null=True, related_name="opinions")
    refused = models.CharField("不采纳的说明", max_length=300, blank=True)
    question = models.CharField("请补充", max_length=300, blank=True)
    answer = models.TextField("补充", max_length=2000, blank=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "画像意见"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(item=None) | Q(refused=""), name="opinion_merged_or_refused"
            ),
            models.CheckConstraint(
                condition=Q(answer="") | ~Q(question=""), name="opinion_answers_a_question"
            ),
            models.CheckConstraint(
                condition=~Q(source="self_found"), name="opinion_of_oneself_is_a_finding"
            ),
        ]

    def __str__(self) -> str:
        return "画像意见"
