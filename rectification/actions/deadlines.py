"""The six clarities (六个明确), and fixing and changing the deadline of a problem."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from campaigns.models import Campaign
from rectification.models import DeadlineChange, Problem
from reform.models import Actor

Kind = Problem.DueKind


def _has(problem: Problem, part: str) -> bool:
    return any(person.part == part for person in problem.people.all())


def _has_department(problem: Problem, _on: date) -> bool:
    return any(place.part == "responsible" for place in problem.departments.all())


def _has_deadline(problem: Problem, on: date) -> bool:
    """立行立改 gets its control day on issue; 长期坚持 needs a goal and a review day in reach."""
    match problem.due_kind:
        case Kind.DATED:
            return problem.due_on is not None or problem.due_days is not None
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


# The six, in the order papers give them: label, and whether the row has it.
CLARITIES: tuple[tuple[str, Callable[[Problem, date], bool]], ...] = (
    ("责任领导", lambda problem, _on: _has(problem, "leader")),
    ("责任部门", _has_department),
    ("责任人", lambda problem, _on: _has(problem, "responsible")),
    ("整改时限", _has_deadline),
    ("整改标准", lambda problem, _on: bool(problem.standard)),
    ("预期效果", lambda problem, _on: bool(problem.effect_expected)),
)


def clarities(problem: Problem, *, on: date) -> list[tuple[str, bool]]:
    """Return the six with whether each is there."""
    return [(label, has(problem, on)) for label, has in CLARITIES]


def lacking(problem: Problem, *, on: date) -> list[str]:
    """Return the names of those of the six that are missing, in words that say what to do."""
    return [
        _deadline_words(problem) if label == "整改时限" else label
        for label, there in clarities(problem, on=on)
        if not there
    ]


def control_day(problem: Problem, *, on: date) -> date:
    """Return the day the clock goes by when the row is issued on `on` (DESIGN §3, Deadline)."""
    match problem.due_kind:
        case Kind.AT_ONCE:
            return problem.due_on or on + timedelta(days=problem.campaign.at_once_days)
        case Kind.STANDING:
            assert problem.review_on is not None  # noqa: S101 -- `lacking` has asked
            return problem.review_on
    if problem.due_on is None:
        return on + timedelta(days=problem.due_days or 0)
    return problem.due_on


def settle(problem: Problem, *, by: Actor, at: datetime) -> None:
    """Fix the deadline on issue. The first one is kept for ever; the caller saves the row."""
    problem.due_on = control_day(problem, on=by.on)
    if problem.first_due_on is None:
        problem.first_due_on = problem.due_on
        _record(problem, DeadlineChange.Cause.FIRST, was=None, reason="", by=by, at=at)


def returned(problem: Problem, *, new: date, reason: str, by: Actor, at: datetime) -> None:
    """Set the 补改期限 that a return gives; the caller saves the row."""
    was, problem.due_on = problem.due_on, new
    if problem.due_kind == Kind.STANDING:
        problem.review_on = new
    _record(problem, DeadlineChange.Cause.RETURN, was=was, reason=reason, by=by, at=at)


def changed(problem: Problem, *, was: date | None, reason: str, by: Actor, at: datetime) -> None:
    _record(problem, DeadlineChange.Cause.CORRECTION, was=was, reason=reason, by=by, at=at)


def _record(
    problem: Problem, cause: str, *, was: date | None, reason: str, by: Actor, at: datetime
) -> None:
    assert problem.due_on is not None  # noqa: S101 -- set by every caller above
    DeadlineChange.objects.create(
        problem=problem,
        cause=cause,
        was=was,
        becomes=problem.due_on,
        reason=reason,
        by=by.user,
        at=at,
    )
