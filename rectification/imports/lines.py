"""The lines under the header, one after the other: problems, their further lines, and asides."""

from datetime import timedelta

from rectification.imports import asides, layout
from rectification.imports.asides import Line
from rectification.imports.cells import words
from rectification.imports.drafting import Draft, Facts
from rectification.imports.handling import HANDLERS, ONCE, number_in
from rectification.imports.layout import Layout
from rectification.imports.results import Fault, Row, Skipped
from reform.errors import Refused
from reform.excel import ERRORS, Cell, Position
from reform.text import fold

NEAR = timedelta(days=62)  # an explicit day this near vouches for one without a year
SHORT, RATHER_SHORT = 8, 20  # a problem this short may be “无” or “未发现此类问题”
# A formula without a result costs nothing here: the row is as good without it.
DISPENSABLE = frozenset(("no", "remark", "evidence"))
NONE_ENDS = ("问题", "问题。")
NO_RESULT = "是没有计算结果的公式，请用 Excel 或 WPS 打开后保存，或改填文字。"
DITTOS = frozenset(("同上", "同前", "（同上）", "同上。", "〃", "″", '"', "＂"))
MARKED = ERRORS | DITTOS


def _settle(found: Layout) -> dict[Position, str]:
    """Put the cell above in place of 同上, and take error values out; return those."""
    wrong: dict[Position, str] = {}
    rows = found.sheet.rows
    for number in range(found.body, len(rows)):
        row = rows[number]
        if MARKED.isdisjoint(row):
            continue
        for index, cell in enumerate(row):
            if cell in ERRORS:
                wrong[number, index], row[index] = str(cell), ""
            elif cell in DITTOS and number > found.body:
                row[index] = rows[number - 1][index]
                found.copied.add((number, index))
    return wrong


