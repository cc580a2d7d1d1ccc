"""The weeks of a plan as issues: which come next, and where their cut-offs are moved."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from campaigns.models import BEIJING, Level, Obligation, Week, WeeklyPlan
from rectification.models import WeeklyIssue
from reform.workdays import Calendar

AHEAD = timedelta(days=60)  # how far ahead a week may lie, and until when a cut-off may be put off


def made(
    plan: WeeklyPlan, calendar: Calendar, last: WeeklyIssue | None, *, at: datetime
) -> Iterator[WeeklyIssue]:
    """Yield the issues that are to follow the last, unsaved."""
    for week in coming(plan, calendar, last, at=at):
        issue = WeeklyIssue(
            campaign=plan.campaign, number=last.number + 1 if last else 1, friday=week.friday
        )
        _set(issue, week, after=last, plan=plan)
        yield issue
        last = issue


def coming(
    plan: WeeklyPlan, calendar: Calendar, last: WeeklyIssue | None, *, at: datetime
) -> Iterator[Week]:
    """Yield the weeks after the last issue that have begun, in their order.

    The first is one that somebody owes: before the day on which organizations were first named no
    week is opened, however early the plan begins.
    """
    asked_from = plan.starts_on if last else _first_asked(plan)
    if asked_from is None:
        return
    first = last.friday + timedelta(days=1) if last else asked_from
    today = at.astimezone(BEIJING).date()
    for week in plan.weeks(calendar, first, today + AHEAD):
        if min(week.since.values()) > at:
            return
        if min(week.due.values()).date() >= asked_from:
            yield week


def _first_asked(plan: WeeklyPlan) -> date | None:
    rows = Obligation.objects.filter(campaign=plan.campaign).order_by("since")
    named: date | None = rows.values_list("since", flat=True).first()
    return max(named, plan.starts_on) if named else None


def _set(issue: WeeklyIssue, week: Week, *, after: WeeklyIssue | None, plan: WeeklyPlan) -> None:
    """Write a week's days down. The period goes on where the one before ended; the first begins
    with the plan."""
    move(issue, (week.due[Level.OFFICE], week.due[Level.BRANCH]))
    if after:
        issue.since, issue.branch_since = after.due_at, after.branch_due_at
    else:
        begins = datetime.combine(plan.starts_on, datetime.min.time(), BEIJING)
        issue.since = max(begins, week.since[Level.OFFICE])
        issue.branch_since = max(begins, week.since[Level.BRANCH])


def move(issue: WeeklyIssue, due: tuple[datetime, datetime]) -> None:
    issue.due_at, issue.branch_due_at = due


def moved(
    issue: WeeklyIssue, plan: WeeklyPlan, calendar: Calendar, *, at: datetime
) -> tuple[datetime, datetime] | None:
    """Return the cut-offs of offices and branches as they are to be now, where they differ from
    what stands; None from the first cut-off on.

    A level whose new moment has passed keeps what it has: nobody is late by a plan changed later.
    """
    week = next(plan.schedule(calendar).weeks(issue.friday, issue.friday), None)
    stands = (issue.due_at, issue.branch_due_at)
    if week is None or issue.is_counted(Level.BRANCH) or issue.branch_due_at <= at:
        return None
    wanted = (week.due[Level.OFFICE], week.due[Level.BRANCH])
    due = tuple(new if new > at else old for new, old in zip(wanted, stands, strict=True))
    office, branch = due
    if office <= issue.since or branch <= issue.branch_since or office <= branch:
        return None
    return (office, branch) if (office, branch) != stands else None
