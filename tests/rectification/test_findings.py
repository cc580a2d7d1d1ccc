"""What people found in themselves, onto the ledger (查摆问题入账), and turned into a unit's."""

from datetime import date

import pytest
from django.urls import reverse

from campaigns.actions import examination_reviews
from campaigns.models import Finding, Verdict
from rectification.actions import (
    closures,
    conversions,
    evidences,
    findings,
    measures,
    problems,
    registrations,
    reviews,
)
from rectification.actions.verdicts import Verdict as Signed
from rectification.exports import scope
from rectification.models import (
    ClosureApplication,
    Conversion,
    Decision,
    Measure,
    Method,
    Problem,
    Standard,
    found,
)
from reform.errors import Forbidden, Refused
from reform.models import Notice, Role, TrailEntry, User
from tests.campaigns.sheets import sent
from tests.factories import AT, ON, actor, person
from tests.worlds import unguarded

pytestmark = pytest.mark.dealt

WORDS = "受理企业咨询后转交科室"
MEMBERS = ("member", "colleague", "liaison", "office", "top_office", "leader", "inspector")
NEXT_DAY = date(2026, 6, 4)  # a Thursday


def accepted(bureau, who, *names, by=None, **texts):
    """Return the findings of somebody's examination that his secretary has accepted."""
    row = sent(bureau.campaign, who, *names, **texts)
    examination_reviews.decide(
        row,
        number=1,
        decision=Verdict.Decision.ACCEPTED,
        comment="",
        by=by or bureau.secretary,
        at=AT,
    )
    return list(Finding.objects.filter(submission__examination=row))


def taken(bureau, who=None, *names, **texts):
    (one,) = accepted(bureau, who or bureau.member, *names, **texts)
    (result,) = findings.take_in([one], by=bureau.secretary, at=AT)
    assert result.refused == ""
    return result.problem


def subjects(user):
    return list(Notice.objects.filter(recipient=user).values_list("subject", flat=True))


# ---------------------------------------------------------------- onto the ledger


def test_what_was_found_stands_on_the_ledger_with_its_lineage(bureau):
    (one,) = accepted(bureau, bureau.member, "懒")
    (result,) = findings.take_in([one], by=bureau.secretary, at=AT)
    row = Problem.objects.get(finding=one)
    assert result.problem == row
    member = bureau.users["member"]
    assert {
        "status": row.status,
        "number": row.number,
        "kind": row.owner_kind,
        "level": row.closing_level.for_personal,
        "entry": row.entry,
        "text": (row.description, row.original_text, row.cause),
        "items": [item.name for item in row.items.all()],
        "source": (row.source.name, row.found_on),
        "where": (row.organization, row.path),
        "drafted": row.drafted_by,
        "people": [(one.part, one.user, one.name) for one in row.people.all()],
    } == {
        "status": "registered",
        "number": "YACG-2026-00001",
        "kind": "personal",
        "level": True,
        "entry": "examination",
        "text": (one.manifestation, one.manifestation, one.cause),
        "items": ["懒"],
        "source": ("自己找", ON),
        "where": (bureau.branch, bureau.branch.path),
        "drafted": member,
        "people": [("responsible", member, "马超")],
    }
    told = Measure.objects.filter(problem=row).values_list("text", "author", "entered_by")
    assert list(told) == [(text, member.pk, member.pk) for text in one.measures]
    assert len(told) == 2
    acts = TrailEntry.objects.of(row).order_by("pk").values_list("act", "by", "quote")
    secretary = bureau.users["secretary"].pk
    assert list(acts) == [
        ("finding.taken_in", secretary, ""),
        ("problem.registered", secretary, ""),
    ]
    assert any("1个问题已列入台账" in subject for subject in subjects(member))


def test_twice_is_once(bureau):
    (one,) = accepted(bureau, bureau.member)
    first, again = (findings.take_in([one], by=bureau.secretary, at=AT)[0] for _ in range(2))
    assert (first.refused, again.problem) == ("", None)
    assert again.refused == f"这条问题已入账（{first.problem}），不会重复登记。"
    (twice,) = {
        result.refused for result in findings.take_in([one, one], by=bureau.secretary, at=AT)
    }
    assert twice == again.refused
    assert Problem.objects.count() == 1
    assert len(subjects(bureau.users["member"])) == len(set(subjects(bureau.users["member"])))


