"""A workbook of people (人员表), read, matched with the register, and kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from reform import excel
from reform.actions import people_imports
from reform.actions.people_imports import Entry
from reform.errors import Refused
from reform.excel.sheet import Cell, Sheet
from reform.imports.register import Register
from reform.models import Actor, PeopleImport, Role
from reform.text import clean, fold

MOST = 20_000  # rows; a county has fewer people
SEARCHED = 30  # lines in which a heading is looked for
# Column → how people head it; compared without blanks, brackets and case.
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "人员姓名", "名字", "干部姓名"),
    "username": ("账号", "帐号", "登录账号", "登录名", "用户名"),
    "organization": (
        *("单位", "所在单位", "工作单位", "党组织", "所在党组织", "所属党组织"),
        *("党支部", "所在支部", "所在党支部", "部门", "所在部门", "单位名称", "组织"),
    ),
    "post": ("职务", "职务职级", "岗位", "现任职务"),
    "phone": ("联系电话", "电话", "手机", "手机号", "手机号码", "联系方式", "电话号码"),
    "roles": ("职责", "角色", "系统角色", "系统职责"),
    "principal": ("主要负责人", "是否主要负责人", "一把手"),
    "fields": ("分管", "分管单位", "分管部门", "分管领域"),
    "place": ("排序", "顺序", "排名", "排序号"),
    "account": ("是否开通账号", "开通账号", "是否开通", "开账号"),
    "secret": ("身份证号", "身份证", "身份证号码", "公民身份号码", "证件号码"),
}
FOLDED = {fold(word): column for column, words in HEADINGS.items() for word in words}
WORDS = {column: words[0] for column, words in HEADINGS.items()}
ROLES: dict[str, Role] = {
    **{fold(role.label): role for role in Role},
    **{
        fold(word): role
        for role, words in {
            Role.MEMBER: ("党员", "干部", "成员", "普通党员"),
            Role.LIAISON: ("台账员", "信息员"),
            Role.SECRETARY: ("书记", "党支部书记", "党总支书记", "机关党委书记"),
            Role.LEADER: ("主要负责人", "分管领导", "单位负责人", "班子成员"),
            Role.OFFICE: ("办公室", "专班", "活动办公室", "活动办工作人员"),
            Role.INSPECTOR: ("纪检监察", "纪检委员", "督导", "纪检干部"),
        }.items()
        for word in words
    },
}
SEVERAL = re.compile(r"[、，,；;/／\n]+")
YES, NO = {"是", "开通", "有", "y", "yes", "1", "true", "√"}, {"否", "不开通", "无", "n", "no", "0"}
FOOT = ("合计", "总计", "填表", "制表", "说明", "备注", "注")
ACCOUNT = re.compile(r"[A-Za-z0-9_.@-]{2,50}\Z")


@dataclass(frozen=True)
class Fault:
    line: int
    column: str
    value: str
    message: str
    level: str = "error"


@dataclass
class Checked:
    """What a workbook would do to the register."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.level == "error"]

    @property
    def news(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.is_new]

    @property
    def changed(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.is_new and entry.changes]

    @property
    def roles(self) -> int:
        return sum(len(entry.roles) for entry in self.entries)

    @property
    def does_something(self) -> bool:
        return bool(self.news or self.changed or self.roles)


# ---------------------------------------------------------------- reading cells


@dataclass(frozen=True)
class Line:
    number: int
    cells: dict[str, str]


def read(data: bytes, *, name: str) -> tuple[list[Line], list[str]]:
    """Return the rows below the heading, and what the reader should be told.

    Raises Refused when no sheet has a heading with a name and an organization.
    """
    for sheet in excel.read(data, name=name):
        if not sheet.hidden and (found := _heading(sheet)):
            return _lines(sheet, *found)
    raise Refused("没有找到表头：须有“姓名”和“单位”两列。可下载模板对照。")


def _heading(sheet: Sheet) -> tuple[int, dict[int, str]] | None:
    for number, row in enumerate(sheet.rows[:SEARCHED]):
        columns: dict[int, str] = {}
        for index, cell in enumerate(row):
            column = FOLDED.get(fold(_text(cell)))
            if column and column not in columns.values():
                columns[index] = column
        if {"name", "organization"} <= set(columns.values()):
            return number, columns
    return None


def _lines(sheet: Sheet, header: int, columns: dict[int, str]) -> tuple[list[Line], list[str]]:
    _fill_down(sheet, header)
    lines, notes = [], []
    for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2):
        cells = {column: _text(row[index]) for index, column in columns.items() if index < len(row)}
        if not cells.get("name"):
            if words := " ".join(filter(None, map(_text, row)))[:30]:
                notes.append(f"第{number}行没有姓名，未读入：{words}")
            continue
        if cells["name"].startswith(FOOT):
            notes.append(f"第{number}行不是人员，未读入：{cells['name'][:30]}")
            continue
        lines.append(Line(number, cells))
    if len(lines) > MOST:
        raise Refused(f"一次最多导入{MOST}人，请拆分后再上传。")
    unread = [_text(cell) for index, cell in enumerate(sheet.rows[header]) if index not in columns]
    if names := [name[:20] for name in unread if name and fold(name) != fold("序号")]:
        notes.append(f"没有读入的列：{'、'.join(names)}")
    if "secret" in columns.values():
        notes.append("身份证号不收集、不保存，这一列没有读入。")
    return lines, notes


