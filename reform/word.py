"""Word papers (公文): the numbers of GB/T 9704 in one place, over python-docx.

Fonts are named, with their eastAsia name, and never shipped. Real paragraphs and tables, no blanks
for alignment. Text goes in whole: whatever users write is text to Word.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENTATION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT as VERTICAL
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

LATIN = "Times New Roman"
SONG, FANG, HEI, KAI, TITLE = "宋体", "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"

# Control characters, lone surrogates and non-characters: no XML holds them.
_ILLEGAL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Numbers:
    """Millimetres and points of a paper; a house with other habits replaces some."""

    top: float = 37
    left: float = 28
    right: float = 26
    bottom: float = 35
    footer: float = 25
    line: float = 28.95  # 22 lines in 225 mm
    size: float = 16  # 三号
    title_size: float = 22  # 二号
    title_line: float = 35
    page_size: float = 14  # 四号


OFFICIAL = Numbers()
# A form to fill in: a table that is to fit on one page.
FORM = Numbers(top=18, left=20, right=18, bottom=16, footer=9, line=17, size=11, title_size=20)


@dataclass(frozen=True)
class Look:
    """How the paragraphs of a cell are set."""

    font: str = FANG
    align: Any = ALIGN.LEFT
    vertical: Any = VERTICAL.CENTER
    size: float | None = None
    indent: float = 0  # characters, of the first line


LABEL = Look(HEI, ALIGN.CENTER)
TEXT = Look()
CENTRED = replace(TEXT, align=ALIGN.CENTER)
RIGHT = replace(TEXT, align=ALIGN.RIGHT)


def paragraphs(text: str) -> list[str]:
    """Return the lines of `text` without what no document can hold; the rest as written."""
    return [_ILLEGAL.sub("", line) for line in _BREAKS.split(text)]


def long_day(day: date) -> str:
    """Write a day as papers do, without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def _characters(text: str) -> float:
    """Return how many Chinese characters wide a line is."""
    return sum(0.5 if character.isascii() else 1 for character in text)


class Paper:
    """One document from top to bottom."""

    def __init__(self, *, title: str, numbers: Numbers = OFFICIAL) -> None:
        self.numbers = numbers
        self.document = Document()
        self.document.core_properties.title = "".join(paragraphs(title))[:200]
        self.document.core_properties.author = ""
        self._set_page()
        self._set_styles()

    # -- set-up

    def _set_page(self) -> None:
        section, numbers = self.document.sections[0], self.numbers
        section.orientation = WD_ORIENTATION.PORTRAIT
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(numbers.top), Mm(numbers.bottom)
        section.left_margin, section.right_margin = Mm(numbers.left), Mm(numbers.right)
        section.footer_distance = Mm(numbers.footer)

    def _set_styles(self) -> None:
        """Word's own styles in official dress, so that its outline still works."""
        for language in self.document.styles.element.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")
        numbers = self.numbers
        self._style("Normal", FANG, numbers.size, line=numbers.line)
        self._style("Title", TITLE, numbers.title_size, line=numbers.title_line, align=ALIGN.CENTER)
        for level, font in ((1, HEI), (2, KAI), (3, FANG)):
            self._style(f"Heading {level}", font, numbers.size, line=numbers.line, indent=2)

    def _style(
        self, name: str, font: str, size: float, *, line: float, align: Any = None, indent: int = 0
    ) -> None:
        style = self.document.styles[name]
        style.font.size, style.font.bold = Pt(size), False
        style.font.color.rgb = RGBColor(0, 0, 0)
        _name_fonts(style.element.get_or_add_rPr(), font)
        for border in style.element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
        layout = style.paragraph_format
        layout.space_before = layout.space_after = Pt(0)
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
        layout.alignment = align
        layout.first_line_indent = Pt(size * indent) if indent else None
        layout.keep_with_next = name != "Normal"

    # -- text

    def title(self, text: str) -> None:
        for line in paragraphs(text):
            self.document.add_paragraph(line, style="Title")

    def addressee(self, text: str) -> None:
        """主送机关: one blank line under the title, flush left."""
        self.blank()
        self._lines(text)

    def heading(self, text: str, level: int = 1) -> None:
        """一、 is level 1, （一） level 2, 1. level 3."""
        self.document.add_paragraph(" ".join(paragraphs(text)), style=f"Heading {level}")

    def body(self, text: str) -> None:
        self._lines(text, indent=2, align=ALIGN.JUSTIFY)

    def blank(self) -> None:
        self.document.add_paragraph()

    def signature(self, organization: str, day: date) -> None:
        """署名 and date without a seal: the date begins two characters right of the name."""
        self.blank()
        name, date_words = "".join(paragraphs(organization)), long_day(day)
        after_date = max(2.0, _characters(name) - _characters(date_words))
        after_name = after_date + _characters(date_words) + 2 - _characters(name)
        for text, spared in ((name, after_name), (date_words, after_date)):
            paragraph = self._lines(text, align=ALIGN.RIGHT)[0]
            paragraph.paragraph_format.right_indent = Pt(self.numbers.size * spared)

    def small(self, text: str, *, size: float = 9) -> None:
        for paragraph in self._lines(text):
            for run in paragraph.runs:
                run.font.size = Pt(size)
            paragraph.paragraph_format.line_spacing = Pt(size + 5)

    def _lines(self, text: str, *, indent: float = 0, align: Any = None) -> list[Any]:
        made = []
        for line in paragraphs(text):
            paragraph = self.document.add_paragraph(line)
            paragraph.alignment = align
            if indent:
                paragraph.paragraph_format.first_line_indent = Pt(self.numbers.size * indent)
            made.append(paragraph)
        return made

    # -- tables

    def table(self, widths: Sequence[float], *, ruled: bool = True) -> "Table":
        """Begin a table of columns `widths` millimetres wide."""
        return Table(self, widths, ruled=ruled)

    # -- page numbers

    def page_numbers(self) -> None:
        """— 1 — as the standard has it: right on odd pages, left on even ones."""
        self.document.settings.odd_and_even_pages_header_footer = True
        section, size = self.document.sections[0], self.numbers.page_size
        for footer, align in (
            (section.footer, ALIGN.RIGHT),
            (section.even_page_footer, ALIGN.LEFT),
        ):
            paragraph = self._footer(footer, ("— ", "PAGE", " —"), size=size)
            paragraph.alignment = align
            paragraph.paragraph_format.left_indent = Pt(size)
            paragraph.paragraph_format.right_indent = Pt(size)

    def page_of_pages(self, text: str = "") -> None:
        """`text` and 第1页，共2页 in the middle: for forms, whose sheets may get separated."""
        parts = (*paragraphs(text)[:1], "第", "PAGE", "页，共", "NUMPAGES", "页")
        paragraph = self._footer(self.document.sections[0].footer, parts, size=9)
        paragraph.alignment = ALIGN.CENTER

    def _footer(self, footer: Any, parts: Sequence[str], *, size: float) -> Any:
        paragraph = footer.paragraphs[0]
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        for part in parts:
            run = paragraph.add_run("" if part in FIELDS else part)
            run.font.size = Pt(size)
            _name_fonts(run._element.get_or_add_rPr(), SONG, latin=SONG)  # noqa: SLF001
            if part in FIELDS:
                _add_field(run, part)
        return paragraph

    def bytes(self) -> bytes:
        self.document.save(out := BytesIO())
        return out.getvalue()


