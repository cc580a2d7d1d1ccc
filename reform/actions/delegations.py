"""Delegations (请假委托): somebody on leave names who holds his duty meanwhile (SOD-14)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from reform import policy
from reform.actions import notices, trail, users
from reform.errors import Forbidden, Refused
from reform.models import (
    ADMINISTRATORS,
    Act,
    Actor,
    Delegation,
    Duty,
    Event,
    Organization,
    Role,
    User,
)
from reform.models.organization import within

LONGEST = 60  # days; a longer absence is a change of post, which the security administrator makes


def givable(actor: Actor) -> list[Duty]:
    """Return the duties of his own that the actor may have held for him, those in force."""
    roles = policy.TABLE["dlg.create"][1]
    return list(actor.own.holding(*roles))


def committee(organization: Organization) -> Organization:
    """Return the nearest 党委（党组） at or above an organization, else the top of its tree."""
    found = list(Organization.objects.filter(path__in=organization.lineage).order_by("-path"))
    kind = Organization.Kind.COMMITTEE
    return next((place for place in found if place.kind == kind), found[-1])


def delegates(duty: Duty, *, on: date) -> QuerySet[User]:
    """Return who may be named: members below the same committee, with an account, and none of
    the three administrators (docs/decisions/0017)."""
    held = Duty.objects.in_force(on)
    administrators = User.objects.filter(
        duties__in=Duty.objects.in_force_between(on, None).filter(role__in=ADMINISTRATORS)
    ).annotate(person=Coalesce("same_as", "pk"))
    inside = within(committee(duty.organization).path, "organization__path")
    members = held.filter(inside, role=Role.MEMBER)
    return (
        User.objects.active()
        .annotate(person=Coalesce("same_as", "pk"))
        .filter(pk__in=members.values("user"))
        .exclude(username=None)
        .exclude(person__in=administrators.values("person"))
        .exclude(pk=duty.user_id)
    )


@transaction.atomic
def give(
    duty: Duty,
    *,
    delegate: User,
    since: date,
    until: date,
    reason: str,
    by: Actor,
    at: datetime,
) -> Delegation:
    """Let `delegate` hold one's own duty from a day to a day.

    A duty held for somebody else cannot be given on. Raises Forbidden for another's duty, Refused
    for days and people that do not fit.
    """
    duty = Duty.objects.select_for_update().select_related("user", "organization").get(pk=duty.pk)
    # An administrator stands in for nobody: who makes the delegate one meanwhile comes after us.
    (delegate,) = users.hold(delegate)
    policy.require(by, "dlg.create", also={"self"})
    if duty not in givable(by):
        raise Forbidden("只能委托自己正在担任的职责；受托代行的职责不能再委托。")
    if delegate.person_id == duty.user.person_id:
        raise Refused("不能委托给自己（包括本人的其他账号）。")
    if not delegates(duty, on=by.on).filter(pk=delegate.pk).exists():
        place = committee(duty.organization)
        raise Refused(
            f"“{delegate}”不能受托：受托人须是“{place}”及其下级的在册成员，有账号，且不是三员。"
        )
    _check_days(duty, since, until, on=by.on)
    delegation = Delegation.objects.create(
        duty=duty, delegate=delegate, since=since, until=until, reason=reason, given_at=at
    )
    say = f"{told(delegation)}（{reason}）"
    trail.record(Act.DELEGATED, duty.user, by=by, at=at, say=say, delegation=delegation.pk)
    key = f"delegation:{delegation.pk}"
    words = f"请您代行职责：{say}"
    notices.post([delegate], subject=words, key=key, event=Event.ACCOUNT, at=at, by=by, url="/")
    return delegation


def _check_days(duty: Duty, since: date, until: date, *, on: date) -> None:
    if since < on:
        raise Refused("委托不能从过去的日子开始。")
    if until < since:
        raise Refused("结束日期不能早于开始日期。")
    if (until - since).days >= LONGEST:
        raise Refused(f"一次委托最长{LONGEST}天；时间更长的，请安全管理员调整职责。")
    if duty.until and until > duty.until:
        raise Refused(f"您的这项职责到{duty.until:%Y-%m-%d}为止，委托不能更长。")
    others = Delegation.objects.filter(Q(ended_on=None) | Q(ended_on__gt=since), duty=duty)
    for other in others.filter(since__lte=until, until__gte=since):
        raise Refused(f"这项职责在这段时间已委托给{other.delegate}，请先结束那次委托。")


@transaction.atomic
def end(delegation: Delegation, *, by: Actor, at: datetime) -> Delegation:
    """End it before its day: at once, by who gave it or by who holds it."""
    delegation = Delegation.objects.select_for_update().get(pk=delegation.pk)
    if why := may_end(by, delegation):
        raise Forbidden(why)
    if delegation.is_over(by.on):
        raise Refused("这次委托已经结束。")
    delegation.ended_on = by.on
    delegation.save(update_fields=["ended_on"])
    duty = delegation.duty
    trail.record(Act.DELEGATION_ENDED, duty.user, by=by, at=at, say=told(delegation))
    words, key = f"请假委托已提前结束：{told(delegation)}", f"delegation-ended:{delegation.pk}"
    people = [duty.user, delegation.delegate]
    _tell(people, words, key, by=by, at=at)
    notices.settle(f"delegation:{delegation.pk}", at=at)
    return delegation


def end_with(user: User, *, by: Actor, at: datetime) -> None:
    """A closed account gives and holds nothing: opened again, it does not find it running still."""
    for one in _running(Delegation.objects.concerning(user), by):
        _cut(one, on=by.on, why=f"{user}的账号已停用", by=by, at=at)


def end_outside(
    user: User, organization: Organization, *, since: date, by: Actor, at: datetime
) -> None:
    """Who comes to belong elsewhere holds nothing any more below a committee that is not his."""
    for one in _running(Delegation.objects.filter(delegate=user), by):
        place = committee(one.duty.organization)
        if not place.covers(organization.path):
            _cut(one, on=since, why=f"{user}已不在“{place}”及其下级", by=by, at=at)


def _running(rows: QuerySet[Delegation], by: Actor) -> list[Delegation]:
    locked = rows.not_over(by.on).select_for_update(of=("self",))  # type: ignore[attr-defined]
    return list(locked.select_related("duty__user", "duty__organization", "delegate"))


def _cut(one: Delegation, *, on: date, why: str, by: Actor, at: datetime) -> None:
    if one.ended_on is not None and one.ended_on <= on:
        return
    one.ended_on = on
    one.save(update_fields=["ended_on"])
    say = f"{told(one)}（{why}）"
    trail.record(Act.DELEGATION_ENDED, one.duty.user, by=by, at=at, say=say)
    words, key = f"请假委托已提前结束：{say}", f"delegation-ended:{one.pk}"
    people = [one.duty.user, one.delegate]
    _tell(people, words, key, by=by, at=at)
    notices.settle(f"delegation:{one.pk}", at=at)


def _tell(people: list[User], words: str, key: str, *, by: Actor, at: datetime) -> None:
    url = "/profile/delegations/"
    notices.post(people, subject=words, key=key, event=Event.ACCOUNT, at=at, by=by, url=url)


def may_end(by: Actor, delegation: Delegation) -> str:
    """Return why the actor may not end it, or nothing."""
    if by.user.pk in {delegation.duty.user_id, delegation.delegate_id}:
        return ""
    return "只有委托人和受托人可以提前结束委托。"


def told(delegation: Delegation) -> str:
    """“张三委托李四代行某支部支部书记，2026-06-01至2026-06-10”."""
    duty = delegation.duty
    return (
        f"{duty.user}委托{delegation.delegate}代行{duty.organization}{duty.get_role_display()}，"
        f"{delegation.since:%Y-%m-%d}至{delegation.until:%Y-%m-%d}"
    )
