"""A table of a superior's Word form as a grid: cells by row and column, merged ones too."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from docx.oxml.ns import qn

from rectification.exports.weekly_headings import DEEPEST, Area
from reform.word import filling

MOST_COLUMNS = 63  # as Word has it


@dataclass(eq=False)
class Box:
    """One cell as it is seen: `height` rows and `width` columns from its first row and column."""

    element: Any
    row: int
    column: int
    width: int
    height: int = 1

    @property
    def columns(self) -> range:
        return range(self.column, self.column + self.width)

    @cached_property
    def words(self) -> str:
        return filling.words(self.element)

    @property
    def is_blank(self) -> bool:
        return filling.is_blank(self.element)


class TableGrid:
    """Rows and columns count from 1, like those of a worksheet."""

    def __init__(self, lines: Iterable[Any]) -> None:
        self.lines = list(lines)
        self.boxes: list[Box] = []
        self._at: dict[tuple[int, int], Box] = {}
        for number, line in enumerate(self.lines, start=1):
            self._read(line, number)
        self.rows = len(self.lines)
        self.columns = max((column for _, column in self._at), default=0)

    @classmethod
    def of(cls, table: Any) -> Self:
        return cls(filling.inside(table, "w:tr"))

    def _read(self, line: Any, row: int) -> None:
        column = 1 + _number(line.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"))
        for cell in filling.inside(line, "w:tc"):
            properties = cell.find(qn("w:tcPr"))
            width = max(1, _number(_of(properties, "w:gridSpan")))
            goes_on = _goes_on(_of(properties, "w:vMerge"))
            above = self._at.get((row - 1, column)) if goes_on else None
            if _goes_on(_of(properties, "w:hMerge")) and (left := self._at.get((row, column - 1))):
                left.width += width
                box = left
            elif above is not None and above.column == column:
                above.height = row - above.row + 1
                box = above
            else:
                box = Box(cell, row, column, width)
                self.boxes.append(box)
            for place in range(column, min(column + width, MOST_COLUMNS + 1)):
                self._at[row, place] = box
            column += width

    def at(self, row: int, column: int) -> Box | None:
        return self._at.get((row, column))

    def text(self, row: int, column: int) -> object:
        box = self.at(row, column)
        return box.words if box and (box.row, box.column) == (row, column) else ""

    def areas(self) -> Iterator[Area]:
        for box in self.boxes:
            if box.row > DEEPEST:
                return
            if box.width > 1 or box.height > 1:
                last = box.row + box.height - 1, box.column + box.width - 1
                yield Area(box.row, box.column, *last)

    def has_headings(self, rows: range, columns: Mapping[str, int]) -> bool:
        """Whether the headings in `rows` stand side by side without a gap: “单位｜　｜本周工作进展
        ｜　” are labels of a form."""
        places = range(min(columns.values()), max(columns.values()) + 1)
        return all(
            any((box := self.at(row, column)) and not box.is_blank for row in rows)
            for column in places
        )

    def is_free(self, row: int, columns: Mapping[str, int]) -> bool:
        """Whether a row waits to be filled: blank but for a number, each heading with its cell."""
        if row > self.rows:
            return False
        boxes = {code: self.at(row, column) for code, column in columns.items()}
        found = [box for box in boxes.values() if box is not None]
        if len({id(box) for box in found}) < len(columns):
            return False
        here = {id(box): box for place, box in self._at.items() if place[0] == row}.values()
        number = boxes.get("number")
        return all(
            box.height == 1
            and box.row == row
            and (box.is_blank or (box is number and box.words.strip().isdigit()))
            for box in here
        )


def _of(properties: Any, name: str) -> Any:
    return properties.find(qn(name)) if properties is not None else None


def _number(element: Any) -> int:
    value = element.get(qn("w:val")) if element is not None else None
    return min(int(value), MOST_COLUMNS) if value and value.isascii() and value.isdigit() else 0


def _goes_on(element: Any) -> bool:
    """Whether a merged cell belongs to the one before it."""
    return element is not None and element.get(qn("w:val"), "continue") == "continue"
