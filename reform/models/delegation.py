"""Delegations (请假委托): a duty held for somebody on leave, named and dated (SOD-14)."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from reform.models.user import Duty, User


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def in_force(self, on: date) -> Self:
        """Return what holds that day: `until` is the last day, `ended_on` the first without."""
        running = self.filter(Q(ended_on=None) | Q(ended_on__gt=on), duty__user__is_active=True)
        return running.filter(since__lte=on, until__gte=on)

    def not_over(self, on: date) -> Self:
        """Return what holds that day or will later, whoever is disabled meanwhile."""
        duty_holds = Q(duty__until=None) | Q(duty__until__gte=on)
        return self.filter(duty_holds, Q(ended_on=None) | Q(ended_on__gt=on), until__gte=on)

    def concerning(self, user: User) -> Self:
        """Return what the person gave and what he was given."""
        return self.filter(Q(duty__user=user) | Q(delegate=user))


class Delegation(models.Model):
    """One duty of one person, held by another from a day to a day; never wider than the duty."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="delegations", verbose_name="职责")
    delegate = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="受托人")
    since = models.DateField("自")
    until = models.DateField("至")
    reason = models.CharField("事由", max_length=200)
    given_at = models.DateTimeField("委托时间")
    ended_on = models.DateField("提前结束", null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "请假委托"
        indexes = [models.Index(fields=["delegate", "until"], name="delegation_by_delegate")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")), name="delegation_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty.user}委托{self.delegate}代行{self.duty.get_role_display()}"

    def is_over(self, on: date) -> bool:
        """Whether it holds nothing from that day on: its days, or the duty's, are over."""
        last = min(self.until, self.duty.until or self.until)
        return last < on or (self.ended_on is not None and self.ended_on <= on)


def holding(duties: models.QuerySet[Duty], *, on: date) -> models.QuerySet[User]:
    """Return the active people who hold some of these duties, for themselves or for somebody on
    leave."""
    lent = Delegation.objects.in_force(on).filter(duty__in=duties.values("pk"))
    own = Q(pk__in=duties.values("user"))
    return User.objects.active().filter(own | Q(pk__in=lent.values("delegate")))


def holding_at(organization: int, *roles: str, on: date) -> list[User]:
    """Return who holds one of `roles` at an organization, or stands in for whoever is on leave."""
    held = Duty.objects.in_force(on).filter(organization=organization, role__in=roles)
    return list(holding(held, on=on))
