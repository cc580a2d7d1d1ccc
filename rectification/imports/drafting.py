"""One problem gathered from its lines in the sheet, and every fault found on the way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from rectification.imports import cells, vocabulary
from rectification.imports.cells import BLANKS, words
from rectification.imports.headings import OWNERS
from rectification.imports.results import Fault, Level, MeasureRow, Row
from rectification.imports.vocabulary import Progress
from reform import deadlines
from reform.deadlines import Deadline
from reform.excel import Cell
from reform.text import fold

LONGEST_TEXT, LONGEST_NAME = 5_000, 100
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
        raw = f"{text}天" if "天" in column and text.isdecimal() else _raw(text, value)
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
    failed: bool = False
    dues: list[Deadline] = field(default_factory=list)
    said: list[Progress] = field(default_factory=list)
    # Of the line being read: its measures share its persons and its day.
    texts: list[str] = field(default_factory=list)
    names: tuple[str, ...] = ()
    day: date | None = None

    def take(self, line: int, row: Sequence[Cell], columns: Iterable[Given]) -> None:
        """Read one line of the problem; its texts are clean already."""
        self.line, self.lines = line, self.lines + 1
        self.texts, self.names, self.day = [], (), None
        for index, column, handle in columns:
            value = row[index]
            if value == "":
                continue
            text = value if type(value) is str else words(value)
            if text not in BLANKS:
                handle(self, text, value, column)
        names, day = self.names, self.day
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
        row.due_kind, row.due_on, row.due_days = last.kind, last.due_on, last.days
        row.review_on = last.review_on
        row.then_standing = any(
            due.then_standing or (due.kind == "standing" and last.kind != "standing")
            for due in dues
        )


LATENESS = {"undetermined": 0, "standing": 1, "at_once": 2, "dated": 3}


def _lateness(due: Deadline) -> tuple[int, date, int]:
    return LATENESS[due.kind], due.due_on or date.min, due.days or 0


def _text(attribute: str) -> Handler:
    """Keep a text; of several lines or columns, each different one."""

    def handle(draft: Draft, text: str, _: Cell, column: str) -> None:
        if len(text) > LONGEST_TEXT:
            _too_long(draft, text, column, LONGEST_TEXT)
            return
        known = getattr(draft.row, attribute)
        if not known:
            setattr(draft.row, attribute, text)
        elif text not in known:
            setattr(draft.row, attribute, f"{known}\n{text}")

    return handle


def _first(attribute: str) -> Handler:
    """Keep a short text: that of the first line that has one."""

    def handle(draft: Draft, text: str, _: Cell, column: str) -> None:
        if len(text) > LONGEST_NAME:
            _too_long(draft, text, column, LONGEST_NAME)
        elif not getattr(draft.row, attribute):
            setattr(draft.row, attribute, text)

    return handle


def _day(attribute: str) -> Handler:
    """Keep a day that has been; anything but a day is asked about."""

    def handle(draft: Draft, text: str, value: Cell, column: str) -> None:
        facts = draft.facts
        said = deadlines.read(_raw(text, value), year=facts.year, on=facts.on)
        if said.fault:
            draft.fault("error", column, text, said.fault)
        elif said.kind != "dated" or not said.due_on:
            draft.fault("warning", column, text, f"“{text[:SHOWN]}”不是日期，未导入，请核对。")
        else:
            setattr(draft.row, attribute, said.due_on)
            if not said.yearless:
                facts.explicit.add(said.due_on)

    return handle


def _raw(text: str, value: Cell) -> str | float | date | datetime:
    return value if isinstance(value, float | int | date) and not isinstance(value, bool) else text


def _too_long(draft: Draft, text: str, column: str, limit: int) -> None:
    what = f"有{len(text)}个字，超过{limit}个字，请缩短或拆成几项后再导入。"
    draft.fault("error", column, text, what)


KEEP_PROBLEM, KEEP_LEADER, KEEP_PROGRESS = (
    _text("problem"),
    _first("leader"),
    _text("progress_text"),
)


def _no(draft: Draft, text: str, *_: object) -> None:
    if draft.row.no is None:
        whole = text.removesuffix(".0")
        draft.row.no = whole if whole.isdecimal() else text[:LONGEST_NAME]


def _problem(draft: Draft, text: str, value: Cell, column: str) -> None:
    if draft.lines == 1:
        KEEP_PROBLEM(draft, text, value, column)


def _items(draft: Draft, text: str, *_: object) -> None:
    found = draft.facts.items_in(text)
    draft.row.items += [item for item in found if item not in draft.row.items]
    if not found:
        draft.row.category = text[:LONGEST_NAME]


def _measures(draft: Draft, text: str, _: Cell, column: str) -> None:
    if len(text) > LONGEST_TEXT:
        _too_long(draft, text, column, LONGEST_TEXT)
    else:
        draft.texts += cells.measures(text)


def _persons(draft: Draft, text: str, _: Cell, column: str) -> None:
    names = cells.persons(text)
    if len(text) > LONGEST_NAME and (long := _long(names)):
        _too_long(draft, long, column, LONGEST_NAME)
        return
    draft.names += names
    _unite(draft.row.persons, names)


def _long(names: Iterable[str]) -> str:
    return next((name for name in names if len(name) > LONGEST_NAME), "")


def _unite(known: list[str], names: Iterable[str]) -> None:
    known += [name for name in names if name not in known] if known else names


def _leader(draft: Draft, text: str, value: Cell, column: str) -> None:
    KEEP_LEADER(draft, "、".join(cells.persons(text)), value, column)


def _departments(draft: Draft, text: str, _: Cell, column: str) -> None:
    ours, helping = cells.departments(text)
    if len(text) > LONGEST_NAME and (long := _long((*ours, *helping))):
        _too_long(draft, long, column, LONGEST_NAME)
        return
    _unite(draft.row.departments, ours)
    _unite(draft.row.cooperating, helping)


def _cooperating(draft: Draft, text: str, *_: object) -> None:
    names = [name for group in cells.departments(text) for name in group]
    _unite(draft.row.cooperating, [name[:LONGEST_NAME] for name in names])


def _due(draft: Draft, text: str, value: Cell, column: str) -> None:
    facts = draft.facts
    due = facts.due(text, value, column)
    if due.fault:
        draft.fault("error", column, text, due.fault)
        return
    draft.dues.append(due)
    draft.day = due.due_on
    if due.due_on and not due.yearless:
        facts.explicit.add(due.due_on)
    if due.doubt:
        fault = draft.fault("warning", column, text, due.doubt)
        if due.yearless and due.due_on:
            facts.yearless.append((fault, due.due_on))


def _progress(draft: Draft, text: str, value: Cell, column: str) -> None:
    said = _said(text, value, column)
    if said is None or len(text) > vocabulary.LONGEST_PHRASE:
        KEEP_PROGRESS(draft, text, value, column)
    if said:
        if said.code == "done" and "销号" in column:
            said = vocabulary.CLOSED
        draft.said.append(said)
        draft.row.schedule = said.schedule or draft.row.schedule
    elif len(text) <= vocabulary.LONGEST_PHRASE:
        what = f"“{text}”不是能识别的进展，已作为进展说明保留，请核对完成情况。"
        draft.fault("warning", column, text, what)


def _said(text: str, value: Cell, column: str) -> Progress | None:
    if isinstance(value, float | int) and not isinstance(value, bool) and 0 <= value <= 100:
        return vocabulary.of_share(value if value <= 1 else value / 100)
    # A form may have one column a state, and a tick in one of them.
    if text in vocabulary.TICKS and (state := vocabulary.progress(fold(column))):
        return state
    return vocabulary.progress(text)


def _owner(draft: Draft, text: str, *_: object) -> None:
    draft.row.owner_kind = OWNERS.get(fold(text), text[:LONGEST_NAME])


# Not read again where a merged cell is copied down: one cell, one set of measures.
ONCE = frozenset(("measures", "problem", "no", "progress", "progress_text"))
HANDLERS: dict[str, Handler] = {
    "no": _no,
    "number": _first("superior_number"),
    "unit": _first("unit"),
    "source": _text("source"),
    "items": _items,
    "problem": _problem,
    "cause": _text("cause"),
    "measures": _measures,
    "leader": _leader,
    "departments": _departments,
    "cooperating": _cooperating,
    "persons": _persons,
    "due": _due,
    "standard": _text("standard"),
    "effect": _text("effect"),
    "effect_achieved": _text("effect_achieved"),
    "progress": _progress,
    "progress_text": _text("progress_text"),
    "closed_on": _day("closed_on"),
    "found_on": _day("found_on"),
    "severity": _first("severity"),
    "owner_kind": _owner,
    "remark": _text("remark"),
    "evidence": _text("evidence"),
}
