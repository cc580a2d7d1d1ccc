"""Onto the ledger and out: register (入账), issue and assign (下达、交办), accept (签收)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from rectification import policy
from rectification.actions import deadlines, problems, requirements, telling
from rectification.models import Act, Problem
from reform.actions import counters, trail
from reform.errors import Refused
from reform.models import Actor

Status = Problem.Status


@transaction.atomic
def register(problem: Problem, *, by: Actor, at: datetime) -> Problem:
    """入账: the row gets its number, counts in the total, and can no longer be deleted.

    Needs description, source and found on (DESIGN §3).
    """
    problem = problem.locked()
    policy.require(by, "pb.publish", problem)
    requirements.require_open(problem.campaign)
    _require(problem, Status.DRAFT, "不能再次入账")
    if lacking := requirements.lacking_to_register(problem):
        raise Refused(f"入账还缺：{'、'.join(lacking)}。")
    requirements.require_found(problem.found_on, on=by.on)
    problem.move(Status.REGISTERED)
    year = timezone.localtime(at).year
    serial = counters.take(f"problem:{problem.campaign_id}:{year}")[0]
    problem.number = f"{problem.campaign.code}-{year}-{serial:05d}"
    problem.registered_at = at
    problem.original_text = problem.description
    problem.closing_level = requirements.closing_level(problem)
    problems.save(problem)
    trail.record(Act.REGISTERED, problem, by=by, at=at, level=str(problem.closing_level))
    return problem


def _require(problem: Problem, status: Problem.Status, otherwise: str) -> None:
    """The arrow is not enough: 签收 and 退回 lead to the same states as 下达 and 入账."""
    if problem.status != status:
        raise Refused(f"“{problem}”目前为{problem.get_status_display()}，{otherwise}。")


@transaction.atomic
def issue(problem: Problem, *, by: Actor, at: datetime) -> Problem:
    """下达: to one's own organization at once, to one below as an assignment to be accepted.

    Needs the six clarities and names what is lacking. The first deadline is fixed here for ever.
    """
    problem = problem.locked()
    policy.require(by, "pb.assign", problem)
    _require(problem, Status.REGISTERED, "不能下达整改")
    lacking = deadlines.lacking(problem, on=by.on)
    if lacking:
        raise Refused(f"“{problem}”六个明确未齐，还缺：{'、'.join(lacking)}。")
    own = policy.may_inside(by, "pb.assign", problem)
    problem.move(Status.RECTIFYING if own else Status.ASSIGNED)
    deadlines.settle(problem, by=by, at=at)
    problem.issued_at = at
    problems.save(problem)
    trail.record(
        Act.ISSUED if own else Act.ASSIGNED, problem, by=by, at=at, due_on=str(problem.due_on)
    )
    telling.issued(problem, own=own, by=by, at=at)
    return problem


@transaction.atomic
def accept(problem: Problem, *, by: Actor, at: datetime) -> Problem:
    """签收 of an assignment by the responsible organization."""
    problem = problem.locked()
    policy.require(by, "pb.accept", problem)
    _require(problem, Status.ASSIGNED, "无需签收")
    problem.move(Status.RECTIFYING)
    problems.save(problem)
    trail.record(Act.ACCEPTED, problem, by=by, at=at)
    return problem


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
