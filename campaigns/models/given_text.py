"""Texts given to be compared with (比对材料): what the team wrote, what the superior said, and what
somebody wrote himself in earlier years.

Where passages of a self-examination stand in one of them, its author is told, and its reviewer
(提示). The text itself (models/likeness.py) is on no page: nobody reads it here.
"""

from typing import Self

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.likeness import KeptText
from reform.models import Actor, Organization, User


class GivenTextQuerySet(models.QuerySet["GivenText"]):
    def of(self, actor: Actor) -> Self:
        """Return the actor's own of earlier years, which nobody else is shown."""
        return self.filter(author__in=User.objects.of_person(actor.user))

    def of_organizations(self) -> Self:
        return self.filter(author=None)


class GivenText(models.Model):
    """One of them, and who gave it."""

    class Kind(models.TextChoices):
        TEAM = KeptText.Kind.TEAM.value, KeptText.Kind.TEAM.label
        SUPERIOR = KeptText.Kind.SUPERIOR.value, KeptText.Kind.SUPERIOR.label
        EARLIER = KeptText.Kind.EARLIER.value, "我本人的往年材料"

    kind = models.CharField("种类", max_length=12, choices=Kind)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="given_texts")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="单位"
    )
    author = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="本人"
    )
    title = models.CharField("名称", max_length=100)
    year = models.PositiveSmallIntegerField("年度")
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提供人")
    given_at = models.DateTimeField("提供时间")

    objects = GivenTextQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "比对材料"
        ordering = ["-year", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="earlier", author__isnull=False)
                | Q(kind__in=["team", "superior"], author=None),
                name="given_text_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.year}年）"
