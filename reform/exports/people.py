"""Workbooks about people: the template to fill in, and the first codes of new accounts."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from reform.actions.people import Slip
from reform.exports.workbook import legible
from reform.models import Role

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    ("姓名", 12, "必填。"),
    ("单位", 30, "必填。全称、简称或代码；重名的写上级，例如“服务中心/第一党支部”。"),
    ("职务", 24, "可不填。"),
    ("联系电话", 18, "可不填。身份证号等不收集。"),
    ("排序", 8, "在本单位内的先后，1在最前；可不填。"),
    ("是否开通账号", 14, "填“是”即开通；不开通的只作名册，不能登录，可作责任人、线下签批。"),
    ("账号", 18, "可不填，按姓名拼音自动生成。"),
    (
        "职责",
        20,
        f"多项用顿号分开，可写：{'、'.join(role.label for role in Role)}。由安全管理员确认后生效。",
    ),
    ("主要负责人", 12, "领导填“是”或“否”。"),
    ("分管单位", 30, "不是主要负责人的领导填写，多个用顿号分开。"),
)
NUMBERS_AS_TEXT = "@"  # a telephone number keeps its zero
ROWS = 500


def template() -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 -- a new book has one
    sheet.title = "人员"
    _head(sheet, [(name, width) for name, width, _ in COLUMNS])
    for row in sheet.iter_rows(min_row=2, max_row=ROWS, min_col=4, max_col=4):
        row[0].number_format = NUMBERS_AS_TEXT
    told = book.create_sheet("填写说明")
    _head(told, [("栏目", 16), ("怎样填", 90)])
    for name, _, words in COLUMNS:
        told.append((name, words))
    return _bytes(book)


def codes(slips: Iterable[Slip], *, places: dict[int, str], address: str) -> bytes:
    """Return who, account, code; `places` names each person's organization by his key."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 -- a new book has one
    sheet.title = "登录码"
    _head(
        sheet,
        [("姓名", 12), ("单位", 32), ("账号", 20), ("登录码", 20), ("有效期至", 18), ("网址", 36)],
    )
    for slip in slips:
        until = f"{timezone.localtime(slip.valid_until):%Y-%m-%d %H:%M}"
        place = places.get(slip.user.pk, "")
        _row(sheet, (slip.user.name, place, slip.user.username, slip.code, until, address))
    return _bytes(book)


def _row(sheet: Worksheet, values: Sequence[object]) -> None:
    """Text stays text: a name that begins with “=” is no formula."""
    sheet.append([legible(str(value or "")) for value in values])
    for cell in sheet[sheet.max_row]:
        cell.data_type = "s"


def _head(sheet: Worksheet, columns: Sequence[tuple[str, int]]) -> None:
    sheet.append([name for name, _ in columns])
    for cell, (_, width) in zip(sheet[1], columns, strict=True):
        cell.font = Font(name="黑体", size=11)
        cell.fill = PatternFill("solid", fgColor="F2F2F2")
        cell.alignment = Alignment(horizontal="center", vertical="center")
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.row_dimensions[1].height = 28
    sheet.freeze_panes = "A2"


def _bytes(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()
