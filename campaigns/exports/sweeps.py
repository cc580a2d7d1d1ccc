"""A risk sweep (风险排查表) as a workbook: printed, A4 landscape.

What it writes, imports/sweeps.py reads back.
"""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from campaigns.models import Sweep
from campaigns.models.sweep_sheet import NOTHING, Row, Sheet, rows
from reform.actions.attachments import shown_name
from reform.exports import workbook
from reform.word import long_day

WIDTHS = (5.0, 9.0, 14.0, 17.0, 8.5, 26.0, 22.0, 6.0, 25.0, 8.0, 11.0)
CENTRED = {0, 4, 7, 9, 10}
ROOMS = [int(width - 0.5) for width in WIDTHS]
LINE, MARGIN, HEAD = 13.5, 5.0, 32.0  # points
MOST_LINES = 28  # a taller row goes on in the next, marked 续
FOLLOWING = "续"
BLANKS = 12  # empty rows of a sheet to be filled in by hand


def name_of(sweep: Sweep, on: date) -> str:
    return shown_name(f"{sweep.organization}风险排查表_{sweep.title[:30]}_{on:%Y%m%d}.xlsx")


def headings(sheet: Sheet) -> list[str]:
    what, cause, measure = sheet["parts"]
    first = ["序号", "对象类别", "排查对象", "排查内容", "有无问题"]
    return [*first, what, cause, "程度", measure, "责任人", "完成时限"]


def cells(row: Row) -> list[str | int]:
    first: list[str | int] = [row.number, row.kind, row.name, row.asked, row.found]
    return [*first, row.what, row.cause, row.severity, row.measure, row.who, row.due]


def write(sweep: Sweep, sheet: Sheet, *, signed: str, on: date) -> bytes:
    """Return the sheet as .xlsx; `signed` is the line at its foot."""
    title = f"{sweep.campaign}风险排查表"
    book, page = workbook.printed_sheet("风险排查表", widths=WIDTHS, heading=(4, 4), freeze="D5")
    book.properties.title, book.properties.creator = title, ""
    looks = workbook.table_looks(page)
    plain = [looks["number" if place in CENTRED else "text"] for place in range(len(WIDTHS))]
    lines = rows(sheet)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "sweep.xlsx"
        with workbook.rows_of(book, target, widths=WIDTHS, repeated=HEAD) as out:
            out.add_merged(workbook.legible(title), looks["title"], height=40)
            out.add_merged(
                workbook.legible(f"排查内容：{sheet['title']}"), looks["note"], height=20
            )
            unit = f"填报单位（盖章）：{sweep.organization}　　　　填报时间：{long_day(on)}"
            out.add_merged(workbook.legible(unit), looks["note"], height=24)
            out.add(headings(sheet), [looks["head"]] * len(WIDTHS), height=HEAD)
            for row in lines:
                _write(out, plain, row)
            if not lines:
                _write_none(out, plain, looks["note"], sweep)
            out.add_merged(workbook.legible(signed), looks["note"], height=28)
        return target.read_bytes()


def _write(out: workbook.Rows, plain: list[workbook.Look], row: Row) -> None:
    texts = [workbook.legible(str(value)) for value in cells(row)]
    pieces = [
        workbook.fold(text, room, MOST_LINES) for text, room in zip(texts, ROOMS, strict=True)
    ]
    for place in range(max(map(len, pieces))):
        shown = [parts[place] if place < len(parts) else "" for parts in pieces]
        tall = max(map(workbook.lines, shown, ROOMS))
        values: list[str | int] = [row.number if place == 0 else FOLLOWING, *shown[1:]]
        out.add(values, plain, height=tall * LINE + MARGIN)


def _write_none(
    out: workbook.Rows, plain: list[workbook.Look], note: workbook.Look, sweep: Sweep
) -> None:
    """Nothing found, or nothing filled in yet: then there are empty lines to write on."""
    if not sweep.is_writable:
        out.add_merged(f"经逐项排查，{NOTHING}。", note, height=28)
        return
    for _ in range(BLANKS):
        out.add([None] * len(WIDTHS), plain, height=28)
