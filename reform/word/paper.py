"""One Word paper from top to bottom, in the numbers of GB/T 9704."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENTATION, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as WordTable

from reform.word.fonts import (
    FANG,
    HEI,
    KAI,
    SONG,
    TITLE,
    add_field,
    add_run,
    name_fonts,
    paragraphs,
)
from reform.word.table import RIGHT as RIGHT_ALIGNED
from reform.word.table import TEXT, Table

MASTHEAD = 42.0  # points: 初号
RED = RGBColor(0xE6, 0x00, 0x12)
# What the schema wants behind the borders of a paragraph.
AFTER_BORDERS = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr")
# What the schema wants behind the page numbers of a section.
AFTER_NUMBERS = ("w:cols", "w:textDirection", "w:bidi", "w:rtlGutter", "w:docGrid")
FIELDS = {"PAGE", "NUMPAGES"}


@dataclass(frozen=True)
class Numbers:
    """Millimetres and points of a paper; a house with other habits replaces some."""

    top: float = 37
    left: float = 28
    right: float = 26
    bottom: float = 35
    footer: float = 25
    size: float = 16  # 三号
    line: float = 28.95  # 22 lines in 225 mm
    title_size: float = 22  # 二号
    title_line: float = 35
    page_size: float = 14  # 四号


OFFICIAL = Numbers()
# A form to fill in: a table that is to fit on one page.
FORM = Numbers(
    top=16, left=20, right=18, bottom=17, footer=8, size=11, line=16, title_size=20, title_line=30
)


def long_day(day: date) -> str:
    """Write a day as papers do, without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def _characters(text: str) -> float:
    """Return how many Chinese characters wide a line is."""
    return sum(0.5 if character.isascii() else 1 for character in text)


