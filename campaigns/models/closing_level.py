"""Closing levels (销号层级) and the chain of steps each asks for. All of it campaign data."""

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from reform.models import Role

# Which rows a level is for: code → words. Each belongs to one level of a campaign.
FITS: dict[str, str] = {
    "personal": "个人问题",
    "key": "重点问题",
    "from_above": "上级或外部指出的问题",
    "rest": "其余问题",
}


class ClosingLevel(models.Model):
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="closing_levels")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("层级", max_length=40)
    # Which rows get this level when they are registered; the first level that fits wins.
    for_personal = models.BooleanField("用于个人问题", default=False)
    for_key = models.BooleanField("用于重点问题", default=False)
    for_from_above = models.BooleanField("用于上级或外部指出的问题", default=False)
    for_rest = models.BooleanField("用于其余问题", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "销号层级"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="level_once_per_campaign"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(for_rest=True), name="level_one_for_the_rest"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def fits(self) -> list[str]:
        return [code for code in FITS if getattr(self, f"for_{code}")]

    @property
    def fits_in_words(self) -> str:
        return "、".join(FITS[code] for code in self.fits)


class ClosingStep(models.Model):
    """One step of a chain: the organization's own signature, or a review from above."""

    class Kind(models.TextChoices):
        ENDORSE = "endorse", "本单位审签"
        VERIFY = "verify", "核查"
        RECHECK = "recheck", "纪检复核"
        APPROVE = "approve", "领导审定"

    # Who takes a step, and under which row of PERMISSIONS.md.
    ROLES = {
        Kind.ENDORSE: (Role.SECRETARY, Role.LEADER),
        Kind.VERIFY: (Role.OFFICE,),
        Kind.RECHECK: (Role.INSPECTOR,),
        Kind.APPROVE: (Role.LEADER,),
    }
    ACTS = {
        Kind.ENDORSE: "pb.close_endorse",
        Kind.VERIFY: "pb.close_review1",
        Kind.RECHECK: "pb.close_review2",
        Kind.APPROVE: "pb.close_sign",
    }

    level = models.ForeignKey(ClosingLevel, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField("顺序")
    kind = models.CharField("步骤", max_length=10, choices=Kind)

    class Meta:
        verbose_name = verbose_name_plural = "销号步骤"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["level", "position"], name="closing_step_in_order"),
            models.UniqueConstraint(fields=["level", "kind"], name="closing_step_kind_once"),
        ]

    def __str__(self) -> str:
        return f"{self.level} · {self.get_kind_display()}"


def level_of(
    campaign: Campaign, *, personal: bool, key: bool, from_above: bool
) -> ClosingLevel | None:
    """Return the first level whose mark the row bears, in the campaign's order."""
    for level in campaign.closing_levels.all():
        marks = (
            level.for_personal and personal,
            level.for_key and key and not personal,
            level.for_from_above and from_above and not personal,
            level.for_rest and not personal,
        )
        if any(marks):
            return level
    return None
