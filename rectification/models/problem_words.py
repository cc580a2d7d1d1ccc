"""The words a problem is searched by (检索), beside it and indexed in pairs of characters.

Two Chinese characters are a word, and no index of trigrams finds them (DESIGN §8). The pairs only
say where to look; what is found is always read again, so a pair may stand for another one too.
"""

import re
from array import array
from collections.abc import Iterable
from itertools import islice, pairwise
from typing import Any, Self

from django.db import connection, models

from rectification.models.problem import Problem

TABLE = "rectification_problempairs"  # SQLite's index; PostgreSQL has a GIN on `pairs`
MOST_PAIRS = 16  # of what is asked for: enough to be rare, and nobody remembers more
_CAPITALS = re.compile("[A-Z]+")


def folded(text: str) -> str:
    """Return the text without regard to the case of A–Z, which the engines see differently."""
    return _CAPITALS.sub(lambda found: found[0].lower(), text)


def _units(text: str) -> "array[int]":
    """UTF-16: what stands in a text stands in its units, and two of them make a number."""
    return array("H", text.encode("utf-16-le", "surrogatepass"))


def pairs_of(names: str, text: str) -> set[int]:
    """Return the pairs of neighbours in both, and the single characters of the names."""
    named = _units(names)
    found = {first << 16 | second for first, second in pairwise(named)}
    found.update(first << 16 | second for first, second in pairwise(_units(text)))
    found.update(named)
    return found


def pairs_in(asked: str) -> list[int]:
    """Return what a row must have to hold the folded text asked for."""
    units = _units(asked)
    if len(asked) == 1:
        return list(dict.fromkeys(units))
    pairs = (first << 16 | second for first, second in pairwise(units))
    return list(islice(dict.fromkeys(pairs), MOST_PAIRS))


def signed(pairs: Iterable[int]) -> list[int]:
    """Return the pairs as PostgreSQL's integers, which have a sign."""
    return [pair - 0x8000_0000 for pair in pairs]


def written(pairs: Iterable[int]) -> str:
    """Return the pairs as SQLite's index reads them: words of digits."""
    return " ".join(map(str, pairs))


class PairsField(models.Field):
    """The pairs on PostgreSQL; on SQLite always NULL, since its index keeps them elsewhere."""

    def db_type(self, connection: Any) -> str:
        return "integer[]" if connection.vendor == "postgresql" else "integer"

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """A row that was read can be written again as it is."""
        return value if value is None else {pair + 0x8000_0000 for pair in value}

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002 -- Django's
        if value is None or connection.vendor != "postgresql":
            return None
        return signed(value)


@PairsField.register_lookup
class Having(models.Lookup):
    """`pairs__having=[…]`: rows with all of these, by the index of either engine."""

    lookup_name = "having"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} @> %s::integer[]", [*params, signed(self.rhs)]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # noqa: ARG002
        key = f"{compiler.quote_name_unless_alias(self.lhs.alias)}.problem_id"
        found = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s"  # noqa: S608 -- our own name
        return f"{key} IN ({found})", [written(self.rhs)]


def offered(asked: str, most: int) -> tuple[str, list[Any]]:
    """Return a statement, and its values, for keys of at most so many problems that may hold the
    text. The engine reads its index no further than that, which a subquery would make it do."""
    pairs = pairs_in(folded(asked))
    if connection.vendor == "postgresql":
        found = "SELECT problem_id FROM rectification_problemwords WHERE pairs @> %s::integer[]"
        return f"{found} LIMIT {most}", [signed(pairs)]
    found = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s"  # noqa: S608 -- our own name
    return f"{found} LIMIT {most}", [written(pairs)]


def _saying(asked: str) -> models.Q:
    """One character is looked for in numbers and names only; it would find half the ledger
    otherwise."""
    asked = folded(asked)
    named = models.Q(names__contains=asked)
    return named | models.Q(text__contains=asked) if len(asked) > 1 else named


class ProblemWordsQuerySet(models.QuerySet["ProblemWords"]):
    def holding(self, asked: str) -> Self:
        """Return those that hold the text: looked up, then read."""
        return self.filter(_saying(asked), pairs__having=pairs_in(folded(asked)))

    def saying(self, asked: str) -> Self:
        """Tell of each whether it holds the text, as `said`."""
        return self.annotate(said=models.ExpressionWrapper(_saying(asked), models.BooleanField()))


class ProblemWords(models.Model):
    """What one problem is searched by. A row of its own: closed problems are final, this follows
    from them, and can be made again at any time."""

    problem = models.OneToOneField(Problem, models.CASCADE, primary_key=True, related_name="words")
    names = models.TextField("编号和姓名")
    text = models.TextField("文字")
    pairs = PairsField(null=True)

    objects = ProblemWordsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检索文字"

    def __str__(self) -> str:
        return self.names

    @classmethod
    def of(cls, key: int, *, names: Iterable[str | None], texts: Iterable[str]) -> Self:
        """Return the row, not yet saved: numbers and names of a problem, and its texts."""
        row = cls(problem_id=key, names=joined(names), text=joined(dict.fromkeys(texts)))
        row.pairs = pairs_of(row.names, row.text)
        return row


def joined(parts: Iterable[str | None]) -> str:
    """Line by line: no text that is asked for has a line break, so none is found across two."""
    return folded("\n".join(filter(None, parts)))
