"""Stages: set up, changed, opened, closed with who is missing named; excuses; the page."""

from datetime import date

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.actions import (
    assignments,
    campaigns,
    examination_reviews,
    excuses,
    stage_turns,
    stages,
)
from campaigns.models import (
    Assignment,
    Condition,
    Excuse,
    Finding,
    Stage,
    StageChange,
    Verdict,
)
from rectification.actions import findings, stage_closings
from rectification.models import Problem
from rectification.models.stage_standing import CONDITIONS, NO_TASKS, NOT_KNOWN, standings
from reform.errors import Forbidden, Refused, Stale
from reform.models import Notice, Role, TrailEntry
from tests.campaigns.sheets import sent
from tests.factories import AT, ON, OrganizationFactory, ProblemFactory, actor, person
from tests.rectification.stages import PLANNED, shut, task

pytestmark = pytest.mark.dealt


@pytest.fixture
def by(bureau):
    return bureau.top_office


@pytest.fixture
def travel():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def three(bureau, by, at):
    """Three stages of a published campaign, the first open."""
    rows = stages.set_up(bureau.campaign, PLANNED, by=by, at=at)
    stage_turns.open_next(rows[0], invited=False, by=by, at=at)
    return list(bureau.campaign.stages.all())


@pytest.fixture
def second(three, by):
    """The stage that asks for its assignments and a summary, open."""
    shut(three[0], by=by)
    return Stage.objects.get(pk=three[1].pk)


def given(stage, code):
    """Ask one condition of a stage, whatever it asked for."""
    stage.conditions = [code]
    stage.save(update_fields=["conditions"])
    return stage


# ---------------------------------------------------------------- planning


def test_a_plan_becomes_stages_once(bureau, by, at):
    made = stages.set_up(bureau.campaign, PLANNED, by=by, at=at)
    again = stages.set_up(bureau.campaign, PLANNED[:1], by=by, at=at)

    assert [row.title for row in made] == ["学习教育", "问题查摆", "问题整改"]
    assert made[1].starts_on == date(2026, 6, 1)
    assert again == made
    assert TrailEntry.objects.of(bureau.campaign).filter(act="stage.set_up").count() == 1


GOOD = {"title": "查摆", "starts_on": "2026-06-01", "ends_on": "2026-07-31"}
WRONG_PLANS = {
    "the end before the beginning": ([GOOD | {"ends_on": "2026-05-31"}], "早于开始日期"),
    "no such day": ([GOOD | {"ends_on": "2026-06-31"}], "第1个阶段"),
    "no name": ([{"starts_on": "2026-06-01", "ends_on": "2026-07-31"}], "第1个阶段"),
    "outside the campaign": ([GOOD | {"ends_on": "2027-01-31"}], "起止日期之内"),
    "a condition that is none": ([GOOD | {"conditions": ["all_done"]}], "all_done"),
    "a long name": ([GOOD | {"title": "长" * 200_000}], "最多40字"),
    "the same name twice": ([GOOD, GOOD], "已有名为"),
    "the later before the earlier": (
        [GOOD, GOOD | {"title": "教育", "starts_on": "2026-05-01"}],
        "先后次序",
    ),
    "too many": ([GOOD | {"title": f"第{n}阶段"} for n in range(21)], "最多20个阶段"),
}


@pytest.mark.parametrize("what", WRONG_PLANS)
def test_a_wrong_plan_is_refused_and_nothing_is_kept(bureau, by, at, what):
    planned, words = WRONG_PLANS[what]

    with pytest.raises(Refused, match=words), transaction.atomic():
        stages.set_up(bureau.campaign, planned, by=by, at=at)

    assert not Stage.objects.exists()


def facts(title="问题查摆", starts=(2026, 6, 1), ends=(2026, 8, 31), **more):
    return {
        "title": title,
        "starts_on": date(*starts),
        "ends_on": date(*ends),
        "goal": "",
        "conditions": [],
    } | more


