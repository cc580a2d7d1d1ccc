"""The days named in a text, and the day on which they end."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Mention(NamedTuple):
    """A day as named; without a year or a month it shares that of the one before it."""

    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None  # None: the last of the month


class End(NamedTuple):
    """The last of the days named. `wrong` is a day that no calendar has."""

    day: date | None
    yearless: bool
    wrong: str = ""


YEAR = r"(?P<year>(?<!\d)\d{4}|(?<!\d)\d{2})年"
PART = r"(?P<part>底|末|初|上旬|中旬|下旬|中)"
PART_DAYS = {"初": 10, "上旬": 10, "中": 20, "中旬": 20}  # all others end with the month
# In this order: what one has taken, the next no longer sees.
PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})([-./])(?P<month>\d{1,2})\2(?P<day>\d{1,3})(?!\d)[日号]?",
        r"(?<!\d)(?P<month>\d{1,2})([-./])(?P<day>\d{1,2})\2(?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<year>\d{2})([-./])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d)(?P<year>\d{{4}})[-./](?P<month>\d{{1,2}})(?!\d)月?份?{PART}?",
        r"(?<!\d)(?P<year>[12]\d{3})(?P<month>\d{2})(?P<day>\d{2})(?!\d)",
        rf"{YEAR}(?P<month>\d{{1,2}})[./](?P<day>\d{{1,2}})(?!\d)[日号]?",
        rf"(?:{YEAR}(?:\d{{1,2}}[-至到](?=\d{{1,2}}月))?)?(?<!\d)(?P<month>\d{{1,3}})月份?"
        rf"(?:{PART}|(?P<day>\d{{1,3}})(?!\d|个|天|小时)[日号]?)?",
        r"(?<![\d.])(?P<month>\d{1,2})[./](?P<day>\d{1,2})(?![\d%./个天年月周倍]|小时)[日号]?",
        r"(?<=[-至到])(?P<day>\d{1,2})(?:日(?!内|以内|之内)|号)",
    )
)
SHORT_DAY = re.compile(r"(\d{1,2})-(\d{1,2})[日号]?前?")


def mentions(said: str) -> list[Mention]:
    """Return every day named, in the order of the text (which is in figures already)."""
    if short := SHORT_DAY.fullmatch(said):
        return [Mention(0, len(said), None, int(short[1]), int(short[2]))]
    found: list[Mention] = []
    for pattern in PATTERNS:
        for match in pattern.finditer(said):
            named = match.groupdict()
            year, month, day = (
                int(figure) if (figure := named.get(name)) else None
                for name in ("year", "month", "day")
            )
            part = PART_DAYS.get(named.get("part") or "")
            found.append(Mention(*match.span(), year, month, part if day is None else day))
        said = pattern.sub(lambda match: "\0" * len(match[0]), said)
    found.sort(key=lambda mention: mention.start)
    return found if found and found[0].month is not None else []


def ending(days: Iterable[Mention], *, year: int) -> End:
    """Return the last day of `days`; “11月至2月” ends in the next year."""
    month, yearless, ends = 0, True, []
    for named in days:
        this_month = month if named.month is None else named.month
        if named.year is not None:
            year, yearless = named.year + 2000 * (named.year < 100), False
        elif this_month < month:
            year += 1
        month = this_month
        try:
            ends.append(date(year, month, named.day or _last(year, month, named.day)))
        except ValueError:
            return End(None, yearless, _as_said(year, month, named.day))
    return End(max(ends, default=None), yearless)


def _last(year: int, month: int, day: int | None) -> int:
    return monthrange(year, month)[1] if day is None else day


def _as_said(year: int, month: int, day: int | None) -> str:
    return f"{year}年{month}月" + (f"{day}日" if day is not None else "")
