"""Writing workbooks (写表): text stays text and whole, heights are computed, A4 landscape.

openpyxl makes the frame of a printed sheet (styles, page, repeated heading); the rows are written
behind it as XML, in constant memory and ten times faster than openpyxl writes styled cells.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import IO, Any, NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

CELL_LIMIT = 32_767  # UTF-16 units in one cell; openpyxl would cut what is longer
ROW_LIMIT = 409  # points; Excel shows no more of a row
TYPED_AS_FORMULA = ("=", "+", "-", "@")
ROWS_AT_ONCE = 256
PAGE = (757.0, 490.0)  # points: A4 landscape within the margins of a printed sheet
BODY = "仿宋_GB2312"
DIGIT = 5.25  # points: what widths are counted in, a digit of 10-point BODY: 7 of 96 to the inch
PLAY = 0.97  # printers do not agree to the point how much a page takes
MOST_BREAKS = 1_023  # Excel takes no more in a sheet

# Control characters, lone surrogates and non-characters: no XML holds them.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Excel reads `_x0041_` as “A”, so the literal text must be told apart.
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

Value = str | int | None


# ---------------------------------------------------------------- text


def legible(text: str) -> str:
    """Return `text` without what no workbook can hold; everything else as it was written."""
    if text.isprintable():
        return text
    return _ILLEGAL.sub("", text.replace("\v", "\n").replace("\r\n", "\n").replace("\r", "\n"))


def parts(text: str) -> list[str]:
    """Return `text` in pieces that each fit into one cell."""
    if len(text) <= CELL_LIMIT // 2:
        return [text]
    is_plain = len(text) * 2 == len(text.encode("utf-16-le"))
    most = CELL_LIMIT if is_plain else CELL_LIMIT // 2
    return [text[start : start + most] for start in range(0, len(text), most)]


def breadth(text: str) -> int:
    """Return how many half-width characters the line takes; a Chinese character counts two."""
    return len(text) if text.isascii() else len(text.encode("gb18030", "replace"))


def lines(text: str, room: int) -> int:
    """Return how many lines `text` takes in `room` half-width characters."""
    if "\n" not in text:
        return 1 if 2 * len(text) <= room else _lines(text, room)
    return sum(_lines(line, room) for line in text.split("\n"))


def _lines(text: str, room: int) -> int:
    """One line, or as many as it takes when a comma that may not begin a line takes one along."""
    taken = breadth(text)
    return 1 if taken <= room else ceil((taken + 2) / room)


def fold(text: str, room: int, most: int) -> list[str]:
    """Return `text` in pieces of at most `most` lines; nothing is left out."""
    if lines(text, room) <= most:
        return [text]
    pieces, piece, used = [], "", 0
    for line, ends in _wrapped(text, room):
        if used == most:
            pieces.append(piece.removesuffix("\n"))
            piece, used = "", 0
        piece, used = f"{piece}{line}{ends}", used + 1
    return [*pieces, piece]


def _wrapped(text: str, room: int) -> Iterator[tuple[str, str]]:
    """Yield the lines that fit, each with the line break that stands behind it in `text`."""
    *before, last = text.split("\n")
    for paragraph, ends in [*((line, "\n") for line in before), (last, "")]:
        start, taken = 0, 0
        for place, character in enumerate(paragraph):
            width = breadth(character)
            if taken + width > room:
                yield paragraph[start:place], ""
                start, taken = place, 0
            taken += width
        yield paragraph[start:], ends


# ---------------------------------------------------------------- frame


class Look(NamedTuple):
    """A cell style: as it is, and for text that would become a formula when edited."""

    plain: int
    quoted: int


def look(sheet: Any, **facts: Any) -> Look:
    """Register a style (font, fill, border, alignment) with the book of `sheet`."""
    ids = []
    for quoted in (0, 1):
        cell = WriteOnlyCell(sheet)
        for name, value in facts.items():
            setattr(cell, name, value)
        cell.quotePrefix = quoted
        ids.append(cell.style_id)
    return Look(*ids)


def table_looks(sheet: Any) -> dict[str, Look]:
    """Register the looks of a plain printed table: title, note, head, text and number."""
    thin = Side("thin")
    box, none = Border(left=thin, right=thin, top=thin, bottom=thin), Border()
    body = Font(name=BODY, size=10, charset=134)
    bold = Font(name="黑体", size=10, charset=134)
    title = Font(name="方正小标宋简体", size=20, charset=134)
    styles: dict[str, tuple[Font, Border, str]] = {
        "title": (title, none, "center"),
        "note": (body, none, "left"),
        "head": (bold, box, "center"),
        "text": (body, box, "left"),
        "number": (body, box, "center"),
    }
    return {
        name: look(
            sheet,
            font=font,
            border=border,
            alignment=Alignment(vertical="center", horizontal=place, wrap_text=name != "title"),
        )
        for name, (font, border, place) in styles.items()
    }


def printed_sheet(
    title: str, *, widths: Sequence[float], heading: tuple[int, int], freeze: str
) -> tuple[Workbook, Any]:
    """Return a book with one empty sheet, set up for A4 landscape, one page wide.

    `heading` are the rows to repeat on every page.
    """
    book = Workbook(write_only=True)
    # Widths are counted in digits of this font. It is that of the text: where a desk has not got
    # it, what replaces it widens the columns as it widens the words.
    book._named_styles["Normal"].font = Font(name=BODY, size=10, charset=134)  # noqa: SLF001
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins = PageMargins(
        left=0.59, right=0.59, top=0.79, bottom=0.67, header=0.3, footer=0.3
    )
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    sheet.print_title_rows = f"{heading[0]}:{heading[1]}"
    sheet.freeze_panes = freeze
    return book, sheet


def room_of(widths: Sequence[float]) -> float:
    """Return the points of rows that a page takes, shrunk as it is to the width of the paper."""
    width, height = PAGE
    scale = min(1.0, width / (sum(widths) * DIGIT))
    return height / scale * PLAY


# ---------------------------------------------------------------- rows


class Rows:
    """The rows of a printed sheet, one after the other.

    A page has `room` points for rows, `repeated` of them taken by the heading it begins with.
    """

    def __init__(self, out: IO[bytes], columns: int, *, room: float, repeated: float) -> None:
        self.out = out
        self.letters = [get_column_letter(place) for place in range(1, columns + 1)]
        self.number = 0  # of the row written last
        self.merged: list[str] = []
        self.breaks: list[int] = []  # rows that end a page
        self._left, self._next = room, room - repeated  # of this page, of the one after it
        self._waiting: list[str] = []

    def add(self, values: Sequence[Value], looks: Sequence[Look], *, height: float) -> None:
        """Write a row; text is written as text, whatever it begins with."""
        self.keep(height)
        self._left -= height
        self.number += 1
        row = self.number
        cells = [
            _cell(f"{letter}{row}", value, style)
            for letter, value, style in zip(self.letters, values, looks, strict=True)
        ]
        tall = f'ht="{min(height, ROW_LIMIT):g}" customHeight="1"'
        self._waiting.append(f'<row r="{row}" {tall}>{"".join(cells)}</row>')
        if len(self._waiting) == ROWS_AT_ONCE:
            self.flush()

    def keep(self, *heights: float) -> None:
        """See that the next rows, of these heights, stand on one page, if one can hold them."""
        is_new = self._left >= self._next
        if (
            self._left < sum(heights) <= self._next
            and not is_new
            and len(self.breaks) < MOST_BREAKS
        ):
            self.breaks.append(self.number)
            self._left = self._next

    def add_merged(self, text: str, style: Look, *, height: float) -> None:
        """Write one text across the whole width."""
        rest = len(self.letters) - 1
        self.add([text, *[None] * rest], [style] * (rest + 1), height=height)
        self.merge(self.number, 0, self.number, rest)

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Make one cell of several; columns are counted from 0."""
        if (top, left) != (bottom, right):
            self.merged.append(f"{self.letters[left]}{top}:{self.letters[right]}{bottom}")

    def flush(self) -> None:
        self.out.write("".join(self._waiting).encode())
        self._waiting.clear()