def a_draft(bureau, by, at):
    return campaigns.draft(
        title="下一轮",
        code="NEXT",
        organization=bureau.top,
        starts_on=date(2026, 6, 1),
        ends_on=date(2026, 12, 31),
        items=[("庸", "")],
        participants=[bureau.top],
        by=by,
        at=at,
    )


def test_a_drafts_stages_are_written_in_its_plan_and_nowhere_else(bureau, by, at, signed_in):
    draft = a_draft(bureau, by, at)
    Stage.objects.create(campaign=draft, position=1, **facts())  # as was possible once

    for act in (
        lambda: stages.add(draft, facts=facts(), by=by, at=at),
        lambda: stages.drop(draft.stages.get(), by=by, at=at),
        lambda: moved(draft.stages.get(), by, at, ends_on=date(2026, 9, 30)),
    ):
        with pytest.raises(Refused, match="草案的“阶段安排”"), transaction.atomic():
            act()
    assert not Stage.objects.visible_to(by).filter(campaign=draft)
    client = signed_in(by)
    assert client.get(reverse("stages", args=[draft.pk])).status_code == 404
    assert client.get(reverse("draft-stages", args=[draft.pk])).status_code == 200


def moved(row, by, at, reason="推迟", **days):
    now = {"starts_on": row.starts_on, "ends_on": row.ends_on}
    return stages.shift(row, version=row.version, days=now | days, reason=reason, by=by, at=at)


def test_a_published_campaigns_stages_move_by_days_alone_and_with_a_reason(bureau, by, at):
    draft = a_draft(bureau, by, at)
    campaigns.publish(
        draft, by=actor(person("批准人", bureau.top, Role.LEADER, principal=True)), at=at
    )
    row = stages.add(draft, facts=facts("集中查摆"), by=by, at=at)
    gone = stages.add(draft, facts=facts("多余", (2026, 9, 1), (2026, 9, 30)), by=by, at=at)
    stages.drop(gone, by=by, at=at)
    with pytest.raises(Refused, match="写明原因"):
        moved(row, by, at, reason="", ends_on=date(2026, 9, 30))
    row = moved(row, by, at, reason="汛期推迟", ends_on=date(2026, 9, 30))

    assert list(draft.stages.values_list("title", flat=True)) == ["集中查摆"]
    assert row.ends_on == date(2026, 9, 30)
    entry = TrailEntry.objects.of(row).last()
    assert "2026-08-31）" in entry.sentence
    assert "2026-09-30）" in entry.sentence
    assert entry.quote == "汛期推迟"


def test_what_cannot_be_planned(bureau, three, by, at):
    planned = three[2]
    refused = [
        (lambda: stages.add(bureau.campaign, facts=facts(), by=by, at=at), "已经开始"),
        (lambda: stages.drop(planned, by=by, at=at), "已经开始"),
        (lambda: moved(planned, by, at, ends_on=date(2026, 8, 1)), "早于开始日期"),
        (lambda: moved(planned, by, at, starts_on=date(2026, 3, 1)), "先后次序"),
        (lambda: moved(planned, by, at), "没有改动"),
    ]

    for act, words in refused:
        with pytest.raises(Refused, match=words), transaction.atomic():
            act()
    with pytest.raises(Stale) as stale:
        stages.shift(planned, version=99, days=facts(), reason="推迟", by=by, at=at)
    assert stale.value.now["ends_on"] == date(2026, 12, 31)


def test_stages_are_the_offices_of_the_campaign(bureau, three, at):
    for who in (bureau.office, bureau.secretary, bureau.member, bureau.inspector, bureau.stranger):
        with pytest.raises(Forbidden):
            stages.shift(three[2], version=1, days=facts(), reason="推迟", by=who, at=at)
        with pytest.raises(Forbidden):
            shut(three[0], by=who)


# ---------------------------------------------------------------- from one to the next


