"""Telling people: a row in the inbox, in the transaction of the act it tells of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from reform.models import Actor, Event, Notice, User
from reform.models.insertion import insert_all

COLUMNS = (
    *("recipient_id", "subject", "url", "key", "event"),
    *("timing", "due_at", "late", "created_at"),
)

LONGEST = 200  # characters of a subject


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing to tell: to whom, in which words, under which key, and what kind of thing it is.

    `timing` is the digest of the day, or its own minute. What is told after `due_at`, when it
    should have been, is `late` and says so. `readers` are keys of people known to read notices:
    who tells ten thousand need not load them.
    """

    recipients: Iterable[User]
    subject: str
    key: str
    url: str = ""
    event: str = Event.SYSTEM
    timing: str = Notice.Timing.DIGEST
    due_at: datetime | None = None
    late: bool = False
    readers: Iterable[int] = ()

    def told(self) -> Iterator[int]:
        """Return the keys of those it goes to."""
        yield from self.readers
        yield from (user.pk for user in self.recipients if reads(user))


def post(
    recipients: Iterable[User],
    *,
    subject: str,
    key: str,
    event: str,
    at: datetime,
    by: Actor | None,
    url: str = "",
) -> int:
    """Put a notice in every recipient's inbox but the actor's own; return how many were new.

    The same `key` is told to a person once. What the system did by itself has no actor.
    """
    return post_each([Letter(recipients, subject, key, url, event)], at=at, by=by)


def post_each(letters: Iterable[Letter], *, at: datetime, by: Actor | None) -> int:
    """Put many letters in their inboxes in a few statements, each by the rules of `post`."""
    own = by.user.pk if by else None
    news = {
        (user, letter.key): (
            *(user, _cut(letter.subject), letter.url, letter.key, letter.event),
            *(letter.timing, letter.due_at, letter.late, at),
        )
        for letter in letters
        for user in letter.told()
        if user != own
    }
    # In one order: two who tell the same people at once must not wait for one another.
    return insert_all(Notice, COLUMNS, [news[key] for key in sorted(news)], ignore=True)[0]


def _cut(subject: str) -> str:
    """A reason may be longer than a line of an inbox; that it goes on is to be seen."""
    return subject if len(subject) <= LONGEST else f"{subject[: LONGEST - 1]}…"


def reads(user: User) -> bool:
    """Whoever has no account, or a closed one, has no inbox."""
    return user.is_active and user.has_account


@transaction.atomic
def read(notice: Notice, *, by: Actor, at: datetime) -> None:
    """Mark one's own notice as read; a second time changes nothing."""
    Notice.objects.visible_to(by).filter(pk=notice.pk, read_at=None).update(read_at=at)


def read_all(*, last: int = 0, by: Actor, at: datetime) -> int:
    """Mark one's own as read, up to the one with the key `last`: what came after the page was
    opened has not been seen, and would not be mailed either."""
    rows = Notice.objects.visible_to(by).unread()
    return (rows.filter(pk__lte=last) if last else rows).update(read_at=at)


def settle_below(start: str, *, at: datetime, only: int | None = None) -> int:
    """Mark what was told under keys that begin with `start`, which ends in a colon, as read; for
    one person alone where his key is given."""
    told = Notice.objects.filter(key__gte=start, key__lt=f"{start[:-1]};", read_at=None)
    return (told.filter(recipient=only) if only else told).update(read_at=at)


def settle(
    key: str,
    *,
    at: datetime,
    but: Iterable[User] = (),
    only: QuerySet | None = None,
) -> int:
    """Mark what was told under `key` as read for everybody: what it asked for has been done.

    Those in `but` are still asked, and so are, where `only` is given, all who are not in it.
    """
    told = Notice.objects.filter(key=key, read_at=None).exclude(recipient__in=list(but))
    return (told if only is None else told.filter(recipient__in=only)).update(read_at=at)
