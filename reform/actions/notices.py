"""Telling people: a row in the inbox, in the transaction of the act it tells of."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from reform.models import Actor, Notice, User


def post(
    recipients: Iterable[User],
    *,
    subject: str,
    key: str,
    at: datetime,
    by: Actor | None,
    url: str = "",
) -> int:
    """Put a notice in every recipient's inbox but the actor's own; return how many were new.

    The same `key` is told to a person once. What the system did by itself has no actor.
    """
    own = by.user.pk if by else None
    people = {user.pk: user for user in recipients if _reads(user) and user.pk != own}
    told = set(
        Notice.objects.filter(key=key, recipient__in=people).values_list("recipient_id", flat=True)
    )
    news = [
        Notice(recipient=user, subject=subject[:200], url=url, key=key, created_at=at)
        for user in people.values()
        if user.pk not in told
    ]
    Notice.objects.bulk_create(news, ignore_conflicts=True)
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
