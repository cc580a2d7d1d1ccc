"""A ledger (台账) as people send it, read into rows, faults and the lines left out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from rectification.imports import asides, layout
from rectification.imports.asides import Line
from rectification.imports.cells import wash, words
from rectification.imports.drafting import Draft, Facts
from rectification.imports.handling import HANDLERS, ONCE
from rectification.imports.headings import FIELDS, MANY, lookup
from rectification.imports.layout import JOINT, Layout
from rectification.imports.results import Column, Fault, MeasureRow, Reading, Row, Skipped
from reform import excel
from reform.errors import Refused
from reform.excel import Cell
from reform.text import clean, fold

__all__ = ["Column", "Fault", "MeasureRow", "Reading", "Row", "Skipped", "read"]

SHOWN, SAMPLES = 40, 3
NEAR = timedelta(days=62)  # an explicit day this near vouches for one without a year
SHORT = 8  # a problem this short may be “无”
# A formula without a result costs nothing here: the row is as good without it.
DISPENSABLE = frozenset(("no", "remark", "evidence"))


def read(
    data: bytes,
    *,
    name: str,
    year: int,
    on: date,
    items: Sequence[str],
    mapping: Mapping[int, str] | None = None,
    sheet: str | None = None,
) -> Reading:
    """Read a workbook or table; `mapping` (column from 0 to field) overrides what was guessed."""
    sheets = excel.read(data, name=name)
    for one in sheets:
        wash(one.rows)
    found, others = layout.find(sheets, wanted=sheet, year=year, on=on)
    _refuse_twice(found, mapping or {})
    _correct(found, mapping or {})
    lines = _Lines(found, Facts(tuple(items), year, on, found.reported_on))
    lines.read()
    return Reading(
        sheet=found.sheet.name,
        sheets=[one.name for one in sheets if not one.hidden or one is found.sheet],
        header_line=found.header + 1,
        title=found.title,
        reporting_unit=found.reporting_unit,
        reported_on=found.reported_on,
        columns=[*_columns(found)],
        rows=lines.rows(),
        faults=lines.faults(),
        skipped=[Skipped(0, f"工作表“{other}”也有表头，没有读入。") for other in others]
        + lines.skipped,
    )


def _refuse_twice(found: Layout, mapping: Mapping[int, str]) -> None:
    """Two columns of one name leave it to chance which is read, so the writer decides."""
    seen: dict[tuple[str, ...], int] = {}
    for index, column in enumerate(found.columns):
        known = lookup(column.names[-1]) if column.names else None
        if not known or known[0] in MANY or index in mapping or not column.samples:
            continue
        first = seen.setdefault(tuple(map(fold, column.names)), index)
        if first != index and not found.merged_together(first, index):
            raise Refused(
                f"第{found.header + 1}行有两列都叫“{found.own_name(index)}”"
                f"（{letter(first)}列和{letter(index)}列）。请改名或删去其中一列后再上传。"
            )


def _correct(found: Layout, mapping: Mapping[int, str]) -> None:
    """Put the user's fields in place of the guesses; a field for one column leaves its other."""
    for index, code in mapping.items():
        if not 0 <= index < len(found.columns):
            continue
        if code not in MANY:
            for column in found.columns:
                column.code = "" if column.code == code else column.code
        found.columns[index].code = code if code in FIELDS else ""


def _columns(found: Layout) -> Iterator[Column]:
    for index, column in enumerate(found.columns):
        samples = [clean(words(cell), multiline=False)[:SHOWN] for cell in column.samples[:SAMPLES]]
        if column.names or samples:
            yield Column(index, letter(index), JOINT.join(column.names), column.code, samples)


def letter(index: int) -> str:
    """Return what Excel calls the column: 0 is A, 26 is AA."""
    letters = ""
    while index >= 0:
        letters = chr(65 + index % 26) + letters
        index = index // 26 - 1
    return letters


