"""The register of people (人员): who is on it, with an account or as a name, where he belongs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from reform import policy
from reform.actions import access_codes, delegations, sign_ins, trail, tree, users
from reform.errors import Forbidden, Refused
from reform.models import (
    ADMINISTRATORS,
    AccessCode,
    Act,
    Actor,
    Delegation,
    Duty,
    Organization,
    Role,
    User,
)
from reform.models.user import UNPLACED

DAY = timedelta(days=1)


@transaction.atomic
def add(
    *,
    name: str,
    username: str = "",
    post: str = "",
    phone: str = "",
    organization: Organization,
    since: date,
    place: int = UNPLACED,
    by: Actor,
    at: datetime,
) -> User:
    """Put a person on the register as a member of `organization`; no `username`, no account."""
    organization = tree.kept(organization)
    policy.require(by, "user.create", organization.path)
    refuse_retired(organization, since)
    refuse_taken(username)
    user = users.create(username=username, name=name, post=post, phone=phone)
    users.give_duty(
        *(user,),
        role=Role.MEMBER,
        organization=organization,
        since=since,
        home=True,
        place=place,
    )
    account = f"账号{username}" if username else "无账号"
    trail.record(Act.USER_CREATED, user, by=by, at=at, say=f"{name}（{organization}，{account}）")
    return user


@transaction.atomic
def open_account(user: User, *, username: str, by: Actor, at: datetime) -> User:
    """Give an account to somebody who was a name on the register; a code opens it."""
    user = _locked(user)
    policy.require_person(by, "user.create", user)
    if user.has_account:
        raise Refused(f"“{user}”已有账号{user.username}。")
    refuse_taken(username)
    user.username = username
    with users.unless_taken(username):
        user.save(update_fields=["username"])
    trail.record(Act.ACCOUNT_OPENED, user, by=by, at=at, say=f"{user}，账号{username}")
    return user


@transaction.atomic
def edit(
    user: User,
    *,
    name: str,
    post: str,
    phone: str | None,
    place: int | None = None,
    by: Actor,
    at: datetime,
) -> User:
    """Change name, post, telephone and the rank at home; `phone` None leaves the number."""
    user = _locked(user)
    policy.require_person(by, "user.create", user)
    becomes: dict[str, Any] = {"name": name, "post": post}
    becomes |= {} if phone is None else {"phone": phone}
    was = {key: getattr(user, key) for key in becomes}
    for key, value in becomes.items():
        setattr(user, key, value)
    user.save(update_fields=list(becomes))
    home = home_of(user, by.on)
    if home and place is not None and place != home.place:
        was["place"], becomes["place"] = home.place, place
        home.place = place
        home.save(update_fields=["place"])
    changed = {key: [was[key], becomes[key]] for key in was if was[key] != becomes[key]}
    if changed:
        say = _told(user, changed)
        trail.record(Act.USER_CHANGED, user, by=by, at=at, say=say, changed=changed)
    return user


def _told(user: User, changed: Iterable[str]) -> str:
    """What changed, in words; a telephone number is nobody's business in the trail's sentence."""
    words = {"name": "姓名", "post": "职务", "phone": "联系电话", "place": "排序"}
    return f"{user}（{'、'.join(words[key] for key in changed)}）"


@transaction.atomic
def transfer(
    user: User, *, organization: Organization, since: date, by: Actor, at: datetime
) -> Duty:
    """Let the person belong to another organization from a day on.

    The old membership ends the day before and stays as history (SOD-15); other duties stay until
    the security administrator ends them.
    """
    organization = tree.kept(organization)
    user = _locked(user)
    policy.require_person(by, "user.create", user)
    policy.require(by, "user.create", organization.path)
    refuse_retired(organization, since)
    home = home_of(user, by.on)
    if home is not None:
        if home.organization_id == organization.pk:
            raise Refused(f"“{user}”已隶属{organization}。")
        if since <= home.since:
            raise Refused(f"调入日期须晚于现隶属开始的{home.since:%Y-%m-%d}。")
        home.until = since - DAY
        home.save(update_fields=["until"])
    _end_other_membership(user, organization, since)
    delegations.end_outside(user, organization, since=max(since, by.on), by=by, at=at)
    duty = users.give_duty(
        user, role=Role.MEMBER, organization=organization, since=since, home=True
    )
    before = home.organization if home else "（无）"
    say = f"{user}：{before} → {organization}（自{since:%Y-%m-%d}）"
    trail.record(Act.USER_MOVED, user, by=by, at=at, say=say)
    return duty


@dataclass(frozen=True)
class Slip:
    """What is told once to whoever hands it over: account, code, and until when it is good."""

    user: User
    code: str
    purpose: str
    valid_until: datetime


def hand_code(user: User, *, by: Actor, at: datetime) -> Slip:
    """Issue a one-time code, which is in the slip and nowhere else.

    Raises Forbidden unless the actor may give out one of that purpose (`policy.may_issue_code`).
    """
    purpose = AccessCode.purpose_for(user)
    code = access_codes.issue(user, purpose=purpose, by=by, at=at)
    return Slip(user, code, purpose.label, at + AccessCode.VALID[purpose])


# ---------------------------------------------------------------- one person, two accounts


@transaction.atomic
def mark_same(user: User, *, other: User, by: Actor, at: datetime) -> User:
    """Say that `user` is a second account of the person behind `other` (SOD-16).

    Raises Refused when the two together would hold what one person may not (SOD-09).
    """
    user, other = users.hold(user, other)
    policy.require_identify(by, user)
    policy.require_identify(by, other)
    if user.person_id == other.person_id:
        raise Refused("这两个账号已认定为同一人，或就是同一个账号。")
    if User.objects.filter(same_as=user).exists():
        raise Refused(f"“{user}”已是其他账号的主账号，请反过来认定。")
    _refuse_mixed(user, other, on=by.on)
    user.same_as_id = other.person_id
    user.save(update_fields=["same_as"])
    # One person belongs to one organization at a time: the first account says to which.
    if home_of(other, by.on):
        Duty.objects.filter(user=user, home=True, until=None).update(home=False)
    say = f"{_account(user)}与{_account(other)}"
    trail.record(Act.SAME_PERSON, user, by=by, at=at, say=say, other=other.pk)
    return user


@transaction.atomic
def part(user: User, *, by: Actor, at: datetime) -> User:
    """Take back that two accounts are one person's."""
    user = _locked(user)
    policy.require_identify(by, user)
    if user.same_as is None:
        raise Refused(f"“{user}”没有认定为别人的同一人账号。")
    say = f"{_account(user)}与{_account(user.same_as)}"
    user.same_as = None
    user.save(update_fields=["same_as"])
    trail.record(Act.OTHER_PERSON, user, by=by, at=at, say=say)
    return user


