"""The anchor (锚文件): each seal written once more, as a line of a file outside the database.

Who may change every row can make a whole new chain that fits; he would have to reach this file as
well. It is only ever appended to.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from django.conf import settings

from reform.errors import Refused
from reform.models import TrailSeal

UNWRITABLE = "锚文件“{}”无法写入（{}），没有封存。请系统管理员检查该文件和所在目录的权限。"
UNREADABLE = "锚文件“{}”无法读取（{}）。请系统管理员检查该文件和所在目录的权限。"


@dataclass(frozen=True)
class AnchorLine:
    """What the file says of one seal."""

    number: int
    sealed_at: str
    last_id: int
    count: int
    algorithm: str
    digest: str

    @classmethod
    def of(cls, seal: TrailSeal) -> Self:
        moment = seal.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        return cls(seal.number, moment, seal.last_id, seal.count, seal.algorithm, seal.digest)

    @classmethod
    def read(cls, text: str) -> Self | None:
        parts = text.split("\t")
        try:
            number, moment, last_id, count, algorithm, digest = parts
            return cls(int(number), moment, int(last_id), int(count), algorithm, digest)
        except ValueError:
            return None

    def __str__(self) -> str:
        facts = (self.number, self.sealed_at, self.last_id, self.count, self.algorithm, self.digest)
        return "\t".join(map(str, facts))


def place() -> Path:
    return Path(settings.TRAIL_ANCHOR)


def prepare() -> None:
    """See that the file can be written, before anything is sealed that could not be noted."""
    try:
        place().parent.mkdir(parents=True, exist_ok=True)
        place().open("ab").close()
    except OSError as error:
        raise Refused(UNWRITABLE.format(place(), error.strerror)) from error


@contextmanager
def held() -> Iterator[None]:
    """Let nobody else seal within the block: a row and its line stand in the same order.

    Else a sealer who was held up between them would write his line behind the next one's, and
    the file would look as if somebody had changed it.
    """
    try:
        file = place().open("ab")
    except OSError as error:
        raise Refused(UNWRITABLE.format(place(), error.strerror)) from error
    with file:  # closing it lets go
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def append(seal: TrailSeal) -> None:
    """Write a seal's line and see it onto the disk."""
    try:
        with place().open("ab") as file:
            file.write(f"{AnchorLine.of(seal)}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Refused(UNWRITABLE.format(place(), error.strerror)) from error


def read() -> tuple[list[AnchorLine], list[int]] | None:
    """Return the lines, and the places (from 1) of those that are none; None without a file."""
    try:
        text = place().read_bytes().decode("ascii", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(UNREADABLE.format(place(), error.strerror)) from error
    found = [AnchorLine.read(line) for line in text.splitlines()]
    broken = [number for number, line in enumerate(found, start=1) if line is None]
    return [line for line in found if line is not None], broken


def put_aside(*, at: datetime) -> Path | None:
    """Rename the file, so that another begins; return where the old one lies now."""
    if not place().exists() or not place().stat().st_size:
        return None
    aside = place().with_name(f"{place().name}.{at.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    while aside.exists():  # twice in a second: a rename would write over what was kept
        aside = aside.with_name(f"{aside.name}+")
    place().rename(aside)
    return aside
