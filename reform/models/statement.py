"""Statements that the ORM compiles once: its own words, run again with other values.

The ORM takes longer to compile a query of several parts than the database to answer it, and some
are asked for by every page. A queryset is compiled with stand-ins where values differ from page to
page; the words are kept, and each run puts the values in.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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


Sql = tuple[str, Sequence[Any]]  # words and values


def condition_of(rows: models.QuerySet[Any, Any]) -> Sql:
    """Return what a query asks of a row, in SQL; no words where it asks for all.

    Raises EmptyResultSet where no row can be found.
    """
    sql, params = rows.order_by().values("pk").query.sql_with_params()
    return sql.partition(" WHERE ")[2], tuple(params)


class These(Func):
    """Where the rows of another statement will stand (`Statement.around`)."""

    template = "(SELECT 0 FROM these)"
    output_field = BigIntegerField()


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

    def around(self, these: Sql) -> Self:
        """Return the statement with the keys of other rows in the place of `These`."""
        before, after = self.sql.split(These.template)
        sql, params = these
        at = before.count("%s")
        inside = (*self.params[:at], *params, *self.params[at:])
        return type(self)(f"{before}({sql}){after}", inside)

    def rows(self, values: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.with_values(values))
            return cursor.fetchall()

    def records(self, values: Mapping[Any, Any], *parts: "Columns") -> list[tuple[Any, ...]]:
        """Return rows as records, one of each part; what stands behind their columns follows as
        the engine gave it."""
        return [_records(row, parts) for row in self.rows(values)]


@dataclass(frozen=True)
class Columns:
    """Columns of one table, all or the named ones, as `values_list` takes them by `paths`."""

    table: type[models.Model]
    fields: "tuple[models.Field[Any, Any], ...]"
    through: str  # the way there, as a lookup begins: "organization__"

    @classmethod
    def of(cls, table: type[models.Model], *names: str, through: str = "") -> Self:
        fields = table._meta.concrete_fields  # noqa: SLF001 -- documented
        named = tuple(field for field in fields if not names or field.name in names)
        return cls(table, named, through)

    @property
    def paths(self) -> list[str]:
        return [f"{self.through}{field.attname}" for field in self.fields]

    def record(self, row: tuple[Any, ...]) -> Any:
        """Return a record of the values; columns that were not asked for come when needed."""
        # SQLite keeps days as text and yes as 1.
        values = [field.to_python(value) for field, value in zip(self.fields, row, strict=True)]
        names = [field.attname for field in self.fields]
        return self.table.from_db(DEFAULT_DB_ALIAS, names, values)


def paths_of(parts: "Iterable[Columns]") -> list[str]:
    """Return what `values_list` takes for records of all the parts, one behind the other."""
    return [path for part in parts for path in part.paths]


def _records(row: tuple[Any, ...], parts: tuple[Columns, ...]) -> tuple[Any, ...]:
    found = []
    for part in parts:
        mine, row = row[: len(part.fields)], row[len(part.fields) :]
        found.append(part.record(mine))
    return (*found, *row)


def day_of(value: date | str | None) -> date | None:
    """Return a day that came without the ORM: SQLite keeps days as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
