"""The columns of the ledger (台账栏目): one table for the printed and for the data variant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Flag, auto
from operator import attrgetter
from typing import Any, Literal

from rectification.exports.cover import long_day
from rectification.exports.rows import LedgerRow, MeasureLine, local_day
from rectification.models import Problem, Progress

STATUS = dict(Problem.Status.choices)
PROGRESS = dict(Progress.choices)
OWNER = dict(Problem.OwnerKind.choices)
SEVERITY = dict(Problem.Severity.choices)
KEY = str(Problem.Severity.KEY.label)
DUE = dict(Problem.DueKind.choices)
NARROW = "、\n"  # between names in a narrow column, so that none is broken
Kind = Problem.DueKind
Status = Problem.Status


class Variant(Flag):
    PRINTED = auto()
    DATA = auto()


BOTH, PRINT, FLAT = Variant.PRINTED | Variant.DATA, Variant.PRINTED, Variant.DATA


@dataclass(frozen=True)
class Column:
    """A column of one variant or of both; a code is met once in each."""

    code: str
    heading: str
    value: Callable[[LedgerRow], Any]
    width: float  # half-width characters
    variants: Variant
    kind: Literal["text", "date", "number"] = "text"
    centred: bool = False
    group: str = ""  # the heading above this one and its neighbours on paper

    @property
    def printed(self) -> bool:
        return Variant.PRINTED in self.variants

    @property
    def data(self) -> bool:
        return Variant.DATA in self.variants


# ---------------------------------------------------------------- values


def chinese(day: date | None) -> str:
    """Write a day as papers do: 2026年6月5日, without leading zeros."""
    return long_day(day) if day else ""


def broken(day: date | None) -> str:
    """Write a day in two lines, 2026年 above 6月5日, for a narrow column."""
    return chinese(day).replace("年", "年\n") if day else ""


def number_and_weight(row: LedgerRow) -> str:
    """Return the number that finds the row in the system, and whether it is a key one."""
    words = (row.number or "", KEY if row.severity == Problem.Severity.KEY else "")
    return "\n".join(word for word in words if word)


def due_words(row: LedgerRow) -> str:
    """Return the deadline as papers say it, with what it was before a change."""
    words = _due(row)
    if row.then_standing:
        words += "前，\n并长期坚持" if row.due_on else "，\n并长期坚持"
    if row.first_due_on and row.due_on != row.first_due_on:
        words += f"\n（原{broken(row.first_due_on)}）"
    return words


def _due(row: LedgerRow) -> str:
    day = broken(row.due_on)
    match row.due_kind:
        case Kind.AT_ONCE:
            return f"立行立改，\n{day}前" if day else "立行立改"
        case Kind.STANDING:
            return f"长期坚持，\n{day}复核" if day else "长期坚持"
    return day or row.due_text or "未确定"


def measure_lines(row: LedgerRow) -> str:
    """Return the measures, numbered when there are several."""
    if len(row.measures) == 1:
        return _measure(row.measures[0])
    return "\n".join(
        f"{place}.{_measure(line)}" for place, line in enumerate(row.measures, start=1)
    )


def _measure(line: MeasureLine) -> str:
    """Add the person and the day of this measure where they are not simply the row's."""
    own = [line.person, f"{chinese(line.due_on)}前" if line.due_on else ""]
    words = "，".join(word for word in own if word)
    return f"{line.text}（{words}）" if words else line.text


def departments(row: LedgerRow) -> str:
    # Each on its line, without a mark between: 机关党委 fills the column, and 、 would stand alone.
    lead, others = "\n".join(row.departments), "、".join(row.cooperating)
    return f"{lead}\n配合：{others}" if others else lead


def progress_and_effect(row: LedgerRow) -> str:
    effect = f"成效：{row.effect_achieved}" if row.effect_achieved else ""
    return "\n".join(word for word in (row.progress_text, effect) if word)


# How the work stands, read after 整改中: what an organization says is done is not closed.
STANDS = PROGRESS | {Progress.DONE.value: "措施已完成"}


def standing(row: LedgerRow) -> str:
    """Return how far the row is: the status; when closed since when, else how the work stands."""
    words = [STATUS[row.status]]
    if row.status == Status.CLOSED:
        words.append(broken(local_day(row.closed_at)))
    elif row.status == Status.RECTIFYING and row.progress:
        words = [f"{words[0]}，", STANDS[row.progress]]
    if row.late:
        words.append("（已逾期）")
    return "\n".join(words)


def standard_and_effect(row: LedgerRow) -> str:
    effect = f"预期效果：{row.effect_expected}" if row.effect_expected else ""
    return "\n".join(word for word in (row.standard, effect) if word)


