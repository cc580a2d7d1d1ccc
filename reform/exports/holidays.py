"""The workbook in which a year's days off are filled in; the last year known is its example."""

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from reform.workdays import SpecialDay, spans

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (("日期", 14), ("结束日期", 14), ("名称", 18), ("安排", 10))
DAY = "yyyy-mm-dd"


def template(days: Sequence[SpecialDay]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 -- a new book has one
    sheet.title = "节假日安排"
    sheet.append([name for name, _ in COLUMNS])
    for letter, (_, width) in zip("ABCD", COLUMNS, strict=True):
        sheet.column_dimensions[letter].width = width
        sheet[f"{letter}1"].font = Font(bold=True)
    for first, last, name in spans(one for one in days if one.is_off):
        sheet.append([first, last if last != first else None, name, "放假"])
    for one in days:
        if not one.is_off:
            sheet.append([one.day, None, one.name, "上班"])
    for row in sheet.iter_rows(min_row=2, max_col=2):
        for cell in row:
            cell.number_format = DAY
    sheet.freeze_panes = "A2"
    file = BytesIO()
    book.save(file)
    return file.getvalue()
