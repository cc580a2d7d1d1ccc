"""Many rows in few transactions: each judged by the same check as alone, with its own result."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction

from rectification.models import Problem
from reform.errors import Refused
from reform.models import Actor, User

SIZE = 200  # rows that wait for one another: a transaction of well under a second


class Check(Protocol):
    def __call__(self, problem: Problem, *, by: Actor) -> None:
        """Raise Refused, or Forbidden, when the row may not go this way."""


class Write(Protocol):
    def __call__(self, rows: Sequence[Problem], *, by: Actor, at: datetime) -> None:
        """Do it to locked rows that passed their check, in few statements."""


def one(problem: Problem, *, check: Check, write: Write, by: Actor, at: datetime) -> Problem:
    """Do an act to one row: what is refused is raised."""
    with transaction.atomic():
        problem = problem.locked()
        check(problem, by=by)
        write([problem], by=by, at=at)
    return problem


def each(
    problems: Sequence[Problem], *, check: Check, write: Write, by: Actor, at: datetime
) -> Iterator[tuple[Problem, str]]:
    """Do an act to each row, and say of each, in order, why not (empty when it was done).

    One refusal stops no other row (SOD-19). What is the same for all is looked up once a batch.
    """
    for start in range(0, len(problems), SIZE):
        yield from _batch(problems[start : start + SIZE], check=check, write=write, by=by, at=at)


@transaction.atomic
def _batch(
    asked: Sequence[Problem], *, check: Check, write: Write, by: Actor, at: datetime
) -> list[tuple[Problem, str]]:
    rows = {row.pk: row for row in _locked(asked)}
    results: list[tuple[Problem, str]] = []
    passed: dict[User | None, list[Problem]] = {}  # by in whose place they are done
    for problem in asked:
        row = rows.pop(problem.pk, None)  # a row named twice is done once
        refusal = _refusal(row, check, by) if row else problem.gone
        results.append((row or problem, refusal))
        if row and not refusal:
            passed.setdefault(by.behalf, []).append(row)
    for person, alike in passed.items():
        by.acts_for(person)
        write(alike, by=by, at=at)
    return results


def _locked(asked: Sequence[Problem]) -> Iterable[Problem]:
    """Lock the rows in one order for everybody; what hangs on them is read once they are ours."""
    rows = Problem.to_lock([problem.pk for problem in asked])
    return rows.prefetch_related(
        "organization", "source", "campaign__closing_levels", "people", "departments"
    )


def _refusal(row: Problem, check: Check, by: Actor) -> str:
    try:
        check(row, by=by)
    except Refused as refusal:
        return str(refusal)
    return ""
