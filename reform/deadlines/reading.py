"""What a cell of 整改时限 says. Knows no clock: the day is an argument."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from reform.deadlines.figures import in_figures, month_end, months_later
from reform.deadlines.mentions import Mention, ending, mentions

Kind = Literal["dated", "at_once", "standing", "undetermined"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """What a cell says; a `fault` is an error, a `doubt` is kept but must be asked."""

    text: str  # as written
    kind: Kind = "undetermined"
    due_on: date | None = None
    then_standing: bool = False  # “6月底前，并长期坚持”
    days: int | None = None  # a duration, counted from the report or the issue
    workdays: int | None = None  # in working days, counted from the issue: that needs the calendar
    review_on: date | None = None  # “每月5日前”: the next one
    fault: str = ""
    doubt: str = ""
    yearless: bool = False  # the year is the campaign's, not the writer's
    long_past: bool = False  # which the doubt is about; another day may remove it


class _Given(NamedTuple):
    """What is known besides the cell."""

    year: int
    on: date
    reported_on: date | None


FIRST_YEAR, YEARS_AHEAD = 2000, 20
MOST_WORKDAYS = 1_000  # four years
FIRST_SERIAL, LAST_SERIAL = 40_000, 60_000  # Excel's days from 2009 to 2064
SERIAL_ZERO = date(1899, 12, 30)
LONGEST = 200  # characters; what is longer is a story, not a deadline
LONG_PAST = 6  # months: a day without a year that lies further back is asked about
BLANKS = frozenset(("", "/", "\\", "-", "--", ".", "无", "空"))

BARE_MONTH = re.compile(r"(?:之|以)?前")
FROM_THEN = re.compile(r"(?:之日)?(?:起|开始)")
DURATION = re.compile(r"(\d+)(个半月|日|天|个?星期|周|个月|年)")
HALVES = (("半年", "6个月"), ("半个月", "15天"))
UNITS = {  # months, days
    "个半月": (1, 15), "日": (0, 1), "天": (0, 1), "周": (0, 7), "星期": (0, 7),
    "个星期": (0, 7), "个月": (1, 0), "年": (12, 0),
}  # fmt: skip
WORKDAYS = re.compile(
    r"(?:自?(?:下达|交办|收到)\w{0,6}起)?(?:\d+[-—~至到])?(\d+)个?工作日(?:之?内|以内)?"
    r"(?:完成整改|整改完成|整改到位|完成|办结|到位)?(?:[,;，；、。]?并?(?:长期坚持|持续\w{0,4}|常态\w{0,4}))?"
)
HUNDREDS = re.compile(r"[百千万零〇]\w{0,4}工作日")  # written out they are read by their last part
DAY_OF_MONTH = re.compile(r"\d{1,2}(?:号|日(?:之?前|以前|止))")

PLACEHOLDER = re.compile(r"[xX×*_?△□]+[年月日号]|某[年月日]|^年?月日?[底末前]*$|\d月[xX×*_?△□]")
AT_ONCE = re.compile(r"立行|立即|立查|立整|立改|即[知查行整改]即|马上|即刻|随即|当[场日天]|小时内")
STANDING = re.compile(r"长期|常态|经常性|常抓|坚持不懈|贯穿|永久|持续|滚动|不断")
GOING_ON = re.compile(r"持续|滚动|不断")  # a way of working, not an end, unless it comes after one
TERM = re.compile(r"短期|中期|近期|远期")
STATUS = re.compile(
    r"已经?\w{0,4}(?:完成|整改|办结|销号|解决|到位|结束)|^(?:(?:基本|未|尚未|全部)?(?:完成|办结|销号)"
    r"|整改(?:到位|完成|完毕|中)|完成整改|未整改|正在(?:推进|整改|办理)|推进中|[√✓]|是|否|\d+%)$"
)
EVERY = re.compile(r"每个?(半年|年|季|月|双?周|星期|旬|日|天)度?的?([一二三四五六日天])?")
EVERY_DAY = re.compile(r"每个?月的?(\d{1,2})[日号]?")
EVERY_MONTHS = {"旬": 1, "月": 1, "季": 3, "半年": 6, "年": 12}
WEEKDAYS = dict(zip("一二三四五六日天", (0, 1, 2, 3, 4, 5, 6, 6), strict=True))


def read(
    raw: str | date | float | None, *, year: int, on: date, reported_on: date | None = None
) -> Deadline:
    """Return what the cell `raw` says; a day without a year lies in the campaign's `year`."""
    given = _Given(year, on, reported_on)
    match raw:
        case None:
            return Deadline("")
        case datetime():
            return _whole_day(Deadline(raw.date().isoformat()), raw.date(), given)
        case date():
            return _whole_day(Deadline(raw.isoformat()), raw, given)
        case bool() | str():
            text = str(raw).strip()
            if len(text) > LONGEST:
                return _doubted(Deadline(text), "太长，看不出是哪一天")
            return _text(text, given)
        case _:
            return _number(raw, given)


