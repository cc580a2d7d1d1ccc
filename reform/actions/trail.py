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
    by: Actor | None,
    at: datetime,
    behalf: User | str = "",
    say: str = "",
    unknown: str = "",
    address: str = "",
    **detail: Any,
) -> TrailEntry:
    """Add one entry, in the transaction of the act it records.

    `behalf` is the person for whom it was entered (代填); `say` is put behind the act's own words.
    Where nobody is signed in, `unknown` says in words who it was, and `address` from where.
    """
    entry = _entry(act, target, by=by, at=at, behalf=behalf, say=say, detail=detail)
    if by is None:
        entry.by_name, entry.address = unknown[:100], address
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
    by: Actor | None,
    at: datetime,
    behalf: User | str = "",
    say: str,
    detail: dict[str, Any],
) -> TrailEntry:
    name = by.user.name if by else ""
    if by and by.behalf:
        behalf = behalf if behalf and str(behalf) != name else f"{by.behalf}，请假委托"
        detail = detail | {"in_place_of": by.behalf.pk}
    behalf_name = str(behalf)[:40]
    return TrailEntry(
        act=act,
        sentence=f"{act.label}：{say or target}"[:400],
        target=target_of(target),
        by=by.user if by else None,
        by_name=name,
        behalf_name="" if behalf_name == name else behalf_name,
        at=at,
        address=by.address if by else "",
        detail=detail,
    )