def test_each_row_stands_or_falls_by_itself(bureau):
    """One refusal stops no other row (SOD-19)."""
    good, bad = accepted(bureau, bureau.member)[0], accepted(bureau, bureau.colleague)[0]
    User.objects.filter(pk=bureau.users["colleague"].pk).update(is_active=False)
    results = findings.take_in([bad, good], by=bureau.secretary, at=AT)
    assert [(bool(one.problem), one.refused) for one in results] == [
        (False, "林芳的账号已停用，不再登记其个人问题。"),
        (True, ""),
    ]


@pytest.mark.parametrize("who", [*MEMBERS, "neighbour", "stranger", "system"])
def test_only_the_secretary_takes_in(bureau, who):
    (one,) = accepted(bureau, bureau.member)
    (result,) = findings.take_in([one], by=getattr(bureau, who), at=AT)
    assert result.problem is None
    assert result.refused == "只有本人所在党组织的书记能将查摆的问题入账。"
    assert not Problem.objects.exists()


def test_who_came_later_opens_the_text_first_and_the_author_is_told(bureau):
    """The promise of who reads holds here too: no word of it before."""
    (one,) = accepted(bureau, bureau.member)
    later = actor(person("后任", bureau.branch, Role.SECRETARY))
    (refused,) = findings.take_in([one], by=later, at=AT)
    assert refused.refused == "请先打开这份自查剖析看过原文，再入账。"
    assert found.of_his_branch(later).get().is_read is False
    row = one.submission.examination
    examination_reviews.tell(row, by=later, at=AT)
    examination_reviews.read(one.submission, by=later, at=AT)
    (result,) = findings.take_in([one], by=later, at=AT)
    assert result.problem


def test_a_secretary_takes_in_his_own_but_nobody_does_so_in_his_place(bureau):
    above = actor(person("上级书记", bureau.center, Role.SECRETARY))
    (one,) = accepted(bureau, bureau.secretary, by=above)
    assert findings.take_in([one], by=above, at=AT)[0].problem is None
    (result,) = findings.take_in([one], by=bureau.secretary, at=AT)
    assert result.problem.people.get().user == bureau.users["secretary"]


def test_a_campaign_that_is_over_takes_nothing_more(bureau):
    (one,) = accepted(bureau, bureau.member)
    bureau.campaign.status = "closed"
    bureau.campaign.save()
    (result,) = findings.take_in([one], by=bureau.secretary, at=AT)
    assert "不能再登记问题" in result.refused


def test_what_lacks_something_is_named_and_left(bureau):
    (one,) = accepted(bureau, bureau.member)
    bureau.campaign.sources.all().delete()
    (result,) = findings.take_in([one], by=bureau.secretary, at=AT)
    assert result.refused == "入账还缺：问题来源。"
    assert not Problem.objects.exists()


def test_the_secretary_closes_it_and_the_author_is_told(bureau):
    """He pressed 入账 but neither wrote nor typed it: he may sign."""
    row = taken(bureau)
    facts = {
        "leaders": ["罗海"],
        "departments": ["养护科"],
        "due_kind": Problem.DueKind.DATED,
        "due_on": date(2026, 6, 30),
        "due_text": "6月30日",
        "standard": "逐件回复",
        "effect_expected": "满意",
    }
    by = bureau.secretary
    row = problems.fill(row, version=row.version, facts=facts, by=by, at=AT)
    row = registrations.issue(row, by=by, at=AT)
    for measure in Measure.objects.filter(problem=row):
        measures.finish(measure, done_on=ON, note="", by=bureau.member, at=AT)
    proof = {"kind": "reference", "title": "回访登记簿", "place": "养护科"}
    evidences.prove(row, facts=proof, by=bureau.member, at=AT)
    closures.apply(row, statement="已回访。", effect="无超时件", by=bureau.member, at=AT)
    step = ClosureApplication.objects.get(problem=row).steps.get()
    signed = Signed(Decision.APPROVED, methods=[Method.INTERVIEW], standards=list(Standard.values))
    reviews.decide(step, verdict=signed, by=by, at=AT)
    row.refresh_from_db()
    assert row.status == "closed"
    assert any("已销号" in subject for subject in subjects(bureau.users["member"]))


