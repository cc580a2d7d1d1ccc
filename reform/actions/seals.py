"""Sealing the trail (封存): what was written since the last seal, into a chain of digests.

Daily by the timetable, at any time by `manage.py verify_trail --seal`. See decision 0014.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from reform.actions import anchors
from reform.errors import Refused
from reform.models import TrailEntry, TrailSeal
from reform.models.trail_line import lines

PER_SEAL = 100_000  # more become several seals, so that one fits into memory as a row
ALGORITHMS = ("sha256", "sm3")
SHORT = 16  # bytes kept of each entry's own digest
KEY = 8  # bytes of its key before it
LEAF = KEY + SHORT
WAIT = "20s"  # for those who write just now; then the next run seals
BUSY = "写入一直没有停下来，这一次没有封存，已有的封存不受影响；请稍后再试。"
UNKNOWN = "不认识摘要算法“{}”，不能{}；TRAIL_DIGEST 只能是 sha256 或 sm3。"
NO_ALGORITHM = (
    "这台机器的 OpenSSL 没有提供 {} 算法，不能{}。请安装支持该算法的 OpenSSL，"
    "或改用 TRAIL_DIGEST=sha256。"
)


@dataclass(frozen=True)
class Digests:
    """What a range of the trail comes to."""

    digest: str
    first_id: int | None
    last_id: int | None
    count: int
    leaves: bytes


def require(algorithm: str, *, to: str = "封存") -> None:
    """Raise Refused when this machine does not know the algorithm (SM3 needs OpenSSL 1.1.1)."""
    if algorithm not in ALGORITHMS:
        raise Refused(UNKNOWN.format(algorithm, to))
    if algorithm not in hashlib.algorithms_available:
        raise Refused(NO_ALGORITHM.format(algorithm, to))


def leaf(algorithm: str, key: int, line: bytes) -> bytes:
    """Key and short digest of one entry, LEAF bytes."""
    short = hashlib.new(algorithm, line).digest()[:SHORT]
    return key.to_bytes(KEY, "big", signed=True) + short


def seal_all(*, at: datetime) -> list[TrailSeal]:
    """Seal everything not sealed yet; return the seals made, none when another has just done it.

    Days that were missed are caught up with. A day on which nothing was written is sealed as well:
    it says that there was nothing; but once a day is enough of that.
    """
    algorithm = settings.TRAIL_DIGEST
    require(algorithm)
    anchors.prepare()
    _write_what_was_cut_off()
    until, made = _settled(), []
    while seal := _next(algorithm, until=until, at=at):
        made.append(seal)
        if seal.count < PER_SEAL:
            break
    return made


def _settled() -> int | None:
    """Return the highest key below which no entry can appear any more.

    A key is given before its transaction ends: without waiting for those who write, one of them
    could bring a lower key than the last one sealed.
    """
    try:
        with transaction.atomic():  # SQLite: IMMEDIATE waits for the one who writes
            _lock("reform_trailentry", "SHARE")
            return TrailEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    except OperationalError as error:
        raise Refused(BUSY) from error


def _lock(table: str, mode: str) -> None:
    """Wait for who writes there, and let nobody begin; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")
            cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def _next(algorithm: str, *, until: int | None, at: datetime) -> TrailSeal | None:
    before = newest()
    seal = _draw(before, algorithm, until=until, at=at)
    if not seal.count and before and _same_day(before.sealed_at, at):
        return None
    with anchors.held():
        with transaction.atomic():
            _lock("reform_trailseal", "EXCLUSIVE")
            if newest() != before:
                return None  # of two at once one seals
            seal.save(force_insert=True)
        anchors.append(seal)
    return seal


def _same_day(one: datetime, other: datetime) -> bool:
    return timezone.localdate(one) == timezone.localdate(other)


def _draw(
    before: TrailSeal | None, algorithm: str, *, until: int | None, at: datetime
) -> TrailSeal:
    """Return the seal that comes next, not saved yet."""
    after = before.last_id if before else None
    keys = _range(after, until)
    last = keys[1] if keys else (after or 0)
    seal = TrailSeal(
        number=before.number + 1 if before else 1,
        algorithm=algorithm,
        first_id=keys[0] if keys else None,
        last_id=last,
        count=keys[2] if keys else 0,
        sealed_at=at,
        previous=before.digest if before else "",
    )
    found = digests(seal, lines(after=after, until=last) if keys else iter(()))
    seal.digest, seal.leaves = found.digest, found.leaves
    return seal


def _range(after: int | None, until: int | None) -> tuple[int, int, int] | None:
    """Return first key, last key and number of the entries to seal now, at most PER_SEAL."""
    rows = TrailEntry.objects.filter(pk__lte=until or 0)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    keys = rows.order_by("pk").values_list("pk", flat=True)
    first = keys.first()
    if first is None:
        return None
    beyond = keys[PER_SEAL - 1 : PER_SEAL].first()
    if beyond is not None:
        return first, beyond, PER_SEAL
    return first, keys.reverse()[0], keys.count()


def digests(seal: TrailSeal, entries: Iterator[tuple[int, bytes]]) -> Digests:
    """Take the digest of a seal over its head and the lines of its entries."""
    running = hashlib.new(seal.algorithm, seal.head() + b"\n")
    leaves, first, last, count = bytearray(), None, None, 0
    for key, line in entries:
        running.update(line + b"\n")
        leaves += leaf(seal.algorithm, key, line)
        first, last, count = key if first is None else first, key, count + 1
    return Digests(running.hexdigest(), first, last, count, bytes(leaves))


def newest() -> TrailSeal | None:
    return TrailSeal.objects.defer("leaves").order_by("-number").first()


def _write_what_was_cut_off() -> None:
    """Write the newest seal's line again, if a machine stopped between the row and the file.

    Only the one: more missing, or others, are for verify_trail to tell, not to be mended.
    """
    with anchors.held():
        seal, known = newest(), anchors.read()
        lines_there = known[0] if known else []
        newest_there = lines_there[-1].number if lines_there else 0
        if seal and seal.number == newest_there + 1:
            anchors.append(seal)
