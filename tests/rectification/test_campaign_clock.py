"""A campaign's own days on the clock (到期提醒): tasks, stages, examinations, requirements."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from campaigns.actions import (
    assignments,
    campaigns,
    excuses,
    stage_turns,
    stages,
    superior_requests,
)
from campaigns.models import Assignment, ReminderRule, Stage, SuperiorRequest
from rectification.actions import clock, pauses
from reform.models import Notice, Role
from tests.campaigns.sheets import begun, sent
from tests.factories import AT, ON, actor, person
from tests.rectification.stages import demand, shut, task
from tests.rectification.test_clock import moment
from tests.reform.test_workdays import calendar, known  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")
DAY = date(2026, 6, 10)  # a Wednesday


def tick(month, day, hour=9):
    return said(clock.tick(at=moment(month, day, hour)))


def said(owing):
    names = dict(Notice.objects.values_list("recipient", "recipient__name"))
    return sorted((names[user], one.rung.code) for one in owing.days for user in one.people)


def days(*numbers, month=6):
    """Tick each morning; return what was told on which day."""
    return {day: found for day in numbers if (found := tick(month, day))}


@pytest.fixture
def by(bureau):
    return bureau.top_office


@pytest.fixture
def given(bureau, by):
    """A task of the branch's 马超, due on DAY."""
    facts = {"person": bureau.users["member"], "due_on": DAY, "due_text": "6月10日前"}
    return assignments.add(bureau.campaign, facts=task(bureau.branch, **facts), by=by, at=AT)


@pytest.fixture
def examining(bureau, by):
    """The stage that is open asks for examinations, and ends on DAY."""
    planned = [
        {
            "title": "自查",
            "starts_on": "2026-05-01",
            "ends_on": DAY.isoformat(),
            "conditions": ["examinations_submitted"],
        }
    ]
    (row,) = stages.set_up(bureau.campaign, planned, by=by, at=AT)
    stage_turns.open_next(row, invited=False, by=by, at=AT)
    ReminderRule.objects.filter(cause="due_soon", workdays=7).update(workdays=5)
    return Stage.objects.get(pk=row.pk)


# ---------------------------------------------------------------- tasks


def test_a_task_climbs_the_ladder_of_its_campaign(given):
    """Seven and two working days before it, on it, and one, three and five after it."""
    assert days(*range(1, 25)) == {
        1: [("马超", "due_soon7")],
        8: [("马超", "due_soon2")],
        10: [("马超", "due_today0")],
        11: [("郑洁", "overdue1"), ("马超", "overdue1")],
        15: [("罗海", "overdue3")],
        17: [("何静", "overdue5")],
    }
    told = Notice.objects.filter(key__contains="overdue").first()
    assert told.subject == "第一党支部的第1项任务“组织专题学习”已逾期，完成时限是2026-06-10"
    assert resolve(told.url).url_name == "assignment"


def test_of_several_steps_each_hears_the_highest_and_twice_is_once(given):
    found = [("何静", "overdue5"), ("罗海", "overdue3"), ("郑洁", "overdue1"), ("马超", "overdue1")]
    assert tick(6, 17) == sorted(found)
    with CaptureQueriesContext(connection) as asked:
        assert tick(6, 17, 10) == []

    assert not [one for one in asked if one["sql"].startswith(("INSERT", "UPDATE"))]
    assert Notice.objects.filter(key__startswith="due:").count() == 4


def test_a_task_of_nobody_is_told_to_its_unit(bureau, given):
    Assignment.objects.update(person=None)
    assert tick(6, 10) == [("周敏", "due_today0"), ("郑洁", "due_today0")]


def test_whoever_has_left_is_not_told_of_what_he_cannot_read(bureau, given):
    bureau.users["member"].duties.update(until=ON)
    assert tick(6, 10) == [("周敏", "due_today0"), ("郑洁", "due_today0")]


def test_another_day_is_told_anew_and_what_is_done_asks_no_more(bureau, given, by):
    tick(6, 10)
    facts = task(bureau.branch, person=bureau.users["member"], due_on=date(2026, 6, 12))
    row = assignments.change(
        given, version=given.version, facts=facts, cooperating=[], by=by, at=AT
    )
    assert not Notice.objects.filter(key__startswith="due:", read_at=None)
    assert tick(6, 12) == [("马超", "due_today0")]

    assignments.progress(row, text="已办结", status="done", on=ON, by=bureau.member, at=AT)
    assert not Notice.objects.filter(key__startswith="due:", read_at=None)
    assert days(*range(13, 30)) == {}


def test_switched_off_rules_pauses_and_the_end_of_the_campaign_are_silence(bureau, given, by):
    pauses.pause_place(
        bureau.branch, until=date(2026, 6, 11), reason="抗洪", by=bureau.leader, at=AT
    )
    assert tick(6, 11) == []
    assert tick(6, 12) == [("郑洁", "overdue1"), ("马超", "overdue1")]
    ReminderRule.objects.filter(cause="overdue", workdays=3).update(active=False)
    assert tick(6, 15) == []
    campaigns.close(bureau.campaign, by=actor(_leader(bureau)), at=AT)
    assert tick(6, 17) == []


def _leader(bureau):
    return person("结束人", bureau.top, Role.LEADER, principal=True)


def test_many_at_once_are_one_line_and_none_is_told_again(bureau, by):
    facts = {"person": bureau.users["member"], "due_on": DAY}
    for _ in range(5):
        assignments.add(bureau.campaign, facts=task(bureau.branch, **facts), by=by, at=AT)
    tick(6, 10)

    (line,) = Notice.objects.filter(recipient__name="马超", read_at=None, key__startswith="due:")
    assert line.subject == "有5项任务、阶段或上级要求将到期，请在工作台查看"
    assert tick(6, 10, 11) == []


