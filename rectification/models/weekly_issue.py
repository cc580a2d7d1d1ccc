"""Issues of the weekly report (周报期次): periods, cut-offs, who owes one, who may be late."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from campaigns.models import BEIJING, Campaign, Level
from reform.models import Actor, Organization, User


class WeeklyIssueQuerySet(models.QuerySet["WeeklyIssue"]):
    def visible_to(self, actor: Actor) -> Self:
        campaigns = Campaign.objects.visible_to(actor)
        return self.filter(Exists(campaigns.filter(pk=OuterRef("campaign"))))


class WeeklyIssue(models.Model):
    """One issue of a campaign. What it says was fixed when its week began, but for a calendar or a
    plan that changes before a cut-off."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="weekly_issues")
    number = models.PositiveSmallIntegerField("期数")  # running, not the week of the year
    friday = models.DateField("所在周的周五")
    since = models.DateTimeField("报告期起")
    due_at = models.DateTimeField("汇总单位截止")
    branch_since = models.DateTimeField("基层单位报告期起")
    branch_due_at = models.DateTimeField("基层单位截止")
    # From when on who owed the report is written down (OwedReport).
    counted_at = models.DateTimeField("汇总单位应报单位确定时间", null=True)
    branch_counted_at = models.DateTimeField("基层应报单位确定时间", null=True)
    # Step of a reminder and its cut-off (“branch.hours.1780563600”) → when it was told.
    told = models.JSONField("已提醒", default=dict, blank=True)

    objects = WeeklyIssueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周报期次"
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="issue_number_once"),
            models.UniqueConstraint(fields=["campaign", "friday"], name="issue_week_once"),
            models.CheckConstraint(
                condition=Q(since__lt=F("due_at")) & Q(branch_since__lt=F("branch_due_at")),
                name="issue_period_is_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}期"

    def due(self, level: str) -> datetime:
        return self.branch_due_at if level == Level.BRANCH else self.due_at

    def begins(self, level: str) -> datetime:
        return self.branch_since if level == Level.BRANCH else self.since

    def is_counted(self, level: str) -> bool:
        counted = self.branch_counted_at if level == Level.BRANCH else self.counted_at
        return counted is not None

    def period(self, level: str = Level.OFFICE) -> str:
        """Return the period as papers write it, 5月29日—6月5日."""
        first = self.begins(level).astimezone(BEIJING)
        last = self.due(level).astimezone(BEIJING)
        year = f"{first.year}年" if first.year != last.year else ""
        then = f"{last.year}年" if year else ""
        return f"{year}{first.month}月{first.day}日—{then}{last.month}月{last.day}日"


class OwedReport(models.Model):
    """Who owed an issue at its cut-off, for ever: the denominator of 应报 (DESIGN §4)."""

    issue = models.ForeignKey(WeeklyIssue, models.CASCADE, related_name="owed")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    level = models.CharField("层级", max_length=10, choices=Level)
    # As it was called then; the path is scope and moves with the organization.
    name = models.CharField("单位", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "应报单位"
        constraints = [
            models.UniqueConstraint(fields=["issue", "organization"], name="owed_once_an_issue"),
        ]

    def __str__(self) -> str:
        return f"{self.issue} {self.name}"


class Deferral(models.Model):
    """A later cut-off for one organization, or for all that report to one (缓报、系统故障)."""

    class Kind(models.TextChoices):
        AGREED = "agreed", "经同意缓报"
        OUTAGE = "outage", "系统故障"

    issue = models.ForeignKey(WeeklyIssue, models.CASCADE, related_name="deferrals")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    # Of the organization alone, or of all below it as well.
    with_below = models.BooleanField("含下级", default=False)
    kind = models.CharField("事由", max_length=10, choices=Kind)
    until = models.DateTimeField("缓至")
    reason = models.CharField("说明", max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "缓报"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.organization}{self.get_kind_display()}"

    def covers(self, organization: Organization) -> bool:
        """Whether it holds for an organization; one that was withdrawn holds for nobody."""
        if self.withdrawn_at:
            return False
        if self.organization_id == organization.pk:
            return True
        if not self.with_below:
            return False
        # Who joined from another tree reports to the one that leads as well.
        leads = self.organization_id == self.issue.campaign.organization_id
        return leads or self.organization.covers(organization.path)
