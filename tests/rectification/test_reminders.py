"""The rules of reminding, their page with its rehearsal, and pausing (nt.rules, esc.mute)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.actions import reminder_rules
from campaigns.models import Campaign, ReminderRule
from rectification.actions import clock, ladders, pauses, reminders
from rectification.models import ReminderPause, ReminderStep
from reform.errors import Forbidden, Refused
from reform.models import Role, TrailEntry
from tests.factories import AT, ON, actor, person
from tests.rectification.test_clock import moment, overdue_row
from tests.reform.test_workdays import calendar, known  # noqa: F401 -- a fixture
from tests.test_access import everything

pytestmark = pytest.mark.usefixtures("calendar")


@pytest.fixture
def top_office(bureau):
    """The office of the organization that leads the campaign."""
    return bureau.top_office


def rule(cause, workdays):
    return ReminderRule.objects.get(cause=cause, workdays=workdays)


# ---------------------------------------------------------------- rules


def test_a_campaign_begins_with_the_ladder_of_the_design(bureau):
    assert [
        (one.words, one.people_in_words, one.proposal)
        for one in sorted(bureau.campaign.reminder_rules.all(), key=ReminderRule.place)
    ] == [
        ("逾期第1个工作日", "责任人、支部书记", ""),
        ("逾期第3个工作日", "单位负责人", ""),
        ("逾期第5个工作日", "上级活动办", "建议下达蓝色督办单"),
        ("到期当日", "责任人", ""),
        ("到期前第7个工作日", "责任人", ""),
        ("到期前第2个工作日", "责任人", ""),
        ("审核等待满3个工作日", "审核人", ""),
        ("15个工作日没有进展", "责任人、支部书记", ""),
    ]


def test_a_rule_is_changed_and_switched_off_with_its_trail(bureau, top_office, at):
    changed = reminder_rules.change(
        rule("overdue", 3), workdays=4, recipients=["leader", "secretary"], by=top_office, at=at
    )
    off = reminder_rules.change(
        changed, workdays=4, recipients=["leader"], active=False, by=top_office, at=at
    )

    assert not off.active
    sentences = TrailEntry.objects.of(bureau.campaign).values_list("sentence", flat=True)
    assert [line for line in sentences if "催办" in line] == [
        "修改催办规则：逾期第3个工作日提醒单位负责人 改为 逾期第4个工作日提醒支部书记、单位负责人",
        "修改催办规则：逾期第4个工作日提醒支部书记、单位负责人"
        " 改为 逾期第4个工作日提醒单位负责人（停用）",
    ]


GOOD = {"cause": "overdue", "workdays": 10, "recipients": ["office"], "proposal": "建议约谈"}


def test_a_step_is_added(bureau, top_office, at):
    added = reminder_rules.add(bureau.campaign, **GOOD, by=top_office, at=at)

    assert (added.words, added.proposal) == ("逾期第10个工作日", "建议约谈")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"workdays": -3}, "不能是0或负数"),
        ({"workdays": 0}, "不能是0或负数"),
        ({"workdays": 251}, "最多填250"),
        ({"workdays": 5}, "已有一条规则"),
        ({"cause": "due_today", "workdays": 1}, "应填0"),
        ({"cause": "moon", "workdays": 1}, "没有这种催办事由"),
        ({"recipients": []}, "至少选择一类"),
        ({"recipients": ["mayor"]}, "没有“mayor”这类提醒对象"),
        ({"recipients": ["reviewer"]}, "不提醒审核人，可选：责任人、支部书记"),
        ({"cause": "review_waiting", "recipients": ["leader"]}, "可选：审核人、上级活动办"),
        # A ladder that goes down, or round in a circle: above before below.
        ({"recipients": ["responsible", "office"], "workdays": 2}, "次序颠倒"),
        ({"cause": "due_soon", "workdays": 9, "recipients": ["leader"]}, "请先提醒本级"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(bureau, top_office, at, facts, words):
    was = everything()
    with pytest.raises(Refused, match=words):
        reminder_rules.add(bureau.campaign, **GOOD | facts, by=top_office, at=at)

    assert everything() == was


def test_too_many_rules_are_refused(bureau, top_office, at):
    for days in range(20, 29):
        reminder_rules.add(bureau.campaign, **GOOD | {"workdays": days}, by=top_office, at=at)
    with pytest.raises(Refused, match="最多12条"):
        reminder_rules.add(bureau.campaign, **GOOD | {"workdays": 40}, by=top_office, at=at)


def test_rules_are_the_leading_offices(bureau, at):
    """O D of the campaign's organization; neither an office below nor a leader."""
    for who in (bureau.office, bureau.leader, bureau.secretary, bureau.system, bureau.stranger):
        with pytest.raises(Forbidden):
            reminder_rules.add(bureau.campaign, **GOOD, by=who, at=at)


