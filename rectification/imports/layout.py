"""Where in a workbook the ledger stands: its sheet, its header, and what is written around it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from rectification.imports import around
from rectification.imports.cells import words
from rectification.imports.headings import Guess, guess, lookup, resembles
from reform.errors import Refused
from reform.excel import Cell, Position, Sheet
from reform.text import clean, fold

HEADER_WITHIN = 20  # rows
LONGEST_HEADING, LONGEST_GROUP = 40, 12
LABELLED = re.compile(r"[:：]|\d{4}")
DEEPEST_HEADER = 3
SAMPLES, SAMPLED_ROWS = 6, 30
ENOUGH = 3  # known headings that make a header
JOINT = " ▸ "
# Sheets that come with a form and are not the ledger, though they may show its header.
ASIDE_SHEET = re.compile(
    r"说明|示例|样[表例]|范例|模板|字典|下拉|选项|数据源|参数|备份|副本|作废|旧"
)
COPY = re.compile(r"[(（]\d+[)）]$")
Means = Callable[[str], tuple[str, int] | None]


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
    """Return the ledger, and a sentence for each other sheet that says something."""
    if wanted is not None and wanted not in {sheet.name for sheet in sheets}:
        raise Refused(f"文件中没有名为“{wanted}”的工作表，请重新选择。")
    candidates = [sheet for sheet in sheets if sheet.rows and wanted in {None, sheet.name}]
    shown = [sheet for sheet in candidates if wanted is not None or not sheet.hidden]
    layouts = _layouts(shown, lookup) or _layouts(shown, resembles)
    if not layouts:
        raise Refused(_no_header(shown))
    best = max(layouts, key=_likely)
    rows = best.sheet.rows
    said = around.read(rows[: best.header], rows[best.body :], year=year, on=on)
    best.title, best.reporting_unit = said.title, said.reporting_unit
    best.reported_on = said.reported_on
    fill_down(best)
    _forget_hidden(best)
    guess(best.columns, year=year, on=on)
    return best, [*_left(candidates, best)]


def another(layout: Layout, number: int, *, year: int, on: date) -> Layout | None:
    """Return the table that begins in this row under the first one, with headings of its own."""
    row = layout.sheet.rows[number]
    if any(type(cell) is not str or len(cell) > LONGEST_HEADING for cell in row):
        return None
    known = _known(row, lookup)
    filled = sum(cell != "" for cell in row)
    if len(known) < ENOUGH or len(known) * 2 < filled:
        return None
    names = [frozenset(map(fold, column.names)) for column in layout.columns]
    if all(fold(words(row[index])) in names[index] for index in known):
        return None  # the same header again, on the next page
    found = _header(layout.sheet, number, lookup)
    guess(found.columns, year=year, on=on)
    found.title, found.copied, found.wide = layout.title, layout.copied, layout.wide
    return found


def _layouts(sheets: Sequence[Sheet], means: Means) -> list[Layout]:
    return [layout for sheet in sheets if (layout := _layout(sheet, means))]


def _no_header(sheets: Sequence[Sheet]) -> str:
    for sheet in sheets:
        columns = (column[:HEADER_WITHIN] for column in zip(*sheet.rows, strict=True))
        if any(len(_known(column, lookup)) >= ENOUGH for column in columns):
            return (
                f"工作表“{sheet.name}”的标题是竖排的（一件一表）。"
                "请按“一行一个问题、标题在同一行”的台账整理后再上传。"
            )
    return (
        f"没有找到表头：前{HEADER_WITHIN}行里应有“序号、存在问题、整改措施、责任人、整改时限”"
        "等标题中的至少三个。请补上表头后再上传。"
    )


def _left(sheets: Sequence[Sheet], best: Layout) -> Iterator[str]:
    """Say of every other sheet with something in it that it was not read."""
    for sheet in sheets:
        if sheet is best.sheet:
            continue
        hidden = "隐藏的" if sheet.hidden else ""
        if _layout(sheet, lookup):
            yield f"{hidden}工作表“{sheet.name}”也有表头，没有读入。"
        elif not sheet.hidden and any(cell != "" for row in sheet.rows for cell in row):
            yield f"工作表“{sheet.name}”没有台账的表头，没有读入。"


def _likely(layout: Layout) -> tuple[bool, bool, bool, bool, int]:
    name, body = layout.sheet.name, layout.sheet.rows[layout.body :]
    return (
        not ASIDE_SHEET.search(name),
        _has_problem(layout, resembles),
        any(cell != "" for row in body for cell in row),
        not COPY.search(name),
        layout.score,
    )


def _layout(sheet: Sheet, means: Means) -> Layout | None:
    """The first row that surely is a header, or else the likeliest."""
    best: Layout | None = None
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        if len(_known(row, means)) < 2:
            continue
        found = _header(sheet, number, means)
        if best is None or found.score > best.score:
            best = found
        if best.score >= ENOUGH and _has_problem(best, means):
            break
    if best is None:
        return None
    surely = [best.score >= ENOUGH, _has_problem(best, means)]
    # By words in them alone, headings are believed when there are enough, with a problem.
    return best if all(surely) or (means is lookup and any(surely)) else None


def _has_problem(layout: Layout, means: Means) -> bool:
    return any(_meaning(column.names, means) == "problem" for column in layout.columns)


def _known(row: Sequence[Cell], means: Means) -> list[int]:
    return [
        index
        for index, cell in enumerate(row)
        if type(cell) is str and cell and len(cell) <= LONGEST_HEADING and means(cell)
    ]


def _meaning(names: tuple[str, ...], means: Means) -> str:
    for name in ("".join(names), *reversed(names)):
        if found := means(name):
            return found[0]
    return ""


def _header(sheet: Sheet, number: int, means: Means) -> Layout:
    top = number - 1 if _is_upper(sheet, number - 1) else number
    body = number + _depth(sheet, number)
    filled = _filled(sheet, top, body)
    columns = []
    for index in range(len(sheet.rows[0])):
        names = [clean(words(row[index]), multiline=False) for row in filled if row[index] != ""]
        columns.append(Guess(tuple(dict.fromkeys(names)), _samples(sheet, body, index)))
    known = {_meaning(column.names, means) for column in columns} - {"", "ignore"}
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
    known = len(_known(row, lookup))
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


def fill_down(layout: Layout) -> None:
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
