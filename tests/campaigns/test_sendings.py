"""What waits for a leader: a draft that was sent to be published, a change that was asked for."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.actions import campaigns, changes, drafts, sendings
from campaigns.models import CampaignPlan
from reform.actions import users
from reform.errors import Forbidden, Refused
from reform.models import Notice, Role, TrailEntry
from tests.campaigns.test_changes import (  # noqa: F401 -- fixtures
    asked,
    campaign,
    clerk,
    committee,
    leader,
    office,
    plan,
)
from tests.factories import AT, actor, person
from tests.rectification.test_delegated import lend


def waiting(start):
    """Who is told under such keys, and has not read it."""
    rows = Notice.objects.filter(key__startswith=start, read_at=None)
    return sorted(rows.values_list("recipient__name", flat=True))


def test_a_draft_is_sent_to_who_may_publish_it_and_the_outcome_comes_back(
    plan,  # noqa: F811
    office,  # noqa: F811
    leader,  # noqa: F811
):
    sendings.send(plan, by=office, at=AT)

    assert waiting("publish:") == ["罗海"]
    assert CampaignPlan.objects.get().is_sent
    assert TrailEntry.objects.of(plan).last().act == "campaign.publishing_asked"
    with pytest.raises(Refused, match="不需要再送"), transaction.atomic():
        sendings.send(plan, by=office, at=AT)

    campaigns.publish(plan, by=leader, at=AT)

    assert (waiting("publish:"), waiting("published:")) == ([], ["何静"])


def test_what_was_changed_since_is_sent_again(plan, office, leader):  # noqa: F811
    sendings.send(plan, by=office, at=AT)
    drafts.set_stages(plan, rows=[], edition=None, by=office, at=AT)
    assert not CampaignPlan.objects.get().is_sent

    sendings.send(plan, by=office, at=AT)

    assert Notice.objects.filter(key__startswith="publish:").count() == 2
    assert waiting("publish:") == ["罗海"]  # for the later one only
    drafts.drop(plan, by=office, at=AT)
    assert waiting("publish:") == []


def test_who_wrote_or_sent_it_is_not_asked_nor_who_stands_in_for_him(
    plan,  # noqa: F811
    committee,  # noqa: F811
    office,  # noqa: F811
):
    """Nor by the leadership of an author on leave: his conflict counts (SOD-14)."""
    both = person("双职", committee, Role.LEADER, principal=True)
    users.give_duty(both, role=Role.OFFICE, organization=committee, since=date(2026, 1, 1))
    drafts.set_stages(plan, rows=[], edition=None, by=actor(both), at=AT)
    lend(both, Role.LEADER, person("代办", committee, Role.MEMBER))

    with pytest.raises(Refused, match="在纸上签批后录入"), transaction.atomic():
        sendings.send(plan, by=office, at=AT)
    assert CampaignPlan.objects.get().sent_edition is None

    person("高远", committee, Role.LEADER, principal=True)
    sendings.send(plan, by=office, at=AT)
    assert waiting("publish:") == ["高远"]


def test_whoever_sends_it_publishes_nothing(plan, committee, office, leader):  # noqa: F811
    both = person("双职", committee, Role.LEADER, principal=True)
    users.give_duty(both, role=Role.OFFICE, organization=committee, since=date(2026, 1, 1))

    sendings.send(plan, by=actor(both), at=AT)

    with pytest.raises(Forbidden, match="不能自己批准"):
        campaigns.publish(plan, by=actor(both), at=AT)


def test_what_is_not_ready_or_not_ones_own_is_not_sent(plan, office, clerk, leader):  # noqa: F811
    with pytest.raises(Forbidden):
        sendings.send(plan, by=clerk, at=AT)
    plan.participations.all().delete()
    with pytest.raises(Refused, match="还没有参加单位"), transaction.atomic():
        sendings.send(plan, by=office, at=AT)
    place = [plan.organization]
    drafts.set_participants(plan, add=place, remove=[], edition=None, by=office, at=AT)
    campaigns.publish(plan, by=leader, at=AT)
    with pytest.raises(Refused, match="已批准发布"):
        sendings.send(plan, by=office, at=AT)


def test_a_draft_is_sent_whole_or_not(plan, office):  # noqa: F811
    with pytest.raises(IntegrityError, match="plan_sent_is_whole"), transaction.atomic():
        CampaignPlan.objects.update(sent_edition=1)


def test_who_may_publish_sends_it_back_with_a_reason_and_nothing_of_it_is_lost(
    plan,  # noqa: F811
    office,  # noqa: F811
    leader,  # noqa: F811
):
    sendings.send(plan, by=office, at=AT)
    before = list(CampaignPlan.objects.values("stages", "assignments", "edition"))

    sendings.give_back(plan, reason="阶段安排过紧，请调整。", by=leader, at=AT)

    row = CampaignPlan.objects.get()
    assert list(CampaignPlan.objects.values("stages", "assignments", "edition")) == before
    assert (row.is_sent, row.return_reason) == (False, "阶段安排过紧，请调整。")
    assert (waiting("publish:"), waiting("publish-back:")) == ([], ["何静"])
    assert TrailEntry.objects.of(plan).last().quote == "阶段安排过紧，请调整。"
    with pytest.raises(Refused, match="不需要退回"), transaction.atomic():
        sendings.give_back(plan, reason="再看看。", by=leader, at=AT)

    sendings.send(plan, by=office, at=AT + timedelta(hours=1))  # as it was: a word was enough

    assert (waiting("publish:"), waiting("publish-back:")) == (["罗海"], [])
    assert CampaignPlan.objects.get().returned_at is None
    campaigns.publish(plan, by=leader, at=AT + timedelta(hours=2))


def test_who_wrote_it_or_stands_below_sends_nothing_back(
    plan,  # noqa: F811
    committee,  # noqa: F811
    office,  # noqa: F811
    clerk,  # noqa: F811
    leader,  # noqa: F811
):
    both = person("双职", committee, Role.LEADER, principal=True)
    users.give_duty(both, role=Role.OFFICE, organization=committee, since=date(2026, 1, 1))
    drafts.set_stages(plan, rows=[], edition=None, by=actor(both), at=AT)
    sendings.send(plan, by=office, at=AT)

    for one in (actor(both), office, clerk):
        with pytest.raises(Forbidden), transaction.atomic():
            sendings.give_back(plan, reason="请修改。", by=one, at=AT)
    with pytest.raises(Refused, match="理由"), transaction.atomic():
        sendings.give_back(plan, reason="", by=leader, at=AT)
    with pytest.raises(IntegrityError, match="plan_returned"), transaction.atomic():
        CampaignPlan.objects.update(return_reason="没有人退回")


@time_machine.travel(AT, tick=False)
def test_the_office_finds_on_its_desk_what_came_back_and_why(
    plan,  # noqa: F811
    office,  # noqa: F811
    leader,  # noqa: F811
    signed_in,
):
    back, page = (reverse(name, args=[plan.pk]) for name in ("draft-return", "draft"))
    sendings.send(plan, by=office, at=AT)
    boss = signed_in(leader)
    assert back in boss.get(page).content.decode()

    boss.post(back, {"token": "0b8ed9a2-21f8-4c2f-8a5c-2f3fd2f7d7a2", "reason": "请补充措施。"})

    assert back not in boss.get(page).content.decode()
    client = signed_in(office)
    desk, shown = (client.get(one).content.decode() for one in (reverse("desk"), page))
    assert "草案已退回 · 请补充措施。" in desk
    assert "请补充措施。" in shown
    assert reverse("draft-send", args=[plan.pk]) in shown


@pytest.mark.parametrize("outcome", ["approve", "refuse", "withdraw"])
def test_a_change_is_told_to_who_may_decide_and_its_outcome_to_who_asked(
    campaign,  # noqa: F811
    office,  # noqa: F811
    leader,  # noqa: F811
    outcome,
):
    row = asked(campaign, office, facts={"name": "专项办"})
    assert waiting(f"change:{row.pk}") == ["罗海"]

    if outcome == "withdraw":
        changes.withdraw(row, by=office, at=AT)
    else:
        getattr(changes, outcome)(row, opinion="照此办理。", by=leader, at=AT)

    told = ["何静"] if outcome != "withdraw" else []
    assert waiting(f"change:{row.pk}") == told
    if told:
        word = {"approve": "已批准", "refuse": "未批准"}[outcome]
        subject = Notice.objects.get(key__startswith=f"change:{row.pk}:").subject
        assert subject.startswith(f"变更申请{word}：")
        assert "照此办理" in subject


@time_machine.travel(AT, tick=False)
def test_the_page_of_a_draft_says_that_it_waits(plan, office, leader, signed_in):  # noqa: F811
    client, send = signed_in(office), reverse("draft-send", args=[plan.pk])
    page = reverse("draft", args=[plan.pk])
    assert send in client.get(page).content.decode()
    assert "罗海" in client.get(send).content.decode()

    client.post(send, {"token": "0b8ed9a2-21f8-4c2f-8a5c-2f3fd2f7d7a1"})

    shown = client.get(page).content.decode()
    assert send not in shown
    assert "送请批准发布，等领导批准" in shown
    assert CampaignPlan.objects.get().sent_by == office.user


@time_machine.travel(AT, tick=False)
def test_the_desk_says_what_change_is_asked_for(campaign, office, leader, signed_in):  # noqa: F811
    asked(campaign, office, facts={"name": "专项办"})

    desk = signed_in(leader).get(reverse("desk")).content.decode()

    assert "更改办公室简称：专项办" in desk
