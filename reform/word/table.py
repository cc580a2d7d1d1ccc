"""Tables of Word papers, written row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT as VERTICAL
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from reform.word.fonts import FANG, HEI, add_run, paragraphs

MARGINS = {"top": 40, "left": 85, "bottom": 40, "right": 85}  # of a cell, in twentieths of a point


@dataclass(frozen=True)
class Look:
    """How the paragraphs of a cell are set."""

    font: str = FANG
    align: Any = ALIGN.LEFT
    vertical: Any = VERTICAL.CENTER


LABEL = Look(HEI, ALIGN.CENTER)
TEXT = Look()
TOP = Look(vertical=VERTICAL.TOP)
CENTRED = Look(align=ALIGN.CENTER)
RIGHT = Look(align=ALIGN.RIGHT)
FOOT = replace(RIGHT, vertical=VERTICAL.BOTTOM)


class Table:
    """A table that grows at its end; a cell may span columns."""

    def __init__(
        self,
        document: Any,
        widths: Sequence[float],
        *,
        size: float,
        ruled: bool = True,
        line: float = 0,
    ) -> None:
        self.widths, self.size, self.line = list(widths), size, line
        self.table = document.add_table(rows=0, cols=len(self.widths))
        self.table.style = "Table Grid" if ruled else "Normal Table"
        self.table.alignment = WD_TABLE_ALIGNMENT.CENTER
        self.table.autofit = False
        for column, width in zip(self.table.columns, self.widths, strict=True):
            column.width = Mm(width)
        self._set_margins()

    def _set_margins(self) -> None:
        margins = OxmlElement("w:tblCellMar")
        for side, width in MARGINS.items():
            margin = OxmlElement(f"w:{side}")
            margin.set(qn("w:w"), str(width))
            margin.set(qn("w:type"), "dxa")
            margins.append(margin)
        properties = self.table._tbl.tblPr  # noqa: SLF001
        look = properties.find(qn("w:tblLook"))
        if look is None:
            properties.append(margins)
        else:
            look.addprevious(margins)  # the schema wants them in this order

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
        found = row.cells  # looked up once: each time the whole row is walked
        for text, span, look in cells:
            cell = found[place]
            if span > 1:
                cell = cell.merge(found[place + span - 1])
            cell.width = Mm(sum(self.widths[place : place + span]))
            self._write(cell, text, look)
            made.append(cell)
            place += span
        return made

    def signed(self, label: str, text: str, signature: str, *, room: float) -> None:
        """Write an opinion with who signs it at its foot, and at least `room` millimetres.

        The two never come apart over a page.
        """
        rest = len(self.widths) - 1
        upper = self.row((label, 1, LABEL), (text, rest, TOP), height=room - 7, breaks=False)
        lower = self.row(("", 1, LABEL), (signature, rest, FOOT), height=7, breaks=False)
        for paragraph in [*upper[0].paragraphs, *upper[1].paragraphs]:
            paragraph.paragraph_format.keep_with_next = True
        _unrule(upper[1], "bottom")
        _unrule(lower[1], "top")
        upper[0].merge(lower[0])

    def _write(self, cell: Any, text: str, look: Look) -> None:
        """Write each line of `text` as a paragraph of the cell."""
        cell.vertical_alignment = look.vertical
        for place, line in enumerate(paragraphs(text)):
            paragraph = cell.add_paragraph() if place else cell.paragraphs[0]
            paragraph.alignment = look.align
            if self.line:
                paragraph.paragraph_format.line_spacing = Pt(self.line)
            if line:
                add_run(paragraph, line, look.font, size=self.size)


def _unrule(cell: Any, side: str) -> None:
    """Take one border of a cell away."""
    borders = OxmlElement("w:tcBorders")
    border = OxmlElement(f"w:{side}")
    border.set(qn("w:val"), "nil")
    borders.append(border)
    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001
    alignment = properties.find(qn("w:vAlign"))
    if alignment is None:
        properties.append(borders)
    else:
        alignment.addprevious(borders)  # the schema wants them in this order
