"""SQLite's rows: out by its online backup, in by the same, page by page in one transaction."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from reform.errors import Refused

FILE = "database.sqlite3"
Ask = Callable[[str], list[tuple[Any, ...]]]


@contextmanager
def taken(folder: Path) -> Iterator[Ask]:
    """Write the rows of this moment into the folder; give what answers questions about them."""
    with (
        closing(sqlite3.connect(_live())) as live,
        closing(sqlite3.connect(folder / FILE)) as copy,
    ):
        live.backup(copy)  # in one step: writers go on, and are not in it
        # One file: WAL would put two beside it when somebody looks. No session is taken along.
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA secure_delete=ON")  # else their keys stay in pages that are free
        copy.execute("DELETE FROM django_session")
        copy.commit()
        yield lambda words: copy.execute(words).fetchall()


def version() -> str:
    return sqlite3.sqlite_version


def refuse_company() -> None:
    """SQLite tells nobody who else has the file open; who writes meanwhile waits, and then sees
    the restored rows."""


@contextmanager
def replaced(folder: Path, settle: Callable[[], None]) -> Iterator[None]:
    """Within the block our connection sees the rows of the backup; leaving it puts them in place.

    They are made ready in a file beside the live one, so that whatever fails leaves that as it is.
    """
    live = _live()
    ready = live.with_name(f"{live.name}.restoring")
    # What a restore that was killed had not put in yet would be put into this one.
    _take_away(ready)
    try:
        shutil.copyfile(folder / FILE, ready)
        with _instead(ready):
            settle()
            with transaction.atomic():
                yield
        _put(ready, live)
    except DatabaseError as error:
        raise Refused(f"数据库没有恢复，仍是原样（{error}）。") from error
    finally:
        _take_away(ready)


def _take_away(ready: Path) -> None:
    """The file and what SQLite keeps beside it."""
    for left in ready.parent.glob(f"{ready.name}*"):
        left.unlink()


@contextmanager
def _instead(path: Path) -> Iterator[None]:
    """Let Django's connection stand on another file."""
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(path)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


def _put(ready: Path, live: Path) -> None:
    try:
        with closing(sqlite3.connect(ready)) as copy, closing(sqlite3.connect(live)) as target:
            copy.backup(target)
    except sqlite3.Error as error:
        raise Refused(
            f"数据库正被使用，没有恢复（{error}）。请停下网页和后台任务后重试。"
        ) from error


def _live() -> Path:
    return Path(connection.settings_dict["NAME"])
