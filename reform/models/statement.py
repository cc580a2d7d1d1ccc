"""Statements that the ORM compiles once: its own words, run again with other values.

The ORM takes longer to compile a query of several parts than the database to answer it, and some
are asked for by every page. A queryset is compiled with stand-ins where values differ from page to
page; the words are kept, and each run puts the values in.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import BigIntegerField, Func, Value


class Keys(Func):
    """Many keys as one parameter: a list costs Django microseconds a key, and new words each."""

    template = "(SELECT value FROM json_each(%(expressions)s))"

    def __init__(self, keys: Iterable[int]) -> None:
        super().__init__(Value(self.text(keys)), output_field=BigIntegerField())

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT value::bigint FROM json_array_elements_text(%(expressions)s::json))"
        return self.as_sql(compiler, connection, template=template, **context)

    @staticmethod
    def text(keys: Iterable[int]) -> str:
        return json.dumps([*keys])


class Statement(NamedTuple):
    """The words of a query, and its values, stand-ins among them."""

    sql: str
    params: tuple[Any, ...]

    @classmethod
    def of(cls, rows: models.QuerySet[Any, Any]) -> Self:
        """Compile for the engine in use; keep the result by `connection.vendor`.

        Raises EmptyResultSet where no row can be found, whatever the values.
        """
        sql, params = rows.query.sql_with_params()
        return cls(sql, tuple(params))

    def with_values(self, values: Mapping[Any, Any]) -> list[Any]:
        """Return the parameters, each stand-in replaced by its value."""
        return [values.get(param, param) for param in self.params]

    def rows(self, values: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.with_values(values))
            return cursor.fetchall()

    def records(
        self, values: Mapping[Any, Any], *tables: type[models.Model]
    ) -> list[tuple[Any, ...]]:
        """Return a record of each table per row, whose columns stand in this order (`columns`);
        what stands behind them follows as the engine gave it."""
        return [_records(row, tables) for row in self.rows(values)]


def columns(table: type[models.Model], through: str = "") -> list[str]:
    """Return the names of all columns of a table, as `values_list` takes them."""
    return [f"{through}{field.attname}" for field in table._meta.concrete_fields]  # noqa: SLF001 -- as documented


def _records(row: tuple[Any, ...], tables: tuple[type[models.Model], ...]) -> tuple[Any, ...]:
    found: list[Any] = []
    for table in tables:
        fields = table._meta.concrete_fields  # noqa: SLF001 -- as documented
        mine, row = row[: len(fields)], row[len(fields) :]
        # SQLite keeps days as text and yes as 1.
        values = [field.to_python(value) for field, value in zip(fields, mine, strict=True)]
        found.append(table.from_db(DEFAULT_DB_ALIAS, [field.attname for field in fields], values))
    return (*found, *row)
