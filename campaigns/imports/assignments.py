"""A table of assignments (任务分解表): read, matched with the campaign, kept all or nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.actions import assignment_imports
from campaigns.actions.assignment_imports import Entry
from campaigns.imports.matching import Matcher
from campaigns.models import AssignmentImport, Campaign
from reform import deadlines, excel
from reform.errors import Refused
from reform.excel.sheet import ERRORS, Cell, Sheet
from reform.imports.people import Fault
from reform.models import Actor
from reform.text import clean, fold

MOST = 2_000  # rows
SEARCHED = 30  # lines in which a heading is looked for
# Column → how people head it (domain §2.1 i), compared without blanks and brackets.
HEADINGS: dict[str, tuple[str, ...]] = {
    "number": ("序号", "编号"),
    "task": (
        "工作任务",
        "任务",
        "重点任务",
        "任务内容",
        "工作内容",
        "主要任务",
        "工作事项",
        "任务名称",
    ),
    "content": ("具体措施", "措施", "工作措施", "落实措施", "具体内容", "工作要求", "主要措施"),
    "kind": ("类别", "任务类别", "动作类别", "任务性质", "规定动作自选动作"),
    "leader_name": ("牵头领导", "责任领导", "分管领导", "牵头负责人"),
    "organization": ("牵头单位", "责任单位", "牵头部门", "责任部门", "承办单位", "牵头处室"),
    "cooperating": ("配合单位", "协办单位", "配合部门", "参与单位", "协同单位", "配合处室"),
    "person_name": ("责任人", "经办人", "具体责任人", "联系人"),
    "due": ("完成时限", "完成时间", "时限", "时间节点", "完成期限", "办结时限", "时间要求"),
    "progress": ("进展", "形象进度", "进展情况", "工作进展", "落实情况"),
    "clause": ("依据", "依据条款", "来源条款", "任务来源", "文件依据"),
    "stage": ("阶段", "工作阶段", "所属阶段"),
    "remark": ("备注", "说明"),
}
FOLDED = {fold(word): column for column, words in HEADINGS.items() for word in words}
WORDS = {column: words[0] for column, words in HEADINGS.items()}
LONGEST = {
    "task": 500, "content": 2000, "leader_name": 60, "cooperating": 500, "person_name": 100,
    "due": 100, "progress": 1000, "remark": 500,
}  # fmt: skip
PRESCRIBED = {True: ("规定动作", "规定"), False: ("自选动作", "自选")}
FOOT = re.compile(r"(?:合计|总计|填表|制表|说明|备注|注[:：]|填报)")


@dataclass(frozen=True)
class Line:
    number: int
    cells: dict[str, Cell]

    def text(self, column: str, *, multiline: bool = False) -> str:
        return _text(self.cells.get(column, ""), multiline=multiline)


@dataclass
class Checked:
    """What a table would add to the campaign."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.level == "error"]


# ---------------------------------------------------------------- reading cells


def read(data: bytes, *, name: str) -> tuple[list[Line], list[str]]:
    """Return the rows below the heading, and what the reader should be told.

    Raises Refused when no sheet has a heading with a task and a lead organization.
    """
    for sheet in excel.read(data, name=name):
        if not sheet.hidden and (found := _heading(sheet)):
            return _lines(sheet, *found)
    raise Refused("没有找到表头：须有“工作任务”和“牵头单位”两列。可先导出一份空表对照。")


def _heading(sheet: Sheet) -> tuple[int, dict[int, str]] | None:
    for number, row in enumerate(sheet.rows[:SEARCHED]):
        columns: dict[int, str] = {}
        for index, cell in enumerate(row):
            column = FOLDED.get(fold(_text(cell)))
            if column and column not in columns.values():
                columns[index] = column
        if {"task", "organization"} <= set(columns.values()):
            return number, columns
    return None


def _lines(sheet: Sheet, header: int, columns: dict[int, str]) -> tuple[list[Line], list[str]]:
    _fill_down(sheet, header)
    lines: list[Line] = []
    notes = []
    for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2):
        cells = {column: row[index] for index, column in columns.items() if index < len(row)}
        line = Line(number, cells)
        words = [text for text in map(_text, row) if text]
        if not words:
            continue
        is_aside = FOOT.match(words[0]) or len(set(words)) == 1
        if is_aside and not line.text("organization"):
            notes.append(f"第{number}行不是任务，未读入：{words[0][:30]}")
        elif line.text("number") == "续" and lines:
            _continue(lines[-1], line)
        else:
            lines.append(line)
    if len(lines) > MOST:
        raise Refused(f"一次最多导入{MOST}项任务，请拆分后再上传。")
    unread = [_text(cell) for index, cell in enumerate(sheet.rows[header]) if index not in columns]
    if names := [name[:20] for name in unread if name]:
        notes.append(f"没有读入的列：{'、'.join(names)}")
    return lines, notes


def _continue(above: Line, line: Line) -> None:
    """A row of our own table that did not fit on a page goes on in the next, marked 续."""
    for column in line.cells:
        if column != "number" and (more := line.text(column, multiline=True)):
            above.cells[column] = f"{above.text(column, multiline=True)}{more}"


def _fill_down(sheet: Sheet, header: int) -> None:
    """A task merged over several measures, or an organization over its tasks, is each one's."""
    for (top, left), (bottom, right) in sheet.merged:
        if top <= header or left != right:
            continue
        for number in range(top + 1, min(bottom + 1, len(sheet.rows))):
            if left < len(sheet.rows[number]) and left < len(sheet.rows[top]):
                sheet.rows[number][left] = sheet.rows[top][left]


def _text(cell: Cell | None, *, multiline: bool = False) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return clean("" if cell is None else str(cell), multiline=multiline)


