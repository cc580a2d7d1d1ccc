"""When weekly reports are due: a table of instants (domain §6), written out by hand."""

import os
import time
from datetime import date, datetime
from datetime import time as hour
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import BEIJING, CutOff, Level, Policy, Schedule
from reform.workdays import Calendar
from tests.reform.test_workdays import calendar, known  # noqa: F401 -- a fixture

# The six holiday Fridays of 2026, and where each policy puts the offices' cut-off at noon.
HOLIDAYS = """
2026-01-02  2025-12-31  2026-01-04  2026-01-05
2026-05-01  2026-04-30  2026-05-06  2026-05-07
2026-06-19  2026-06-18  2026-06-22  2026-06-23
2026-09-25  2026-09-24  2026-09-28  2026-09-29
2026-10-02  2026-09-30  2026-10-08  2026-10-09
"""
# The first Friday after each of ten year ends (the day itself where it is one) → cut-off; years
# whose notice is not known follow the week.
YEAR_ENDS = """
2024-01-05  2024-01-05
2025-01-03  2025-01-03
2026-01-02  2025-12-31
2027-01-01  2027-01-01
2027-12-31  2027-12-31
2029-01-05  2029-01-05
2030-01-04  2030-01-04
2031-01-03  2031-01-03
2032-01-02  2032-01-02
2032-12-31  2032-12-31
"""
# Branches are due a working day before, at five: nominal Friday → their day.
BRANCHES = """
2026-01-02  2025-12-30
2026-02-27  2026-02-26
2026-05-01  2026-04-29
2026-06-19  2026-06-17
2026-09-25  2026-09-23
2026-10-02  2026-09-29
2026-06-05  2026-06-04
"""


def lines(table):
    return [
        [date.fromisoformat(cell) for cell in line.split()] for line in table.strip().splitlines()
    ]


@pytest.fixture(scope="module")
def real():
    days = [one for year in (2024, 2025, 2026) for one in known(year).days]
    return Calendar(tuple(days), frozenset({2024, 2025, 2026}))


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/New_York"])
def host(request, monkeypatch):
    """The clock of the machine, which must not matter."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    os.environ.setdefault("TZ", "Asia/Shanghai")
    time.tzset()


def due(schedule, friday, level=Level.OFFICE):
    return [week.due[level] for week in schedule.weeks(friday, friday)]


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("row", lines(HOLIDAYS), ids=str)
def test_a_holiday_friday_goes_where_the_policy_says(real, row):
    friday, *days = row
    for policy, day in zip(Policy, days, strict=True):
        (moment,) = due(Schedule(real, policy), friday)
        assert moment == datetime.combine(day, hour(12), BEIJING), policy
        assert moment.isoformat(timespec="minutes") == f"{day}T12:00+08:00"


@pytest.mark.parametrize("policy", Policy)
def test_the_week_without_a_working_day_is_left_out_and_joins_the_next(real, policy):
    schedule = Schedule(real, policy)
    assert due(schedule, date(2026, 2, 20)) == []
    (after,) = schedule.weeks(date(2026, 2, 27), date(2026, 2, 27))
    assert after.first_day(Level.OFFICE) == date(2026, 2, 13)
    assert after.last_day(Level.OFFICE) == date(2026, 2, 27)


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("row", lines(YEAR_ENDS), ids=str)
def test_year_ends(real, row):
    friday, day = row
    assert due(Schedule(real), friday) == [datetime.combine(day, hour(12), BEIJING)]


@pytest.mark.parametrize("row", lines(BRANCHES), ids=str)
def test_the_whole_cascade_moves(real, row):
    friday, day = row
    schedule = Schedule(real)
    assert due(schedule, friday, Level.BRANCH) == [datetime.combine(day, hour(17), BEIJING)]


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.sampled_from(Policy))
def test_periods_leave_no_gap_and_do_not_overlap(day, policy):
    days = [one for year in (2024, 2025, 2026) for one in known(year).days]
    schedule = Schedule(Calendar(tuple(days), frozenset({2024, 2025, 2026})), policy)
    weeks = list(schedule.weeks(day, date(2027, 1, 31)))
    for level in Level:
        for before, after in pairwise(weeks):
            assert before.due[level] == after.since[level]
            assert before.due[level] <= after.due[level]
    for week in weeks:
        assert week.due[Level.BRANCH] < week.due[Level.OFFICE]


@pytest.mark.parametrize(
    ("weekday", "at", "apart"),
    [(3, hour(17), True), (3, hour(17, 30), False), (4, hour(8, 30), False), (3, hour(12), True)],
)
def test_levels_lie_half_a_working_day_apart(weekday, at, apart):
    office, branch = CutOff(4, hour(12)), CutOff(weekday, at)
    schedule = Schedule(Calendar(), cut_offs={Level.OFFICE: office, Level.BRANCH: branch})
    assert schedule.is_half_a_day_apart() is apart


def test_the_week_of_a_moment_is_the_one_whose_cut_off_comes(real):
    schedule = Schedule(real)
    at = datetime(2026, 2, 16, 12, tzinfo=BEIJING)
    assert schedule.week_of(at).friday == date(2026, 2, 27)


# ---- the command


def said(*arguments):
    out = StringIO()
    call_command("weekly_due", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.usefixtures("calendar")
def test_the_command_prints_a_line_a_week():
    found = said("2026-01-01", "2026-12-31")
    assert found == said("2026-01-01", "2026-12-31")
    assert len(found) == 51  # of 52 Fridays one week is closed
    assert found[0] == "2025-12-31T12:00+08:00\t2025-12-26\t2025-12-31"
    assert "2026-04-30T12:00+08:00\t2026-04-24\t2026-04-30" in found


@pytest.mark.usefixtures("calendar")
def test_a_year_without_a_notice_is_said_beside_the_lines():
    out, beside = StringIO(), StringIO()
    call_command("weekly_due", "2026-12-25", "2027-01-08", stdout=out, stderr=beside)

    assert len(out.getvalue().splitlines()) == 3
    assert "2027年节假日安排尚未录入，暂按周一至周五计算。" in beside.getvalue()


@pytest.mark.usefixtures("calendar")
def test_the_command_goes_by_policy_and_level():
    assert said("2026-02-16", "2026-02-22") == []
    (line,) = said("2026-10-02", "2026-10-02", "--policy", "second_workday_after")
    assert line.startswith("2026-10-09T12:00+08:00\t")
    (line,) = said("2026-05-01", "2026-05-01", "--level", "branch")
    assert line == "2026-04-29T17:00+08:00\t2026-04-23\t2026-04-29"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("2026-13-01", "2026-12-31"), "不是日期"),
        (("2026-12-31", "2026-01-01"), "止的日期早于起的日期"),
        (("2026-01-01", "2026-12-31", "--campaign", "NONE"), "没有代码为“NONE”的活动"),
        (("2026-01-01", "2026-12-31", "--policy", "never"), "不能写"),
        (("9999-01-01", "9999-12-31"), "太早或太晚"),
    ],
)
def test_wrong_arguments_are_answered_in_words(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        said(*arguments)
