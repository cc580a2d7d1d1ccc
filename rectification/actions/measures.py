"""Measures (整改措施) and progress (进展) of a problem being rectified."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from campaigns.models import Cause
from rectification import policy
from rectification.actions import reminders
from rectification.models import Act, Measure, Problem, Progress, ProgressEntry
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor, User

Status = Problem.Status
# Measures are planned from the draft on; done, reported and proved only while rectifying.
PLANNING = {Status.DRAFT, Status.REGISTERED, Status.ASSIGNED, Status.RECTIFYING}


def named(problem: Problem, name: str, *, by: Actor) -> tuple[User | None, str]:
    """Return the person in whose name something is entered: himself, or the one it is 代填 for.

    A name that answers for the problem means that account.
    """
    if not name or name == by.user.name:
        return by.user, by.user.name
    for person in problem.people.select_related("user"):
        if person.name == name:
            return person.user, name
    return None, name


def opened(problem: Problem, act: str, states: set[Any], *, by: Actor) -> Problem:
    problem = problem.locked()
    policy.require(by, act, problem)
    if problem.status not in states:
        word = policy.TABLE[act][0]
        raise Refused(f"“{problem}”目前为{problem.get_status_display()}，不能{word}。")
    return problem


def still(rows: Any, row: Any) -> Any:
    """Return the row as it is under the lock of its problem, if it is still there."""
    found = rows.filter(pk=row.pk).first()
    if found is None:
        raise Refused(f"“{row}”已被删除，请刷新页面查看最新情况。")
    return found


def _require_between(problem: Problem, label: str, day: date, *, on: date) -> None:
    """What is done about a problem is done after it was found and not later than today."""
    if day > on:
        raise Refused(f"{label}{day:%Y-%m-%d}晚于今天，请填写实际日期。")
    if problem.found_on and day < problem.found_on:
        raise Refused(
            f"{label}{day:%Y-%m-%d}早于发现日期{problem.found_on:%Y-%m-%d}，请核对；"
            "发现日期有误的，请先更正。"
        )


def _require_text(text: str) -> None:
    if not text:
        raise Refused("请写明整改措施。")


def _planning_act(problem: Problem) -> str:
    return "pb.edit_draft" if problem.status == Status.DRAFT else "pb.plan"


def touch(problem: Problem, *fields: str) -> None:
    problem.version += 1
    problem.save(update_fields=["version", *fields])


@transaction.atomic
def plan(
    problem: Problem, *, facts: Mapping[str, Any], behalf: str = "", by: Actor, at: datetime
) -> Measure:
    """Add a measure: `facts` holds text, kind, person_name and due_on."""
    problem = opened(problem, _planning_act(problem), PLANNING, by=by)
    _require_text(facts["text"])
    author, author_name = named(problem, behalf, by=by)
    last = problem.measures.aggregate(last=Max("position"))["last"] or 0
    measure = Measure.objects.create(
        problem=problem,
        position=last + 1,
        author=author,
        author_name=author_name,
        entered_by=by.user,
        **facts,
    )
    touch(problem)
    trail.record(
        *(Act.MEASURE_PLANNED, problem), by=by, at=at, behalf=author_name, quote=measure.text[:60]
    )
    return measure


@transaction.atomic
def change(
    measure: Measure, *, version: int, facts: Mapping[str, Any], by: Actor, at: datetime
) -> Measure:
    """Change a measure that is not done yet."""
    problem = opened(measure.problem, _planning_act(measure.problem), PLANNING, by=by)
    measure = still(problem.measures, measure)
    if measure.done_on:
        raise Refused("已完成的措施不能再修改。")
    _require_text(facts.get("text", measure.text))
    if version != problem.version:
        raise Stale(
            "您打开这一页之后，别人已修改了这条问题。您填写的内容没有丢失，请对照后再提交。",
            now={name: getattr(measure, name) for name in facts},
            version=problem.version,
        )
    was = measure.text
    for name, value in facts.items():
        setattr(measure, name, value)
    measure.save()
    touch(problem)
    trail.record(
        Act.MEASURE_CHANGED,
        problem,
        by=by,
        at=at,
        quote=measure.text[:60],
        was=was,
        becomes=measure.text,
    )
    return measure


@transaction.atomic
def drop(measure: Measure, *, by: Actor, at: datetime) -> None:
    """Take away a measure before the row is issued; afterwards measures stay."""
    problem = opened(
        measure.problem, _planning_act(measure.problem), {Status.DRAFT, Status.REGISTERED}, by=by
    )
    measure = still(problem.measures, measure)
    trail.record(Act.MEASURE_DROPPED, problem, by=by, at=at, quote=measure.text[:60])
    measure.delete()
    touch(problem)


@transaction.atomic
def finish(
    measure: Measure, *, done_on: date, note: str, behalf: str = "", by: Actor, at: datetime
) -> Measure:
    """Say that a measure is done, on which day and how."""
    problem = opened(measure.problem, "pb.progress", {Status.RECTIFYING}, by=by)
    measure = still(problem.measures, measure)
    if measure.done_on:
        raise Refused("这项措施已经完成，无需重复填报。")
    _require_between(problem, "完成日期", done_on, on=by.on)
    measure.done_on, measure.done_note = done_on, note
    measure.save(update_fields=["done_on", "done_note"])
    text = f"完成措施：{measure.text}" + (f"（{note}）" if note else "")
    _report(problem, text=text, on=done_on, measure=measure, behalf=behalf, by=by, at=at)
    trail.record(
        *(Act.MEASURE_FINISHED, problem), by=by, at=at, behalf=behalf, quote=measure.text[:60]
    )
    return measure


@transaction.atomic
def unfinish(measure: Measure, *, reason: str, by: Actor, at: datetime) -> Measure:
    """Take back that a measure is done (撤回完成): said by mistake, or on a wrong day.

    What was reported stays in the progress; the reason stands beside it.
    """
    problem = opened(measure.problem, "pb.progress", {Status.RECTIFYING}, by=by)
    measure = still(problem.measures, measure)
    if measure.done_on is None:
        raise Refused("这项措施还没有填报完成，无需撤回。")
    was = measure.done_on
    measure.done_on, measure.done_note = None, ""
    measure.save(update_fields=["done_on", "done_note"])
    text = f"撤回{was:%Y-%m-%d}填报的完成：{measure.text}（{reason}）"
    _report(problem, text=text, on=by.on, measure=measure, behalf="", by=by, at=at)
    trail.record(
        *(Act.MEASURE_REOPENED, problem), by=by, at=at, quote=f"{measure.text[:60]}（{reason}）"
    )
    return measure


@transaction.atomic
def report(
    problem: Problem,
    *,
    text: str,
    progress: str,
    on: date,
    effect: str = "",
    behalf: str = "",
    by: Actor,
    at: datetime,
) -> ProgressEntry:
    """填报进展: what was done, where the row now stands, and the effect when there is one."""
    problem = opened(problem, "pb.progress", {Status.RECTIFYING}, by=by)
    _require_between(problem, "进展日期", on, on=by.on)
    kept: dict[str, Any] = {}
    if effect and effect != problem.effect_achieved:
        kept = {"effect": [problem.effect_achieved, effect]}  # nobody's words are lost by another's
        problem.effect_achieved = effect
    entry = _report(problem, text=text, on=on, progress=progress, behalf=behalf, by=by, at=at)
    words = text[:60]
    trail.record(Act.PROGRESS_ADDED, problem, by=by, at=at, behalf=behalf, quote=words, **kept)
    return entry


def _report(
    problem: Problem,
    *,
    text: str,
    on: date,
    progress: str = "",
    measure: Measure | None = None,
    behalf: str,
    by: Actor,
    at: datetime,
) -> ProgressEntry:
    person, person_name = named(problem, behalf, by=by)
    problem.progress = progress or problem.progress
    if problem.progress in {"", Progress.NOT_STARTED}:
        problem.progress = Progress.UNDER_WAY
    touch(problem, "progress", "effect_achieved")
    reminders.answered(problem, Cause.NO_PROGRESS, at=at)
    return ProgressEntry.objects.create(
        problem=problem,
        measure=measure,
        text=text,
        progress=problem.progress,
        on=on,
        at=at,
        person=person,
        person_name=person_name,
        entered_by=by.user,
    )
