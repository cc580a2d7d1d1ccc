"""A ledger (台账) as people send it, read into rows, faults and the lines left out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from rectification.imports import layout
from rectification.imports.cells import wash, words
from rectification.imports.drafting import Facts
from rectification.imports.headings import FIELDS, MANY, lookup
from rectification.imports.layout import JOINT, Layout
from rectification.imports.lines import Lines
from rectification.imports.results import Column, Fault, MeasureRow, Reading, Row, Skipped
from reform import excel
from reform.errors import Refused
from reform.text import clean, fold

__all__ = ["Column", "Fault", "MeasureRow", "Reading", "Row", "Skipped", "read"]

SHOWN, SAMPLES = 40, 3


def read(
    data: bytes,
    *,
    name: str,
    year: int,
    on: date,
    items: Sequence[str],
    mapping: Mapping[int, str] | None = None,
    sheet: str | None = None,
) -> Reading:
    """Read a workbook or table; `mapping` (column from 0 to field) overrides what was guessed."""
    sheets = excel.read(data, name=name)
    for one in sheets:
        wash(one.rows)
    found, others = layout.find(sheets, wanted=sheet, year=year, on=on)
    _refuse_twice(found, mapping or {})
    _correct(found, mapping or {})
    lines = Lines(found, Facts(tuple(items), year, on, found.reported_on))
    lines.read()
    return Reading(
        sheet=found.sheet.name,
        sheets=[one.name for one in sheets if not one.hidden or one is found.sheet],
        header_line=found.header + 1,
        title=found.title,
        reporting_unit=found.reporting_unit,
        reported_on=found.reported_on,
        columns=[*_columns(found)],
        rows=lines.rows(),
        faults=lines.faults(),
        skipped=[Skipped(0, other) for other in others]
        + [*_unread(found)]
        + sorted(lines.skipped, key=lambda one: one.line),
    )


def _refuse_twice(found: Layout, mapping: Mapping[int, str]) -> None:
    """Two columns of one name leave it to chance which is read, so the writer decides."""
    seen: dict[tuple[str, ...], int] = {}
    for index, column in enumerate(found.columns):
        known = lookup(column.names[-1]) if column.names else None
        if not known or known[0] in MANY or index in mapping or not column.samples:
            continue
        first = seen.setdefault(tuple(map(fold, column.names)), index)
        if first != index and not found.merged_together(first, index):
            raise Refused(
                f"第{found.header + 1}行有两列都叫“{found.own_name(index)}”"
                f"（{letter(first)}列和{letter(index)}列）。请改名或删去其中一列后再上传。"
            )


def _correct(found: Layout, mapping: Mapping[int, str]) -> None:
    """Put the user's fields in place of the guesses; a field for one column leaves its other."""
    for index, code in mapping.items():
        if not 0 <= index < len(found.columns):
            continue
        if code not in MANY:
            for column in found.columns:
                column.code = "" if column.code == code else column.code
        found.columns[index].code = code if code in FIELDS else ""


def _columns(found: Layout) -> Iterator[Column]:
    for index, column in enumerate(found.columns):
        samples = [clean(words(cell), multiline=False)[:SHOWN] for cell in column.samples[:SAMPLES]]
        if column.names or samples:
            yield Column(index, letter(index), JOINT.join(column.names), column.code, samples)


def _unread(found: Layout) -> Iterator[Skipped]:
    """Columns with something in them that are for no field of ours."""
    names = [
        f"{letter(index)}列“{JOINT.join(column.names)}”"
        if column.names
        else f"{letter(index)}列（没有标题）"
        for index, column in enumerate(found.columns)
        if column.samples and column.code in {"", "ignore"}
    ]
    if names:
        yield Skipped(found.header + 1, f"没有读入的列：{'、'.join(names)}")


def letter(index: int) -> str:
    """Return what Excel calls the column: 0 is A, 26 is AA."""
    letters = ""
    while index >= 0:
        letters = chr(65 + index % 26) + letters
        index = index // 26 - 1
    return letters
