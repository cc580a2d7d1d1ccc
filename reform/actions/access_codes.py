"""One-time codes: told once, kept as a hash, spent once."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from reform import policy
from reform.actions import notices, trail
from reform.errors import Refused
from reform.models import ADMINISTRATORS, AccessCode, Act, Actor, Duty, Event, User
from reform.text import half_width

# Read aloud and typed by hand: none of 0 O 1 I L. Twelve of 31 are 59 bits, and ten tries.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
GROUPS, GROUP = 3, 4

WRONG = "账号或一次性代码不正确，或代码已过期、已使用。请核对后重新输入，或请发放人重新发放。"
ISSUED = {
    AccessCode.Purpose.INVITE: Act.INVITED,
    AccessCode.Purpose.RESET: Act.RESET_ISSUED,
    AccessCode.Purpose.WITNESS: Act.WITNESS_ISSUED,
}


@transaction.atomic
def issue(user: User, *, purpose: AccessCode.Purpose, by: Actor | None, at: datetime) -> str:
    """Return a new code in plain words, this once; the one that stood before is withdrawn.

    Without an actor it is the shell of the machine that asks (create_administrators). Raises
    Forbidden, and Refused for an account that is closed.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if by is not None:
        policy.require_code(by, user, purpose)
    if not user.is_active:
        raise Refused(f"“{user}”的账号已停用，请先启用再发放。")
    if not user.has_account:
        raise Refused(f"“{user}”还没有账号，请先开通账号。")
    AccessCode.objects.standing().filter(user=user, purpose=purpose).update(withdrawn_at=at)
    code = _random()
    AccessCode.objects.create(
        user=user,
        purpose=purpose,
        hash=_hash(user, purpose, code),
        made_by=by.user if by else None,
        made_at=at,
        expires_at=at + AccessCode.VALID[purpose],
    )
    trail.record(ISSUED[purpose], user, by=by, at=at, unknown="命令行")
    if by is not None and purpose != AccessCode.Purpose.WITNESS:
        _tell(user, AccessCode.Purpose(purpose), by=by, at=at)
    return code


def _tell(user: User, purpose: AccessCode.Purpose, *, by: Actor, at: datetime) -> None:
    """Whose password may now be reset hears of it; an administrator's, the other two as well, and
    of an invitation too: he has never come in, so it opens all that he may.

    Who gives out codes could otherwise become the one who grants roles, and nobody would know.
    """
    held = Duty.objects.in_force(by.on).filter(role__in=ADMINISTRATORS)
    told = User.objects.filter(pk=user.pk)
    if held.filter(user__in=User.objects.of_person(user)).exists():
        told |= User.objects.filter(pk__in=held.values("user"))
    elif purpose != AccessCode.Purpose.RESET:
        return
    subject = f"{by.user.name}为{user}发放了{purpose.label}；不是本人申请的，请告知安全管理员"
    key = f"reset:{user.pk}:{at.isoformat()}"
    notices.post(told, subject=subject, key=key, event=Event.ACCOUNT, at=at, by=by)


def check(user: User, code: str, *, purpose: AccessCode.Purpose, at: datetime) -> None:
    """Spend the code, or raise Refused.

    Call it outside a transaction that the refusal would undo: a wrong try counts.
    """
    if not spend(user, code, purposes=[purpose], at=at):
        raise Refused(WRONG)


@transaction.atomic
def spend(
    user: User, code: str, *, purposes: list[AccessCode.Purpose], at: datetime
) -> AccessCode | None:
    """Return the code, spent; None, with the try counted, when it is none of the live ones."""
    live = list(
        AccessCode.objects.select_for_update().live(at).filter(user=user, purpose__in=purposes)
    )
    for found in live:
        if constant_time_compare(found.hash, _hash(user, found.purpose, _typed(code))):
            found.used_at = at
            found.save(update_fields=["used_at"])
            trail.record(Act.CODE_USED, user, by=None, at=at, unknown=user.name, say=str(found))
            return found
    for found in live:
        found.tries += 1
        found.save(update_fields=["tries"])
    return None


def withdraw(user: User, *, at: datetime) -> int:
    """Take back all codes of an account; return how many could still be used."""
    return AccessCode.objects.standing().filter(user=user).update(withdrawn_at=at)


def _random() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def _typed(code: str) -> str:
    """Return what was typed as we would have written it: capitals, hyphens after each group."""
    letters = [letter for letter in half_width(code).upper() if letter in ALPHABET]
    starts = range(0, len(letters), GROUP)
    return "-".join("".join(letters[start : start + GROUP]) for start in starts)


def _hash(user: User, purpose: str, code: str) -> str:
    """Keyed by SECRET_KEY, so that who reads the table cannot try codes against it."""
    salt = f"reform.access_code:{user.pk}:{purpose}"
    return salted_hmac(salt, code, algorithm="sha256").hexdigest()
