"""Measures (整改措施), progress (进展) and evidence (佐证材料) of a problem being rectified."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from rectification import policy
from rectification.models import Act, Evidence, Measure, Problem, Progress, ProgressEntry
from reform.actions import attachments, trail
from reform.errors import Forbidden, Refused, Stale
from reform.models import Actor, Attachment, User

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


def _opened(problem: Problem, act: str, states: set[Any], *, by: Actor) -> Problem:
    problem = problem.locked()
    policy.require(by, act, problem)
    if problem.status not in states:
        word = policy.TABLE[act][0]
        raise Refused(f"“{problem}”目前为{problem.get_status_display()}，不能{word}。")
    return problem


def _still(rows: Any, row: Any) -> Any:
    """Return the row as it is under the lock of its problem, if it is still there."""
    found = rows.filter(pk=row.pk).first()
    if found is None:
        raise Refused(f"“{row}”已被删除，请刷新页面查看最新情况。")
    return found


def _planning_act(problem: Problem) -> str:
    return "pb.edit_draft" if problem.status == Status.DRAFT else "pb.plan"


def _touch(problem: Problem, *fields: str) -> None:
    problem.version += 1
    problem.save(update_fields=["version", *fields])


@transaction.atomic
def plan(
    problem: Problem, *, facts: Mapping[str, Any], behalf: str = "", by: Actor, at: datetime
) -> Measure:
    """Add a measure: `facts` holds text, kind, person_name and due_on."""
    problem = _opened(problem, _planning_act(problem), PLANNING, by=by)
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
    _touch(problem)
    trail.record(Act.MEASURE_PLANNED, problem, by=by, at=at, behalf=author_name, text=measure.text)
    return measure


@transaction.atomic
def change(
    measure: Measure, *, version: int, facts: Mapping[str, Any], by: Actor, at: datetime
) -> Measure:
    """Change a measure that is not done yet."""
    problem = _opened(measure.problem, _planning_act(measure.problem), PLANNING, by=by)
    measure = _still(problem.measures, measure)
    if measure.done_on:
        raise Refused("已完成的措施不能再修改。")
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
    _touch(problem)
    trail.record(Act.MEASURE_CHANGED, problem, by=by, at=at, was=was, becomes=measure.text)
    return measure


@transaction.atomic
def drop(measure: Measure, *, by: Actor, at: datetime) -> None:
    """Take away a measure before the row is issued; afterwards measures stay."""
    problem = _opened(
        measure.problem, _planning_act(measure.problem), {Status.DRAFT, Status.REGISTERED}, by=by
    )
    measure = _still(problem.measures, measure)
    trail.record(Act.MEASURE_DROPPED, problem, by=by, at=at, text=measure.text)
    measure.delete()
    _touch(problem)


@transaction.atomic
def finish(
    measure: Measure, *, done_on: date, note: str, behalf: str = "", by: Actor, at: datetime
) -> Measure:
    """Say that a measure is done, on which day and how."""
    problem = _opened(measure.problem, "pb.progress", {Status.RECTIFYING}, by=by)
    measure = _still(problem.measures, measure)
    if measure.done_on:
        raise Refused("这项措施已经完成，无需重复填报。")
    if done_on > by.on:
        raise Refused(f"完成日期{done_on:%Y-%m-%d}晚于今天，请填写实际完成的日期。")
    measure.done_on, measure.done_note = done_on, note
    measure.save(update_fields=["done_on", "done_note"])
    text = f"完成措施：{measure.text}" + (f"（{note}）" if note else "")
    _report(problem, text=text, on=done_on, measure=measure, behalf=behalf, by=by, at=at)
    trail.record(Act.MEASURE_FINISHED, problem, by=by, at=at, behalf=behalf, text=measure.text)
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
    problem = _opened(problem, "pb.progress", {Status.RECTIFYING}, by=by)
    if on > by.on:
        raise Refused(f"进展日期{on:%Y-%m-%d}晚于今天，请填写实际日期。")
    if effect:
        problem.effect_achieved = effect
    entry = _report(problem, text=text, on=on, progress=progress, behalf=behalf, by=by, at=at)
    trail.record(Act.PROGRESS_ADDED, problem, by=by, at=at, behalf=behalf, text=text)
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
    _touch(problem, "progress", "effect_achieved")
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


@transaction.atomic
def prove(
    problem: Problem,
    *,
    facts: Mapping[str, Any],
    attachment: Attachment | None = None,
    behalf: str = "",
    by: Actor,
    at: datetime,
) -> Evidence:
    """Add evidence: a file already kept, a paper kept elsewhere, or a note.

    `facts` holds kind, title, text, number, place, keeper and measure.
    """
    problem = _opened(problem, "ev.upload", {Status.RECTIFYING}, by=by)
    supplier, supplier_name = named(problem, behalf, by=by)
    if facts.get("measure") and facts["measure"].problem_id != problem.pk:
        raise Refused("所选措施不属于这条问题，请重新选择。")
    evidence = Evidence.objects.create(
        problem=problem,
        attachment=attachment,
        supplier=supplier,
        supplier_name=supplier_name,
        entered_by=by.user,
        entered_at=at,
        **facts,
    )
    _touch(problem)
    trail.record(
        Act.EVIDENCE_ADDED, problem, by=by, at=at, behalf=supplier_name, title=evidence.title
    )
    return evidence


@transaction.atomic
def prove_all(
    problem: Problem,
    *,
    facts: Mapping[str, Any],
    files: Sequence[Attachment],
    behalf: str = "",
    by: Actor,
    at: datetime,
) -> list[Evidence]:
    """Add a piece of evidence for each file, titled by its name where `facts` gives no title."""
    if not files:
        return [prove(problem, facts=facts, behalf=behalf, by=by, at=at)]
    return [
        prove(
            problem,
            facts={**facts, "title": facts["title"] or file.name},
            attachment=file,
            behalf=behalf,
            by=by,
            at=at,
        )
        for file in files
    ]


@transaction.atomic
def unprove(evidence: Evidence, *, by: Actor, at: datetime) -> None:
    """Take back one's own evidence before it went out with an application."""
    problem = evidence.problem.locked()
    if evidence.entered_by_id != by.user.pk:
        raise Forbidden("佐证材料只能由录入人本人删除。")
    policy.require(by, "ev.upload", problem)
    evidence = _still(problem.evidence, evidence)
    if evidence.submitted or problem.status != Status.RECTIFYING:
        raise Refused("这份佐证已随销号申请送审，不能删除或替换。")
    trail.record(Act.EVIDENCE_DROPPED, problem, by=by, at=at, title=evidence.title)
    attachment = evidence.attachment
    evidence.delete()
    if attachment and not attachment.evidence.exists():
        transaction.on_commit(lambda: attachments.drop(attachment))
    _touch(problem)


@transaction.atomic
def read(evidence: Evidence, *, by: Actor, at: datetime) -> Attachment:
    """Hand out the file of a piece of evidence; the download is in the trail."""
    policy.require(by, "ev.download", evidence.problem)
    if evidence.attachment is None:
        raise Refused("这份佐证没有电子文件，请按所列存放地点查阅。")
    trail.record(Act.EVIDENCE_READ, evidence.problem, by=by, at=at, title=evidence.title)
    return evidence.attachment
