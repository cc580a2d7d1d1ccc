"""Filling a superior's own Word form with a collated report (上级模板).

Three kinds, also in one document: a list with a row for each organization; a form with labelled
cells or blanks; headings with blank lines below them. Nothing of ours goes into it (DESIGN §6).
"""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from rectification.exports import weekly_headings, weekly_word_blanks
from rectification.exports.weekly_headings import CODES, Found
from rectification.exports.weekly_template import value_of, values_of
from rectification.exports.weekly_texts import Texts
from rectification.exports.weekly_word_grid import Box, TableGrid
from rectification.models import WeeklyPart, WeeklyReport
from reform.errors import Refused
from reform.imports.documents import open_document
from reform.word import filling

SECTIONS = ("progress", "plans", "practices", "troubles")
NONE = (
    "没有在模板里找到可以填写的位置。模板里应有下列之一："
    "（1）一张表，表头如“序号｜单位｜本周工作进展｜下周工作安排｜备注”，系统每个单位填一行；"
    "（2）写有“本周工作进展”的格子，右边或下面是空格；"
    "（3）“一、本周工作进展”这样的标题，下面空一行。"
)


def fill(data: bytes, *, report: WeeklyReport) -> bytes:
    """Return the form filled, the organizations that are missing too.

    Raises Refused for what is no safe document, and for one in which nothing is to be filled.
    """
    document = open_document(data)
    body = document.element.body
    parts = list(report.parts.order_by("position").select_related("organization"))
    grids = [TableGrid.of(table) for table in filling.tables(body)]
    lists = [(grid, found) for grid in grids if (found := _list_in(grid))]
    forms = [grid for grid in grids if not any(grid is one for one, _ in lists)]
    texts = Texts(report, parts, listed=any("progress" in found.columns for _, found in lists))
    sections = [*_cells(forms), *_sections(body, forms)]
    has_places = {code for code, _, _ in sections}
    if "progress" not in has_places and not any("progress" in at.columns for _, at in lists):
        raise Refused(NONE + _seen(grids))
    said = texts.said(has_places)
    labels = [cell for grid in forms for cell in weekly_word_blanks.fill(grid, said)]
    weekly_word_blanks.fill_lines(body, said, but=labels)
    for code, line, blank in sections:
        _write(line, blank, said[code])
    for grid, found in lists:
        _fill_list(grid, found, texts)
    document.save(out := BytesIO())
    return out.getvalue()


def _seen(grids: list[TableGrid]) -> str:
    """Say which words were read, so that one sees why they do not fit."""
    words = [weekly_headings.words(box.words) for grid in grids for box in grid.boxes[:40]]
    shown = list(dict.fromkeys(word for word in words if word))[:8]
    return f"模板的表里读到的是：{'、'.join(word[:12] for word in shown)}。" if shown else ""


# ---------------------------------------------------------------- a row for each organization


def _list_in(grid: TableGrid) -> Found | None:
    figures = weekly_headings.METRICS
    found = weekly_headings.find(grid, needed=("progress", "plans", *figures))
    if found and grid.has_headings(range(found.first, found.row + 1), found.columns):
        return found
    return None


def _fill_list(grid: TableGrid, found: Found, texts: Texts) -> None:
    first, parts = found.row + 1, texts.parts
    names = weekly_headings.named(grid, first, found.columns["name"], parts)
    if names is None:
        _fill_rows(grid, found, parts, first=first, number=1)
        return
    if names.rest:  # first, as the rows that they look like are still blank
        number = names.last - found.row + 1
        _fill_rows(grid, found, names.rest, first=names.last + 1, number=number)
    for row, part in names.parts.items():
        _fill_blanks(grid, found, row, values_of(part, found.columns, row - found.row))
    if names.whole:
        whole = texts._replace(listed=False).in_a_row(found.columns)
        _fill_blanks(grid, found, names.whole, whole)


def _fill_blanks(
    grid: TableGrid, found: Found, row: int, values: Mapping[str, str | int | None]
) -> None:
    """Fill what is blank of a row that the superior has begun."""
    for code, column in found.columns.items():
        box = grid.at(row, column)
        if box and box.row == row and box.is_blank and (value := values[code]) is not None:
            filling.put(box.element, str(value))


def _fill_rows(
    grid: TableGrid, found: Found, parts: Sequence[WeeklyPart], *, first: int, number: int
) -> None:
    """Write a row for each from the row `first` on: into those that are free, then into more."""
    free = 0
    while free < len(parts) and grid.is_free(first + free, found.columns):
        free += 1
    model = grid.lines[first + free - 2]  # the last of the empty rows, else what stands above
    filling.unwrap(model)
    copy = filling.copy_row(model)
    if not free:
        filling.as_body(copy)
    rows = [grid.lines[first - 1 + place] for place in range(free)]
    last = rows[-1] if rows else model
    for _ in range(len(parts) - free):
        last.addnext(row := filling.copy_row(copy))
        rows.append(row)
        last = row
    for place, (row, part) in enumerate(zip(rows, parts, strict=True), start=number):
        values = {column: value_of(part, code, place) for code, column in found.columns.items()}
        _fill_row(row, values, anew=not free)


def _fill_row(row: Any, values: Mapping[int, str | int | None], *, anew: bool) -> None:
    """Write column → value into a row; one made from a heading's is emptied as well."""
    for box in TableGrid([row]).boxes:
        here = [values[column] for column in box.columns if column in values]
        if here or anew:
            value = here[0] if here else None
            filling.put(box.element, "" if value is None else str(value))


# ---------------------------------------------------------------- labels and headings


def _cells(forms: list[TableGrid]) -> Iterator[tuple[str, Any, list[Any]]]:
    """Yield (what, cell, []) for each blank cell beside or below a label of a long text."""
    for grid in forms:
        taken: set[int] = set()
        for box in grid.boxes:
            code = CODES.get(weekly_headings.words(box.words), "")
            target = weekly_word_blanks.target_of(grid, box) if code in SECTIONS else None
            if target and id(target) not in taken:
                taken.add(id(target))
                yield code, target.element, []


def _sections(body: Any, forms: list[TableGrid]) -> Iterator[tuple[str, Any, list[Any]]]:
    """Yield (what, heading, the blank paragraphs below it) of the body and of cells."""
    for place in [body, *(box.element for grid in forms for box in _holding(grid))]:
        blocks = filling.blocks(place)
        for number, block in enumerate(blocks):
            code = CODES.get(weekly_headings.words(filling.words(block)), "")
            if block.tag != weekly_word_blanks.PARAGRAPH or code not in SECTIONS:
                continue
            blank = _blank_after(blocks[number + 1 :])
            follows = blocks[number + 1 + len(blank) :][:1]
            if blank or not follows or follows[0].tag == weekly_word_blanks.PARAGRAPH:
                yield code, block, blank


def _holding(grid: TableGrid) -> list[Box]:
    """Return the cells that hold their own heading: of one without a cell beside or below it."""
    return [
        box
        for box in grid.boxes
        if not box.is_blank
        and not (
            weekly_headings.words(box.words) in CODES and weekly_word_blanks.target_of(grid, box)
        )
    ]


def _blank_after(blocks: list[Any]) -> list[Any]:
    blank: list[Any] = []
    for block in blocks:
        if block.tag != weekly_word_blanks.PARAGRAPH or not weekly_word_blanks.is_room(block):
            break
        blank.append(block)
    return blank


def _write(line: Any, blank: list[Any], text: str) -> None:
    if line.tag == weekly_word_blanks.PARAGRAPH:
        filling.write_below(line, blank, text)
    else:
        filling.put(line, text)
