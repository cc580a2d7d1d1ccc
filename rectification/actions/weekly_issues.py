"""Issues of the weekly report (周报期次): opened as weeks begin, counted at their cut-offs.

Called by each tick of the clock and by the pages, and twice is once: what is there stays.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from campaigns.models import BEIJING, Campaign, Level, Obligation, WeeklyPlan
from campaigns.models.weekly_plan import ObligationQuerySet
from rectification.actions.weekly_weeks import coming, made, move, moved
from rectification.models import OwedReport, WeeklyIssue, WeeklyReport
from reform.models import Holiday, Organization
from reform.models.organization import within
from reform.models.statement import Keys
from reform.workdays import Calendar

ONE_DAY = timedelta(days=1)


class Owing(NamedTuple):
    """Who owes an issue, at which level, and what it is called in it."""

    organization: Organization
    level: str
    name: str


# ---------------------------------------------------------------- opening and counting


def open_due(*, at: datetime) -> list[WeeklyIssue]:
    """Open the issues of all campaigns whose weeks have begun, and write down who owes those whose
    cut-offs have passed; return the issues that changed."""
    plans = WeeklyPlan.objects.select_related("campaign").filter(
        campaign__status=Campaign.Status.PUBLISHED
    )
    calendar = Holiday.objects.calendar()
    changed = []
    for plan in plans.order_by("pk"):
        if behind(plan, calendar, at=at):
            changed += _open(plan, calendar, at=at)
    return changed


def behind(plan: WeeklyPlan, calendar: Calendar, *, at: datetime) -> bool:
    """Return whether an issue of the plan is to be opened, counted or moved by now; reads only."""
    last = WeeklyIssue.objects.filter(campaign=plan.campaign).order_by("-number").first()
    if next(coming(plan, calendar, last, at=at), None):
        return True
    rows = WeeklyIssue.objects.filter(campaign=plan.campaign)
    if rows.filter(_uncounted(at)).exists():
        return True
    return any(moved(issue, plan, calendar, at=at) for issue in rows.filter(due_at__gt=at))


def _uncounted(at: datetime) -> Q:
    return Q(counted_at=None, due_at__lte=at) | Q(branch_counted_at=None, branch_due_at__lte=at)


def foreseen(*, at: datetime) -> list[WeeklyIssue]:
    """Return the issues of all campaigns as they will stand at a moment, those that no tick has
    opened yet unsaved; writes nothing."""
    plans = WeeklyPlan.objects.select_related("campaign").filter(
        campaign__status=Campaign.Status.PUBLISHED
    )
    calendar = Holiday.objects.calendar()
    found: list[WeeklyIssue] = []
    for plan in plans.order_by("pk"):
        rows = WeeklyIssue.objects.filter(campaign=plan.campaign, branch_since__lte=at)
        known = list(rows.select_related("campaign").order_by("number"))
        last = WeeklyIssue.objects.filter(campaign=plan.campaign).order_by("number").last()
        found += [*known, *made(plan, calendar, last, at=at)]
    return found


@transaction.atomic
def _open(plan: WeeklyPlan, calendar: Calendar, *, at: datetime) -> list[WeeklyIssue]:
    campaign = plan.campaign.locked()  # of two who open at once, one waits and finds it done
    rows = WeeklyIssue.objects.filter(campaign=campaign).order_by("number")
    changed = []
    for issue in rows.filter(due_at__gt=at):
        if due := moved(issue, plan, calendar, at=at):
            move(issue, due)
            issue.save()
            changed.append(issue)
    for issue in made(plan, calendar, rows.last(), at=at):
        issue.save()
        changed.append(issue)
    for issue in rows.filter(_uncounted(at)):
        _count(issue, at=at)
        changed.append(issue)
    return changed


def _count(issue: WeeklyIssue, *, at: datetime) -> None:
    """Write down who owes what is due now (DESIGN §4: a snapshot taken at the cut-off)."""
    for level, column in ((Level.BRANCH, "branch_counted_at"), (Level.OFFICE, "counted_at")):
        if issue.is_counted(level) or issue.due(level) > at:
            continue
        on = issue.due(level).astimezone(BEIJING).date()
        rows = _obliged(issue, level, on=on)
        OwedReport.objects.bulk_create(
            (
                OwedReport(
                    issue=issue,
                    organization=row.organization,
                    level=level,
                    name=row.organization.name,
                )
                for row in rows.order_by("organization__sequence")
            ),
            ignore_conflicts=True,
            batch_size=500,
        )
        setattr(issue, column, at)
    issue.save(update_fields=["counted_at", "branch_counted_at"])


# ---------------------------------------------------------------- who owes it


def owing(
    issue: WeeklyIssue,
    *,
    at: datetime,
    place: Organization | None = None,
    among: Collection[int] | None = None,
) -> list[Owing]:
    """Return who owes an issue, in official order; with `place` only it and what lies below, with
    `among` only these.

    After a level's cut-off as it was written down, before it as the campaign says today. Each is
    there once: who was written down owes it so, whatever the campaign has said since.
    """
    here = within(place.path, "organization__path") if place else Q()
    if among is not None:
        here &= Q(organization__in=Keys(sorted(among)))
    on = at.astimezone(BEIJING).date()
    found = []
    if not issue.counted_at and not issue.branch_counted_at:
        rows = _obliged(issue, None, on=on).filter(here)
        found = [Owing(row.organization, row.level, row.organization.name) for row in rows]
        return sorted(found, key=lambda one: one.organization.sequence)
    for level in (Level.OFFICE, Level.BRANCH):
        if issue.is_counted(level):
            counted = OwedReport.objects.filter(here, issue=issue, level=level)
            found += [
                Owing(row.organization, row.level, row.name)
                for row in counted.select_related("organization__succeeded_by")
            ]
        else:
            found += [
                Owing(row.organization, level, row.organization.name)
                for row in _obliged(issue, level, on=on).filter(here)
            ]
    return sorted(found, key=lambda one: one.organization.sequence)


def _obliged(issue: WeeklyIssue, level: Level | None, *, on: date) -> ObligationQuerySet:
    """Return by whom an issue is owed at a level that is not counted yet; None, while none is, for
    all of them.

    Between the two cut-offs nobody is asked twice, and nobody escapes: a branch that was counted
    and then made an office owes as a branch; an office that was made a branch too late to be
    counted as one still owes this issue as an office.
    """
    rows = Obligation.objects.in_force(on)
    if issue.pk:  # one that reported before it was dissolved stays in the lists
        filed = WeeklyReport.objects.filed().filter(issue=issue).values("organization")
        here = Q(organization__retired_on=None) | Q(organization__retired_on__gt=on)
        rows = Obligation.objects.named(on).filter(here | Q(organization__in=filed))
    rows = rows.filter(campaign=issue.campaign_id).select_related("organization__succeeded_by")
    if level is None:
        return rows
    if level == Level.BRANCH or not issue.is_counted(Level.BRANCH):
        return rows.filter(level=level)
    day = issue.branch_due_at.astimezone(BEIJING).date() - ONE_DAY
    was = Obligation.objects.filter(campaign=issue.campaign_id, level=level, until__gte=day)
    counted = OwedReport.objects.filter(issue=issue).values("organization")
    return rows.filter(Q(level=level) | Q(organization__in=was.values("organization"))).exclude(
        organization__in=counted
    )


def reporting_to(issue: WeeklyIssue, collator: Organization, *, at: datetime) -> list[Owing]:
    """Return who reports to `collator`: all below it that owe one, but for those who report to
    another collating office in between. To the one that leads the campaign also who joined it from
    another tree."""
    leads = collator.pk == issue.campaign.organization_id
    owed = owing(issue, at=at, place=None if leads else collator)
    others = [one for one in owed if one.organization != collator]
    offices = {one.organization.path for one in others if one.level == Level.OFFICE}
    return [one for one in others if offices.isdisjoint(one.organization.lineage[:-1])]


def collators(issue: WeeklyIssue, owed: Sequence[Owing]) -> dict[int, Organization]:
    """Return to whom each of `owed`, all that owe the issue, reports."""
    offices = {one.organization.path: one.organization for one in owed if one.level == Level.OFFICE}
    lead = issue.campaign.organization
    found = {}
    for one in owed:
        above = (offices.get(path) for path in reversed(one.organization.lineage[:-1]))
        found[one.organization.pk] = next(filter(None, above), lead)
    return found


def collator_of(issue: WeeklyIssue, organization: Organization, *, at: datetime) -> Organization:
    """Return to whom an organization reports: the nearest collating office above, at last the one
    that leads the campaign."""
    above = set(organization.lineage[:-1])
    keys = Organization.objects.filter(path__in=above).values_list("pk", flat=True)
    offices = [
        one.organization for one in owing(issue, at=at, among=keys) if one.level == Level.OFFICE
    ]
    return max(offices, key=lambda one: one.depth, default=issue.campaign.organization)


def level_of(issue: WeeklyIssue, organization: Organization, *, at: datetime) -> str:
    """Return at which level an organization owes the issue; “” where it owes none.

    The one that leads the campaign collates, and owes its report to nobody here.
    """
    return next((one.level for one in owing(issue, at=at, among=[organization.pk])), "")
