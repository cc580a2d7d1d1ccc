"""Working days (工作日): Monday to Friday, but for the days off and make-up days of each year.

They are named by the State Council office (国务院办公厅) in one notice a year, usually in November
for the next. A year whose notice is not known yet follows the week, and whoever counts across it
is told so (DESIGN §4). Days are plain dates; the day one counts from is not counted.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

ONE = timedelta(days=1)
MOST = 2_000  # working days that one may count: eight years; deadlines end long before
WEEK = "一二三四五六日"


class SpecialDay(NamedTuple):
    """A day that does not follow the week: off, or a weekend that is worked (调休)."""

    day: date
    is_off: bool
    name: str

    def in_words(self) -> str:
        return f"{short(self.day)}（{weekday(self.day)}）"


class Span(NamedTuple):
    """Days one after another that are off under one name."""

    first: date
    last: date
    name: str

    def in_words(self) -> str:
        if self.first == self.last:
            return f"{short(self.first)}{self.name}"
        until = f"{self.last.day}日" if self.last.month == self.first.month else short(self.last)
        return f"{short(self.first)}至{until}{self.name}"


@dataclass(frozen=True)
class Explanation:
    """How a number of working days came to its last day."""

    start: date
    number: int
    end: date
    off: tuple[Span, ...]  # holidays that were passed over, weekends within them included
    worked: tuple[SpecialDay, ...]  # weekends that counted
    unknown: tuple[int, ...]  # years that no notice was known of

    def in_words(self) -> str:
        """Return the sentence for the person whose deadline it is."""
        way = "起第" if self.number >= 0 else "前第"
        end = f"{long(self.end)}（{weekday(self.end)}）"
        parts = [f"{long(self.start)}{way}{abs(self.number)}个工作日是{end}。"]
        if self.off:
            parts.append(f"放假不计：{'、'.join(span.in_words() for span in self.off)}。")
        if self.worked:
            days = "、".join(one.in_words() for one in self.worked)
            parts.append(f"调休上班计入：{days}。")
        if self.unknown:
            parts.append(unknown_in_words(self.unknown))
        return "".join(parts)


@dataclass(frozen=True)
class Calendar:
    """The special days that are known, and the years whose notice they come from."""

    days: Iterable[SpecialDay] = ()
    years: Collection[int] = frozenset()
    _special: dict[date, SpecialDay] = field(init=False, repr=False, compare=False)
    _order: list[date] = field(init=False, repr=False, compare=False)  # of special days

    def __post_init__(self) -> None:
        object.__setattr__(self, "_special", {one.day: one for one in self.days})
        object.__setattr__(self, "_order", sorted(self._special))

    def special(self, day: date) -> SpecialDay | None:
        return self._special.get(day)

    def is_workday(self, day: date) -> bool:
        one = self._special.get(day)
        return not one.is_off if one else day.weekday() < 5

    def add_workdays(self, start: date, number: int) -> date:
        """Return the `number`th working day after `start`, or before it where `number` is below 0.

        0 is `start` itself, whatever day that is. Raises ValueError past MOST, or where there is
        no such day.
        """
        if abs(number) > MOST:
            raise ValueError(f"最多可数{MOST}个工作日。")
        day, step = start, ONE if number > 0 else -ONE
        try:
            for _ in range(abs(number)):
                day += step
                while not self.is_workday(day):
                    day += step
        except OverflowError as error:
            raise ValueError("日期太远，无法计算。") from error
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Return how many working days lie after `start` up to `end`, that day included; below 0
        where `end` comes first."""
        if end < start:
            return -self.workdays_between(end, start)
        weeks, rest = divmod((end - start).days, 7)
        count = weeks * 5
        count += sum((end - timedelta(days=back)).weekday() < 5 for back in range(rest))
        for one in self._within(start + ONE, end):
            count += (not one.is_off) - (one.day.weekday() < 5)
        return count

    def workday_from(self, day: date) -> date:
        """Return the day itself, or the next working day."""
        return day if self.is_workday(day) else self.add_workdays(day, 1)

    def workday_until(self, day: date) -> date:
        """Return the day itself, or the working day before it."""
        return day if self.is_workday(day) else self.add_workdays(day, -1)

    def explain(self, start: date, number: int) -> Explanation:
        """Return `add_workdays` with the holidays it passed over and the weekends that counted.

        Raises ValueError as `add_workdays` does.
        """
        end = self.add_workdays(start, number)
        first, last = (start + ONE, end) if number >= 0 else (end, start - ONE)
        within = list(self._within(first, last))
        return Explanation(
            start=start,
            number=number,
            end=end,
            off=tuple(spans(one for one in within if one.is_off)),
            worked=tuple(one for one in within if not one.is_off),
            unknown=self.unknown(first, last),
        )

    def unknown(self, first: date, last: date) -> tuple[int, ...]:
        """Return the years from `first` to `last` that no notice is known of."""
        return tuple(year for year in range(first.year, last.year + 1) if year not in self.years)

    def workdays_of(self, year: int) -> int:
        return self.workdays_between(date(year, 1, 1) - ONE, date(year, 12, 31))

    def _within(self, first: date, last: date) -> Iterator[SpecialDay]:
        begin, end = bisect_left(self._order, first), bisect_right(self._order, last)
        for day in self._order[begin:end]:
            yield self._special[day]


def spans(days: Iterable[SpecialDay]) -> list[Span]:
    """Return days off in their order as spans, each of days one after another under one name."""
    found: list[Span] = []
    for day, _, name in days:
        if found and found[-1].name == name and day - found[-1].last == ONE:
            found[-1] = found[-1]._replace(last=day)
        else:
            found.append(Span(day, day, name))
    return found


def unknown_in_words(years: Iterable[int]) -> str:
    """Return what stands wherever days of years without a notice were counted."""
    return f"{'、'.join(str(year) for year in years)}年节假日安排尚未录入，暂按周一至周五计算。"


def short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def long(day: date) -> str:
    return f"{day.year}年{short(day)}"


def weekday(day: date) -> str:
    return f"周{WEEK[day.weekday()]}"
