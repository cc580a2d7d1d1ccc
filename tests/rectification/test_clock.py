"""One tick of the clock: what is owed, to whom, once (DESIGN §4, issue “The clock”)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, Cause, ReminderRule
from rectification.actions import clock, closures, deadlines, measures, pauses, reviews
from rectification.models import Problem, Reminder, ReminderStep
from reform.actions import delegations
from reform.models import Actor, Duty, Notice, Pulse, Role
from tests.conftest import SIX
from tests.factories import CampaignFactory, ProblemFactory, actor, person
from tests.rectification.test_closures import APPROVE, RETURN, step_of
from tests.rectification.test_pages import issue
from tests.reform.test_workdays import calendar, known  # noqa: F401 -- a fixture
from tests.test_access import everything

pytestmark = pytest.mark.usefixtures("calendar")

SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(month, day, hour=9, minute=0):
    """A moment of 2026 in Shanghai. The rows of the fixtures are due on Tuesday, 30 June."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def said(owing):
    """Return (person, cause, working days) of everything told."""
    names = dict(Duty.objects.values_list("user", "user__name"))
    return sorted(
        (names[user], str(step.rule.cause), step.rule.workdays)
        for step in owing.steps
        for user in step.told
    )


def tick(month, day, hour=9, minute=0):
    return said(clock.tick(at=moment(month, day, hour, minute)))


def only(*causes):
    """Switch off what a test is not about."""
    ReminderRule.objects.exclude(cause__in=causes).update(active=False)


# ---------------------------------------------------------------- the ladder and its days


def test_the_ladder_is_climbed_on_its_working_days(rectifying):
    """Dragon Boat (19–21 June) and weekends do not count."""
    told = {}
    for day in range(50):
        at = moment(6, 10) + timedelta(days=day)
        if found := said(clock.tick(at=at)):
            told[at.date().isoformat()] = found

    assert told == {
        "2026-06-18": [("马超", "due_soon", 7)],
        "2026-06-25": [("郑洁", "no_progress", 15), ("马超", "no_progress", 15)],
        "2026-06-26": [("马超", "due_soon", 2)],
        "2026-06-30": [("马超", "due_today", 0)],
        "2026-07-01": [("郑洁", "overdue", 1), ("马超", "overdue", 1)],
        "2026-07-03": [("罗海", "overdue", 3)],
        "2026-07-07": [("何静", "overdue", 5)],
    }
    assert not ReminderStep.objects.filter(late=True).exists()


def test_a_step_fires_at_half_past_eight(rectifying):
    only(Cause.OVERDUE)

    assert tick(7, 1, 8, 29) == []
    assert tick(7, 1, 8, 30) == [("郑洁", "overdue", 1), ("马超", "overdue", 1)]
    assert tick(7, 1, 8, 31) == []


def test_what_falls_on_a_day_off_is_prepared_for_before_it(rectifying):
    """Due on Sunday: told on Friday that it is the last working day; overdue from Monday on."""
    Problem.objects.update(due_on=date(2026, 7, 5))
    only(Cause.DUE_TODAY, Cause.OVERDUE)

    assert tick(7, 2) == []
    assert tick(7, 3) == [("马超", "due_today", 0)]
    assert tick(7, 5) == []
    assert tick(7, 6) == [("郑洁", "overdue", 1), ("马超", "overdue", 1)]


def test_a_weekend_that_is_worked_counts(rectifying):
    """9 May 2026 is a worked Saturday, and 30 April is the last day before the holiday."""
    Problem.objects.update(due_on=date(2026, 4, 30))
    ReminderRule.objects.filter(cause="overdue", workdays=3).update(workdays=4)
    only(Cause.OVERDUE)
    tick(5, 6)

    assert tick(5, 8) == []
    assert tick(5, 9) == [("罗海", "overdue", 4)]


@pytest.mark.parametrize("utc", [False, True])
def test_a_moment_means_the_same_in_every_zone(rectifying, utc):
    at = moment(7, 1, 8, 30)

    owing = clock.owed(at.astimezone(UTC) if utc else at)
    assert [step.rule.cause for step in owing.steps] == ["overdue", "no_progress"][:1]


def test_nothing_is_told_twice(rectifying):
    tick(7, 7)
    rows = everything()

    assert tick(7, 7) == []
    assert tick(7, 7, 17) == []
    assert tick(7, 8) == []
    assert everything() == rows  # with nothing to do, nothing is written


