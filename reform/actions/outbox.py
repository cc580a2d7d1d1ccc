"""The outbox (发送箱): handing messages over, each until it is sent or given up, and none twice.

A sweeper claims messages for some seconds and says again and again that it is alive; what one that
was killed had in hand is free soon after. Each message is marked the moment its channel has taken
it, so a kill can repeat one at most, and that one with the same Message-ID. Not one transaction:
mail is slow, and must not hold others up.
"""

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from time import monotonic
from typing import Protocol

from django.db import connections, transaction
from django.db.models import F, QuerySet
from django.utils.timezone import localdate

from reform import policy
from reform.actions import trail
from reform.errors import Refused
from reform.models import (
    Act,
    Actor,
    Delivery,
    DeliveryNotice,
    Event,
    Holiday,
    Notice,
    Preference,
    User,
)
from reform.models.office_hours import is_open

State = Delivery.State
LEASE = timedelta(seconds=12)
SIGN = 3.0  # seconds between two signs of life
TRIES = 8
# After the first try that failed, the second, …; four and a half hours until it is given up.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 150))
AGAIN = timedelta(seconds=30)  # when it was the channel's fault, and no message's
LINES = 50  # notices of a kind that a message is given; the rest is a number
GONE = "收件人没有填写可用的地址。"
LOST = "多次没有发完就中断。"


class Told(Enum):
    """What became of a message that was handed to its channel."""

    SENT = "sent"
    LATER = "later"  # this one failed, another try may succeed
    DEAD = "dead"  # no other try would
    DOWN = "down"  # the channel itself: no message's fault


@dataclass(frozen=True)
class Outcome:
    delivery: int
    told: Told
    error: str = ""  # a sentence for the administrator: no address, no password, no text of ours


@dataclass(frozen=True)
class Line:
    subject: str
    url: str
    late: bool


@dataclass
class Section:
    """The notices of one kind in a message: the first of them, and how many there are."""

    event: str
    lines: list[Line] = field(default_factory=list)
    count: int = 0

    @property
    def title(self) -> str:
        return str(Event(self.event).label)


@dataclass
class Message:
    """What a channel is given: to whom, and what is told."""

    delivery: int
    message_id: str
    person: User
    preference: Preference
    timing: str
    day: date
    sections: list[Section] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(section.count for section in self.sections)


class Channel(Protocol):
    most: int  # messages of one handing over

    def reaches(self, person: User, preference: Preference) -> bool: ...

    def hand_over(self, messages: Sequence[Message]) -> Iterator[Sequence[Outcome]]:
        """Yield what became of each, those together that are known at once. DOWN ends it: the
        rest waits."""


