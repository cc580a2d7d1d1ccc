"""Filling a superior's own workbook with a collated report (上级模板).

Nothing of ours goes into it (DESIGN §6): its headings say what it wants, the rows below them are
filled, and what stands around them stays where it was.
"""

import re
from copy import copy
from io import BytesIO
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from rectification.models import WeeklyPart, WeeklyReport
from rectification.models.metric import METRICS
from reform import excel
from reform.errors import Refused
from reform.exports.workbook import TYPED_AS_FORMULA, legible
from reform.text import clean

# A cell, or a range of cells, in a formula; names of functions are followed by a bracket.
REFERENCE = re.compile(r"\b(\$?[A-Z]{1,3}\$?)(\d+)(:(\$?[A-Z]{1,3}\$?)(\d+))?(?![\d(])")
LOOKED_AT = 15  # rows among which the headings are looked for
# Heading → what stands below it; the first words that fit.
WORDS: dict[str, tuple[str, ...]] = {
    "number": ("序号",),
    "name": ("单位", "单位名称", "填报单位", "报送单位", "责任单位", "党组织", "支部名称", "部门"),
    "progress": ("本周工作进展", "本周进展", "工作进展", "进展情况", "本周工作", "本周工作情况"),
    "plans": ("下周工作安排", "下周安排", "下周工作计划", "下周计划", "下步安排", "下一步打算"),
    "note": ("报送情况", "备注"),
    **{code: (metric.name,) for code, metric in METRICS.items()},
}
NONE = (
    "没有在前15行找到表头：至少要有“单位”和“本周工作进展”两列。"
    "请核对模板，或把表头放在一行里再上传。"
)


class Place(NamedTuple):
    sheet: int
    row: int  # of the headings, from 1
    columns: dict[str, int]  # what stands there → column, from 1


def find(data: bytes, *, name: str) -> Place:
    """Return where a template has its headings.

    Raises Refused for what is no safe workbook, or has no such headings.
    """
    for number, sheet in enumerate(excel.read(data, name=name)):
        for row, cells in enumerate(sheet.rows[:LOOKED_AT], start=1):
            columns = _columns(cells)
            if {"name", "progress"} <= set(columns):
                return Place(number, row, columns)
    raise Refused(NONE)


def _columns(cells: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, cell in enumerate(cells, start=1):
        words = "".join(clean(str(cell or ""), multiline=False).split()).split("（")[0]
        for code, names in WORDS.items():
            if words in names and code not in found:
                found[code] = column
    return found


def fill(data: bytes, *, name: str, report: WeeklyReport) -> bytes:
    """Return the template with a row for each organization, those that are missing too."""
    place = find(data, name=name)
    try:
        book = load_workbook(BytesIO(data))
    except (KeyError, ValueError, TypeError, BadZipFile, ParseError, InvalidFileException) as error:
        raise Refused("模板无法打开。请用 WPS 或 Excel 另存为 .xlsx 再上传。") from error
    sheet = book.worksheets[place.sheet]
    parts = list(report.parts.order_by("position"))
    first = _below(sheet, place.row)
    _make_room(sheet, first, len(parts))
    looks = {column: _look(sheet.cell(first, column)) for column in place.columns.values()}
    for number, part in enumerate(parts):
        for code, column in place.columns.items():
            cell = sheet.cell(first + number, column)
            _put(cell, _value(part, code, number + 1))
            cell.font, cell.border, cell.fill, cell.alignment = map(copy, looks[column])
    book.save(out := BytesIO())
    return out.getvalue()


def _below(sheet: Any, row: int) -> int:
    """Return the first row below the headings: some may be merged with the row under them."""
    areas = (area for area in sheet.merged_cells.ranges if area.min_row <= row <= area.max_row)
    return max([row, *(area.max_row for area in areas)]) + 1


def _look(cell: Any) -> tuple[Any, ...]:
    alignment = copy(cell.alignment)
    alignment.wrap_text = True
    return cell.font, cell.border, cell.fill, alignment


def _make_room(sheet: Any, first: int, count: int) -> None:
    """Move what stands below the empty rows down, as far as more rows are needed."""
    free = 0
    while free < count and _is_empty(sheet, first + free):
        free += 1
    if free == count or first + free > sheet.max_row:
        return
    _move(sheet, first, free=free, count=count)


def _move(sheet: Any, first: int, *, free: int, count: int) -> None:
    """Move all rows below the free ones, with their heights, merged cells and formulas."""
    begin, by, last = first + free, count - free, sheet.max_row
    merged = [area for area in sheet.merged_cells.ranges if area.min_row >= begin]
    for area in merged:
        sheet.unmerge_cells(area.coord)
    heights = {row: sheet.row_dimensions[row].height for row in range(begin, last + 1)}
    sheet.move_range(f"A{begin}:{get_column_letter(sheet.max_column)}{last}", rows=by)
    for row, height in heights.items():
        sheet.row_dimensions[row + by].height = height
    for row in range(begin, min(first + count, last + 1)):
        sheet.row_dimensions[row].height = None
    for area in merged:
        area.shift(row_shift=by)
        sheet.merge_cells(area.coord)
    for cells in sheet.iter_rows(min_row=first + count, max_row=last + by):
        for cell in cells:
            if cell.data_type == "f" and isinstance(cell.value, str):
                cell.value = _moved(cell.value, first, free=free, count=count)


def _moved(formula: str, first: int, *, free: int, count: int) -> str:
    """Return a formula of a row that was moved: what ranged over the free rows ranges over all that
    were filled, what lay below them has moved along."""

    def new(match: re.Match[str]) -> str:
        column, row = match.group(1), int(match.group(2))
        top = row if row < first + free else row + count - free
        if match.group(3) is None:
            return f"{column}{top}"
        end = int(match.group(5))
        bottom = end + count - free if end >= first + free else end
        if first <= row <= end == first + free - 1:
            bottom = first + count - 1
        return f"{column}{top}:{match.group(4)}{bottom}"

    return REFERENCE.sub(new, formula)


def _is_empty(sheet: Any, row: int) -> bool:
    cells = (sheet.cell(row, column) for column in range(1, sheet.max_column + 1))
    merged = any(area.min_row <= row <= area.max_row for area in sheet.merged_cells.ranges)
    return not merged and all(cell.value is None for cell in cells)


def _value(part: WeeklyPart, code: str, number: int) -> str | int | None:
    missing = part.source_id is None and part.position > 0
    match code:
        case "number":
            return number
        case "name":
            return part.name
        case "progress":
            return part.note if missing else part.progress
        case "plans":
            return part.plans
        case "note":
            return part.note
    count = part.figures.get(code)
    return count if isinstance(count, int) else None


def _put(cell: Any, value: str | int | None) -> None:
    if isinstance(value, str):
        cell.value = legible(value)
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(TYPED_AS_FORMULA)
    else:
        cell.value = value