# ---------------------------------------------------------------- late, together, capped


@pytest.mark.parametrize("meanwhile", ["another clock", "another deadline", "nothing"])
def test_what_another_clock_or_an_act_has_done_since_is_not_told(rectifying, meanwhile):
    """Rows are read without a lock: whatever happens before they are told counts."""
    at = moment(7, 1)
    owing = clock.owed(at)
    assert owing.steps
    if meanwhile == "another clock":
        assert clock.tick(at=at).steps
    if meanwhile == "another deadline":
        Problem.objects.filter(pk=rectifying.pk).update(due_on=date(2026, 8, 31))

    clock._tell(owing)  # noqa: SLF001 -- of what was read before

    assert bool(owing.steps) == (meanwhile == "nothing")
    assert ReminderStep.objects.count() == (meanwhile != "another deadline")


def test_several_steps_at_once_collapse_to_the_highest_of_each_person(rectifying):
    """After a fortnight without a clock: the person hears of +1, the leader of +3, the office of
    +5; the secretary, asked at +1 and +3, of +3 alone."""
    rule = ReminderRule.objects.get(cause="overdue", workdays=3)
    ReminderRule.objects.filter(pk=rule.pk).update(recipients=["secretary", "leader"])

    assert tick(7, 14) == [
        ("何静", "overdue", 5),
        ("罗海", "overdue", 3),
        ("郑洁", "overdue", 3),
        ("马超", "overdue", 1),
    ]
    assert Reminder.objects.filter(folded=True).count() == 1
    assert ReminderStep.objects.filter(late=True).count() == 3
    told = Notice.objects.filter(event="overdue").values_list("late", flat=True)
    assert list(told) == [True] * 4


def test_late_is_a_later_working_day_not_a_later_hour(rectifying):
    only(Cause.OVERDUE)
    clock.tick(at=moment(7, 1, 23, 50))
    assert list(ReminderStep.objects.values_list("late", flat=True)) == [False]

    clock.tick(at=moment(7, 4, 10))  # Saturday: Friday's step
    assert not ReminderStep.objects.filter(late=True).exists()


def test_a_row_that_is_issued_late_is_not_told_late(bureau, at):
    row = issue(
        ProblemFactory(
            campaign=bureau.campaign,
            organization=bureau.branch,
            by=bureau.liaison,
            **SIX | {"due_on": date(2026, 5, 20)},
        ),
        bureau,
        at,
    )
    only(Cause.OVERDUE)

    clock.tick(at=moment(6, 3, 15))

    assert row.reminder_steps.count() == 3
    assert not ReminderStep.objects.filter(late=True).exists()


def test_a_cap_holds_the_rest_for_the_next_run_and_raises_an_alarm(bureau, at, caplog):
    rows = [overdue_row(bureau, at) for _ in range(5)]
    only(Cause.OVERDUE)
    runs = []
    while (owing := clock.tick(at=moment(7, 14), most=7)).steps:
        runs.append((len(owing.steps), owing.left))

    assert runs == [(6, True), (6, True), (3, False)]  # the three steps of a row together
    assert all(row.reminder_steps.count() == 3 for row in rows)
    alarm = Notice.objects.filter(recipient=bureau.users["system"])
    assert [notice.url for notice in alarm] == ["/system/"]
    assert "more are owed" in caplog.text
    assert "capped_at" in Pulse.objects.get(name="reminders").facts


def overdue_row(bureau, at, **facts):
    row = ProblemFactory(
        **{"campaign": bureau.campaign, "organization": bureau.branch, "by": bureau.liaison}
        | SIX
        | facts
    )
    return issue(row, bureau, at)


def test_of_many_rows_a_person_gets_one_notice_that_counts_them(bureau, at):
    for _ in range(5):
        overdue_row(bureau, at)
    Notice.objects.all().delete()
    only(Cause.OVERDUE)

    clock.tick(at=moment(7, 7))

    told = {notice.recipient.name: notice for notice in Notice.objects.all()}
    assert told["马超"].subject == "有5条问题逾期，最早的时限是2026-06-30"
    assert told["马超"].url == "/problems/?view=overdue&sort=due"
    assert told["何静"].subject.endswith("，其中5条建议下达蓝色督办单")
    assert len(told) == Notice.objects.count() == 4
    assert ReminderStep.objects.count() == 15  # each row keeps what was told of it


