"""Assignments (任务分解表): entered, changed, reported on; and the clauses they come from."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from campaigns import policy
from campaigns.actions import due_notices
from campaigns.models import Act, Assignment, AssignmentEntry, Campaign, Clause
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor, Organization, User

Status = Assignment.Status
COLUMNS = (
    *("task", "content", "is_prescribed", "clause", "stage", "leader", "leader_name"),
    *("organization", "cooperating_text", "person", "person_name", "due_text", "due_on", "remark"),
)
MOST = 5_000  # tasks of one campaign
MOST_CLAUSES = 2_000
PLAN = "活动方案"  # what the clauses of a campaign's own plan are quoted as
LATE = "这项任务在您打开页面之后有人改过，请核对后再提交。"


@transaction.atomic
def set_up(
    campaign: Campaign, planned: Iterable[Mapping[str, Any]], *, by: Actor, at: datetime
) -> list[Assignment]:
    """Make the assignments of a plan when its campaign is published; asks nobody, who publishes
    has. Each of `planned` is {clause, content, prescribed}; all are the leading organization's
    until somebody hands them on. Where there are assignments already, nothing is added."""
    campaign = campaign.locked()
    if known := list(campaign.assignments.all()):
        return known
    rows = list(planned)
    names = dict.fromkeys(row["clause"] for row in rows if row.get("clause"))
    made_of = {
        name: Clause(
            campaign=campaign, source=PLAN, position=place, number=name[:20], text=name[:1000]
        )
        for place, name in enumerate(names, start=1)
    }
    Clause.objects.bulk_create(made_of.values())
    Assignment.objects.bulk_create(
        Assignment(
            campaign=campaign,
            position=place,
            clause=made_of.get(row.get("clause", "")),
            task=row["content"][:500],
            is_prescribed=row.get("prescribed", True),
            organization=campaign.organization,
        )
        for place, row in enumerate(rows, start=1)
    )
    if rows:
        say = f"{campaign}，按方案分解{len(rows)}项"
        trail.record(Act.ASSIGNMENTS_IMPORTED, campaign, by=by, at=at, say=say, count=len(rows))
    return list(campaign.assignments.all())


@transaction.atomic
def add(
    campaign: Campaign,
    *,
    facts: Mapping[str, Any],
    cooperating: Sequence[Organization] = (),
    by: Actor,
    at: datetime,
) -> Assignment:
    """Enter one assignment; `facts` are COLUMNS.

    Raises Forbidden for a lead organization outside the actor's part of the tree, Refused for one
    that is retired or does not take part.
    """
    campaign = locked_open(campaign)
    policy.require_here(by, "as.edit", facts["organization"])
    row = made(campaign, facts, position=next_position(campaign))
    check_places([row.organization, *cooperating], campaign, on=by.on)
    require_room(campaign, 1)
    row.save()
    row.cooperating.set(cooperating)
    say = f"{row} → {row.organization}"
    trail.record(Act.ASSIGNMENT_ADDED, row, by=by, at=at, say=say, quote=row.task)
    return row


def made(campaign: Campaign, facts: Mapping[str, Any], *, position: int) -> Assignment:
    """Return an assignment that is not saved yet, sound in itself."""
    row = Assignment(campaign=campaign, position=position)
    _put(row, facts)
    _check(row)
    return row


def _put(row: Assignment, facts: Mapping[str, Any]) -> None:
    """People are kept by name, too: the table prints what was written."""
    for name in COLUMNS:
        if name in facts:
            setattr(row, name, facts[name])
    for part in ("leader", "person"):
        user: User | None = getattr(row, part)
        if user is not None and not getattr(row, f"{part}_name"):
            setattr(row, f"{part}_name", user.name)


def _check(row: Assignment) -> None:
    if not row.task:
        raise Refused("请填写工作任务。")
    if row.stage is not None and row.stage.campaign_id != row.campaign_id:
        raise Refused(f"“{row.stage}”不是这项活动的阶段，请重新选择。")
    if row.clause is not None and row.clause.campaign_id != row.campaign_id:
        raise Refused("所选条款不是这项活动的方案条款，请重新选择。")
    if row.due_on and row.due_on < row.campaign.starts_on:
        raise Refused("完成时限早于活动开始日期，请改正。")


def check_places(places: Sequence[Organization], campaign: Campaign, *, on: date) -> None:
    for place in places:
        if place.is_retired(on):
            raise Refused(f"“{place}”已撤销，不能承担任务。")
        if not campaign.includes(place):
            raise Refused(f"“{place}”没有参加“{campaign}”，不能承担任务。")


def locked_open(campaign: Campaign) -> Campaign:
    campaign = campaign.locked()
    if not campaign.is_open:
        raise Refused("活动不在进行中，不能编制任务分解。")
    return campaign


def next_position(campaign: Campaign) -> int:
    return (campaign.assignments.aggregate(last=Max("position"))["last"] or 0) + 1


def require_room(campaign: Campaign, more: int) -> None:
    if campaign.assignments.count() + more > MOST:
        raise Refused(f"一项活动最多{MOST}项任务。")


@transaction.atomic
def change(
    assignment: Assignment,
    *,
    version: int,
    facts: Mapping[str, Any],
    cooperating: Sequence[Organization],
    by: Actor,
    at: datetime,
) -> Assignment:
    """Change an assignment. Raises Stale when it is no longer the one shown."""
    campaign = locked_open(assignment.campaign)
    row = assignment.locked()
    policy.require_here(by, "as.edit", row.organization)
    was = list(row.cooperating.all())
    if version != row.version:
        now = {name: getattr(row, name) for name in COLUMNS}
        now |= {"cooperating": was, "due": row.due_text}
        raise Stale(LATE, now, row.version)
    lead = facts.get("organization", row.organization)
    if lead != row.organization:
        policy.require_here(by, "as.edit", lead)
    before = {name: getattr(row, name) for name in COLUMNS}
    _put(row, facts)
    _check(row)
    changed = [name for name in COLUMNS if getattr(row, name) != before[name]]
    if not changed and {place.pk for place in was} == {place.pk for place in cooperating}:
        raise Refused("没有改动，无需保存。")
    known = {place.pk for place in was} | {before["organization"].pk}
    news = [place for place in (row.organization, *cooperating) if place.pk not in known]
    check_places(news, campaign, on=by.on)
    row.version += 1
    row.save(update_fields=[*changed, "version"])
    row.cooperating.set(cooperating)
    if "due_on" in changed:
        due_notices.settle(row, at=at)
    trail.record(Act.ASSIGNMENT_CHANGED, row, by=by, at=at, quote=row.task)
    return row


@transaction.atomic
def drop(assignment: Assignment, *, by: Actor, at: datetime) -> None:
    """Take away an assignment that was entered by mistake, as long as nobody reported on it."""
    locked_open(assignment.campaign)
    row = assignment.locked()
    policy.require_here(by, "as.edit", row.organization)
    if row.entries.exists():
        raise Refused("这项任务已有进展记录，不能删除。")
    trail.record(Act.ASSIGNMENT_DROPPED, row, by=by, at=at, quote=row.task)
    due_notices.settle(row, at=at)
    row.delete()


@transaction.atomic
def progress(
    assignment: Assignment,
    *,
    text: str,
    status: str,
    on: date,
    by: Actor,
    at: datetime,
) -> AssignmentEntry:
    """Add a line on what was done, and how far it is now; done may become under way again."""
    campaign = assignment.campaign.locked()
    row = assignment.locked()
    policy.require_progress(by, row)
    if not campaign.is_open:
        raise Refused("活动不在进行中，不能填报任务进展。")
    if on > by.on:
        raise Refused("进展日期不能晚于今天。")
    if on < campaign.starts_on:
        raise Refused("进展日期早于活动开始日期，请改正。")
    becomes = Status(status)
    if becomes == Status.NOT_STARTED:
        raise Refused("填报了进展的任务，状态请选“推进中”或“已完成”。")
    if becomes != row.status:
        row.move(becomes)
    row.done_on = (row.done_on or on) if becomes == Status.DONE else None
    row.version += 1
    row.save(update_fields=["status", "done_on", "version"])
    if becomes == Status.DONE:
        due_notices.settle(row, at=at)
    entry = AssignmentEntry.objects.create(
        assignment=row, on=on, text=text, status=becomes, by=by.user, by_name=by.user.name, at=at
    )
    say = f"{row}，{becomes.label}"
    trail.record(Act.ASSIGNMENT_PROGRESSED, row, by=by, at=at, say=say, quote=text)
    return entry


# ---------------------------------------------------------------- clauses


@transaction.atomic
def enter_clauses(
    campaign: Campaign, *, source: str, lines: Sequence[tuple[str, str]], by: Actor, at: datetime
) -> list[Clause]:
    """Enter clauses of a plan, (number, text) each, behind those that are there; a clause of this
    source and text that is there already is left out."""
    campaign = campaign.locked()
    policy.require_here(by, "as.edit", campaign.organization)
    if campaign.status == Campaign.Status.CLOSED:
        raise Refused("活动已经结束，不能再登记条款。")
    known = {(row.source, row.text) for row in campaign.clauses.all()}
    new = [line for line in dict.fromkeys(lines) if (source, line[1]) not in known]
    if not new:
        raise Refused("这些条款都已登记，没有新内容。")
    if len(known) + len(new) > MOST_CLAUSES:
        raise Refused(f"一项活动最多登记{MOST_CLAUSES}条。")
    last = campaign.clauses.aggregate(last=Max("position"))["last"] or 0
    rows = Clause.objects.bulk_create(
        Clause(campaign=campaign, source=source, position=place, number=number, text=text)
        for place, (number, text) in enumerate(new, start=last + 1)
    )
    say = f"{campaign}，登记{len(rows)}条"
    trail.record(Act.CLAUSES_ENTERED, campaign, by=by, at=at, say=say, count=len(rows))
    return rows


@transaction.atomic
def drop_clause(clause: Clause, *, by: Actor, at: datetime) -> None:
    campaign = clause.campaign.locked()
    policy.require_here(by, "as.edit", campaign.organization)
    if clause.assignments.exists():
        raise Refused("这一条已分解出任务，不能删除。")
    say = f"{campaign}，{clause}"
    trail.record(Act.CLAUSE_DROPPED, clause, by=by, at=at, say=say, quote=clause.text)
    clause.delete()
