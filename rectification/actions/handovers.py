"""Handing over (移交): what somebody who leaves still has in hand goes to a successor.

Each row by itself, with a result of its own (SOD-19). Who was responsible stays barred from
reviewing the row: policy/involved.py reads it from the trail. Personal rows are nobody else's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from rectification import policy
from rectification.actions import lines, problem_words
from rectification.models import Act, Appointment, Measure, Problem, ProblemPerson, Upload
from reform.actions import notices, trail
from reform.errors import Refused
from reform.models import Actor, Delegation, Duty, Event, Role, User
from reform.models.organization import within
from reform.models.scope import Reach

ACT = "pb.hand_over"
JOIN = "、"


class Kind(models.TextChoices):
    RESPONSIBLE = "responsible", "责任人"
    LEADER = "leader", "责任领导"
    MEASURE = "measure", "未完成的措施"
    DRAFT = "draft", "草稿"
    APPOINTMENT = "appointment", "指派的审核"
    UPLOAD = "upload", "未保存的导入"


@dataclass(frozen=True)
class Item:
    """One thing in somebody's hands; `problem` is the row it hangs on, if it hangs on one."""

    kind: Kind
    row: Any
    problem: Problem | None


@dataclass(frozen=True)
class Result:
    item: Item
    refused: str = ""


def may(actor: Actor) -> bool:
    """Whether the actor hands over anything anywhere: a secretary for his branch, an office."""
    return actor.holds(*policy.scopes(ACT))


def in_hand(person: User, kind: Kind, *, on: date) -> models.QuerySet[Any]:
    """Return all of one kind that is open in the person's hands, wherever it lies."""
    open_rows = Problem.objects.filter(is_open=True).exclude(owner_kind="personal")
    named = ProblemPerson.objects.filter(user=person, problem__in=open_rows)
    rows: dict[Kind, Callable[[], models.QuerySet[Any]]] = {
        Kind.RESPONSIBLE: lambda: named.filter(part="responsible"),
        Kind.LEADER: lambda: named.filter(part="leader"),
        Kind.MEASURE: lambda: _measures(person, open_rows),
        Kind.DRAFT: lambda: Problem.objects.filter(status="draft", drafted_by=person).exclude(
            owner_kind="personal"
        ),
        Kind.APPOINTMENT: lambda: Appointment.objects.filter(
            user=person, step__state="open", until__gte=on
        ).exclude(step__application__problem__owner_kind="personal"),
        Kind.UPLOAD: lambda: Upload.objects.filter(by=person, state="read"),
    }
    return rows[kind]()


def _measures(person: User, rows: models.QuerySet[Problem]) -> models.QuerySet[Measure]:
    """Measures name a person in writing, so only rows where he is known are meant."""
    places = Duty.objects.filter(user=person, role=Role.MEMBER).select_related("organization")
    paths = {path for duty in places for path in duty.organization.lineage}
    named = Measure.objects.filter(done_on=None, person_name__contains=person.name)
    return named.filter(problem__in=rows.filter(path__in=paths))


PATHS = {
    Kind.DRAFT: "organization__sequence",
    Kind.UPLOAD: "organization__sequence",
    Kind.APPOINTMENT: "step__application__problem__path",
}
ROWS: dict[Kind, tuple[str, ...]] = {
    Kind.DRAFT: ("organization",),
    Kind.UPLOAD: ("organization", "attachment"),
    Kind.APPOINTMENT: ("step__application__problem__organization",),
}


def listed(person: User, *, by: Actor) -> dict[Kind, list[Item]]:
    """Return what the actor may hand over, by kind; what he may not read is not there."""
    reach = Reach.of(by, policy.scopes(ACT))
    return {
        kind: [_item(kind, row) for row in _within(person, kind, reach, by.on)] for kind in Kind
    }


def _within(person: User, kind: Kind, reach: Reach, on: date) -> models.QuerySet[Any]:
    rows = in_hand(person, kind, on=on).select_related(*ROWS.get(kind, ("problem__organization",)))
    if reach.whole:
        return rows.order_by("pk")
    path = PATHS.get(kind, "problem__path")
    own = Q((f"{path}__in", sorted(reach.paths)))
    for top in sorted(reach.tops):
        own |= within(top, path)
    return rows.filter(own).order_by("pk")


