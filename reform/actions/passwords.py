"""Setting passwords (密码): one's own, or one's first by a one-time code."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from reform.actions import access_codes, sign_ins, trail
from reform.errors import Refused
from reform.models import AccessCode, Act, Actor, PastPassword, User, password_rules
from reform.models.password_rules import PROFILES

REMEMBERED = max(profile.remembered for profile in PROFILES.values())


@transaction.atomic
def change(user: User, new: str, *, by: Actor, at: datetime, session: str = "") -> None:
    """Give oneself another password; every session but the one with the key `session` ends.

    Raises Refused with what the password lacks.
    """
    _set(user, new, at)
    trail.record(Act.PASSWORD_CHANGED, user, by=by, at=at)
    sign_ins.end_all(user, by=by, at=at, spare=session)


def prove(user: User, password: str, *, door: sign_ins.Door, at: datetime) -> None:
    """Raise Refused unless it is the user's password: a wrong one counts at the door."""
    sign_ins.admit(door, at=at)
    if not user.check_password(password):
        sign_ins.failed(door, at=at, what="原密码不正确")
        raise Refused("原密码不正确，请重新输入。")


def set_by_code(door: sign_ins.Door, code: str, new: str, *, at: datetime) -> User:
    """Set the password of the account at the door for whom has its code; all its sessions end.

    Raises LockedOut after too many mistakes, and Refused with the same words for an account that
    is none and a code that is wrong. A code whose password will not do is not spent.
    """
    sign_ins.admit(door, at=at)
    # An account that is none asks the same tables: how long it takes tells nothing.
    known = door.user
    user = known if known and known.is_active else User(pk=0, username="")
    with transaction.atomic():
        purposes = [AccessCode.Purpose.INVITE, AccessCode.Purpose.RESET]
        if access_codes.spend(user, code, purposes=purposes, at=at):
            _set(user, new, at)
            by = Actor.of(user, on=timezone.localdate(at), address=door.address)
            trail.record(Act.PASSWORD_SET, user, by=by, at=at)
            sign_ins.end_all(user, by=by, at=at)
            access_codes.withdraw(user, at=at)
            return user
    sign_ins.failed(door, at=at, what="一次性代码不正确")
    raise Refused(access_codes.WRONG)


def _set(user: User, new: str, at: datetime) -> None:
    lacks = list(password_rules.faults(new, user))
    if lacks:
        raise Refused("".join(lacks))
    if user.password:
        PastPassword.objects.create(user=user, password=user.password, at=at)
        kept = user.past_passwords.order_by("-at", "-pk")[:REMEMBERED]
        user.past_passwords.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    user.set_password(new)
    user.password_set_at = at
    user.save(update_fields=["password", "password_set_at"])
