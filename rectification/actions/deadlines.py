"""The six clarities (六个明确), and fixing and changing the deadline of a problem."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db import connection
from django.db.models import Exists, OuterRef

from campaigns.models import Campaign
from rectification.actions import reminders
from rectification.models import DeadlineChange, Problem, ProblemDepartment, ProblemPerson
from reform.models import Actor, Holiday, HolidayNotice
from reform.models.statement import Columns, Keys, Statement, paths_of
from reform.workdays import Calendar

Kind = Problem.DueKind


def _named(problem: Problem) -> set[str]:
    """Return who is named on the row: leader, responsible, department."""
    people = {person.part for person in problem.people.all()}
    places = {place.part for place in problem.departments.all()}
    return people | {"department"} if "responsible" in places else people


def _has_deadline(problem: Problem, on: date) -> bool:
    """立行立改 gets its control day on issue; 长期坚持 needs a goal and a review day in reach."""
    match problem.due_kind:
        case Kind.DATED:
            return any(
                given is not None
                for given in (problem.due_on, problem.due_days, problem.due_workdays)
            )
        case Kind.AT_ONCE:
            return True
        case Kind.STANDING:
            last = last_review_day(problem.campaign, on=on)
            review = problem.review_on
            return bool(problem.stage_goal) and review is not None and on < review <= last
    return False


def last_review_day(campaign: Campaign, *, on: date) -> date:
    """Return the last day on which the next review of a standing row may lie (DESIGN §3)."""
    return on + timedelta(days=campaign.standing_review_days)


def _deadline_words(problem: Problem) -> str:
    if problem.due_kind == Kind.STANDING:
        return "整改时限（长期坚持须写阶段目标，并定三个月内的复核日）"
    return "整改时限"


# The six, in the order papers give them: label, and whether a row has it on which these are named.
CLARITIES: tuple[tuple[str, Callable[[Problem, set[str], date], bool]], ...] = (
    ("责任领导", lambda _row, named, _on: "leader" in named),
    ("责任部门", lambda _row, named, _on: "department" in named),
    ("责任人", lambda _row, named, _on: "responsible" in named),
    ("整改时限", lambda row, _named, on: _has_deadline(row, on)),
    ("整改标准", lambda row, _named, _on: bool(row.standard)),
    ("预期效果", lambda row, _named, _on: bool(row.effect_expected)),
)


def clarities(problem: Problem, *, on: date) -> list[tuple[str, bool]]:
    """Return the six with whether each is there."""
    return _clarities(problem, _named(problem), on)


def _clarities(problem: Problem, named: set[str], on: date) -> list[tuple[str, bool]]:
    return [(label, has(problem, named, on)) for label, has in CLARITIES]


def lacking_of(pks: Iterable[int], *, on: date) -> dict[int, list[str]]:
    """Return which of the six some rows lack, by their keys, in one statement for a list."""
    found = {}
    values = {Keys.text([]): Keys.text(pks)}
    for row, row.campaign, *there in _waiting(connection.vendor).records(values, *READ):
        named = {part for part, is_there in zip(NAMED, there, strict=True) if is_there}
        found[row.pk] = [label for label, has in _clarities(row, named, on) if not has]
    return found


NAMED = ("leader", "responsible", "department")
READ = (  # rows are wide, and a list asks this of fifty
    Columns.of(
        Problem,
        *("id", "due_kind", "due_on", "due_days", "due_workdays", "review_on", "stage_goal"),
        *("standard", "effect_expected"),
    ),
    Columns.of(Campaign, "id", "standing_review_days", through="campaign__"),
)


@lru_cache
def _waiting(_vendor: str) -> Statement:
    """The statement of `lacking_of`, compiled for no row: it takes others as they come."""
    people = ProblemPerson.objects.filter(problem=OuterRef("pk"))
    places = ProblemDepartment.objects.filter(problem=OuterRef("pk"), part="responsible")
    rows = Problem.objects.filter(pk__in=Keys([])).order_by()
    named = [Exists(people.filter(part=part)) for part in NAMED[:2]]
    return Statement.of(rows.values_list(*paths_of(READ), *named, Exists(places)))


def lacking(problem: Problem, *, on: date) -> list[str]:
    """Return the names of those of the six that are missing, in words that say what to do."""
    return [
        _deadline_words(problem) if label == "整改时限" else label
        for label, there in clarities(problem, on=on)
        if not there
    ]


def calendar_held() -> Calendar:
    """Return the calendar as it stays until the transaction ends: who counts by it and who changes
    it wait for one another."""
    HolidayNotice.hold()
    return Holiday.objects.calendar()


def set_day(problem: Problem, *, on: date, calendar: Calendar | None = None) -> str:
    """Set the day the clock goes by when the row is issued on `on` (DESIGN §3, Deadline).

    Working days are counted from `on` by the calendar (looked up where none is given); then how
    is returned in words, else nothing.
    """
    explained = None
    if problem.due_kind == Kind.DATED and problem.due_on is None and problem.due_workdays:
        explained = (calendar or calendar_held()).explain(on, problem.due_workdays)
        problem.due_on, problem.due_since = explained.end, on
    elif problem.due_workdays is None:
        problem.due_since = None
    problem.due_on = _control_day(problem, on=on)
    return explained.in_words() if explained else ""


def _control_day(problem: Problem, *, on: date) -> date:
    match problem.due_kind:
        case Kind.AT_ONCE:
            return problem.due_on or on + timedelta(days=problem.campaign.at_once_days)
        case Kind.STANDING:
            assert problem.review_on is not None  # noqa: S101 -- `lacking` has asked
            return problem.review_on
    if problem.due_on is None:
        return on + timedelta(days=problem.due_days or 0)
    return problem.due_on


def settle(problems: Iterable[Problem], *, by: Actor, at: datetime) -> None:
    """Fix the deadlines on issue. The first one is kept for ever; the caller saves the rows."""
    causes = DeadlineChange.Cause
    changes = []
    rows = list(problems)
    last = _last_days([problem for problem in rows if problem.first_due_on])
    calendar = calendar_held() if any(problem.due_workdays for problem in rows) else None
    for problem in rows:
        how = set_day(problem, on=by.on, calendar=calendar)
        if problem.first_due_on is None:
            problem.first_due_on = problem.due_on
            changes.append(_change(problem, causes.FIRST, was=None, reason=how, by=by, at=at))
        elif (was := last.get(problem.pk)) not in {None, problem.due_on}:
            why = "\n".join(filter(None, ("退回交办后重新下达", how)))
            changes.append(_change(problem, causes.CORRECTION, was=was, reason=why, by=by, at=at))
    for problem in rows:
        if problem.pk in last:
            reminders.begin_anew(problem, at=at)
    DeadlineChange.objects.bulk_create(changes)


def _last_days(problems: list[Problem]) -> dict[int, date]:
    """Return to which day each of the rows was last set: they come back from 退回交办."""
    if not problems:
        return {}
    rows = DeadlineChange.objects.filter(problem__in=[problem.pk for problem in problems])
    return dict(rows.order_by("pk").values_list("problem", "becomes"))


def returned(problem: Problem, *, new: date, reason: str, by: Actor, at: datetime) -> None:
    """Set the 补改期限 that a return gives; the caller saves the row."""
    was, problem.due_on = problem.due_on, new
    problem.due_since = None  # a day that somebody gave is moved by nobody else
    if problem.due_kind == Kind.STANDING:
        problem.review_on = new
    _record(problem, DeadlineChange.Cause.RETURN, was=was, reason=reason, by=by, at=at)


def changed(problem: Problem, *, was: date | None, reason: str, by: Actor, at: datetime) -> None:
    _record(problem, DeadlineChange.Cause.CORRECTION, was=was, reason=reason, by=by, at=at)


def moved(problem: Problem, *, was: date | None, reason: str, by: Actor, at: datetime) -> None:
    _record(problem, DeadlineChange.Cause.CALENDAR, was=was, reason=reason, by=by, at=at)


def _record(
    problem: Problem, cause: str, *, was: date | None, reason: str, by: Actor, at: datetime
) -> None:
    _change(problem, cause, was=was, reason=reason, by=by, at=at).save()
    reminders.withdraw(problem, at=at)


def _change(
    problem: Problem, cause: str, *, was: date | None, reason: str, by: Actor, at: datetime
) -> DeadlineChange:
    assert problem.due_on is not None  # noqa: S101 -- set by every caller above
    return DeadlineChange(
        problem=problem,
        cause=cause,
        was=was,
        becomes=problem.due_on,
        reason=reason,
        by=by.user,
        at=at,
    )