def test_more_than_one_run_tells_follows_with_the_next(bureau, by):
    facts = {"person": bureau.users["member"], "due_on": DAY}
    for _ in range(3):
        assignments.add(bureau.campaign, facts=task(bureau.branch, **facts), by=by, at=AT)
    first = clock.tick(at=moment(6, 10), most=2)
    assert (len(said(first)), first.left) == (2, True)
    second = clock.tick(at=moment(6, 10), most=2)
    assert (len(said(second)), second.left) == (1, False)


# ---------------------------------------------------------------- examinations


def test_who_has_not_submitted_hears_of_it_himself_and_the_secretary_once(bureau, examining):
    """Who has a draft is as one who has nothing; who has submitted, or is excused, is left out."""
    begun(bureau.campaign, bureau.member)
    sent(bureau.campaign, bureau.liaison)
    told = days(*range(2, 11))

    names = Notice.objects.filter(key__contains=":mine:").values_list("recipient__name", flat=True)
    assert "马超" in names
    assert "周敏" not in names
    assert {day: code for day, found in told.items() for name, code in found if name == "马超"} == {
        3: "due_soon5",
        8: "due_soon2",
        10: "due_today0",
    }
    (line,) = Notice.objects.filter(key__contains=":list:", recipient=bureau.secretary.user)
    assert line.subject.startswith("第一党支部还有")
    assert "马超" in line.subject
    assert "周敏" not in line.subject
    assert "草稿" not in line.subject
    assert resolve(line.url).url_name == "examination-status"


def test_nobody_but_the_person_and_his_own_secretary_reads_who_has_not(bureau, examining):
    tick(6, 8)

    rows = Notice.objects.filter(key__startswith=f"due:stage:{examining.pk}:")
    readers = set(rows.filter(subject__contains="马超").values_list("recipient__name", flat=True))
    assert readers == {"郑洁"}


def test_the_excused_are_left_in_peace_and_submitting_ends_it(bureau, examining, by):
    excuses.excuse(
        examining, organization=bureau.branch, reason="other", words="抗洪", by=by, at=AT
    )
    tick(6, 3)
    assert not Notice.objects.filter(recipient=bureau.users["member"], key__contains=":mine:")

    excuses.end(examining.excuses.get(), words="返岗", by=by, at=AT)
    tick(6, 8)
    unread = Notice.objects.filter(
        recipient=bureau.users["member"], key__contains=":mine:", read_at=None
    )
    assert unread.count() == 1
    sent(bureau.campaign, bureau.member)
    assert unread.count() == 0
    assert ("马超", "due_today0") not in tick(6, 10)


# ---------------------------------------------------------------- stages, requirements


def test_a_stage_that_is_due_is_the_offices_to_sum_up_and_end(bureau, examining, by):
    ReminderRule.objects.update(active=False)
    assert days(*range(3, 25)) == {
        5: [("田野", "due_soon3")],
        10: [("田野", "due_today0")],
        15: [("田野", "overdue3")],
    }
    words = list(Notice.objects.filter(key__startswith="due:stage:").values_list("subject", "url"))
    assert all("阶段总结" in subject and "是否邀请纪检组监督" in subject for subject, _ in words)
    assert {url for _, url in words} == {reverse("stages", args=[bureau.campaign.pk])}

    shut(examining, by=by)
    assert not Notice.objects.filter(key__startswith="due:stage:", read_at=None)


def test_a_stage_that_moves_is_told_by_its_new_day(bureau, examining, by):
    ReminderRule.objects.update(active=False)
    tick(6, 10)
    moved = {"starts_on": examining.starts_on, "ends_on": date(2026, 6, 30)}
    stages.shift(examining, version=examining.version, days=moved, reason="推迟", by=by, at=AT)

    assert not Notice.objects.filter(key__startswith="due:stage:", read_at=None)
    assert days(*range(11, 31)) == {
        25: [("田野", "due_soon3")],
        30: [("田野", "due_today0")],
    }


def test_what_the_superior_requires_is_reminded_of_until_it_is_answered(bureau, by):
    row = superior_requests.enter(bureau.campaign, facts=demand(due_on=DAY), by=by, at=AT)
    assert days(*range(3, 12)) == {5: [("田野", "due_soon3")], 10: [("田野", "due_today0")]}

    done = {"answered_on": ON, "answered_by": "活动办", "answer": "已报送。"}
    superior_requests.change(
        row, version=row.version, facts=demand(due_on=DAY, **done), by=by, at=AT
    )
    assert not Notice.objects.filter(key__startswith="due:", read_at=None)
    assert days(*range(12, 25)) == {}
    assert SuperiorRequest.objects.get().due_on == DAY


# ---------------------------------------------------------------- the whole


def test_a_rehearsal_says_it_and_keeps_nothing(given):
    out = StringIO()
    call_command("tick", "--dry-run", "--at", "2026-06-10T09:00+08:00", "--json", stdout=out)

    (row,) = json.loads(out.getvalue())["told"]
    assert (row["person"], row["rule"], row["step"]) == (
        given.person.username,
        "campaign",
        "due_today0",
    )
    assert not Notice.objects.filter(key__startswith="due:")


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_for_one_task_and_for_three(bureau, by, number):
    facts = {"person": bureau.users["member"], "due_on": DAY}
    for _ in range(number):
        assignments.add(bureau.campaign, facts=task(bureau.branch, **facts), by=by, at=AT)
    with CaptureQueriesContext(connection) as idle:
        clock.owed(moment(5, 4))
    with CaptureQueriesContext(connection) as owing:
        clock.owed(moment(6, 17))

    assert (len(idle), len(owing)) == (18, 23)
