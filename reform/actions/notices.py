"""Telling people: a row in the inbox, in the transaction of the act it tells of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from reform.models import Actor, Event, Notice, User

LOOKED_UP = 200  # in one statement: SQLite tries every pair of person and key
KEPT = 2_000


@dataclass(frozen=True)
class Letter:
    """One thing to tell: to whom, in which words, under which key, and what kind of thing it is.

    `timing` is the digest of the day, or its own minute. What is told after `due_at`, when it
    should have been, is `late` and says so.
    """

    recipients: Iterable[User]
    subject: str
    key: str
    url: str = ""
    event: str = Event.SYSTEM
    timing: str = Notice.Timing.DIGEST
    due_at: datetime | None = None
    late: bool = False


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
        (user.pk, letter.key): Notice(
            recipient=user,
            subject=letter.subject[:200],
            url=letter.url,
            key=letter.key,
            event=letter.event,
            timing=letter.timing,
            due_at=letter.due_at,
            late=letter.late,
            created_at=at,
        )
        for letter in letters
        for user in letter.recipients
        if user.pk != own and _reads(user)
    }
    wanted = sorted(news)
    for start in range(0, len(wanted), LOOKED_UP):
        some = wanted[start : start + LOOKED_UP]
        told = Notice.objects.filter(
            recipient__in={user for user, _ in some}, key__in={key for _, key in some}
        )
        for known in told.values_list("recipient_id", "key"):
            news.pop(known, None)
    Notice.objects.bulk_create(news.values(), ignore_conflicts=True, batch_size=KEPT)
    return len(news)


def _reads(user: User) -> bool:
    """Whoever has no account, or a closed one, has no inbox."""
    return user.is_active and user.has_account


@transaction.atomic
def read(notice: Notice, *, by: Actor, at: datetime) -> None:
    """Mark one's own notice as read; a second time changes nothing."""
    Notice.objects.visible_to(by).filter(pk=notice.pk, read_at=None).update(read_at=at)


def read_all(*, by: Actor, at: datetime) -> int:
    return Notice.objects.visible_to(by).unread().update(read_at=at)


def settle(key: str, *, at: datetime, but: Iterable[User] = ()) -> int:
    """Mark what was told under `key` as read for everybody: what it asked for has been done.

    Those in `but` are still asked.
    """
    told = Notice.objects.filter(key=key, read_at=None).exclude(recipient__in=list(but))
    return told.update(read_at=at)
