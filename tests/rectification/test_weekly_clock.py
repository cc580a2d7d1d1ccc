"""Reminding of weekly reports: before each cut-off who owes one, at it the office that collates."""

from datetime import date, timedelta

import pytest

from rectification.actions import weekly_clock, weekly_deferrals, weekly_reports, weekly_states
from rectification.actions.weekly_clock import Message
from rectification.models import WeeklyIssue
from reform.models import HolidayNotice, Notice, Role, User
from tests.factories import CampaignFactory, DutyFactory
from tests.rectification.weekly import FRIDAY, MONDAY, beijing, opened, planned
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")

WEDNESDAY, THURSDAY = date(2026, 6, 3), date(2026, 6, 4)


@pytest.fixture
def issue(bureau, at):
    planned(bureau, at=at)
    opened(bureau)
    weekly_clock.tell(at=beijing(MONDAY, 9))  # the week before is over, and was told of
    Notice.objects.all().delete()
    return WeeklyIssue.objects.get(friday=FRIDAY)


def told():
    rows = Notice.objects.order_by("pk").values_list("recipient__name", "key", "late")
    return [(name, key.split(":")[0], late) for name, key, late in rows]


def test_who_owes_one_is_reminded_a_day_and_two_and_a_half_hours_before(issue):
    weekly_clock.tell(at=beijing(WEDNESDAY, 16, 59))
    assert told() == []
    weekly_clock.tell(at=beijing(WEDNESDAY, 17))
    people = {"周敏", "郑洁", "黄蕾"}
    assert {name for name, kind, late in told() if kind == "weekly-day" and not late} == people
    weekly_clock.tell(at=beijing(THURSDAY, 11, 59))
    assert len(told()) == 3
    weekly_clock.tell(at=beijing(THURSDAY, 12))  # the centre's own is due on Friday at noon
    assert told()[3:] == [("何静", "weekly-day", False)]
    weekly_clock.tell(at=beijing(THURSDAY, 14, 29))
    assert len(told()) == 4
    weekly_clock.tell(at=beijing(THURSDAY, 14, 30))
    assert {name for name, kind, _ in told() if kind == "weekly-hours"} == people


def test_who_has_reported_is_left_alone(bureau, issue):
    weekly_reports.file_zero(issue, bureau.sibling, by=bureau.neighbour, at=beijing(MONDAY, 10))
    weekly_clock.tell(at=beijing(WEDNESDAY, 17))
    assert {name for name, _, _ in told()} == {"周敏", "郑洁"}


def test_who_has_reported_is_asked_no_more(bureau, issue):
    weekly_clock.tell(at=beijing(WEDNESDAY, 17))
    weekly_clock.tell(at=beijing(THURSDAY, 14, 30))
    # He reports for two places: what he was told asks for the other as well.
    DutyFactory(user=bureau.users["liaison"], organization=bureau.sibling, role=Role.LIAISON)
    weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=beijing(THURSDAY, 15))

    unread = Notice.objects.unread().filter(event="weekly")
    asked = set(unread.values_list("recipient__name", flat=True))
    assert asked == {"周敏", "黄蕾", "何静"}  # she of the centre's own, which is due on Friday


def test_the_office_gets_the_list_at_the_cut_off(bureau, issue):
    weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=beijing(MONDAY, 10))
    weekly_clock.tell(at=beijing(WEDNESDAY, 17))
    weekly_clock.tell(at=beijing(THURSDAY, 14, 30))
    Notice.objects.all().delete()
    weekly_clock.tell(at=beijing(THURSDAY, 17))
    notice = Notice.objects.get()
    assert notice.recipient == bureau.users["office"]
    assert "应报2个，未报1个：第二党支部" in notice.subject
    assert notice.timing == "direct"


def test_no_list_where_all_have_reported(bureau, issue):
    for place, by in ((bureau.branch, bureau.secretary), (bureau.sibling, bureau.neighbour)):
        weekly_reports.file_zero(issue, place, by=by, at=beijing(MONDAY, 10))
    weekly_clock.tell(at=beijing(THURSDAY, 17))
    assert not Notice.objects.filter(event="weekly_list").exists()


def test_twice_is_once(issue):
    for _ in range(2):
        weekly_clock.tell(at=beijing(THURSDAY, 17))
    count = Notice.objects.count()
    WeeklyIssue.objects.filter(pk=issue.pk).update(told={})  # even where it has forgotten
    weekly_clock.tell(at=beijing(THURSDAY, 17))
    assert Notice.objects.count() == count


def test_after_an_outage_each_is_told_once_and_marked_as_late(bureau, issue):
    weekly_clock.tell(at=beijing(WEDNESDAY, 17))
    Notice.objects.all().delete()
    weekly_clock.tell(at=beijing(date(2026, 6, 8), 9))  # down from Thursday to Monday
    found = told()
    assert all(late for _, _, late in found)
    lists = [row for row in found if row[1] == "weekly-list"]
    # the centre of its branches, the bureau of the centre
    assert {name for name, _, _ in lists} == {"何静", "田野"}
    assert len({(name, kind) for name, kind, _ in found}) == len(found)


