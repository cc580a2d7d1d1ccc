"""Issues of the weekly report (周报期次): opened as weeks begin, counted at their cut-offs.

Called by each tick of the clock and by the pages, and twice is once: what is there stays.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from campaigns.models import BEIJING, Campaign, Level, Obligation, Week, WeeklyPlan
from rectification.models import OwedReport, WeeklyIssue
from reform.models import Holiday, Organization
from reform.models.organization import within
from reform.workdays import Calendar

AHEAD = timedelta(days=60)  # how far behind a week may lie that is still opened, and how far ahead


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
    if next(_coming(plan, calendar, last, at=at), None):
        return True
    rows = WeeklyIssue.objects.filter(campaign=plan.campaign)
    if rows.filter(_uncounted(at)).exists():
        return True
    return any(_moved(issue, plan, calendar) for issue in rows.filter(due_at__gt=at))


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
        found += [*known, *_made(plan, calendar, last, at=at)]
    return found


@transaction.atomic
def _open(plan: WeeklyPlan, calendar: Calendar, *, at: datetime) -> list[WeeklyIssue]:
    campaign = plan.campaign.locked()  # of two who open at once, one waits and finds it done
    rows = WeeklyIssue.objects.filter(campaign=campaign).order_by("number")
    changed = []
    for issue in rows.filter(due_at__gt=at):
        if week := _moved(issue, plan, calendar):
            _set(issue, week)
            issue.save()
            changed.append(issue)
    for issue in _made(plan, calendar, rows.last(), at=at):
        issue.save()
        changed.append(issue)
    for issue in rows.filter(_uncounted(at)):
        _count(issue, at=at)
        changed.append(issue)
    return changed


def _made(
    plan: WeeklyPlan, calendar: Calendar, last: WeeklyIssue | None, *, at: datetime
) -> Iterator[WeeklyIssue]:
    """Yield the issues that are to follow the last, unsaved."""
    for week in _coming(plan, calendar, last, at=at):
        issue = WeeklyIssue(
            campaign=plan.campaign, number=last.number + 1 if last else 1, friday=week.friday
        )
        _set(issue, week, after=last, plan=plan)
        yield issue
        last = issue


def _coming(
    plan: WeeklyPlan, calendar: Calendar, last: WeeklyIssue | None, *, at: datetime
) -> Iterator[Week]:
    """Yield the weeks after the last issue that have begun, in their order."""
    today = at.astimezone(BEIJING).date()
    first = last.friday + timedelta(days=1) if last else plan.starts_on
    for week in plan.schedule(calendar).weeks(first, today + AHEAD):
        begins = min(week.since.values())
        if begins > at or begins.date() > plan.last_day:
            return
        if not week.is_empty and week.due[Level.OFFICE].date() >= plan.starts_on:
            yield week


def _set(
    issue: WeeklyIssue,
    week: Week,
    *,
    after: WeeklyIssue | None = None,
    plan: WeeklyPlan | None = None,
) -> None:
    """Write a week's days down. The period goes on where the one before ended; the first begins
    with the plan."""
    issue.due_at, issue.branch_due_at = week.due[Level.OFFICE], week.due[Level.BRANCH]
    if after:
        issue.since, issue.branch_since = after.due_at, after.branch_due_at
    elif plan:
        begins = datetime.combine(plan.starts_on, datetime.min.time(), BEIJING)
        issue.since = max(min(begins, week.due[Level.OFFICE]), week.since[Level.OFFICE])
        issue.branch_since = max(begins, week.since[Level.BRANCH])
        if issue.branch_since >= issue.branch_due_at:  # it begins between the two cut-offs
            issue.branch_since = week.since[Level.BRANCH]
        if issue.since >= issue.due_at:
            issue.since = week.since[Level.OFFICE]


def _moved(issue: WeeklyIssue, plan: WeeklyPlan, calendar: Calendar) -> Week | None:
    """Return the week with its days as they are to be now, where they differ from what stands."""
    week = next(plan.schedule(calendar).weeks(issue.friday, issue.friday), None)
    if week is None or issue.is_counted(Level.BRANCH):
        return None
    due = (week.due[Level.OFFICE], week.due[Level.BRANCH])
    later = due[0] > issue.since and due[1] > issue.branch_since
    return week if later and due != (issue.due_at, issue.branch_due_at) else None


def _count(issue: WeeklyIssue, *, at: datetime) -> None:
    """Write down who owes what is due now (DESIGN §4: a snapshot taken at the cut-off)."""
    for level, column in ((Level.BRANCH, "branch_counted_at"), (Level.OFFICE, "counted_at")):
        if issue.is_counted(level) or issue.due(level) > at:
            continue
        on = issue.due(level).astimezone(BEIJING).date()
        rows = Obligation.objects.in_force(on).filter(campaign=issue.campaign, level=level)
        OwedReport.objects.bulk_create(
            (
                OwedReport(
                    issue=issue,
                    organization=row.organization,
                    level=level,
                    name=row.organization.name,
                )
                for row in rows.select_related("organization").order_by("organization__sequence")
            ),
            ignore_conflicts=True,
            batch_size=500,
        )
        setattr(issue, column, at)
    issue.save(update_fields=["counted_at", "branch_counted_at"])


# ---------------------------------------------------------------- who owes it


def owing(issue: WeeklyIssue, *, at: datetime, place: Organization | None = None) -> list[Owing]:
    """Return who owes an issue, in official order; with `place` only it and what lies below.

    After a level's cut-off as it was written down, before it as the campaign says today.
    """
    here = within(place.path, "organization__path") if place else Q()
    found = []
    for level in (Level.OFFICE, Level.BRANCH):
        if issue.is_counted(level):
            counted = OwedReport.objects.filter(here, issue=issue, level=level)
            found += [
                Owing(row.organization, row.level, row.name)
                for row in counted.select_related("organization")
            ]
        else:
            on = at.astimezone(BEIJING).date()
            held = Obligation.objects.in_force(on).filter(
                here, campaign=issue.campaign_id, level=level
            )
            found += [
                Owing(row.organization, row.level, row.organization.name)
                for row in held.select_related("organization")
            ]
    return sorted(found, key=lambda one: one.organization.sequence)


def reporting_to(issue: WeeklyIssue, collator: Organization, *, at: datetime) -> list[Owing]:
    """Return who reports to `collator`: all below it that owe one, but for those who report to
    another collating office in between."""
    all_below = [one for one in owing(issue, at=at, place=collator) if one.organization != collator]
    offices = [one.organization for one in all_below if one.level == Level.OFFICE]
    return [
        one
        for one in all_below
        if not any(
            office.covers(one.organization.path) and office != one.organization
            for office in offices
        )
    ]


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
    above = organization.lineage[:-1]
    if issue.is_counted(Level.OFFICE):
        rows = OwedReport.objects.filter(issue=issue, level=Level.OFFICE)
    else:
        on = at.astimezone(BEIJING).date()
        rows = Obligation.objects.in_force(on).filter(  # type: ignore[assignment]
            campaign=issue.campaign_id, level=Level.OFFICE
        )
    nearest = rows.filter(organization__path__in=above).select_related("organization")
    found = nearest.order_by("-organization__depth").first()
    return found.organization if found else issue.campaign.organization


def level_of(issue: WeeklyIssue, organization: Organization, *, at: datetime) -> str:
    """Return at which level an organization owes the issue; “” where it owes none.

    The one that leads the campaign collates, and owes its report to nobody here.
    """
    owed = owing(issue, at=at, place=organization)
    return next((one.level for one in owed if one.organization == organization), "")
