"""Acts on many rows at once: each row by the same act as alone, with a result of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rectification import policy
from rectification.actions import problems, registrations
from rectification.models import Problem
from reform.errors import Refused
from reform.models import Actor


@dataclass(frozen=True)
class BulkAct:
    label: str
    permit: str
    chip: str  # the view of the ledger in which it is offered
    do: Callable[..., Iterable[tuple[Problem, str]]]


ACTS: dict[str, BulkAct] = {
    "register": BulkAct("入账", "pb.publish", "draft", registrations.register_each),
    "issue": BulkAct("下达整改", "pb.assign", "registered", registrations.issue_each),
    "accept": BulkAct("签收", "pb.accept", "assigned", registrations.accept_each),
}

Kind = Problem.DueKind
# What many rows are filled with at once, where they lack it.
DUE = ("due_text", "due_kind", "due_on", "due_days", "due_workdays", "then_standing")
REVIEW = ("stage_goal", "review_on")
FILLED = (
    "source",
    "found_on",
    "leaders",
    "persons",
    "departments",
    "standard",
    "effect_expected",
    *REVIEW,
    *DUE,
)


@dataclass(frozen=True)
class Result:
    """What became of one row: the row, and why not (empty when it was done)."""

    problem: Problem
    refused: str = ""


def offered(actor: Actor, chip: str) -> list[tuple[str, str]]:
    """Return the acts (code, words) offered in a view to somebody with a duty for them."""
    roles = {duty.role for duty in actor.duties}
    found = [
        (code, act.label)
        for code, act in ACTS.items()
        if act.chip == chip and roles & policy.TABLE[act.permit][1].keys()
    ]
    if chip in {"draft", "registered"} and roles & policy.TABLE["pb.amend"][1].keys():
        found.insert(0, ("fill", "批量补齐"))
    return found


def do(act: str, rows: Sequence[Problem], *, by: Actor, at: datetime) -> list[Result]:
    """Do `act` to each row; one refusal stops no other row."""
    return [Result(*done) for done in ACTS[act].do(rows, by=by, at=at)]


def blanks(problem: Problem) -> set[str]:
    """Return which of the facts that many rows are filled with at once this one still lacks."""
    now = problems.written(problem)
    missing = {name for name in FILLED if name not in DUE and not now[name]}
    # A deadline is one fact in several columns: “待定” is none, and gives way as a whole.
    return missing | set(DUE) if problem.due_kind == Kind.UNDETERMINED else missing


def _given(problem: Problem, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the facts this row takes. A goal and a review day go with 长期坚持."""
    lacks = blanks(problem)
    kind = facts.get("due_kind") or Kind.UNDETERMINED
    if kind == Kind.UNDETERMINED:
        lacks -= set(DUE)
    found = {name: value for name, value in facts.items() if name in lacks and value}
    becomes = kind if lacks & set(DUE) else problem.due_kind
    if becomes != Kind.STANDING:
        found = {name: value for name, value in found.items() if name not in REVIEW}
    return found


def fill(
    rows: Sequence[Problem], *, facts: Mapping[str, Any], by: Actor, at: datetime
) -> list[Result]:
    """Fill what the chosen rows lack (批量补齐); what a row says already stays as it is."""
    results = []
    for problem in rows:
        given = _given(problem, facts)
        if not given:
            results.append(Result(problem, "没有空着的内容需要补，未作改动。"))
            continue
        try:
            filled = problems.fill(problem, version=problem.version, facts=given, by=by, at=at)
        except Refused as refusal:
            results.append(Result(problem, str(refusal)))
        else:
            results.append(Result(filled))
    return results