def _refuse_mixed(user: User, other: User, *, on: date) -> None:
    held = Duty.objects.in_force_between(on, None).exclude(role=Role.MEMBER)
    sides = [
        set(held.filter(user__in=User.objects.of_person(side)).values_list("role", flat=True))
        for side in (user, other)
    ]
    roles = sides[0] | sides[1]
    lent = Delegation.objects.not_over(on).filter(
        delegate__in=User.objects.of_person(user) | User.objects.of_person(other)
    )
    roles |= {one.duty.role for one in lent.select_related("duty")}
    if roles & set(ADMINISTRATORS) and len(roles) > 1:
        words = "、".join(sorted(Role(role).label for role in roles))
        raise Refused(f"两个账号合起来任{words}，一个人不能兼任，请先结束其中的职责。")


def _account(user: User) -> str:
    return f"{user}（{user.username or '无账号'}）"


# ---------------------------------------------------------------- in use, and out of use


@transaction.atomic
def disable(user: User, *, reason: str, by: Actor, at: datetime) -> User:
    """Close the account: nobody signs in with it, its sessions and codes are worth nothing."""
    user = _locked(user)
    policy.require_person(by, "user.disable", user)
    if not user.is_active:
        raise Refused(f"“{user}”已经停用。")
    held = Duty.objects.in_force(by.on).filter(user=user)
    for duty in held:
        users.refuse_last(duty, on=by.on, word="停用")
    delegations.end_with(user, by=by, at=at)
    user.is_active = False
    user.save(update_fields=["is_active"])
    access_codes.withdraw(user, at=at)
    sign_ins.end_all(user, by=by, at=at)
    trail.record(Act.USER_DISABLED, user, by=by, at=at, say=f"{user}（{reason}）")
    return user


@transaction.atomic
def enable(user: User, *, reason: str, by: Actor, at: datetime) -> User:
    user = _locked(user)
    policy.require_person(by, "user.disable", user)
    if user.is_active:
        raise Refused(f"“{user}”没有停用。")
    user.is_active = True
    user.save(update_fields=["is_active"])
    trail.record(Act.USER_ENABLED, user, by=by, at=at, say=f"{user}（{reason}）")
    return user


def _end_other_membership(user: User, organization: Organization, since: date) -> None:
    """Whoever is a member there already, beside his home, becomes one at home."""
    there = Duty.objects.filter(user=user, role=Role.MEMBER, organization=organization, until=None)
    for duty in there:
        if since <= duty.since:
            raise Refused(
                f"“{user}”自{duty.since:%Y-%m-%d}起已是{organization}的成员，请先结束那项隶属。"
            )
        duty.until = since - DAY
        duty.save(update_fields=["until"])


# ---------------------------------------------------------------- what all of them ask


def refuse_taken(username: str) -> None:
    if username and User.objects.filter(username=username).exists():
        raise Refused(f"账号“{username}”已被使用，请换一个。")


def refuse_retired(organization: Organization, on: date) -> None:
    if organization.retired_on and organization.retired_on <= on:
        raise Refused(f"“{organization}”已于{organization.retired_on:%Y-%m-%d}撤销。")


def home_of(user: User, on: date) -> Duty | None:
    held = Duty.objects.in_force(on).filter(user=user, home=True)
    return held.select_related("organization").first()


def _locked(user: User) -> User:
    found = User.objects.select_for_update().filter(pk=user.pk).first()
    if found is None:
        raise Forbidden("没有这个人员。")
    return found