def test_a_closed_campaign_keeps_its_rules(bureau, top_office, at):
    Campaign.objects.update(status="closed")

    with pytest.raises(Refused, match="活动已结束"):
        reminder_rules.add(bureau.campaign, **GOOD, by=top_office, at=at)


@pytest.mark.parametrize(
    "facts",
    [
        {"cause": "overdue", "workdays": 0},
        {"cause": "due_today", "workdays": 2},
        {"cause": "moon", "workdays": 2},
        {"cause": "overdue", "workdays": 1},  # there is one
    ],
)
def test_the_database_knows_what_a_rule_is(bureau, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        ReminderRule.objects.create(campaign=bureau.campaign, since=AT, **facts)


# ---------------------------------------------------------------- the page and its rehearsal


def rules_page(bureau):
    return reverse("reminder-rules", args=[bureau.campaign.pk])


def test_the_page_rehearses_a_day_by_name_and_reason(bureau, rectifying, signed_in, freeze):
    freeze(moment(6, 30))
    client = signed_in(bureau.top_office)
    was = everything()

    page = client.get(rules_page(bureau)).content.decode()
    third = client.get(rules_page(bureau), {"day": "2026-07-07"}).content.decode()

    assert "2026年7月1日将发出2条，给2人" in page
    assert all(words in page for words in ("马超", "郑洁", "逾期第1个工作日", rectifying.number))
    assert "2026年7月7日将发出1条，给1人" in third
    assert "建议下达蓝色督办单" in third
    changed = {table for table, rows in everything().items() if rows != was[table]}
    assert changed <= {"reform_signin"}  # that somebody is at work


@pytest.fixture
def freeze():
    travels = []

    def to(at):
        travels.append(time_machine.travel(at, tick=False))
        travels[-1].start()

    yield to
    for one in reversed(travels):
        one.stop()


def test_a_rehearsal_is_what_the_ticks_then_tell(bureau, at):
    for days in range(12):
        overdue_row(bureau, at, due_on=date(2026, 6, 24) + timedelta(days=days))
    looks = actor(bureau.top_office.user, on=date(2026, 6, 10))
    for day in (date(2026, 6, 11) + timedelta(days=n) for n in range(40)):
        foreseen = ladders.rehearse(bureau.campaign, day, by=looks)
        owing = clock.tick(at=moment(day.month, day.day))
        told = [(step.row.number, step.rule.words) for step in owing.steps for _ in step.told]
        assert sorted((line.number, line.words) for line in foreseen.lines) == sorted(told)


def test_a_rehearsal_shows_only_what_one_may_see(bureau, at):
    """Personal rows are the person's and his secretary's; to an office a figure, from three."""
    overdue_row(bureau, at)
    for count, hidden in ((1, "少于3"), (2, "6")):
        for _ in range(count):
            overdue_row(bureau, at, owner_kind="personal")
        found = ladders.rehearse(bureau.campaign, date(2026, 7, 1), by=bureau.top_office)
        assert (len(found.lines), found.people, found.hidden_in_words) == (2, 2, hidden)


@pytest.mark.parametrize("day", ["2026-07-04", "2026-06-19", "2020-01-01", "下周", "0001-01-01"])
def test_any_day_may_be_asked_for(bureau, rectifying, signed_in, freeze, day):
    freeze(moment(6, 10))

    assert signed_in(bureau.top_office).get(rules_page(bureau), {"day": day}).status_code == 200


def test_the_rehearsal_has_50_a_page(bureau, at, signed_in, freeze):
    for _ in range(26):
        overdue_row(bureau, at)
    freeze(moment(6, 30))
    page = signed_in(bureau.top_office).get(rules_page(bureau), {"page": 2})

    assert len(page.context["page_obj"]) == 2


def test_the_page_shows_the_ladder_as_time_goes(bureau, signed_in):
    page = signed_in(bureau.top_office).get(rules_page(bureau)).content.decode()
    words = ("到期前第7个", "到期前第2个", "到期当日", "逾期第1个", "逾期第5个", "审核等待满")

    places = [page.index(f'data-label="何时">{word}') for word in words]
    assert places == sorted(places)


def test_rules_are_set_on_their_page(bureau, signed_in):
    client = signed_in(bureau.top_office)
    new = reverse("reminder-rule-new", args=[bureau.campaign.pk])
    wrong = client.post(new, GOOD | {"workdays": -1}).content.decode()
    done = client.post(new, GOOD | {"active": "on"})
    change = reverse("reminder-rule", args=[rule("overdue", 10).pk])
    client.post(change, {"workdays": 11, "recipients": ["office"], "proposal": ""})

    assert "不能是0或负数" in wrong
    assert done.url == rules_page(bureau)
    assert not rule("overdue", 11).active


# ---------------------------------------------------------------- pausing


PAUSE = {"until": date(2026, 7, 3), "reason": "防汛抢险"}


def test_a_leader_above_pauses_with_a_reason_and_the_page_says_so(
    bureau, rectifying, signed_in, freeze, at
):
    freeze(moment(6, 30))
    url = reverse("problem-pause", args=[rectifying.pk])
    form = {"scope": "row", "until": "2026-07-03", "reason": "防汛抢险"}
    signed_in(bureau.leader).post(url, form)

    page = signed_in(bureau.member).get(rectifying.get_absolute_url()).content.decode()
    assert "暂停催办到2026年7月3日" in page
    assert "防汛抢险" in page
    assert "7月1日（周三）逾期第1个工作日：提醒马超、郑洁" in page
    assert "已暂停" in page
    assert "恢复催办</a>" not in page
    assert TrailEntry.objects.of(rectifying).filter(act="reminder.paused").count() == 1


def test_the_page_of_rules_says_where_the_clock_keeps_silent(
    bureau, rectifying, at, signed_in, freeze
):
    freeze(moment(6, 10))
    today = replace(bureau.leader, on=date(2026, 6, 10))
    pauses.pause(rectifying, until=date(2026, 7, 3), reason="汛期", by=today, at=at)
    page = signed_in(bureau.top_office).get(rules_page(bureau)).content.decode()

    assert "正在暂停" in page
    assert "：汛期（罗海）" in page
    freeze(moment(7, 6))
    page = signed_in(bureau.top_office).get(rules_page(bureau)).content.decode()
    assert "正在暂停" not in page


def test_a_pause_of_the_place_is_offered_with_the_row(bureau, rectifying, signed_in, freeze):
    freeze(moment(6, 30))
    url = reverse("problem-pause", args=[rectifying.pk])
    form = {"scope": "place", "until": "2026-07-03", "reason": "防汛抢险"}
    client = signed_in(bureau.leader)
    client.post(url, form)
    paused = ReminderPause.objects.get()

    assert paused.organization == bureau.branch
    client.post(reverse("pause-end", args=[paused.pk]))
    paused.refresh_from_db()
    assert paused.ended_on == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"reason": ""}, "理由"),
        ({"until": ON - timedelta(days=1)}, "不能早于今天"),
        ({"until": ON + timedelta(days=93)}, "最多暂停92天"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused(bureau, rectifying, at, facts, words):
    with pytest.raises(Refused, match=words):
        pauses.pause(rectifying, **PAUSE | facts, by=bureau.leader, at=at)
    with pytest.raises(Refused, match=words):
        pauses.pause_place(bureau.branch, **PAUSE | facts, by=bureau.leader, at=at)


def test_who_does_not_stand_above_pauses_nothing(bureau, rectifying, at):
    """V: never one's own unit (SOD-03), and nobody but a leader."""
    own = actor(person("支部领导", bureau.branch, Role.LEADER, principal=True))
    for who in (own, bureau.member, bureau.secretary, bureau.office, bureau.stranger):
        with pytest.raises(Forbidden):
            pauses.pause(rectifying, **PAUSE, by=who, at=at)
        with pytest.raises(Forbidden):
            pauses.pause_place(bureau.branch, **PAUSE, by=who, at=at)


def test_only_what_is_reminded_of_is_paused(bureau, registered, at):
    with pytest.raises(Refused, match="无需暂停"):
        pauses.pause(registered, **PAUSE, by=bureau.leader, at=at)


def test_a_later_pause_takes_the_place_of_an_earlier(bureau, rectifying, at):
    pauses.pause(rectifying, **PAUSE, by=bureau.leader, at=at)
    pauses.pause(rectifying, **PAUSE | {"until": ON}, by=bureau.leader, at=at)

    assert ReminderPause.objects.in_force(ON).get().until == ON
    first = ReminderPause.objects.order_by("pk").first()
    with pytest.raises(Refused, match="已经结束"):
        pauses.resume(first, by=bureau.leader, at=at)


# ---------------------------------------------------------------- the problem's page


def test_the_page_shows_the_next_steps_their_days_and_people(bureau, rectifying, signed_in, freeze):
    freeze(moment(6, 25))
    clock.tick(at=moment(6, 25))
    page = signed_in(bureau.member).get(rectifying.get_absolute_url()).content.decode()

    for words in (
        "6月26日（周五）到期前第2个工作日：提醒马超",
        "6月30日（周二）到期当日：提醒马超",
        "7月1日（周三）逾期第1个工作日：提醒马超、郑洁",
        "7月3日（周五）逾期第3个工作日：提醒罗海",
        "7月7日（周二）逾期第5个工作日：提醒何静，建议下达蓝色督办单",
        "已提醒2次",
        "15个工作日没有进展：提醒郑洁",  # the other hears of the deadline
    ):
        assert words in page
    assert ReminderStep.objects.count() == 2


def test_days_of_a_year_without_a_notice_are_said_to_be_provisional(
    bureau, rectifying, signed_in, freeze
):
    freeze(moment(6, 25))
    page = signed_in(bureau.member).get(rectifying.get_absolute_url()).content.decode()
    assert "尚未录入" not in page

    rectifying.due_on = date(2026, 12, 31)
    rectifying.save()
    page = signed_in(bureau.member).get(rectifying.get_absolute_url()).content.decode()
    said = "2027年节假日安排尚未录入，暂按周一至周五计算。"
    assert said in page
    rules = signed_in(bureau.top_office).get(rules_page(bureau), {"day": "2027-02-08"})
    assert said in rules.content.decode()


def test_a_review_shows_when_its_reviewer_will_be_reminded(bureau, applied, signed_in, freeze):
    freeze(moment(6, 3))
    page = signed_in(bureau.member).get(applied.problem.get_absolute_url()).content.decode()

    assert "6月8日（周一）审核等待满3个工作日：提醒郑洁" in page
    assert "逾期第1个工作日" not in page


def test_the_addresses_that_are_written_out_are_the_pages():
    found = [reminders.DESK, reminders.LEDGER, reminders.SYSTEM, f"{reminders.LEDGER}7/"]

    assert found == [*map(reverse, ("desk", "problems", "system")), reverse("problem", args=[7])]
    assert f"{reminders.INSTRUCTIONS}7/" == reverse("instruction", args=[7])
