"""One sheet as read: its cells where Excel shows them, and what calamine does not tell of them."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

Cell = str | float | bool | date | datetime | time | timedelta
Position = tuple[int, int]
# What a cell shows when its formula went wrong.
ERRORS = frozenset(
    ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
)


@dataclass(slots=True)
class Sheet:
    """Rows and columns count from 0; a blank cell is an empty text."""

    name: str
    rows: list[list[Cell]]
    merged: list[tuple[Position, Position]] = field(default_factory=list)  # both ends included
    uncalculated: list[Position] = field(default_factory=list)  # formulas without a result
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
