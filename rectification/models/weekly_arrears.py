"""Weekly reports of long ago that are still owed (欠报): never filed, or returned since."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from campaigns.models import Campaign, Level
from rectification.models.weekly_issue import OwedReport, WeeklyIssue
from rectification.models.weekly_report import WeeklyReceipt, WeeklyReport
from reform.models import Organization
from reform.models.statement import Keys

MOST = 20  # of these somebody does one after the other
RETURNED = WeeklyReceipt.Decision.RETURNED
FILED = WeeklyReport.Status.FILED


class Arrear(NamedTuple):
    issue: WeeklyIssue
    organization: Organization
    level: str
    report: int | None  # the last version, where one was begun
    state: str


def arrears(
    places: Collection[int],
    *,
    collating: Collection[int],
    before: datetime,
    campaign: Campaign | None = None,
) -> list[Arrear]:
    """Return what the places owe of issues that were counted up to a moment, the newest first; one
    statement, however many. Of one that leads, which owes nobody, what it has begun: another, over
    the places at which the reader collates."""
    keys = Keys(sorted(places))
    asked = Q(issue__due_at__lte=before, issue__counted_at__isnull=False)
    asked &= Q(issue__campaign__status=Campaign.Status.PUBLISHED)
    if campaign:
        asked &= Q(issue__campaign=campaign)
    latest = WeeklyReport.objects.current().filter(
        issue=OuterRef("issue"), organization=OuterRef("organization")
    )
    owed = OwedReport.objects.filter(asked, organization__in=keys).annotate(
        report=Subquery(latest.values("pk")[:1]), status=Subquery(latest.values("status")[:1])
    )
    begun = WeeklyReport.objects.current().filter(
        asked,
        collated=True,
        organization__in=Keys(sorted(collating)),
        organization=F("issue__campaign__organization"),
    )
    found = [
        Arrear(row.issue, row.organization, row.level, row.report, _state(row.status, row.answer))
        for row in _undone(owed, issue=OuterRef("issue"), organization=OuterRef("organization"))
    ]
    found += [
        Arrear(row.issue, row.organization, Level.OFFICE, row.pk, _state(row.status, row.answer))
        for row in (_undone(begun, pk=OuterRef("pk")) if collating else ())
    ]
    return sorted(found, key=lambda one: one.issue.due_at, reverse=True)[:MOST]


def _undone(rows: QuerySet, **which: OuterRef) -> QuerySet:
    """Return those without a filed report that stands: `answer` is what became of the last one."""
    last = WeeklyReceipt.objects.filter(
        report__is_latest=True, **{f"report__{name}": value for name, value in which.items()}
    )
    rows = rows.annotate(answer=Subquery(last.order_by("-pk").values("decision")[:1]))
    undone = Q(status=None) | ~Q(status=FILED) | Q(answer=RETURNED)
    return (
        rows.filter(undone)
        .select_related("issue__campaign", "organization")
        .order_by("-issue__due_at", "pk")[:MOST]
    )


def _state(status: str | None, answer: str | None) -> str:
    if status is None:
        return "未起草"
    return "已退回" if status == FILED and answer == RETURNED else "未报出"
