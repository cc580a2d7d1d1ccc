"""Turning somebody's own problem into his unit's (转为单位问题): told, agreed to, done.

Who reads it and who reviews it change with it, so the person hears of it first, with the reason;
it is done from the next working day on, or at once when he agrees (decision 0029).
"""

from datetime import datetime

from django.db import transaction

from rectification import policy
from rectification.actions import problems, requirements, telling
from rectification.models import Act, Conversion, Problem, ProblemPerson
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Event, Holiday

Status = Problem.Status
TURNABLE = (Status.REGISTERED, Status.ASSIGNED, Status.RECTIFYING)
WORKDAYS = 1  # that pass between the telling and the turning


def _turnable(problem: Problem) -> Problem:
    problem = problem.locked()
    if not problem.is_personal:
        raise Refused(f"“{problem}”是{problem.get_owner_kind_display()}问题，不需要转换。")
    if problem.status not in TURNABLE:
        raise Refused(f"“{problem}”目前为{problem.get_status_display()}，不能转为单位问题。")
    return problem


def _persons(problem: Problem) -> list[ProblemPerson]:
    rows = problem.people.filter(part=ProblemPerson.Part.RESPONSIBLE)
    return list(rows.select_related("user"))


@transaction.atomic
def tell(
    problem: Problem, *, becomes: Conversion.Becomes, reason: str, by: Actor, at: datetime
) -> Conversion:
    """Tell the person that his problem is to become the unit's, and why.

    Raises Refused when nobody can be told, or was told already.
    """
    problem = _turnable(problem)
    policy.require(by, "pb.turn", problem)
    if not reason:
        raise Refused("请写明转为单位问题的理由，系统会告知本人。")
    if Conversion.objects.filter(problem=problem).exists():
        raise Refused("已经告知过本人，不需要再次告知。")
    persons = [row.user for row in _persons(problem) if row.user]
    readers = [user for user in persons if notices.reads(user)]
    if not readers or len(readers) < len(_persons(problem)):
        raise Refused(
            "责任人没有启用的账号，系统无法先告知本人，不能转换；确属单位问题的，请另行登记。"
        )
    made = Conversion.objects.create(
        problem=problem,
        becomes=becomes,
        reason=reason,
        proposed_by=by.user,
        told_at=at,
        not_before=Holiday.objects.calendar().add_workdays(by.on, WORKDAYS),
    )
    trail.record(Act.TURNING_TOLD, problem, by=by, at=at, quote=reason)
    _post(made, "拟转为{}问题，请查看理由", "told", by=by, at=at)
    return made


@transaction.atomic
def agree(problem: Problem, *, by: Actor, at: datetime) -> Conversion:
    """Say that one agrees: only the person himself, and then it may be done at once."""
    problem = _turnable(problem)
    policy.require(by, "pb.turn_agree", problem)
    persons = _persons(problem)
    if not is_his(problem, by):
        raise Forbidden("只有责任人本人能表示同意。")
    told = Conversion.objects.filter(problem=problem).first()
    if told is None:
        raise Refused("还没有人提出把这条问题转为单位问题。")
    if told.agreed_at:
        raise Refused("您已经表示同意，不需要再次办理。")
    if len(persons) > 1:
        day = f"{told.not_before.month}月{told.not_before.day}日"
        raise Refused(f"这条问题有{len(persons)}名责任人，不能由一人同意；{day}起由书记转换。")
    told.agreed_at = at
    told.save(update_fields=["agreed_at"])
    trail.record(Act.TURNING_AGREED, problem, by=by, at=at)
    notices.post(
        [told.proposed_by],
        subject=f"责任人已同意将{problem}转为{told.get_becomes_display()}问题",
        key=f"turning:{told.pk}:agreed",
        event=Event.PROBLEM,
        at=at,
        by=by,
        url=problem.get_absolute_url(),
    )
    return told


def is_his(problem: Problem, by: Actor) -> bool:
    """Whether the actor answers for it himself; to have typed it is not enough."""
    return any(row.user and row.user.person_id == by.user.person_id for row in _persons(problem))


@transaction.atomic
def turn(problem: Problem, *, by: Actor, at: datetime) -> Problem:
    """Make it the unit's, or the team's. Raises Refused before the person was told, or too soon."""
    problem = _turnable(problem)
    policy.require(by, "pb.turn", problem)
    told = Conversion.objects.select_related("problem__finding").filter(problem=problem).first()
    if told is None:
        raise Refused("请先告知本人，并说明理由。")
    if why := told.obstacle(by.on):
        raise Refused(why)
    problem.owner_kind = told.becomes
    problem.closing_level = requirements.closing_level(problem)
    problems.save(problem)
    told.done_at = at
    told.save(update_fields=["done_at"])
    trail.record(
        Act.TURNED,
        problem,
        by=by,
        at=at,
        say=f"{problem}，{told.get_becomes_display()}",
        quote=told.reason,
        level=str(problem.closing_level),
    )
    _post(told, "已转为{}问题", "done", by=by, at=at)
    return problem


def _post(told: Conversion, words: str, key: str, *, by: Actor, at: datetime) -> None:
    problem = told.problem
    notices.post(
        telling.responsible(problem),
        subject=f"您的个人问题{problem}{words.format(told.get_becomes_display())}",
        key=f"turning:{told.pk}:{key}",
        event=Event.PROBLEM,
        at=at,
        by=by,
        url=problem.get_absolute_url(),
    )
