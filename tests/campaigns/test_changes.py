"""What is published is frozen, by act and by trigger; later changes are asked for and decided."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from campaigns.actions import campaigns, changes, checklists, drafts, kits, stages
from campaigns.actions.signatures import Paper
from campaigns.models import Campaign, CampaignPlan, ChangeRequest, Item, Publication, Question
from campaigns.models.kit import Kit, KitChecklist, KitItem, KitQuestion, KitStage
from reform.actions import attachments
from reform.errors import Forbidden, Refused
from reform.models import Role, TrailEntry, User
from tests.factories import AT, ON, OrganizationFactory, actor, person
from tests.rectification.test_delegated import lend

KIT = Kit(
    "probe",
    "试用",
    "试用",
    200,
    stages=(KitStage("查", 0, 30),),
    checklists=(
        KitChecklist("六个字", items=(KitItem("庸"), KitItem("懒"))),
        KitChecklist("三问", mode="questions", questions=(KitQuestion("有何问题？", finds=True),)),
    ),
)


@pytest.fixture
def committee():
    return OrganizationFactory(name="市局党组", kind="committee")


@pytest.fixture
def office(committee):
    return actor(person("何静", committee, Role.OFFICE))


@pytest.fixture
def clerk(committee):
    return actor(person("周敏", committee, Role.LIAISON))


@pytest.fixture
def leader(committee):
    return actor(person("罗海", committee, Role.LEADER, principal=True))


@pytest.fixture
def plan(committee, office):
    return drafts.start(
        KIT,
        title="专项工作",
        code="KIT",
        organization=committee,
        starts_on=date(2026, 5, 1),
        participants=[committee],
        by=office,
        at=AT,
    )


@pytest.fixture
def campaign(plan, leader):
    return campaigns.publish(plan, by=leader, at=AT)


def scan(by):
    return attachments.keep(BytesIO(b"%PDF-1.4 scan"), name="签批件.pdf", by=by, at=AT)


def paper(by, signer=None, name="", **facts):
    facts = {"signed_on": ON, "opinion": "同意。"} | facts
    return Paper(signer, name, facts.pop("post", ""), scan=scan(by), **facts)


def asked(campaign, by, kind="office_name", facts=None):
    facts = facts or {"name": "专项办"}
    return changes.request(campaign, kind=kind, facts=facts, reason="来文调整", by=by, at=AT)


# ---------------------------------------------------------------- publishing on paper


def test_a_plan_signed_on_paper_is_entered_by_another(plan, clerk, leader):
    campaigns.publish(plan, paper=paper(clerk, leader.user), by=clerk, at=AT)

    made = Publication.objects.get()
    assert made.signed == "罗海签批（周敏代录）"
    assert (made.opinion, made.signed_on, bool(made.scan)) == ("同意。", ON, True)
    assert Campaign.objects.get().is_open


def test_a_signer_without_account_is_kept_by_name(plan, clerk):
    campaigns.publish(plan, paper=paper(clerk, name="王某某", post="书记"), by=clerk, at=AT)

    assert Publication.objects.get().decided_by_name == "王某某"


PAPERS = {
    "author enters": ("office", {"name": "王某某"}, "起草人、申请人不能录入"),
    "author signs": ("clerk", {"who": "office"}, "签批人不能是起草人"),
    "author signs by name": ("clerk", {"name": "何 静"}, "签批人不能是起草人"),
    "who enters signs": ("clerk", {"name": "周敏"}, "也不能是录入人本人"),
    "on the register": ("clerk", {"name": "罗海"}, "在人员名册中"),
    "no leader": ("clerk", {"who": "inspector"}, "没有批准发布活动的职责"),
    "nobody": ("clerk", {}, "请选择签批人"),
    "tomorrow": ("clerk", {"name": "王某某", "signed_on": ON + timedelta(days=1)}, "不能晚于今天"),
    "before it was drafted": (
        "clerk",
        {"name": "王某某", "signed_on": ON - timedelta(days=1)},
        "不能早于起草",
    ),
    "no words": ("clerk", {"name": "王某某", "opinion": ""}, "照纸面原文填写"),
}


@pytest.mark.parametrize("case", PAPERS)
def test_a_paper_that_cannot_be_publishes_nothing(plan, committee, office, clerk, leader, case):
    by, facts, words = PAPERS[case]
    people = {"office": office, "clerk": clerk, "leader": leader}
    people["inspector"] = actor(person("高远", committee, Role.INSPECTOR))
    facts = dict(facts)
    signer = people[facts.pop("who")].user if "who" in facts else None

    with pytest.raises(Refused, match=words):
        campaigns.publish(plan, paper=paper(people[by], signer, **facts), by=people[by], at=AT)
    assert Campaign.objects.get().status == "draft"


def test_whoever_changed_any_part_of_it_is_an_author(plan, committee):
    both = actor(person("兼任", committee, Role.OFFICE, Role.LEADER, principal=True))
    drafts.set_assignments(plan, rows=[], edition=1, by=both, at=AT)

    with pytest.raises(Forbidden, match="不能自己批准"):
        campaigns.publish(plan, by=both, at=AT)


def test_the_days_of_its_stages_stand_from_then_on(campaign, office, leader):
    facts = {"starts_on": "2026-04-01", "ends_on": "2026-12-31"}
    changes.approve(asked(campaign, office, "dates", facts), by=leader, at=AT)

    (stage,) = CampaignPlan.objects.get().dated()
    assert (stage.starts_on, stage.ends_on) == (date(2026, 5, 1), date(2026, 5, 30))


def test_a_campaign_does_not_leave_its_stages_outside(campaign, office, leader):
    """Neither when it is asked for, nor when a stage has moved until it is approved."""
    later = {"starts_on": "2026-05-04", "ends_on": "2026-12-31"}
    with pytest.raises(Refused, match="阶段查（2026-05-01至2026-05-30）不在新的起止日期之内"):
        asked(campaign, office, "dates", later)

    move(campaign, office, date(2026, 5, 6), date(2026, 5, 30))
    wish = asked(campaign, office, "dates", later)
    move(campaign, office, date(2026, 5, 1), date(2026, 5, 30))
    with pytest.raises(Refused, match="阶段查"), transaction.atomic():
        changes.approve(wish, by=leader, at=AT)
    move(campaign, office, date(2026, 5, 4), date(2026, 5, 30))
    changes.approve(wish, by=leader, at=AT)
    assert Campaign.objects.get(pk=campaign.pk).starts_on == date(2026, 5, 4)


def move(campaign, by, first, last):
    row = campaign.stages.get()
    days = {"starts_on": first, "ends_on": last}
    stages.shift(row, version=row.version, days=days, reason="推迟", by=by, at=AT)


# ---------------------------------------------------------------- frozen


EDITS = {
    "basics": lambda c, **w: drafts.set_basics(c, facts={}, edition=None, **w),
    "participants": lambda c, **w: drafts.set_participants(c, add=[], remove=[], edition=None, **w),
    "stages": lambda c, **w: drafts.set_stages(c, rows=[], edition=None, **w),
    "levels": lambda c, **w: drafts.set_levels(c, rows=kits.LEVELS, edition=None, **w),
    "sources": lambda c, **w: drafts.set_sources(c, rows=kits.SOURCES, edition=None, **w),
    "drop": drafts.drop,
    "checklist": lambda c, **w: checklists.drop(c.checklists.first(), **w),
    "new checklist": lambda c, **w: checklists.add(c, facts={}, **w),
}


@pytest.mark.parametrize("edit", EDITS)
def test_no_act_changes_what_is_published(campaign, office, edit):
    before = kits.of_campaign(campaign)

    with pytest.raises(Refused, match="请提出变更申请"):
        EDITS[edit](campaign, by=office, at=AT)
    assert kits.of_campaign(campaign) == before


WRITES = {
    "list added": lambda c: c.checklists.create(position=9, title="另一份"),
    "list changed": lambda c: c.checklists.filter(title="三问").update(guidance="改"),
    "list taken away": lambda c: c.checklists.filter(title="三问").delete(),
    "item added": lambda c: Item.objects.create(
        campaign=c, checklist=c.checklists.first(), position=9, name="散"
    ),
    "item changed": lambda c: c.items.filter(name="庸").update(description="改"),
    "item taken away": lambda c: c.items.filter(name="庸").delete(),
    "question added": lambda c: Question.objects.create(
        checklist=c.checklists.last(), position=9, text="又一问"
    ),
    "question changed": lambda c: Question.objects.update(finds=False),
    "question taken away": lambda c: Question.objects.all().delete(),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("status", ["published", "closed"])
def test_the_database_refuses_it_whoever_asks(campaign, write, status):
    Campaign.objects.update(status=status)
    before = kits.of_campaign(campaign)

    with pytest.raises(DatabaseError, match="检查清单不能再修改"), transaction.atomic():
        WRITES[write](campaign)
    assert kits.of_campaign(campaign) == before


@pytest.mark.parametrize("write", WRITES)
def test_of_a_draft_it_lets_everything_be_changed(plan, write):
    WRITES[write](plan)


# ---------------------------------------------------------------- changes


CHANGES = {
    "dates": (
        {"starts_on": "2026-05-01", "ends_on": "2026-12-31"},
        ("2026-05-01 至 2026-11-16", "2026-05-01 至 2026-12-31"),
        lambda c: c.ends_on == date(2026, 12, 31),
    ),
    "office_name": ({"name": "专项办"}, ("活动办", "专项办"), lambda c: c.office_name == "专项办"),
    "participant": (
        {"organization": None},
        ("", "客座支部（含下级）"),
        lambda c: c.participations.count() == 2,
    ),
    "item": (
        {"checklist": None, "name": "浮", "description": "不深入"},
        ("", "清单“六个字”增加“浮：不深入”"),
        lambda c: list(c.items.values_list("name", flat=True)) == ["庸", "懒", "浮"],
    ),
}


def a_change(campaign, kind):
    facts, words, holds = CHANGES[kind]
    facts = dict(facts)
    if kind == "participant":
        facts["organization"] = OrganizationFactory(name="客座支部").pk
    if kind == "item":
        facts["checklist"] = campaign.checklists.get(title="六个字").pk
    return facts, words, holds


@pytest.mark.parametrize("on_paper", [False, True])
@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_is_asked_for_decided_and_applied(campaign, office, clerk, leader, kind, on_paper):
    facts, words, holds = a_change(campaign, kind)
    row = asked(campaign, office, kind, facts)
    assert (row.before, row.after) == words
    assert not holds(Campaign.objects.get())

    signed = {"paper": paper(clerk, leader.user), "by": clerk} if on_paper else {"by": leader}
    row = changes.approve(row, at=AT, **signed)

    assert holds(Campaign.objects.get())
    assert (row.status, row.applied_at, row.decided_by) == ("approved", AT, leader.user)
    entry = TrailEntry.objects.of(campaign).last()
    assert entry.act == "campaign.change_approved"
    assert words[1] in entry.quote


def test_once_applied_nothing_more_comes_in(campaign, office, leader):
    facts, _, _ = a_change(campaign, "item")
    changes.approve(asked(campaign, office, "item", facts), by=leader, at=AT)

    with pytest.raises(DatabaseError), transaction.atomic():
        WRITES["item added"](campaign)


def test_what_is_refused_changes_nothing_and_says_why(campaign, office, leader):
    row = asked(campaign, office)
    with pytest.raises(Refused, match="请写明理由"):
        changes.refuse(row, opinion="", by=leader, at=AT)

    row = changes.refuse(row, opinion="年中不宜更名", by=leader, at=AT)

    assert (row.status, Campaign.objects.get().office_name) == ("refused", "活动办")
    with pytest.raises(Refused, match="未批准，不能再办理"):
        changes.approve(row, by=leader, at=AT)


def test_nobody_approves_what_he_asked_for(campaign, committee):
    both = actor(person("兼任", committee, Role.OFFICE, Role.LEADER, principal=True))
    row = asked(campaign, both)
    for act in (changes.approve, lambda row, **w: changes.refuse(row, opinion="不", **w)):
        with pytest.raises(Forbidden, match="不能自己批准"):
            act(row, by=both, at=AT)
    second = person("兼任", committee, Role.LEADER, principal=True)
    User.objects.filter(pk=second.pk).update(same_as=both.user)
    second.refresh_from_db()
    with pytest.raises(Forbidden, match="不能自己批准"):
        changes.approve(row, by=actor(second), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequest.objects.filter(pk=row.pk).update(decided_by=both.user)


def test_nobody_approves_through_a_delegate_what_he_asked_for(campaign, committee):
    both = person("兼任", committee, Role.OFFICE, Role.LEADER, principal=True)
    row = asked(campaign, actor(both))
    delegate = lend(both, Role.LEADER, person("代行人", committee))

    with pytest.raises(Forbidden, match="您受兼任委托，而兼任是起草人或申请人"):
        changes.approve(row, by=delegate, at=AT)


REFUSED = {
    "same dates": ("dates", {"starts_on": "2026-05-01", "ends_on": "2026-11-16"}, "没有变化"),
    "end before": ("dates", {"starts_on": "2026-05-01", "ends_on": "2026-04-01"}, "早于开始日期"),
    "same name": ("office_name", {"name": "活动办"}, "与现在不同"),
    "known item": ("item", {"name": "庸", "description": ""}, "已有名为“庸”的条目"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_change_that_cannot_be_is_not_asked_for(campaign, office, case):
    kind, facts, words = REFUSED[case]
    facts = dict(facts)
    if kind == "item":
        facts["checklist"] = campaign.checklists.get(title="六个字").pk
    with pytest.raises(Refused, match=words):
        asked(campaign, office, kind, facts)
    assert not ChangeRequest.objects.exists()


def test_one_of_a_kind_waits_at_a_time_and_may_be_withdrawn(campaign, office):
    row = asked(campaign, office)
    with pytest.raises(Refused, match="已有一份“更改办公室简称”"):
        asked(campaign, office)
    changes.withdraw(row, by=office, at=AT)
    asked(campaign, office, facts={"name": "整改办"})


def test_drafts_and_closed_campaigns_are_not_changed_so(plan, campaign, office, leader):
    row = asked(campaign, office)
    campaigns.close(campaign, by=leader, at=AT)
    for act in (
        lambda: changes.approve(row, by=leader, at=AT),
        lambda: asked(Campaign.objects.get(), office, "office_name", {"name": "丙"}),
    ):
        with pytest.raises(Refused, match="不在进行中"):
            act()
