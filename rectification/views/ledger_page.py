"""What one page of the ledger shows: which rows, how many there are, and how surely that is known.

The work is bounded however long the ledger: counts stop at a cap, filters are counted among the
first rows only, and a page goes no deeper than DEEPEST.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import F, Func, Q
from django.http import HttpRequest

from rectification import statistics
from rectification.models import ledger_filter, ledger_search, official_order
from rectification.models.problem_queryset import ProblemQuerySet, named_outside, read_scopes
from rectification.statistics import CAP
from reform.models import Actor, Organization
from reform.models.statement import Sql

SIZE = 50
LOOKED_AT = 600  # rows among which what a filter or a search leaves is counted
DEEPEST = CAP // SIZE
FAR = 2_000  # rows: from here on SQLite sorts faster what it groups, up to here it keeps a few
DEEPEST_READ = 20  # pages of a search for words that stand in thousands of rows

BY_SCOPE = "+%(expressions)s"  # no index of SQLite's is in this order

Params = dict[str, list[str]]


@dataclass(frozen=True)
class Sight:
    """The rows of a page, still to be fetched: one more than SIZE where `is_all` is not known."""

    rows: ProblemQuerySet
    order: tuple[str, ...]
    counts: dict[str, int]
    is_all: bool  # the counts are those of all rows, up to their caps
    chip: str
    at: int = 0
    is_last: bool = False
    deepest: int = DEEPEST

    def page(self, number: int) -> "Sight":
        """Return the page that was asked for, kept within the pages there are."""
        last = -(-min(self.counts[self.chip], CAP) // SIZE) if self.is_all else self.deepest
        return replace(self, at=(min(number, max(last, 1)) - 1) * SIZE)

    def keys(self) -> Sql:
        """Return the keys of the rows of the page, from an index alone.

        Raises EmptyResultSet where nobody's scope holds any.
        """
        end = self.at + SIZE + (not self.is_all)
        sql, params = self.rows.values("pk")[self.at : end].query.sql_with_params()
        return _sorted_at_once(sql) if self.at >= FAR else sql, params

    def settled(self, found: int) -> "Sight":
        """Return what is known after `found` rows came: a last page tells the number."""
        if self.is_all:
            return self
        seen, is_last = self.at + found, found <= SIZE
        counted = seen if is_last else max(self.counts[self.chip], seen)
        return replace(self, counts=self.counts | {self.chip: counted}, is_last=is_last)

    def paginator(self) -> Page:
        count, most = self.counts[self.chip], self.deepest * SIZE
        paginator = Paginator([], SIZE)
        paginator.count = min(count, most)
        paginator.capped = count > most or not (self.is_all or self.is_last)
        return Page(range(count), self.at // SIZE + 1, paginator)

    def shown(self, code: str) -> str:
        """Return the number beside a chip in words; “+” where there are, or may be, more."""
        count = self.counts[code]
        if self.is_all or (code == self.chip and self.is_last):
            return statistics.shown(count, statistics.cap(code, self.chip))
        return f"{count}+" if count else ""


@dataclass(frozen=True)
class Walked(Sight):
    """A page of rows that must be read one by one, in the order of the list."""

    read: Q = field(default_factory=Q)

    def keys(self) -> Sql:
        return ledger_search.walk(self.rows, self.read, start=self.at, count=SIZE + 1)


@dataclass(frozen=True)
class Official(Walked):
    """A page in official order, walked from the organizations."""

    actor: Actor | None = None

    def keys(self) -> Sql:
        assert self.actor  # noqa: S101 -- for the types: always said
        rows = self.rows.filter(self.read)
        size = SIZE + (not self.is_all)
        return official_order.page(rows, actor=self.actor, start=self.at, size=size)


def sight(
    mine: ProblemQuerySet, params: Params, *, actor: Actor, place: Organization | None
) -> Sight:
    """Return how the rows that the address asks for are got at."""
    on = actor.on
    base = _narrowed(mine, params, place, actor)
    columns = ledger_filter.by_columns(params, on=on)
    chip = ledger_filter.chip(params)
    _, order = ledger_filter.ORDERS[ledger_filter.order(params)]
    _, condition = ledger_filter.chips()[chip]
    listed = base.filter(columns, condition(on))
    is_whole = place is None and not columns and read_scopes(actor).whole
    listed = listed.order_by(*(order if is_whole else _by_scope(order)))
    read = None
    if asked := ledger_filter.searched(params):
        found = ledger_search.search(base.filter(columns), **asked)
        if found.keys is not None:
            counts = statistics.chip_counts_among(found.keys, on=on)
            rows = found.rows.filter(condition(on)).order_by(*order)
            return Sight(rows, order, counts, is_all=True, chip=chip)
        read = found.read
    if read is None and not columns:
        counts, is_all = statistics.chip_counts(base, on=on, chosen=chip), True
    else:
        said = columns & read if read else columns
        counts, is_all = statistics.chip_counts_at_first(base, said, on=on, most=LOOKED_AT)
    facts: dict[str, Any] = {"is_all": is_all, "chip": chip}
    facts["deepest"] = DEEPEST_READ if "q" in asked else DEEPEST
    if order == ledger_filter.OFFICIAL:
        return Official(listed.order_by(), order, counts, **facts, read=read or Q(), actor=actor)
    if read is None:
        return Sight(listed, order, counts, **facts)
    return Walked(listed, order, counts, **facts, read=read)


def _by_scope(order: tuple[str, ...]) -> tuple[Any, ...]:
    """Return the order as SQLite cannot find it in an index.

    Without statistics it prefers an index that serves the order to one that serves the scope: a
    branch would be looked for among all that was ever closed (decision 0012).
    """
    if connection.vendor != "sqlite" or order not in (("pk",), ("-pk",)):
        return order
    key = Func(F("pk"), template=BY_SCOPE)
    return (key.desc() if order == ("-pk",) else key.asc(),)


def _sorted_at_once(sql: str) -> str:
    """Return a statement with its rows grouped by what they are ordered by, each a group: SQLite
    then sorts all of them in two thirds of the time it takes to keep the first ten thousand."""
    before, order, after = sql.partition(f" ORDER BY {BY_SCOPE[0]}")
    key = after.partition(" ")[0]
    return f"{before} GROUP BY +{key}{order}{after}" if order else sql


def _lies_within(place: Organization, actor: Actor) -> bool:
    """Return whether all that the actor reads lies at or below the organization."""
    reach = read_scopes(actor)
    if reach.whole or reach.all_but or named_outside(actor):
        return False
    return all(place.covers(path) for path in reach.paths | reach.tops | reach.below)


def _narrowed(
    mine: ProblemQuerySet, params: Params, place: Organization | None, actor: Actor
) -> ProblemQuerySet:
    """Return the rows in view: those of an organization, of an import, or all one may read."""
    asked = ledger_filter.asked(params)
    if place is not None:
        # Of several ranges of paths SQLite takes any: none is added that says nothing.
        if not _lies_within(place, actor):
            mine = mine.filter(ledger_filter.at_or_below(place))
    elif "organization" in asked:
        mine = mine.filter(pk__in=[])
    for name in ("figure", "owes", "case", "upload", "task_force"):
        if name in asked:
            mine = mine.filter(ledger_filter.FILTERS[name](asked[name], actor.on))
    return mine


def page_asked(request: HttpRequest) -> int:
    """Return the number in the address; nonsense is page 1."""
    value = request.GET.get("page", "")
    return max(int(value), 1) if value.isascii() and value.isdigit() and len(value) < 9 else 1