class _Lines:
    """The lines under the header, one after the other."""

    def __init__(self, found: Layout, facts: Facts) -> None:
        self.found, self.facts = found, facts
        self.skipped: list[Skipped] = []
        self.drafts: list[Draft] = []
        self.current: Draft | None = None
        self.section: Skipped | None = None  # as the line it stands in, until a problem follows
        self.after_note = False
        self.fields = {
            index: column.code
            for index, column in enumerate(found.columns)
            if column.code not in {"", "ignore"}
        }
        places = {code: index for index, code in self.fields.items()}
        self.problem, self.no = places.get("problem"), places.get("no")
        self.columns = [(i, found.own_name(i), HANDLERS[code]) for i, code in self.fields.items()]
        self.uncalculated = frozenset(found.sheet.uncalculated)
        self.names: dict[int, frozenset[str]] = {}

    def read(self) -> None:
        """Read every line, or say why nothing can be read."""
        if self.problem is None:
            message = "没有认出哪一列是“存在问题”，请在列的对应关系中指定后再读一次。"
            self.facts.faults.append(Fault("error", self.found.header + 1, "", "", message))
            return
        for number in range(self.found.body, len(self.found.sheet.rows)):
            self._read_line(number, self.found.sheet.rows[number], self.problem)
        self._leave_section()
        if not self.drafts:
            raise Refused(
                f"工作表“{self.found.sheet.name}”第{self.found.header + 1}行的表头下面没有问题。"
                "请填写后再上传；如果问题在别的工作表，请另选工作表。"
            )

    def rows(self) -> list[Row]:
        """Return the rows without an error."""
        rows = [draft.finished() for draft in self.drafts if not draft.failed]
        if all(draft.lines == 1 for draft in self.drafts):
            # Only where measures have lines of their own do they have their own persons and days.
            for measure in (measure for row in rows for measure in row.measures):
                measure.persons, measure.due_on = [], None
        return rows

    def faults(self) -> list[Fault]:
        """Return the faults by line, without doubts that another row has answered."""
        days = self.facts.explicit | ({self.facts.reported_on} - {None})
        answered = {
            id(fault)
            for fault, due_on in self.facts.yearless
            if any(abs(day - due_on) <= NEAR for day in days if day)
        }
        kept = (fault for fault in self.facts.faults if id(fault) not in answered)
        return sorted(kept, key=lambda fault: fault.line)

    def _read_line(self, number: int, row: list[Cell], problem: int) -> None:
        if (number, problem) in self.found.copied and self.current:
            self._take(number, row, self.current)
            return
        if not self._is_plain(row, problem) and self._is_aside(number, row):
            return
        self.after_note = False
        if not self._goes_on(number, row, problem):
            self.current = self._begin(number, row, problem)
        if self.current:
            self._take(number, row, self.current)

    def _is_plain(self, row: list[Cell], problem: int) -> bool:
        """Most lines have a number and a problem, and need no closer look."""
        text, no = row[problem], "" if self.no is None else row[self.no]
        if type(text) is not str or len(text) <= SHORT:
            return False
        return type(no) is float or (type(no) is str and no.isdecimal())

    def _is_aside(self, number: int, row: list[Cell]) -> bool:
        texts = {
            index: text for index, cell in enumerate(row) if cell != "" and (text := words(cell))
        }
        if any((number, index) in self.uncalculated for index in self.fields):
            return not texts or asides.aside(self._line(number, texts)) == asides.TOTAL
        reason = asides.aside(self._line(number, texts))
        if reason is None:
            return False
        if reason in asides.ENDS:
            self.current = None
        if reason == asides.SECTION:
            self._leave_section()
            self.section = Skipped(number + 1, next(iter(texts.values())))
        else:
            self.skipped.append(Skipped(number + 1, reason))
            self.after_note = self.after_note or reason == asides.NOTE
        return True

    def _line(self, number: int, texts: dict[int, str]) -> Line:
        if not self.names:
            self.names = {
                i: frozenset(map(fold, c.names)) for i, c in enumerate(self.found.columns)
            }
        wide = number in self.found.wide
        title, note = self.found.title, self.after_note
        return Line(texts, self.problem, self.no, self.fields, self.names, wide, title, note)

    def _leave_section(self) -> None:
        """A section without problems was only a text standing there."""
        if self.section and not any(d.row.line > self.section.line for d in self.drafts[-1:]):
            self.skipped.append(Skipped(self.section.line, asides.OUTSIDE))
        self.section = None

    def _goes_on(self, number: int, row: list[Cell], problem: int) -> bool:
        """Another line of the same problem: nothing new in 序号 and 存在问题."""
        if self.current is None:
            return False
        text = words(row[problem])
        if text and text != self.current.row.problem:
            return False
        no = "" if self.no is None else words(row[self.no])
        if text:
            same = self.current.row
            return bool(no) and text == same.problem and no.removesuffix(".0") == same.no
        return not no or (number, self.no) in self.found.copied

    def _begin(self, number: int, row: list[Cell], problem: int) -> Draft:
        section = self.section.reason if self.section else None
        draft = Draft(Row(number + 1, section=section), self.facts, number + 1)
        self.drafts.append(draft)
        if not words(row[problem]) and (number, problem) not in self.uncalculated:
            what = "没有填写问题，请补上；不需要的行请整行删去。"
            draft.fault("error", self.found.own_name(problem), "", what)
        return draft

    def _take(self, number: int, row: list[Cell], draft: Draft) -> None:
        columns = self.columns
        if draft.lines and any((number, place) in self.found.copied for place, *_ in columns):
            columns = [given for given in columns if not self._repeats(number, given[0])]
        draft.take(number + 1, row, columns)
        if self.uncalculated:
            self._fault_formulas(number, draft)

    def _repeats(self, number: int, place: int) -> bool:
        """Measures merged over several lines are one cell, and said once."""
        return (number, place) in self.found.copied and self.fields[place] in ONCE

    def _fault_formulas(self, number: int, draft: Draft) -> None:
        what = "是没有计算结果的公式，请用 Excel 或 WPS 打开后保存，或改填文字。"
        for place, name, _ in self.columns:
            if (number, place) in self.uncalculated:
                dispensable = self.fields[place] in DISPENSABLE
                draft.fault("warning" if dispensable else "error", name, "", what)
