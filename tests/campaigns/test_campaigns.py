"""Campaigns: drafted by an office, published by somebody else, with words and chains."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns.actions import campaigns
from campaigns.models import Campaign, ClosingLevel, ClosingStep, Item, Source
from campaigns.models.checklist import source_of
from campaigns.models.closing_level import level_of
from reform.errors import Forbidden, Refused
from reform.models import Role, TrailEntry, User
from tests.factories import AT, ON, CampaignFactory, OrganizationFactory, actor, person


@pytest.fixture
def committee():
    return OrganizationFactory(name="市局党组", kind="committee")


@pytest.fixture
def office(committee):
    return actor(person("何静", committee, Role.OFFICE))


@pytest.fixture
def leader(committee):
    return actor(person("罗海", committee, Role.LEADER, principal=True))


def drafted(committee, by, **facts):
    facts = {
        "title": "以案促改专项整治",
        "code": "YACG",
        "organization": committee,
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 12, 31),
        "items": [("庸", "不担当"), ("懒", "不作为")],
        "participants": [committee],
    } | facts
    return campaigns.draft(by=by, at=AT, **facts)


@pytest.fixture
def plan(committee, office):
    return drafted(committee, office)


# ---------------------------------------------------------------- drafting


def test_a_campaign_begins_as_a_draft_with_its_own_words(plan):
    assert plan.status == "draft"
    assert list(plan.items.values_list("name", "description")) == [
        ("庸", "不担当"),
        ("懒", "不作为"),
    ]
    assert plan.sources.count() == 14
    assert [source.name for source in plan.sources.filter(other=True)] == ["其他"]
    assert TrailEntry.objects.of(plan).get().act == "campaign.drafted"


def test_its_levels_have_the_chains_of_the_design(plan):
    chains = {
        level.name: [step.kind for step in level.steps.all()] for level in plan.closing_levels.all()
    }

    assert chains == {
        "个人问题": ["endorse"],
        "重点及上级指出问题": ["endorse", "verify", "recheck", "approve"],
        "单位一般问题": ["endorse", "verify"],
    }


@pytest.mark.parametrize(
    "role", [role for role in Role if role != Role.OFFICE], ids=lambda role: role.value
)
def test_only_an_office_drafts(committee, role):
    with pytest.raises(Forbidden, match="建立活动的权限"):
        drafted(committee, actor(person("某人", committee, role)))
    assert not Campaign.objects.exists()


def test_an_office_drafts_for_its_own_and_below_and_nowhere_else(committee, office):
    below = OrganizationFactory(parent=committee)
    drafted(below, office)

    for place in (OrganizationFactory(), OrganizationFactory(kind="committee")):
        with pytest.raises(Forbidden):
            drafted(place, office, code="OTHER")
    above = actor(person("下级活动办", below, Role.OFFICE))
    with pytest.raises(Forbidden):
        drafted(committee, above, code="OTHER")


def test_a_campaign_does_not_end_before_it_starts(committee, office):
    with pytest.raises(IntegrityError), transaction.atomic():
        drafted(committee, office, ends_on=date(2026, 2, 1))


def test_a_code_is_taken_once(committee, office, plan):
    with pytest.raises(IntegrityError), transaction.atomic():
        drafted(committee, office)


def test_the_year_is_that_of_its_first_day(plan):
    assert plan.year == 2026


# ---------------------------------------------------------------- publishing


def test_a_leader_publishes_what_the_office_drafted(plan, leader):
    published = campaigns.publish(plan, by=leader, at=AT)

    assert (published.status, published.is_open) == ("published", True)
    assert TrailEntry.objects.of(plan).last().act == "campaign.published"


def test_its_author_does_not_publish_it(committee):
    both = actor(person("何静", committee, Role.OFFICE, Role.LEADER, principal=True))
    plan = drafted(committee, both)

    with pytest.raises(Forbidden, match="起草人、申请人不能自己批准"):
        campaigns.publish(plan, by=both, at=AT)
    assert Campaign.objects.get().status == "draft"


def test_nor_does_a_second_account_of_its_author(plan, office, committee):
    second = person("何静", committee, Role.LEADER, principal=True)
    User.objects.filter(pk=second.pk).update(same_as=office.user)
    second.refresh_from_db()

    with pytest.raises(Forbidden, match="起草人、申请人不能自己批准"):
        campaigns.publish(plan, by=actor(second), at=AT)


@pytest.mark.parametrize(
    "role", [role for role in Role if role != Role.LEADER], ids=lambda role: role.value
)
def test_only_a_leader_publishes(plan, committee, role):
    with pytest.raises(Forbidden, match="批准发布活动的权限"):
        campaigns.publish(plan, by=actor(person("某人", committee, role)), at=AT)


def test_a_leader_from_above_publishes_and_one_from_below_or_beside_does_not(office, committee):
    below = OrganizationFactory(parent=committee)
    plan = drafted(below, office)
    beside = OrganizationFactory(parent=committee)
    under = OrganizationFactory(parent=below)

    for place in (beside, under):
        with pytest.raises(Forbidden):
            campaigns.publish(
                plan, by=actor(person("某领导", place, Role.LEADER, principal=True)), at=AT
            )
    deputy = actor(person("分管他处", committee, Role.LEADER, fields=[beside]))
    with pytest.raises(Forbidden):
        campaigns.publish(plan, by=deputy, at=AT)
    mine = actor(person("分管此处", committee, Role.LEADER, fields=[below]))
    assert campaigns.publish(plan, by=mine, at=AT).is_open


@pytest.mark.parametrize(
    ("missing", "words"), [("items", "还没有检查清单和条目"), ("participants", "还没有参加单位")]
)
def test_nothing_is_published_without_items_and_participants(
    committee, office, leader, missing, words
):
    plan = drafted(committee, office, **{missing: []})

    with pytest.raises(Refused, match=words):
        campaigns.publish(plan, by=leader, at=AT)


def test_it_is_published_once(plan, leader):
    campaigns.publish(plan, by=leader, at=AT)

    with pytest.raises(Refused, match="目前为进行中，不能转为进行中"):
        campaigns.publish(plan, by=leader, at=AT)


# ---------------------------------------------------------------- who sees it


def test_a_draft_is_seen_by_nobody(plan, office, leader):
    for who in (office, leader):
        assert not Campaign.objects.visible_to(who).exists()


@pytest.mark.parametrize(
    ("where", "role", "sees"),
    [
        ("own", Role.MEMBER, True),
        ("below", Role.MEMBER, True),
        ("below", Role.SECRETARY, True),
        ("above", Role.MEMBER, False),
        ("above", Role.SECRETARY, False),
        ("above", Role.OFFICE, True),
        ("above", Role.INSPECTOR, True),
        ("above", Role.LEADER, True),
        ("beside", Role.MEMBER, False),
        ("beside", Role.OFFICE, False),
        ("out", Role.OFFICE, False),
        *(("own", role, False) for role in (Role.SYSTEM, Role.SECURITY, Role.AUDIT)),
    ],
)
def test_who_sees_a_published_campaign(where, role, sees):
    above = OrganizationFactory(kind="committee")
    own = OrganizationFactory(parent=above, kind="committee")
    places = {
        "above": above,
        "own": own,
        "below": OrganizationFactory(parent=own),
        "beside": OrganizationFactory(parent=above),
        "out": OrganizationFactory(),
    }
    campaign = CampaignFactory(organization=own)

    who = actor(person("某人", places[where], role, principal=role == Role.LEADER))

    assert list(Campaign.objects.visible_to(who)) == ([campaign] if sees else [])


def test_whoever_takes_part_sees_a_campaign_led_elsewhere(committee, office, leader):
    guest = OrganizationFactory(name="客座支部")
    plan = drafted(committee, office, participants=[committee, guest])
    campaigns.publish(plan, by=leader, at=AT)

    assert list(Campaign.objects.visible_to(actor(person("某人", guest)))) == [plan]


def test_a_former_member_sees_it_no_longer(committee):
    CampaignFactory(organization=committee)
    former = person("某人", committee, until=ON - timedelta(days=1))

    assert not Campaign.objects.visible_to(actor(former)).exists()


def test_only_what_is_published_is_open(committee, plan, leader):
    assert not Campaign.objects.open().exists()
    campaigns.publish(plan, by=leader, at=AT)
    assert list(Campaign.objects.open()) == [plan]
    Campaign.objects.update(status="closed")
    assert not Campaign.objects.open().exists()


# ---------------------------------------------------------------- which source a text means


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("自己找", "自己找"),
        ("自查", "自己找"),
        ("支部自查发现", "自己找"),
        ("领导点", "上级点"),
        ("纪委抽查", "督导检查"),
        ("抽查", "督导检查"),
        ("上级督察反馈", "上级反馈"),
        ("市委巡察组反馈意见", "上级反馈"),
        ("巡察", "巡视巡察"),
        ("审计反馈", "审计"),
        ("群众来信来访", "信访"),
        ("交叉暗访", "暗访"),
        ("组织生活会", "民主生活会"),
        ("领导批示", "领导交办"),
        ("看了才知道", "其他"),
        ("   ", "其他"),
        ("", None),
    ],
)
def test_a_text_means_the_source_whose_words_fill_most_of_it(plan, text, name):
    found = source_of(text, list(plan.sources.all()))

    assert (found.name if found else None) == name


def test_without_any_other_source_a_strange_text_means_none(plan):
    sources = [source for source in plan.sources.all() if not source.other]

    assert source_of("看了才知道", sources) is None
    assert source_of("自查", []) is None


def test_the_words_of_a_source_are_data(plan):
    Source.objects.create(campaign=plan, position=99, name="夜访", also=["夜间走访"])

    assert source_of("夜间走访发现", list(plan.sources.all())).name == "夜访"


# ---------------------------------------------------------------- which level a row gets


@pytest.mark.parametrize(
    ("marks", "name"),
    [
        ({"personal": True}, "个人问题"),
        ({"personal": True, "key": True}, "个人问题"),
        ({"personal": True, "from_above": True}, "个人问题"),
        ({"key": True}, "重点及上级指出问题"),
        ({"from_above": True}, "重点及上级指出问题"),
        ({"key": True, "from_above": True}, "重点及上级指出问题"),
        ({}, "单位一般问题"),
    ],
)
def test_the_first_level_that_fits_wins(plan, marks, name):
    asked = {"personal": False, "key": False, "from_above": False} | marks

    assert level_of(plan, **asked).name == name


def test_a_personal_row_gets_no_level_of_units(plan):
    plan.closing_levels.filter(for_personal=True).delete()

    assert level_of(plan, personal=True, key=True, from_above=True) is None


def test_the_order_of_levels_is_the_campaigns(plan):
    plan.closing_levels.filter(for_rest=True).update(position=0)

    assert level_of(plan, personal=False, key=True, from_above=False).name == "单位一般问题"


# ---------------------------------------------------------------- what must always hold


@pytest.mark.parametrize(
    "make",
    [
        lambda plan: ClosingLevel.objects.create(
            campaign=plan, position=9, name="另一个", for_rest=True
        ),
        lambda plan: ClosingLevel.objects.create(campaign=plan, position=9, name="个人问题"),
        lambda plan: Source.objects.create(campaign=plan, position=99, name="杂", other=True),
        lambda plan: Source.objects.create(campaign=plan, position=99, name="审计"),
        lambda plan: Item.objects.create(campaign=plan, position=9, name="庸"),
        lambda plan: ClosingStep.objects.create(
            level=plan.closing_levels.first(), position=1, kind="verify"
        ),
        lambda plan: ClosingStep.objects.create(
            level=plan.closing_levels.first(), position=2, kind="endorse"
        ),
        lambda plan: plan.participations.create(organization=plan.organization),
    ],
)
def test_each_stands_once(plan, make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make(plan)


@pytest.mark.no_database
def test_every_step_has_its_roles_and_its_row_of_the_permissions():
    assert ClosingStep.ROLES.keys() == ClosingStep.ACTS.keys() == set(ClosingStep.Kind)