def _item(kind: Kind, row: Any) -> Item:
    if kind == Kind.UPLOAD:
        return Item(kind, row, None)
    if kind == Kind.APPOINTMENT:
        return Item(kind, row, row.step.application.problem)
    return Item(kind, row, row if kind == Kind.DRAFT else row.problem)


def counted(person: User, *, on: date) -> list[tuple[str, int]]:
    """Return how much is open, in figures: all an administrator may know."""
    found = [(kind.label, in_hand(person, kind, on=on).count()) for kind in Kind]
    return [(words, number) for words, number in found if number]


def personal(person: User) -> int:
    """Return how many rows are the person's own (个人): they stay his."""
    return (
        Problem.objects.filter(is_open=True, owner_kind="personal", people__user=person)
        .distinct()
        .count()
    )


def delegated(person: User, *, by: Actor) -> list[Delegation]:
    """Return the delegations that end with the account."""
    running = Delegation.objects.concerning(person).filter(ended_on=None, until__gte=by.on)
    return list(running.select_related("duty__user", "duty__organization", "delegate"))


# ---------------------------------------------------------------- the act


def hand_over(
    person: User, *, kinds: Sequence[str], successor: User, by: Actor, at: datetime
) -> list[Result]:
    """Give what is open in the person's hands to a successor; one refusal stops no other row."""
    _check(person, successor)
    items = listed(person, by=by)
    results = [
        _tried(item, person, successor, by=by, at=at)
        for kind in Kind
        if kind in kinds
        for item in items[kind]
    ]
    if done := sum(not result.refused for result in results):
        words = f"{person}有{done}件在办事项移交给您，请在工作台和台账中查看"
        key = f"handover:{person.pk}:{successor.pk}:{at:%Y%m%d%H%M%S%f}"
        told = [successor]
        notices.post(told, subject=words, key=key, event=Event.PROBLEM, at=at, by=by, url="/")
    return results


def _check(person: User, successor: User) -> None:
    if successor.person_id == person.person_id:
        raise Refused("不能移交给本人。")
    if not successor.is_active:
        raise Refused(f"“{successor}”已停用，请另选接手人。")


def _tried(item: Item, person: User, successor: User, *, by: Actor, at: datetime) -> Result:
    try:
        _hand(item, person, successor, by=by, at=at)
    except Refused as refusal:
        return Result(item, str(refusal))
    return Result(item)


@transaction.atomic
def _hand(item: Item, person: User, successor: User, *, by: Actor, at: datetime) -> None:
    """Lock, ask policy, check, change, record."""
    if item.kind == Kind.UPLOAD:
        target: Any = Upload.objects.select_for_update().get(pk=item.row.pk)
        policy.require_here(by, "pb.import", target.organization)
        _require_here(successor, "pb.import", target, by=by)
        target.by = successor
        target.save(update_fields=["by"])
    else:
        assert item.problem is not None  # noqa: S101 -- all but uploads hang on a row
        target = item.problem.locked()
        policy.require(by, ACT, target)
        GIVERS[item.kind](target, item.row, person, successor, by)
    say = f"{item.kind.label}，由{person}移交{successor}"
    trail.record(Act.HANDED_OVER, target, by=by, at=at, say=say, kind=item.kind, former=person.pk)


def _name(problem: Problem, row: ProblemPerson, person: User, successor: User, by: Actor) -> None:
    row = _still(ProblemPerson.objects.filter(user=person), row)
    leads = row.part == ProblemPerson.Part.LEADER
    _require_place(problem, successor, leads=leads, by=by)
    _refuse_reviewer(problem, successor)
    if problem.people.filter(part=row.part, name=successor.name).exclude(pk=row.pk).exists():
        row.delete()  # he answers for it already
    else:
        row.user, row.name = successor, successor.name
        row.save(update_fields=["user", "name"])
    _touch(problem)
    problem_words.keep([problem])


