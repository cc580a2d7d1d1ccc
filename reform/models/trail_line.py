"""The form in which entries of the trail are sealed: one line of ASCII for each, for ever the same.

Form 1 is a JSON array of FIELDS in that order, without blanks, all but ASCII escaped. Moments are
UTC in ISO 8601 with microseconds; `detail` is JSON with sorted keys; NULL is null and '' is "".
Rows are read past the ORM, byte by byte where the engine allows, so that a value which is no
longer one (half a character, a month 13) is found and named instead of stopping the search.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connection

FIELDS = (
    "id",
    "act",
    "sentence",
    "quote",
    "target",
    "subject",
    "by_id",
    "by_name",
    "behalf_name",
    "made_as",
    "organization_id",
    "at",
    "address",
    "detail",
)
NUMBERS = {"id", "by_id", "organization_id"}
AT_ONCE = 2000
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?")


def lines(*, after: int | None, until: int | None) -> Iterator[tuple[int, bytes]]:
    """Yield (key, line) for all entries with after < key ≤ until, in order, in little memory."""
    while True:
        rows = _rows(after, until)
        for row in rows:
            yield row[0], line(row)
        if len(rows) < AT_ONCE:
            return
        after = rows[-1][0]


def line(row: tuple[Any, ...]) -> bytes:
    facts = dict(zip(FIELDS, row, strict=True))
    facts |= {"at": moment(facts["at"]), "detail": detail(facts["detail"])}
    return json.dumps([text(value) for value in facts.values()], separators=(",", ":")).encode()


def text(value: Any) -> Any:
    """Bytes, as SQLite gives them here, become text; what is no UTF-8 stays told apart."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "surrogateescape")
    return value


def moment(value: Any) -> Any:
    """A moment in UTC, as either engine writes it; what is none is kept as it stands."""
    written = text(value)
    if isinstance(written, str) and _MOMENT.fullmatch(written):
        try:
            found = datetime.fromisoformat(written).replace(tzinfo=UTC)
        except ValueError:
            return written
        return found.isoformat(timespec="microseconds")
    return written


def detail(value: Any) -> Any:
    """Sorted JSON; text that is none is kept as it stands, marked as such."""
    written = text(value)
    if not isinstance(written, str):
        return written
    try:
        found = json.loads(written, parse_float=_number)
    except ValueError:
        return f"raw:{written}"
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


def _number(written: str) -> float | int:
    """PostgreSQL keeps 1e2 as 100: what is whole is written so."""
    value = float(written)
    return int(value) if value.is_integer() else value


def _rows(after: int | None, until: int | None) -> list[tuple[Any, ...]]:
    bounds = {"id > %s": after, "id <= %s": until}
    given = {condition: bound for condition, bound in bounds.items() if bound is not None}
    where = f"WHERE {' AND '.join(given)}" if given else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_columns()} FROM reform_trailentry {where}"  # noqa: S608 -- our own names
            f" ORDER BY id LIMIT {AT_ONCE}",
            list(given.values()),
        )
        return cursor.fetchall()


def _columns() -> str:
    """SQLite would decode and convert, and stop at a byte that is no text."""
    if connection.vendor == "sqlite":
        columns = (name if name in NUMBERS else f'CAST("{name}" AS BLOB)' for name in FIELDS)
    else:
        columns = ("(at AT TIME ZONE 'UTC')::text" if name == "at" else name for name in FIELDS)
    return ", ".join(columns)