# ---------------------------------------------------------------- who sees it


def test_personal_rows_leak_to_nobody(bureau):
    row = taken(bureau)
    for who in ("member", "secretary"):
        assert list(Problem.objects.visible_to(getattr(bureau, who))) == [row]
    for who in ("colleague", "liaison", "office", "top_office", "leader", "inspector", "neighbour"):
        by = getattr(bureau, who)
        assert not Problem.objects.visible_to(by).exists()
        assert not scope.exportable(by).exists()
        assert not found.of_his_branch(by).exists()
    told = Notice.objects.exclude(recipient__in=[bureau.users["member"], bureau.users["secretary"]])
    assert not told.filter(subject__contains="问题").exists()
    assert not Notice.objects.filter(subject__contains=WORDS).exists()
    for entry in TrailEntry.objects.of(row):
        assert WORDS not in f"{entry.sentence}{entry.quote}{entry.detail}"


def test_who_took_it_in_and_left_reads_it_no_more(bureau):
    row = taken(bureau)
    secretary = bureau.users["secretary"]
    secretary.duties.filter(role=Role.SECRETARY).update(until=date(2026, 6, 2))
    assert not Problem.objects.visible_to(actor(secretary)).filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("who", "findings_page", "mine"),
    [
        ("member", 403, True),
        ("colleague", 403, False),
        ("liaison", 403, False),
        ("office", 403, False),
        ("leader", 403, False),
        ("inspector", 403, False),
        ("neighbour", 200, False),
        ("secretary", 200, False),
    ],
)
def test_the_pages_show_the_words_to_the_author_and_his_secretary(
    bureau, signed_in, who, findings_page, mine
):
    accepted(bureau, bureau.member)
    browser = signed_in(bureau.users[who])
    page = browser.get(reverse("findings"))
    assert page.status_code == findings_page
    assert (WORDS in page.content.decode()) is (who == "secretary")
    assert (WORDS in browser.get(reverse("findings-mine")).content.decode()) is mine


def test_pressed_on_the_page_and_shown_to_the_author(bureau, signed_in):
    (one,) = accepted(bureau, bureau.member)
    browser = signed_in(bureau.users["secretary"])
    for words in ("已入账", "不会重复登记"):
        page = browser.post(reverse("findings-take"), {"pk": [one.pk, "x", "9" * 30]})
        assert words in page.content.decode()
    row = Problem.objects.get()
    assert browser.post(reverse("findings-take"), {"pk": ["x"]}).status_code == 302
    page = signed_in(bureau.users["member"]).get(reverse("findings-mine")).content.decode()
    assert row.number in page


def test_the_list_counts_what_it_shows(bureau, signed_in):
    accepted(bureau, bureau.colleague, "庸", "散", "粗")
    taken(bureau)
    browser = signed_in(bureau.users["secretary"])
    for state, number in (("waiting", 3), ("taken", 1), ("all", 4), ("nonsense", 3)):
        page = browser.get(reverse("findings"), {"state": state})
        assert len(page.context["page_obj"].object_list) == number
        assert {chip["words"]: chip["count"] for chip in page.context["chips"]} == {
            "未入账": 3,
            "已入账": 1,
            "全部": 4,
        }


# ---------------------------------------------------------------- a unit's in the end


def tell(bureau, row, by=None, **facts):
    facts = {"becomes": Conversion.Becomes.UNIT, "reason": "没有规定由谁回复。"} | facts
    return conversions.tell(row, **facts, by=by or bureau.secretary, at=AT)


def on(who, day):
    return actor(who.user, on=day)