def _rename(problem: Problem, row: Measure, person: User, successor: User, by: Actor) -> None:
    row = _still(problem.measures.filter(done_on=None), row)
    names = row.person_name.split(JOIN)
    if person.name not in names:
        raise Refused("这项措施写的不是这个人，请在问题页修改。")
    _require_place(problem, successor, leads=False, by=by)
    _refuse_reviewer(problem, successor)
    changed = [successor.name if name == person.name else name for name in names]
    row.person_name = JOIN.join(dict.fromkeys(changed))[:80]
    row.save(update_fields=["person_name"])
    _touch(problem)


def _redraft(problem: Problem, _row: Problem, person: User, successor: User, by: Actor) -> None:
    if problem.drafted_by_id != person.pk or problem.status != Problem.Status.DRAFT:
        raise Refused("这条草稿已有变动，请刷新后再移交。")
    _require_here(successor, "pb.create", problem, by=by)
    problem.drafted_by = successor
    _touch(problem, "drafted_by")


def _reappoint(
    problem: Problem, row: Appointment, person: User, successor: User, by: Actor
) -> None:
    """Whoever may appoint may put another in the place; never the unit that is reviewed."""
    policy.require(by, "pb.appoint", problem)
    row = _still(Appointment.objects.filter(user=person, step__state="open"), row)
    step = row.step
    if why := policy.barred(successor, step, step.application, kind=step.kind, on=by.on):
        raise Refused(why)
    roles = lines.roles(problem, step.kind)
    if not successor.duties.in_force(by.on).filter(role__in=roles).exists():
        raise Refused(f"{successor}没有办理“{step.get_kind_display()}”所需的职责。")
    facts = {"until": row.until, "appointed_by": by.user, "at": row.at}
    Appointment.objects.get_or_create(step=step, user=successor, defaults=facts)
    row.until = by.on - timedelta(days=1)
    row.save(update_fields=["until"])


GIVERS: dict[Kind, Callable[[Problem, Any, User, User, Actor], None]] = {
    Kind.RESPONSIBLE: _name,
    Kind.LEADER: _name,
    Kind.MEASURE: _rename,
    Kind.DRAFT: _redraft,
    Kind.APPOINTMENT: _reappoint,
}


def _still(rows: models.QuerySet[Any], row: Any) -> Any:
    found = rows.filter(pk=row.pk).first()
    if found is None:
        raise Refused("这一项已有变动，请刷新后再移交。")
    return found


def _require_place(problem: Problem, successor: User, *, leads: bool, by: Actor) -> None:
    """As when names are typed: members here answer for it, leaders serve here or above."""
    held = Duty.objects.in_force(by.on).filter(user=successor)
    inside = within(problem.path, "organization__path")
    above = Q(organization__path__in=problem.organization.lineage)
    fits = held.filter(inside | above) if leads else held.filter(inside, role=Role.MEMBER)
    if not fits.exists():
        where = "本单位或上级任职" if leads else "责任单位的成员"
        raise Refused(f"{successor}不是{problem.organization}{where}，不能接手。")


def _refuse_reviewer(problem: Problem, successor: User) -> None:
    """Who has signed in the attempt under way, or in whose place somebody did, does not become
    responsible behind it (SOD-02, SOD-14)."""
    under_way = problem.applications.filter(outcome="")
    signed = under_way.values_list("reviews__reviewer", "reviews__behalf")
    signers = User.objects.filter(pk__in={pk for pair in signed for pk in pair if pk})
    if successor.person_id in {user.person_id for user in signers}:
        raise Refused(f"{successor}已审过这条问题本次的销号申请，不能接任责任人。")


def _require_here(successor: User, act: str, row: Problem | Upload, *, by: Actor) -> None:
    if not successor.has_account:
        raise Refused(f"“{successor}”没有账号，不能登录，接不了草稿和导入，请另选接手人。")
    if not policy.may_here(Actor.of(successor, on=by.on), act, row.organization):
        word = policy.TABLE[act][0]
        raise Refused(f"{successor}没有为{row.organization}{word}的职责，不能接手。")


def _touch(problem: Problem, *fields: str) -> None:
    problem.version += 1
    problem.save(update_fields=["version", *fields])
