"""Instructions that wait for an answer (批示催答), on the clock: who is told, when, once."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from rectification.actions import clock, instructions
from rectification.models import Instruction
from reform.models import Notice
from tests.rectification.test_clock import moment
from tests.rectification.test_instructions import asked, recorded, written  # noqa: F401
from tests.reform.test_workdays import calendar, known  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")


def tick(month, day, hour=9):
    return said(clock.tick(at=moment(month, day, hour)))


def said(owing):
    return sorted(
        (person.name, one.step, one.late) for one in owing.unanswered for person in one.people
    )


def test_who_answers_is_told_on_the_day_and_after_it_and_then_who_asked(asked):  # noqa: F811
    """The day is Wednesday, 10 June; the third working day after it is a Monday."""
    told = {day: found for day in range(4, 25) if (found := tick(6, day))}

    assert told == {
        10: [("周敏", 0, False), ("郑洁", 0, False)],
        11: [("周敏", 1, False), ("郑洁", 1, False)],
        15: [("罗海", 3, False)],
    }
    subjects = Notice.objects.filter(key__contains=":waiting:").order_by("pk")
    assert list(dict.fromkeys(subjects.values_list("subject", flat=True))) == [
        "罗海2026年6月3日批示请于2026-06-10前答复",
        "罗海2026年6月3日批示已过答复期限（2026-06-10），请尽快答复",
        "第一党支部尚未答复罗海2026年6月3日批示，期限是2026-06-10",
    ]


def test_a_day_off_is_prepared_for_on_the_last_working_day_before_it(bureau, at):
    """19 to 21 June is Dragon Boat."""
    written(bureau, at, answer_by=date(2026, 6, 20))

    assert [tick(6, 17), tick(6, 18, 8), tick(6, 18, 9)] == [
        [],
        [],
        [("周敏", 0, False), ("郑洁", 0, False)],
    ]
    assert tick(6, 22) == [("周敏", 1, False), ("郑洁", 1, False)]


def test_twice_is_once_and_with_nothing_owed_nothing_is_written(asked):  # noqa: F811
    assert tick(6, 11)
    count = Notice.objects.count()

    with CaptureQueriesContext(
        connection,
    ) as asked_for:
        assert tick(6, 11, 10) == []

    assert Notice.objects.count() == count
    assert not [one for one in asked_for if one["sql"].startswith(("INSERT", "UPDATE"))]


def test_a_clock_that_stood_still_tells_the_last_step_and_that_it_is_late(asked):  # noqa: F811
    assert tick(6, 16) == [("周敏", 1, True), ("罗海", 3, True), ("郑洁", 1, True)]


def test_what_is_asked_on_its_last_day_is_not_told_late(bureau):
    leader = bureau.leader
    instructions.write(
        bureau.campaign,
        organization=bureau.branch,
        text="请即办。",
        answer_by=leader.on,
        by=leader,
        at=moment(6, 3, 15),
    )

    assert tick(6, 3, 16) == [("周敏", 0, False), ("郑洁", 0, False)]


def test_an_answer_ends_it_and_another_question_begins_it_anew(bureau, asked, at):  # noqa: F811
    tick(6, 11)
    waiting = Notice.objects.filter(key__contains=":waiting:", read_at=None)
    assert waiting.count() == 2

    row = instructions.answer(asked, text="已核对。", by=bureau.secretary, at=moment(6, 11, 10))
    assert not waiting.exists()
    assert tick(6, 15) == []

    facts = {"answer_by": asked.answer_by, "by": bureau.leader}
    instructions.ask_again(row, text="再核对一次。", at=moment(6, 15, 10), **facts)
    assert tick(6, 15, 11) == [("周敏", 1, False), ("罗海", 3, False), ("郑洁", 1, False)]


def test_of_paper_who_entered_it_is_told(bureau, at):
    recorded(bureau, at, answer_by=date(2026, 6, 10), signer=None, signer_name="孙书记")

    assert tick(6, 15) == [("何静", 3, False), ("周敏", 1, True), ("郑洁", 1, True)]


@pytest.mark.parametrize("change", ["closed campaign", "no day", "long ago"])
def test_what_asks_for_no_answer_in_time_is_silent(bureau, asked, change):  # noqa: F811
    match change:
        case "closed campaign":
            Campaign.objects.update(status="closed")
        case "no day":
            Instruction.objects.update(answer_by=None)

    assert tick(*((8, 3) if change == "long ago" else (6, 15))) == []


def test_a_rehearsal_prints_it_and_writes_nothing(asked):  # noqa: F811
    count = Notice.objects.count()
    when = ("--dry-run", "--at", "2026-06-10T09:00+08:00")
    call_command("tick", *when, "--json", stdout=(out := StringIO()))

    told = json.loads(out.getvalue())["told"]
    assert [(one["rule"], one["cause"], one["step"], one["late"]) for one in told] == [
        ("instruction", f"unanswered:{asked.pk}", 0, False)
    ] * 2
    call_command("tick", *when, stdout=(out := StringIO()))
    assert "将发出2条提醒，给2人" in out.getvalue()
    assert "批示请于2026-06-10前答复" in out.getvalue()
    assert Notice.objects.count() == count