def _cell(place: str, value: Value, style: Look) -> str:
    if value is None or value == "":
        return f'<c r="{place}" s="{style.plain}"/>'
    if isinstance(value, int):
        return f'<c r="{place}" s="{style.plain}"><v>{value}</v></c>'
    number = style.quoted if value.startswith(TYPED_AS_FORMULA) else style.plain
    text = escape(value) if "<" in value or "&" in value or ">" in value else value
    if "_x" in text:
        text = _ESCAPED.sub("_x005F_", text)
    return (
        f'<c r="{place}" s="{number}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    )


@contextmanager
def rows_of(
    book: Workbook, target: Path, *, widths: Sequence[float], repeated: float
) -> Iterator[Rows]:
    """Save `book` to `target`, its empty sheet filled with the rows added within the block."""
    book.save(frame := BytesIO())
    with ZipFile(frame) as made, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=4) as archive:
        sheet_name = next(name for name in made.namelist() if "/worksheets/" in name)
        for name in made.namelist():
            if name != sheet_name:
                archive.writestr(name, made.read(name))
        head, tail = re.split(rb"<sheetData ?/>|<sheetData></sheetData>", made.read(sheet_name))
        with archive.open(sheet_name, "w", force_zip64=True) as out:
            out.write(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n')
            out.write(head + b"<sheetData>")
            rows = Rows(out, len(widths), room=room_of(widths), repeated=repeated)
            yield rows
            rows.flush()
            end = b"</worksheet>"
            tail = tail.removesuffix(end) + _breaks(rows.breaks) + end
            out.write(b"</sheetData>" + _merges(rows.merged) + tail)


def _merges(ranges: list[str]) -> bytes:
    cells = "".join(f'<mergeCell ref="{place}"/>' for place in ranges)
    return f'<mergeCells count="{len(ranges)}">{cells}</mergeCells>'.encode() if ranges else b""


def _breaks(rows: list[int]) -> bytes:
    each = "".join(f'<brk id="{row}" max="16383" man="1"/>' for row in rows)
    count = f'count="{len(rows)}" manualBreakCount="{len(rows)}"'
    return f"<rowBreaks {count}>{each}</rowBreaks>".encode() if rows else b""