@dataclass
class Sweep:
    """One round: when it began, and what came of it."""

    at: datetime
    began: float = field(default_factory=monotonic)
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    stopping: Callable[[], bool] = lambda: False
    sent: int = 0
    failed: int = 0
    down: str = ""

    @property
    def now(self) -> datetime:
        """The moment given at the edge, and the time that went by since."""
        return self.at + timedelta(seconds=monotonic() - self.began)

    @property
    def mine(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(claimed_by=self.token, state=State.SENDING)

    def end(self, deliveries: Sequence[int], **facts: object) -> None:
        """Write how they ended, but for those that have been taken from us meanwhile."""
        self.mine.filter(pk__in=deliveries).update(claimed_by="", claimed_until=None, **facts)


def hand_over(name: str, channel: Channel, sweep: Sweep) -> None:
    """Hand over all that is due on a channel, in as many rounds as it takes."""
    while not sweep.down and not sweep.stopping():
        claimed = _claim(name, channel.most, sweep)
        if not claimed:
            return
        with _alive(sweep):
            left = _hand_over(channel, _messages(claimed, channel, sweep), sweep)
        if left:
            return


def _hand_over(channel: Channel, messages: Sequence[Message], sweep: Sweep) -> int:
    """Return how many of the messages are left: the channel is down, or we are to stop."""
    left = len(messages)
    for outcomes in channel.hand_over(messages) if messages else ():
        known = [outcome for outcome in outcomes if outcome.told != Told.DOWN]
        _mark(known, sweep)
        left -= len(known)
        for outcome in outcomes:
            if outcome.told == Told.DOWN:
                sweep.down = outcome.error
        if sweep.down or sweep.stopping():
            break
    return left


def _claim(name: str, most: int, sweep: Sweep) -> list[int]:
    """Take what is due and nobody has in hand, what goes at its own minute first.

    Digests wait for working hours, a second try as well.
    """
    now = sweep.now
    with transaction.atomic():
        free = Delivery.objects.filter(channel=name).free(now)
        if not is_open(Holiday.objects.calendar(), now):
            free = free.exclude(timing=Notice.Timing.DIGEST)
        held = free.select_for_update(skip_locked=True).order_by("-timing", "next_at", "pk")
        rows = list(held.values_list("pk", "state")[:most])
        claimed = [pk for pk, _ in rows]
        cut = [pk for pk, state in rows if state == State.SENDING]
        mine = Delivery.objects.filter(pk__in=claimed)
        mine.update(state=State.SENDING, claimed_by=sweep.token, claimed_until=now + LEASE)
        # What always breaks off would break off for ever, and all behind it.
        mine.filter(pk__in=cut).update(attempts=F("attempts") + 1)
        lost = sweep.mine.filter(pk__in=cut, attempts__gte=TRIES)
        lost.update(state=State.DEAD, error=LOST, ended_at=now, claimed_by="", claimed_until=None)
    return claimed


@contextmanager
def _alive(sweep: Sweep) -> Iterator[None]:
    """Say every few seconds that the claimed messages are in hand; let go of what was not sent."""
    over = threading.Event()

    def say() -> None:
        while not over.wait(SIGN):
            sweep.mine.update(claimed_until=sweep.now + LEASE)
        connections.close_all()  # this thread's own

    voice = threading.Thread(target=say, daemon=True)
    voice.start()
    try:
        yield
    finally:
        over.set()
        voice.join()
        free = {"state": State.WAITING, "claimed_by": "", "claimed_until": None}
        down = {"error": sweep.down[:200], "next_at": sweep.now + AGAIN} if sweep.down else {}
        sweep.mine.update(**free, **down)


def _mark(outcomes: Sequence[Outcome], sweep: Sweep) -> None:
    gone = [outcome.delivery for outcome in outcomes if outcome.told == Told.SENT]
    if gone:
        sweep.sent += len(gone)
        sweep.end(gone, state=State.SENT, error="", ended_at=sweep.now)
    for outcome in outcomes:
        if outcome.told != Told.SENT:
            sweep.failed += 1
            _fail(outcome, sweep)


def _fail(outcome: Outcome, sweep: Sweep) -> None:
    row = sweep.mine.filter(pk=outcome.delivery).values_list("attempts", flat=True).first()
    attempts, error = (row or 0) + 1, outcome.error[:200]
    facts = {"attempts": attempts, "error": error}
    if outcome.told == Told.DEAD or attempts >= TRIES:
        sweep.end([outcome.delivery], state=State.DEAD, ended_at=sweep.now, **facts)
    else:
        next_at = sweep.now + WAITS[attempts - 1]
        sweep.end([outcome.delivery], state=State.WAITING, next_at=next_at, **facts)


# ---------------------------------------------------------------- what they say


def _messages(claimed: Sequence[int], channel: Channel, sweep: Sweep) -> list[Message]:
    """Return what there is to hand over. What nobody needs any more, or cannot get, ends here."""
    told = _sections(claimed, on=localdate(sweep.now))
    rows = sweep.mine.select_related("recipient__preference")
    messages = []
    for row in rows.order_by("-timing", "next_at", "pk"):
        person = row.recipient
        preference = Preference.of(person)
        if not person.is_active or row.pk not in told:
            sweep.end([row.pk], state=State.SPARED, ended_at=sweep.now)
        elif not channel.reaches(person, preference):
            sweep.end([row.pk], state=State.DEAD, error=GONE, ended_at=sweep.now)
        else:
            message = Message(row.pk, row.message_id, person, preference, row.timing, row.day)
            message.sections = [told[row.pk][event] for event in Event if event in told[row.pk]]
            messages.append(message)
    return messages


def _sections(claimed: Sequence[int], *, on: date) -> dict[int, dict[str, Section]]:
    """Return delivery → event → what is still unread of it, and still his to read."""
    known = Notice.objects.filter(deliveries__in=claimed).outlived(on)
    gone = set(known.values_list("pk", flat=True))  # mostly nothing; PostgreSQL is slow at NOT IN
    parts = DeliveryNotice.objects.filter(delivery__in=claimed, notice__read_at=None)
    rows = parts.order_by("delivery", "notice").values_list(
        *("delivery", "notice", "notice__event", "notice__subject", "notice__url", "notice__late")
    )
    told: dict[int, dict[str, Section]] = {}
    for delivery, notice, event, *line in rows.iterator(chunk_size=2_000):
        if notice in gone:
            continue
        section = told.setdefault(delivery, {}).setdefault(event, Section(event))
        section.count += 1
        if len(section.lines) < LINES:
            section.lines.append(Line(*line))
    return told


# ---------------------------------------------------------------- what was given up


@transaction.atomic
def retry(delivery: Delivery, *, by: Actor, at: datetime) -> None:
    """Put a message that was given up in the queue once more, with the address of now."""
    policy.require(by, "nt.dead")
    row = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if row.state != State.DEAD:
        raise Refused("这条消息已经重新排队，或已经发出。")
    _queue(Delivery.objects.filter(pk=row.pk), at=at)
    trail.record(Act.DELIVERY_RETRIED, row, by=by, at=at, say=str(row))


@transaction.atomic
def retry_all(*, by: Actor, at: datetime) -> int:
    policy.require(by, "nt.dead")
    count = _queue(Delivery.objects.dead(), at=at)
    if not count:
        raise Refused("没有未送达的消息。")
    trail.record(Act.DELIVERY_RETRIED, by.user, by=by, at=at, say=f"全部{count}条", count=count)
    return count


def _queue(rows: QuerySet[Delivery], *, at: datetime) -> int:
    return rows.update(state=State.WAITING, attempts=0, error="", next_at=at, ended_at=None)
