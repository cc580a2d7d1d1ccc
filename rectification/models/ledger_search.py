"""Finding rows by what no index of the ledger holds (检索): text, and items, of which many stand.

A rare text is looked up, and the few rows are the answer. A common one would give back a hundred
thousand: there the list itself is walked in its order, each row is read, and 50 are soon found.
Which it is, the index says by counting no further than MOST.
"""

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery, Value

from rectification.models.problem_words import ProblemWords, offered
from reform.models.statement import Keys, Sql, condition_of

if TYPE_CHECKING:
    from rectification.models.problem_queryset import ProblemQuerySet

MOST = 8_000  # rows an index may offer, each to be read: some 20 ms
FIRST = 4_000  # rows of a list put in order at first: picking them out is cheaper than sorting all
ALL = 2**31 - 1  # no ledger is longer


class Found(NamedTuple):
    """The rows that were looked up by `keys`; or, with none, `rows` of which those count that one
    finds on reading them (`read`)."""

    rows: "ProblemQuerySet"
    keys: list[int] | None = None
    read: Q | None = None


def _links() -> models.QuerySet[Any, Any]:
    return apps.get_model("rectification", "Problem").items.through._base_manager.all()  # noqa: SLF001


def holds(asked: str) -> Q:
    """Return the condition “it holds this text”, complete whatever the number of rows."""
    return Q(pk__in=ProblemWords.objects.holding(asked).values("problem"))


def bears(item: int) -> Q:
    """Return the condition “the item is among its items”; a row stands in the list once."""
    return Q(pk__in=_links().filter(item=item).values("problem"))


def _reads_text(asked: str) -> Q:
    of_row = ProblemWords.objects.filter(problem=OuterRef("pk")).saying(asked)
    return Q(Subquery(of_row.values("said"), output_field=BooleanField()))  # type: ignore[misc]


def _reads_items(item: int) -> Q:
    said = ExpressionWrapper(Value(True), BooleanField())
    of_row = _links().filter(problem=OuterRef("pk"), item=item).annotate(said=said)
    return Q(Subquery(of_row.values("said"), output_field=BooleanField()))


def _offers_items(item: int, most: int) -> Sql:
    rows = _links().filter(item=item).order_by().values("problem")[:most]
    sql, values = rows.query.sql_with_params()
    return sql, list(values)


# What is asked for → how to read a row for it, and what an index offers.
WAYS: dict[str, tuple[Callable[[Any], Q], Callable[[Any, int], Sql]]] = {
    "q": (_reads_text, offered),
    "item": (_reads_items, _offers_items),
}


# A row is read in this order: an item is a key in an index, a text lies on pages of its own.
CHEAPEST_FIRST = ("item", "q")


def search(problems: "ProblemQuerySet", **asked: Any) -> Found:
    """Return the rows among `problems` with all that is asked for: `q` a text, `item` a key.

    Nothing is joined: each row is read by itself, whatever a planner makes of their number.
    """
    read = reduce(and_, (WAYS[way][0](asked[way]) for way in CHEAPEST_FIRST if way in asked))
    for way, value in asked.items():
        keys = _looked_up(problems.filter(read), WAYS[way][1](value, MOST + 1))
        if keys is not None:
            return Found(problems.model.objects.filter(pk__in=Keys(keys)), keys)
    return Found(problems, read=read)


def _looked_up(read: "ProblemQuerySet", offer: Sql) -> list[int] | None:
    """Return the keys of the rows that an index offers and reading confirms; None where it offers
    more than MOST. One statement: the number offered comes first, below zero."""
    try:
        rows, values = read.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:  # somebody without a scope
        return []
    likely, likely_values = offer
    amount = "(SELECT COUNT(*) FROM likely)"
    # Too many are none: asked beside the rows, SQLite would fetch each row before it counts.
    among = f"SELECT id FROM likely WHERE {amount} <= {MOST}"  # noqa: S608 -- our own words
    # An array is never joined to the whole table, whatever the planner makes of its size.
    among = f"= ANY(ARRAY({among}))" if connection.vendor == "postgresql" else f"IN ({among})"
    statement = (
        f"WITH likely (id) AS MATERIALIZED ({likely}) SELECT -{amount}"
        f" UNION ALL {rows} AND {_table(read)}.id {among}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*likely_values, *values])
        (number,), *found = cursor.fetchall()
    return [key for (key,) in found] if -number <= MOST else None


def walk(ordered: "ProblemQuerySet", read: Q, *, start: int, count: int) -> Sql:
    """Return the keys of an ordered list that reading confirms, `count` from the row `start` on.

    They are put in order first, by an index alone, and then read only until there are enough; the
    inner LIMIT keeps the database from reading before it sorts. Mostly the FIRST rows suffice: the
    others are sorted only where those did not. Raises EmptyResultSet for somebody without a scope.
    """
    rows, values = ordered.values("id").query.sql_with_params()
    said, more = in_words(ordered, read)
    parts = (f"LIMIT {FIRST}", f"LIMIT {ALL} OFFSET {FIRST}")
    found = (f"SELECT id FROM ({rows} {part}) listed WHERE {said}" for part in parts)  # noqa: S608 -- the ORM's
    statement = f"{' UNION ALL '.join(found)} LIMIT {count} OFFSET {start}"
    return statement, [*values, *more] * 2


def in_words(problems: "ProblemQuerySet", condition: Q) -> Sql:
    """Return a condition on a problem as SQL on `listed`, rows that were put aside."""
    words, values = condition_of(problems.model.objects.filter(condition))
    return words.replace(f"{_table(problems)}.", "listed."), list(values)


def _table(problems: "ProblemQuerySet") -> str:
    return connection.ops.quote_name(problems.model._meta.db_table)  # noqa: SLF001
