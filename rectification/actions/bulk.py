"""Acts on many rows at once: each row by the same act as alone, with a result of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rectification import policy
from rectification.actions import registrations
from rectification.models import Problem
from reform.errors import Refused
from reform.models import Actor


@dataclass(frozen=True)
class BulkAct:
    label: str
    permit: str
    chip: str  # the view of the ledger in which it is offered
    do: Callable[..., Problem]


ACTS: dict[str, BulkAct] = {
    "register": BulkAct("入账", "pb.publish", "draft", registrations.register),
    "issue": BulkAct("下达整改", "pb.assign", "registered", registrations.issue),
    "accept": BulkAct("签收", "pb.accept", "assigned", registrations.accept),
}


@dataclass(frozen=True)
class Result:
    """What became of one row: the row, and why not (empty when it was done)."""

    problem: Problem
    refused: str = ""


def offered(actor: Actor, chip: str) -> list[tuple[str, str]]:
    """Return the acts (code, words) offered in a view to somebody with a duty for them."""
    roles = {duty.role for duty in actor.duties}
    return [
        (code, act.label)
        for code, act in ACTS.items()
        if act.chip == chip and roles & policy.TABLE[act.permit][1].keys()
    ]


def do(act: str, problems: Sequence[Problem], *, by: Actor, at: datetime) -> list[Result]:
    """Do `act` to each row in a transaction of its own; one refusal stops no other row."""
    results = []
    for problem in problems:
        try:
            results.append(Result(ACTS[act].do(problem, by=by, at=at)))
        except Refused as refusal:
            results.append(Result(problem, str(refusal)))
    return results
