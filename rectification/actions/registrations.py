"""Onto the ledger and out: register (入账), issue and assign (下达、交办), accept (签收)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from rectification import policy
from rectification.actions import (
    batches,
    deadlines,
    problem_words,
    problems,
    requirements,
    telling,
)
from rectification.models import Act, Problem
from reform.actions import counters, trail
from reform.errors import Refused
from reform.models import Actor

Status = Problem.Status
Key = TypeVar("Key")
Results = Iterator[tuple[Problem, str]]  # each row, and why not


def register(problem: Problem, *, by: Actor, at: datetime) -> Problem:
    """入账: the row gets its number, counts in the total, and can no longer be deleted.

    Needs description, source and found on (DESIGN §3).
    """
    return batches.one(problem, check=_may_register, write=_register, by=by, at=at)


def register_each(problems: Sequence[Problem], *, by: Actor, at: datetime) -> Results:
    """入账 of many rows, each by the rules of `register`."""
    return batches.each(problems, check=_may_register, write=_register, by=by, at=at)


def _may_register(problem: Problem, *, by: Actor) -> None:
    policy.require(by, "pb.publish", problem)
    requirements.require_open(problem.campaign)
    _require(problem, Status.DRAFT, "不能再次入账")
    if lacking := requirements.lacking_to_register(problem):
        raise Refused(f"入账还缺：{'、'.join(lacking)}。")
    requirements.require_found(problem.found_on, on=by.on)


def _register(rows: Sequence[Problem], *, by: Actor, at: datetime) -> None:
    _number(rows, year=timezone.localtime(at).year)
    for problem in rows:
        problem.move(Status.REGISTERED)
        problem.registered_at = at
        problem.original_text = problem.description
        problem.closing_level = requirements.closing_level(problem)
    problems.save_all(rows, "status", "number", "registered_at", "original_text", "closing_level")
    problem_words.keep(rows)
    for level, same in _alike(rows, lambda problem: str(problem.closing_level)):
        _record(Act.REGISTERED, same, by=by, at=at, level=level)


def _number(rows: Sequence[Problem], *, year: int) -> None:
    """Take the numbers of each campaign in one go; campaigns in one order for everybody."""
    for campaign_id, same in sorted(_alike(rows, lambda problem: problem.campaign_id)):
        serials = counters.take(f"problem:{campaign_id}:{year}", len(same))
        for problem, serial in zip(same, serials, strict=True):
            problem.number = f"{problem.campaign.code}-{year}-{serial:05d}"


def _alike(
    rows: Iterable[Problem], key: Callable[[Problem], Key]
) -> Iterable[tuple[Key, list[Problem]]]:
    """Return the rows that have the same key, each time in their own order."""
    found: dict[Key, list[Problem]] = {}
    for problem in rows:
        found.setdefault(key(problem), []).append(problem)
    return found.items()


def _record(act: Act, rows: Sequence[Problem], *, by: Actor, at: datetime, **detail: Any) -> None:
    words = [str(problem) for problem in rows]
    trail.record_many(act, rows, by=by, at=at, say=words, **detail)


def _require(problem: Problem, status: Problem.Status, otherwise: str) -> None:
    """The arrow is not enough: 签收 and 退回 lead to the same states as 下达 and 入账."""
    if problem.status != status:
        raise Refused(f"“{problem}”目前为{problem.get_status_display()}，{otherwise}。")


def issue(problem: Problem, *, by: Actor, at: datetime) -> Problem:
    """下达: to one's own organization at once, to one below as an assignment to be accepted.

    Needs the six clarities and names what is lacking. The first deadline is fixed here for ever.
    """
    return batches.one(problem, check=_may_issue, write=_issue, by=by, at=at)


def issue_each(problems: Sequence[Problem], *, by: Actor, at: datetime) -> Results:
    """下达 of many rows, each by the rules of `issue`."""
    return batches.each(problems, check=_may_issue, write=_issue, by=by, at=at)


def _may_issue(problem: Problem, *, by: Actor) -> None:
    policy.require(by, "pb.assign", problem)
    _require(problem, Status.REGISTERED, "不能下达整改")
    lacking = deadlines.lacking(problem, on=by.on)
    if lacking:
        raise Refused(f"“{problem}”六个明确未齐，还缺：{'、'.join(lacking)}。")


def _issue(rows: Sequence[Problem], *, by: Actor, at: datetime) -> None:
    own: list[Problem] = []
    below: list[Problem] = []
    for problem in rows:
        is_own = policy.may_inside(by, "pb.assign", problem)
        (own if is_own else below).append(problem)
        problem.move(Status.RECTIFYING if is_own else Status.ASSIGNED)
        problem.issued_at = at
    deadlines.settle(rows, by=by, at=at)
    problems.save_all(rows, "status", "issued_at", "due_on", "due_since", "first_due_on")
    for act, mine in ((Act.ISSUED, own), (Act.ASSIGNED, below)):
        for day, same in _alike(mine, lambda problem: str(problem.due_on)):
            _record(act, same, by=by, at=at, due_on=day)
    telling.issued(own, by=by, at=at)
    telling.assigned(below, by=by, at=at)


def accept(problem: Problem, *, by: Actor, at: datetime) -> Problem:
    """签收 of an assignment by the responsible organization."""
    return batches.one(problem, check=_may_accept, write=_accept, by=by, at=at)


def accept_each(problems: Sequence[Problem], *, by: Actor, at: datetime) -> Results:
    """签收 of many rows, each by the rules of `accept`."""
    return batches.each(problems, check=_may_accept, write=_accept, by=by, at=at)


def _may_accept(problem: Problem, *, by: Actor) -> None:
    policy.require(by, "pb.accept", problem)
    _require(problem, Status.ASSIGNED, "无需签收")


def _accept(rows: Sequence[Problem], *, by: Actor, at: datetime) -> None:
    for problem in rows:
        problem.move(Status.RECTIFYING)
    problems.save_all(rows, "status")
    _record(Act.ACCEPTED, rows, by=by, at=at)


@transaction.atomic
def return_assignment(problem: Problem, *, reason: str, by: Actor, at: datetime) -> Problem:
    """退回交办: not ours to rectify. The reason goes to whoever issued it."""
    problem = problem.locked()
    policy.require(by, "pb.return_assignment", problem)
    _require(problem, Status.ASSIGNED, "不能退回交办")
    problem.move(Status.REGISTERED)
    problems.save(problem)
    trail.record(Act.ASSIGNMENT_RETURNED, problem, by=by, at=at, reason=reason)
    telling.assignment_returned(problem, reason=reason, by=by, at=at)
    return problem
