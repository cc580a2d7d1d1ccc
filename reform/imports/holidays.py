"""The yearly notice on days off (节假日安排) as a workbook or JSON; its words: `holiday_text`."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from reform import excel
from reform.errors import Refused
from reform.excel.sheet import Cell, Sheet
from reform.models import Holiday, HolidayNotice
from reform.text import clean, fold, half_width
from reform.workdays import Span, SpecialDay, long, spans, weekday

MOST = 100  # days that a notice names; there have been 39
MOST_SHOWN = 10  # faults told at once
LONGEST = 30  # days that are off under one name
HEADINGS: dict[str, tuple[str, ...]] = {
    "first": ("日期", "开始日期", "起始日期", "起", "自", "开始"),
    "last": ("结束日期", "截止日期", "止", "至", "结束"),
    "name": ("名称", "节日", "节假日", "节日名称", "说明"),
    "kind": ("安排", "类型", "放假或上班", "是否放假", "放假/上班"),
}
FOLDED = {fold(word): column for column, words in HEADINGS.items() for word in words}
ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OFF = frozenset(fold(word) for word in ("放假", "放假调休", "休", "休息", "是", "节假日"))
WORKED = frozenset(fold(word) for word in ("上班", "调休上班", "补班", "班", "否", "工作日"))


class Notice(NamedTuple):
    """A notice as read: days in their order, each once."""

    year: int
    paper: str
    days: tuple[SpecialDay, ...]

    @property
    def off(self) -> list[Span]:
        return spans(one for one in self.days if one.is_off)

    @property
    def worked(self) -> list[SpecialDay]:
        return [one for one in self.days if not one.is_off]

    def lines(self) -> str:
        """Return it in lines that `read_text` takes: what the preview hands on."""
        return "\n".join(
            f"{one.day.isoformat()} {'放假' if one.is_off else '上班'} {one.name}"
            for one in self.days
        )


@dataclass
class Days:
    """Days gathered from a source, and what is wrong with it."""

    found: dict[date, SpecialDay]
    faults: list[str]

    @classmethod
    def none(cls) -> "Days":
        return cls({}, [])

    def add(self, day: date, *, is_off: bool, name: str, where: str) -> None:
        name = name or ("放假" if is_off else "调休")
        if len(name) > Holiday.NAME:
            self.faults.append(f"{where}：名称不超过{Holiday.NAME}个字。")
        elif day in self.found and self.found[day].is_off != is_off:
            self.faults.append(f"{where}：{long(day)}既放假又上班。")
        elif not is_off and day.weekday() < 5:
            words = f"{long(day)}是{weekday(day)}，本来就上班，调休上班只能是周六、周日。"
            self.faults.append(f"{where}：{words}")
        else:
            self.found.setdefault(day, SpecialDay(day, is_off, name))

    def notice(self, year: int | None, *, paper: str = "") -> Notice:
        """Return the notice; Raises Refused with all that is wrong."""
        if not self.faults and not self.found:
            self.faults.append("没有读到任何日期。")
        if not self.faults:
            year = year or _year_of(self.found)
            self.faults += _faults(year, self.found)
        if self.faults:
            more = len(self.faults) - MOST_SHOWN
            shown = self.faults[:MOST_SHOWN] + ([f"另有{more}处。"] if more > 0 else [])
            raise Refused("".join(shown))
        assert year  # noqa: S101 -- for the types: without days it was refused
        days = tuple(self.found[day] for day in sorted(self.found))
        return Notice(year, clean(paper, multiline=False)[:300], days)


def _year_of(days: dict[date, SpecialDay]) -> int:
    """Return the year that most of the days lie in: a notice may begin in the last one."""
    years = [day.year for day in days]
    return max(set(years), key=years.count)


def _faults(year: int, days: dict[date, SpecialDay]) -> Iterator[str]:
    first, last = HolidayNotice.FIRST, HolidayNotice.LAST
    if not first <= year <= last:
        yield f"年份应在{first}至{last}之间，读到的是{year}。"
        return
    if len(days) > MOST:
        yield f"一年的安排不超过{MOST}天，读到{len(days)}天，请核对。"
    if outside := sorted(day for day in days if abs(day.year - year) > 1):
        yield f"{long(outside[0])}不在{year}年前后，请核对年份。"
    if not any(one.is_off and one.day.year == year for one in days.values()):
        yield f"没有{year}年的放假日，请核对年份。"


# ---------------------------------------------------------------- JSON


def read_json(data: bytes) -> Notice:
    """Read `{year, papers, days: [{name, date, isOffDay}]}`. Raises Refused in words."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Refused("不是能读的JSON文件，请核对文件内容。") from error
    if not isinstance(found, dict) or not isinstance(found.get("days"), list):
        raise Refused("JSON文件中须有 year 和 days 两项。")
    year = found.get("year")
    if not isinstance(year, int) or isinstance(year, bool):
        raise Refused("JSON文件中的 year 须是年份数字。")
    if len(found["days"]) > MOST:
        raise Refused(f"一年的安排不超过{MOST}天，文件中有{len(found['days'])}天。")
    days = Days.none()
    for number, one in enumerate(found["days"], start=1):
        _add_json(days, one, where=f"第{number}项")
    papers = found.get("papers")
    paper = papers[0] if isinstance(papers, list) and papers else ""
    return days.notice(year, paper=paper if isinstance(paper, str) else "")


