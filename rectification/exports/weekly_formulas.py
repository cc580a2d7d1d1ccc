"""Formulas of a superior's workbook, when rows are put into one of its sheets.

openpyxl moves cells and leaves what refers to them; Excel would let the sums grow.
"""

import re
from typing import Any, NamedTuple

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.worksheet.formula import ArrayFormula

ONE = re.compile(r"(\$?[A-Za-z]{0,3}\$?)([1-9][0-9]{0,6})$")


class Rows(NamedTuple):
    """`needed` rows are written from `first` on, where `free` were empty (all from 1)."""

    first: int
    free: int
    needed: int

    def moved(self, row: int) -> int:
        return row + max(self.needed - self.free, 0) if row >= self.first + self.free else row

    def grown(self, top: int, bottom: int) -> tuple[int, int]:
        """Return the rows of a range: what begins above or with the rows written and ends among
        those that were empty is to reach over all; others only move."""
        if top <= self.first <= bottom < self.first + self.free:
            return top, max(bottom, self.first + self.needed - 1)
        return self.moved(top), self.moved(bottom)


def grow(book: Any, sheet: Any, rows: Rows) -> None:
    """Write all formulas of a workbook as they are to be when the rows of `sheet` are there."""
    for other in book.worksheets:
        for line in other.iter_rows():
            for cell in line:
                if isinstance(cell.value, ArrayFormula):
                    cell.value.text = _written(cell.value.text, other, sheet, rows)
                    if other is sheet:
                        cell.value.ref = _reference(cell.value.ref, rows)
                elif cell.data_type == "f" and isinstance(cell.value, str):
                    cell.value = _written(cell.value, other, sheet, rows)


def _written(formula: str, where: Any, sheet: Any, rows: Rows) -> str:
    words = []
    for token in Tokenizer(formula).items:
        said = token.value
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            name, mark, cells = said.rpartition("!")
            named = name.strip("'").replace("''", "'") if mark else where.title
            if named == sheet.title:
                said = name + mark + _reference(cells, rows)
        words.append(said)
    return "=" + "".join(words)


def _reference(cells: str, rows: Rows) -> str:
    """Return C3, C3:D5 or 3:5 as it is to be; names and whole columns stay."""
    ends = [ONE.match(end) for end in cells.split(":")]
    match ends:
        case [re.Match() as one] if one[1].strip("$"):
            return f"{one[1]}{rows.moved(int(one[2]))}"
        case [re.Match() as one, re.Match() as other]:
            top, bottom = rows.grown(int(one[2]), int(other[2]))
            return f"{one[1]}{top}:{other[1]}{bottom}"
    return cells
