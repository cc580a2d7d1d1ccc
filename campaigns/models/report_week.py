"""When weekly reports are due (周报截止): the Friday of each week, moved out of the holidays.

DESIGN §4 and domain §6. Each level of the cascade has its weekday and hour; the last one, that of
the collating offices, is moved first, and those before it keep their distance in working days. All
hours are Beijing's, whatever the machine's own clock shows. Pure: the calendar is given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import models

from reform.workdays import Calendar

BEIJING = ZoneInfo("Asia/Shanghai")
WEEK = timedelta(days=7)
FRIDAY = 4  # as date.weekday() counts
# Working hours (domain §6), in which half a working day is measured.
MORNING, AFTERNOON = (time(8, 30), time(11, 50)), (time(14), time(17, 30))


def _length(hours: tuple[time, time]) -> timedelta:
    day = date.min
    return datetime.combine(day, hours[1]) - datetime.combine(day, hours[0])


HALF_A_DAY = (_length(MORNING) + _length(AFTERNOON)) / 2


class Level(models.TextChoices):
    """Who reports (填报层级): those who report their own week, and those who collate it."""

    OFFICE = "office", "汇总单位"
    BRANCH = "branch", "基层单位"


class Policy(models.TextChoices):
    """Where a cut-off goes that falls on a holiday."""

    PREVIOUS = "previous_workday", "提前到节前最后一个工作日"
    NEXT = "next_workday", "顺延到节后第一个工作日"
    SECOND = "second_workday_after", "顺延到节后第二个工作日"


class CutOff(NamedTuple):
    """A weekday (Monday is 0) and an hour of Beijing."""

    weekday: int
    hour: time


@dataclass(frozen=True)
class Week:
    """One week with a report: its nominal Friday, and from when to when each level reports.

    A level's period begins with its cut-off before, so that nothing is left out or told twice. It
    is empty where a policy moves two cut-offs to one moment: then the two weeks make one report.
    """

    friday: date
    due: Mapping[Level, datetime]
    since: Mapping[Level, datetime]

    @property
    def is_empty(self) -> bool:
        return self.since[Level.OFFICE] >= self.due[Level.OFFICE]

    def first_day(self, level: Level) -> date:
        return self.since[level].date()

    def last_day(self, level: Level) -> date:
        return self.due[level].date()


DEFAULT: Mapping[Level, CutOff] = MappingProxyType(
    {Level.OFFICE: CutOff(FRIDAY, time(12)), Level.BRANCH: CutOff(3, time(17))}
)


@dataclass(frozen=True)
class Schedule:
    """The cut-offs of the levels, what becomes of them on holidays, and the calendar."""

    calendar: Calendar
    policy: Policy = Policy.PREVIOUS
    cut_offs: Mapping[Level, CutOff] = field(default_factory=lambda: DEFAULT)

    def weeks(self, first: date, last: date) -> Iterator[Week]:
        """Yield the weeks whose nominal Fridays lie from `first` to `last`, those days included.

        A week without a working day has no report: its days go to the next.
        """
        friday = first + timedelta(days=(FRIDAY - first.weekday()) % 7)
        before = self._due(self._before(friday)) if friday <= last else {}
        while friday <= last:
            if self._is_worked(friday):
                due = self._due(friday)
                yield Week(friday, due, before)
                before = due
            try:
                friday += WEEK
            except OverflowError:
                return

    def week_of(self, moment: datetime) -> Week:
        """Return the week in which the offices' cut-off is the first after `moment`."""
        # A cut-off lies at most a long holiday away from its Friday.
        day = moment.astimezone(BEIJING).date() - 2 * WEEK
        weeks = self.weeks(day, day + 6 * WEEK)
        return next(week for week in weeks if week.due[Level.OFFICE] > moment)

    def is_half_a_day_apart(self) -> bool:
        """Whether each level before the offices leaves them at least half a working day."""
        office = self.cut_offs[Level.OFFICE]
        last = datetime.combine(date.min, office.hour)
        return all(
            _worked(self._back(level), cut_off.hour, last.time()) >= HALF_A_DAY
            for level, cut_off in self.cut_offs.items()
            if level != Level.OFFICE
        )

    # ----

    def _is_worked(self, friday: date) -> bool:
        monday = friday - timedelta(days=FRIDAY)
        return self.calendar.workdays_between(monday - timedelta(days=1), friday) > 0

    def _before(self, friday: date) -> date:
        friday -= WEEK
        while not self._is_worked(friday):
            friday -= WEEK
        return friday

    def _due(self, friday: date) -> dict[Level, datetime]:
        office = self.cut_offs[Level.OFFICE]
        nominal = friday + timedelta(days=office.weekday - FRIDAY)
        last = self._moved(nominal)
        return {
            level: datetime.combine(
                self.calendar.add_workdays(last, -self._back(level)), cut_off.hour, BEIJING
            )
            for level, cut_off in self.cut_offs.items()
        }

    def _moved(self, nominal: date) -> date:
        if self.calendar.is_workday(nominal):
            return nominal
        match self.policy:
            case Policy.NEXT:
                return self.calendar.workday_from(nominal)
            case Policy.SECOND:
                return self.calendar.add_workdays(nominal, 2)
        return self.calendar.workday_until(nominal)

    def _back(self, level: Level) -> int:
        """Return how many working days before the offices a level is due: the cascade moves whole,
        so that no holiday takes away the time in which offices collate."""
        return max(self.cut_offs[Level.OFFICE].weekday - self.cut_offs[level].weekday, 0)


def _worked(days: int, start: time, end: time) -> timedelta:
    """Return the working time from `start` to `end` as many days later."""
    whole = _length(MORNING) + _length(AFTERNOON)
    return whole * days + _until(end) - _until(start)


def _until(hour: time) -> timedelta:
    """Return the working time of a day before an hour."""
    spans = chain([MORNING, AFTERNOON])
    return sum(
        (_length((begin, min(hour, end))) for begin, end in spans if hour > begin), timedelta()
    )