def _add_json(days: Days, one: Any, *, where: str) -> None:
    said = one if isinstance(one, dict) else {}
    day, is_off, name = said.get("date"), said.get("isOffDay"), said.get("name")
    if not isinstance(is_off, bool) or not isinstance(name, str):
        days.faults.append(f"{where}：须有 name、date 和 isOffDay（true 或 false）。")
    elif (found := iso_day(day)) is None:
        days.faults.append(f"{where}：“{str(day)[:20]}”不是日期，应写作 2027-01-01。")
    else:
        days.add(found, is_off=is_off, name=clean(name, multiline=False), where=where)


def iso_day(value: Any) -> date | None:
    try:
        return (
            date.fromisoformat(value) if isinstance(value, str) and ISO.fullmatch(value) else None
        )
    except ValueError:
        return None


# ---------------------------------------------------------------- a workbook


def read_workbook(data: bytes, *, name: str) -> Notice:
    """Read rows of 日期, 结束日期, 名称, 安排 (放假、上班). Raises Refused by row."""
    for sheet in excel.read(data, name=name):
        if not sheet.hidden and (found := _heading(sheet)):
            return _rows(sheet, *found)
    raise Refused("没有找到表头：须有“日期”和“安排”两列（安排填放假或上班）。可下载模板对照。")


def _heading(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    for number, row in enumerate(sheet.rows[:10]):
        columns: dict[str, int] = {}
        for index, cell in enumerate(row):
            column = FOLDED.get(fold(str(cell)))
            if column:
                columns.setdefault(column, index)
        if {"first", "kind"} <= set(columns):
            return number, columns
    return None


def _rows(sheet: Sheet, header: int, columns: dict[str, int]) -> Notice:
    days = Days.none()
    for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2):
        cells = {name: row[index] for name, index in columns.items() if index < len(row)}
        if not any(str(cell).strip() for cell in cells.values()):
            continue
        where, kind = f"第{number}行", fold(str(cells.get("kind", "")))
        first, last = _day(cells.get("first", "")), _day(cells.get("last", ""))
        blank = not str(cells.get("last", "")).strip()
        if first is None or (last is None and not blank):
            days.faults.append(f"{where}：日期应写作 2027-01-01。")
        elif kind not in OFF | WORKED:
            days.faults.append(f"{where}：安排应填放假或上班。")
        else:
            name = clean(str(cells.get("name", "")), multiline=False)
            add_span(days, first, last or first, is_off=kind in OFF, name=name, where=where)
        if len(days.faults) > MOST:
            break
    return days.notice(None)


def _day(cell: Cell | None) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    parts = re.fullmatch(
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", half_width(str(cell)).strip()
    )
    return day_named(*map(int, parts.groups())) if parts else None


def day_named(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def add_span(days: Days, first: date, last: date, *, is_off: bool, name: str, where: str) -> None:
    if not timedelta(0) <= last - first < timedelta(days=LONGEST):
        days.faults.append(f"{where}：应从前到后，最多{LONGEST}天。")
        return
    for step in range((last - first).days + 1):
        days.add(first + timedelta(days=step), is_off=is_off, name=name, where=where)


def read(data: bytes, *, name: str) -> Notice:
    """Read a file by what it is: JSON, else a workbook. Raises Refused."""
    if data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in {b"{", b"["}:
        return read_json(data)
    return read_workbook(data, name=name)