# ---------------------------------------------------------------- who


def test_whoever_is_told_can_read_the_row(bureau, at):
    """By the scopes of every list; a name without an account is told nothing."""
    outsider = person("外单位", bureau.elsewhere, Role.INSPECTOR)
    deputy = person("副职", bureau.center, Role.LEADER, fields=[bureau.sibling])
    named = ["马超", "林芳"]
    rows = [
        overdue_row(bureau, at, persons=named, owner_kind=kind) for kind in ("unit", "personal")
    ]
    rows[0].people.create(part="responsible", user=outsider, name="外单位")
    recipients = ["responsible", "secretary", "liaison", "leader", "office"]
    ReminderRule.objects.filter(cause="overdue", workdays=1).update(recipients=recipients)
    only(Cause.OVERDUE)

    clock.tick(at=moment(7, 7))

    told = Reminder.objects.select_related("person", "step__problem")
    assert told.exists()
    for one in told:
        reader = Actor.of(one.person, on=date(2026, 7, 7))
        assert Problem.objects.visible_to(reader).filter(pk=one.step.problem_id).exists()
    people = {(one.step.problem_id, one.person.name) for one in told}
    unit, personal = ({name for pk, name in people if pk == row.pk} for row in rows)
    assert unit == {"马超", "林芳", "郑洁", "周敏", "罗海", "何静"}
    assert personal == {"马超", "林芳", "郑洁"}
    assert deputy.name not in unit


def test_a_leader_of_the_field_is_the_unit_leader_where_no_other_is(bureau, rectifying):
    Duty.objects.filter(user=bureau.users["leader"]).update(principal=False)
    deputy = person("分管领导", bureau.center, Role.LEADER, fields=[bureau.branch])
    only(Cause.OVERDUE)

    assert (deputy.name, "overdue", 3) in tick(7, 3)


def test_an_office_is_told_by_the_nearest_above(bureau, rectifying):
    only(Cause.OVERDUE)
    Duty.objects.filter(role="office", organization=bureau.center).update(until=date(2026, 6, 1))

    assert ("田野", "overdue", 5) in tick(7, 7)


def test_who_stands_in_on_leave_is_told_as_well(bureau, rectifying):
    duty = Duty.objects.get(user=bureau.users["secretary"], role="secretary")
    delegations.give(
        duty,
        delegate=bureau.users["colleague"],
        since=date(2026, 6, 3),
        until=date(2026, 7, 10),
        reason="出差",
        by=bureau.secretary,
        at=moment(6, 3),
    )
    only(Cause.OVERDUE)

    assert {name for name, *_ in tick(7, 1)} == {"郑洁", "林芳", "马超"}


def test_a_review_that_waits_is_its_reviewers_and_nobody_else_is_told(bureau, applied, at):
    """Applied for on Wednesday, 3 June; the row is in review, whatever its day."""
    assert tick(6, 5) == []
    assert tick(6, 8) == [("郑洁", "review_waiting", 3)]
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=moment(6, 9))
    assert not Notice.objects.filter(event="waiting", read_at=None).exists()
    assert tick(6, 11) == []
    assert tick(6, 12) == [("何静", "review_waiting", 3)]
    assert tick(7, 14) == []


def test_who_must_keep_out_of_a_review_is_not_waited_for(bureau, applied):
    other = person("另一书记", bureau.branch, Role.SECRETARY)
    applied.entered_by = other
    applied.save()

    assert tick(6, 8) == [("郑洁", "review_waiting", 3)]


# ---------------------------------------------------------------- when the reason is gone


def test_progress_begins_the_waiting_anew(bureau, rectifying):
    only(Cause.NO_PROGRESS)
    report = {"text": "推进", "progress": "under_way", "on": date(2026, 6, 3)}
    assert len(tick(6, 25)) == 2
    measures.report(rectifying, **report, by=bureau.member, at=moment(6, 26, 16))

    assert not Notice.objects.filter(event="stalled", read_at=None).exists()
    Problem.objects.update(due_on=date(2026, 9, 30))
    assert tick(7, 16) == []
    assert len(tick(7, 17)) == 2