def test_turned_only_after_the_person_was_told(bureau):
    row = taken(bureau)
    with pytest.raises(Refused, match="请先告知本人"):
        conversions.turn(row, by=bureau.secretary, at=AT)
    told = tell(bureau, row)
    assert told.not_before == NEXT_DAY
    assert any("拟转为单位问题" in subject for subject in subjects(bureau.users["member"]))
    with pytest.raises(Refused, match="6月4日起可以转换"):
        conversions.turn(row, by=bureau.secretary, at=AT)
    assert Problem.objects.get().owner_kind == "personal"
    row = conversions.turn(row, by=on(bureau.secretary, NEXT_DAY), at=AT)
    assert (row.owner_kind, row.closing_level.for_rest) == ("unit", True)
    assert Problem.objects.visible_to(bureau.office).get() == row
    assert any("已转为单位问题" in subject for subject in subjects(bureau.users["member"]))
    assert TrailEntry.objects.of(row).filter(act="problem.turned").exists()
    with pytest.raises(Refused, match="是单位问题，不需要转换"):
        conversions.turn(row, by=on(bureau.secretary, NEXT_DAY), at=AT)


def test_at_once_when_he_agrees(bureau):
    row = taken(bureau)
    with pytest.raises(Refused, match="还没有人提出"):
        conversions.agree(row, by=bureau.member, at=AT)
    tell(bureau, row)
    with pytest.raises(Forbidden):
        conversions.agree(row, by=bureau.secretary, at=AT)
    conversions.agree(row, by=bureau.member, at=AT)
    with pytest.raises(Refused, match="您已经表示同意"):
        conversions.agree(row, by=bureau.member, at=AT)
    assert any("已同意" in subject for subject in subjects(bureau.users["secretary"]))
    assert conversions.turn(row, by=bureau.secretary, at=AT).owner_kind == "unit"


def test_what_is_for_the_team_alone_needs_his_consent(bureau):
    """As it was found before those parts went to the leading team's secretary (0035)."""
    (one,) = accepted(bureau, bureau.member)
    with unguarded(["campaigns_finding"]):
        Finding.objects.update(team_only=True)
    one = Finding.objects.get()
    (result,) = findings.take_in([one], by=bureau.secretary, at=AT)
    tell(bureau, result.problem, becomes=Conversion.Becomes.TEAM)
    later = on(bureau.secretary, date(2026, 7, 1))
    with pytest.raises(Refused, match="须本人同意"):
        conversions.turn(result.problem, by=later, at=AT)
    conversions.agree(result.problem, by=bureau.member, at=AT)
    assert conversions.turn(result.problem, by=later, at=AT).owner_kind == "team"


@pytest.mark.parametrize("who", [*MEMBERS, "neighbour", "system"])
def test_only_his_secretary_turns_it(bureau, who):
    row = taken(bureau)
    by = getattr(bureau, who)
    with pytest.raises(Forbidden):
        tell(bureau, row, by=by)
    tell(bureau, row)
    with pytest.raises(Forbidden):
        conversions.turn(row, by=by, at=AT)
    if who != "member":
        with pytest.raises(Forbidden):
            conversions.agree(row, by=by, at=AT)


def test_told_once_with_a_reason_to_somebody_who_reads(bureau):
    row = taken(bureau)
    with pytest.raises(Refused, match="请写明"):
        tell(bureau, row, reason="")
    tell(bureau, row)
    with pytest.raises(Refused, match="已经告知过"):
        tell(bureau, row)
    other = taken(bureau, bureau.colleague)
    User.objects.filter(pk=bureau.users["colleague"].pk).update(is_active=False)
    with pytest.raises(Refused, match="没有启用的账号"):
        tell(bureau, other)


def test_a_correction_still_turns_nothing(bureau):
    row = taken(bureau)
    with pytest.raises(Refused, match="不能用填写或更正"):
        problems.fill(
            row, version=row.version, facts={"owner_kind": "unit"}, by=bureau.secretary, at=AT
        )


def test_turned_on_its_pages(bureau, signed_in):
    row = taken(bureau)
    browser = signed_in(bureau.users["secretary"])
    assert "转为单位问题" in browser.get(row.get_absolute_url()).content.decode()
    for name, data, who in (
        ("problem-turning", {"becomes": "unit", "reason": "没有规定由谁回复。"}, "secretary"),
        ("problem-turning-agree", {}, "member"),
        ("problem-turn", {}, "secretary"),
    ):
        browser = signed_in(bureau.users[who])
        url = reverse(name, args=[row.pk])
        assert browser.get(url).status_code == 200
        assert browser.post(url, data).status_code == 302
    row.refresh_from_db()
    assert row.owner_kind == "unit"
