"""The yearly notice on days off as it is published, read from its own words."""

import re
from collections.abc import Iterator
from datetime import date

from reform.errors import Refused
from reform.imports.holidays import Days, Notice, add_span, day_named, iso_day
from reform.text import clean, half_width
from reform.workdays import WEEK, short, weekday

LETTERS = 20_000  # of a notice
LINE = re.compile(r"(\d{4}-\d\d-\d\d)\s+(放假|上班)\s*(.*)")
TITLE_YEAR = re.compile(r"(\d{4})年")
BLANKS = re.compile(r"(?<=\d)[ \t]+(?=[年月日])|(?<=[年月])[ \t]+(?=\d)")
# A paragraph begins with a number, or with the name of a holiday.
NUMBERED = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}[、.．]|\d{1,2}[.．、])\s*([^：:]{1,15})[：:]?"
)
NAMED = re.compile(
    r"\s*([^：:，。]{0,6}(?:元旦|春节|清明|劳动|端午|中秋|国庆|纪念)[^：:，。]{0,8})[：:]"
)
INNER = re.compile(r"[（(〔［\[]([^（()）〔〕［］\[\]]*)[）)〕］\]]")
DAY = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日"
SPAN = re.compile(rf"{DAY}(?:\s*[至到~～—–-]+\s*{DAY})?")
WEEKDAY = re.compile(rf"{DAY}\s*[（(〔［\[][^）)〕］\]]*周([{WEEK}])")
VERB = re.compile(r"(.*?)(放假|补休|公休|上班)", re.DOTALL)
TOTAL = re.compile(r"共\s*(\d{1,2})\s*天")


def read_text(text: str, *, year: int | None = None) -> Notice:
    """Read the notice as it is published, or the lines of `Notice.lines`. Raises Refused.

    “元旦：1月1日（周四）至3日放假，共3天。1月4日（周日）上班。”: days belong to the verb
    behind them; a month that is not said is that of the day before. The notice checks itself:
    weekdays and totals that it names must be those that were read.
    """
    text = BLANKS.sub("", half_width(clean(text))[:LETTERS])
    days = Days.none()
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and all(LINE.fullmatch(line.strip()) for line in lines):
        for number, line in enumerate(lines, start=1):
            _add_line(days, line.strip(), where=f"第{number}行")
        return days.notice(year)
    year = year or next((int(found) for found in TITLE_YEAR.findall(text)), None)
    if year is None:
        raise Refused("没有读到年份，请把通知的标题（如“2027年部分节假日安排”）一起粘贴。")
    for name, words in _paragraphs(lines):
        _add_paragraph(days, words, name=name, year=year)
    return days.notice(year)


def _paragraphs(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Return each holiday with what is said of it; other lines go on with the last one."""
    name, words = "", ""
    for line in lines:
        head = NUMBERED.match(line) or NAMED.match(line)
        if head:
            if name:
                yield name, words
            name, words = head[1].strip(), line[head.end() :]
        else:
            words += line
    if name:
        yield name, words


def _add_line(days: Days, line: str, *, where: str) -> None:
    said, kind, name = LINE.fullmatch(line).groups()  # type: ignore[union-attr]  # it has matched
    if (day := iso_day(said)) is None:
        days.faults.append(f"{where}：“{said}”不是日期。")
    else:
        days.add(day, is_off=kind == "放假", name=name.strip(), where=where)


def _add_paragraph(days: Days, words: str, *, name: str, year: int) -> None:
    month, off = 0, 0
    plain = words
    while INNER.search(plain):
        plain = INNER.sub("", plain)
    for said, verb in VERB.findall(plain):
        for found in SPAN.finditer(said):
            span, month = _span(found, year=year, month=month)
            if span is None:
                days.faults.append(f"{name}：“{found[0]}”不是日期。")
                continue
            off += (span[1] - span[0]).days + 1 if verb != "上班" else 0
            add_span(days, *span, is_off=verb != "上班", name=name, where=name)
    total = TOTAL.search(plain)
    if total and int(total[1]) != off and not days.faults:
        days.faults.append(f"{name}：原文写共{total[1]}天，读到{off}天，请核对或改用Excel模板。")
    _check_weekdays(days, words, name=name, year=year)


def _span(found: re.Match[str], *, year: int, month: int) -> tuple[tuple[date, date] | None, int]:
    """Return the first and last day that are named, and the month that goes on."""
    y1, m1, d1, y2, m2, d2 = (int(part) if part else 0 for part in found.groups())
    month = m1 or month
    first = day_named(y1 or year, month, d1)
    last = day_named(y2 or y1 or year, m2 or month, d2) if d2 else first
    if first and last and last < first and not y2:  # over the turn of the year
        first, last = (
            (first, last.replace(year=first.year + 1))
            if y1
            else (
                first.replace(year=year - 1),
                last,
            )
        )
    return (first, last) if first and last else None, m2 or month


def _check_weekdays(days: Days, words: str, *, name: str, year: int) -> None:
    """“1月1日（周四）”: where the weekday is another's, the year or the day is wrong."""
    month = 0
    for said_year, said_month, day, word in WEEKDAY.findall(words):
        month = int(said_month) if said_month else month
        years = (int(said_year),) if said_year else (year, year - 1)
        found = [day_named(one, month, int(day)) for one in years]
        known = [one for one in found if one and one in days.found]
        if known and all(weekday(one) != f"周{word}" for one in known):
            days.faults.append(
                f"{name}：原文{short(known[0])}写周{word}，{known[0].year}年是{weekday(known[0])}，请核对。"
            )
