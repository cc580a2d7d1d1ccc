"""The check of the review chain (审核链体检): it says what the chain itself would say."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.actions import campaigns
from campaigns.models import Campaign, ClosingLevel, Publication
from rectification.actions import chain_checks, chains, conclusions, publishings
from rectification.models import Problem
from reform.errors import Refused
from reform.models import Duty, Organization, OrganizationRelation, Role, TrailEntry
from tests.factories import AT, LONG_AGO, ON, OrganizationFactory, ProblemFactory, actor, person

NOBODY = "暂无可办理人员，将指派人员或线下签批"


def seen_by_the_chain(campaign):
    """What each organization is told of a row of its own, level by level, by the chain."""
    found = set()
    for place in Organization.objects.in_force(ON):
        if not campaign.includes(place):
            continue
        for level in campaign.closing_levels.all():
            for owner in ("personal",) if level.for_personal else ("unit",):
                row = ProblemFactory(campaign=campaign, organization=place, owner_kind=owner)
                Duty.objects.filter(user=row.drafted_by).delete()
                Problem.objects.filter(pk=row.pk).update(closing_level=level)
                row = Problem.objects.get(pk=row.pk)
                found |= {
                    (place.name, step, level.name)
                    for step, words in chains.look_ahead(row, on=ON)
                    if words == NOBODY
                }
    return found


def seen_by_the_check(campaign):
    return {
        (gap.organization.name, gap.step, level)
        for gap in chain_checks.check(campaign, on=ON)
        for level in gap.levels.split("、")
    }


def everything_at_once(bureau):
    """A field, a stationed group, somebody on leave, an inspector who has just come from below."""
    deputy = person("分管领导", bureau.top, Role.LEADER, fields=[bureau.sibling])
    group = OrganizationFactory(name="派驻组", kind="discipline")
    person("组长", group, Role.INSPECTOR)
    OrganizationRelation.objects.create(
        kind="stationed", organization=group, other=bureau.top, since=LONG_AGO
    )
    newcomer = person("新纪检", bureau.center, Role.INSPECTOR)
    Duty.objects.create(
        user=newcomer,
        organization=bureau.branch,
        role=Role.SECRETARY,
        since=LONG_AGO,
        until=ON - timedelta(days=100),
    )
    return deputy


VACANT = ("nobody", "office", "inspector", "leader", "secretary", "other inspectors")


@pytest.mark.parametrize("vacant", VACANT)
def test_it_says_what_the_chain_would_say(bureau, vacant):
    everything_at_once(bureau)
    if vacant == "other inspectors":  # who is left came from below not long ago (SOD-05)
        Duty.objects.filter(role="inspector").exclude(user__name="新纪检").delete()
    elif vacant != "nobody":
        Duty.objects.filter(role=vacant).update(until=ON - timedelta(days=900), since=LONG_AGO)
    expected = seen_by_the_chain(bureau.campaign)

    assert seen_by_the_check(bureau.campaign) == expected
    assert expected  # something is always lacking at the top


def test_it_stands_in_official_order(bureau):
    Duty.objects.filter(role=Role.SECRETARY).delete()
    found = chain_checks.check(bureau.campaign, on=ON)

    order = [gap.organization.sequence for gap in found]
    assert order == sorted(order)


def test_it_costs_the_same_for_many_organizations(bureau):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            chain_checks.check(bureau.campaign, on=ON)
        return len(seen)

    everything_at_once(bureau)
    before = cost()
    for number in range(30):
        place = OrganizationFactory(name=f"新支部{number}", parent=bureau.center)
        person(f"书记{number}", place, Role.SECRETARY)
        person(f"领导{number}", place, Role.LEADER, fields=[place])

    assert cost() == before


# ---------------------------------------------------------------- publishing with gaps


@pytest.fixture
def plan(bureau):
    planner = actor(person("拟稿人", bureau.center, Role.OFFICE))
    return campaigns.draft(
        title="新方案",
        code="NEW",
        organization=bureau.center,
        starts_on=ON,
        ends_on=ON + timedelta(days=90),
        items=[("庸", "")],
        participants=[bureau.center],
        by=planner,
        at=AT,
    )


def test_gaps_are_seen_and_confirmed_and_kept(bureau, plan):
    gaps = chain_checks.check(plan, on=ON)
    seen = chain_checks.digest(gaps)
    facts = {"by": bureau.leader, "at": AT}
    with pytest.raises(Refused, match=f"审核链有{len(gaps)}处没有人可办理"):
        publishings.publish(plan, seen=seen, confirmed=False, **facts)
    with pytest.raises(Refused, match="结果有变化"):
        publishings.publish(plan, seen="others", confirmed=True, **facts)
    assert not Publication.objects.filter(campaign=plan).exists()

    publishings.publish(plan, seen=seen, confirmed=True, **facts)

    kept = Publication.objects.get(campaign=plan).gaps
    assert [row["name"] for row in kept] == [gap.organization.name for gap in gaps]
    assert kept == [gap.data() for gap in gaps] != []


def test_without_gaps_nothing_is_to_be_confirmed(bureau, plan):
    ClosingLevel.objects.filter(campaign=plan).exclude(for_personal=True).delete()
    ClosingLevel.objects.filter(campaign=plan).update(
        for_key=True, for_from_above=True, for_rest=True
    )
    for level in plan.closing_levels.all():
        level.steps.all().delete()
        level.steps.create(position=1, kind="endorse")
    for place in Organization.objects.under(bureau.center):
        person(f"{place}书记", place, Role.SECRETARY)

    assert chain_checks.check(plan, on=ON) == []
    publishings.publish(plan, seen="", confirmed=False, by=bureau.leader, at=AT)
    assert Campaign.objects.get(pk=plan.pk).is_open


# ---------------------------------------------------------------- ending a campaign


def test_what_is_still_open_is_asked_before_a_campaign_ends(bureau, rectifying):
    head = actor(person("局长", bureau.top, Role.LEADER, principal=True))
    left = conclusions.still_open(bureau.campaign)
    assert left == [("rectifying", "整改中", 1)]
    facts = {"by": head, "at": AT}

    with pytest.raises(Refused, match="现有1条问题没有销号，与您打开页面时不同"):
        conclusions.conclude(bureau.campaign, seen=0, reason="继续", **facts)
    with pytest.raises(Refused, match="请写明结束后怎样继续整改"):
        conclusions.conclude(bureau.campaign, seen=1, reason="", **facts)

    conclusions.conclude(bureau.campaign, seen=1, reason="转入常态化整改", **facts)

    entry = TrailEntry.objects.of(bureau.campaign).last()
    assert (entry.act, entry.quote) == ("campaign.closed", "转入常态化整改")
    assert "未销号1条" in entry.sentence
    assert Campaign.objects.get(pk=bureau.campaign.pk).status == "closed"
