"""Filling in a risk sweep for one's organization (填写风险排查表): begun, object by object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns import policy
from campaigns.actions.weekly_plans import taking_part
from campaigns.models import (
    Act,
    Condition,
    Stage,
    Sweep,
    SweepObject,
    sweep_sheet,
)
from campaigns.models.sweep_roll import Sought, obliged
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor, Duty, Organization, User
from reform.text import fold

Status = Sweep.Status
Lines = dict[str, dict[str, Any]]


@dataclass
class Entry:
    """One object with its answers, as it comes from a table."""

    kind: str
    name: str
    lines: Lines = field(default_factory=dict)


# ---------------------------------------------------------------- begun


@transaction.atomic
def begin(sought: Sought, *, organization: Organization, by: Actor, at: datetime) -> Sweep:
    """Begin the sheet of an organization; where one is begun already, that is it.

    Raises Refused when the campaign is over, the list is empty, or the organization is not asked.
    """
    policy.require_here(by, "sw.prepare", organization)
    if known := sought.sheets().filter(organization=organization).first():
        return known
    row = Sweep(
        campaign=sought.campaign,
        checklist=sought.checklist,
        request=sought.request,
        organization=organization,
        begun_by=by.user,
        begun_at=at,
        saved_at=at,
    )
    require_open(row)
    places = taking_part(sought.campaign, on=by.on)
    if not obliged(sought, places, on=by.on).filter(pk=organization.pk).exists():
        raise Refused(f"“{organization}”不在“{sought.title}”的排查单位中，如有疑问请联系活动办。")
    if not sweep_sheet.asks(row):
        raise Refused(f"“{sought.title}”还没有条目，请等活动办填写后再开始。")
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # two at once
        return sought.sheets().get(organization=organization)
    trail.record(Act.SWEEP_BEGUN, row, by=by, at=at)
    return row


def require_open(row: Sweep, *, again: bool = False) -> None:
    """Raise Refused once the campaign is over, or the stages that wait for sweeps are; what was
    returned may still be sent `again`, and what an office asks for goes by its own day."""
    campaign = row.campaign
    if not campaign.is_open:
        state = campaign.get_status_display()
        raise Refused(f"“{campaign}”{state}，现在不能填写或报送风险排查表。")
    if again or row.request:
        return
    waiting = [stage for stage in campaign.stages.all() if Condition.SWEEPS in stage.conditions]
    if waiting and all(one.status == Stage.Status.CLOSED for one in waiting):
        raise Refused(
            f"“{waiting[-1]}”阶段已经结束，不能再填写或报送风险排查表；需要补报的，请联系活动办。"
        )


# ---------------------------------------------------------------- its objects


def _to_fill(sweep: Sweep, *, by: Actor) -> Sweep:
    row = sweep.locked()
    policy.require_here(by, "sw.prepare", row.organization)
    if not row.is_writable:
        state = row.get_status_display()
        raise Refused(f"这份风险排查表{state}，不能再改；需要改的，请审阅单位退回。")
    return row


@transaction.atomic
def add_object(
    sweep: Sweep, *, kind: str, name: str, lines: Lines, by: Actor, at: datetime
) -> SweepObject:
    """Add an object with its answers, complete or not."""
    row = _to_fill(sweep, by=by)
    _require_room(row, 1)
    _check_name(row, kind, name)
    made = SweepObject.objects.create(
        sweep=row, kind=kind, name=name, lines=lines, saved_by=by.user, saved_at=at
    )
    _saved(row, "增加1个排查对象", by=by, at=at)
    return made


@transaction.atomic
def change_object(
    one: SweepObject,
    *,
    version: int,
    kind: str,
    name: str,
    lines: Lines,
    by: Actor,
    at: datetime,
) -> SweepObject:
    """Write an object anew; the same again changes nothing.

    Raises Stale, with what stands there now, when somebody has saved it meanwhile.
    """
    row = _to_fill(one.sweep, by=by)
    found = _found(one)
    if (found.kind, found.name, found.lines) == (kind, name, lines):
        return found
    if found.version != version:
        raise Stale(
            f"“{found.name}”在别处（另一个页面或另一个人）改过了，两份都在下面。",
            now={"kind": found.kind, "name": found.name, "lines": found.lines},
            version=found.version,
        )
    _check_name(row, kind, name, but=found)
    found.kind, found.name, found.lines = kind, name, lines
    found.saved_by, found.saved_at = by.user, at
    found.version += 1
    found.save()
    _saved(row, "修改1个排查对象", by=by, at=at)
    return found


@transaction.atomic
def drop_object(one: SweepObject, *, version: int, by: Actor, at: datetime) -> Sweep:
    row = _to_fill(one.sweep, by=by)
    found = _found(one)
    if found.version != version:
        raise Refused(f"“{found.name}”刚刚改过，请看一遍再删除。")
    found.delete()
    _saved(row, "删除1个排查对象", by=by, at=at)
    return row


def _found(one: SweepObject) -> SweepObject:
    row = SweepObject.objects.filter(pk=one.pk).first()
    if row is None:
        raise Refused(f"“{one.name}”已被删除，请复制您填写的内容后回到排查表重新新增。")
    return row


@transaction.atomic
def add_table(sweep: Sweep, entries: Sequence[Entry], *, by: Actor, at: datetime) -> int:
    """Put the rows of a table into the sheet, all of them or none; return how many answers are
    new. An answer that stands there already is not written over: the same is left out, another is
    refused."""
    row = _to_fill(sweep, by=by)
    known = {(one.kind, one.name): one for one in row.swept.all()}
    fresh = [entry for entry in entries if (entry.kind, entry.name) not in known]
    _require_room(row, len(fresh))
    new = 0
    for entry in entries:
        one = known.get((entry.kind, entry.name))
        if one is None:
            _check_name(row, entry.kind, entry.name)
            one = SweepObject(sweep=row, kind=entry.kind, name=entry.name, lines={}, version=0)
        new += _merge(one, entry.lines, by=by, at=at)
    if new:
        _saved(row, f"由表格填入{new}行", by=by, at=at)
    return new


def _merge(one: SweepObject, lines: Mapping[str, Any], *, by: Actor, at: datetime) -> int:
    more = {key: line for key, line in lines.items() if key not in one.lines}
    if any(one.lines[key] != line for key, line in lines.items() if key not in more):
        raise Refused(
            f"排查表中已填过“{one.name}”，内容与这张表不同；请在页面上修改，或从表中删去。"
        )
    if more:
        one.lines = {**one.lines, **more}
        one.version += 1
        one.saved_by, one.saved_at = by.user, at
        one.save()
    return len(more)


def _require_room(row: Sweep, more: int) -> None:
    if row.swept.count() + more > sweep_sheet.MOST_OBJECTS:
        raise Refused(f"一份风险排查表最多{sweep_sheet.MOST_OBJECTS}个排查对象，请归并后再填。")


def _check_name(row: Sweep, kind: str, name: str, but: SweepObject | None = None) -> None:
    """An object is a post or a piece of work, not somebody: no personal surveillance data (C12)."""
    if why := why_not_named(row, name):
        raise Refused(why)
    others = row.swept.exclude(pk=but.pk) if but else row.swept.all()
    if others.filter(kind=kind, name=name).exists():
        raise Refused(f"排查表中已有“{name}”，请在那一行里修改。")


def why_not_named(row: Sweep, name: str) -> str:
    """Return why a name is none of an object, or nothing: somebody who serves there has it."""
    if fold(name) in names_at(row):
        return f"“{name}”是本单位人员姓名。排查对象写岗位、业务、环节，不写人名，不记录个人生活。"
    return ""


def names_at(row: Sweep) -> set[str]:
    users = Duty.objects.filter(organization=row.organization).order_by().values("user")
    return {fold(name) for name in User.objects.filter(pk__in=users).values_list("name", flat=True)}


def _saved(row: Sweep, what: str, *, by: Actor, at: datetime) -> None:
    row.version += 1
    row.saved_at = at
    row.save(update_fields=["version", "saved_at"])
    trail.record(Act.SWEEP_CHANGED, row, by=by, at=at, say=f"{row}，{what}")
