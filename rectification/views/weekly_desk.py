"""What of the weekly reports waits for somebody, for his desk: a few statements, whoever he is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from campaigns.models import Campaign, Level, Obligation
from rectification import policy
from rectification.actions import weekly_issues, weekly_reports
from rectification.models import WeeklyIssue, WeeklyReport
from reform.models import Actor, Organization, Role

OVER = timedelta(days=7)  # after which a report that never came is on the board only
PREPARING = (Role.LIAISON, Role.SECRETARY, Role.OFFICE)


@dataclass(frozen=True)
class Waiting:
    words: str
    state: str
    due_at: datetime
    url: str
    is_late: bool


def waiting(actor: Actor, *, at: datetime) -> list[Waiting]:
    """Return the reports that the actor's organizations still owe, and those he is to sign."""
    found = [*_own(actor, at=at), *_to_sign(actor)]
    return sorted(found, key=lambda one: one.due_at)


def _own(actor: Actor, *, at: datetime) -> list[Waiting]:
    held = {duty.organization_id: duty.organization for duty in actor.holding(*PREPARING)}
    if not held:
        return []
    asked = Obligation.objects.filter(organization__in=sorted(held)).values("campaign")
    issues = list(
        WeeklyIssue.objects.filter(
            Q(campaign__in=asked) | Q(campaign__organization__in=sorted(held)),
            campaign__status=Campaign.Status.PUBLISHED,
            branch_since__lte=at,
            due_at__gt=at - OVER,
        )
        .select_related("campaign")
        .order_by("number")
    )
    if not issues:
        return []
    reports = {
        (row.issue_id, row.organization_id): row
        for row in WeeklyReport.objects.current()
        .filter(issue__in=issues, organization__in=sorted(held))
        .only("pk", "issue", "organization", "status", "collated")
        .prefetch_related("receipts")
    }
    found = []
    for issue in issues:
        for place, level in _owed(issue, held, at=at):
            act = "wr.aggregate" if level == Level.OFFICE else "wr.draft"
            if issue.begins(level) <= at and policy.may_here(actor, act, held[place]):
                report = reports.get((issue.pk, place))
                found += _line(issue, held[place], level, report, at=at)
    return found


def _owed(
    issue: WeeklyIssue, held: Mapping[int, Organization], *, at: datetime
) -> list[tuple[int, str]]:
    """Return which of the organizations owe an issue, and at which level. The one that leads owes
    nobody; it has to collate once all the others were to have reported."""
    rows = weekly_issues.owing(issue, at=at, among=held)
    found = [(row.organization.pk, row.level) for row in rows]
    lead = issue.campaign.organization_id
    if lead in held and issue.due_at <= at:
        found.append((lead, Level.OFFICE))
    return found


def _line(
    issue: WeeklyIssue,
    place: Organization,
    level: str,
    report: WeeklyReport | None,
    *,
    at: datetime,
) -> list[Waiting]:
    state = "未起草"
    if report:
        if report.is_filed and not weekly_reports.is_returned(report):
            return []
        state = "已退回" if report.is_filed else report.status_words
    kind = "周报汇总" if level == Level.OFFICE else "周报"
    due = issue.due(level)
    leads = place.pk == issue.campaign.organization_id
    url = report.get_absolute_url() if report else reverse("weekly")
    return [Waiting(f"{place}{issue}{kind}", state, due, url, due < at and not leads)]


def _to_sign(actor: Actor) -> list[Waiting]:
    if not actor.holds(Role.LEADER):
        return []
    own = [duty.organization_id for duty in actor.holding(Role.LEADER)]
    rows = WeeklyReport.objects.filter(status=WeeklyReport.Status.REVIEWED, organization__in=own)
    return [
        Waiting(str(row), "等您签发", row.issue.due_at, row.get_absolute_url(), is_late=False)
        for row in rows.select_related("issue", "organization")[:20]
        if policy.may_here(actor, "wr.sign", row.organization)
    ]