def listed(name: str, between: str = "、") -> Callable[[LedgerRow], str]:
    names = attrgetter(name)
    return lambda row: between.join(names(row))


def day_of(name: str) -> Callable[[LedgerRow], date | None]:
    moment = attrgetter(name)
    return lambda row: local_day(moment(row))


# ---------------------------------------------------------------- the table

field = attrgetter  # as fast as a column can be
DUTY = "整改责任"

# In the order of 六个明确 (domain §2.1 b). The printed widths together fill A4 landscape.
COLUMNS: tuple[Column, ...] = (
    Column("serial", "序号", field("serial"), 4.6, BOTH, "number", centred=True),
    Column("number", "问题编号", number_and_weight, 7.6, PRINT, centred=True),
    Column("number", "问题编号", field("number"), 18, FLAT),
    Column("campaign", "活动名称", field("campaign"), 24, FLAT),
    Column("above", "上级单位", field("above"), 20, FLAT),
    Column("organization", "责任单位", field("organization"), 20, FLAT),
    Column("superior_number", "上级编号", field("superior_number"), 14, FLAT),
    Column("source", "问题来源", field("source"), 12, FLAT),
    Column("source_text", "问题来源（原文）", field("source_text"), 18, FLAT),
    Column("found_on", "发现日期", field("found_on"), 12, FLAT, "date"),
    Column("items", "问题类别", listed("items"), 6.6, BOTH, centred=True),
    Column("owner_kind", "问题归属", lambda row: OWNER[row.owner_kind], 10, FLAT),
    Column("severity", "程度", lambda row: SEVERITY[row.severity], 8, FLAT),
    Column("description", "存在问题", field("description"), 18.6, BOTH),
    Column("cause", "原因分析", field("cause"), 24, FLAT),
    Column("measures", "整改措施", measure_lines, 20.6, BOTH),
    Column("leaders", "责任领导", listed("leaders", NARROW), 8.6, PRINT, centred=True, group=DUTY),
    Column("leaders", "责任领导", listed("leaders"), 14, FLAT),
    Column("departments", "责任部门", departments, 8.6, PRINT, centred=True, group=DUTY),
    Column("departments", "责任部门", listed("departments"), 16, FLAT),
    Column("persons", "责任人", listed("persons", NARROW), 8.6, PRINT, centred=True, group=DUTY),
    Column("persons", "责任人", listed("persons"), 16, FLAT),
    Column("cooperating", "配合单位", listed("cooperating"), 16, FLAT),
    Column("due_on", "整改时限", due_words, 10.6, PRINT, centred=True),
    Column("due_text", "整改时限（原文）", field("due_text"), 18, FLAT),
    Column("due_kind", "时限类型", lambda row: DUE[row.due_kind], 10, FLAT),
    Column("due_on", "整改时限", field("due_on"), 12, FLAT, "date"),
    Column("first_due_on", "最初时限", field("first_due_on"), 12, FLAT, "date"),
    Column("standard", "整改标准", standard_and_effect, 16.6, PRINT),
    Column("standard", "整改标准", field("standard"), 24, FLAT),
    Column("effect_expected", "预期效果", field("effect_expected"), 20, FLAT),
    Column("progress", "整改进展及成效", progress_and_effect, 18.6, PRINT),
    Column("progress_text", "整改进展", field("progress_text"), 24, FLAT),
    Column("progress_on", "最近进展日期", field("progress_on"), 14, FLAT, "date"),
    Column("effect_achieved", "整改成效", field("effect_achieved"), 24, FLAT),
    Column("status", "完成情况", standing, 10.6, PRINT, centred=True),
    Column("progress", "完成情况", lambda row: PROGRESS.get(row.progress, ""), 10, FLAT),
    Column("status", "状态", lambda row: STATUS[row.status], 12, FLAT),
    Column("late", "是否逾期", lambda row: "逾期" if row.late else "", 10, FLAT),
    Column("registered_on", "入账日期", day_of("registered_at"), 12, FLAT, "date"),
    Column("issued_on", "下达日期", day_of("issued_at"), 12, FLAT, "date"),
    Column("applied_on", "申请销号日期", field("applied_on"), 14, FLAT, "date"),
    Column("closed_on", "销号时间", day_of("closed_at"), 12, FLAT, "date"),
    Column("remark", "备注", field("remark"), 6.6, BOTH),
)

PRINTED = tuple(column for column in COLUMNS if column.printed)
DATA = tuple(column for column in COLUMNS if column.data)
