"""Deadlines given in working days: counted on issue, moved by the calendar, earlier by a leader."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from rectification.actions import calendars, problems, registrations, reviews
from rectification.models import DeadlineChange, EarlierDeadline, Problem
from reform.errors import Forbidden, Refused
from reform.models import Holiday, HolidayNotice, TrailEntry
from reform.workdays import SpecialDay
from tests.conftest import ON, SIX
from tests.factories import AT, ProblemFactory, actor
from tests.rectification.test_closures import RETURN, closed, step_of
from tests.reform.test_workdays import calendar, known  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")

TEN = SIX | {"due_on": None, "due_workdays": 10, "due_text": "10个工作日内"}
DUE = date(2026, 6, 17)  # ten working days after 3 June
# Dragon boat is 19 to 21 June; a day off more on the 10th, or the 13th worked.
LATER = SpecialDay(date(2026, 6, 10), is_off=True, name="临时放假")
EARLIER = SpecialDay(date(2026, 6, 13), is_off=False, name="临时调休")


def issued(bureau, **facts):
    row = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **TEN | facts
    )
    registrations.register(row, by=bureau.secretary, at=AT)
    return registrations.issue(row, by=bureau.secretary, at=AT)


def enter(bureau, *more):
    notice = HolidayNotice.objects.get(year=2026)
    days = [one for one in known(2026).days if one.day.year == 2026]
    return calendars.enter(
        2026, paper="", days=sorted([*days, *more]), version=notice.version, by=bureau.system, at=AT
    )


def day_of(row):
    return Problem.objects.get(pk=row.pk).due_on


def causes(row):
    return list(DeadlineChange.objects.filter(problem=row).values_list("cause", flat=True))


# ---------------------------------------------------------------- counted


def test_working_days_are_counted_from_the_issue_and_explained(bureau):
    row = issued(bureau)
    assert (row.due_on, row.due_since, row.first_due_on) == (DUE, ON, DUE)
    change = DeadlineChange.objects.get(problem=row)
    assert change.reason == "2026年6月3日起第10个工作日是2026年6月17日（周三）。"


def test_over_a_holiday_the_reason_names_it(bureau):
    row = issued(bureau, due_workdays=15)
    assert row.due_on == date(2026, 6, 25)
    assert "6月19日至21日端午节" in DeadlineChange.objects.get(problem=row).reason


def test_into_a_year_without_a_notice_it_is_said(bureau):
    row = issued(bureau, due_workdays=200)
    assert "2027年节假日安排尚未录入" in DeadlineChange.objects.get(problem=row).reason


def test_a_day_given_by_the_office_is_counted_no_more(bureau):
    row = issued(bureau)
    facts = {
        "due_text": "2026年7月1日前",
        "due_kind": "dated",
        "due_on": date(2026, 7, 1),
        "due_days": None,
        "due_workdays": None,
    }
    row = problems.amend(
        row, version=row.version, facts=facts, reason="延长", by=bureau.office, at=AT
    )
    assert (row.due_on, row.due_since) == (date(2026, 7, 1), None)
    enter(bureau, LATER)
    assert day_of(row) == date(2026, 7, 1)


def test_other_working_days_are_counted_from_the_correction(bureau):
    row = issued(bureau)
    facts = {"due_text": "5个工作日内", "due_on": None, "due_workdays": 5}
    row = problems.amend(
        row, version=row.version, facts=facts, reason="从快", by=bureau.office, at=AT
    )
    assert (row.due_on, row.due_since) == (date(2026, 6, 10), ON)
    last = DeadlineChange.objects.filter(problem=row).last()
    assert last.reason == "从快\n2026年6月3日起第5个工作日是2026年6月10日（周三）。"


# ---------------------------------------------------------------- moved


def test_later_is_at_once_with_an_event_that_says_why(bureau):
    row, dated = issued(bureau), issued(bureau, due_on=date(2026, 6, 30), due_workdays=None)
    enter(bureau, LATER)

    assert (day_of(row), day_of(dated)) == (date(2026, 6, 18), date(2026, 6, 30))
    row.refresh_from_db()
    assert row.first_due_on == DUE  # what was first is kept for ever
    change = DeadlineChange.objects.filter(problem=row).last()
    assert (change.cause, change.was, change.becomes) == ("calendar", DUE, date(2026, 6, 18))
    assert change.reason.startswith("2026年节假日安排有变化。2026年6月3日起第10个工作日是")
    assert TrailEntry.objects.of(row).last().act == "problem.deadline_moved"
    assert causes(dated) == ["first"]


def test_the_same_calendar_moves_nothing_twice(bureau):
    row = issued(bureau)
    enter(bureau, LATER)
    with pytest.raises(Refused, match="完全相同"):
        enter(bureau, LATER)
    assert causes(row) == ["first", "calendar"]


def test_a_plain_number_of_days_stays(bureau):
    row = issued(bureau, due_workdays=None, due_days=15)
    enter(bureau, LATER)
    assert causes(row) == ["first"]


def test_a_row_in_review_moves_and_a_returned_one_keeps_the_day_it_was_given(bureau, applied):
    problem = applied.problem
    Problem.objects.filter(pk=problem.pk).update(due_since=ON, due_workdays=10, due_on=DUE)
    enter(bureau, LATER)
    assert day_of(problem) == date(2026, 6, 18)

    reviews.decide(step_of(problem), verdict=RETURN, by=bureau.secretary, at=AT)
    enter(bureau, LATER, LATER._replace(day=date(2026, 6, 11)))
    assert day_of(problem) == RETURN.new_due_on


# ---------------------------------------------------------------- brought forward


def waiting():
    return list(EarlierDeadline.objects.waiting())


def test_earlier_waits_for_a_leader(bureau):
    row = issued(bureau)
    enter(bureau, EARLIER)

    assert day_of(row) == DUE
    [found] = waiting()
    assert (found.problem, found.was, found.becomes) == (row, DUE, date(2026, 6, 16))

    assert calendars.decide([found], approve=True, reason="", by=bureau.leader, at=AT) == (1, 0)
    assert day_of(row) == date(2026, 6, 16)
    assert causes(row) == ["first", "calendar"]
    assert DeadlineChange.objects.filter(problem=row).last().reason == (
        "2026年节假日安排有变化，经批准提前。2026年6月3日起第10个工作日是2026年6月16日（周二）。"
        "调休上班计入：6月13日（周六）。"
    )
    assert bureau.users["member"].notices.filter(subject__contains="提前到2026-06-16").exists()
    assert waiting() == []


def test_kept_it_needs_a_reason_and_is_asked_about_no_more(bureau):
    row = issued(bureau)
    enter(bureau, EARLIER)
    with pytest.raises(Refused, match="须写明理由"):
        calendars.decide(waiting(), approve=False, reason="", by=bureau.leader, at=AT)

    calendars.decide(waiting(), approve=False, reason="已经安排", by=bureau.leader, at=AT)
    assert day_of(row) == DUE
    assert TrailEntry.objects.of(row).last().act == "problem.deadline_kept"
    enter(bureau, EARLIER, LATER._replace(day=date(2026, 6, 11)))
    assert (day_of(row), waiting()) == (DUE, [])


@pytest.mark.parametrize("who", ["secretary", "office", "inspector", "system", "stranger"])
def test_nobody_but_a_leader_above_decides(bureau, who):
    issued(bureau)
    enter(bureau, EARLIER)
    with pytest.raises(Forbidden):
        calendars.decide(waiting(), approve=True, reason="", by=getattr(bureau, who), at=AT)
    assert len(waiting()) == 1


def test_another_calendar_asks_anew(bureau):
    row = issued(bureau)
    enter(bureau, EARLIER)
    [old] = waiting()
    enter(bureau, EARLIER, SpecialDay(date(2026, 6, 14), is_off=False, name="临时调休"))
    [new] = waiting()
    assert (new.problem, new.becomes) == (row, date(2026, 6, 15))
    decided = calendars.decide([old], approve=True, reason="", by=bureau.leader, at=AT)
    assert (decided, day_of(row)) == ((0, 1), DUE)


def test_what_still_waits_for_the_same_day_keeps_its_cause(bureau):
    issued(bureau)
    enter(bureau, EARLIER)
    days = [SpecialDay(date(2027, 1, 1), is_off=True, name="元旦")]
    calendars.enter(2027, paper="", days=days, version=0, by=bureau.system, at=AT)
    assert waiting()[0].notice.year == 2026


def test_what_has_changed_meanwhile_stands_in_nobodys_way(bureau, signed_in):
    row, other = issued(bureau), issued(bureau)
    enter(bureau, EARLIER)
    both = waiting()
    Problem.objects.filter(pk=row.pk).update(due_on=date(2026, 7, 1))

    assert [one.problem for one in waiting()] == [other]  # nobody is asked any more
    decided = calendars.decide(both, approve=True, reason="", by=bureau.leader, at=AT)
    assert decided == (1, 1)
    assert (day_of(row), day_of(other)) == (date(2026, 7, 1), date(2026, 6, 16))


def test_a_day_that_has_passed_is_not_brought_forward_to(bureau):
    row = issued(bureau)
    enter(bureau, EARLIER)
    late = actor(bureau.users["leader"], on=DUE)
    with pytest.raises(Refused, match="2026年6月16日已过"):
        calendars.decide(waiting(), approve=True, reason="", by=late, at=AT)
    assert day_of(row) == DUE


def test_a_row_handed_back_and_filled_anew_is_the_calendars_no_more(bureau):
    """Registered again it has working days and no day yet: nobody may stumble over it."""
    row = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **TEN
    )
    registrations.register(row, by=bureau.secretary, at=AT)
    row = registrations.issue(row, by=bureau.office, at=AT)
    row = registrations.return_assignment(row, reason="不明", by=bureau.secretary, at=AT)
    facts = {"due_text": "5个工作日内", "due_on": None, "due_workdays": 5, "due_kind": "dated"}
    row = problems.fill(row, version=row.version, facts=facts, by=bureau.secretary, at=AT)
    assert row.due_since is None

    enter(bureau, LATER)
    row = registrations.issue(row, by=bureau.office, at=AT)
    assert (row.due_on, causes(row)) == (date(2026, 6, 11), ["first", "correction"])
    last = DeadlineChange.objects.filter(problem=row).last()
    assert "6月10日临时放假" in last.reason


def test_a_row_closed_while_it_waits_stands_in_no_calendars_way(bureau, applied):
    row = closed(applied, bureau, AT)
    EarlierDeadline.objects.create(
        problem=row,
        notice=HolidayNotice.objects.get(year=2026),
        was=row.due_on,
        becomes=row.due_on - timedelta(days=1),
        found_at=AT,
    )
    enter(bureau, LATER)
    assert list(EarlierDeadline.objects.values_list("state", flat=True)) == ["void"]


def test_what_would_move_is_foreseen_and_nothing_is_kept(bureau):
    issued(bureau)
    days = [one for one in known(2026).days if one.day.year == 2026]
    assert calendars.foreseen(2026, sorted([*days, LATER])) == (1, 0)
    assert calendars.foreseen(2026, sorted([*days, EARLIER])) == (0, 1)
    assert calendars.foreseen(2026, days) == (0, 0)
    assert not EarlierDeadline.objects.exists()
    assert Holiday.objects.calendar().is_workday(LATER.day)


# ---------------------------------------------------------------- pages


def test_the_preview_says_how_many_would_move(bureau, signed_in):
    issued(bureau)
    lines = [one for one in known(2026).days if one.day.year == 2026]
    text = "\n".join(
        f"{one.day} {'放假' if one.is_off else '上班'} {one.name}" for one in [*lines, EARLIER]
    )
    page = signed_in(bureau.system).post(reverse("calendar-new"), {"text": text})
    assert "1件应提前，须领导批准后才改" in page.content.decode()


def test_a_leader_is_told_on_the_desk_and_decides_on_a_page(bureau, signed_in):
    row, other = issued(bureau), issued(bureau)
    enter(bureau, EARLIER)
    client = signed_in(bureau.leader)
    assert "2件按工作日计算的时限应提前" in client.get("/").content.decode()

    url = reverse("calendar-earlier")
    page = client.post(url, {"rows": [""], "decision": "approve"})
    assert page.status_code == 200
    page = client.post(url, {"rows": [waiting()[1].pk], "decision": "keep"})
    assert "须写明理由" in page.content.decode()
    [first, second] = waiting()
    page = client.post(url, {"rows": [first.pk], "decision": "approve"})
    assert "提前后的时限2026年6月16日已过" in page.content.decode()  # the page goes by today
    kept = {"rows": [first.pk], "decision": "keep", "reason": "已经安排"}
    page = client.post(url, kept, follow=True)
    assert "已办理1件。" in page.content.decode()
    assert (day_of(row), waiting()) == (DUE, [second])
    assert "1件按工作日计算的时限应提前" in client.get("/").content.decode()
    assert second.problem == other


def test_a_leader_elsewhere_sees_none_and_others_no_page(bureau, signed_in):
    issued(bureau)
    enter(bureau, EARLIER)
    page = signed_in(bureau.stranger).get(reverse("calendar-earlier"))
    assert "没有等待批准的时限" in page.content.decode()
    assert signed_in(bureau.office).get(reverse("calendar-earlier")).status_code == 403


def test_a_personal_row_is_shown_to_no_leader(bureau, signed_in):
    row = issued(bureau)
    Problem.objects.filter(pk=row.pk).update(owner_kind="personal")
    enter(bureau, EARLIER)
    page = signed_in(bureau.leader).get(reverse("calendar-earlier"))
    assert "没有等待批准的时限" in page.content.decode()
    assert (day_of(row), EarlierDeadline.objects.exists()) == (DUE, False)


def test_the_problem_page_says_how_a_deadline_was_counted(bureau, signed_in):
    row = issued(bureau, due_workdays=200)
    said = signed_in(bureau.liaison).get(row.get_absolute_url()).content.decode()
    assert "起第200个工作日是" in said
    assert "2027年节假日安排尚未录入，暂按周一至周五计算。" in said