# ---------------------------------------------------------------- matching and checking


def check(data: bytes, *, name: str, campaign: Campaign, by: Actor) -> Checked:
    """Match every row with the campaign, and say every fault by row and column."""
    lines, notes = read(data, name=name)
    checked, matcher = Checked(notes=notes), Matcher(campaign, by)
    known = {
        (task, content, place)
        for task, content, place in campaign.assignments.values_list(
            "task", "content", "organization"
        )
    }
    for line in lines:
        entry, faults = _entry(line, matcher)
        checked.faults += faults
        if any(fault.level == "error" for fault in faults) or entry.organization is None:
            continue
        key = (entry.facts["task"], entry.facts["content"], entry.organization.pk)
        if key in known:
            checked.notes.append(f"第{line.number}行与已有任务或上面的一行相同，不重复导入。")
            continue
        known.add(key)
        checked.entries.append(entry)
    if not lines:
        checked.notes.append("表头下面没有任务。")
    return checked


def _entry(line: Line, matcher: Matcher) -> tuple[Entry, list[Fault]]:
    entry = Entry(line.number)
    found = [*_facts(entry, line, matcher), *_place_in_plan(entry, line, matcher)]
    found += _due(entry, line, matcher)
    return entry, [
        Fault(line.number, WORDS[column], line.text(column)[:40], message, level)
        for column, message, level in found
    ]


def _facts(entry: Entry, line: Line, matcher: Matcher) -> Iterator[tuple[str, str, str]]:
    for column, longest in LONGEST.items():
        if (written := len(line.text(column, multiline=True))) > longest:
            yield column, f"最多{longest}字，现在有{written}字。", "error"
    for column in HEADINGS:
        if line.text(column) in ERRORS:
            yield column, "这一格是公式错误，请改正后再上传。", "error"
    if not line.text("task"):
        yield "task", "请填写工作任务。", "error"
    entry.facts = {name: line.text(name) for name in ("task", "leader_name", "person_name")}
    entry.facts["content"] = line.text("content", multiline=True)
    entry.facts["remark"] = line.text("remark")
    entry.progress = line.text("progress")
    entry.organization, why = matcher.place(line.text("organization"))
    if why or (why := assignment_imports.why_not(entry.organization, by=matcher.by)):
        yield "organization", why, "error"
    entry.cooperating, rest = matcher.places(line.text("cooperating"))
    entry.facts["cooperating_text"] = rest
    if rest:
        words = f"“{rest[:40]}”没有对应到参加单位，按文字保留。"
        yield (
            ("cooperating", words, "warning")
            if len(rest) <= 200
            else (
                "cooperating",
                "没有对应到参加单位的名称太多，最多200字。",
                "error",
            )
        )
    entry.facts["leader"] = matcher.person(entry.facts["leader_name"], None)
    entry.facts["person"] = matcher.person(entry.facts["person_name"], entry.organization)


def _place_in_plan(entry: Entry, line: Line, matcher: Matcher) -> Iterator[tuple[str, str, str]]:
    kind = fold(line.text("kind"))
    entry.facts["is_prescribed"] = kind not in {fold(word) for word in PRESCRIBED[False]}
    if kind and kind not in {fold(word) for words in PRESCRIBED.values() for word in words}:
        yield "kind", "请写“规定动作”或“自选动作”。", "error"
    entry.facts |= {"stage": None, "clause": None}
    if title := line.text("stage"):
        entry.facts["stage"] = matcher.stage(title)
        if entry.facts["stage"] is None:
            names = "、".join(row.title for row in matcher.stages) or "还没有设置阶段"
            yield "stage", f"这项活动没有这个阶段（{names}）。", "error"
    if written := line.text("clause"):
        entry.facts["clause"], why = matcher.clause(written)
        if why:
            yield "clause", why, "error"


def _due(entry: Entry, line: Line, matcher: Matcher) -> Iterator[tuple[str, str, str]]:
    found = read_due(line.cells.get("due", ""), matcher.campaign, by=matcher.by)
    entry.facts |= {"due_text": found.text[:100], "due_on": found.due_on}
    if found.fault:
        yield "due", f"{found.fault.rstrip('。')}。", "error"
    elif found.due_on and found.due_on < matcher.campaign.starts_on:
        yield "due", "完成时限早于活动开始日期。", "error"
    elif found.doubt:
        yield "due", f"{found.doubt.rstrip('。')}，按文字保留。", "warning"


def read_due(written: Cell, campaign: Campaign, *, by: Actor) -> deadlines.Deadline:
    """Return what a due date says as people write it; a day without a year is the campaign's."""
    raw = clean(written, multiline=False) if isinstance(written, str) else written
    return deadlines.read(raw, year=campaign.year, on=by.on)  # type: ignore[arg-type]


# ---------------------------------------------------------------- keeping


def look(row: AssignmentImport, *, by: Actor) -> Checked:
    """Check the stored table against the campaign as it is now."""
    with row.attachment.file.open("rb") as file:
        data = file.read()
    return check(data, name=row.attachment.name, campaign=row.campaign, by=by)


def keep(row: AssignmentImport, *, by: Actor, at: datetime) -> AssignmentImport:
    """Keep all of it, or refuse all of it."""
    return assignment_imports.keep(row, lambda: sound(look(row, by=by)), by=by, at=at)


def sound(checked: Checked) -> list[Entry]:
    if checked.errors:
        raise Refused(f"还有{len(checked.errors)}处错误，改好表格后重新上传，才能全部导入。")
    if not checked.entries:
        raise Refused("这张表没有新任务，任务分解表不需要变动。")
    return checked.entries
