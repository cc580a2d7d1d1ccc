"""From notices to messages: who is to be sent which, over which channel, and when.

Nobody waits for this: acts put notices in inboxes, and the sweeper sorts them into the outbox. A
notice is sorted once. What was read in the inbox before that is not sent as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from reform.models import Delivery, DeliveryNotice, Holiday, Notice, Preference, Pulse, User
from reform.models.insertion import insert_all
from reform.models.office_hours import is_open

AT_ONCE = 20_000  # notices that one sweep sorts; the next takes the rest
KEPT = 5_000  # rows in one statement
Timing = Notice.Timing
Row = tuple[int, int, str]  # notice, recipient, event


class Reaching(Protocol):
    """What sorting must know of a channel."""

    def reaches(self, person: User, preference: Preference) -> bool: ...


@transaction.atomic
def sort(channels: Mapping[str, Reaching], *, at: datetime) -> int:
    """Put what is due into messages; return how many messages were made.

    Without a channel (a closed network) nothing waits: the inbox is all there is.
    """
    waiting = Notice.objects.filter(sorted_at=None)
    if not channels:
        waiting.update(sorted_at=at)
        return 0
    if not waiting.exists() or not _is_alone():
        return 0
    waiting.exclude(read_at=None).update(sorted_at=at)
    waiting.outlived(timezone.localdate(at)).update(sorted_at=at)
    is_day = is_open(Holiday.objects.calendar(), at)
    made = _sort(waiting.filter(to_go_now(is_day)), channels, Timing.DIRECT, at=at)
    if is_day:
        _take_back(_for_digest(waiting, at), on=timezone.localdate(at))
        made += _sort(_for_digest(waiting, at), channels, Timing.DIGEST, at=at)
    return made


def _take_back(due: QuerySet[Notice], *, on: date) -> None:
    """A digest of an earlier day that no server has been asked to take (the channel was down) goes
    with today's: after three days without mail a person gets one, not three.

    One that was tried keeps its Message-ID and goes by itself, and so does one whose notices went
    over another channel as well.
    """
    old = Delivery.objects.filter(timing=Timing.DIGEST, day__lt=on, attempts=0)
    old = old.filter(state=Delivery.State.WAITING, recipient__in=due.values("recipient"))
    elsewhere = DeliveryNotice.objects.filter(notice__deliveries=OuterRef("pk"))
    alone = old.exclude(Exists(elsewhere.exclude(delivery=OuterRef("pk"))))
    held = alone.select_for_update(skip_locked=True, of=("self",))
    keys = list(held.values_list("pk", flat=True)[:KEPT])
    Notice.objects.filter(deliveries__in=keys, read_at=None).update(sorted_at=None)
    Delivery.objects.filter(pk__in=keys).delete()


def to_go_now(is_day: bool) -> Q:
    """Return what goes at its own minute. What has missed it (补发) wakes nobody at night."""
    direct = Q(timing=Timing.DIRECT)
    return direct if is_day else direct & Q(late=False)


def _is_alone() -> bool:
    """Of two sweepers one sorts; the other leaves it to him. Held to the end of the transaction."""
    Pulse.objects.get_or_create(name=Pulse.Name.SORT, defaults={"at": timezone.now()})
    held = Pulse.objects.select_for_update(skip_locked=True).filter(name=Pulse.Name.SORT)
    return bool(held.values_list("pk"))


def _for_digest(waiting: QuerySet[Notice], at: datetime) -> QuerySet[Notice]:
    """Return what waits for people whose hour has come and who have had no digest today."""
    local = timezone.localtime(at)
    had = Delivery.objects.filter(timing=Timing.DIGEST, day=local.date())
    rows = waiting.filter(timing=Timing.DIGEST)
    rows = rows.exclude(recipient__preference__digest_at__gt=local.time())
    return rows.exclude(recipient__in=had.values("recipient"))


def _sort(
    waiting: QuerySet[Notice], channels: Mapping[str, Reaching], timing: str, *, at: datetime
) -> int:
    """Make one message a person and channel. A person's notices are never torn apart: whoever
    stands at the end of what is sorted at once comes whole with the next sweep, or alone."""
    found = waiting.order_by("recipient", "pk").values_list("pk", "recipient", "event")
    rows: list[Row] = list(found[: AT_ONCE + 1])
    if len(rows) > AT_ONCE:
        last = rows[-1][1]
        whole = [row for row in rows if row[1] != last]
        rows = whole or list(found.filter(recipient=last))
    made = list(_deliveries(rows, channels, timing, at=at))
    Delivery.objects.bulk_create([one for one, _ in made], batch_size=KEPT)
    parts = [(one.pk, pk, one.channel) for one, notices in made for pk in notices]
    insert_all(DeliveryNotice, ("delivery_id", "notice_id", "channel"), parts)
    for start in range(0, len(rows), KEPT):
        some = [pk for pk, *_ in rows[start : start + KEPT]]
        Notice.objects.filter(pk__in=some).update(sorted_at=at)
    return len(made)


def _deliveries(
    rows: Iterable[Row], channels: Mapping[str, Reaching], timing: str, *, at: datetime
) -> Iterator[tuple[Delivery, list[int]]]:
    day: date = timezone.localdate(at)
    rows = list(rows)
    people = _people({person for _, person, _ in rows})
    for person_id, theirs in groupby(rows, key=itemgetter(1)):
        person, preference, told = *people[person_id], list(theirs)
        for name, channel in channels.items():
            if not person.is_active or not channel.reaches(person, preference):
                continue
            if wanted := [pk for pk, _, event in told if preference.wants(name, event)]:
                delivery = Delivery(
                    recipient=person, channel=name, timing=timing, day=day, next_at=at, made_at=at
                )
                yield delivery, wanted


def _people(keys: Iterable[int]) -> dict[int, tuple[User, Preference]]:
    """Return each person with how he wants to be told."""
    wanted, found = sorted(keys), {}
    for start in range(0, len(wanted), KEPT):
        some = User.objects.filter(pk__in=wanted[start : start + KEPT])
        for user in some.select_related("preference"):
            found[user.pk] = (user, Preference.of(user))
    return found
