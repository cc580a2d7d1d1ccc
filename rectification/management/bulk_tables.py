"""How rows by the million reach the database (批量写库), on both engines.

Rows are plain tuples. Indexes, foreign keys and triggers are taken off while they come and are put
back as they were, in the same transaction: to check a million rows at once costs a tenth of
checking them one by one. Nobody else can write meanwhile.
"""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import lru_cache
from io import StringIO
from itertools import islice
from time import monotonic, sleep
from typing import Any

from django.db import connection, reset_queries
from django.db.models import Model
from django.utils import timezone

BATCH = 20_000
PATIENCE = 60  # seconds for autovacuum, which may hold a snapshot of its own, to be through
CACHE = 256  # megabytes that sorting an index may take


class Table:
    """One table as rows reach it: its columns, and what a row holds where nothing is said."""

    def __init__(self, model: type[Model], *, keyed: bool = False) -> None:
        meta = model._meta  # noqa: SLF001 -- its own columns
        self.name = meta.db_table
        fields = [
            field
            for field in meta.concrete_fields
            if not field.generated and (keyed or field is not meta.auto_field)
        ]
        self.columns = [str(field.column) for field in fields]
        self.never_null = [str(field.column) for field in fields if not field.null]
        self.blank = {
            field.attname: field.get_db_prep_save(field.get_default(), connection)
            for field in fields
        }

    def row(self, **facts: Any) -> tuple[Any, ...]:
        """Return one row; days and moments come as text, moments in UTC."""
        return tuple((self.blank | facts).values())

    def write(self, rows: Iterable[tuple[Any, ...]]) -> None:
        rows = iter(rows)
        put = self._copy if connection.vendor == "postgresql" else self._insert
        while batch := list(islice(rows, BATCH)):
            put(batch)
            reset_queries()  # under DEBUG every statement would be kept

    def _copy(self, rows: list[tuple[Any, ...]]) -> None:
        text = StringIO()
        csv.writer(text).writerows(rows)
        text.seek(0)
        # CSV writes NULL and '' alike; a column that is never NULL holds ''.
        words = (
            f"COPY {self.name} ({', '.join(map(_quoted, self.columns))}) FROM STDIN WITH"
            f" (FORMAT csv, FORCE_NOT_NULL ({', '.join(map(_quoted, self.never_null))}))"
        )
        with connection.cursor() as cursor:
            cursor.copy_expert(words, text)

    def _insert(self, rows: list[tuple[Any, ...]]) -> None:
        places = ", ".join(["%s"] * len(self.columns))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {self.name} ({', '.join(map(_quoted, self.columns))})"  # noqa: S608
                f" VALUES ({places})",
                rows,
            )


@lru_cache(maxsize=4_000)
def day_text(day: date) -> str:
    return day.isoformat()


@lru_cache(maxsize=20_000)
def moment_text(day: date, hour: int) -> str:
    """Return an hour of Beijing as both engines take it: in UTC."""
    here = datetime.combine(day, time(hour), timezone.get_default_timezone())
    return here.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def keys(model: type[Model], count: int) -> range:
    """Take keys before the rows are there; only while the table is `bare`, so nobody else does."""
    table = model._meta.db_table  # noqa: SLF001 -- its own name
    if connection.vendor == "postgresql":
        first = _one("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", table)
        last = first + max(count, 1) - 1
        _one("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", table, last)
    else:
        given = _one("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", table)
        first = given + 1
    return range(first, first + count)


@contextmanager
def bare(*models: type[Model]) -> Iterator[None]:
    """Take indexes, foreign keys and triggers off these tables, and put them back afterwards.

    An error leaves putting back to the transaction, which takes everything back.
    """
    tables = [model._meta.db_table for model in models]  # noqa: SLF001 -- their own names
    off, on = _postgresql(tables) if connection.vendor == "postgresql" else _sqlite(tables)
    _run(off)
    yield
    _run(on)


def _postgresql(tables: list[str]) -> tuple[list[str], list[str]]:
    """Primary keys stay, and checks, which cost nothing. Waiting checks of foreign keys are done
    first: a table that has some cannot be altered."""
    constraints = _all(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('u', 'f')"
        " ORDER BY contype DESC, conname",
        tables,
    )
    indexes = _all(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype = 'u')"
        " ORDER BY 1",
        tables,
    )
    off = ["SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"]
    off += [f"SET LOCAL maintenance_work_mem = '{CACHE}MB'"]
    off += [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
    # A foreign key may need a unique constraint: it goes first and comes back last.
    off += [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in constraints[::-1]]
    off += [f"DROP INDEX {name}" for name, _ in indexes]
    on = [words for _, words in indexes]
    on += [f"ALTER TABLE {table} ADD CONSTRAINT {name} {how}" for table, name, how in constraints]
    on += [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
    return off, [*on, "RESET maintenance_work_mem"]


def _sqlite(tables: list[str]) -> tuple[list[str], list[str]]:
    """Foreign keys cannot be taken off a table; they cost a look at a key each."""
    marks = ", ".join(["%s"] * len(tables))
    found = _all(
        f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ({marks})"  # noqa: S608
        " AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type, name",
        *tables,
    )
    size = _one("PRAGMA cache_size")
    off = [f"DROP {kind} {_quoted(name)}" for kind, name, _ in found]
    on = [words for _, _, words in found]
    return [f"PRAGMA cache_size = -{CACHE * 1024}", *off], [*on, f"PRAGMA cache_size = {size}"]


def analyse(*grown: type[Model]) -> None:
    """PostgreSQL: look at tables that have grown, or they are read as planned while small."""
    if connection.vendor == "postgresql":
        _run(f"ANALYZE {model._meta.db_table}" for model in grown)  # noqa: SLF001 -- their names


def vacuum() -> None:
    """PostgreSQL: do at once what autovacuum does within minutes; in a transaction it cannot.

    Until every row is known to be visible to all, a count opens the table for each row it finds
    in an index; an ANALYZE under way elsewhere holds that back, so look and do it again. A few
    pages are never visible: COPY leaves them empty.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    ends = monotonic() + PATIENCE
    while True:
        _run(["VACUUM ANALYZE"])
        seen = _one(
            "SELECT relallvisible >= 0.98 * relpages FROM pg_class"
            " WHERE oid = 'rectification_problem'::regclass"
        )
        if seen or monotonic() > ends:
            return
        sleep(1)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _all(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def _one(statement: str, *params: Any) -> Any:
    return _all(statement, *params)[0][0]
