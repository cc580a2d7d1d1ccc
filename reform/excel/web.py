"""Tables that other programs export as a web page, or as XML of 2003, and call .xls."""

import re
from datetime import datetime
from html.parser import HTMLParser

from reform.errors import Refused
from reform.excel import limits
from reform.excel.sheet import Cell, Position, Sheet

BEGINNINGS = ("<!doctype html", "<html", "<?xml", "<table", "<head", "<meta", "<workbook", "<style")
BLANKS, LINES = re.compile(r"\s+"), re.compile(r" *\n *")
SMALLEST = 2  # rows and columns of a table; with less a page is no table, whatever tags it has
MOST_MERGED = 200_000  # places under merged cells
MOST_TAGS = 1_500_000  # the parser needs some five seconds for them
NO_TABLE = f"这是网页或 XML 文件，不是表格。{limits.SAVE_AS}"
ROWS, CELLS = frozenset(("tr", "row")), frozenset(("td", "th", "cell"))
UNSEEN = frozenset(("script", "style", "title", "comment"))
BREAKS = frozenset(("br", "p", "div", "li"))


def is_markup(text: str) -> bool:
    """Return whether a text is marked up rather than separated by commas."""
    return text.lstrip("\ufeff \t\r\n")[:100].lower().startswith(BEGINNINGS)


def read(text: str, *, name: str) -> list[Sheet]:
    """Return the tables: those of a web page one under the other, worksheets each by itself."""
    if text.count("<") > MOST_TAGS:
        raise Refused(limits.TOO_MANY)
    tables = _Tables(name)
    tables.feed(_tags_only(text))
    tables.close()
    tables.end_table()
    if not any(map(_is_table, tables.sheets)):
        raise Refused(NO_TABLE)
    return [sheet for sheet in tables.sheets if sheet.rows]


def _is_table(sheet: Sheet) -> bool:
    wide = sum(sum(cell != "" for cell in row) >= SMALLEST for row in sheet.rows)
    return wide >= SMALLEST


def _tags_only(text: str) -> str:
    """Return the text without comments and declarations, of which the parser makes heavy work.

    Refuse a text of which most tags never end, for the same reason.
    """
    if text.count("<") > text.count(">") + text.count("&lt;") + len(text) // 100:
        raise Refused(limits.DAMAGED)
    kept = []
    head, *pieces = text.split("<!")
    kept.append(head)
    inside = False  # of a comment that an earlier piece began
    for piece in pieces:
        end = "-->" if inside or piece.startswith("--") else ">"
        if piece.startswith("[CDATA["):
            body, _, after = piece[7:].partition("]]>")
            kept += [body.replace("&", "&amp;").replace("<", "&lt;"), after]
            continue
        _, closed, after = piece.partition(end)
        inside = end == "-->" and not closed
        kept.append(after)
    return "".join(kept)


class _Tables(HTMLParser):
    """Puts each cell where a browser shows it; `taken` are places that spans reach into."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.is_xml, self.unseen, self.area = name, False, 0, 0
        self.sheets: list[Sheet] = []
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self.rows: list[list[Cell]] = []
        self.merged: list[tuple[Position, Position]] = []
        self.taken: set[Position] = set()
        self.column = 0
        self.cell: list[str] | None = None
        self.span, self.kind = (1, 1), ""
        self.loose: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = tag.rpartition(":")[2]
        facts = {key.rpartition(":")[2]: value or "" for key, value in attrs}
        if tag in UNSEEN:
            self.unseen += 1
        elif tag == "workbook":
            self.is_xml = True
        elif tag == "worksheet":
            self.name = facts.get("name", self.name)
        elif tag in ROWS:
            self._begin_row(facts)
        elif tag in CELLS:
            self._begin_cell(facts)
        elif tag == "data":
            self.kind = facts.get("type", "")
        elif tag in BREAKS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in UNSEEN:
            self.unseen = max(self.unseen - 1, 0)
        elif tag in CELLS:
            self._end_cell()
        elif tag == "worksheet":
            self.end_table()

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        if self.cell is not None:
            self.cell.append(data if self.is_xml else BLANKS.sub(" ", data))
        elif not self.is_xml:
            self.loose.append(data)

    def _break(self) -> None:
        if self.cell is not None:
            self.cell.append("\n")

    def _begin_row(self, facts: dict[str, str]) -> None:
        self._end_cell()
        self._end_loose()
        index = _count(facts.get("index"), len(self.rows) + 1)
        limits.refuse_large(max(index, len(self.rows) + 1), 1)
        while len(self.rows) < index - 1:
            self.rows.append([])
        self.rows.append([])
        self.column = 0

    def _begin_cell(self, facts: dict[str, str]) -> None:
        self._end_cell()
        if not self.rows:
            self.rows.append([])
        self.column = _count(facts.get("index"), self.column + 1) - 1
        while (len(self.rows) - 1, self.column) in self.taken:
            self.column += 1
        down = _count(facts.get("rowspan"), _count(facts.get("mergedown"), 0) + 1)
        across = _count(facts.get("colspan"), _count(facts.get("mergeacross"), 0) + 1)
        self.cell, self.kind = [], ""
        self.span = max(down, 1), max(across, 1)

    def _end_cell(self) -> None:
        if self.cell is None:
            return
        row, top = self.rows[-1], len(self.rows) - 1
        down, across = self.span
        limits.refuse_large(top + down, self.column + across)
        row += [""] * (self.column - len(row)) + [
            self._value(LINES.sub("\n", "".join(self.cell)).strip())
        ]
        if down > 1 or across > 1:
            right = self.column + across - 1
            self.merged.append(((top, self.column), (top + down - 1, right)))
            self.area += down * across
            if self.area > MOST_MERGED:
                raise Refused(limits.TOO_WIDE_OR_LONG)
            self.taken |= {(n, i) for n in range(top + 1, top + down)
                           for i in range(self.column, right + 1)}  # fmt: skip
        self.column += across
        self.cell = None

    def _value(self, text: str) -> Cell:
        """A worksheet says what a cell is; on a web page all is text."""
        try:
            if self.kind == "Number":
                return float(text)
            if self.kind == "DateTime":
                return datetime.fromisoformat(text)
        except ValueError:
            return text
        return text

    def _end_loose(self) -> None:
        """What stands between the tables, a title as a rule, is a row of its own."""
        if text := " ".join("".join(self.loose).split()):
            limits.refuse_large(len(self.rows) + 1, 1)
            self.rows.append([text])
        self.loose = []

    def end_table(self) -> None:
        """Keep what was read so far as a sheet."""
        self._end_cell()
        self._end_loose()
        width = max(map(len, self.rows), default=0)
        rows = [row + [""] * (width - len(row)) for row in self.rows]
        self.sheets.append(Sheet(self.name, rows, self.merged))
        self._begin_sheet()


def _count(said: str | None, otherwise: int) -> int:
    """A number of rows or columns; nobody means more digits than this."""
    return int(said[:6]) if said and said[:6].isdecimal() and said.isascii() else otherwise
