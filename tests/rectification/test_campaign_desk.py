"""What of campaigns waits on a desk: approvals, tasks, stages, requirements, a turning told."""

from datetime import timedelta

import pytest
import time_machine

from campaigns.actions import (
    assignments,
    campaigns,
    changes,
    portraits,
    sendings,
    stage_turns,
    stages,
    superior_requests,
)
from campaigns.models import SweepVerdict
from campaigns.models.sweep_roll import Sought
from rectification.actions import conversions, registrations
from rectification.views import campaign_desk
from reform.models import Actor, Role
from tests.campaigns import portrait_rows, sweeping
from tests.factories import AT, ON, ProblemFactory, actor, person
from tests.rectification.stages import demand, shut, task
from tests.rectification.test_pages import panel
from tests.rectification.test_stages import a_draft

RETURN = SweepVerdict.Decision.RETURNED


def waits(who: Actor):
    return [(one.kind, one.words) for one in campaign_desk.waiting(who)]


@pytest.fixture
def by(bureau):
    return bureau.top_office


@pytest.fixture
def chief(bureau):
    return actor(person("高远", bureau.top, Role.LEADER, principal=True))


def test_what_a_leader_may_approve_waits_on_his_desk_until_it_is_decided(bureau, by, chief):
    draft = a_draft(bureau, by, AT)
    assert waits(chief) == []

    sendings.send(draft, by=by, at=AT)
    row = changes.request(
        bureau.campaign,
        kind="office_name",
        facts={"name": "专项办"},
        reason="来文",
        by=by,
        at=AT,
    )
    assert waits(chief) == [("publish", "下一轮"), ("change", "更改办公室简称：专项办")]
    assert waits(bureau.leader) == waits(bureau.member) == waits(by) == []

    campaigns.publish(draft, by=chief, at=AT)
    changes.refuse(row, opinion="不必。", by=chief, at=AT)
    assert waits(chief) == []


def test_who_wrote_or_asked_is_not_asked_to_approve(bureau, by, chief):
    """One person with an office and a leader's duty."""
    from_both = person("双职", bureau.top, Role.OFFICE)
    draft = a_draft(bureau, actor(from_both), AT)
    sendings.send(draft, by=by, at=AT)
    changes.request(
        bureau.campaign,
        kind="office_name",
        facts={"name": "专项办"},
        reason="来文",
        by=actor(from_both),
        at=AT,
    )
    person_ = type(from_both).objects.get(pk=from_both.pk)
    person_.duties.update(role=Role.LEADER, principal=True)

    assert waits(actor(person_)) == []
    assert len(waits(chief)) == 2


def test_a_task_that_comes_due_waits_for_who_is_named_and_for_his_unit(bureau, by):
    facts = {"person": bureau.users["member"], "due_on": ON + timedelta(days=7)}
    row = assignments.add(bureau.campaign, facts=task(bureau.branch, **facts), by=by, at=AT)
    far = facts | {"due_on": ON + timedelta(days=8)}
    assignments.add(bureau.campaign, facts=task(bureau.branch, **far), by=by, at=AT)

    for who in (bureau.member, bureau.secretary, bureau.liaison):
        assert waits(who) == [("task", "组织专题学习")]
    for who in (bureau.office, bureau.leader, bureau.neighbour, bureau.colleague):
        assert waits(who) == []

    assignments.progress(row, text="已办", status="done", on=ON, by=bureau.member, at=AT)
    assert waits(bureau.member) == []


def test_a_stage_and_a_requirement_that_come_due_are_the_offices(bureau, by):
    last = (ON + timedelta(days=5)).isoformat()
    planned = [{"title": "学习", "starts_on": "2026-03-01", "ends_on": last}]
    (stage,) = stages.set_up(bureau.campaign, planned, by=by, at=AT)
    stage_turns.open_next(stage, invited=False, by=by, at=AT)
    late = demand(due_on=ON - timedelta(days=1))
    row = superior_requests.enter(bureau.campaign, facts=late, by=by, at=AT)

    assert waits(by) == [("request", late["text"]), ("stage", "学习")]
    assert waits(bureau.office) == waits(bureau.secretary) == []

    done = {"answered_on": ON, "answered_by": "活动办", "answer": "已报。"}
    superior_requests.change(row, version=row.version, facts=late | done, by=by, at=AT)
    shut(stage, summary="学习结束。", by=by)
    assert waits(by) == []


def test_a_turning_that_was_told_waits_for_the_person_and_then_for_who_told_it(bureau):
    row = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=bureau.member,
        owner_kind="personal",
        persons=["马超"],
    )
    registrations.register(row, by=bureau.secretary, at=AT)
    conversions.tell(row, becomes="unit", reason="涉及全支部", by=bureau.secretary, at=AT)
    assert [kind for kind, _ in waits(bureau.member)] == ["told"]
    assert waits(bureau.secretary) == waits(bureau.colleague) == []

    conversions.agree(row, by=bureau.member, at=AT)
    assert waits(bureau.member) == []
    assert [kind for kind, _ in waits(bureau.secretary)] == ["turn"]
    conversions.turn(row, by=bureau.secretary, at=AT)
    assert waits(bureau.secretary) == []


