"""The calendar changed while somebody counts by it, closes a row, or enters another year."""

from datetime import date

import pytest

from rectification.actions import calendars, registrations, reviews
from rectification.models import EarlierDeadline, Problem
from reform.workdays import SpecialDay
from tests.conftest import ON
from tests.factories import AT, ProblemFactory
from tests.rectification.test_calendars import DUE, EARLIER, LATER, TEN, day_of, enter, issued
from tests.rectification.test_closures import APPROVE, VERIFY, step_of
from tests.rectification.test_races import at_once, refused
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendar")]

TIMES = 5


def test_a_row_issued_meanwhile_goes_by_the_new_calendar(bureau):
    rows = [
        ProblemFactory(
            campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **TEN
        )
        for _ in range(TIMES)
    ]
    for row in rows:
        registrations.register(row, by=bureau.secretary, at=AT)
    results = at_once(
        lambda: enter(bureau, LATER),
        lambda: [registrations.issue(row, by=bureau.secretary, at=AT) for row in rows],
    )
    assert refused(results) == []
    assert {day_of(row) for row in rows} == {date(2026, 6, 18)}


def test_two_years_entered_at_once_ask_once(bureau):
    issued(bureau)
    enter(bureau, EARLIER)
    new_year = [SpecialDay(date(year, 1, 1), is_off=True, name="元旦") for year in (2023, 2027)]
    results = at_once(
        *(
            lambda one=one: calendars.enter(
                one.day.year, paper="", days=[one], version=0, by=bureau.system, at=AT
            )
            for one in new_year
        )
    )
    assert refused(results) == []
    assert EarlierDeadline.objects.waiting().count() == 1


def test_a_row_that_closes_meanwhile_stays_as_it_was(bureau, applied):
    problem = applied.problem
    Problem.objects.filter(pk=problem.pk).update(due_since=ON, due_workdays=10, due_on=DUE)
    reviews.decide(step_of(problem), verdict=APPROVE, by=bureau.secretary, at=AT)
    results = at_once(
        lambda: enter(bureau, LATER),
        lambda: reviews.decide(step_of(problem), verdict=VERIFY, by=bureau.office, at=AT),
    )
    assert refused(results) == []
    problem.refresh_from_db()
    assert (problem.status, problem.due_on in {DUE, date(2026, 6, 18)}) == ("closed", True)
