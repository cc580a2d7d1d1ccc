"""Who reviews an examination, by rule; and what a reviewer may and may not."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns.actions import (
    examination_records,
    examination_reviews,
    examinations,
    reviewers,
)
from campaigns.models import Examination, Finding, Reader, Reading, Verdict
from reform.actions import users
from reform.errors import Forbidden, Refused
from reform.models import Duty, Notice, Role, User
from tests.campaigns.sheets import TEXTS, begun, promise, sent
from tests.factories import AT, ON, OrganizationFactory, actor, person
from tests.rectification.test_closures import a_scan
from tests.rectification.test_delegated import lend

# ---------------------------------------------------------------- the rule


@pytest.fixture
def tree():
    """A bureau of three floors with every kind of seat; seats are filled by each case."""
    top = OrganizationFactory(name="市局党组", kind="committee")
    center = OrganizationFactory(name="中心党委", kind="committee", parent=top)
    branch = OrganizationFactory(name="一支部", kind="branch", parent=center)
    office = OrganizationFactory(name="综合科", kind="department", parent=center)
    return {"top": top, "center": center, "branch": branch, "office": office}


S, L, M = Role.SECRETARY, Role.LEADER, Role.MEMBER
# Who sits where: name, place, role, and more; then whose examination, at which home; who reviews.
RULE = {
    "member → secretary of his branch": (
        [("书", "branch", S), ("委", "center", S)], ("员", "branch"), ["书：一支部书记"],
    ),
    "two secretaries both read": (
        [("书", "branch", S), ("副", "branch", S)],
        ("员", "branch"),
        ["书：一支部书记", "副：一支部书记"],
    ),
    "secretary → secretary above": (
        [("书", "branch", S), ("委", "center", S), ("长", "center", L, "principal")],
        ("书", "branch"),
        ["委：中心党委书记"],
    ),
    "secretary → field leader above": (
        [("书", "branch", S), ("分", "center", L, "field"), ("长", "center", L, "principal")],
        ("书", "branch"),
        ["分：中心党委分管领导"],
    ),
    "secretary → principal above": (
        [("书", "branch", S), ("他", "center", L, "other"), ("长", "center", L, "principal")],
        ("书", "branch"),
        ["长：中心党委主要负责人"],
    ),
    "no secretary at home: it climbs": (
        [("委", "center", S)], ("员", "branch"), ["委：中心党委书记"],
    ),
    "nobody on the floor above either": (
        [("顶", "top", S)], ("员", "branch"), ["顶：市局党组书记"],
    ),
    "staff of a department → its head": (
        [("科", "office", L), ("委", "center", S)], ("员", "office"), ["科：综合科负责人"],
    ),
    "head of a department → field leader": (
        [("科", "office", L), ("委", "center", S), ("分", "center", L, "field office")],
        ("科", "office"),
        ["分：中心党委分管领导"],
    ),
    "department without a head → principal": (
        [("长", "center", L, "principal"), ("委", "center", S)],
        ("员", "office"),
        ["长：中心党委主要负责人"],
    ),
    "a deputy at the top → the secretary there": (
        [("顶", "top", S), ("副", "top", L, "other")], ("副", "top"), ["顶：市局党组书记"],
    ),
    "the top → nobody here": ([("顶", "top", S), ("副", "top", L, "principal")], ("顶", "top"), []),
    "nobody at all": ([], ("员", "branch"), []),
    "without an account nobody reviews": (
        [("书", "branch", S, "nameless"), ("委", "center", S)],
        ("员", "branch"),
        ["委：中心党委书记"],
    ),
    "a duty that is over counts no more": (
        [("书", "branch", S, "over"), ("委", "center", S)],
        ("员", "branch"),
        ["委：中心党委书记"],
    ),
    "his own second account does not review him": (
        [("号", "branch", S, "same"), ("委", "center", S)],
        ("员", "branch"),
        ["委：中心党委书记"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RULE)
def test_who_reviews_follows_from_the_rule(tree, case):
    seats, (author, home), expected = RULE[case]
    people = {}
    for name, place, role, *more in seats:
        facts = _facts(tree, "".join(more))
        people[name] = person(name, tree[place], role, **facts)
    me = people.get(author) or person(author, tree[home])
    if "same" in str(seats):
        User.objects.filter(pk=people["号"].pk).update(same_as=me)

    found = reviewers.of(me, tree[home], on=ON)

    assert [f"{seat.person.name}：{seat.words}" for seat in found] == expected


def _facts(tree, more):
    return {
        "principal": {"principal": True},
        "field": {"fields": [tree["branch"]]},
        "field office": {"fields": [tree["office"]]},
        "other": {"fields": []},
        "nameless": {"username": None},
        "over": {"until": ON - timedelta(days=1)},
    }.get(more, {})


# ---------------------------------------------------------------- reading and deciding


@pytest.fixture
def handed(bureau):
    return sent(bureau.campaign, bureau.member, "懒", "慢")


def decide(row, by, decision="accepted", comment="", number=1, **facts):
    return examination_reviews.decide(
        row,
        number=number,
        decision=Verdict.Decision(decision),
        comment=comment,
        by=by,
        at=AT,
        **facts,
    )


def test_accepted_it_makes_a_finding_of_each_item(bureau, handed):
    verdict = decide(handed, bureau.secretary, ticks=["self", "above"])
    handed.refresh_from_db()
    found = Finding.objects.all()

    assert (handed.status, verdict.ticked[0]) == ("accepted", "把自己摆进去")
    assert [one.item.name for one in found] == ["懒", "慢"]
    assert found[0].manifestation == (
        "2026年4月下旬，受理企业咨询后转交科室，没有跟踪答复。企业两周后再次来电才得到答复。"
    )
    assert (found[0].cause, found[0].measures) == (TEXTS["cause"], TEXTS["measures"].split("\n"))
    told = Notice.objects.get(recipient=bureau.users["member"])
    assert told.subject == "郑洁已审阅您的自查剖析"
    assert Notice.objects.get(recipient=bureau.users["secretary"]).read_at == AT


def test_returned_it_says_why_and_comes_again_as_another_version(bureau, handed):
    with pytest.raises(Refused, match="请写明需要修改什么"):
        decide(handed, bureau.secretary, "returned")
    decide(handed, bureau.secretary, "returned", "请写具体时间。")
    row = Examination.objects.get()
    texts = row.content["texts"] | {"case_when": "4月21日至4月30日"}
    row = examinations.save(
        row, content=row.content | {"texts": texts}, version=row.version, by=bureau.member, at=AT
    )
    again = examinations.submit(
        row, version=row.version, promise=promise(row), by=bureau.member, at=AT
    )

    assert row.status == "returned"
    assert again.number == 2
    with pytest.raises(Refused, match="第2版，请看过以后再审阅"):
        decide(row, bureau.secretary, number=1)
    decide(row, bureau.secretary, number=2)
    assert [one.decision for one in Verdict.objects.order_by("pk")] == ["returned", "accepted"]
    with pytest.raises(Refused, match="已审阅，没有等待审阅的内容"):
        decide(row, bureau.secretary, number=2)


@pytest.mark.parametrize("who", ["colleague", "liaison", "office", "inspector", "leader"])
def test_who_was_not_named_neither_reads_nor_reviews(bureau, handed, who):
    by = getattr(bureau, who)

    with pytest.raises(Forbidden):
        decide(handed, by)
    with pytest.raises(Forbidden):
        examination_reviews.read(handed.submissions.get(), by=by, at=AT)
    assert not Reading.objects.exists()


def test_nobody_reviews_himself_in_any_way(bureau):
    """By his own seat, a second account, a delegate, and on paper; the database refuses too."""
    row = sent(bureau.campaign, bureau.secretary)
    second = person("郑洁二号", bureau.branch, Role.SECRETARY)
    User.objects.filter(pk=second.pk).update(same_as=bureau.users["secretary"])
    second.refresh_from_db()
    delegate = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["colleague"])

    for by in (bureau.secretary, actor(second), delegate):
        with pytest.raises(Forbidden):
            decide(row, by)
        assert not Examination.objects.readable_by(by).exists()
    last = row.submissions.get()
    assert "郑洁" not in str(last.readers)
    with pytest.raises(IntegrityError, match="verdict_not_by_author"), transaction.atomic():
        Verdict.objects.create(
            submission=last,
            decision="accepted",
            by=bureau.users["secretary"],
            author=bureau.users["secretary"],
            by_name="郑洁",
            at=AT,
        )


def test_a_new_secretary_reads_when_the_author_has_been_told_and_not_before(bureau, handed):
    Duty.objects.filter(user=bureau.users["secretary"], role=Role.SECRETARY).update(until=ON)
    tomorrow = ON + timedelta(days=1)
    new = person("新任", bureau.branch, Role.SECRETARY, since=tomorrow)
    by, gone = (actor(user, on=tomorrow) for user in (new, bureau.users["secretary"]))
    last = handed.submissions.get()

    assert not Examination.objects.readable_by(gone).exists()
    with pytest.raises(Refused, match="先告知本人"):
        examination_reviews.read(last, by=by, at=AT)
    with pytest.raises(Refused, match="先告知本人"):
        decide(handed, by)
    examination_reviews.tell(handed, by=by, at=AT)
    examination_reviews.tell(handed, by=by, at=AT)  # once
    told = Notice.objects.get(recipient=bureau.users["member"])
    assert told.subject == "新任（第一党支部现任书记）将阅看您已提交的自查剖析"
    decide(handed, by)
    assert Reading.objects.get().person == new
    assert last.readers == [{"name": "郑洁", "post": "", "words": "第一党支部书记"}]


def test_an_author_who_moves_takes_his_examination_to_the_new_place(bureau, handed):
    """Returned and sent again from another branch, the old secretary reads it no more."""
    decide(handed, bureau.secretary, "returned", "请补充。")
    Duty.objects.filter(user=bureau.users["member"]).update(until=ON - timedelta(days=1))
    users.give_duty(
        bureau.users["member"], role=Role.MEMBER, organization=bureau.sibling, since=ON, home=True
    )
    row, by = Examination.objects.get(), actor(bureau.users["member"])
    key = reviewers.key_of(reviewers.of(row.author, bureau.sibling, on=ON))
    made = examinations.submit(row, version=row.version, promise=key, by=by, at=AT)

    assert [one["name"] for one in made.readers] == ["黄蕾"]
    assert not Examination.objects.readable_by(bureau.secretary).exists()
    decide(Examination.objects.get(), bureau.neighbour, number=2)


# ---------------------------------------------------------------- the paper way


@pytest.fixture
def on_top(bureau):
    chief = person("局长", bureau.top, Role.SECRETARY)
    return sent(bureau.campaign, actor(chief))


def sign(bureau, row, by, **facts):
    return examination_records.sign(
        row,
        **{
            "decision": Verdict.Decision.ACCEPTED,
            "comment": "",
            "signer_name": "市委副书记",
            "signer_post": "市委副书记",
            "signed_on": ON,
            "scan": a_scan(bureau, AT),
            "by": by,
            "at": AT,
        }
        | facts,
    )


def test_the_tops_is_reviewed_on_paper_and_nobody_here_reads_it(bureau, on_top):
    for who in bureau.users:
        assert not Examination.objects.readable_by(getattr(bureau, who)).exists()
    cases = (
        (bureau.office, {}, "您没有在"),
        (bureau.top_office, {"signer_name": "局　长"}, "不能是本人"),
        (bureau.top_office, {"signed_on": ON + timedelta(days=1)}, "签批日期"),
        (bureau.top_office, {"signed_on": ON - timedelta(days=1)}, "签批日期"),
    )
    for by, facts, words in cases:
        with pytest.raises(Refused, match=words):
            sign(bureau, on_top, by, **facts)
    made = sign(bureau, on_top, bureau.top_office)

    assert made.signed == "市委副书记签批（田野代录）"
    assert Finding.objects.count() == 1
    assert not Reading.objects.exists()
    assert not Reader.objects.exists()


def test_what_has_a_reviewer_here_is_not_decided_on_paper(bureau, handed):
    with pytest.raises(Refused, match="由郑洁在系统中审阅"):
        sign(bureau, handed, bureau.liaison)


def test_a_draft_is_neither_read_nor_decided(bureau):
    row = begun(bureau.campaign, bureau.member)
    with pytest.raises(Refused):
        decide(row, bureau.secretary)
