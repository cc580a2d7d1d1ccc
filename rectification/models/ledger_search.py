"""Finding text in the ledger for a page (检索): the same rows as the filter `q`, in bounded time.

A rare text is looked up in the index of pairs, and the few rows are the answer. A common one would
give back a hundred thousand: there the list itself is walked in its order, reading each row, and
50 are soon found. Which it is, the index says by counting no further than MOST.
"""

from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, OuterRef, Q, Subquery

from rectification.models.problem_words import ProblemWords, offered
from reform.models.statement import Keys

if TYPE_CHECKING:
    from rectification.models.problem_queryset import ProblemQuerySet

MOST = 8_000  # rows the index may offer, each to be read: some 30 ms
FEW = 300  # rows in view that are read one by one rather than looked up


class Found(NamedTuple):
    """The rows that hold the text: `keys` where they were looked up, `walked` where reading goes
    on row by row and nobody knows how many there are."""

    rows: "ProblemQuerySet"
    keys: list[int] | None = None
    walked: bool = False


def holds(asked: str) -> Q:
    """Return the condition “it holds this text”, complete whatever the number of rows."""
    return Q(pk__in=ProblemWords.objects.holding(asked).values("problem"))


def reads(asked: str) -> Subquery:
    """Return the same, by reading the words of the row at hand: nothing is looked up, so that the
    database goes on in the order of the list."""
    of_row = ProblemWords.objects.filter(problem=OuterRef("pk")).saying(asked)
    return Subquery(of_row.values("said"), output_field=BooleanField())  # type: ignore[misc]


def search(problems: "ProblemQuerySet", asked: str) -> Found:
    """Return those of `problems` that hold the text."""
    try:
        keys, may, in_view = _looked_up(problems, asked)
    except EmptyResultSet:  # somebody without a scope
        return Found(problems.none(), [])
    if may <= MOST:
        return Found(problems.model.objects.filter(pk__in=Keys(keys)), keys)
    return Found(problems.filter(reads(asked)), walked=in_view > FEW)


def _looked_up(problems: "ProblemQuerySet", asked: str) -> tuple[list[int], int, int]:
    """Return keys of rows, how many the index offered, and how many are in view at all.

    One statement; the last two count no further than they must.
    """
    plain = problems.order_by().values("pk")
    view, view_values = plain.query.sql_with_params()
    rows, row_values = plain.filter(reads(asked)).query.sql_with_params()
    likely, likely_values = offered(asked, MOST + 1)
    _, _, view = view.partition(" FROM ")
    amount = "(SELECT COUNT(*) FROM likely)"
    key = f"{connection.ops.quote_name(problems.model._meta.db_table)}.id"  # noqa: SLF001
    among = "SELECT id FROM likely"
    # An array is never joined to the whole table, whatever the planner makes of its size.
    among = f"= ANY(ARRAY({among}))" if connection.vendor == "postgresql" else f"IN ({among})"
    both = "AND" if " WHERE " in rows else "WHERE"
    statement = (
        f"WITH likely (id) AS MATERIALIZED ({likely}) SELECT -{amount}"  # noqa: S608 -- the ORM's
        f" UNION ALL SELECT -(SELECT COUNT(*) FROM (SELECT 1 FROM {view} LIMIT {FEW + 1}) seen)"
        f" UNION ALL {rows} {both} {amount} <= {MOST} AND {key} {among}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*likely_values, *view_values, *row_values])
        (may,), (in_view,), *found = cursor.fetchall()
    return [key for (key,) in found], -may, -in_view
