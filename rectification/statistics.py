"""How many (数): counted from the ledger each time, never stored beside it."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from rectification.models import Problem
from rectification.models.ledger_filter import chips
from rectification.models.problem_queryset import ProblemQuerySet

CAP = 10_000  # what a page counts to at most; past it stands “10000+”


def chip_counts(problems: ProblemQuerySet, *, on: date) -> dict[str, int]:
    """Return how many rows each chip of the ledger has among `problems`, up to CAP + 1.

    One statement of capped subqueries: a count of a million rows would cost more than the page.
    The conditions of the chips are the ORM's own words, compiled once a day: compiling nine
    querysets took longer than running them.
    """
    try:
        base, values = problems.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # somebody without a scope, or an organization that is not there
        return dict.fromkeys(chips(), 0)
    parts: list[str] = []
    params: list[Any] = []
    head, _, scope = base.partition(" WHERE ")
    for condition, more in _conditions(connection.vendor, on):
        where = f"({scope}) AND ({condition})" if scope else condition
        rows = f"{head} WHERE {where} LIMIT {CAP + 1}"
        parts.append(f"(SELECT COUNT(*) FROM ({rows}) counted)")  # noqa: S608 -- the ORM's own
        params += [*values, *more]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        counts = cursor.fetchone()
    return dict(zip(chips(), counts, strict=True))


@lru_cache(maxsize=8)
def _conditions(_vendor: str, on: date) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Return what each chip asks for on a day, as SQL over the table of problems."""
    found = []
    for _, condition in chips().values():
        rows = Problem.objects.filter(condition(on)).order_by().values("pk")
        sql, values = rows.query.sql_with_params()
        found.append((sql.partition(" WHERE ")[2], tuple(values)))
    return tuple(found)


def shown(count: int) -> str:
    """Return a capped count in words."""
    return f"{CAP}+" if count > CAP else str(count)


def is_multiple(problems: ProblemQuerySet) -> bool:
    """Whether some row bears several items, so that totals by item exceed the total."""
    through = Problem.items.through._base_manager  # noqa: SLF001 -- the plain manager
    links = through.filter(problem__in=problems.values("pk"))
    return links.count() > links.values("problem").distinct().count()
