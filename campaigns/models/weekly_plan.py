"""The weekly report of a campaign (周报安排): who owes one, and by when. Campaign data."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.report_week import DEFAULT, FRIDAY, CutOff, Level, Policy, Schedule, Week
from reform.models import Organization
from reform.workdays import Calendar

WEEKDAYS = [(number, f"周{word}") for number, word in enumerate("一二三四五")]


class WeeklyPlan(models.Model):
    """A campaign without one asks for no weekly reports."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="weekly_plan")
    starts_on = models.DateField("从何日起报")
    stops_on = models.DateField("到何日止", null=True, blank=True)
    policy = models.CharField("遇节假日", max_length=24, choices=Policy, default=Policy.PREVIOUS)
    office_weekday = models.PositiveSmallIntegerField(
        "汇总单位截止", choices=WEEKDAYS, default=DEFAULT[Level.OFFICE].weekday
    )
    office_hour = models.TimeField("汇总单位截止时刻", default=time(12))
    branch_weekday = models.PositiveSmallIntegerField(
        "基层单位截止", choices=WEEKDAYS, default=DEFAULT[Level.BRANCH].weekday
    )
    branch_hour = models.TimeField("基层单位截止时刻", default=time(17))

    # Before each level's cut-off; 0 reminds nobody.
    remind_workdays = models.PositiveSmallIntegerField("提前几个工作日提醒", default=1)
    remind_minutes = models.PositiveSmallIntegerField("当天提前几分钟提醒", default=150)

    class Meta:
        verbose_name = verbose_name_plural = "周报安排"

    def __str__(self) -> str:
        return f"{self.campaign} 周报"

    def schedule(self, calendar: Calendar) -> Schedule:
        return Schedule(
            calendar,
            Policy(self.policy),
            {
                Level.OFFICE: CutOff(self.office_weekday, self.office_hour),
                Level.BRANCH: CutOff(self.branch_weekday, self.branch_hour),
            },
        )

    def weeks(self, calendar: Calendar, first: date, last: date) -> Iterator[Week]:
        """Yield the weeks with a report whose Fridays lie from `first` to `last`: from the first of
        which no cut-off lies before the plan's first day, to the one that its last day is in."""
        for week in self.schedule(calendar).weeks(first, min(last, self.last_friday)):
            if not week.is_empty and min(week.due.values()).date() >= self.starts_on:
                yield week

    @property
    def last_day(self) -> date:
        ends_on: date = self.campaign.ends_on
        return min(self.stops_on, ends_on) if self.stops_on else ends_on

    @property
    def last_friday(self) -> date:
        """The Friday of the week, Monday to Sunday, in which the last day lies."""
        return self.last_day + timedelta(days=FRIDAY - self.last_day.weekday())


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def in_force(self, on: date) -> Self:
        """Return who owes a report on a day; a retired organization owes none."""
        there = Q(organization__retired_on=None) | Q(organization__retired_on__gt=on)
        return self.named(on).filter(there)

    def named(self, on: date) -> Self:
        """Return who was named for a day, retired or not."""
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)


class Obligation(models.Model):
    """An organization owes a weekly report to the nearest collating office above it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="obligations")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="obligations", verbose_name="填报单位"
    )
    level = models.CharField("层级", max_length=10, choices=Level)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周报填报单位"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "organization"],
                condition=Q(until=None),
                name="obligation_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}（{self.get_level_display()}）"
