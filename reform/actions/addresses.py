"""Proving an address for reminders (验证邮箱): nothing is sent there before a code came back.

Who types an address may mistype it, and a stranger would read what problems there are. So a code
goes there first, by itself; the address that was proved before stays in use until then.
"""

import secrets
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from reform.actions import trail
from reform.errors import Refused
from reform.models import Act, Actor, Preference, TrailEntry
from reform.text import half_width

VALID = timedelta(minutes=30)
AGAIN = timedelta(minutes=1)  # between two codes
A_DAY = 5  # codes: whoever wants more has a wrong address, or means to annoy its owner
TRIES = 5  # wrong ones, after which a code is worth nothing
WRONG = "验证码不正确，或已超过30分钟、输错太多次。请核对邮件中的六位数字，或重新发送验证码。"


def ask(row: Preference, email: str, *, by: Actor, at: datetime) -> str:
    """Let `email` wait for its proof, and return the code that is to be mailed there. The caller
    has locked the row. Raises Refused for who asks too often."""
    if row.proof_sent_at and at - row.proof_sent_at < AGAIN:
        raise Refused("验证码刚刚发出，请一分钟后再重新发送。")
    midnight = timezone.make_aware(datetime.combine(by.on, time.min))
    asked = TrailEntry.objects.of(by.user).filter(act=Act.ADDRESS_ASKED, at__gte=midnight)
    if asked.count() >= A_DAY:
        raise Refused(f"今天已发出{A_DAY}次验证码，请核对邮箱地址，明天再试。")
    code = f"{secrets.randbelow(10**6):06}"
    row.asked_email = email
    row.proof = proof_of(row, code)
    row.proof_sent_at, row.proof_tries = at, 0
    row.save()
    trail.record(Act.ADDRESS_ASKED, by.user, by=by, at=at)
    return code


def ask_again(*, by: Actor, at: datetime) -> str:
    """Return another code for the address that waits; the one before is worth nothing."""
    row = _waiting(by)
    return ask(row, row.asked_email, by=by, at=at)


def is_live(row: Preference, at: datetime) -> bool:
    """Whether a code that was sent may still be typed."""
    sent = row.proof_sent_at
    return bool(row.proof) and sent is not None and at - sent < VALID and row.proof_tries < TRIES


@transaction.atomic
def matches(code: str, *, by: Actor, at: datetime) -> bool:
    """Return whether it is the code. A wrong one counts: call it outside a transaction that a
    refusal would undo."""
    row = _waiting(by)
    found = _proves(code, row, at)
    if not found:
        Preference.objects.filter(pk=row.pk).update(proof_tries=min(row.proof_tries + 1, TRIES))
    return found


@transaction.atomic
def keep(code: str, *, by: Actor, at: datetime) -> str:
    """Use the address from now on; return the one before it, whose owner is to hear of it."""
    row = _waiting(by)
    if not _proves(code, row, at):
        raise Refused(WRONG)
    old, row.email = row.email, row.asked_email
    forget(row)
    row.save()
    trail.record(Act.ADDRESS_PROVED, by.user, by=by, at=at)
    return old


def _proves(code: str, row: Preference, at: datetime) -> bool:
    return is_live(row, at) and constant_time_compare(row.proof, proof_of(row, code))


def forget(row: Preference) -> None:
    """Nothing waits for a proof any more. The moment stays, for who asks too often."""
    row.asked_email, row.proof, row.proof_tries = "", "", 0


def _waiting(by: Actor) -> Preference:
    rows = Preference.objects.select_for_update().filter(user=by.user).exclude(asked_email="")
    if (row := rows.first()) is None:
        raise Refused("没有等待验证的邮箱，可能已经验证过了。")
    return row


def proof_of(row: Preference, code: str) -> str:
    """Keyed by SECRET_KEY, and of one address: a code proves no other."""
    salt = f"reform.address:{row.user_id}:{row.asked_email}"
    digits = "".join(half_width(code).split())
    return salted_hmac(salt, digits, algorithm="sha256").hexdigest()