def test_a_question_put_to_a_unit_waits_until_it_is_sent_and_then_for_who_reviews(
    bureau, by, signed_in
):
    asked = sweeping.asked(bureau.campaign, by, bureau.branch)
    sought = Sought(bureau.campaign, request=asked)
    ours = (bureau.secretary, bureau.liaison)
    for who in ours:
        assert waits(who) == [("sweep", asked.question)]
    for who in (bureau.member, bureau.neighbour, by, bureau.office):
        assert waits(who) == []
    (line,) = campaign_desk.waiting(bureau.liaison)
    assert (line.day, line.is_dated) == (asked.due_on, True)
    page = signed_in(bureau.liaison).get(line.url)
    assert asked.question in page.content.decode()

    sweeping.begun(sought, bureau.branch, bureau.liaison)
    for who in ours:
        assert waits(who) == [("sweep-draft", asked.question)]

    row = sweeping.sent(sought, bureau.branch, bureau.secretary, name="另一科用印")
    assert waits(bureau.secretary) == waits(bureau.liaison) == []
    assert waits(by) == waits(bureau.office) == [("sweep-review", asked.question)]
    (line,) = campaign_desk.waiting(bureau.office)
    page = signed_in(bureau.office).get(line.url).content.decode()
    assert row.get_absolute_url() in page

    sweeping.decide(row, bureau.office, RETURN, "请写清时间。")
    assert waits(by) == []
    for who in ours:
        assert waits(who) == [("sweep-back", asked.question)]


def test_a_list_to_sweep_by_waits_while_the_stage_does_that_asks_for_it(bureau, by):
    sweeping.a_list(bureau.campaign)
    assert waits(bureau.secretary) == [("sweep", "廉政风险隐患排查")]
    assert [one.is_dated for one in campaign_desk.waiting(bureau.secretary)] == [False]
    assert waits(bureau.member) == []

    last = ON + timedelta(days=20)
    planned = [
        {
            "title": "查摆",
            "starts_on": "2026-03-01",
            "ends_on": last.isoformat(),
            "conditions": ["sweeps"],
        }
    ]
    (stage,) = stages.set_up(bureau.campaign, planned, by=by, at=AT)
    assert waits(bureau.secretary) == []

    stage_turns.open_next(stage, invited=False, by=by, at=AT)
    assert [one.day for one in campaign_desk.waiting(bureau.secretary)] == [last]

    type(stage).objects.update(status="closed", closed_on=ON)
    assert waits(bureau.secretary) == []


def test_the_sheet_of_the_leading_unit_waits_for_another_of_its_leaders(bureau, chief):
    other = actor(person("严肃", bureau.top, Role.LEADER))
    sought = sweeping.a_list(bureau.campaign)

    sweeping.sent(sought, bureau.top, chief)

    assert waits(other) == [("sweep-review", "廉政风险隐患排查")]
    assert waits(chief) == []


def test_a_portrait_waits_for_each_whose_turn_it_is(bureau):
    chief, member = bureau.secretary, bureau.member
    session = portrait_rows.begun(bureau.campaign, bureau.branch, chief)
    named = f"{bureau.branch}画像比对"
    speak = ("portrait-speak", named)
    assert waits(member) == waits(bureau.colleague) == [speak]
    assert waits(bureau.neighbour) == waits(bureau.office) == []

    row = portrait_rows.of(session, bureau.users["member"])
    portrait_rows.said(row, bureau.colleague)
    portrait_rows.asked_back(row, chief)
    assert waits(bureau.colleague) == [("portrait-answer", named)]
    assert waits(member) == [speak]

    portraits.close(session, by=chief, at=AT)
    assert waits(chief) == [("portrait-merge", named)]
    portrait_rows.merged(row, chief)
    assert waits(bureau.colleague) == waits(member) == []

    portrait_rows.shown(row, chief)
    assert waits(member) == [("portrait-read", named)]
    portrait_rows.read(row, member)
    assert waits(member) == []
    assert ("portrait-file", named) in waits(chief)


@time_machine.travel(AT, tick=False)
def test_no_desk_says_who_spoke_or_of_whom(bureau, signed_in):
    session = portrait_rows.begun(bureau.campaign, bureau.branch, bureau.secretary)
    everybody = (bureau.member, bureau.colleague, bureau.secretary)
    row = portrait_rows.of(session, bureau.users["member"])
    others = [who for who in everybody if who != bureau.colleague]
    before = [panel(signed_in(who).get("/"), "活动事项") for who in others]

    portrait_rows.said(row, bureau.colleague)

    assert [panel(signed_in(who).get("/"), "活动事项") for who in others] == before


@time_machine.travel(AT, tick=False)
def test_the_desk_shows_the_most_urgent_and_that_there_is_more(bureau, by, signed_in):
    facts = {"person": bureau.users["member"], "due_on": ON}
    for _ in range(9):
        assignments.add(bureau.campaign, facts=task(bureau.branch, **facts), by=by, at=AT)

    said = panel(signed_in(bureau.member).get("/"), "活动事项")

    assert said.count("填报进展") == 8
    assert "8+项" in said
    assert "只列出最急的8项" in said
