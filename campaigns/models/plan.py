"""The plan of a campaign (活动方案): what a kit says beyond lists, sources, chains and rules."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.kit import CONDITIONS, REPORTS, KitStage
from reform.models import User


@dataclass(frozen=True)
class PlannedStage:
    title: str
    starts_on: date
    ends_on: date
    goal: str
    conditions: tuple[str, ...]

    @property
    def condition_words(self) -> list[str]:
        return [CONDITIONS[code] for code in self.conditions]


class CampaignPlan(models.Model):
    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="plan")
    # Each {title, offset, days, goal, conditions}: a draft's days move with its first. From the
    # publishing on also {starts_on, ends_on}, which move no more.
    stages = models.JSONField("阶段安排", default=list)
    assignments = models.JSONField("任务分解", default=list)  # {clause, content, prescribed}
    weekly = models.JSONField("周报截止", default=dict)  # as KitWeekly
    reports = models.JSONField("报告名称", default=dict)  # key of REPORTS → title
    goals = models.JSONField("活动目标", default=list)  # {title, facts}, codes of FACTS
    # What it was made from: a kit or an earlier campaign, in words and whole, to show differences.
    kit = models.CharField("套件", max_length=40, blank=True)
    kit_version = models.PositiveIntegerField("套件版本", default=0)
    made_from = models.CharField("由来", max_length=300, blank=True)
    origin = models.JSONField("由来全文", default=dict)
    # Raised by every edit of the draft: of two who edit at once, the second is told.
    edition = models.PositiveIntegerField(default=1)
    # Which edition was sent to those who may publish it (送请批准发布): another is not what they
    # were asked for.
    sent_edition = models.PositiveIntegerField("送请批准的版次", null=True)
    sent_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="送请人"
    )
    sent_at = models.DateTimeField("送请时间", null=True)
    # Sent back, until it is sent again; the trail keeps every time.
    returned_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="退回人"
    )
    returned_at = models.DateTimeField("退回时间", null=True)
    return_reason = models.TextField("退回理由", max_length=1000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "活动方案"
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_edition=None, sent_by=None, sent_at=None)
                | Q(sent_edition__isnull=False, sent_by__isnull=False, sent_at__isnull=False),
                name="plan_sent_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(returned_by=None, returned_at=None, return_reason="")
                | Q(returned_by__isnull=False, returned_at__isnull=False, sent_edition=None)
                & ~Q(return_reason=""),
                name="plan_returned_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} 方案"

    @property
    def is_sent(self) -> bool:
        """Whether it waits for who may publish it, as it now is."""
        return self.sent_edition == self.edition

    @classmethod
    def of(cls, campaign: Campaign) -> "CampaignPlan":
        """Return the campaign's plan; an empty one, unsaved, where it was made without."""
        return cls.objects.filter(campaign=campaign).first() or cls(campaign=campaign)

    def dated(self) -> list[PlannedStage]:
        """Return the stages with their days."""
        return [self._dated(row) for row in self.stages]

    def _dated(self, row: dict[str, Any]) -> PlannedStage:
        stage = KitStage(row["title"], row["offset"], row["days"])
        first, last = stage.dates(self.campaign.starts_on)
        if "starts_on" in row:
            first, last = (date.fromisoformat(row[key]) for key in ("starts_on", "ends_on"))
        return PlannedStage(
            row["title"], first, last, row.get("goal", ""), tuple(row.get("conditions", ()))
        )

    def titles(self) -> list[tuple[str, str]]:
        """Return (for what, title) of the campaign's reports."""
        return [(words, self.title_of(key)) for key, (words, _) in REPORTS.items()]

    def title_of(self, key: str) -> str:
        pattern = self.reports.get(key) or REPORTS[key][1]
        return str(pattern).replace("{活动}", self.campaign.title)
