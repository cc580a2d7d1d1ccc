"""A table of a risk sweep (风险排查表), pasted from a sheet or read from a workbook: read, checked
by row and column, kept by `sweeps.add_table`. What the exported table says, this reads back."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from campaigns.actions.sweeps import Entry, names_at
from campaigns.models import Sweep, SweepObject, sweep_sheet
from campaigns.models.sweep_sheet import LONGEST, SEVERITIES
from reform import excel
from reform.errors import Refused
from reform.excel.sheet import ERRORS, Cell, Sheet
from reform.imports.people import Fault
from reform.text import clean, fold

MOST = 500  # rows at once
SEARCHED = 30  # lines in which a heading is looked for
NAME = 60  # characters of an object
# Column → how people head it, compared without blanks and brackets; in the order of the table.
HEADINGS: dict[str, tuple[str, ...]] = {
    "kind": ("对象类别", "类别", "排查类别", "对象种类"),
    "name": ("排查对象", "对象", "对象名称", "岗位", "业务", "环节"),
    "asked": ("排查内容", "条目", "排查项目", "排查事项", "检查内容", "排查条目"),
    "found": ("有无问题", "是否存在问题", "有无", "是否有问题", "排查结果", "有无隐患"),
    "what": ("问题表现", "隐患表现", "问题具体表现", "存在问题", "风险点", "具体表现"),
    "cause": ("原因分析", "原因", "原因分析体会"),
    "severity": ("程度", "风险等级", "等级", "风险程度"),
    "measure": ("防控措施", "整改措施", "措施", "改进措施计划", "改进措施"),
    "who": ("责任人", "责任人员"),
    "due": ("完成时限", "完成时间", "整改时限", "时限"),
}
ORDER = list(HEADINGS)
WORDS = {column: words[0] for column, words in HEADINGS.items()}
NUMBER, FOLLOWING = "number", "续"
FOLDED = {fold(word): column for column, words in HEADINGS.items() for word in words}
FOLDED[fold("序号")] = NUMBER
YES = {"有", "是", "有问题", "存在", "发现", "√", "y", "yes", "1"}
NO = {"无", "否", "没有", "未发现", "未发现问题", "不存在", "无问题", "×", "n", "no", "0"}
WHOLE = {"", "全部内容", "全部", "全部条目", "所有条目"}
FOOT = ("合计", "总计", "填表", "制表", "填报", "单位负责人", "审核人", "截至", "注", "续表")


@dataclass
class Checked:
    """What a table would add to a sheet; `text` is what was read, to go on with."""

    text: str = ""
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: int = 0


# ---------------------------------------------------------------- reading


def text_of(data: bytes, *, name: str) -> str:
    """Return the first table of a workbook that has our heading, as text with tabs, from its
    heading on; objects merged over several rows stand in each.

    Raises Refused for what is no table, or has no such heading.
    """
    for sheet in excel.read(data, name=name):
        if not sheet.hidden and (place := _heading(sheet)) is not None:
            return _as_text(sheet, place)
    raise Refused("没有找到表头：须有“排查对象”“有无问题”两列。可先导出一份空表，填好再导入。")


def _heading(sheet: Sheet) -> int | None:
    for number, row in enumerate(sheet.rows[:SEARCHED]):
        if {"name", "found"} <= set(_columns([_plain(cell) for cell in row])):
            return number
    return None


def _as_text(sheet: Sheet, place: int) -> str:
    for (top, left), (bottom, right) in sheet.merged:
        # Cells may be merged below or beside all that holds a value, where there are no rows.
        if top > place and left == right:
            for row in sheet.rows[top + 1 : bottom + 1]:
                if left < len(row):
                    row[left] = sheet.rows[top][left]
    out = StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    for row in sheet.rows[place:]:
        cells = [_plain(cell) for cell in row]
        if any(cells) and not (len(set(filter(None, cells))) == 1 and cells[0].startswith(FOOT)):
            writer.writerow(cells)
    return out.getvalue()


def _plain(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if hasattr(cell, "strftime"):
        return f"{cell:%Y-%m-%d}"
    return clean("" if cell is None else str(cell))


def _columns(cells: Sequence[str]) -> list[str]:
    """Return the column each cell heads, or nothing; of two that head the same the first."""
    found: list[str] = []
    for cell in cells:
        column = FOLDED.get(fold(cell), "")
        found.append("" if column in found else column)
    return found


# ---------------------------------------------------------------- checking


def check(text: str, sweep: Sweep) -> Checked:
    """Match every row with the sheet's questions, and say every fault by row and column."""
    checked = Checked(text=text)
    rows = [
        row
        for row in csv.reader(StringIO(text, newline=""), delimiter="\t")
        if any(map(clean, row))
    ]
    columns = _columns(rows[0]) if rows else []
    first = 1 if {"name", "found"} <= set(columns) else 0
    columns = columns if first else ORDER
    if len(rows) - first > MOST:
        raise Refused(f"一次最多填入{MOST}行，这里有{len(rows) - first}行，请分几次填入。")
    reader = _Reader(sweep)
    lines = _lines(rows[first:], columns, first + 1)
    for number, cells in lines:
        reader.take(number, cells)
    checked.faults, checked.rows = reader.faults, len(lines)
    checked.entries = list(reader.entries.values())
    if not checked.rows:
        checked.notes.append("没有读到内容，请连同表头一起从表格中复制后粘贴。")
    if not first and rows:
        checked.notes.append(f"没有表头，按“{'、'.join(WORDS.values())}”的顺序读取。")
    return checked


