"""Who reads by assignment (指派阅看), and who follows a reader that is gone."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.actions import (
    examination_readers,
    examination_records,
    examination_reviews,
    examination_successions,
    examinations,
)
from campaigns.models import Examination, Reader, Reading, Verdict
from rectification.actions import clock
from reform.actions import users
from reform.errors import Forbidden, Refused
from reform.models import Duty, Notice, Organization, Role, TrailEntry, User
from tests.campaigns.sheets import begun, promise, sent
from tests.factories import AT, ON, OrganizationFactory, actor, person
from tests.rectification.test_closures import a_scan
from tests.rectification.test_delegated import lend

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def handed(bureau):
    return sent(bureau.campaign, bureau.member, "懒")


def assign(bureau, row, who="inspector", **facts):
    facts = {
        "person": bureau.users.get(who, who),
        "reason": "核实信访反映",
        "until": ON + timedelta(days=10),
        "by": bureau.leader,
        "at": AT,
    } | facts
    return examination_readers.assign(row, **facts)


def subjects(user):
    return list(Notice.objects.filter(recipient=user).values_list("subject", flat=True))


# ---------------------------------------------------------------- assigned


def test_the_author_knows_with_the_reason_before_the_text_opens(bureau, handed, signed_in):
    page = reverse("examination", args=[handed.pk])
    browser = signed_in(bureau.inspector)
    before = browser.get(page).status_code
    assign(bureau, handed)
    told = subjects(bureau.users["member"])
    desk = signed_in(bureau.inspector).get("/").content.decode()
    shown = browser.get(page)
    after = browser.get("/").content.decode()
    own = signed_in(bureau.member).get(page).content.decode()

    assert (before, shown.status_code) == (404, 200)
    assert told == ["高远（罗海指派：核实信访反映）将阅看您已提交的自查剖析"]
    assert "指派您阅看" in desk
    assert "指派您阅看" not in after
    assert "高远，第1版" in own
    assert "核实信访反映" in own
    assert Reading.objects.get().person == bureau.users["inspector"]
    assert TrailEntry.objects.filter(act="examination.read").count() == 1


def test_it_ends_on_its_day_with_the_duty_and_when_it_is_ended(bureau, handed):
    made = assign(bureau, handed)
    late = actor(bureau.users["inspector"], on=made.until + DAY)
    assert Examination.objects.readable_by(actor(bureau.users["inspector"])).exists()
    assert not Examination.objects.readable_by(late).exists()
    examination_readers.end(made, by=bureau.leader, at=AT)

    assert not Examination.objects.readable_by(actor(bureau.users["inspector"])).exists()
    assert "高远不再阅看您的自查剖析（指派已结束）" in subjects(bureau.users["member"])
    with pytest.raises(Refused, match="已经结束"):
        examination_readers.end(made, by=bureau.leader, at=AT)
    assign(bureau, handed)
    Duty.objects.filter(user=bureau.users["inspector"]).update(until=ON - DAY)
    assert not Examination.objects.readable_by(actor(bureau.users["inspector"])).exists()


def test_an_inspector_reads_and_a_leader_also_reviews(bureau, handed):
    assign(bureau, handed)
    other = person("田副主任", bureau.center, Role.LEADER, fields=[])
    assign(bureau, handed, other)
    facts = {"number": 1, "decision": Verdict.Decision.ACCEPTED, "comment": "", "at": AT}
    with pytest.raises(Forbidden):
        examination_reviews.decide(handed, by=bureau.inspector, **facts)

    assert examination_reviews.decide(handed, by=actor(other), **facts).by == other


def test_who_is_not_to_be_assigned_is_refused_in_words(bureau, handed):
    inside = person("内检", bureau.branch, Role.INSPECTOR)
    before = person("前检", bureau.center, Role.INSPECTOR)
    users.give_duty(before, role=Role.MEMBER, organization=bureau.branch,
                    since=ON - timedelta(days=900), until=ON - timedelta(days=700))  # fmt: skip
    long_ago = person("老检", bureau.center, Role.INSPECTOR)
    users.give_duty(long_ago, role=Role.MEMBER, organization=bureau.branch,
                    since=ON - timedelta(days=900), until=ON - timedelta(days=760))  # fmt: skip
    User.objects.filter(pk=bureau.users["colleague"].pk).update(same_as=before)
    for who, more, words in (
        (inside, {}, "近24个月内在“第一党支部”任职"),
        (before, {}, "近24个月内"),
        ("office", {}, "不是纪检人员或领导"),
        ("member", {}, "不能指派本人"),
        ("leader", {}, "不能指派自己"),
        ("inspector", {"until": ON - DAY}, "期限从今天起"),
        ("inspector", {"until": ON + timedelta(days=61)}, "最长60天"),
        ("inspector", {"by": bureau.office}, "没有在“第一党支部”指派阅看"),
        ("inspector", {"by": bureau.secretary}, "没有在“第一党支部”指派阅看"),
        ("inspector", {"by": bureau.stranger}, "没有在“第一党支部”指派阅看"),
    ):
        with pytest.raises(Refused, match=words):
            assign(bureau, handed, who, **more)
    assert not Reader.objects.filter(basis="assigned").exists()
    assign(bureau, handed, long_ago)
    with pytest.raises(Refused, match="已经可以阅看"):
        assign(bureau, handed, long_ago)


def test_nobody_arranges_who_reads_his_own_nor_a_draft(bureau):
    own = sent(bureau.campaign, bureau.leader)
    writing = begun(bureau.campaign, bureau.member)
    with pytest.raises(Forbidden, match="不能由本人指派"):
        assign(bureau, own)
    with pytest.raises(Refused, match="没有提交的内容"):
        assign(bureau, writing)


def test_who_stands_in_for_a_leader_neither_assigns_him_nor_for_his_own(bureau, handed):
    """SOD-14: of a delegate and of who is on leave, both count."""
    delegate = lend(bureau.users["leader"], Role.LEADER, person("代行人", bureau.center))
    with pytest.raises(Forbidden, match="委托您的人"):
        assign(bureau, handed, "leader", by=delegate)
    Examination.objects.filter(pk=handed.pk).update(author=bureau.users["leader"])
    with pytest.raises(Forbidden, match="受其委托的人指派"):
        assign(bureau, handed, by=delegate)

    assert not Reader.objects.filter(basis="assigned").exists()


def test_the_page_names_who_was_assigned_and_shows_no_text(bureau, handed, signed_in):
    url = reverse("examination-assign", args=[handed.pk])
    browser = signed_in(bureau.leader)
    data = {"person": "高远", "until": "2026-06-20", "reason": "核实信访反映"}
    answer = browser.post(url, data, follow=True).content.decode()
    made = Reader.objects.get(basis="assigned")
    status = browser.get(reverse("examination-status", args=[bureau.campaign.pk]))

    assert "高远" in answer
    assert "紧迫感" not in answer
    assert url in status.content.decode()
    browser.post(reverse("examination-assignment-end", args=[made.pk]), {})
    assert "已结束" in browser.get(url).content.decode()
    assert signed_in(bureau.office).get(url).status_code == 404


# ---------------------------------------------------------------- followed by another


def leave(bureau, who, how):
    """He is gone by tomorrow: his duty is over, or his account is closed."""
    if how == "disabled":
        User.objects.filter(pk=bureau.users[who].pk).update(is_active=False)
    else:
        Duty.objects.filter(user=bureau.users[who], role__in=["secretary", "leader"]).update(
            until=ON
        )


def tick(days=1):
    return clock.tick(at=AT + timedelta(days=days))


@pytest.mark.parametrize("how", ["over", "disabled"])
def test_what_nobody_is_left_to_review_goes_to_who_follows_once(bureau, handed, how):
    leave(bureau, "secretary", how)
    new = person("新支书", bureau.branch, Role.SECRETARY)
    tick()
    tick()

    reader = Reader.objects.get(examination=handed, until=None)
    assert (reader.person, reader.words) == (new, "第一党支部书记")
    told = [one for one in subjects(bureau.users["member"]) if "改由" in one]
    assert told == ["郑洁不再履职，改由新支书（第一党支部书记）审阅您已提交的自查剖析"]
    assert [one for one in subjects(new) if "改由您审阅" in one] != []
    entry = TrailEntry.objects.get(act="examination.reseated")
    assert "郑洁不再履职，改由新支书审阅" in entry.sentence
    by = actor(new, on=ON + DAY)
    facts = {"number": 1, "decision": Verdict.Decision.ACCEPTED, "comment": "", "at": AT}
    assert examination_reviews.decide(handed, by=by, **facts).by == new


def test_with_nobody_at_home_it_climbs_and_at_last_goes_the_paper_way(bureau, handed):
    leave(bureau, "secretary", "over")
    tick()
    climbed = Reader.objects.get(examination=handed, until=None).person
    leave(bureau, "leader", "disabled")
    tick(2)
    row = Examination.objects.get()
    signed = examination_records.sign(
        row,
        decision=Verdict.Decision.ACCEPTED,
        comment="",
        signer_name="市局书记",
        signer_post="书记",
        signed_on=ON,
        scan=a_scan(bureau, AT),
        by=bureau.liaison,
        at=AT,
    )

    assert climbed == bureau.users["leader"]
    assert row.paper_since is not None
    assert any("改由上级线下审阅" in one for one in subjects(bureau.users["member"]))
    assert signed.by_name == "市局书记"


def test_who_is_still_there_keeps_what_he_has(bureau, handed):
    second = person("副支书", bureau.branch, Role.SECRETARY)  # not named at submission
    before = list(Reader.objects.values_list("person", "until"))
    tick()

    assert list(Reader.objects.values_list("person", "until")) == before
    assert not examination_successions.waiting(ON).exists()
    assert subjects(second) == []


def test_an_author_who_moved_or_whose_place_was_merged_is_answered_in_each_state(bureau):
    """Draft: where he belongs now; submitted: by who was promised, or who took the place over."""
    handed = sent(bureau.campaign, bureau.member, "懒")
    writing = begun(bureau.campaign, bureau.colleague)
    for who in ("member", "colleague"):
        Duty.objects.filter(user=bureau.users[who]).update(until=ON)
        users.give_duty(bureau.users[who], role=Role.MEMBER, organization=bureau.sibling,
                        since=ON + DAY, home=True)  # fmt: skip
    leave(bureau, "secretary", "over")
    Organization.objects.filter(pk=bureau.branch.pk).update(
        succeeded_by=bureau.sibling, retired_on=ON + DAY
    )
    tick()
    later = actor(bureau.users["colleague"], on=ON + DAY)
    writing = Examination.objects.get(pk=writing.pk)
    place = examinations.place_of(later, writing.checklist)

    assert Reader.objects.get(examination=handed, until=None).person == bureau.users["neighbour"]
    assert place == bureau.sibling
    writing.organization = place
    made = examinations.submit(
        writing, version=writing.version, promise=promise(writing, ON + DAY), by=later, at=AT
    )
    assert [one["name"] for one in made.readers] == ["黄蕾"]


def test_who_belongs_nowhere_any_more_keeps_his_text_and_is_told(bureau):
    writing = begun(bureau.campaign, bureau.member)
    Duty.objects.filter(user=bureau.users["member"]).update(until=ON - DAY)
    gone = actor(bureau.users["member"])
    away = OrganizationFactory(name="外单位")
    users.give_duty(
        bureau.users["member"], role=Role.MEMBER, organization=away, since=ON, home=True
    )
    for by in (gone, actor(bureau.users["member"])):
        with pytest.raises(Refused, match=r"没有提交自查剖析的权限|没有参加.*您写的内容都还保留着"):
            examinations.submit(writing, version=writing.version, promise="", by=by, at=AT)
    assert Examination.objects.get().content["texts"]


def test_nothing_goes_back_to_an_author_who_is_gone(bureau, handed):
    User.objects.filter(pk=bureau.users["member"].pk).update(is_active=False)
    facts = {"number": 1, "comment": "请补充。", "by": bureau.secretary, "at": AT}
    handed = Examination.objects.get()
    with pytest.raises(Refused, match="退回后无人修改"):
        examination_reviews.decide(handed, decision=Verdict.Decision.RETURNED, **facts)

    made = examination_reviews.decide(handed, decision=Verdict.Decision.ACCEPTED, **facts)
    assert made.comment == "请补充。"


def test_what_is_returned_or_accepted_waits_for_no_reader(bureau, handed):
    facts = {"number": 1, "comment": "请补充。", "by": bureau.secretary, "at": AT}
    examination_reviews.decide(handed, decision=Verdict.Decision.RETURNED, **facts)
    leave(bureau, "secretary", "over")
    tick()
    later = actor(bureau.users["member"], on=ON + DAY)
    row = Examination.objects.get()
    made = examinations.submit(
        row, version=row.version, promise=promise(row, ON + DAY), by=later, at=AT
    )

    assert not TrailEntry.objects.filter(act="examination.reseated").exists()
    assert [one["name"] for one in made.readers] == ["罗海"]
