"""Keeping what problems are searched by (检索) in step with them, in the transaction of the act."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection

from rectification.models import Problem, ProblemPerson, ProblemWords
from rectification.models.problem_words import TABLE, pairs_of, written

BATCH = 1_000


def keep(problems: Sequence[Problem]) -> None:
    """Write anew what has changed of the words of these problems, and of no others."""
    for start in range(0, len(problems), BATCH):
        batch = problems[start : start + BATCH]
        rows = of(batch)
        kept = ProblemWords.objects.filter(pk__in=[row.pk for row in rows])
        known = {row.pk: row for row in kept.defer("pairs")}
        changed = [row for row in rows if _differs(row, known.get(row.pk))]
        if not changed:
            continue
        _forget(known[row.pk] for row in changed if row.pk in known)
        ProblemWords.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["problem"],
            update_fields=["names", "text", "pairs"],
        )
        index(changed)


def of(problems: Iterable[Problem]) -> list[ProblemWords]:
    """Return the words of the problems as they stand now, not yet saved."""
    rows = list(problems)
    people = ProblemPerson.objects.filter(problem__in=[row.pk for row in rows])
    names: dict[int, list[str]] = defaultdict(list)
    for problem, name in people.order_by("pk").values_list("problem", "name"):
        names[problem].append(name)
    return [
        ProblemWords.of(
            row.pk,
            names=[row.number, row.superior_number, *names[row.pk]],
            texts=[row.description, row.original_text, row.cause],
        )
        for row in rows
    ]


def forget(problem: Problem) -> None:
    """Take a draft out of the search before it goes."""
    rows = ProblemWords.objects.filter(pk=problem.pk)
    _forget(rows.defer("pairs"))
    rows.delete()


def index(rows: Iterable[ProblemWords]) -> None:
    """SQLite: put saved rows into its index, which holds nothing but the pairs."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} (rowid, pairs) VALUES (%s, %s)",  # noqa: S608 -- our own name
            [(row.pk, written(row.pairs or ())) for row in rows],
        )


def _forget(rows: Iterable[ProblemWords]) -> None:
    """SQLite: an index that keeps no text takes a row out only when told what stood in it."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} ({TABLE}, rowid, pairs) VALUES ('delete', %s, %s)",  # noqa: S608
            [(row.pk, written(pairs_of(row.names, row.text))) for row in rows],
        )


def _differs(row: ProblemWords, known: ProblemWords | None) -> bool:
    return known is None or (row.names, row.text) != (known.names, known.text)