def _lines(
    rows: Sequence[Sequence[str]], columns: Sequence[str], first: int
) -> list[tuple[int, dict[str, str]]]:
    """Return each row by its number; one of our own table that did not fit on a page goes on in
    the next, marked 续."""
    lines: list[tuple[int, dict[str, str]]] = []
    for number, row in enumerate(rows, start=first):
        cells = {name: cell for name, cell in zip(columns, row, strict=False) if name}
        if lines and clean(cells.pop(NUMBER, "")) == FOLLOWING:
            above = lines[-1][1]
            for name, more in cells.items():
                above[name] = above.get(name, "") + more
        else:
            lines.append((number, cells))
    return lines


class _Reader:
    """Reads the rows of a table into objects with answers."""

    def __init__(self, sweep: Sweep) -> None:
        self.asks = sweep_sheet.asks(sweep)
        self.keys = {fold(name): key for key, name, _ in self.asks}
        self.kinds = {fold(label): kind for kind, label in SweepObject.Kind.choices}
        self.kinds |= {"岗位": "post", "人员": "post"}
        self.known = {(one.kind, one.name): one.lines for one in sweep.swept.all()}
        self.people = names_at(sweep)
        self.entries: dict[tuple[str, str], Entry] = {}
        self.faults: list[Fault] = []

    def take(self, number: int, cells: dict[str, str]) -> None:
        found = list(self._read(cells))
        self.faults += [
            Fault(number, WORDS[column], clean(cells.get(column, ""))[:40], message, "error")
            for column, message in found
        ]

    def _read(self, cells: dict[str, str]) -> Iterator[tuple[str, str]]:
        said = {name: clean(cells.get(name, "")) for name in ORDER}
        yield from self._lengths(said)
        kind = self.kinds.get(fold(said["kind"])) if said["kind"] else SweepObject.Kind.OTHER
        if kind is None:
            yield "kind", f"请写{'、'.join(SweepObject.Kind.labels)}之一。"
        if not said["name"]:
            yield "name", "请写排查对象。"
        elif fold(said["name"]) in self.people:
            yield "name", "这是本单位人员姓名；排查对象写岗位、业务、环节，不写人名。"
        keys = self._keys(said["asked"])
        if not keys:
            names = "、".join(name[:20] for _, name, _ in self.asks[:10])
            yield "asked", f"清单中没有这一条（{names}）。"
        line, fault = _line(said)
        if fault:
            yield fault
        elif line["found"] and len(keys) > 1:
            yield "asked", "有问题的，请写明是哪一条。"
        elif said["name"] and kind and keys and not self._too_long(said):
            yield from self._put(kind, said["name"], keys, line)

    def _lengths(self, said: dict[str, str]) -> Iterator[tuple[str, str]]:
        for column, longest in {**LONGEST, "name": NAME}.items():
            if (written := len(said[column])) > longest:
                yield column, f"最多{longest}字，现在有{written}字。"
        for column, text in said.items():
            if text in ERRORS:
                yield column, "这一格是公式错误，请改正。"

    def _too_long(self, said: dict[str, str]) -> bool:
        return any(True for _ in self._lengths(said))

    def _keys(self, asked: str) -> list[str]:
        if asked in WHOLE:
            return [key for key, _, _ in self.asks]
        key = self.keys.get(fold(asked))
        return [key] if key else []

    def _put(
        self, kind: str, name: str, keys: list[str], line: dict[str, Any]
    ) -> Iterator[tuple[str, str]]:
        entry = self.entries.setdefault((kind, name), Entry(kind, name))
        there = self.known.get((kind, name), {})
        for key in keys:
            if entry.lines.setdefault(key, line) != line:
                yield "asked", "上面已有同一对象、同一条的另一个回答，请留下一个。"
            elif there.get(key, line) != line:
                yield "asked", "排查表中已填过这一条，内容不同；请在页面上修改，或删去这一行。"


def _line(said: dict[str, str]) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """Return the answer of a row, or what is wrong with it as (column, message)."""
    found = _found(said)
    if found is None:
        return {}, ("found", "请写“有”或“无”。")
    if not found:
        if said["what"]:
            return {}, ("found", "写了问题表现，又写“无”，请改正其中一处。")
        return {"found": False}, None
    if not said["what"]:
        return {}, ("what", "有问题的，请写明表现。")
    by_word = {word: code for code, word in SEVERITIES.items()}
    severity = by_word.get(said["severity"] or "一般")
    if severity is None:
        return {}, ("severity", "请写“一般”或“重点”。")
    texts = {name: said[name] for name in LONGEST if said[name]}
    return {"found": True, "severity": severity, **texts}, None


def _found(said: dict[str, str]) -> bool | None:
    word = said["found"].casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    return bool(said["what"]) if not word and said["what"] else None
