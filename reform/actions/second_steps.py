"""One-time passwords (动态口令) and recovery codes (备用码), kept by django-allauth's tables.

Only its rows and its arithmetic are used: its pages know e-mail and sign-up, ours know duties.
"""

import base64
import hashlib
from datetime import datetime, timedelta

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.crypto import constant_time_compare, salted_hmac

from reform import policy
from reform.actions import notices, sign_ins, trail
from reform.errors import Forbidden, Refused
from reform.models import ADMINISTRATORS, Act, Actor, Duty, Event, User
from reform.text import half_width

TYPE = Authenticator.Type
USED_FOR = timedelta(minutes=2)  # as long as one number could be taken for right
WRONG = "动态口令不正确。请输入手机上现在显示的6位数字；手机时间不准时，请先校准。"


class Adapter(DefaultMFAAdapter):
    """Secrets lie encrypted in the database, under a key made of SECRET_KEY (old ones still read).

    allauth asks for it by name (MFA_ADAPTER).
    """

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(f"reform.second_step:{key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def is_on(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=TYPE.TOTP).exists()


def kept() -> Exists:
    """Whether the person of a row has one, for a list of people."""
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"), type=TYPE.TOTP))


def is_missing(by: Actor) -> bool:
    """Return whether the person comes no further without making one first."""
    return settings.MFA_REQUIRED and policy.is_asked_twice(by) and not is_on(by.user)


def new_secret() -> str:
    return generate_totp_secret()


def picture(user: User, secret: str) -> str:
    """Return the QR code that a telephone reads, as the address of an image (SVG)."""
    adapter = Adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def prove(user: User, code: str, *, door: sign_ins.Door, at: datetime) -> None:
    """Spend a number or a recovery code, or raise Refused: a wrong one counts at the door.

    Call it outside a transaction that the refusal would undo.
    """
    sign_ins.admit(door, at=at)
    if not verify(user, code, at=at):
        sign_ins.failed(door, at=at, what="动态口令不正确")
        sign_ins.admit(door, at=at)
        raise Refused(WRONG)


def _require_own(user: User, by: Actor) -> None:
    if user.pk != by.user.pk:
        raise Forbidden("动态口令由本人管理。")


@transaction.atomic
def turn_on(user: User, *, secret: str, code: str, by: Actor, at: datetime) -> list[str]:
    """Keep the secret once a number proves that the telephone has it; return recovery codes."""
    _require_own(user, by)
    if is_on(user):
        raise Refused("您已开通动态口令。更换手机请先停用，或请安全管理员重置。")
    if not validate_totp_code(secret, half_width(code)):
        raise Refused(WRONG)
    TOTP.activate(user, secret)
    Authenticator.objects.filter(user=user, type=TYPE.RECOVERY_CODES).delete()
    trail.record(Act.SECOND_STEP_ON, user, by=by, at=at)
    return RecoveryCodes.activate(user).get_unused_codes()


@transaction.atomic
def verify(user: User, code: str, *, at: datetime) -> bool:
    """Return whether it is the number of now, not used before, or a recovery code; spend it."""
    code = half_width(code).replace(" ", "").replace("-", "")
    rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=user)}
    step, spare = rows.get(TYPE.TOTP), rows.get(TYPE.RECOVERY_CODES)
    if step is None:
        return False
    if len(code) == 6:
        return _is_now(step, code, at)
    return spare is not None and RecoveryCodes(spare).validate_code(code)


def _is_now(step: Authenticator, code: str, at: datetime) -> bool:
    """A number read over a shoulder, or sent twice, is worth nothing the second time."""
    mark = salted_hmac("reform.second_step", code, algorithm="sha256").hexdigest()
    last = step.data.get("last", "")
    used = step.last_used_at and at - step.last_used_at < USED_FOR
    if used and constant_time_compare(last, mark):
        return False
    if not validate_totp_code(decrypt(step.data["secret"]), code):
        return False
    step.data["last"], step.last_used_at = mark, at
    step.save(update_fields=["data", "last_used_at"])
    return True


def spare_codes(user: User) -> int:
    """Return how many recovery codes are left."""
    row = Authenticator.objects.filter(user=user, type=TYPE.RECOVERY_CODES).first()
    return len(RecoveryCodes(row).get_unused_codes()) if row else 0


@transaction.atomic
def renew_codes(user: User, *, by: Actor, at: datetime) -> list[str]:
    """Return new recovery codes; those printed before are worth nothing. `prove` comes first."""
    _require_own(user, by)
    Authenticator.objects.filter(user=user, type=TYPE.RECOVERY_CODES).delete()
    trail.record(Act.RECOVERY_CODES, user, by=by, at=at)
    return RecoveryCodes.activate(user).get_unused_codes()


@transaction.atomic
def turn_off(user: User, *, by: Actor, at: datetime) -> None:
    """Do without, or make another on a new telephone: whoever must have one makes it at once.

    `prove` comes first.
    """
    _require_own(user, by)
    Authenticator.objects.filter(user=user).delete()
    trail.record(Act.SECOND_STEP_OFF, user, by=by, at=at)


@transaction.atomic
def reset(user: User, *, reason: str, by: Actor, at: datetime) -> None:
    """Take away the one-time passwords of somebody who lost his telephone; his sessions end.

    Raises Forbidden but for a security administrator, and for himself under any account. The
    person and all administrators are told: nobody does this unseen.
    """
    if not policy.may_reset_second_step(by, user):
        raise Forbidden("动态口令由安全管理员重置，自己的请另一位安全管理员办理。")
    if not Authenticator.objects.filter(user=user).delete()[0]:
        raise Refused(f"“{user}”没有开通动态口令。")
    trail.record(Act.SECOND_STEP_RESET, user, by=by, at=at, say=f"{user}，{reason}")
    sign_ins.end_all(user, by=by, at=at)
    held = Duty.objects.in_force(by.on).filter(role__in=ADMINISTRATORS)
    told = User.objects.active().filter(pk__in=held.values("user")) | User.objects.filter(
        pk=user.pk
    )
    subject = f"安全管理员{by.user.name}重置了{user}的动态口令：{reason}"
    key = f"second-step:{user.pk}:{at.isoformat()}"
    notices.post(told, subject=subject, key=key, event=Event.ACCOUNT, at=at, by=by)
