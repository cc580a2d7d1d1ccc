"""What the columns of a ledger are called, and which field each name means."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from rectification.imports.synonyms import NAMES, WORDS
from reform import deadlines
from reform.excel import Cell
from reform.text import fold

# What a column may be taken for; the labels stand in the form that corrects the guess.
FIELDS = {
    "no": "序号",
    "number": "上级编号",
    "unit": "单位",
    "source": "问题来源",
    "items": "问题类别",
    "problem": "存在问题",
    "cause": "原因分析",
    "measures": "整改措施",
    "leader": "责任领导",
    "departments": "责任部门",
    "cooperating": "配合单位",
    "persons": "责任人",
    "answerable": "责任部门和责任人",
    "due": "整改时限",
    "standard": "整改标准",
    "effect": "预期效果",
    "effect_achieved": "整改成效",
    "progress": "完成情况",
    "progress_text": "进展情况",
    "closed_on": "销号时间",
    "found_on": "发现时间",
    "severity": "严重程度",
    "owner_kind": "问题主体",
    "remark": "备注",
    "evidence": "佐证材料",
    "ignore": "不导入",
}
# Fields that several columns may fill: 措施1, 措施2.
MANY = frozenset(
    ("measures", "departments", "cooperating", "persons", "progress", "progress_text", "remark",
     "evidence", "ignore", "cause", "standard", "")
)  # fmt: skip

HEADINGS = {
    name: (code, rank) for code, names in NAMES.items() for rank, name in enumerate(names.split())
}
UNIT_WITH_PERSON = re.compile(r"(?:单位|部门|科室|处室|股室)\s*[（(].{0,4}人")  # 责任单位（责任人）
GENERIC = frozenset(("姓名", "名称", "名字"))
LAST_IN_LIST = 99
ORDINALS = re.compile(
    r"^\d+(?=\D)|^[一二三四五六七八九十]{1,2}(?=[序存问整责原完备])|(?<=\D)[\d一二三四五六]{1,2}$"
)
# What the words of a cell mean on the ledger (Problem.Severity, Problem.OwnerKind).
LEVELS = {
    **dict.fromkeys(("一般", "普通", "轻微", "较轻", "一般问题"), "ordinary"),
    **dict.fromkeys(
        ("重点", "重点问题", "重要", "较大", "较重", "严重", "突出", "重大", "特别重大"), "key"
    ),
}
OWNERS = {
    **dict.fromkeys(("班子", "班子问题", "领导班子"), "team"),
    **dict.fromkeys(("单位", "单位问题", "集体"), "unit"),
    **dict.fromkeys(("个人", "个人问题", "党员个人"), "personal"),
}
# What is said of an end still to come rather than one that has been.
STILL_TO_COME = re.compile(r"前|内|底|末|立[行即]|长期|持续|季度|旬|半年")


@dataclass(slots=True)
class Guess:
    """One column: its names, top row first, some of its cells, and what it is taken for."""

    names: tuple[str, ...]
    samples: list[Cell] = field(default_factory=list)
    code: str = ""
    rank: int = LAST_IN_LIST


@lru_cache(maxsize=8192)
def lookup(name: str) -> tuple[str, int] | None:
    """Return the field that a heading names, when it is one of the list."""
    folded = fold(name)
    if not folded or len(folded) > 16:
        return None
    return HEADINGS.get(folded) or HEADINGS.get(ORDINALS.sub("", folded))


def resembles(name: str) -> tuple[str, int] | None:
    """Return the field that a heading names by a word in it; for want of a surer one."""
    found = _named((name,))
    return found if found[0] else None


def guess(columns: Sequence[Guess], *, year: int, on: date) -> None:
    """Say of each column what it holds, from its names, its neighbours and its cells."""
    for column in columns:
        column.code, column.rank = _named(column.names)
    _finished(columns, year=year, on=on)
    for rule in RULES:
        rule(columns)
    _leave_one_each(columns)


@lru_cache(maxsize=8192)
def _named(names: tuple[str, ...]) -> tuple[str, int]:
    """The lower name decides; with the upper one before it, if that makes a known name."""
    *upper, own = names or ("",)
    if UNIT_WITH_PERSON.search(own):
        return "answerable", LAST_IN_LIST
    # Under 责任领导 the heading 姓名 says nothing of its own.
    inner = [*reversed(upper), own] if fold(own) in GENERIC else [own, *reversed(upper)]
    for name in ("".join(names), *inner):
        if found := lookup(name):
            return found
    folded = fold(own)
    if len(folded) > 20:
        return "", LAST_IN_LIST
    return next(((code, LAST_IN_LIST) for word, code in WORDS if word.search(folded)), ("", 99))


Rule = Callable[[Sequence[Guess]], None]


def _first(columns: Sequence[Guess], code: str) -> Guess | None:
    return next((column for column in columns if column.code == code), None)


def _either(doubtful: str, code: str, otherwise: str) -> Rule:
    """A `doubtful` column is `code`, or `otherwise` when another column surely is `code`."""

    def rule(columns: Sequence[Guess]) -> None:
        taken = _first(columns, code) is not None
        for column in columns:
            if column.code == doubtful:
                column.code = otherwise if taken else code
                column.rank += LAST_IN_LIST

    return rule


def _finished(columns: Sequence[Guess], *, year: int, on: date) -> None:
    """完成时间 is the deadline if there is no other and it lies ahead, else the day of closing."""
    taken = _first(columns, "due") is not None
    for column in columns:
        if column.code == "due?":
            ahead = not taken and _lies_ahead(column.samples, year, on)
            column.code = "due" if ahead else "closed_on"


def _lies_ahead(samples: Sequence[Cell], year: int, on: date) -> bool:
    if any(isinstance(cell, str) and STILL_TO_COME.search(cell) for cell in samples):
        return True
    days = [deadlines.read(str(cell), year=year, on=on).due_on for cell in samples]
    known = [day for day in days if day]
    return not known or max(known) >= on


def _responsible(columns: Sequence[Guess]) -> None:
    """责任单位 is the department, unless 牵头单位 (then it helps) or 责任部门 stands beside it."""
    departments, unit = _first(columns, "departments"), _first(columns, "unit")
    lead = any(c.code == "departments" and "牵头" in "".join(c.names) for c in columns)
    for column in columns:
        if column.code != "departments?":
            continue
        if lead and not _first(columns, "cooperating"):
            column.code = "cooperating"
        else:
            column.code = "unit" if departments and not lead and not unit else "departments"


def _levels(columns: Sequence[Guess]) -> None:
    """隐患类别 is often filled with the level, 类别 with whose problem it is."""
    for column in columns:
        if column.code != "items":
            continue
        said = {fold(str(cell)) for cell in column.samples}
        if said and said <= LEVELS.keys():
            column.code = "severity"
        elif said and said <= OWNERS.keys():
            column.code = "owner_kind"


RULES: tuple[Rule, ...] = (
    _either("no?", "no", otherwise="number"),
    _levels,
    _responsible,
    _either("type?", "due", otherwise="ignore"),
    _either("persons?", "persons", otherwise="ignore"),
    _either("effect?", "effect", otherwise="effect_achieved"),
    _either("progress?", "progress", otherwise="progress_text"),
)


def _under_one_heading(columns: Sequence[Guess]) -> None:
    """存在问题 over two columns: what it is about, and the problem, which is the longer."""
    problems = [column for column in columns if column.code == "problem" and column.samples]
    if len({column.names for column in problems}) != 1 or len(problems) != 2:
        return
    shorter, _ = sorted(problems, key=lambda column: len("".join(map(str, column.samples))))
    shorter.code = "" if _first(columns, "items") else "items"


def _leave_one_each(columns: Sequence[Guess]) -> None:
    """Of several columns for one field the surest keeps it; the others are left to the user."""
    best: dict[str, Guess] = {}
    _under_one_heading(columns)
    for column in columns:
        if column.code in MANY:
            continue
        other = best.get(column.code)
        if other is None or column.rank < other.rank:
            best[column.code] = column
    for column in columns:
        if column.code in MANY or best[column.code] is column:
            continue
        # A form may have a column for each item, and ticks in them.
        upper = column.names[:-1]
        if column.code != "items" or not upper or upper != best["items"].names[:-1]:
            column.code = ""
