"""Where in a workbook the ledger stands: its sheet, its header, and what is written around it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from rectification.imports.cells import words
from rectification.imports.headings import Guess, guess, lookup
from reform import deadlines
from reform.errors import Refused
from reform.excel import Cell, Position, Sheet
from reform.text import clean

HEADER_WITHIN = 20  # rows
FOOT = 6  # rows in which a date may stand under the table
LONGEST_HEADING, LONGEST_GROUP = 40, 12
LABELLED = re.compile(r"[:：]|\d{4}")
LONGEST_LINE = 500
DEEPEST_HEADER = 3
SAMPLES, SAMPLED_ROWS = 6, 30
ENOUGH = 3  # known headings that make a header
JOINT = " ▸ "
# Sheets that come with a form and are not the ledger, though they may show its header.
ASIDE_SHEET = re.compile(
    r"说明|示例|样[表例]|范例|模板|字典|下拉|选项|数据源|参数|备份|副本|作废|旧|[(（]\d+[)）]$"
)

UNIT_END = (
    r"\s*[:：]\s*(?P<unit>[^:：\n\t]*?)(?=\s{2,}|\s*(?:填报|填表|报送|上报|制表|报告|统计)?"
    r"(?:时间|日期|人\s*[:：]|单位\s*[:：]|电话)|\s*(?:联系|审核|负责|[（(]盖章)|[\t\n]|$)"
)
UNIT_NAMES = (
    r"(?:填报|填表|报送|上报|编报){}"
    r"(?:单位|党支部|支部|党组织|部门)(?:名称)?\s*(?:[（(][^）)]*[)）])?"
)
# 填报单位 before a bare 单位, which may be the unit of measurement.
UNITS = tuple(re.compile(UNIT_NAMES.format(often) + UNIT_END) for often in ("", "?"))
MEASURES_OF = frozenset("件个项条人元户次") | {"万元", "亿元", "人次", "个数"}
FIGURE = r"[\d０-９〇○零一二三四五六七八九十]"
DAY = rf"{FIGURE}{{4}}\s*[年.．/-]\s*{FIGURE}{{1,3}}\s*[月.．/-]\s*{FIGURE}{{1,3}}\s*日?"
# The report day: labelled, or alone on its line, or said to be the state of things.
REPORTED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:填报|填表|报送|上报|制表|报告|统计|报表)(?:时间|日期)\s*[:：]\s*({DAY})",
        rf"^\s*(?:时间|日期)?[:：（(]?\s*({DAY})[)）]?\s*$",
        rf"(?:时间|日期)\s*[:：]\s*({DAY})",
        rf"截[至止]\s*({DAY})",
    )
)
NO_TITLE = re.compile(r"^附[件表]\s*[\d一二三四五六七八九十]*\s*[:：]?$|^.{0,8}[:：]|^[（(]")


@dataclass(slots=True)
class Layout:
    """A sheet with its header found; rows count from 0."""

    sheet: Sheet
    header: int
    body: int
    columns: list[Guess]
    score: int
    title: str | None = None
    reporting_unit: str | None = None
    reported_on: date | None = None

    # Copies made of merged cells, and rows that are one cell across.
    copied: set[Position] = field(default_factory=set)
    wide: set[int] = field(default_factory=set)

    def merged_together(self, first: int, second: int) -> bool:
        """Return whether the two columns share one cell of the header."""
        return any(
            self.header <= top < self.body and left <= first and second <= right
            for (top, left), (_, right) in self.sheet.merged
        )

    def own_name(self, index: int) -> str:
        """The lowest heading, as written: it stands right above the data."""
        names = self.columns[index].names
        return names[-1] if names else ""


def find(
    sheets: Sequence[Sheet], *, wanted: str | None, year: int, on: date
) -> tuple[Layout, list[str]]:
    """Return the ledger and the names of other sheets that look like one."""
    if wanted is not None and wanted not in {sheet.name for sheet in sheets}:
        raise Refused(f"文件中没有名为“{wanted}”的工作表，请重新选择。")
    candidates = [
        sheet
        for sheet in sheets
        if (sheet.name == wanted if wanted is not None else not sheet.hidden) and sheet.rows
    ]
    layouts = [layout for sheet in candidates if (layout := _layout(sheet))]
    if not layouts:
        raise Refused(
            f"没有找到表头：前{HEADER_WITHIN}行里应有“序号、存在问题、整改措施、责任人、整改时限”"
            "等标题中的至少三个。请补上表头后再上传。"
        )
    best = max(layouts, key=_likely)
    _read_around(best, year, on)
    _fill_down(best)
    _forget_hidden(best)
    guess(best.columns, year=year, on=on)
    return best, [one.sheet.name for one in layouts if one is not best]


def _likely(layout: Layout) -> tuple[bool, int, bool]:
    has_rows = len(layout.sheet.rows) > layout.body
    return not ASIDE_SHEET.search(layout.sheet.name), layout.score, has_rows


def _layout(sheet: Sheet) -> Layout | None:
    """The first row that surely is a header, or else the likeliest."""
    best: Layout | None = None
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        if len(_known(row)) < 2:
            continue
        found = _header(sheet, number)
        if best is None or found.score > best.score:
            best = found
        if best.score >= ENOUGH and _has_problem(best):
            break
    if best is None or (best.score < ENOUGH and not _has_problem(best)):
        return None
    return best


def _has_problem(layout: Layout) -> bool:
    return any(_means(column.names) == "problem" for column in layout.columns)


def _known(row: Sequence[Cell]) -> list[int]:
    return [
        index
        for index, cell in enumerate(row)
        if type(cell) is str and cell and len(cell) <= LONGEST_HEADING and lookup(cell)
    ]


def _means(names: tuple[str, ...]) -> str:
    for name in ("".join(names), *reversed(names)):
        if found := lookup(name):
            return found[0]
    return ""


def _header(sheet: Sheet, number: int) -> Layout:
    top = number - 1 if _is_upper(sheet, number - 1) else number
    body = number + _depth(sheet, number)
    filled = _filled(sheet, top, body)
    columns = []
    for index in range(len(sheet.rows[0])):
        names = [clean(words(row[index]), multiline=False) for row in filled if row[index] != ""]
        columns.append(Guess(tuple(dict.fromkeys(names)), _samples(sheet, body, index)))
    known = {_means(column.names) for column in columns} - {"", "ignore"}
    return Layout(sheet, top, body, columns, len(known))


def _depth(sheet: Sheet, number: int) -> int:
    """How many rows the header has: as many as its cells are merged over, or a row of parts."""
    last = max(
        (end for (start, left), (end, right) in sheet.merged if start == number and end > start),
        default=number,
    )
    if last > number:
        return min(last - number + 1, DEEPEST_HEADER)
    return 2 if _is_lower(sheet, number + 1) else 1


def _is_lower(sheet: Sheet, number: int) -> bool:
    """A second row without merges: some headings, and nothing under the first column."""
    if number >= len(sheet.rows):
        return False
    row, above = sheet.rows[number], sheet.rows[number - 1]
    filled = [index for index, cell in enumerate(row) if cell != ""]
    under_nothing = any(above[index] == "" for index in filled)
    merged = any(start == number - 1 == end for (start, _), (end, _) in sheet.merged)
    known = len(_known(row))
    return (
        bool(filled)
        and row[0] == ""
        and (under_nothing or merged)
        and known * 2 >= len(filled)
        and known >= 2
    )


def _is_upper(sheet: Sheet, number: int) -> bool:
    """A row of groups above: merged over some columns, but not over all as a title is."""
    if number < 0:
        return False
    width = len(sheet.rows[number])
    spans = [
        right - left + 1
        for (start, left), (end, right) in sheet.merged
        if start == number == end and right > left
    ]
    filled = [words(cell) for cell in sheet.rows[number] if cell != ""]
    short = all(len(text) <= LONGEST_GROUP and not LABELLED.search(text) for text in filled)
    return bool(spans) and max(spans) <= width // 2 and len(filled) > 1 and short


def _filled(sheet: Sheet, top: int, body: int) -> list[list[Cell]]:
    """The rows of the header with merged cells repeated, and groups that are not merged spread."""
    rows = [[*row] for row in sheet.rows[top:body]]
    for (first, left), (last, right) in sheet.merged:
        if top <= first < body and left < len(sheet.rows[first]):
            for row in rows[first - top : min(last, body - 1) - top + 1]:
                row[left : right + 1] = [sheet.rows[first][left]] * len(row[left : right + 1])
    for upper, lower in pairwise(rows):
        for index in range(1, len(upper)):
            if upper[index] == "" and lower[index] != "" and lower[index - 1] != "":
                upper[index] = upper[index - 1]
    return rows


def _samples(sheet: Sheet, body: int, index: int) -> list[Cell]:
    found: list[Cell] = []
    for row in sheet.rows[body : body + SAMPLED_ROWS]:
        if row[index] != "":
            found.append(row[index])
            if len(found) == SAMPLES:
                break
    return found


def _read_around(layout: Layout, year: int, on: date) -> None:
    """Title, reporting unit and report day stand above the table, the day sometimes below it."""
    above = [*_lines(layout.sheet.rows[: layout.header])]
    below = [*_lines(layout.sheet.rows[layout.body :][-FOOT:])]
    titles = (clean(line, multiline=False) for line in above if not NO_TITLE.match(line))
    layout.title = next((line for line in titles if not REPORTED[1].match(line)), None)
    layout.reporting_unit = next(_units(above, UNITS), next(_units(below, UNITS[:1]), None))
    layout.reported_on = _reported_on(above, REPORTED, year, on) or _reported_on(
        below, REPORTED[:1], year, on
    )


def _lines(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    for row in rows:
        if line := "    ".join(dict.fromkeys(words(cell) for cell in row if cell != "")):
            yield line[:LONGEST_LINE]


def _units(lines: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> Iterator[str]:
    for pattern in patterns:
        for line in lines:
            match = pattern.search(line)
            unit = clean(match["unit"], multiline=False) if match else ""
            if unit and unit not in MEASURES_OF:
                yield unit


def _reported_on(
    lines: Sequence[str], patterns: Sequence[re.Pattern[str]], year: int, on: date
) -> date | None:
    for pattern in patterns:
        for line in lines:
            if match := pattern.search(line):
                day = deadlines.read(match[1], year=year, on=on)
                if day.due_on:
                    return day.due_on
    return None


def _fill_down(layout: Layout) -> None:
    """Repeat a merged cell in the rows it covers; across, it stays one cell."""
    rows, copied = layout.sheet.rows, layout.copied
    for (top, left), (bottom, right) in layout.sheet.merged:
        if top < layout.body or top >= len(rows) or left >= len(rows[top]):
            continue
        if top == bottom and (right - left + 1) * 2 >= len(rows[top]):
            layout.wide.add(top)
        if (top + 1, left) in copied:
            continue  # no program merges twice, and who does must not cost time
        for number in range(top + 1, min(bottom + 1, len(rows))):
            rows[number][left] = rows[top][left]
            copied.add((number, left))


def _forget_hidden(layout: Layout) -> None:
    """A hidden column that repeats a visible one is somebody's helper."""
    hidden = layout.sheet.hidden_columns
    shown = {column.names for i, column in enumerate(layout.columns) if i not in hidden}
    for index in hidden:
        if index < len(layout.columns) and layout.columns[index].names in shown:
            layout.columns[index].names = ()
