"""Putting many plain rows into a table in a few statements.

bulk_create makes an object of each row first, and asks each of its columns how it is written:
three quarters of its time. PostgreSQL takes a column at a time, SQLite a row at a time.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models, transaction

AT_ONCE = 10_000  # rows in one statement


def insert_many(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]], *, but: str = ""
) -> int:
    """Insert rows of the named fields; return how many were put in.

    `but` names columns that are unique together: a row that is there already is left out. Values
    are of the fields' Python types; what is unset elsewhere must have no need of a default.
    """
    fields = [model._meta.get_field(name) for name in names]  # noqa: SLF001 -- its public words
    columns = ", ".join(f'"{field.column}"' for field in fields)  # type: ignore[union-attr]
    into = f'INSERT INTO "{model._meta.db_table}" ({columns})'  # noqa: SLF001
    unless = f" ON CONFLICT ({but}) DO NOTHING" if but else ""
    count = 0
    # One transaction: else SQLite commits each row by itself.
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            if connection.vendor == "postgresql":
                arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
                by_column = [list(column) for column in zip(*some, strict=True)]
                columns_in = f"{into} SELECT * FROM unnest({arrays}){unless}"  # noqa: S608
                cursor.execute(columns_in, by_column)
            else:
                marks = ", ".join(["%s"] * len(fields))
                cursor.executemany(f"{into} VALUES ({marks}){unless}", [_kept(row) for row in some])
            count += cursor.rowcount
    return count


def _type(field: Any) -> str:
    """A cast to varchar(20) would cut what is too long; as text it is refused."""
    kind = str(field.db_type(connection))
    return "text" if kind.startswith("varchar") else kind


def _kept(row: Sequence[Any]) -> list[Any]:
    """Moments as SQLite holds them; all else as it is."""
    adapt = connection.ops.adapt_datetimefield_value
    return [adapt(value) if hasattr(value, "utcoffset") else value for value in row]
