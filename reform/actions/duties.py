"""Duties (职责): granted, confirmed by a second administrator, ended; what a leader answers for."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from reform import policy
from reform.actions import notices, people, trail, tree, users
from reform.errors import Forbidden, Refused
from reform.models import (
    Act,
    Actor,
    Duty,
    DutyProposal,
    Event,
    Organization,
    Role,
    User,
)

DAY = timedelta(days=1)
State, Origin = DutyProposal.State, DutyProposal.Origin
OUTSIDE = "不全在您管理的单位任职，或任有更重的职责"


@transaction.atomic
def grant(
    user: User,
    *,
    role: Role,
    organization: Organization,
    since: date,
    until: date | None = None,
    principal: bool = False,
    unit_admin: bool = False,
    fields: Iterable[Organization] = (),
    by: Actor,
    at: datetime,
) -> Duty | DutyProposal:
    """Give a duty from a day on; inspector, leader, audit and security wait for a second
    administrator and are a proposal until then (SOD-10).

    Raises Forbidden to himself and beyond what the actor may grant, Refused for the rest.
    """
    organization = tree.kept(organization)
    (user,) = users.hold(user)
    _require_grant(by, user, role, organization, unit_admin=unit_admin)
    _check(user, role, organization, since, until, principal=principal, unit_admin=unit_admin)
    facts: dict[str, Any] = {
        "role": role,
        "organization": organization,
        "since": since,
        "until": until,
        "principal": principal,
        "unit_admin": unit_admin,
    }
    if policy.needs_second(role):
        return propose(user, origin=Origin.GRANT, fields=fields, by=by, at=at, **facts)
    duty = users.give_duty(user, fields=fields, **facts)
    trail.record(Act.DUTY_GRANTED, user, by=by, at=at, say=told(duty), duty=duty.pk)
    return duty


def _require_grant(
    by: Actor, user: User, role: Role, organization: Organization, *, unit_admin: bool
) -> None:
    if user.person_id == by.user.person_id:
        raise Forbidden("不能给自己授予职责（包括本人的其他账号），请由另一名管理员办理。")
    if role not in policy.grantable(by, organization.path):
        raise Forbidden(f"您没有在“{organization}”授予{role.label}的权限。")
    if not policy.may_give_duties(by, user):
        raise Forbidden(f"“{user}”{OUTSIDE}，他的职责请安全管理员办理。")
    if unit_admin and not policy.may(by, "role.grant"):
        raise Forbidden("单位管理员由安全管理员指定。")


def _check(
    user: User,
    role: Role,
    organization: Organization,
    since: date,
    until: date | None,
    *,
    principal: bool,
    unit_admin: bool,
) -> None:
    people.refuse_retired(organization, since)
    if not user.is_active:
        raise Refused(f"“{user}”已停用，请先恢复再授予职责。")
    if principal and role != Role.LEADER:
        raise Refused("只有领导可以标为主要负责人。")
    if unit_admin and role != Role.OFFICE:
        raise Refused("单位管理员须任活动办。")
    if until and until < since:
        raise Refused("结束日期不能早于开始日期。")
    held = Duty.objects.filter(user=user, role=role, organization=organization)
    if held.in_force_between(since, until).exists():
        again = "要设主要负责人或单位管理员，请在这项职责旁点“改标记”。"
        mark = again if role in {Role.LEADER, Role.OFFICE} else ""
        raise Refused(f"“{user}”这段时间在“{organization}”已任{role.label}。{mark}")


@transaction.atomic
def propose(
    user: User,
    *,
    role: Role,
    organization: Organization,
    since: date,
    until: date | None = None,
    principal: bool = False,
    unit_admin: bool = False,
    fields: Iterable[Organization] = (),
    origin: str,
    by: Actor,
    at: datetime,
) -> DutyProposal:
    """Write down a duty for another administrator to confirm; `fields` are the 分管 of a leader."""
    if user.person_id == by.user.person_id:
        raise Refused("不能给自己提出职责（包括本人的其他账号），请由另一名管理员办理。")
    same = DutyProposal.objects.waiting().filter(user=user, organization=organization, role=role)
    if same.exists():
        raise Refused(f"“{user}”任{organization}{role.label}已在等待确认。")
    proposal = DutyProposal.objects.create(
        user=user,
        role=role,
        organization=organization,
        since=since,
        until=until,
        principal=principal,
        unit_admin=unit_admin,
        origin=origin,
        proposed_by=by.user,
        proposed_at=at,
    )
    proposal.fields.set(fields)
    trail.record(Act.DUTY_PROPOSED, user, by=by, at=at, say=told(proposal), proposal=proposal.pk)
    if origin == Origin.GRANT:
        tell_waiting(f"{proposal}，请复核", key=f"proposal:{proposal.pk}", by=by, at=at)
    return proposal


def tell_waiting(words: str, *, key: str, by: Actor, at: datetime) -> None:
    """Tell the administrators who may confirm."""
    held = Duty.objects.in_force(by.on).filter(role__in=policy.TABLE["role.confirm"][1])
    people_ = User.objects.active().filter(pk__in=held.values("user"))
    words = f"待确认的职责：{words}"
    notices.post(
        people_, subject=words, key=key, event=Event.ACCOUNT, at=at, by=by, url="/proposals/"
    )


def may_decide(by: Actor, proposal: DutyProposal) -> str:
    """Return why the actor may not confirm or decline this one, or nothing.

    What came with an import or a merger is the security administrator's to grant; what was
    granted is for another administrator to look at, never the granter, never the receiver
    (SOD-10).
    """
    if proposal.origin != Origin.GRANT and not policy.may(by, "role.grant"):
        return "这项职责由安全管理员确认。"
    if proposal.origin == Origin.GRANT and not policy.may(by, "role.confirm"):
        return f"您没有{policy.TABLE['role.confirm'][0]}的权限。"
    if by.user.person_id == proposal.user.person_id:
        return "这是给您本人的职责，须由另一名管理员确认。"
    if by.user.person_id == proposal.proposed_by.person_id:
        return "这项职责由您提出，须由另一名管理员确认。"
    return ""


@transaction.atomic
def confirm(proposal: DutyProposal, *, by: Actor, at: datetime) -> Duty:
    """Give the proposed duty, from its own day on."""
    tree.kept(proposal.organization)
    proposal = _waiting(proposal, by=by)
    (user,) = users.hold(proposal.user)
    duty = _marked(proposal, on=by.on) or _given(user, proposal)
    _decide(proposal, State.CONFIRMED, by=by, at=at)
    say = f"{told(duty)}（{proposal.proposed_by}提出）"
    trail.record(Act.DUTY_CONFIRMED, user, by=by, at=at, say=say, duty=duty.pk)
    return duty


def _marked(proposal: DutyProposal, *, on: date) -> Duty | None:
    """A leader in force who is proposed as 主要负责人 becomes one; he is not made leader twice."""
    if not proposal.principal:
        return None
    same = Duty.objects.filter(
        user=proposal.user, organization=proposal.organization, role=Role.LEADER, principal=False
    )
    held = same.in_force(on).select_for_update().first()
    if held is not None:
        users.mark(held, principal=True, on=on)
    return held


def _given(user: User, proposal: DutyProposal) -> Duty:
    facts: dict[str, Any] = {
        "role": Role(proposal.role),
        "organization": proposal.organization,
        "since": proposal.since,
        "until": proposal.until,
        "principal": proposal.principal,
        "unit_admin": proposal.unit_admin,
    }
    _check(user, **facts)
    return users.give_duty(user, fields=proposal.fields.all(), **facts)


@transaction.atomic
def decline(proposal: DutyProposal, *, reason: str, by: Actor, at: datetime) -> DutyProposal:
    proposal = _waiting(proposal, by=by)
    _decide(proposal, State.DECLINED, by=by, at=at, reason=reason)
    say = f"{told(proposal)}（{reason}）"
    trail.record(Act.DUTY_DECLINED, proposal.user, by=by, at=at, say=say)
    words = f"您提出的职责未获同意：{proposal}（{reason}）"
    key = f"proposal-declined:{proposal.pk}"
    told_to = [proposal.proposed_by]
    notices.post(told_to, subject=words, key=key, event=Event.ACCOUNT, at=at, by=by)
    return proposal


def _waiting(proposal: DutyProposal, *, by: Actor) -> DutyProposal:
    found = DutyProposal.objects.select_for_update().get(pk=proposal.pk)
    if why := may_decide(by, found):
        raise Forbidden(why)
    if found.state != State.WAITING:
        raise Refused(f"“{found}”已经处理（{found.get_state_display()}）。")
    return found


def _decide(
    proposal: DutyProposal, state: str, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    proposal.state, proposal.reason = state, reason
    proposal.decided_by, proposal.decided_at = by.user, at
    proposal.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    notices.settle(f"proposal:{proposal.pk}", at=at)


# ---------------------------------------------------------------- ending


@transaction.atomic
def end(duty: Duty, *, until: date, reason: str, by: Actor, at: datetime) -> Duty:
    """Let `until` be the last day of a duty; what was done under it stays as it was."""
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    if why := may_end(by, duty):
        raise Forbidden(why)
    if duty.until and duty.until < by.on:
        raise Refused("这项职责已经结束。")
    if until < duty.since:
        raise Refused(f"结束日期不能早于开始的{duty.since:%Y-%m-%d}。")
    if duty.until and until > duty.until:
        after = duty.until + DAY
        raise Refused(f"这里只能提前结束；要延长的，请另行授予，自{after:%Y-%m-%d}起。")
    if until < by.on - DAY:
        raise Refused("职责不能追溯到昨天以前结束：那些天办的事会失去依据。")
    users.refuse_last(duty, on=by.on, word="结束")
    duty.until = until
    duty.save(update_fields=["until"])
    say = f"{told(duty)}，止于{until:%Y-%m-%d}（{reason}）"
    trail.record(Act.DUTY_ENDED, duty.user, by=by, at=at, say=say, duty=duty.pk)
    return duty


def may_end(by: Actor, duty: Duty) -> str:
    """Return why the actor may not end this duty, or nothing."""
    if duty.user.person_id == by.user.person_id:
        return "不能结束自己的职责，请由另一名管理员办理。"
    if duty.role not in policy.grantable(by, duty.organization.path):
        return f"您没有结束{duty.get_role_display()}职责的权限。"
    if not policy.may_give_duties(by, duty.user):
        return f"“{duty.user}”{OUTSIDE}，他的职责请安全管理员办理。"
    return ""


def told(duty: Duty | DutyProposal) -> str:
    """“张三 · 某支部 · 领导（主要负责人）”."""
    marks = [
        word
        for word, holds in (("主要负责人", duty.principal), ("单位管理员", duty.unit_admin))
        if holds
    ]
    return f"{duty}（{'、'.join(marks)}）" if marks else str(duty)