def test_a_row_that_comes_back_from_review_waits_from_then_on(
    bureau, ready, signed_in, time_machine
):
    """Nothing was to be reported while others looked at it."""
    only(Cause.NO_PROGRESS)
    Problem.objects.update(due_on=date(2026, 9, 30))
    ready.refresh_from_db()
    closures.apply(ready, statement="完成。", effect="有效", by=bureau.member, at=moment(6, 5))
    verdict = replace(RETURN, new_due_on=date(2026, 9, 30))
    step = step_of(ready)
    reviews.decide(step, verdict=verdict, by=bureau.secretary, at=moment(6, 29, 16))

    assert tick(6, 30) == []
    time_machine.move_to(moment(6, 30), tick=False)
    page = signed_in(bureau.member).get(ready.get_absolute_url()).content.decode()
    assert "7月20日（周一）15个工作日没有进展" in page
    assert tick(7, 17) == []
    assert len(tick(7, 20)) == 2


def test_what_is_late_climbs_one_ladder_only(rectifying):
    """No progress is no news of a row that is overdue."""
    only(Cause.NO_PROGRESS)

    assert tick(7, 14) == []


def test_an_application_settles_what_asked_for_it(bureau, ready):
    tick(6, 26)
    assert Notice.objects.filter(event="due", read_at=None).exists()
    closures.apply(ready, statement="完成。", effect="有效", by=bureau.member, at=moment(6, 26, 10))

    assert not Notice.objects.filter(event="due", read_at=None).exists()


def extended(row, until, by, at):
    """Another deadline, by the office, with a reason; as an extension will do it."""
    row.refresh_from_db()
    was, row.due_on = row.due_on, until
    deadlines.changed(row, was=was, reason="经批准延期", by=by, at=at)
    row.save()


def test_another_deadline_withdraws_the_old_steps_and_plans_new_ones(bureau, rectifying):
    only(Cause.OVERDUE)
    tick(7, 1)
    extended(rectifying, date(2026, 7, 10), bureau.office, moment(7, 2))

    old = ReminderStep.objects.get()
    assert old.withdrawn_at == moment(7, 2)
    assert not Notice.objects.filter(event="overdue", read_at=None).exists()
    assert tick(7, 10) == []
    assert tick(7, 13) == [("郑洁", "overdue", 1), ("马超", "overdue", 1)]
    assert rectifying.missed_first(date(2026, 7, 2))  # it was late by its first, for ever
    assert ReminderStep.objects.count() == 2


def test_a_deadline_that_comes_back_is_told_again(bureau, rectifying):
    only(Cause.OVERDUE)
    tick(7, 1)
    extended(rectifying, date(2026, 7, 10), bureau.office, moment(7, 2))
    extended(rectifying, date(2026, 6, 30), bureau.office, moment(7, 2, 10))

    assert tick(7, 2) == [("郑洁", "overdue", 1), ("马超", "overdue", 1)]


def test_a_closed_campaign_tells_nothing(rectifying):
    Campaign.objects.update(status="closed")

    assert tick(7, 14) == []


def test_a_lower_step_is_not_told_after_a_higher(rectifying):
    """A rule that is set anew: nobody climbs down."""
    only(Cause.OVERDUE)
    tick(7, 7)
    ReminderRule.objects.filter(cause="overdue", workdays=3).update(workdays=4)

    assert tick(7, 8) == []


def test_each_campaign_climbs_its_own_ladder_from_where_it_stands(bureau, at):
    """Two rows late by as much, in campaigns of other steps; one has been told a step before."""
    only(Cause.OVERDUE)
    campaign = CampaignFactory(organization=bureau.top, code="TWO")
    rules = ReminderRule.objects.filter(campaign=campaign, cause=Cause.OVERDUE)
    rules.filter(workdays=3).update(active=False)
    rules.filter(workdays=5).update(workdays=2)
    mine, other = overdue_row(bureau, at), overdue_row(bureau, at, campaign=campaign)

    assert reached(7, 1) == {(mine.pk, 1), (other.pk, 1)}
    assert reached(7, 3) == {(mine.pk, 3), (other.pk, 2)}
    assert reached(7, 7) == {(mine.pk, 5)}


def reached(month, day):
    steps = clock.tick(at=moment(month, day)).steps
    return {(step.row.pk, step.rule.workdays) for step in steps}


# ---------------------------------------------------------------- pauses


