"""One problem gathered from its lines in the sheet, and every fault found on the way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from rectification.imports import vocabulary
from rectification.imports.cells import BLANKS, words
from rectification.imports.results import Fault, Level, MeasureRow, Row
from rectification.imports.vocabulary import Progress
from reform import deadlines
from reform.deadlines import Deadline
from reform.excel import Cell

SHOWN = 60  # characters of a value in a fault


@dataclass(slots=True)
class Facts:
    """What all rows of a file share, and what they tell about each other."""

    items: tuple[str, ...]
    year: int
    on: date
    reported_on: date | None
    faults: list[Fault] = field(default_factory=list)
    explicit: set[date] = field(default_factory=set)  # days that say their year
    yearless: list[tuple[Fault, date]] = field(default_factory=list)  # doubts such a day removes
    # The same words stand in many rows, and are understood once.
    known_dues: dict[Cell, Deadline] = field(default_factory=dict)
    known_items: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def due(self, text: str, value: Cell, column: str) -> Deadline:
        """Return what a cell of 整改时限 says."""
        raw = f"{text}天" if "天" in column and text.isdecimal() else as_given(text, value)
        if raw not in self.known_dues:
            self.known_dues[raw] = deadlines.read(
                raw, year=self.year, on=self.on, reported_on=self.reported_on
            )
        return self.known_dues[raw]

    def items_in(self, text: str) -> tuple[str, ...]:
        """Return the campaign's items that a cell names."""
        if text not in self.known_items:
            self.known_items[text] = vocabulary.items(text, self.items)
        return self.known_items[text]


# Of a draft: what a cell says as text, as it is, and under which heading.
Handler = Callable[["Draft", str, Cell, str], None]
Given = tuple[int, str, Handler]  # the place of a column, its heading, what reads it


@dataclass(slots=True)
class Draft:
    """A problem in the making."""

    row: Row
    facts: Facts
    line: int = 0  # the one being read, as Excel counts
    lines: int = 0
    measured: int = 0  # lines with measures of their own
    failed: bool = False
    dues: list[Deadline] = field(default_factory=list)
    said: list[Progress] = field(default_factory=list)
    # Of the line being read: its measures share its persons and its day.
    states: list[Progress] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    names: tuple[str, ...] = ()
    day: date | None = None

    def take(self, line: int, row: Sequence[Cell], columns: Iterable[Given]) -> None:
        """Read one line of the problem; its texts are clean already."""
        self.line, self.lines = line, self.lines + 1
        self.states, self.texts, self.names, self.day = [], [], (), None
        for index, column, handle in columns:
            value = row[index]
            if value == "":
                continue
            text = value if type(value) is str else words(value)
            if text not in BLANKS:
                handle(self, text, value, column)
        if self.states:
            self.said.append(vocabulary.in_one_line(self.states))
        names, day = self.names, self.day
        self.measured += bool(self.texts)
        for text in self.texts:
            self.row.measures.append(MeasureRow(text, [*names], day))

    def fault(self, level: Level, column: str, value: str, what: str) -> Fault:
        """Note a fault; with an error the row is not kept."""
        self.failed = self.failed or level == "error"
        message = f"第{self.line}行“{column}”：{what}"
        fault = Fault(level, self.line, column, value[:SHOWN], message)
        self.facts.faults.append(fault)
        return fault

    def finished(self) -> Row:
        """Return the row: its day is the latest of its lines, its progress that of all."""
        row = self.row
        if self.said:
            row.progress = vocabulary.together(self.said)
            row.claimed_closed = all(progress.closed for progress in self.said)
        if self.dues:
            self._set_due(*self.dues)
        return row

    def _set_due(self, *dues: Deadline) -> None:
        row, last = self.row, dues[0]
        row.due_text = last.text
        if len(dues) > 1:
            last = max(dues, key=_lateness)
            row.due_text = "；".join(dict.fromkeys(due.text for due in dues))
        row.due_kind, row.due_on = last.kind, last.due_on
        row.due_days, row.due_workdays = last.days, last.workdays
        row.review_on = last.review_on
        row.then_standing = any(
            due.then_standing or (due.kind == "standing" and last.kind != "standing")
            for due in dues
        )


LATENESS = {"undetermined": 0, "standing": 1, "at_once": 2, "dated": 3}


def _lateness(due: Deadline) -> tuple[int, date, int]:
    return LATENESS[due.kind], due.due_on or date.min, due.days or (due.workdays or 0) * 7 // 5


def as_given(text: str, value: Cell) -> str | float | date | datetime:
    return value if isinstance(value, float | int | date) and not isinstance(value, bool) else text
