"""The showcase (心得展示): what an author agreed to show of his reflection, and for how long it is.

Shown is a copy that the author has made, without what tells who he is; his name stands there only
where he chose so. Consent, its end, choosing and taking down are rows that never change. Nobody
counts who reads, and there is no praise (domain B7, §7.3).
"""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from campaigns.models.campaign import Campaign
from campaigns.models.reflection import Reflection
from reform.models import Actor, Organization, Role, User
from reform.models.scope import Reach

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

CHOOSE: dict[str, str] = {Role.SECRETARY: "U", Role.OFFICE: "D"}


class ConsentQuerySet(models.QuerySet["Consent"]):
    def standing(self) -> Self:
        return self.filter(end=None)

    def choosable_by(self, actor: Actor) -> Self:
        """Return the copies from among which the actor chooses: consented to, of his organization;
        an office's, also of those below."""
        reach = Reach.of(actor, CHOOSE, key="pk")
        campaigns = Campaign.objects.visible_to(actor).order_by().values("pk")
        rows = self.standing().filter(reflection__campaign__in=campaigns)
        if reach.whole:
            return rows
        places = Organization.objects.order_by().filter(reach.condition())
        return rows.filter(reflection__organization__in=places.values("pk"))


class Consent(models.Model):
    """The author agrees (同意展示) to show this copy, in these words."""

    reflection = models.ForeignKey(Reflection, models.PROTECT, related_name="consents")
    number = models.PositiveSmallIntegerField("次")
    title = models.CharField("题目", max_length=100)
    text = models.TextField("展示稿")
    is_signed = models.BooleanField("署名")
    at = models.DateTimeField("同意时间")

    objects = ConsentQuerySet.as_manager()

    if TYPE_CHECKING:
        showings: RelatedManager["Showing"]
        end: "ConsentEnd"

    class Meta:
        verbose_name = verbose_name_plural = "同意展示"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["reflection", "number"], name="consent_once_a_number"),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""), name="consent_shows_something"
            ),
        ]

    def __str__(self) -> str:
        return f"心得展示稿{self.pk}"

    @property
    def signature(self) -> str:
        """Name and place where the author chose to sign, else nothing."""
        row = self.reflection
        return f"{row.organization}　{row.author.name}" if self.is_signed else ""


class ConsentEnd(models.Model):
    """The author took his consent back: at once nobody sees the copy any more."""

    consent = models.OneToOneField(Consent, models.PROTECT, related_name="end")
    at = models.DateTimeField("撤回时间")

    class Meta:
        verbose_name = verbose_name_plural = "撤回同意展示"

    def __str__(self) -> str:
        return f"{self.consent}，撤回同意"


class ShowingQuerySet(models.QuerySet["Showing"]):
    def not_over(self, on: date) -> Self:
        """Return those that show something today or will: neither author nor chooser ended them."""
        return self.filter(end=None, consent__end=None, until__gte=on)

    def on_show(self, on: date) -> Self:
        return self.not_over(on).filter(since__lte=on)

    def visible_to(self, actor: Actor) -> Self:
        """Return what stands in the showcases of the campaigns that the actor reads."""
        campaigns = Campaign.objects.visible_to(actor).order_by().values("pk")
        return self.on_show(actor.on).filter(consent__reflection__campaign__in=campaigns)


class Showing(models.Model):
    """A copy stands in the showcase from one day to another."""

    consent = models.ForeignKey(Consent, models.PROTECT, related_name="showings")
    since = models.DateField("展示自")
    until = models.DateField("展示至")
    chosen_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField("选用时间")

    objects = ShowingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "心得展示"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="showing_ends_after_it_begins",
                violation_error_message="展示结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consent}，{self.since}至{self.until}展示"


class ShowingEnd(models.Model):
    """Taken down (撤下) before its day by who may choose."""

    showing = models.OneToOneField(Showing, models.PROTECT, related_name="end")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("撤下时间")

    class Meta:
        verbose_name = verbose_name_plural = "撤下展示"

    def __str__(self) -> str:
        return f"{self.showing}，撤下"
