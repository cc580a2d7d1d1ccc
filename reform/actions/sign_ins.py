"""The door: who may still try, who came in, and whose sessions end (登录、暂停登录、强制下线)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from reform import policy
from reform.actions import trail
from reform.errors import Refused
from reform.models import Act, Actor, SignIn, SignInFailure, User
from reform.models.sign_in import browser_in_words
from reform.text import clean

CLOSED = "该账号刚刚停用，没有登录。如有疑问，请联系系统管理员。"
KNOWN = timedelta(days=30)  # an address from which the account came in so lately is its own


@dataclass(frozen=True)
class Limit:
    """So many mistakes in so long shut a door; it opens when the first of them is that old."""

    name: str
    most: int
    within: timedelta
    words: str  # the page says them
    spares_known: bool  # not for an account at an address of its own


# A bureau sits behind one address, and anybody can type a colleague's name: so the hard limit is
# on the two together, and the wide ones, against many addresses and many accounts, never meet an
# account where it came in before.
PAIR = Limit("pair", 5, timedelta(minutes=15), "该账号在本机连续输错次数过多", False)
ACCOUNT = Limit("account", 50, timedelta(hours=1), "该账号在多处被输错次数过多", True)
ADDRESS = Limit("address", 200, timedelta(hours=1), "本地址输错次数过多", True)
LIMITS = (PAIR, ACCOUNT, ADDRESS)


class LockedOut(Refused):
    """Too many mistakes; `minutes` until the next try."""

    def __init__(self, limit: Limit, minutes: int) -> None:
        super().__init__(f"{limit.words}，请{minutes}分钟后再试。")
        self.minutes = minutes


@dataclass(frozen=True)
class Door:
    """Who says to be whom, and where from: an account as typed at an address."""

    account: str
    address: str

    @property
    def key(self) -> str:
        """The account as it is kept among mistakes: people type passwords there."""
        name = clean(self.account, multiline=False).casefold()
        return salted_hmac("reform.sign_in", name, algorithm="sha256").hexdigest()

    @property
    def user(self) -> User | None:
        name = clean(self.account, multiline=False)
        return User.objects.filter(username=name).first() if len(name) <= 50 else None


def admit(door: Door, *, at: datetime) -> None:
    """Raise LockedOut when too much was typed wrong here: before a password is looked at."""
    for limit in LIMITS:
        until = _shut_until(limit, door, at)
        if until and not (limit.spares_known and _is_known(door, at)):
            raise LockedOut(limit, max(1, -int((at - until).total_seconds() // 60)))


@transaction.atomic
def failed(door: Door, *, at: datetime, what: str) -> None:
    """Count a mistake, say it in the trail, and tell in the trail when it shut a door."""
    SignInFailure.objects.filter(at__lt=at - SignInFailure.KEPT).delete()
    user = door.user
    shown = (user and user.username) or _cut(door.account)
    row = SignInFailure.objects.create(
        user=user, account=door.key, shown=shown, address=door.address, at=at
    )
    _tell(Act.SIGN_IN_FAILED, row, f"{shown}，{what}", at)
    for limit in LIMITS:
        if _mistakes(limit, door, at).count() == limit.most:
            _tell(Act.LOCKED_OUT, row, f"{shown}，{limit.words}", at)


def _tell(act: Act, row: SignInFailure, say: str, at: datetime) -> None:
    """Nobody is signed in: the trail says which account was named, and from where."""
    who = row.user or User(pk=0)
    trail.record(act, who, by=None, at=at, say=say, unknown=row.shown, address=row.address)


@transaction.atomic
def begin(
    user: User, *, open_session: Callable[[], str], door: Door, agent: str, at: datetime
) -> SignIn:
    """Open a session and note that it is this person's from now on; earlier mistakes are over.

    `open_session` opens it and returns its key. Raises Refused when the account was closed since
    its password was looked at: who closes it ends all its sessions, so he comes before this one,
    or finds it.
    """
    if not User.objects.select_for_update(no_key=True).active().filter(pk=user.pk).exists():
        raise Refused(CLOSED)
    key = open_session()
    _of(PAIR, door.key, door.address).delete()
    SignIn.objects.of(user).filter(at__lt=at - SignIn.KEPT).delete()
    row = SignIn.objects.create(
        user=user, key=key, at=at, address=door.address, browser=browser_in_words(agent)
    )
    by = Actor.of(user, on=timezone.localdate(at), address=door.address)
    trail.record(Act.SIGNED_IN, user, by=by, at=at, say=row.browser)
    return row


def leave(key: str, *, by: Actor, at: datetime) -> None:
    """Note that its owner signed out of the session with `key`; Django ends the session."""
    if SignIn.objects.filter(key=key, ended_at=None).update(ended_at=at):
        trail.record(Act.SIGNED_OUT, by.user, by=by, at=at)


def follow(key: str, new: str) -> None:
    """The session goes on under another key (after its owner changed his password)."""
    SignIn.objects.filter(key=key, ended_at=None).update(key=new)


@transaction.atomic
def end(row: SignIn, *, by: Actor, at: datetime) -> None:
    """End one session at once: the next request of that browser meets the sign-in page."""
    if not policy.may_end(by, row):
        policy.require(by, "session.kill")
    if not _close(SignIn.objects.filter(pk=row.pk), at):
        raise Refused("该设备已经退出登录。")
    trail.record(Act.SESSION_ENDED, row.user, by=by, at=at, say=str(row)[:200])


@transaction.atomic
def end_all(user: User, *, by: Actor, at: datetime, spare: str = "") -> int:
    """End every session of an account but the one with the key `spare`; return how many.

    What an act does that makes sessions worthless (password, disabling): it says so in the trail
    itself, and has asked policy.
    """
    ended = _close(SignIn.objects.of(user).exclude(key=spare), at)
    if ended:
        say = f"{user}的{ended}处登录"
        trail.record(Act.SESSION_ENDED, user, by=by, at=at, say=say, count=ended)
    return ended


def _close(rows: QuerySet[SignIn], at: datetime) -> int:
    keys = list(rows.filter(ended_at=None).values_list("key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return SignIn.objects.filter(key__in=keys, ended_at=None).update(ended_at=at)


# ---- lock-outs, as the security administrator sees them -----------------------------------------


@dataclass(frozen=True)
class LockOut:
    limit: Limit
    last: SignInFailure  # the mistake that stands for the door
    count: int
    until: datetime


def standing(*, at: datetime) -> Iterator[LockOut]:
    """Give the doors that are shut now, the latest mistakes first. One query for all of them."""
    rows = list(SignInFailure.objects.filter(at__gt=at - ADDRESS.within).order_by("-at", "-pk"))
    for limit in LIMITS:
        doors: dict[tuple[str, ...], list[SignInFailure]] = {}
        for row in rows:
            if row.at > at - limit.within:
                doors.setdefault(_side(limit, row), []).append(row)
        for found in doors.values():
            if len(found) >= limit.most:
                until = found[limit.most - 1].at + limit.within
                yield LockOut(limit, found[0], len(found), until)


@transaction.atomic
def lift(last: SignInFailure, *, by: Actor, at: datetime) -> None:
    """Open the doors that the mistakes of this account, or of this address, have shut."""
    policy.require(by, "cfg.security")
    shut = [found for found in standing(at=at) if found.last.pk == last.pk]
    if not shut:
        raise Refused("暂停登录已经解除或到期。")
    for found in shut:
        _of(found.limit, last.account, last.address).delete()
        who = last.address if found.limit is ADDRESS else last.shown
        trail.record(
            Act.LOCK_LIFTED,
            last.user or User(pk=0),
            by=by,
            at=at,
            say=f"{who}，{found.limit.words}",
        )


def _side(limit: Limit, row: SignInFailure) -> tuple[str, ...]:
    sides = {"pair": (row.account, row.address), "account": (row.account,)}
    return sides.get(limit.name, (row.address,))


def _of(limit: Limit, account: str, address: str) -> QuerySet[SignInFailure]:
    sides = {"pair": {"account": account, "address": address}, "account": {"account": account}}
    return SignInFailure.objects.filter(**sides.get(limit.name, {"address": address}))


def _mistakes(limit: Limit, door: Door, at: datetime) -> QuerySet[SignInFailure]:
    return _of(limit, door.key, door.address).filter(at__gt=at - limit.within)


def _shut_until(limit: Limit, door: Door, at: datetime) -> datetime | None:
    latest = _mistakes(limit, door, at).order_by("-at", "-pk").values_list("at", flat=True)
    counted = list(latest[limit.most - 1 : limit.most])
    return counted[0] + limit.within if counted else None


def _is_known(door: Door, at: datetime) -> bool:
    user = door.user
    lately = SignIn.objects.filter(user=user, address=door.address, at__gt=at - KNOWN)
    return user is not None and lately.exists()


def _cut(account: str) -> str:
    """Two letters of an account that is none: it may be the password, in the wrong box."""
    return f"{clean(account, multiline=False)[:2]}…（无此账号）"
