"""Filling a superior's own workbook with a collated report (上级模板).

Nothing of ours goes into it (DESIGN §6): its headings say what it wants, the rows below them are
filled, and what stands around them stays where it was.
"""

from collections.abc import Iterable
from copy import copy
from io import BytesIO
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.cell import MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from rectification.exports import weekly_formulas, weekly_headings
from rectification.exports.weekly_headings import Area
from rectification.exports.weekly_texts import Texts
from rectification.models import WeeklyPart, WeeklyReport
from reform import excel
from reform.errors import Refused
from reform.exports.workbook import TYPED_AS_FORMULA, legible

NONE = (
    "没有在前15行找到表头：至少要有“单位”和“本周工作进展”两列。"
    "请核对模板，或把表头放在一行里再上传。"
)


class Place(NamedTuple):
    sheet: int
    row: int  # the last one of the headings, from 1
    columns: dict[str, int]  # what stands there → column, from 1


def _opened(data: bytes) -> Any:
    try:
        return load_workbook(BytesIO(data))
    except (KeyError, ValueError, TypeError, BadZipFile, ParseError, InvalidFileException) as error:
        raise Refused("模板无法打开。请用 WPS 或 Excel 另存为 .xlsx 再上传。") from error


def _place(book: Any) -> Place:
    for number, sheet in enumerate(book.worksheets):
        if found := weekly_headings.find(SheetGrid(sheet)):
            return Place(number, found.row, found.columns)
    raise Refused(NONE)


class SheetGrid:
    """A worksheet as a grid (weekly_headings)."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.rows, self.columns = sheet.max_row, sheet.max_column
        self._areas = [
            Area(area.min_row, area.min_col, area.max_row, area.max_col)
            for area in sheet.merged_cells.ranges
            if area.min_row <= weekly_headings.DEEPEST
        ]

    def text(self, row: int, column: int) -> object:
        return self.sheet.cell(row, column).value

    def areas(self) -> list[Area]:
        return self._areas


def fill(data: bytes, *, name: str, report: WeeklyReport) -> bytes:
    """Return the template with a row for each organization, those that are missing too."""
    excel.read(data, name=name)
    book = _opened(data)
    place = _place(book)
    sheet = book.worksheets[place.sheet]
    parts = list(report.parts.order_by("position").select_related("organization"))
    first = place.row + 1
    names = weekly_headings.named(SheetGrid(sheet), first, place.columns["name"], parts)
    if names is None:
        _fill_rows(book, place, parts, first=first, number=1)
    else:
        for row, part in names.parts.items():
            _fill_blanks(sheet, place, row, values_of(part, place.columns, row - place.row))
        if names.whole:
            values = Texts(report, parts, listed=False).in_a_row(place.columns)
            _fill_blanks(sheet, place, names.whole, values)
        if names.rest:
            number = names.last - place.row + 1
            _fill_rows(book, place, names.rest, first=names.last + 1, number=number)
    book.save(out := BytesIO())
    return out.getvalue()


def _fill_blanks(sheet: Any, place: Place, row: int, values: dict[str, str | int | None]) -> None:
    """Fill what is empty of a row that the superior has begun."""
    for code, column in place.columns.items():
        cell = sheet.cell(row, column)
        if cell.value is None and not isinstance(cell, MergedCell):
            _put(cell, values[code])
            cell.alignment = _look(cell)[-1]


def _fill_rows(
    book: Any, place: Place, parts: list[WeeklyPart], *, first: int, number: int
) -> None:
    """Write a row for each from the row `first` on, as the row there looks; those that go on with
    a list belong to the sums of the row above."""
    sheet = book.worksheets[place.sheet]
    free = _free(sheet, first, len(parts), number=place.columns.get("number"))
    on = int(number > 1)
    rows = weekly_formulas.Rows(first - on, free + on, len(parts) + on)
    weekly_formulas.grow(book, sheet, rows)
    _make_room(sheet, first, free, len(parts))
    model = first if free else first - on
    looks = {column: _look(sheet.cell(model, column)) for column in place.columns.values()}
    for row, part in enumerate(parts, start=first):
        for code, column in place.columns.items():
            cell = sheet.cell(row, column)
            _put(cell, value_of(part, code, number + row - first))
            cell.font, cell.border, cell.fill, cell.alignment = map(copy, looks[column])


def _look(cell: Any) -> tuple[Any, ...]:
    alignment = copy(cell.alignment)
    alignment.wrap_text = True
    return cell.font, cell.border, cell.fill, alignment


def _free(sheet: Any, first: int, most: int, *, number: int | None) -> int:
    """Return how many rows from `first` on are empty, but for a number put there beforehand."""
    free = 0
    while free < most and _is_empty(sheet, first + free, number=number):
        free += 1
    return free


def _make_room(sheet: Any, first: int, free: int, count: int) -> None:
    """Move what stands below the empty rows down, as far as more rows are needed. The formulas
    say already where it will be."""
    if free == count or first + free > sheet.max_row:
        return
    by, last = count - free, sheet.max_row
    merged = [area for area in sheet.merged_cells.ranges if area.min_row >= first + free]
    for area in merged:
        sheet.unmerge_cells(area.coord)
    heights = {row: sheet.row_dimensions[row].height for row in range(first + free, last + 1)}
    columns = get_column_letter(sheet.max_column)
    sheet.move_range(f"A{first + free}:{columns}{last}", rows=by)
    for row, height in heights.items():
        sheet.row_dimensions[row + by].height = height
    for row in range(first + free, min(first + count, last + 1)):
        sheet.row_dimensions[row].height = None
    for area in merged:
        area.shift(row_shift=by)
        sheet.merge_cells(area.coord)


def _is_empty(sheet: Any, row: int, *, number: int | None) -> bool:
    cells = [
        sheet.cell(row, column)
        for column in range(1, sheet.max_column + 1)
        if column != number or not isinstance(sheet.cell(row, column).value, int)
    ]
    merged = any(area.min_row <= row <= area.max_row for area in sheet.merged_cells.ranges)
    return not merged and all(cell.value is None for cell in cells)


def values_of(part: WeeklyPart, codes: Iterable[str], number: int) -> dict[str, str | int | None]:
    """Return what stands in an organization's row, the `number`th."""
    return {code: value_of(part, code, number) for code in codes}


def value_of(part: WeeklyPart, code: str, number: int) -> str | int | None:
    """Return what stands below a heading in an organization's row; who is missing says so."""
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