def test_stages_open_and_close_one_after_the_other(bureau, three, by, at):
    first, middle, last = three
    with pytest.raises(Refused, match="正在进行"):
        stage_turns.open_next(middle, invited=False, by=by, at=at)
    with pytest.raises(Refused, match="未开始"):
        shut(middle, by=by)

    shut(first, summary="教育结束。", by=by)
    with pytest.raises(Refused, match="已于2026-06-03结束，不能再次结束"):
        shut(first, by=by)
    shut(middle, by=by)
    shut(last, by=by)

    rows = list(Stage.objects.order_by("position"))
    assert {row.status for row in rows} == {Stage.Status.CLOSED}
    assert {row.closed_on for row in rows} == {ON}
    assert [str(row) for row in StageChange.objects.all()] == [
        "“学习教育”开始",
        "“学习教育”结束，“问题查摆”开始",
        "“问题查摆”结束，“问题整改”开始",
        "“问题整改”结束",
    ]


def test_inspectors_are_invited_to_supervise_and_offered_the_report(bureau, three, by, at):
    """Those at the leading organization, below it in its own discipline body, and above it."""
    body = OrganizationFactory(name="机关纪委", kind="discipline", parent=bureau.top)
    told = [
        person("秦岭", bureau.top, Role.INSPECTOR),
        person("方正", body, Role.INSPECTOR),
    ]
    shut(three[0], summary="教育结束。", invited=True, by=by)

    notices = Notice.objects.filter(key__startswith="stage-change:")
    assert {row.recipient for row in notices} == set(told)
    subject = "“学习教育”结束，“问题查摆”开始，附阶段总结"
    assert {row.subject for row in notices} == {f"邀请监督：{bureau.campaign}{subject}"}
    assert StageChange.objects.last().told == 2
    for user in told:
        assert Stage.objects.visible_to(actor(user)).count() == 3


def test_a_stage_closes_without_a_word_when_its_conditions_hold(bureau, second, by, at):
    row = assignments.add(bureau.campaign, facts=task(bureau.branch, stage=second), by=by, at=at)
    assignments.progress(row, text="已办", status="done", on=ON, by=bureau.secretary, at=at)

    closed = shut(second, confirmed=False, summary="查摆结束。", by=by)

    assert (closed.missing, closed.closed_on) == ([], ON)


def test_who_is_missing_is_named_and_kept(bureau, second, by, at):
    assignments.add(bureau.campaign, facts=task(bureau.branch, stage=second), by=by, at=at)
    with pytest.raises(Refused, match=r"第一党支部：第1项 组织专题学习.*阶段总结"):
        shut(second, confirmed=False, by=by)
    assert Stage.objects.get(pk=second.pk).status == Stage.Status.OPEN

    closed = shut(second, by=by)

    assert closed.missing == [
        {
            "code": "assignments_done",
            "words": "本阶段任务都已完成",
            "names": ["第一党支部：第1项 组织专题学习"],
        },
        {"code": "summary_filed", "words": "阶段总结已交", "names": ["阶段总结"]},
    ]


def test_whoever_confirms_has_seen_who_is_missing(bureau, second, by, at):
    """A page that was opened before somebody else changed things closes nothing."""
    seen = stage_closings.mark(second, on=ON)
    assignments.add(bureau.campaign, facts=task(bureau.branch, stage=second), by=by, at=at)

    with pytest.raises(Refused, match="有变化"):
        stage_closings.close(
            second,
            seen=seen,
            confirmed=True,
            summary="",
            attachment=None,
            invited=False,
            by=by,
            at=at,
        )


@pytest.mark.parametrize("code", [*Condition.values, "another"])
def test_what_cannot_be_found_out_is_never_fulfilled(second, code):
    """Also what somebody adds to the list and forgets to evaluate."""
    (one,) = standings(given(second, code), on=ON)

    if code not in CONDITIONS:
        assert (one.holds, one.missing) == (False, (NOT_KNOWN,))


def test_a_stage_without_assignments_has_not_done_them(second):
    (one,) = standings(given(second, Condition.ASSIGNMENTS_DONE), on=ON)

    assert (one.holds, one.missing) == (False, (NO_TASKS,))


