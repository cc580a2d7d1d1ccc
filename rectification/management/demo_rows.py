"""The demo's ledger rows (演示问题): their shape; what stands on them is demo_rows.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("demo_rows.toml")


@dataclass(frozen=True)
class Proof:
    """A piece of evidence; `file` is the ending of a picture made on the spot."""

    title: str
    text: str = ""
    number: str = ""
    place: str = ""
    keeper: str = ""
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Days are counted back from today, deadlines forward; `until` names the story's end."""

    place: str
    until: str
    found: int
    items: str
    text: str
    person: str = ""
    leader: str = ""
    department: str = ""
    cause: str = ""
    standard: str = ""
    effect: str = ""
    source: str = "自己找"
    severity: str = "ordinary"
    owner: str = "unit"
    due_kind: str = "dated"
    due: int | None = None
    again: int = 0  # the new day that a return sets
    goal: str = ""
    measures: tuple[str, ...] = ()
    done: int = 0  # how many of the measures are
    lasting: int = 0  # how many of them, the last ones, are to last (长久立)
    report: str = ""
    stand: str = "under_way"
    achieved: str = ""
    proofs: tuple[Proof, ...] = ()
    applied: int = 0
    opinion: str = ""


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def items() -> list[tuple[str, str]]:
    """Return the items of the demo's campaign with what each looks like."""
    return list(_read()["items"].items())


def rows() -> list[Row]:
    """Return the rows in the order in which they were found."""
    made = [_row(entry) for entry in _read()["rows"]]
    return sorted(made, key=lambda row: -row.found)


def _row(entry: dict[str, Any]) -> Row:
    proofs = tuple(Proof(**proof) for proof in entry.get("proofs", ()))
    measures = tuple(entry.get("measures", ()))
    return Row(**{**entry, "proofs": proofs, "measures": measures})
