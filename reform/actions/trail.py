"""Writing the trail (操作留痕)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models

from reform.models import Actor, TrailEntry, User
from reform.models.trail import target_of


def record(
    act: models.TextChoices,
    target: models.Model,
    *,
    by: Actor,
    at: datetime,
    behalf: User | str = "",
    say: str = "",
    **detail: Any,
) -> TrailEntry:
    """Add one entry, in the transaction of the act it records.

    `behalf` is the person for whom it was entered (代填); `say` is put behind the act's own words.
    """
    entry = _entry(act, target, by=by, at=at, behalf=behalf, say=say, detail=detail)
    entry.save()
    return entry


def record_many(
    act: models.TextChoices,
    targets: Sequence[models.Model],
    *,
    by: Actor,
    at: datetime,
    say: Sequence[str],
    **detail: Any,
) -> None:
    """Add an entry for each of many rows, with its own words, in a few statements."""
    TrailEntry.objects.bulk_create(
        (
            _entry(act, target, by=by, at=at, say=words, detail=detail)
            for target, words in zip(targets, say, strict=True)
        ),
        batch_size=500,
    )


def _entry(
    act: models.TextChoices,
    target: models.Model,
    *,
    by: Actor,
    at: datetime,
    behalf: User | str = "",
    say: str,
    detail: dict[str, Any],
) -> TrailEntry:
    behalf_name = str(behalf)[:40]
    return TrailEntry(
        act=act,
        sentence=f"{act.label}：{say or target}"[:400],
        target=target_of(target),
        by=by.user,
        by_name=by.user.name,
        behalf_name="" if behalf_name == by.user.name else behalf_name,
        at=at,
        address=by.address,
        detail=detail,
    )