class Table:
    """A table written row by row; a cell may span columns."""

    def __init__(self, paper: Paper, widths: Sequence[float], *, ruled: bool) -> None:
        self.paper, self.widths = paper, list(widths)
        self.table = paper.document.add_table(rows=0, cols=len(self.widths))
        self.table.style = "Table Grid" if ruled else "Normal Table"
        self.table.alignment = WD_TABLE_ALIGNMENT.CENTER
        self.table.autofit = False
        for column, width in zip(self.table.columns, self.widths, strict=True):
            column.width = Mm(width)

    def row(
        self,
        *cells: tuple[str, int, Look],
        height: float = 0,
        breaks: bool = True,
        heads: bool = False,
    ) -> list[Any]:
        """Write a row of (text, columns it spans, look); return its cells.

        `height` millimetres is the least; `breaks` lets the row go on on the next page; `heads`
        repeats it there.
        """
        row = self.table.add_row()
        if height:
            row.height, row.height_rule = Mm(height), WD_ROW_HEIGHT_RULE.AT_LEAST
        for tag, wanted in (("w:cantSplit", not breaks), ("w:tblHeader", heads)):
            if wanted:
                row._tr.get_or_add_trPr().append(OxmlElement(tag))  # noqa: SLF001
        place = 0
        made: list[Any] = []
        for text, span, look in cells:
            cell = row.cells[place]
            if span > 1:
                cell = cell.merge(row.cells[place + span - 1])
            cell.width = Mm(sum(self.widths[place : place + span]))
            self.write(cell, text, look)
            made.append(cell)
            place += span
        return made

    def write(self, cell: Any, text: str, look: Look, *, more: bool = False) -> None:
        """Write the lines of `text` into a cell; with `more`, below what stands there."""
        cell.vertical_alignment = look.vertical
        size = look.size or self.paper.numbers.size
        for place, line in enumerate(paragraphs(text)):
            is_first = place == 0 and not more
            paragraph = cell.paragraphs[0] if is_first else cell.add_paragraph()
            paragraph.alignment = look.align
            if look.indent:
                paragraph.paragraph_format.first_line_indent = Pt(size * look.indent)
            run = paragraph.add_run(line)
            run.font.size = Pt(size)
            _name_fonts(run._element.get_or_add_rPr(), look.font)  # noqa: SLF001


# ---------------------------------------------------------------- XML that python-docx leaves to us

FIELDS = {"PAGE", "NUMPAGES"}


def _name_fonts(properties: Any, font: str, *, latin: str = LATIN) -> None:
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]  # theme fonts would win over named ones
    for name, value in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", font)):
        fonts.set(qn(f"w:{name}"), value)


def _add_field(run: Any, code: str) -> None:
    for kind in ("begin", code, "end"):
        if kind == code:
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = code
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._element.append(part)  # noqa: SLF001 -- fields have no other road
