"""Counting working days: against a plain loop, the published years, and into years unknown."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from reform import workdays
from reform.models import Holiday, HolidayNotice
from reform.workdays import Calendar, SpecialDay, spans

SEED = Path(__file__).resolve().parent.parent.parent / "reform" / "holidays"
ONE = timedelta(days=1)


def known(*years):
    found = [json.loads((SEED / f"{year}.json").read_text("utf-8")) for year in years]
    days = [
        SpecialDay(date.fromisoformat(one["date"]), one["isOffDay"], one["name"])
        for notice in found
        for one in notice["days"]
    ]
    return Calendar(days, frozenset(years))


CHINA = known(2024, 2025, 2026)
SOME_DAY = st.dates(date(2023, 6, 1), date(2027, 6, 30))


def plainly(start, end):
    """Count by looking at every day."""
    return sum(CHINA.is_workday(start + step * ONE) for step in range(1, (end - start).days + 1))


@pytest.mark.no_database
class TestCounting:
    @given(SOME_DAY, SOME_DAY)
    def test_what_lies_between_is_what_a_plain_count_finds(self, one, other):
        first, last = sorted((one, other))
        assert CHINA.workdays_between(first, last) == plainly(first, last)
        assert CHINA.workdays_between(last, first) == -plainly(first, last)

    @given(SOME_DAY, st.integers(1, 90))
    def test_adding_comes_to_a_working_day_that_many_on(self, start, number):
        end = CHINA.add_workdays(start, number)
        assert CHINA.is_workday(end)
        assert plainly(start, end) == number

    @given(SOME_DAY, st.integers(1, 90))
    def test_going_back_comes_to_a_working_day_that_many_before(self, start, number):
        end = CHINA.add_workdays(start, -number)
        assert CHINA.is_workday(end)
        assert plainly(end - ONE, start - ONE) == number

    @pytest.mark.parametrize(
        ("start", "number", "end"),
        [
            ("2026-09-25", 10, "2026-10-15"),  # 中秋, 国庆, and 10月10日 is worked
            ("2026-02-13", 1, "2026-02-14"),  # a Saturday that is worked
            ("2026-02-14", 1, "2026-02-24"),
            ("2026-02-24", -1, "2026-02-14"),
            ("2025-12-31", 1, "2026-01-04"),  # a Sunday that is worked
            ("2026-06-05", 0, "2026-06-05"),
            ("2026-06-06", 0, "2026-06-06"),  # a Saturday: nought is the day itself
        ],
    )
    def test_days_of_2026(self, start, number, end):
        assert CHINA.add_workdays(date.fromisoformat(start), number) == date.fromisoformat(end)

    def test_a_year_has_as_many_as_published(self):
        assert [CHINA.workdays_of(year) for year in (2024, 2025, 2026)] == [251, 248, 248]

    def test_the_nearest_working_day(self):
        holiday, plain = date(2026, 2, 18), date(2026, 6, 5)
        assert (CHINA.workday_until(holiday), CHINA.workday_from(holiday)) == (
            date(2026, 2, 14),
            date(2026, 2, 24),
        )
        assert CHINA.workday_until(plain) == CHINA.workday_from(plain) == plain

    def test_days_in_a_row_under_one_name_are_one_span(self):
        off = spans(one for one in sorted(CHINA.days) if one.is_off and one.day.year == 2026)
        assert [span.in_words() for span in off] == [
            "1月1日至3日元旦",
            "2月15日至23日春节",
            "4月4日至6日清明节",
            "5月1日至5日劳动节",
            "6月19日至21日端午节",
            "9月25日至27日中秋节",
            "10月1日至7日国庆节",
        ]

    @pytest.mark.parametrize("number", [workdays.MOST + 1, -workdays.MOST - 1])
    def test_there_is_a_most(self, number):
        with pytest.raises(ValueError, match="最多可数2000个工作日"):
            CHINA.add_workdays(date(2026, 1, 1), number)

    @pytest.mark.parametrize(("start", "number"), [(date.max, 1), (date.min, -1)])
    def test_days_end_somewhere(self, start, number):
        with pytest.raises(ValueError, match="日期太远"):
            CHINA.add_workdays(start, number)


@pytest.mark.no_database
class TestExplaining:
    def test_it_names_the_holidays_passed_over_and_the_weekends_worked(self):
        said = CHINA.explain(date(2026, 9, 24), 10).in_words()
        assert said == (
            "2026年9月24日起第10个工作日是2026年10月15日（周四）。"
            "放假不计：9月25日至27日中秋节、10月1日至7日国庆节。"
            "调休上班计入：10月10日（周六）。"
        )

    def test_where_nothing_is_special_there_is_one_sentence(self):
        said = CHINA.explain(date(2026, 6, 1), 3).in_words()
        assert said == "2026年6月1日起第3个工作日是2026年6月4日（周四）。"

    def test_a_year_without_a_notice_is_said_and_never_an_exception(self):
        explained = CHINA.explain(date(2026, 12, 28), 10)
        assert explained.end == date(2027, 1, 11)
        assert explained.in_words().endswith("2027年节假日安排尚未录入，暂按周一至周五计算。")
        assert Calendar().explain(date(2031, 1, 1), 5).unknown == (2031,)

    def test_a_weekend_worked_behind_the_last_day_is_not_named(self):
        assert CHINA.explain(date(2026, 10, 7), 2).worked == ()

    @given(SOME_DAY, st.integers(-60, 60))
    def test_every_day_between_is_counted_or_named(self, start, number):
        explained = CHINA.explain(start, number)
        assert explained.end == CHINA.add_workdays(start, number)
        low, high = sorted((start, explained.end))
        named = sum((span.last - span.first).days + 1 for span in explained.off)
        named += len(explained.worked)
        special = [one for one in CHINA.days if low <= one.day <= high and one.day != start]
        assert named == len(special)


@pytest.fixture
def calendar():
    """The years that a new database has; tests that flush take them away."""
    HolidayNotice.objects.all().delete()
    for year in (2025, 2026):
        notice = HolidayNotice.objects.create(year=year)
        Holiday.objects.replace_of(notice, known(year).days)


def said(*arguments):
    out = StringIO()
    call_command("workdays", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.usefixtures("calendar")
def test_the_command_says_the_day_and_then_why():
    first, *rest = said("2026-09-25", "10")
    assert first == "2026-10-15"
    assert "10月1日至7日国庆节" in rest[0]
    assert said("2026-09-25", "10") == [first, *rest]
    assert said("2026-02-24", "--", "-1")[0] == "2026-02-14"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("2026-02-30", "1"), "不是日期"),
        (("0001-01-01", "1"), "只能计算2007年至2099年"),
        (("2026-01-01", "十"), "应是整数"),
        (("2026-01-01", "²"), "应是整数"),
        (("2026-01-01", "999999999"), "最多可数"),
        (("2026-01-01", "9" * 5000), "应是整数"),
    ],
)
def test_the_command_refuses_in_words(arguments, words):
    with pytest.raises(CommandError, match=words):
        said(*arguments)


def test_of_two_notices_that_name_a_day_the_later_holds():
    HolidayNotice.objects.all().delete()
    for year, is_off in ((2026, False), (2027, True)):
        notice = HolidayNotice.objects.create(year=year)
        Holiday.objects.replace_of(notice, [SpecialDay(date(2026, 12, 26), is_off, "元旦")])

    assert not Holiday.objects.calendar().is_workday(date(2026, 12, 26))
    assert Holiday.objects.calendar().years == {2026, 2027}
