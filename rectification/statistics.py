"""How many (数): counted from the ledger each time, never stored beside it."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from rectification.models import Problem
from rectification.models.ledger_filter import chips
from rectification.models.ledger_search import ALL, in_words
from rectification.models.problem import FILTERED_BY
from rectification.models.problem_queryset import ProblemQuerySet
from reform.models.statement import Keys

CAP = 10_000  # what a page counts to at most; past it stands “10000+”
# What the chips and the filters ask of a row.
_ASKED = {"path", "status", "due_on", *FILTERED_BY}
LOOKED_AT = [field.attname for field in Problem._meta.fields if field.name in _ASKED]  # noqa: SLF001
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
    """Return how many of the rows with these keys each chip has: a few, all looked at."""
    rows = Problem.objects.filter(pk__in=Keys(keys)).order_by().values(*LOOKED_AT)
    sql, values = rows.query.sql_with_params()
    return _counted(sql, values, Q(), on=on)[0]


def chip_counts_at_first(
    problems: ProblemQuerySet, asked: Q, *, on: date, most: int
) -> tuple[dict[str, int], bool]:
    """Return how many rows with `asked` each chip has among the first `most` of `problems`, and
    whether these were all: if not, there may be more of each.

    However few rows a filter leaves, no more than these are looked at, and by an index alone.
    """
    rows = problems.order_by("path").values(*LOOKED_AT)[: most + 1]
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return dict.fromkeys(chips(), 0), True
    counts, looked_at = _counted(sql, values, asked, on=on)
    return counts, looked_at <= most


def _counted(rows: str, values: Sequence[Any], asked: Q, *, on: date) -> tuple[dict[str, int], int]:
    """Return the count of each chip among some rows, looked at once, and how many these are."""
    parts: list[str] = []
    params: list[Any] = []
    said, more = in_words(Problem.objects.all(), asked) if asked else ("", [])
    table, within = f"({rows}) listed", [*values]
    if "SELECT" in said:  # what is read of a row is read once, not for every chip
        table = f"(SELECT listed.*, ({said}) AS said FROM {table} LIMIT {ALL}) listed"  # noqa: S608
        said, more, within = "said", [], [*more, *within]
    for _, condition, own in _conditions(connection.vendor, on):
        where = condition.replace('"rectification_problem".', "listed.")
        parts.append(f"COUNT(*) FILTER (WHERE ({where}){f' AND ({said})' if said else ''})")
        params += [*own, *more]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(parts)}, COUNT(*) FROM {table}",  # noqa: S608 -- the ORM's own
            [*params, *within],
        )
        *counts, number = cursor.fetchone()
    return dict(zip(chips(), counts, strict=True)), number


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