def _fill_down(sheet: Sheet, header: int) -> None:
    """A unit merged over its people is each one's."""
    for (top, left), (bottom, right) in sheet.merged:
        if top <= header or left != right:
            continue
        for number in range(top + 1, min(bottom + 1, len(sheet.rows))):
            if left < len(sheet.rows[number]) and left < len(sheet.rows[top]):
                sheet.rows[number][left] = sheet.rows[top][left]


def _text(cell: Cell) -> str:
    """A telephone number typed as a number is its digits."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return clean("" if cell is None else str(cell), multiline=False)


# ---------------------------------------------------------------- matching and checking


def check(data: bytes, *, name: str, by: Actor) -> Checked:
    """Match every row with the register, and say every fault by row and column."""
    lines, notes = read(data, name=name)
    checked, register = Checked(notes=notes), Register.load(on=by.on, by=by.user)
    for line in lines:
        entry = Entry(line.number, "".join(line.cells["name"].split()))
        faults = [*_check(entry, line.cells, register)]
        checked.faults += faults
        if not any(fault.level == "error" for fault in faults):
            checked.entries.append(entry)
    return checked


def _check(entry: Entry, cells: dict[str, str], register: Register) -> Iterator[Fault]:
    def fault(column: str, message: str, level: str = "error") -> Fault:
        return Fault(entry.line, WORDS[column], cells.get(column, "")[:40], message, level)

    faults: list[tuple[str, str]] = [*_facts(entry, cells)]
    places, why = register.place(cells.get("organization", ""))
    entry.organization = places
    if why:
        faults.append(("organization", why))
    for word in filter(None, SEVERAL.split(cells.get("fields", ""))):
        found, why = register.place(word)
        if found is None:
            faults.append(("fields", why))
        else:
            entry.fields += (found,)
    if entry.organization is not None:
        faults += _account(entry, cells, register)
        faults += register.match(entry)
    yield from (fault(column, message) for column, message in faults)
    yield from (fault("roles", message, "warning") for message in register.roles_left_out(entry))


def _facts(entry: Entry, cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column, longest in (("name", 40), ("post", 60), ("phone", 30)):
        if len(cells.get(column, "")) > longest:
            yield column, f"最多{longest}个字。"
    entry.post, entry.phone = cells.get("post", ""), cells.get("phone", "")
    if place := cells.get("place", ""):
        if place.isascii() and place.isdigit() and 1 <= len(place) <= 4 and 0 < int(place) < 9999:
            entry.place = int(place)
        else:
            yield "place", "排序须是1至9998的整数。"
    for word in filter(None, SEVERAL.split(cells.get("roles", ""))):
        if role := ROLES.get(fold(word)):
            entry.roles += (role,) if role not in (*entry.roles, Role.MEMBER) else ()
        else:
            yield "roles", f"不认识职责“{word[:20]}”，可写：{'、'.join(r.label for r in Role)}。"
    principal = cells.get("principal", "").lower()
    entry.principal = principal in YES
    if principal and principal not in YES | NO:
        yield "principal", "请写“是”或“否”。"


def _account(entry: Entry, cells: dict[str, str], register: Register) -> Iterator[tuple[str, str]]:
    """An account is opened when one is written, or asked for: then the name makes one."""
    username, asked = cells.get("username", ""), cells.get("account", "").lower()
    if asked and asked not in YES | NO:
        yield "account", "请写“是”或“否”。"
    if username and not ACCOUNT.match(username):
        yield "username", "账号为2至50个字母、数字，可含“_”“.”“-”“@”。"
        return
    if asked in NO:
        return
    entry.username = username or (register.account_for(entry) if asked in YES else "")


# ---------------------------------------------------------------- keeping


def look(row: PeopleImport, *, by: Actor) -> Checked:
    """Check the stored workbook against the register as it is now."""
    with row.attachment.file.open("rb") as file:
        return check(file.read(), name=row.attachment.name, by=by)


@transaction.atomic
def keep(row: PeopleImport, *, by: Actor, at: datetime) -> PeopleImport:
    """Keep all of it, or refuse all of it."""
    row = people_imports.opened(row, by=by)
    checked = look(row, by=by)
    if checked.errors:
        raise Refused(f"还有{len(checked.errors)}处错误，改好表格后重新上传，才能全部导入。")
    if not checked.does_something:
        raise Refused("这张表没有新内容，人员名册不需要变动。")
    return people_imports.keep(row, checked.entries, by=by, at=at)
