"""What stands around the table: its title, who reports, and the day of the report."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rectification.imports.cells import words
from reform import deadlines
from reform.excel import Cell
from reform.text import clean

FOOT = 6  # rows in which a date may stand under the table
LONGEST_LINE = 500

UNIT_END = (
    r"\s*[:：]\s*(?P<unit>[^:：\n\t]*?)(?=\s{2,}|\s*(?:填报|填表|报送|上报|制表|报告|统计)?"
    r"(?:时间|日期|人\s*[:：]|单位\s*[:：]|电话)|\s*(?:联系|审核|负责|[（(]盖章)|[\t\n]|$)"
)
UNIT_NAMES = (
    r"(?:填报|填表|报送|上报|编报){}"
    r"(?:单位|党支部|支部|党组织|部门)(?:名称)?\s*(?:[（(][^）)]*[)）])?"
)
# 填报单位 before a bare 单位, which may be the unit of measurement.
UNITS = tuple(re.compile(UNIT_NAMES.format(often) + UNIT_END) for often in ("", "?"))
MEASURES_OF = frozenset("件个项条人元户次") | {"万元", "亿元", "人次", "个数"}
FIGURE = r"[\d０-９〇○零一二三四五六七八九十]"
DAY = rf"{FIGURE}{{4}}\s*[年.．/-]\s*{FIGURE}{{1,3}}\s*[月.．/-]\s*{FIGURE}{{1,3}}\s*日?"
MONTH_DAY = r"\d{1,2}月\d{1,2}日"
# The report day: labelled, or alone on its line, or said to be the state of things.
REPORTED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:填报|填表|报送|上报|制表|报告|统计|报表)(?:时间|日期)\s*[:：]\s*({DAY}|{MONTH_DAY})",
        rf"^\s*(?:时间|日期)?[:：（(]?\s*({DAY})[)）]?\s*$",
        rf"(?:时间|日期)\s*[:：]\s*({DAY})",
        rf"截[至止]到?\s*({DAY})",
        # 填报单位：机关党委    2026年6月1日
        rf"^(?:填报|填表|报送|上报)?(?:单位|支部|部门|党组织|人)[^:：]{{0,8}}[:：].*\s{{2,}}({DAY})\s*$",
    )
)
REPORTED_BELOW = (REPORTED[0], REPORTED[1], REPORTED[-1])
NO_TITLE = re.compile(
    r"^附[件表]\s*[\d一二三四五六七八九十]*\s*[:：]?$|^.{0,8}[:：]|^[（(]|^[sS]ep="
)
ANNEX = re.compile(r"^附[件表]\s*[\d一二三四五六七八九十]+\s*[:：]?\s+")
LABEL_BEHIND = re.compile(r"(?:\s{2,}|\t).{0,8}[:：].*$|[（(]?单位\s*[:：]\s*.{1,2}[)）]?$")
LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class Around:
    """What is said outside the table."""

    title: str | None
    reporting_unit: str | None
    reported_on: date | None


def read(
    above: Sequence[Sequence[Cell]], body: Sequence[Sequence[Cell]], *, year: int, on: date
) -> Around:
    """Title, reporting unit and report day stand above the table, the two last also below it."""
    head, foot = [*_lines(above)], [*_lines(body[-FOOT:])]
    return Around(
        title=next(_titles(above), None),
        reporting_unit=next(_units(head, UNITS), next(_units(foot, UNITS[:1]), None)),
        reported_on=_reported_on(head, REPORTED, year, on)
        or _reported_on(foot, REPORTED_BELOW, year, on),
    )


def _titles(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    """The first cell of each row that is no label, no annex number and no paragraph."""
    for row in rows:
        first = next((words(cell) for cell in row if cell != ""), "")
        line = LABEL_BEHIND.sub("", clean(first))
        line = ANNEX.sub("", clean(line, multiline=False))
        if not line or len(line) > LONGEST_TITLE or line.endswith(("。", "；")):
            continue
        if not NO_TITLE.match(line) and not REPORTED[1].match(line):
            yield line


def _lines(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    for row in rows:
        if line := "    ".join(dict.fromkeys(words(cell) for cell in row if cell != "")):
            yield line[:LONGEST_LINE]


def _units(lines: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> Iterator[str]:
    for pattern in patterns:
        for line in lines:
            match = pattern.search(line)
            unit = clean(match["unit"], multiline=False) if match else ""
            if unit and unit not in MEASURES_OF:
                yield unit


def _reported_on(
    lines: Sequence[str], patterns: Sequence[re.Pattern[str]], year: int, on: date
) -> date | None:
    for pattern in patterns:
        for line in lines:
            if match := pattern.search(line):
                day = deadlines.read(match[1], year=year, on=on)
                if day.due_on:
                    return day.due_on
    return None