class Paper:
    """A document that grows at its end."""

    def __init__(self, *, title: str, numbers: Numbers = OFFICIAL) -> None:
        self.numbers = numbers
        self.document = Document()
        self.document.core_properties.title = "".join(paragraphs(title))[:200]
        self.document.core_properties.author = ""
        self._set_page()
        self._set_styles()

    # ---- set-up

    def _set_page(self) -> None:
        section, numbers = self.document.sections[0], self.numbers
        section.orientation = WD_ORIENTATION.PORTRAIT
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(numbers.top), Mm(numbers.bottom)
        section.left_margin, section.right_margin = Mm(numbers.left), Mm(numbers.right)
        section.footer_distance = Mm(numbers.footer)

    def _set_styles(self) -> None:
        """Dress Word's own styles officially, so that its outline still works."""
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
        name_fonts(style.element.get_or_add_rPr(), font)
        for border in style.element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
        layout = style.paragraph_format
        layout.space_before = layout.space_after = Pt(0)
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
        layout.alignment = align
        layout.first_line_indent = Pt(size * indent) if indent else None
        layout.keep_with_next = name != "Normal"

    # ---- text

    def title(self, text: str) -> None:
        self._lines(text, style="Title", font=TITLE)

    def addressee(self, text: str) -> None:
        """主送机关: one blank line under the title, flush left."""
        self.blank()
        self._lines(text)

    def heading(self, text: str, level: int = 1) -> None:
        """一、 is level 1, （一） level 2, 1. level 3."""
        self._lines(text, style=f"Heading {level}", font={1: HEI, 2: KAI}.get(level, FANG))

    def body(self, text: str) -> None:
        for paragraph in self._lines(text):
            paragraph.alignment = ALIGN.JUSTIFY
            paragraph.paragraph_format.first_line_indent = Pt(self.numbers.size * 2)

    def masthead(self, name: str, issue: str, *, left: str, right: str) -> None:
        """The red head of a briefing (简报): its name, its issue, who edits it and when, a rule."""
        head, below = self._lines("".join(paragraphs(name)))[0], self._lines(issue)[0]
        head.alignment = below.alignment = ALIGN.CENTER
        head.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        room = Mm(self.width).pt / max(_characters(name), 1)
        for run in head.runs:  # as large as its name allows, on one line
            run.font.size, run.font.color.rgb = Pt(int(min(MASTHEAD, room))), RED
            name_fonts(run._element.get_or_add_rPr(), TITLE)  # noqa: SLF001
        line = self.table((self.width * 0.6, self.width * 0.4), ruled=False)
        line.row((left, 1, TEXT), (right, 1, RIGHT_ALIGNED))
        self.rule(red=True)

    @property
    def width(self) -> float:
        """The millimetres that a line has."""
        return 210 - self.numbers.left - self.numbers.right

    def rule(self, *, red: bool = False, kept: bool = False) -> None:
        """A line across the page; `kept` on the page of what follows."""
        paragraph = self.document.add_paragraph()
        layout = paragraph.paragraph_format
        layout.keep_with_next = kept
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(6)
        border = OxmlElement("w:pBdr")
        bottom = OxmlElement("w:bottom")
        for name, value in (
            ("val", "single"),
            ("sz", "12" if red else "6"),
            ("space", "1"),
            ("color", str(RED) if red else "000000"),
        ):
            bottom.set(qn(f"w:{name}"), value)
        border.append(bottom)
        properties = paragraph._element.get_or_add_pPr()  # noqa: SLF001
        properties.insert_element_before(border, *AFTER_BORDERS)

    def blank(self) -> None:
        self.document.add_paragraph()

    def enclosed(self, name: str) -> None:
        """附件说明: what is attached, one blank line below the text."""
        self.blank()
        self.body(f"附件：{name}")

    def attachment(self, title: str) -> None:
        """Begin the attachment on a page of its own, its title in the middle."""
        mark = self.document.add_paragraph()
        add_run(mark, "附件", HEI)
        mark.paragraph_format.page_break_before = True
        self.blank()
        self.title(title)

    def next_sheet(self) -> None:
        """Go on on the front of another sheet, whose pages count from 1: another paper."""
        section = self.document.add_section(WD_SECTION.ODD_PAGE)
        number = OxmlElement("w:pgNumType")
        number.set(qn("w:start"), "1")
        section._sectPr.insert_element_before(number, *AFTER_NUMBERS)  # noqa: SLF001

    def signature(self, organization: str, day: date) -> None:
        """署名 and date without a seal: the date begins two characters right of the name."""
        self.blank()
        name, words = "".join(paragraphs(organization)), long_day(day)
        after_date = max(2.0, _characters(name) - _characters(words))
        after_name = after_date + _characters(words) + 2 - _characters(name)
        for text, spared in ((name, after_name), (words, after_date)):
            paragraph = self._lines(text)[0]
            paragraph.alignment = ALIGN.RIGHT
            paragraph.paragraph_format.right_indent = Pt(self.numbers.size * spared)

    def _lines(self, text: str, *, style: str = "Normal", font: str = FANG) -> list[Any]:
        """Write each line of `text` as a paragraph."""
        made = []
        for line in paragraphs(text):
            paragraph = self.document.add_paragraph(style=style)
            add_run(paragraph, line, font)
            made.append(paragraph)
        return made

    def line(self, text: str) -> None:
        """A line of its own, flush left."""
        self._lines(text)

    def imprint(self, *lines: Sequence[str]) -> None:
        """版记 between two rules, all on one page (GB/T 9704-2012, 7.4).

        What a line consists of stands side by side where there is room, and else below.
        """
        self.rule(kept=True)
        room = Mm(self.width).pt / self.numbers.page_size - 2
        for parts in lines:
            beside = "　　".join(parts)
            for text in (beside,) if _characters(beside) <= room else parts:
                paragraph = self.document.add_paragraph()
                add_run(paragraph, text, FANG, size=self.numbers.page_size)
                layout = paragraph.paragraph_format
                layout.left_indent = layout.right_indent = Pt(self.numbers.page_size)
                layout.keep_with_next = layout.keep_together = True
        self.rule()

    def table(
        self,
        widths: Sequence[float],
        *,
        ruled: bool = True,
        size: float | None = None,
        line: float | None = None,
    ) -> Table:
        """Begin a table of columns `widths` millimetres wide, its text `size` points.

        Its lines are `line` points high; smaller text has them closer together by as much.
        """
        usual = self.numbers.size
        if line is None and size and size < usual:
            line = self.numbers.line * size / usual
        return Table(self.document, widths, size=size or usual, line=line, ruled=ruled)

    # ---- the foot of each page

    def page_numbers(self) -> None:
        """— 1 — as the standard has it: right on odd pages, left on even ones."""
        self.document.settings.odd_and_even_pages_header_footer = True
        section, size = self.document.sections[0], self.numbers.page_size
        feet = ((section.footer, ALIGN.RIGHT), (section.even_page_footer, ALIGN.LEFT))
        for footer, align in feet:
            paragraph = _footer(footer.paragraphs[0], ("— ", "PAGE", " —"), size=size)
            paragraph.alignment = align
            paragraph.paragraph_format.left_indent = Pt(size)
            paragraph.paragraph_format.right_indent = Pt(size)

    def page_of_pages(self, *, before: str = "", above: str = "") -> None:
        """第1页，共2页 in the middle: for forms, whose sheets may get separated.

        `before` stands on the same line, `above` on a line of its own.
        """
        footer = self.document.sections[0].footer
        lines = [[line] for line in paragraphs(above) if above]
        lines.append([*paragraphs(before)[:1], "第 ", "PAGE", " 页，共 ", "NUMPAGES", " 页"])
        for place, parts in enumerate(lines):
            paragraph = footer.add_paragraph() if place else footer.paragraphs[0]
            _footer(paragraph, parts, size=9).alignment = ALIGN.CENTER

    def bytes(self) -> bytes:
        """Return the .docx; a table at its end is followed by a line that takes no room."""
        *_, last_block = [None, *self.document.iter_inner_content()]
        if isinstance(last_block, WordTable):
            last = self.document.add_paragraph().paragraph_format
            last.line_spacing_rule, last.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(1)
        self.document.save(out := BytesIO())
        return out.getvalue()


def _footer(paragraph: Any, parts: Sequence[str], *, size: float) -> Any:
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    for part in parts:
        run = add_run(paragraph, "" if part in FIELDS else part, SONG, size=size, latin=SONG)
        if part in FIELDS:
            add_field(run, part)
    return paragraph
