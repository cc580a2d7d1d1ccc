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
from rectification.models.weekly_arrears import Arrear, arrears
from reform.models import Actor, Organization, Role

OVER = timedelta(days=7)  # how long the one that leads is reminded of what it has not begun
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
    known = _issues(held, at=at) if held else []
    if not known:
        return []
    recent = [issue for issue in known if issue.due_at > at - OVER]
    return [*_present(actor, held, recent, at=at), *_past(actor, at=at)]


def _issues(held: Mapping[int, Organization], *, at: datetime) -> list[WeeklyIssue]:
    """Return the newest issues that may be theirs, and the first, which there is where any is."""
    asked = Obligation.objects.filter(organization__in=sorted(held)).values("campaign")
    return list(
        WeeklyIssue.objects.filter(
            Q(campaign__in=asked) | Q(campaign__organization__in=sorted(held)),
            Q(due_at__gt=at - OVER) | Q(number=1),
            campaign__status=Campaign.Status.PUBLISHED,
            branch_since__lte=at,
        )
        .select_related("campaign")
        .order_by("number")
    )


def _present(
    actor: Actor,
    held: Mapping[int, Organization],
    issues: list[WeeklyIssue],
    *,
    at: datetime,
) -> list[Waiting]:
    """What is not counted yet; and what the one that leads has still to begin."""
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
            report = reports.get((issue.pk, place))
            if report and issue.counted_at:
                continue  # what the one that leads has begun is asked for with all that is past
            if issue.begins(level) <= at and policy.may_here(actor, act, held[place]):
                found += _line(issue, held[place], level, report, at=at)
    return found


def _past(actor: Actor, *, at: datetime) -> list[Waiting]:
    """What was counted stays until it is done: whoever comes back from a fortnight's leave finds
    what his organizations still owe."""
    return [
        Waiting(
            f"{one.organization}{one.issue}{'周报汇总' if one.level == Level.OFFICE else '周报'}",
            one.state,
            one.issue.due(one.level),
            url,
            is_late=one.organization.pk != one.issue.campaign.organization_id,
        )
        for one, url in still_owed(actor, before=at)
    ]


def still_owed(
    actor: Actor, *, before: datetime, campaign: Campaign | None = None
) -> list[tuple[Arrear, str]]:
    """Return what the actor may still make good, each with the page where it goes on."""
    held = {duty.organization_id: duty.organization for duty in actor.holding(*PREPARING)}
    found = []
    offices = {duty.organization_id for duty in actor.holding(Role.OFFICE)}
    owed = arrears(held, collating=offices, before=before, campaign=campaign) if held else ()
    for one in owed:
        act, page = ("wr.draft", "weekly-begin")
        if one.level == Level.OFFICE:
            act, page = ("wr.aggregate", "weekly-collate")
        if policy.may_here(actor, act, held[one.organization.pk]):
            begin = reverse(page, args=[one.issue.pk, one.organization.pk])
            found.append(
                (one, reverse("weekly-report", args=[one.report]) if one.report else begin)
            )
    return found


def _owed(
    issue: WeeklyIssue, held: Mapping[int, Organization], *, at: datetime
) -> list[tuple[int, str]]:
    """Return which of the organizations owe an issue that is not counted yet, and at which level.
    The one that leads owes nobody; it has to collate once all the others were to have reported."""
    rows = [] if issue.counted_at else weekly_issues.owing(issue, at=at, among=held)
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
