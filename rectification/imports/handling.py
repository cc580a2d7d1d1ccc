"""What each field of a ledger makes of a cell: one handler a field."""

from collections.abc import Iterable

from rectification.imports import cells, vocabulary
from rectification.imports.drafting import Draft, Handler, as_given
from rectification.imports.headings import OWNERS
from rectification.imports.vocabulary import Progress
from reform import deadlines
from reform.excel import Cell
from reform.text import fold

LONGEST_TEXT, LONGEST_NAME = 5_000, 100
SHOWN = 60  # characters of a value in a sentence


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
        said = deadlines.read(as_given(text, value), year=facts.year, on=facts.on)
        if said.fault:
            draft.fault("error", column, text, said.fault)
        elif said.kind != "dated" or not said.due_on:
            if not vocabulary.progress(text):  # 未销号 in the column of 销号时间 says enough
                draft.fault("warning", column, text, f"“{text[:SHOWN]}”不是日期，未导入，请核对。")
        else:
            setattr(draft.row, attribute, said.due_on)
            if not said.yearless:
                facts.explicit.add(said.due_on)

    return handle


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
        return
    draft.texts += cells.measures(text)
    if named := cells.helpers_named(text):
        _departments(draft, named, named, column)


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


def _answerable(draft: Draft, text: str, value: Cell, column: str) -> None:
    units, people = cells.answerable(text)
    _departments(draft, "、".join(units), value, column)
    _persons(draft, "、".join(people), value, column)


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
    "answerable": _answerable,
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
