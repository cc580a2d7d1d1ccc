"""Pausing the clock's reminders (暂停催办) about a row or an organization: esc.mute."""

from datetime import date, datetime, timedelta

from django.db import models, transaction

from rectification import policy
from rectification.models import Act, Problem, ReminderPause
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Organization
from reform.workdays import long

MOST = timedelta(days=92)  # a quarter: whoever needs longer changes the deadline


@transaction.atomic
def pause(problem: Problem, *, until: date, reason: str, by: Actor, at: datetime) -> ReminderPause:
    """Keep silent about one row up to a day, that day included; a later pause replaces it."""
    problem = problem.locked()
    policy.require(by, "esc.mute", problem)
    if problem.status not in {"assigned", "rectifying"}:
        raise Refused("只有待签收和整改中的问题才会催办，无需暂停。")
    _check(until, reason, on=by.on)
    running = ReminderPause.objects.in_force(by.on).filter(problem=problem)
    return _keep(running, until, reason, by=by, at=at, problem=problem)


@transaction.atomic
def pause_place(
    place: Organization, *, until: date, reason: str, by: Actor, at: datetime
) -> ReminderPause:
    """Keep silent about all rows of an organization and below it."""
    place = Organization.objects.select_for_update().get(pk=place.pk)
    policy.require_here(by, "esc.mute", place)
    _check(until, reason, on=by.on)
    running = ReminderPause.objects.in_force(by.on).filter(organization=place)
    return _keep(running, until, reason, by=by, at=at, organization=place)


def _check(until: date, reason: str, *, on: date) -> None:
    if not reason:
        raise Refused("请填写暂停催办的理由。")
    if until < on:
        raise Refused("暂停的截止日期不能早于今天。")
    if until > on + MOST:
        raise Refused(f"一次最多暂停{MOST.days}天，最晚到{long(on + MOST)}。")


def _keep(
    running: "models.QuerySet[ReminderPause]",
    until: date,
    reason: str,
    *,
    by: Actor,
    at: datetime,
    **of: Problem | Organization,
) -> ReminderPause:
    running.update(ended_on=by.on)
    kept = ReminderPause.objects.create(
        since=by.on, until=until, reason=reason, by=by.user, at=at, **of
    )
    (target,) = of.values()
    say = f"{target}，暂停到{long(until)}"
    trail.record(Act.PAUSED, target, by=by, at=at, say=say, quote=reason, until=str(until))
    return kept


@transaction.atomic
def resume(row: ReminderPause, *, by: Actor, at: datetime) -> None:
    """End a pause before its day. What is still owed is told from the next tick on."""
    row = ReminderPause.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.problem:
        policy.require(by, "esc.mute", row.problem)
    elif row.organization:
        policy.require_here(by, "esc.mute", row.organization)
    if row.until < by.on or row.ended_on is not None:
        raise Refused("暂停已经结束，无需恢复。")
    row.ended_on = by.on
    row.save(update_fields=["ended_on"])
    target = row.problem or row.organization
    assert target is not None  # noqa: S101 -- one of the two, by constraint
    trail.record(Act.PAUSE_ENDED, target, by=by, at=at, say=str(target))