@lru_cache(maxsize=8192)
def _text(text: str, given: _Given) -> Deadline:
    said = in_figures(text, year=given.year, base=given.reported_on or given.on)
    blank = Deadline(text)
    if said in BLANKS:
        return blank
    if re.fullmatch(r"[1-9]\d{0,8}(?:\.0+)?|\d{5}\.\d+", said):
        return replace(_number(float(said), given), text=text)
    found = next((one for reader in READERS if (one := reader(blank, said, given))), None)
    if found is None:
        found = _doubted(blank, "看不出是哪一天")
    if STATUS.search(said) and not found.fault:
        return _doubted(found, "写的是完成情况而不是时限")
    return found


def _number(number: float, given: _Given) -> Deadline:
    """A number is Excel's count of days, 20251130, 202511, a month.day or a count of days."""
    whole = int(number) if abs(number) < 1e9 else 0
    blank = Deadline(str(whole) if whole == number else f"{number:g}")
    if FIRST_SERIAL <= whole < LAST_SERIAL:
        return _whole_day(blank, SERIAL_ZERO + timedelta(days=whole), given)
    if whole != number:
        return _decimal(blank, number, given)
    if whole >= 10_000_000:
        return _day(blank, (whole // 10_000, whole // 100 % 100, whole % 100), given)
    if 190_000 <= whole < 300_000:
        return _day(blank, (whole // 100, whole % 100, None), given)
    if 0 < whole <= 3 * 366:
        return _doubted(_lasting(blank, 0, whole, given), f"只写了数字，按{whole}日内理解")
    return _doubted(blank, "看不出是哪一天")


def _decimal(blank: Deadline, number: float, given: _Given) -> Deadline:
    """Excel takes 9.30 for a number and shows 9.3: the 3rd or the 30th, nobody can tell."""
    month, _, day = blank.text.partition(".")
    if not 1 <= number < 13 or len(day) > 2:
        return _doubted(blank, "看不出是哪一天")
    found = replace(_day(blank, (given.year, int(month), int(day)), given), yearless=True)
    if len(day) == 2:
        return found
    return _doubted(found, "是数字，分不清是几日")


def _placeholder(blank: Deadline, said: str, _: _Given) -> Deadline | None:
    return _doubted(blank, "没有填写具体日期") if PLACEHOLDER.search(said) else None


def _recurring(blank: Deadline, said: str, given: _Given) -> Deadline | None:
    """“每月5日前” is never finished: it is looked at again on the next one."""
    every = EVERY.search(said)
    if not every:
        return None
    if AT_ONCE.search(said):
        return replace(blank, kind="at_once", then_standing=True)
    days = mentions(said)
    if not days:
        return replace(blank, kind="standing", review_on=_next(every, said, given.on))
    if every[1] != "年":
        return replace(_ending(blank, days, given), then_standing=True)
    this_year = _ending(blank, [days[-1]._replace(year=given.on.year)], given)
    if this_year.due_on is None:
        return this_year
    review = this_year.due_on
    if review < given.on:
        review = months_later(review, 12)
    return replace(blank, kind="standing", review_on=review)


def _next(every: re.Match[str], said: str, on: date) -> date:
    """The next of a recurring day; it may be `on` itself."""
    if every[1] in "日天":
        return on
    if every[1] not in EVERY_MONTHS:
        return on + timedelta(days=(WEEKDAYS[every[2] or "五"] - on.weekday()) % 7)
    if day := EVERY_DAY.search(said):
        ends = (month_end(on, months) for months in (0, 1))
        days = (end.replace(day=min(max(int(day[1]), 1), end.day)) for end in ends)
        return next(one for one in days if one >= on)
    return month_end(on, -on.month % EVERY_MONTHS[every[1]])


def _named(blank: Deadline, said: str, given: _Given) -> Deadline | None:
    """Days named in the text: the last of them is the end."""
    days = mentions(said)
    if not days:
        return None
    found, rest = _ending(blank, days, given), said[days[-1].end :]
    if "工作日" in said:
        return _doubted(blank, "写了日期又写工作日，请填写具体日期")
    if FROM_THEN.match(rest) and found.due_on:
        return _lasts(blank, rest, given._replace(reported_on=found.due_on)) or found
    if said[days[-1].end - 1] in "月份" and BARE_MONTH.match(rest):
        found = _doubted(found, "没有写明是月初之前还是月底之前")
    then = STANDING.search(GOING_ON.sub("", said)) or GOING_ON.search(rest)
    return replace(found, then_standing=bool(then and found.due_on))


def _lasts(blank: Deadline, said: str, given: _Given) -> Deadline | None:
    """A duration; of several the longest. Working days are counted when the row is issued."""
    for half, whole in HALVES:
        said = said.replace(half, whole)
    if TERM.search(said) or DAY_OF_MONTH.match(said):
        return None
    if "工作日" in said:
        return _in_workdays(blank, said)
    lengths = [_length(*match.groups()) for match in DURATION.finditer(said)]
    if not lengths:
        return None
    months, days = max(lengths, key=lambda length: length[0] * 365 // 12 + length[1])
    then = STANDING.search(said)
    return replace(_lasting(blank, months, days, given), then_standing=then is not None)


def _in_workdays(blank: Deadline, said: str) -> Deadline:
    """So many working days and nothing else; whatever says more is asked about."""
    found = WORKDAYS.fullmatch(said)
    if not found or HUNDREDS.search(blank.text):
        return _doubted(blank, "按工作日计算，请写成“10个工作日内”或填写具体日期")
    number = int(found[1][:9])
    if not 0 < number <= MOST_WORKDAYS:
        return replace(blank, fault=f"“{blank.text}”不合理，请核对整改时限。")
    then = STANDING.search(said) is not None
    return replace(blank, kind="dated", workdays=number, then_standing=then)


def _length(count: str, unit: str) -> tuple[int, int]:
    """Months and days; the count is capped, far above what is refused: cells hold anything."""
    number, (months, days) = int(count[:9]), UNITS[unit]
    return (number, days) if unit == "个半月" else (number * months, number * days)


def _lasting(blank: Deadline, months: int, days: int, given: _Given) -> Deadline:
    length = months * 365 // 12 + days
    if length > YEARS_AHEAD * 366:
        return replace(blank, fault=f"“{blank.text}”太长，请核对整改时限。")
    if given.reported_on is None:
        return replace(blank, kind="dated", days=length)
    due_on = months_later(given.reported_on, months) + timedelta(days=days)
    return replace(blank, kind="dated", due_on=due_on, days=(due_on - given.reported_on).days)


def _at_once(blank: Deadline, said: str, _: _Given) -> Deadline | None:
    if not AT_ONCE.search(said):
        return None
    return replace(blank, kind="at_once", then_standing=STANDING.search(said) is not None)


def _term(blank: Deadline, said: str, _: _Given) -> Deadline | None:
    return _doubted(blank, "只写了期限类别，没有写日期") if TERM.search(said) else None


def _standing(blank: Deadline, said: str, _: _Given) -> Deadline | None:
    return replace(blank, kind="standing") if STANDING.search(said) else None


READERS = (_placeholder, _recurring, _named, _lasts, _at_once, _term, _standing)


def _ending(blank: Deadline, days: list[Mention], given: _Given) -> Deadline:
    end = ending(days, year=given.year)
    if end.day is None:
        return replace(blank, fault=f"“{blank.text}”中的{end.wrong}不存在，请改正日期。")
    found = replace(_whole_day(blank, end.day, given), yearless=end.yearless)
    if end.yearless and months_later(end.day, LONG_PAST) < given.on:
        asked = _doubted(found, f"没有写年份，按{given.year}年算已过去半年以上")
        return replace(asked, long_past=True)
    return found


def _day(blank: Deadline, named: tuple[int, int, int | None], given: _Given) -> Deadline:
    return _ending(blank, [Mention(0, 0, *named)], given)


def _whole_day(blank: Deadline, day: date, given: _Given) -> Deadline:
    if not FIRST_YEAR <= day.year <= given.year + YEARS_AHEAD:
        return replace(blank, fault=f"“{blank.text}”的年份{day.year}不合理，请改正日期。")
    return replace(blank, kind="dated", due_on=day)


def _doubted(deadline: Deadline, why: str) -> Deadline:
    return replace(
        deadline, long_past=False, doubt=f"整改时限“{deadline.text[:30]}”{why}，请核对。"
    )
