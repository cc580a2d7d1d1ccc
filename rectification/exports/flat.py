"""The data ledger (台账数据版): one row a problem, real dates, filters on, in constant memory.

A text too long for a cell goes on in a column beside it, “存在问题（续）”: so a row stays one
problem, and nothing is cut. How many such columns are needed is known only when all texts have been
seen; it is found out by writing, and the rare file with such a text is written twice.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import Format, write_worksheets

from rectification.exports.columns import DATA, Column
from rectification.exports.cover import (
    DEFINITIONS,
    KEEP_SAFE,
    SEVERAL_ITEMS,
    Cover,
    long_day,
)
from rectification.exports.rows import LedgerRow, Tell, Walk
from rectification.models.problem_queryset import ProblemQuerySet
from reform.exports import workbook

SHEET, NOTES = "台账", "口径"
SAFE = workbook.CELL_LIMIT // 2  # below this many characters no text can fill a cell
PAGE = {"landscape": True, "paper_size": 9, "footer": "&C第 &P 页，共 &N 页"}  # A4
Record = dict[str, Any]


class _TooLongError(Exception):
    """Texts need more cells than were foreseen: `parts` says how many, column by column."""

    def __init__(self, parts: dict[str, int]) -> None:
        super().__init__(parts)
        self.parts = parts


def write_data(problems: ProblemQuerySet, target: Path, *, cover: Cover, tell: Tell) -> int:
    """Write the ledger to `target` and return how many problems it lists."""
    walk = Walk.over(problems)
    try:
        _write(walk, {}, target, cover=cover, tell=tell)
    except _TooLongError as found:
        _write(walk, found.parts, target, cover=cover, tell=tell)
    return len(walk)


def _write(walk: Walk, parts: dict[str, int], target: Path, *, cover: Cover, tell: Tell) -> None:
    columns = [(heading, column) for column in DATA for heading in headings(column, parts)]
    plain, day = _song(), _song().set_num_format("yyyy-mm-dd").set_align("left")
    bold = _song().set_bold().set_background_color("#F2F2F2").set_border("thin")
    wrapped = _song().set_text_wrap().set_align("top")
    write_worksheets(
        [(SHEET, _records(walk, parts, cover, tell)), (NOTES, _notes(cover, total=len(walk)))],
        str(target),
        header_format={SHEET: bold, NOTES: bold},
        column_formats={
            SHEET: {name: day if column.kind == "date" else plain for name, column in columns},
            NOTES: {"项目": wrapped, "内容": wrapped},
        },
        column_widths={
            SHEET: {name: max(column.width, 2 * len(name) + 4) for name, column in columns},
            NOTES: {"项目": 14, "内容": 100},
        },
        autofilter={SHEET: True},
        freeze_panes={SHEET: {"row": 1, "col": 2}},
        page_setup={
            # Three pages side by side, each with the number: on one nobody could read it.
            SHEET: PAGE | {"fit_to_pages": (3, 0), "repeat_rows": 0, "repeat_columns": (0, 1)},
            NOTES: PAGE | {"fit_to_pages": (1, 0)},
        },
    )


def _song() -> Format:
    return Format().set_font_name("宋体").set_font_charset(134).set_font_size(11)


def headings(column: Column, parts: dict[str, int]) -> list[str]:
    """Return the heading of a column, and of those its long texts go on in."""
    more = range(2, parts.get(column.code, 1) + 1)
    return [column.heading, *(f"{column.heading}（续{'' if n == 2 else n - 1}）" for n in more)]


def _records(walk: Walk, parts: dict[str, int], cover: Cover, tell: Tell) -> Iterator[Record]:
    names = {column.code: headings(column, parts) for column in DATA}
    needed: dict[str, int] = {}  # column → cells
    for row in walk.rows(on=cover.on, tell=tell):
        record = _long_record(row, names) if parts else _record(row, needed)
        if not needed:  # else nothing is written any more, only measured
            yield record
    if needed:
        raise _TooLongError(needed)
    if not len(walk):
        yield {column.heading: None for column in DATA}  # a ledger without rows has its heading


HEADINGS = [column.heading for column in DATA]
VALUES = [column.value for column in DATA]


def _record(row: LedgerRow, needed: dict[str, int]) -> Record:
    """Return the cells of a row, and note in `needed` which text wants more than one.

    All texts of a row are looked at together: nearly always there is nothing to do.
    """
    values = [value_of(row) for value_of in VALUES]
    together = "".join([value for value in values if value.__class__ is str])
    if len(together) > SAFE or not together.replace("\n", "").isprintable():
        values = [workbook.legible(value) if value.__class__ is str else value for value in values]
        _measure(values, needed)
    return dict(zip(HEADINGS, values, strict=True))


def _measure(values: list[Any], needed: dict[str, int]) -> None:
    for column, value in zip(DATA, values, strict=True):
        if isinstance(value, str) and (count := len(workbook.parts(value))) > 1:
            needed[column.code] = max(count, needed.get(column.code, 1))


def _long_record(row: LedgerRow, names: dict[str, list[str]]) -> Record:
    """Return the cells of a row, each text over as many columns as it has."""
    record: Record = {}
    for column in DATA:
        value = column.value(row)
        pieces = workbook.parts(workbook.legible(value)) if isinstance(value, str) else [value]
        headings = names[column.code]
        record |= zip(headings, pieces + [None] * (len(headings) - len(pieces)), strict=False)
    return record


def _notes(cover: Cover, *, total: int) -> Iterator[Record]:
    """Yield the second sheet: what the file is, until when, and what its words mean."""
    facts = [
        ("表名", cover.title),
        ("填报单位", cover.reporting_unit),
        ("填报时间", long_day(cover.on)),
        ("截至", cover.until),
        ("问题数", f"{total}项"),
        ("筛选范围", cover.filters or "全部已入账问题"),
        ("导出人", cover.exporter),
        *DEFINITIONS,
        ("问题类别", SEVERAL_ITEMS),
        ("长文本", "超过一格容量（32,767字）的内容接写在同名的“（续）”栏，依次连读即为全文。"),
        ("保管", KEEP_SAFE),
    ]
    for word, meaning in facts:
        yield {"项目": word, "内容": workbook.legible(meaning)}
