"""Making a backup: rows of one moment, and the files that those rows name."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from reform import policy
from reform.actions import trail
from reform.actions.backups import folder, postgresql, sqlite
from reform.errors import Refused
from reform.models import Act, Actor, Attachment, Pulse

ENGINES: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
ABANDONED = timedelta(days=1)  # no backup takes that long
CHUNK = 1 << 20
OWN_FILES = "SELECT file, sha256 FROM reform_attachment ORDER BY file"
MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"


def make(root: Path, *, by: Actor, at: datetime, rotate: int | None = None) -> Path:
    """Make a backup in a new folder below `root`, and return it.

    It has its name only when it is whole. With `rotate` the newest so many stay, this one counted.
    Not one transaction of ours: the rows are those of a snapshot, and a kept file never changes.
    """
    policy.require(by, "bk.run")
    target = root / f"{timezone.localtime(at):%Y%m%d-%H%M%S}"
    if target.exists():
        raise Refused(f"“{target}”已经存在，请过一秒再做备份。")
    root.mkdir(parents=True, exist_ok=True)
    before = folder.dated(root)
    with _unfinished(root, target.name, at) as part:
        manifest = _fill(part, before[-1] if before else None, at=at)
        os.sync()  # a name is a promise
        part.rename(target)
    removed = _rotate(root, rotate)
    _note(target, manifest, removed, by=by, at=at)
    return target


def _fill(part: Path, previous: Path | None, *, at: datetime) -> folder.Manifest:
    engine = ENGINES[connection.vendor]
    with engine.taken(part) as ask:
        names = ask(OWN_FILES)
        counts = {table: ask(f'SELECT count(*) FROM "{table}"')[0][0] for table in _tables(ask)}  # noqa: S608
        migrations = [list(row) for row in ask(MIGRATIONS)]
    copied, troubled = _copy(names, part / folder.FILES, previous)
    manifest = folder.Manifest(
        made_at=at.isoformat(),
        release=settings.RELEASE,
        engine=connection.vendor,
        engine_version=engine.version(),
        database=engine.FILE,
        counts=counts,
        migrations=migrations,
        files=len(copied),
        bytes=sum((part / name).stat().st_size for name in copied),
        missing=sorted(name for name, word in troubled.items() if word == "missing"),
        damaged=sorted(name for name, word in troubled.items() if word == "damaged"),
    )
    folder.write(part, manifest, copied)
    return manifest


def _tables(ask: sqlite.Ask) -> list[str]:
    """Return every table but that of sessions, which no backup takes along."""
    words = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    if connection.vendor == "sqlite":
        words = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND sql NOT LIKE 'CREATE VIRTUAL%'"  # an index without text cannot be counted
        )
    return sorted(name for (name,) in ask(words) if name != "django_session")


# ---- files --------------------------------------------------------------------------------------


def _copy(
    names: list[tuple[str, str]], target: Path, previous: Path | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Copy the files that rows name; return name → hash, and name → what is wrong with it."""
    copied, troubled = {}, {}
    for name, sha256 in names:
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            found = _linked(previous, name, sha256, place) or _copied(name, place)
        except FileNotFoundError:
            # Taken back while we copied: then its row is gone as well.
            if Attachment.objects.filter(file=name).exists():
                troubled[name] = "missing"
            continue
        copied[f"{folder.FILES}/{name}"] = found
        if found != sha256:
            troubled[name] = "damaged"
    return copied, troubled


def _linked(previous: Path | None, name: str, sha256: str, place: Path) -> str:
    """Take the file from the backup before: the same bytes need no second place on the disk."""
    old = previous / folder.FILES / name if previous else None
    if old is None or not old.is_file() or folder.hash_of(old) != sha256:
        return ""
    try:
        os.link(old, place)
    except OSError:  # a disk that knows no links
        return ""
    return sha256


def _copied(name: str, place: Path) -> str:
    found = hashlib.sha256()
    with Path(settings.MEDIA_ROOT, name).open("rb") as source, place.open("wb") as copy:
        while chunk := source.read(CHUNK):
            found.update(chunk)
            copy.write(chunk)
    return found.hexdigest()


# ---- folders ------------------------------------------------------------------------------------


@contextmanager
def _unfinished(root: Path, name: str, at: datetime) -> Iterator[Path]:
    """A folder under a name that is no backup's; it goes when the backup does not come about."""
    for left in root.glob(".*.part"):
        if left.stat().st_mtime < (at - ABANDONED).timestamp():
            shutil.rmtree(left, ignore_errors=True)
    part = root / f".{name}.part"
    part.mkdir(mode=0o700)
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _rotate(root: Path, keep: int | None) -> list[str]:
    gone = folder.dated(root)[:-keep] if keep else []
    for path in gone:
        shutil.rmtree(path)
    return [path.name for path in gone]


@transaction.atomic
def _note(
    target: Path, manifest: folder.Manifest, removed: list[str], *, by: Actor, at: datetime
) -> None:
    facts: dict[str, Any] = {
        "folder": str(target),
        "rows": sum(manifest.counts.values()),
        "files": manifest.files,
        "bytes": manifest.bytes,
        "missing": len(manifest.missing),
        "damaged": len(manifest.damaged),
        "sums": folder.hash_of(target / folder.SUMS),
    }
    pulse = Pulse.objects.note(Pulse.Name.BACKUP, at=at, **facts)
    trail.record(Act.BACKED_UP, pulse, by=by, at=at, say=target.name, removed=removed, **facts)