def test_problems_not_closed_are_named_by_organization(bureau, second, registered, at):
    """Personal rows are the person's and hold nothing up."""
    ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)  # a draft
    Problem.objects.filter(pk=registered.pk).update(owner_kind="personal")
    assert standings(given(second, Condition.PROBLEMS_CLOSED), on=ON)[0].holds

    Problem.objects.filter(pk=registered.pk).update(owner_kind="unit")
    (one,) = standings(second, on=ON)
    assert (one.total, one.done, one.missing) == (1, 0, ("第一党支部：1件未销号",))


def test_the_summary_may_follow_and_then_stands(second, by, at):
    shut(second, by=by)
    stage_turns.summarize(second, text="补报总结。", attachment=None, by=by, at=at)

    with pytest.raises(Forbidden, match="不能再改"):
        stage_turns.summarize(second, text="又改。", attachment=None, by=by, at=at)
    assert Stage.objects.get(pk=second.pk).summary == "补报总结。"


# ---------------------------------------------------------------- excuses


def excused(stage, by, at, **facts):
    given_ = {"reason": "sick", "words": ""} | facts
    return excuses.excuse(stage, by=by, at=at, **given_)


def test_who_is_excused_leaves_the_denominator_and_comes_back(bureau, second, by, at):
    stage = given(second, Condition.ASSIGNMENTS_DONE)
    mine = {"person": bureau.users["member"], "stage": stage}
    assignments.add(bureau.campaign, facts=task(bureau.branch, **mine), by=by, at=at)
    assignments.add(bureau.campaign, facts=task(bureau.sibling, stage=stage), by=by, at=at)
    assert standings(stage, on=ON)[0].total == 2

    person_ = excused(stage, by, at, person=bureau.users["member"])
    place = excused(stage, by, at, organization=bureau.sibling, reason="other", words="抗洪抽调")
    assert (standings(stage, on=ON)[0].total, standings(stage, on=ON)[0].holds) == (0, True)

    excuses.end(person_, words="已返岗", by=by, at=at)
    excuses.end(place, words="已归建", by=by, at=at)

    assert standings(stage, on=ON)[0].total == 2
    assert Excuse.objects.count() == 2
    assert not Excuse.objects.in_force().exists()
    with pytest.raises(Refused, match="已经取消"):
        excuses.end(person_, words="再一次", by=by, at=at)


def test_an_excused_organization_takes_all_below_it_along(bureau, second, by, at):
    stage = given(second, Condition.ASSIGNMENTS_DONE)
    assignments.add(bureau.campaign, facts=task(bureau.branch, stage=stage), by=by, at=at)

    excused(stage, by, at, organization=bureau.center)

    assert standings(stage, on=ON)[0].total == 0


def test_who_may_not_be_excused(bureau, second, by, at):
    member, office = bureau.users["member"], bureau.office
    refused = [
        ({"reason": "other", "person": member}, by, "写明说明"),
        ({"person": member, "organization": bureau.branch}, by, "只选其中一项"),
        ({}, by, "只选其中一项"),
        ({"person": by.user}, by, "本人"),
        ({"organization": bureau.top}, by, "全部下级一并免计"),
        ({"organization": OrganizationFactory(name="局外单位")}, by, "权限"),
        ({"person": person("局外人", OrganizationFactory(name="局外"))}, by, "不在"),
        ({"person": bureau.users["top_office"]}, office, "权限"),
        ({"person": member}, bureau.secretary, "权限"),
    ]
    for facts_, who, words in refused:
        with pytest.raises(Refused, match=words), transaction.atomic():
            excused(second, who, at, **facts_)
    excused(second, office, at, person=member)  # of his own part of the tree
    with pytest.raises(Refused, match="已登记免计"):
        excused(second, by, at, person=member)
    shut(second, by=by)
    with pytest.raises(Refused, match="已经结束"):
        excused(second, by, at, person=bureau.users["colleague"])


def test_why_somebody_is_excused_is_not_everybodys_to_read(bureau, second, by, at):
    row = excused(second, by, at, person=bureau.users["member"])
    readers = [
        name
        for name in bureau.users
        if Excuse.objects.seen_by(getattr(bureau, name), bureau.campaign).filter(pk=row.pk).exists()
    ]

    assert readers == ["member", "secretary", "office", "top_office", "inspector", "leader"]