def test_a_pause_is_silent_and_ends_by_itself(bureau, rectifying):
    only(Cause.DUE_TODAY, Cause.OVERDUE)
    pauses.pause(
        rectifying, until=date(2026, 7, 3), reason="汛期", by=bureau.leader, at=moment(6, 3)
    )

    assert [tick(6, 30), tick(7, 1), tick(7, 3)] == [[], [], []]
    assert tick(7, 6) == [
        ("罗海", "overdue", 3),
        ("郑洁", "overdue", 1),
        ("马超", "overdue", 1),
    ]  # what is still owed; that it was due once is not


def test_what_a_pause_held_back_is_late_only_from_the_day_after_it(bureau, rectifying):
    """“补发” says that the clock stood still; a leader's pause is no fault of the clock."""
    only(Cause.OVERDUE)
    facts = {"reason": "汛期", "by": bureau.leader}
    pauses.pause(rectifying, until=date(2026, 7, 2), at=moment(6, 3), **facts)
    later = replace(bureau.leader, on=date(2026, 7, 2))
    pauses.pause(rectifying, until=date(2026, 7, 5), reason="又一汛期", by=later, at=moment(7, 2))

    assert {step.late for step in clock.owed(moment(7, 6)).steps} == {False}
    assert {step.late for step in clock.owed(moment(7, 7)).steps if step.rule.workdays < 5} == {
        True
    }


def test_what_is_done_during_a_pause_is_not_told_afterwards(bureau, ready):
    only(Cause.OVERDUE)
    pauses.pause(ready, until=date(2026, 7, 3), reason="汛期", by=bureau.leader, at=moment(6, 3))
    closures.apply(ready, statement="完成。", effect="有效", by=bureau.member, at=moment(7, 2))

    assert tick(7, 6) == []


def test_a_place_is_paused_with_all_below(bureau, rectifying):
    only(Cause.OVERDUE)
    leader = actor(person("局领导", bureau.top, Role.LEADER, principal=True))
    paused = pauses.pause_place(
        bureau.center, until=date(2026, 7, 3), reason="汛期", by=leader, at=moment(6, 3)
    )
    assert tick(7, 1) == []

    pauses.resume(paused, by=actor(leader.user, on=date(2026, 7, 2)), at=moment(7, 2))
    assert len(tick(7, 2)) == 2


# ---------------------------------------------------------------- the command


def printed(*arguments):
    out = StringIO()
    call_command("tick", *arguments, stdout=out)
    return out.getvalue()


READING = {"SELECT", "DECLARE", "SAVEPOINT", "RELEASE"}
ASKED = ("--dry-run", "--at", "2026-07-07T12:01+08:00", "--json")


def test_a_rehearsal_prints_the_same_twice_and_writes_nothing(rectifying):
    was = everything()
    with CaptureQueriesContext(connection) as asked:
        first = printed(*ASKED)

    assert first == printed(*ASKED)
    assert everything() == was
    assert {one["sql"].split()[0] for one in asked} <= READING
    found = json.loads(first)
    assert (found["at"], found["weekly"]) == ("2026-07-07T12:01:00+08:00", [])
    step = {"cause": "overdue:YACG-2026-00001", "late": True}
    assert {
        "person": rectifying.people.get(part="responsible").user.username,
        "rule": "YACG:overdue:1",
        "step": 1,
        **step,
    } in found["told"]
    assert {(one["step"], one["late"]) for one in found["told"]} == {
        (1, True),
        (3, True),
        (5, False),
    }


def test_a_tick_by_hand_is_the_same_as_the_beats(rectifying):
    with time_machine.travel(moment(7, 7), tick=False):
        assert "已发出4条提醒，给4人" in printed()
        assert printed().strip() == "2026-07-07 09:00 已发出0条提醒，给0人。"

    assert ReminderStep.objects.count() == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--at", "2026-07-07T12:01+08:00"), "只有加 --dry-run"),
        (("--dry-run", "--at", "下周一"), "不是时刻"),
        (("--dry-run", "--at", "0001-01-01T00:00"), "2007年至2099年"),
        (("--dry-run", "--at", "2007-01-01T00:00+14:00"), "2007年至2099年"),
        (("--dry-run", "--at", "2099-12-31T23:59-08:00"), "2007年至2099年"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_in_words(arguments, words):
    with pytest.raises(CommandError, match=words):
        printed(*arguments)
