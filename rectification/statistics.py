"""How many (数): counted from the ledger each time, never stored beside it."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from rectification.models import Problem
from rectification.models.ledger_filter import chips
from rectification.models.problem_queryset import ProblemQuerySet
from reform.models.statement import Keys

CAP = 10_000  # what a page counts to at most; past it stands “10000+”
GLANCE = 1_000  # what a chip beside the chosen one counts to: “1000+” says enough


def chip_counts(
    problems: ProblemQuerySet, *, on: date, chosen: str | None = None
) -> dict[str, int]:
    """Return how many rows each chip has among `problems`, up to its cap and one more.

    The `chosen` chip counts to CAP, the others to GLANCE; with none chosen all count to CAP. One
    statement of capped subqueries: a count of a million rows would cost more than the page. The
    conditions of the chips are the ORM's own words, compiled once a day: compiling nine
    querysets took longer than running them.
    """
    try:
        base, values = problems.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # somebody without a scope, or an organization that is not there
        return dict.fromkeys(chips(), 0)
    parts: list[str] = []
    params: list[Any] = []
    head, _, scope = base.partition(" WHERE ")
    table = head.partition(" FROM ")[2]
    for code, condition, more in _conditions(connection.vendor, on):
        where = f"({scope}) AND ({condition})" if scope else condition
        # No column is read: on PostgreSQL the index alone then answers.
        rows = f"SELECT 1 FROM {table} WHERE {where} LIMIT {cap(code, chosen) + 1}"  # noqa: S608
        parts.append(f"(SELECT COUNT(*) FROM ({rows}) counted)")  # noqa: S608 -- the ORM's own
        params += [*values, *more]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        counts = cursor.fetchone()
    return dict(zip(chips(), counts, strict=True))


def chip_counts_among(keys: Sequence[int], *, on: date) -> dict[str, int]:
    """Return how many of the rows with these keys each chip has: a few, looked at once."""
    parts, params = [], []
    for _, condition, values in _conditions(connection.vendor, on):
        parts.append(f"COUNT(*) FILTER (WHERE {condition})")
        params += values
    among, text = (
        Problem.objects.filter(pk__in=Keys(keys)).order_by().values("pk").query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(parts)} FROM {among.partition(' FROM ')[2]}", [*params, *text]
        )
        counts = cursor.fetchone()
    return dict(zip(chips(), counts, strict=True))


def cap(code: str, chosen: str | None) -> int:
    return CAP if chosen is None or code == chosen else GLANCE


@lru_cache(maxsize=8)
def _conditions(_vendor: str, on: date) -> tuple[tuple[str, str, tuple[Any, ...]], ...]:
    """Return what each chip asks for on a day, as SQL over the table of problems."""
    found = []
    for code, (_, condition) in chips().items():
        rows = Problem.objects.filter(condition(on)).order_by().values("pk")
        sql, values = rows.query.sql_with_params()
        found.append((code, sql.partition(" WHERE ")[2], tuple(values)))
    return tuple(found)


def shown(count: int, most: int = CAP) -> str:
    """Return a capped count in words."""
    return f"{most}+" if count > most else str(count)