@pytest.mark.both
def test_excuses_and_changes_are_only_added(bureau, second, by, at):
    row = excused(second, by, at, person=bureau.users["member"])

    for act in (
        lambda: Excuse.objects.filter(pk=row.pk).delete(),
        lambda: Excuse.objects.filter(pk=row.pk).update(words="改写"),
        lambda: StageChange.objects.update(invited=True),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


# ---------------------------------------------------------------- pages


def test_the_page_has_a_bar_with_todays_mark(bureau, second, signed_in, travel):
    page = signed_in(bureau.member).get(reverse("stages", args=[bureau.campaign.pk]))

    text = page.content.decode()
    assert "今天 6月3日" in text
    assert text.count("<rect") == 3
    assert "还缺1项" in text  # by name only for those who answer for the campaign
    assert NO_TASKS not in text
    text = signed_in(bureau.top_office).get(page.request["PATH_INFO"]).content.decode()
    assert NO_TASKS in text


def test_the_campaigns_page_shows_the_bar(bureau, second, signed_in, travel):
    page = signed_in(bureau.member).get(reverse("campaign", args=[bureau.campaign.pk]))

    assert "stages__today" in page.content.decode()


def test_closing_asks_again_when_the_page_is_stale(bureau, second, by, at, signed_in, travel):
    """And the page that comes back shows who is missing now: sent once more, it closes."""
    browser, url = signed_in(by), reverse("stage-close", args=[second.pk])
    data = {"invited": "no", "confirmed": "on", "seen": "old", "summary": "查摆结束。"}
    page = browser.post(url, data)
    seen = page.context["form"]["seen"].value()

    assert "有变化" in page.content.decode()
    assert browser.post(url, data | {"seen": seen}).status_code == 302
    again = browser.post(url, data | {"seen": seen})
    assert "不能再次结束" in again.content.decode()
    assert StageChange.objects.count() == 3


def test_as_many_queries_for_one_excuse_as_for_many(bureau, second, by, at, signed_in, travel):
    browser, url = signed_in(by), reverse("stages", args=[bureau.campaign.pk])
    excused(second, by, at, person=bureau.users["member"])
    assignments.add(bureau.campaign, facts=task(bureau.branch, stage=second), by=by, at=at)
    counts = []
    for _ in range(2):
        browser.get(url)
        with CaptureQueriesContext(connection) as asked:
            browser.get(url)
        counts.append(len(asked))
        for number in range(5 * len(counts), 5 * len(counts) + 5):
            excused(second, by, at, person=person(f"干部{number}", bureau.branch))
            Assignment.objects.create(
                campaign=bureau.campaign,
                position=100 + number,
                task="任务",
                organization=bureau.branch,
                stage=second,
            )

    assert counts[0] == counts[1]


def test_examinations_and_findings_hold_a_stage_up_until_everybody_is_done(bureau, second):
    """Whoever belongs to the campaign is asked; a return counts as submitted; findings are told of
    by organization, without a number."""
    row = sent(bureau.campaign, bureau.member, "懒")
    submitted, accepted, listed = (
        Condition.EXAMINATIONS_SUBMITTED,
        Condition.EXAMINATIONS_ACCEPTED,
        Condition.FINDINGS_LISTED,
    )

    def missing(code):
        (one,) = standings(given(second, code), on=ON)
        return one.missing

    assert "第一党支部：马超" not in missing(submitted)
    assert "第一党支部：林芳" in missing(submitted)
    assert "第一党支部：马超" in missing(accepted)
    assert missing(listed) == ()

    examination_reviews.decide(
        row,
        number=1,
        decision=Verdict.Decision.ACCEPTED,
        comment="",
        by=bureau.secretary,
        at=AT,
    )
    assert "第一党支部：马超" not in missing(accepted)
    assert missing(listed) == ("第一党支部：还有查摆问题未入账",)

    findings.take_in(list(Finding.objects.all()), by=bureau.secretary, at=AT)
    assert missing(listed) == ()
