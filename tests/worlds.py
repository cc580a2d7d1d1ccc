"""Worlds that many tests begin with: made once a process by the acts, then put back row by row.

What the acts leave behind is read from the tables after the first making; whoever asks next gets
the same rows by one INSERT a table, and objects of his own. tests/test_worlds.py holds both roads
equal. Where such a table holds something already, the acts make the world as ever.

And the other way: how the tables are emptied after a test that really commits.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time
from functools import cache, wraps
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, transaction

from rectification.models import ProblemWords
from rectification.models.problem_words import TABLE as PAIRS
from rectification.models.problem_words import pairs_of, written

Made = TypeVar("Made")
FLOORS = ("reform", "campaigns", "rectification")
MOST_VALUES = 30_000  # in one statement of SQLite's
LAST = "campaigns_campaign"  # once it is there and published, its checklists are frozen
MIGRATED = {"django_migrations", "django_content_type", "auth_permission"}  # filled by `migrate`


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]  # those that can be written; the key is the first
    counts: bool  # whether the engine gives the keys

    @property
    def names(self) -> str:
        return ", ".join(f'"{column}"' for column in self.columns)


Rows = dict[Table, list[tuple[Any, ...]]]


@cache
def tables() -> list[Table]:
    """The tables of the three floors."""
    floors = (apps.get_app_config(floor) for floor in FLOORS)
    models = (model for floor in floors for model in floor.get_models(include_auto_created=True))
    return [
        Table(
            one.db_table,
            tuple(field.column for field in one.local_concrete_fields if not field.generated),
            counts=one.auto_field is not None,
        )
        for one in (model._meta for model in models)  # noqa: SLF001 -- the public road to columns
    ]


def every_row() -> Rows:
    """What the tables hold; those that are empty are left out."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT {table.names} FROM "{table.name}" ORDER BY 1')  # noqa: S608 -- our own names
            if rows := cursor.fetchall():
                found[table] = rows
    return found


def filled(names: Iterable[str]) -> list[str]:
    """Which of these tables hold something."""
    names = list(names)
    with connection.cursor() as cursor:
        some = ", ".join(f'EXISTS (SELECT 1 FROM "{name}")' for name in names)  # noqa: S608 -- our own names
        cursor.execute(f"SELECT {some}")
        return [name for name, some in zip(names, cursor.fetchone(), strict=True) if some]


# ---------------------------------------------------------------- put back


@dataclass(frozen=True)
class World:
    """What one making left: rows in tables that were empty, and the objects it returned."""

    rows: Rows
    words: list[tuple[int, str]]  # of SQLite's index, which is no model's table
    objects: bytes
    is_final: bool  # whether triggers would refuse some of it

    def has_room(self) -> bool:
        return not filled(table.name for table in self.rows)

    def put_back(self) -> Any:
        final = [table.name for table in self.rows] if self.is_final else []
        with unguarded(final), connection.cursor() as cursor:
            for table, rows in sorted(self.rows.items(), key=lambda one: one[0].name == LAST):
                for words, values in _inserts(table, rows):
                    cursor.execute(words, values)
            if connection.vendor == "postgresql":
                cursor.execute(f"SELECT {', '.join(_counted(self.rows))}")
            elif self.words:
                words = f"INSERT INTO {PAIRS} (rowid, pairs) VALUES (%s, %s)"  # noqa: S608 -- ours
                cursor.executemany(words, self.words)
        return pickle.loads(self.objects)  # noqa: S301 -- our own, of a moment ago


def _inserts(table: Table, rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, list[Any]]]:
    most, row = MOST_VALUES // len(table.columns), f"({', '.join(['%s'] * len(table.columns))})"
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        values = ", ".join([row] * len(some))
        words = f'INSERT INTO "{table.name}" ({table.names}) VALUES {values}'  # noqa: S608 -- our own names
        yield words, [_given(value) for one in some for value in one]


def _given(value: Any) -> Any:
    """SQLite reads an hour and cannot be given one."""
    return str(value) if isinstance(value, time) else value


def _counted(rows: Rows) -> Iterator[str]:
    """PostgreSQL does not count the keys that it is given."""
    for table, found in rows.items():
        if table.counts:
            counter = f"""pg_get_serial_sequence('"{table.name}"', '{table.columns[0]}')"""
            yield f"setval({counter}, GREATEST({found[-1][0]}, nextval({counter})))"


def made_once(*, is_final: bool = False) -> Callable[[Callable[[], Made]], Callable[[], Made]]:
    """Let a function that makes a world out of nothing do so once; then its rows are put back."""

    def of(make: Callable[[], Made]) -> Callable[[], Made]:
        kept: list[World] = []

        @wraps(make)
        def world() -> Made:
            if kept:
                return kept[0].put_back() if kept[0].has_room() else make()
            before = every_row()
            made, after = make(), every_row()
            new = {table: rows for table, rows in after.items() if rows != before.get(table)}
            if not new.keys() & before.keys():
                kept.append(World(new, _words(), pickle.dumps(made), is_final))
            return made

        return world

    return of


def _words() -> list[tuple[int, str]]:
    rows = ProblemWords.objects.values_list("pk", "names", "text")
    return [(key, written(pairs_of(names, text))) for key, names, text in rows]


# ---------------------------------------------------------------- past the triggers


def empty() -> None:
    """Delete every row that is no migration's, as after each test that really commits.

    Django's flush asks every table, and then lets each app make everything anew: seconds.
    """
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    found = filled(set(names) - MIGRATED)
    with unguarded(found), connection.cursor() as cursor:
        for name in found:
            cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608 -- our own names
        if connection.vendor == "sqlite":
            # What a test left in the index of words others would find.
            cursor.execute(f"INSERT INTO {PAIRS} ({PAIRS}) VALUES ('delete-all')")  # noqa: S608


@contextmanager
def unguarded(names: list[str]) -> Iterator[None]:
    """In one transaction, let rows of these tables come and go without their triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not names:
            yield
            return
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
            guards = [(name, sql) for name, table, sql in cursor.fetchall() if table in names]
            down = [f'DROP TRIGGER "{name}"' for name, _ in guards]
            up = [sql for _, sql in guards]
        else:
            down = [f'ALTER TABLE "{name}" DISABLE TRIGGER USER' for name in names]
            up = [words.replace("DISABLE", "ENABLE") for words in down]
            # A table with checks still to come cannot be altered.
            down, up = (
                ["SET CONSTRAINTS ALL IMMEDIATE", *some, "SET CONSTRAINTS ALL DEFERRED"]
                for some in (down, up)
            )
        for words in down:
            cursor.execute(words)
        yield
        for words in up:
            cursor.execute(words)