class Lines:
    """The lines under the header, one after the other."""

    def __init__(self, found: Layout, facts: Facts) -> None:
        self.facts = facts
        self.skipped: list[Skipped] = []
        self.drafts: list[Draft] = []
        self.current: Draft | None = None
        self.sections: list[Skipped] = []  # as the lines they stand in; the last one holds
        self.begun = True  # whether a problem stands under it
        self.after_note = False
        self.unread = dict.fromkeys(found.sheet.uncalculated, "") | _settle(found)
        self._use(found)

    def _use(self, found: Layout) -> None:
        """Read on by these headings: a sheet may hold one table under the other."""
        self.found = found
        self.fields = {
            index: column.code
            for index, column in enumerate(found.columns)
            if column.code not in {"", "ignore"}
        }
        places = {code: index for index, code in self.fields.items()}
        self.problem, self.no = places.get("problem"), places.get("no")
        self.columns = [(i, found.own_name(i), HANDLERS[code]) for i, code in self.fields.items()]
        self.names: dict[int, frozenset[str]] = {}

    def read(self) -> None:
        """Read every line, or say why nothing can be read."""
        if self.problem is None:
            message = "没有认出哪一列是“存在问题”，请在列的对应关系中指定后再读一次。"
            self.facts.faults.append(Fault("error", self.found.header + 1, "", "", message))
            return
        first = self.found
        for number in range(first.body, len(first.sheet.rows)):
            self._read_line(number, first.sheet.rows[number])
        self._leave_sections()
        if not self.drafts:
            raise Refused(
                f"工作表“{first.sheet.name}”第{first.header + 1}行的表头下面没有问题。"
                "请填写后再上传；如果问题在别的工作表，请另选工作表。"
            )

    def rows(self) -> list[Row]:
        """Return the rows without an error."""
        rows = [draft.finished() for draft in self.drafts if not draft.failed]
        if all(draft.measured < 2 for draft in self.drafts):
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

    def _read_line(self, number: int, row: list[Cell]) -> None:
        problem = self.problem
        if problem is None or number < self.found.body:
            self._pass_over(number, row)
            return
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

    def _pass_over(self, number: int, row: list[Cell]) -> None:
        """The second row of a header, or a table below that has no problems."""
        if number < self.found.body or all(cell == "" for cell in row) or self._follows(number):
            return
        self.skipped.append(Skipped(number + 1, asides.ELSEWHERE))

    def _follows(self, number: int) -> bool:
        """Whether another table begins here; what stands below is then read by its headings."""
        facts = self.facts
        other = layout.another(self.found, number, year=facts.year, on=facts.on)
        if other is None:
            return False
        if not self.drafts and all(column.code != "problem" for column in other.columns):
            return False  # rather more of the header than another table
        self._use(other)
        self.current = None
        self.skipped.append(Skipped(number + 1, asides.NEXT_HEADER))
        return True

    def _is_plain(self, row: list[Cell], problem: int) -> bool:
        """Most lines have a number and a problem, and need no closer look."""
        text, no = row[problem], "" if self.no is None else row[self.no]
        if type(text) is not str or len(text) <= SHORT:
            return False
        if len(text) <= RATHER_SHORT and text.endswith(NONE_ENDS):
            return False
        return type(no) is float or (type(no) is str and no.isdecimal())

    def _is_aside(self, number: int, row: list[Cell]) -> bool:
        texts = {
            index: text for index, cell in enumerate(row) if cell != "" and (text := words(cell))
        }
        if any((number, index) in self.unread for index in self.fields):
            return self._is_aside_of_formulas(number, texts)
        if len(texts) >= layout.ENOUGH and self._follows(number):
            return True
        reason = asides.aside(self._line(number, texts))
        if reason is None:
            return False
        if reason in asides.ENDS:
            self.current = None
        if reason == asides.SECTION:
            if self.begun:
                self.sections, self.begun = [], False
            name = next(iter(texts.values()))
            self.sections.append(Skipped(number + 1, name))
        else:
            self.skipped.append(Skipped(number + 1, reason))
            self.after_note = self.after_note or reason == asides.NOTE
        return True

    def _is_aside_of_formulas(self, number: int, texts: dict[int, str]) -> bool:
        """A total, or a form filled down with formulas; what has a problem is no aside."""
        total = bool(texts) and asides.aside(self._line(number, texts)) == asides.TOTAL
        if not total and (texts or (number, self.problem) in self.unread):
            return False
        self.skipped.append(Skipped(number + 1, asides.TOTAL if total else asides.PREFILLED))
        return True

    def _line(self, number: int, texts: dict[int, str]) -> Line:
        if not self.names:
            self.names = {
                i: frozenset(map(fold, c.names)) for i, c in enumerate(self.found.columns)
            }
        wide = number in self.found.wide
        title, note = self.found.title, self.after_note
        return Line(texts, self.problem, self.no, self.fields, self.names, wide, title, note)

    def _leave_sections(self) -> None:
        """Sections without problems were only texts standing there."""
        if not self.begun:
            self.skipped += [Skipped(section.line, asides.OUTSIDE) for section in self.sections]

    def _enter_section(self) -> str | None:
        """The section that a new problem stands in; those right above it hold that section."""
        if not self.begun:
            upper = self.sections[:-1]
            self.skipped += [Skipped(section.line, asides.UPPER_SECTION) for section in upper]
            self.begun = True
        return self.sections[-1].reason if self.sections else None

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
            return bool(no) and text == same.problem and number_in(no) == same.no
        return not no or (number, self.no) in self.found.copied

    def _begin(self, number: int, row: list[Cell], problem: int) -> Draft:
        draft = Draft(Row(number + 1, section=self._enter_section()), self.facts, number + 1)
        self.drafts.append(draft)
        text = words(row[problem])
        if (
            len(text) <= RATHER_SHORT
            and (number, problem) not in self.unread
            and asides.is_no_text(text)
        ):
            said = f"“{text}”不是问题" if text else "没有填写问题"
            what = f"{said}，请补上；不需要的行请整行删去。"
            draft.fault("error", self.found.own_name(problem), text, what)
        return draft

    def _take(self, number: int, row: list[Cell], draft: Draft) -> None:
        columns = self.columns
        if draft.lines and any((number, place) in self.found.copied for place, *_ in columns):
            columns = [given for given in columns if not self._repeats(number, given[0])]
        draft.take(number + 1, row, columns)
        if self.unread:
            self._fault_unread(number, draft)

    def _repeats(self, number: int, place: int) -> bool:
        """Measures merged over several lines are one cell, and said once."""
        return (number, place) in self.found.copied and self.fields[place] in ONCE

    def _fault_unread(self, number: int, draft: Draft) -> None:
        for place, name, _ in self.columns:
            wrong = self.unread.get((number, place))
            if wrong is None:
                continue
            what = f"是错误值“{wrong}”，请改正公式或改填文字。" if wrong else NO_RESULT
            dispensable = self.fields[place] in DISPENSABLE
            draft.fault("warning" if dispensable else "error", name, wrong, what)
