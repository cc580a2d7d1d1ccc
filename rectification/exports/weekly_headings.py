"""The headings of a superior's form (上级模板) and what is to stand below or beside them.

One dictionary for workbooks and Word documents; a grid is either's table.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from rectification.models import WeeklyPart
from rectification.models.metric import METRICS
from reform.models import Organization
from reform.text import clean

LOOKED_AT = 15  # rows among which the headings of a list are looked for
DEEPEST = LOOKED_AT + 5  # the last row that headings reach
# Heading → what stands below it; the first words that fit.
WORDS: dict[str, tuple[str, ...]] = {
    "number": ("序号",),
    "name": (
        *("单位", "单位名称", "填报单位", "报送单位", "责任单位", "党组织", "支部名称", "部门"),
        *("党组织名称", "所属单位", "支部", "党支部", "各单位"),
    ),
    "progress": (
        *("本周工作进展", "本周进展", "工作进展", "进展情况", "本周工作", "本周工作情况"),
        *("本周工作进展情况", "本周工作开展情况", "本周主要工作", "本周重点工作", "本周完成工作"),
        *("本周工作完成情况", "工作进展情况", "本周工作总结"),
    ),
    "plans": (
        *("下周工作安排", "下周安排", "下周工作计划", "下周计划", "下步安排", "下一步打算"),
        *("下周工作打算", "下周重点工作", "下周主要工作", "下周工作", "下周重点", "下一步工作安排"),
        *("下步工作安排", "下一步工作打算", "下步工作打算", "下一步工作计划"),
    ),
    "note": ("报送情况", "备注"),
    **{code: (metric.name,) for code, metric in METRICS.items()},
}
# What stands beside a label of a form that is filled once, for the whole report. “单位” by itself
# heads lists of other things as well.
LABELS: dict[str, tuple[str, ...]] = {
    "unit": ("填报单位", "报送单位", "单位名称", "上报单位", "汇总单位"),
    "date": ("填报时间", "填报日期", "报送时间", "报送日期", "上报时间", "上报日期"),
    "issue": ("期数", "期号", "期次"),
    "period": ("报告期", "起止时间", "周报时间", "报告周期", "统计时段"),
    "progress": WORDS["progress"],
    "plans": WORDS["plans"],
    "practices": ("好的做法", "经验做法", "主要做法", "特色做法", "亮点工作"),
    "troubles": ("存在问题", "存在的问题", "存在的主要问题", "困难和问题", "存在的困难和问题"),
    **{code: (metric.name,) for code, metric in METRICS.items()},
}
CODES = {name: code for code, names in LABELS.items() for name in names}
TOTALS = {"合计", "总计", "小计", "共计"}  # what ends a list of names
NUMBERED = re.compile(
    r"(?:[（(][一二三四五六七八九十\d]+[）)]|[一二三四五六七八九十]+[、.．]|\d+[、.．])"
)


class Area(NamedTuple):
    """Cells that are one, by the first and the last row and column, from 1."""

    min_row: int
    min_column: int
    max_row: int
    max_column: int


class Grid(Protocol):
    """A table of any kind; rows and columns count from 1. Of cells that are one the first has the
    words; areas are those that begin up to the row DEEPEST."""

    rows: int
    columns: int

    def text(self, row: int, column: int) -> object: ...

    def areas(self) -> Iterable[Area]: ...


class Found(NamedTuple):
    first: int  # row of the headings, from 1
    row: int  # the last one of the headings
    columns: dict[str, int]  # what stands there → column, from 1


def words(value: object) -> str:
    """Return what is compared of a heading: without number, blanks, hints in brackets and colon."""
    text = "".join(clean(str(value or ""), multiline=False).split())
    text = text[match.end() :] if (match := NUMBERED.match(text)) else text
    return re.split(r"[（(]", text)[0].rstrip("：:")


def find(grid: Grid, *, needed: Iterable[str] = ("progress",)) -> Found | None:
    """Return where a list of organizations has its headings, in one row or in two; None for a table
    that is no such list. It has the organizations' names and one of `needed`."""
    for row in range(1, min(LOOKED_AT, grid.rows) + 1):
        if "name" in _columns(grid, row, row):
            last = _last_of_headings(grid, row)
            columns = _columns(grid, row, last)
            if not columns.keys().isdisjoint(needed):
                return Found(row, last, columns)
    return None


class Named(NamedTuple):
    """The rows of a list in which the superior has put the names beforehand."""

    parts: dict[int, WeeklyPart]  # row, from 1 → whose it is
    last: int  # the last row with a name
    rest: list[WeeklyPart]  # who is not among them and has something to tell
    whole: int | None = None  # the row of the organization that collates, among its equals


def named(grid: Grid, first: int, column: int, parts: Sequence[WeeklyPart]) -> Named | None:
    """Return which row is whose where names stand in `column` from row `first` on; None where none
    of them is known."""
    rows: dict[str, int] = {}
    for row in range(first, grid.rows + 1):
        name = words(grid.text(row, column))
        if not name or name in TOTALS:
            break
        rows.setdefault(name, row)
    if not rows:
        return None
    of = {part.pk: _row_of(part.organization, rows) for part in parts}
    own = next((of[part.pk] for part in parts if part.position == 0), None)
    last = max(rows.values())
    if not any(of[part.pk] for part in parts if part.position > 0):
        return Named({}, last, [], whole=own) if own else None
    rest = [part for part in parts if not of[part.pk] and (part.position > 0 or part.progress)]
    return Named({at: part for part in parts if (at := of[part.pk])}, last, rest)


def _row_of(organization: Organization, rows: dict[str, int]) -> int | None:
    names = (words(name) for name in (organization.name, organization.short_name) if name)
    return next((rows[name] for name in names if name in rows), None)


def _columns(grid: Grid, row: int, last: int) -> dict[str, int]:
    """Return what stands below the headings of these rows; a heading over several columns may be
    half of the words below it (“累计” over “销号”)."""
    found: dict[str, int] = {}
    for line in range(row, min(last, grid.rows) + 1):
        for column in range(1, grid.columns + 1):
            own = words(grid.text(line, column))
            if not own or column in found.values():
                continue
            wordings = {own, *(_over(grid, line, column) + own for _ in range(line > row))}
            for code, names in WORDS.items():
                if code not in found and wordings & set(names):
                    found[code] = column
                    break
    return found


def _over(grid: Grid, row: int, column: int) -> str:
    """Return the words of the merged cells right above, which stand in the first of them."""
    for area in grid.areas():
        if area.max_row == row - 1 and area.min_column <= column <= area.max_column:
            return words(grid.text(area.min_row, area.min_column))
    return ""


def _last_of_headings(grid: Grid, row: int) -> int:
    """Some headings are merged with the row below them, or have sub-heads there."""
    areas = (area for area in grid.areas() if area.min_row <= row <= area.max_row)
    last = min(max([row, *(area.max_row for area in areas)]), DEEPEST)
    known = _columns(grid, row, last)
    more = set(_columns(grid, row, last + 1)) - set(known)
    named = last < grid.rows and not words(grid.text(last + 1, known["name"]))
    return last + 1 if more and named else last