def test_one_person_with_two_branches_gets_one_message_a_cut_off(bureau, issue):
    DutyFactory(user=bureau.users["secretary"], organization=bureau.sibling, role=Role.SECRETARY)
    weekly_clock.tell(at=beijing(WEDNESDAY, 17))
    mine = Notice.objects.filter(recipient=bureau.users["secretary"])
    assert mine.count() == 1
    assert "第一党支部" in mine.get().subject
    assert "第二党支部" in mine.get().subject


def test_a_campaign_that_begins_after_the_others_were_told_is_told_as_well(bureau, issue, at):
    """Its reminder had the key of the other's, and was taken for told."""
    weekly_clock.tell(at=beijing(WEDNESDAY, 17))
    first = bureau.campaign
    bureau.campaign = CampaignFactory(organization=bureau.top, title="另一活动")
    planned(bureau, at=at)
    weekly_clock.tell(at=beijing(WEDNESDAY, 17, 5))

    mine = Notice.objects.filter(recipient=bureau.users["secretary"], key__startswith="weekly-day")
    assert [first.title in one.subject for one in mine.order_by("pk")] == [True, False]
    assert "另一活动" in mine.latest("pk").subject
    weekly_clock.tell(at=beijing(THURSDAY, 14, 30))  # both at once: one message
    (hours,) = Notice.objects.filter(
        recipient=bureau.users["secretary"],
        key__startswith="weekly-hours",
        subject__contains="请于6月4日",
    )
    assert first.title in hours.subject
    assert "另一活动" in hours.subject


def test_what_does_not_fit_into_a_line_is_counted():
    message = Message(User(pk=1), "day", beijing(THURSDAY, 17), late=False)
    message.lines = [f"第{number}党支部{'长' * 60}" for number in range(1, 6)]

    assert len(message.subject) <= 200
    assert message.subject.endswith("；另有3项")
    message.lines = ["短", "也短"]
    assert message.subject == "短；也短"


def test_who_may_be_later_is_not_pressed_and_stands_on_the_list_as_such(bureau, issue, at):
    weekly_deferrals.defer(
        issue,
        bureau.sibling,
        kind="agreed",
        until=beijing(date(2026, 6, 8)),
        reason="出差",
        by=bureau.office,
        at=at,
    )
    weekly_clock.tell(at=beijing(THURSDAY, 17, 1))
    notice = Notice.objects.get(key__startswith="weekly-list")
    assert "第二党支部（缓报）" in notice.subject


def test_a_rehearsal_writes_nothing_and_says_the_same_twice(issue):
    moment = beijing(THURSDAY, 17, 1)
    first, second = weekly_clock.owed(at=moment), weekly_clock.owed(at=moment)
    assert [(one.key, one.person) for one in first] == [(one.key, one.person) for one in second]
    assert first
    assert not Notice.objects.exists()
    assert WeeklyIssue.objects.get(pk=issue.pk).counted_at is None
    assert weekly_states.states(at=moment) == weekly_states.states(at=moment)


def test_the_shell_says_how_each_stands(bureau, issue):
    weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=beijing(MONDAY, 10))
    found = weekly_states.states(at=beijing(THURSDAY, 17, 1))
    mine = [row for row in found if row["number"] == issue.number]
    assert [(row["organization"], row["state"]) for row in mine] == [
        (bureau.branch.code, "filed"),
        (bureau.sibling.code, "missing"),
    ]
    assert mine[0]["period"] == "2026-05-28/2026-06-04"
    assert mine[0]["due_at"] == "2026-06-04T17:00+08:00"


def test_weeks_that_no_tick_has_opened_are_foreseen(bureau, issue):
    found = weekly_states.states(at=beijing(date(2026, 7, 10), 12, 1))
    assert {row["number"] for row in found} == {7}
    assert {row["state"] for row in found} == {"missing"}


def test_a_holiday_moves_the_reminder_to_the_working_day_before(bureau, issue):
    assert HolidayNotice.objects.filter(year=2026).exists()
    weekly_clock.tell(at=beijing(date(2026, 6, 15), 9))
    Notice.objects.all().delete()
    # Friday the 19th is a holiday: the offices are due on Thursday, branches on Wednesday at five.
    weekly_clock.tell(at=beijing(date(2026, 6, 16), 17))
    assert {kind for _, kind, _ in told()} == {"weekly-day"}
    moment = beijing(date(2026, 6, 17), 14, 30)
    weekly_clock.tell(at=moment - timedelta(minutes=1))
    before = Notice.objects.count()
    weekly_clock.tell(at=moment)
    assert Notice.objects.count() > before
