"""Many plain rows in one statement, for acts that write them by the ten thousand.

`bulk_create` costs Django some forty microseconds a row, and that many new words; here all rows go
as one parameter. What a model would do as it is saved is not done.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import connection, models

AT_ONCE = 5_000  # rows in a statement

# How PostgreSQL reads what JSON holds as text; everything else goes in as it is.
CASTS: tuple[tuple[type[models.Field], str], ...] = (
    (models.DateTimeField, "timestamptz"),
    (models.DateField, "date"),
    (models.BooleanField, "boolean"),
    (models.ForeignKey, "bigint"),
    (models.IntegerField, "bigint"),
)


def insert_all(
    table: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    ignore: bool = False,
    returning: Sequence[str] = (),
) -> tuple[int, list[tuple[Any, ...]]]:
    """Insert rows that hold the columns `names`; return how many, and `returning` of each.

    With `ignore`, a row that meets a unique constraint is left out.
    """
    words = _words(table, names, ignore=ignore, returning=returning)
    count, found, text = 0, [], _texts()
    with connection.cursor() as cursor:
        for some in _parts(rows):
            cursor.execute(words, [json.dumps(some, default=text, ensure_ascii=False)])
            if returning:
                found += cursor.fetchall()
            count += max(cursor.rowcount, 0)
    return count, found


def _parts(rows: Sequence[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    going = iter(rows)
    while some := list(islice(going, AT_ONCE)):
        yield some


def _words(
    table: type[models.Model], names: Sequence[str], *, ignore: bool, returning: Sequence[str]
) -> str:
    quote, meta = connection.ops.quote_name, table._meta  # noqa: SLF001 -- documented
    known = {field.attname: field for field in meta.concrete_fields}
    fields = [known[name] for name in names]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    if connection.vendor == "postgresql":
        values = ", ".join(_as_postgresql(field, place) for place, field in enumerate(fields))
        source = "jsonb_array_elements(%s::jsonb)"  # of json each column would read the text anew
    else:
        values = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(fields)))
        source = "json_each(%s)"
    # “WHERE true”: SQLite would take ON for the beginning of a join.
    words = f"INSERT INTO {quote(meta.db_table)} ({columns}) SELECT {values} FROM {source}"  # noqa: S608 -- our own names
    words += " WHERE true ON CONFLICT DO NOTHING" if ignore else " WHERE true"
    if returning:
        words += f" RETURNING {', '.join(quote(str(known[name].column)) for name in returning)}"
    return words


def _as_postgresql(field: models.Field, place: int) -> str:
    cast = next((cast for kind, cast in CASTS if isinstance(field, kind)), "")
    return f"(value->>{place})::{cast}" if cast else f"value->>{place}"


def _texts() -> Callable[[Any], str]:
    """Return how the engine keeps a moment or a day: SQLite without its zone, which is UTC.

    Remembered: of ten thousand rows most hold the same few.
    """
    known: dict[Any, str] = {}
    kept = connection.ops.adapt_datetimefield_value

    def text(value: Any) -> str:
        if value not in known:
            if not isinstance(value, date):
                raise TypeError(f"{type(value)} has no text")
            words = kept(value) if isinstance(value, datetime) else value.isoformat()
            known[value] = str(words)
        return known[value]

    return text
