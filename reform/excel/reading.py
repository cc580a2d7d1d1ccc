"""Reading a file by what it is, not by what it is called."""

from io import BytesIO

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from reform.errors import Refused
from reform.excel import binary, limits, markup, package, plain
from reform.excel.markup import NONE, Marks
from reform.excel.sheet import Cell, Position, Sheet

ZIP = b"PK\x03\x04"
# The beginnings of files that people upload by mistake.
OTHER_FILES = (
    (b"%PDF", "这是 PDF 文件，不是表格。"),
    (b"\x89PNG", "这是图片，不是表格。"),
    (b"\xff\xd8\xff", "这是图片，不是表格。"),
    (b"GIF8", "这是图片，不是表格。"),
    (b"BM", "这是图片，不是表格。"),
    (b"{\\rtf", "这是文档，不是表格。"),
    (b"Rar!", "这是压缩包，不是表格。"),
    (b"7z\xbc\xaf", "这是压缩包，不是表格。"),
    (b"\x1f\x8b", "这是压缩包，不是表格。"),
)


def read(data: bytes, *, name: str = "") -> list[Sheet]:
    """Return every sheet of a workbook or table; `name` only names the sheet of a table."""
    if not data.strip(b"\0\r\n\t \xef\xbb\xbf"):
        raise Refused("文件是空的，请检查后重新上传。")
    if len(data) > limits.MAX_BYTES:
        raise Refused(f"文件超过{limits.MAX_BYTES // 1024 // 1024}MB，不能接收。请拆分后再上传。")
    if data.startswith(ZIP):
        return _workbook(data, markup.marks(package.xml_parts(data)))
    if data.startswith(binary.MAGIC):
        errors = binary.check(data)
        return _workbook(data, {place: Marks(errors=tuple(e)) for place, e in errors.items()})
    for beginning, what in OTHER_FILES:
        if data.startswith(beginning):
            raise Refused(f"{what}{limits.SAVE_AS}")
    return plain.read(data, name=name.rpartition(".")[0] or name or "表格")


def _workbook(data: bytes, marks: dict[int, Marks]) -> list[Sheet]:
    with _Damage():
        book = load_workbook(BytesIO(data))
        sheets: list[Sheet] = []
        cells = letters = 0
        for place, about in enumerate(book.sheets_metadata):
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = _sheet(book, place, about, marks.get(place, NONE), before=cells)
            cells += len(sheet.rows) * len(sheet.rows[0]) if sheet.rows else 0
            letters += sum(len(cell) for row in sheet.rows for cell in row if type(cell) is str)
            limits.refuse_many(cells=cells, letters=letters)
            sheets.append(sheet)
        return sheets


class _Damage:
    """Turns what calamine says of a file it cannot read into a refusal.

    A panic inside calamine derives from no Exception and has no name that could be imported, so
    it is known by its name here; anything else goes on as it is.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is None:
            return
        if issubclass(kind, PasswordError):
            raise Refused(limits.ENCRYPTED)
        if issubclass(kind, CalamineError) or kind.__name__ == "PanicException":
            raise Refused(limits.DAMAGED)


def _sheet(
    book: CalamineWorkbook, place: int, about: SheetMetadata, marks: Marks, *, before: int
) -> Sheet:
    """Read one sheet; `before` counts the cells of those before it."""
    sheet = book.get_sheet_by_index(place)
    row, column = sheet.end or (0, 0)
    limits.refuse_large(row + 1, column + 1)
    limits.refuse_many(cells=before + (row + 1) * (column + 1))
    rows = sheet.to_python(skip_empty_area=False)
    _make_room(rows, [*marks.uncalculated, *(place for place, _ in marks.errors)])
    for (number, index), shown in marks.errors:
        if number < len(rows) and index < len(rows[number]):
            rows[number][index] = shown
    return Sheet(
        about.name,
        rows,
        sheet.merged_cell_ranges or [],
        [*marks.uncalculated],
        about.visible != SheetVisibleEnum.Visible,
        marks.hidden_columns,
    )


def _make_room(rows: list[list[Cell]], places: list[Position]) -> None:
    """Calamine ends where values end; formulas without one may stand below or beside them."""
    inside = [(n, i) for n, i in places if n < limits.MAX_ROWS and i < limits.MAX_COLUMNS]
    if not inside:
        return
    width = max(len(rows[0]) if rows else 0, *(index + 1 for _, index in inside))
    if rows and len(rows[0]) < width:
        for row in rows:
            row.extend([""] * (width - len(row)))
    last = max(number for number, _ in inside)
    rows += [[""] * width for _ in range(last + 1 - len(rows))]
