"""What each field of a ledger makes of a cell: one handler a field."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from rectification.imports import cells, vocabulary
from rectification.imports.drafting import Draft, Handler, as_given
from rectification.imports.headings import LEVELS, OWNERS
from rectification.imports.names import answerable, departments, helpers_named, persons
from rectification.imports.vocabulary import CLOSED, UNCLOSED, Progress
from reform import deadlines
from reform.excel import Cell
from reform.text import fold, half_width

LONGEST_TEXT, LONGEST_LIST, LONGEST_NAME = 5_000, 2_000, 100
SHOWN = 60  # characters of a value in a sentence
SHORT_WORD = 3  # 否, 未, ×, 未完成
NUMBER = re.compile(r"[（(]?(\d+)[)）]?[.．、]?")  # 1. and （1） are 1
PRIVATE = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")
FINISHED = re.compile("完成|办结|整改到位")


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
            state = vocabulary.progress(text)  # 未销号 in the column of 销号时间 says enough
            if state is None:
                draft.fault("warning", column, text, f"“{text[:SHOWN]}”不是日期，未导入，请核对。")
            elif state.closed or state.open:
                draft.states.append(state)
        else:
            setattr(draft.row, attribute, said.due_on)
            if "销号" in column and said.due_on <= facts.on:
                draft.states.append(CLOSED)
            if not said.yearless:
                facts.explicit.add(said.due_on)

    return handle


def _too_long(draft: Draft, text: str, column: str, limit: int) -> None:
    what = f"有{len(text)}个字，超过{limit}个字，请缩短或拆成几项后再导入。"
    draft.fault("error", column, text, what)


OVERSEER = re.compile(r"\n?(?:督导|监督|督办|督查)(?:单位|部门|领导)?[：:][^\n；;]+")
KEEP_PROBLEM, KEEP_REMARK, KEEP_LEADER, KEEP_PROGRESS = (
    _text("problem"),
    _text("remark"),
    _first("leader"),
    _text("progress_text"),
)


def number_in(text: str) -> str:
    """Return the number of a row: 1.0, 1. and （1） are 1, and 001 stays as it is."""
    bare = NUMBER.fullmatch(text.removesuffix(".0"))
    return half_width(bare[1]) if bare else text[:LONGEST_NAME]


def _no(draft: Draft, text: str, *_: object) -> None:
    if draft.row.no is None:
        draft.row.no = number_in(text)


def _problem(draft: Draft, text: str, value: Cell, column: str) -> None:
    if draft.lines == 1:
        KEEP_PROBLEM(draft, text, value, column)


def _items(draft: Draft, text: str, _: Cell, column: str) -> None:
    if text in vocabulary.TICKS or text in vocabulary.CROSSES:  # a column for each item
        text = column if text in vocabulary.TICKS else ""
    text = "".join(text.split("\n"))  # written downwards: 政⏎治⏎方⏎面
    if not text:
        return
    found = draft.facts.items_in(text)
    draft.row.items += [item for item in found if item not in draft.row.items]
    if not found:
        draft.row.category = text[:LONGEST_NAME]


def _measures(draft: Draft, text: str, _: Cell, column: str) -> None:
    if len(text) > LONGEST_TEXT:
        _too_long(draft, text, column, LONGEST_TEXT)
        return
    draft.texts += cells.measures(text)
    if named := helpers_named(text):
        _departments(draft, named, named, column)


def _persons(draft: Draft, text: str, _: Cell, column: str) -> None:
    names = persons(text)
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
    KEEP_LEADER(draft, "、".join(persons(text)), value, column)


def _departments(draft: Draft, text: str, _: Cell, column: str) -> None:
    if overseer := OVERSEER.search(text):  # neither answers nor helps
        KEEP_REMARK(draft, overseer[0].strip(), text, column)
        text = OVERSEER.sub("", text)
    ours, helping = departments(text)
    if len(text) > LONGEST_NAME and (long := _long((*ours, *helping))):
        _too_long(draft, long, column, LONGEST_NAME)
        return
    _unite(draft.row.departments, ours)
    _unite(draft.row.cooperating, helping)


def _answerable(draft: Draft, text: str, value: Cell, column: str) -> None:
    units, people = answerable(text)
    _departments(draft, "、".join(units), value, column)
    _persons(draft, "、".join(people), value, column)


def _cooperating(draft: Draft, text: str, *_: object) -> None:
    names = [name for group in departments(text) for name in group]
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
        if due.long_past and due.due_on:
            facts.yearless.append((fault, due.due_on))


def _progress(draft: Draft, text: str, value: Cell, column: str) -> None:
    said = _said(text, value, column) or _by_day(draft, text, value, column)
    if said is None or vocabulary.is_more_than_progress(text):
        KEEP_PROGRESS(draft, text, value, column)
    if said:
        if said.closed and not draft.row.closed_on:
            draft.row.closed_on = _past_day(draft, text)
        draft.states.append(said)
        draft.row.schedule = said.schedule or draft.row.schedule
    elif len(text) <= vocabulary.LONGEST_PHRASE:
        what = f"“{text}”不是能识别的进展，已作为进展说明保留，请核对完成情况。"
        draft.fault("warning", column, text, what)


def _said(text: str, value: Cell, column: str) -> Progress | None:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return vocabulary.of_figure(value)
    # A form may have one column a state, and a tick in one of them.
    if text in vocabulary.TICKS and (state := vocabulary.progress(fold(column))):
        return state
    said = vocabulary.progress(text)
    if said and "销号" in column and not said.open:
        # 是 and 已完成 under 是否销号 say closed; 否 and × say no more than that it is not.
        return CLOSED if said.code == "done" else UNCLOSED if len(text) < SHORT_WORD else said
    return said


def _by_day(draft: Draft, text: str, value: Cell, column: str) -> Progress | None:
    """A day alone under 销号情况 or 完成情况 is the day on which it was."""
    if isinstance(value, str) and vocabulary.DAY.sub("", text).strip("（）()前 "):
        return None
    day = _past_day(draft, text)
    if day is None or not ("销号" in column or FINISHED.search(column)):
        return None
    return CLOSED if "销号" in column else vocabulary.DONE


def _past_day(draft: Draft, text: str) -> date | None:
    """The day that a text of progress names, unless it lies ahead and is a plan."""
    named = vocabulary.DAY.findall(text)
    if len(named) != 1:
        return None
    day = deadlines.read(named[0], year=draft.facts.year, on=draft.facts.on).due_on
    return day if day and day <= draft.facts.on else None


def _remark(draft: Draft, text: str, value: Cell, column: str) -> None:
    KEEP_REMARK(draft, text, value, column)
    if found := PRIVATE.search(text):
        what = f"“{found[0]}”像是身份证号或手机号，请确认是否需要留在台账里。"
        draft.fault("warning", column, text, what)


def _one_of(attribute: str, meanings: Mapping[str, str], otherwise: str) -> Handler:
    """Keep what a word means; one that means nothing here is asked about."""

    def handle(draft: Draft, text: str, _: Cell, column: str) -> None:
        code = meanings.get(fold(text))
        if code is None:
            what = f"“{text[:SHOWN]}”不是系统中的说法，按“{otherwise}”登记，请核对。"
            draft.fault("warning", column, text, what)
        elif not getattr(draft.row, attribute):
            setattr(draft.row, attribute, code)

    return handle


def _bounded(handle: Handler) -> Handler:
    """Names are told apart by patterns that would look at an endless cell for seconds."""

    def handle_some(draft: Draft, text: str, value: Cell, column: str) -> None:
        if len(text) > LONGEST_LIST:
            _too_long(draft, text, column, LONGEST_LIST)
        else:
            handle(draft, text, value, column)

    return handle_some


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
    "leader": _bounded(_leader),
    "departments": _bounded(_departments),
    "answerable": _bounded(_answerable),
    "cooperating": _bounded(_cooperating),
    "persons": _bounded(_persons),
    "due": _due,
    "standard": _text("standard"),
    "effect": _text("effect"),
    "effect_achieved": _text("effect_achieved"),
    "progress": _progress,
    "progress_text": _text("progress_text"),
    "closed_on": _day("closed_on"),
    "found_on": _day("found_on"),
    "severity": _one_of("severity", LEVELS, "一般"),
    "owner_kind": _one_of("owner_kind", OWNERS, "单位"),
    "remark": _remark,
    "evidence": _text("evidence"),
}
