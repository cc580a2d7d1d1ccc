"""How many (数): counted from the ledger each time, never stored beside it."""

from datetime import date
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
    """
    parts: list[str] = []
    params: list[Any] = []
    for _, condition in chips().values():
        rows = problems.filter(condition(on)).order_by().values("pk")[: CAP + 1]
        try:
            sql, values = rows.query.sql_with_params()
        except EmptyResultSet:  # somebody without a scope, or an organization that is not there
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) counted)")  # noqa: S608 -- the ORM's own
        params += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        counts = cursor.fetchone()
    return dict(zip(chips(), counts, strict=True))


def shown(count: int) -> str:
    """Return a capped count in words."""
    return f"{CAP}+" if count > CAP else str(count)


def is_multiple(problems: ProblemQuerySet) -> bool:
    """Whether some row bears several items, so that totals by item exceed the total."""
    through = Problem.items.through._base_manager  # noqa: SLF001 -- the plain manager
    links = through.filter(problem__in=problems.values("pk"))
    return links.count() > links.values("problem").distinct().count()
