"""Pledges (公开承诺): signed for good, about problems, and what the ledger says became of them."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from campaigns.models import Campaign, Fulfilment, Pledge, PledgeItem, PledgeReader
from campaigns.policy import TABLE
from rectification.actions import pledge_links, reviews
from rectification.models import PledgeLink, Problem
from reform.errors import Forbidden, Refused
from reform.models import Duty, Role, TrailEntry
from tests.campaigns.test_examination_pages import initial, text_of
from tests.conftest import SIX
from tests.factories import AT, ON, ProblemFactory, actor, person
from tests.rectification.promises import TWO, signed
from tests.rectification.test_closures import APPROVE, VERIFY, step_of

pytestmark = pytest.mark.dealt

EVERYBODY = ("member", "colleague", "liaison", "secretary", "office", "top_office", "inspector",
             "leader", "neighbour", "stranger", "system")  # fmt: skip


@pytest.fixture
def pledge(bureau):
    return signed(bureau.campaign, bureau.member)


def link(item, *problems, by):
    return pledge_links.link(item, problems=problems, by=by, at=AT)


def kept(item, by, text="已逐件回访。", done_on=ON):
    return pledge_links.fulfil(item, text=text, done_on=done_on, by=by, at=AT)


def readers_of(bureau, row):
    return {
        name
        for name in EVERYBODY
        if Pledge.objects.visible_to(getattr(bureau, name)).filter(pk=row.pk).exists()
    }


def shown_to(browser, campaign):
    return text_of(browser.get(reverse("pledges", args=[campaign.pk]))).partition("<main")[2]


# ---------------------------------------------------------------- signed


@pytest.mark.both
def test_what_was_signed_never_changes_nor_grows(bureau, pledge):
    kept(pledge.items.first(), bureau.member)
    signed(bureau.campaign, bureau.colleague, is_public=False)

    for change in (
        lambda: Pledge.objects.update(is_public=False),
        lambda: Pledge.objects.filter(pk=pledge.pk)._raw_delete("default"),  # noqa: SLF001
        lambda: PledgeItem.objects.update(text="改"),
        lambda: PledgeItem.objects.update(due_on=None),
        lambda: PledgeItem.objects.create(pledge=pledge, position=9, text="添", due_text="长期"),
        lambda: PledgeReader.objects.update(words="改"),
        lambda: Fulfilment.objects.update(text="改"),
        lambda: Fulfilment.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="承诺"), transaction.atomic():
            change()
    items = [(item.text, item.due_text, item.due_on) for item in pledge.items.all()]
    assert items == [
        ("逐件回访3月以来的投诉", "2026年6月底前", date(2026, 6, 30)),
        ("每周五核对转办跟踪表", "长期坚持", None),
    ]
    assert (pledge.size, pledge.made_on, pledge.signed_name) == (2, ON, "马超")


def test_a_change_is_another_version_and_what_stands_unchanged_keeps_its_story(bureau, rectifying):
    first = signed(bureau.campaign, bureau.member)
    link(first.items.get(position=1), rectifying, by=bureau.member)
    kept(first.items.get(position=2), bureau.member)
    with pytest.raises(Refused, match="完全相同"):
        signed(bureau.campaign, bureau.member)

    late = actor(bureau.users["member"], on=date(2026, 8, 3))  # after the first one's day
    again = [*TWO, {"text": "每月走访两家企业", "due_text": "长期坚持"}]
    second = signed(bureau.campaign, late, promises=again)

    assert (second.number, second.replaces) == (2, first)
    assert list(Pledge.objects.current()) == [second]
    assert [item.links.count() for item in second.items.all()] == [1, 0, 0]
    assert [item.fulfilments.count() for item in second.items.all()] == [0, 1, 0]
    assert [item.links.count() for item in first.items.all()] == [1, 0]
    with pytest.raises(Refused, match="另签了新版"):
        kept(first.items.first(), bureau.member)


@pytest.mark.parametrize(
    ("promises", "words"),
    [
        ([], "至少写一项"),
        ([{"text": "某事", "due_text": "尽快吧"}], "第1项的时限“尽快吧”没有读懂"),
        ([TWO[1], {"text": "某事", "due_text": "2026年5月底前"}], "第2项的时限.*已经过了"),
        ([TWO[1]] * 9, "最多8项"),
    ],
)
def test_what_cannot_be_signed_is_refused_in_words(bureau, promises, words):
    with pytest.raises(Refused, match=words):
        signed(bureau.campaign, bureau.member, promises=promises)
    assert not Pledge.objects.exists()


def test_the_team_is_signed_for_by_its_secretary_or_leader(bureau):
    team = {"secretary": bureau.branch, "leader": bureau.center}
    for name in EVERYBODY:
        for place in (bureau.branch, bureau.center, bureau.sibling):
            by = getattr(bureau, name)
            if team.get(name) == place or (name, place) == ("neighbour", bureau.sibling):
                row = signed(bureau.campaign, by, team=place)
                assert (row.person, row.pledger) == (None, f"{place}班子")
                continue
            with pytest.raises(Forbidden):
                signed(bureau.campaign, by, team=place)
    successor = actor(person("接任书记", bureau.branch, Role.SECRETARY))
    second = signed(bureau.campaign, successor, team=bureau.branch, promises=[TWO[1]])
    assert (second.number, second.replaces.signed_name) == (2, "郑洁")


def test_who_is_no_business_of_the_campaign_signs_nothing(bureau):
    with pytest.raises(Forbidden):
        signed(bureau.campaign, bureau.system)
    Campaign.objects.update(status="closed")
    with pytest.raises(Refused, match="已结束"):
        signed(bureau.campaign, bureau.member)


# ---------------------------------------------------------------- who reads it


def test_a_public_one_is_read_as_campaigns_are_and_another_by_whom_was_named(bureau):
    public = signed(bureau.campaign, bureau.member)
    quiet = signed(bureau.campaign, bureau.colleague, is_public=False)
    heads = signed(bureau.campaign, bureau.secretary, is_public=False)
    team = signed(bureau.campaign, bureau.secretary, team=bureau.branch, is_public=False)
    above = signed(bureau.campaign, bureau.leader, team=bureau.center)
    inside = {"member", "colleague", "liaison", "secretary"}
    offices = {"office", "top_office", "leader"}

    assert readers_of(bureau, public) == {*inside, *offices, "inspector"}
    assert readers_of(bureau, quiet) == {"colleague", "secretary"}
    assert readers_of(bureau, heads) == {"secretary", "leader"}
    assert readers_of(bureau, team) == {"secretary", *offices}
    assert readers_of(bureau, above) == {*inside, *offices, "inspector", "neighbour"}
    assert TABLE["pl.read"][1][Role.MEMBER] == "C"

    Duty.objects.filter(user=bureau.users["secretary"], role=Role.SECRETARY).delete()
    successor = actor(person("接任书记", bureau.branch, Role.SECRETARY))
    assert not Pledge.objects.visible_to(successor).filter(pk=quiet.pk).exists()


def test_a_page_says_who_reads_one_that_is_not_public_and_holds_to_it(bureau, signed_in):
    browser, url = signed_in(bureau.member), reverse("pledge-new", args=[bureau.campaign.pk])
    opened = browser.get(url)
    data = {"is_public": "no", "text_0": "每月走访两家企业", "due_0": "长期坚持"}
    data["promise"] = initial(opened)["promise"]
    assert "只有您和郑洁（第一党支部书记）" in text_of(opened)
    Duty.objects.filter(user=bureau.users["secretary"], role=Role.SECRETARY).delete()

    refused = browser.post(url, data)
    assert "阅看人刚刚有变化" in text_of(refused)
    assert "每月走访两家企业" in text_of(refused)
    data["promise"] = initial(refused)["promise"]
    assert browser.post(url, data).status_code == 302
    assert [one.person.name for one in PledgeReader.objects.all()] == ["罗海"]


# ---------------------------------------------------------------- what became of it


def test_a_promise_is_about_ones_own_problems_or_ones_units(bureau, pledge, registered):
    by, item = bureau.member, pledge.items.first()
    facts = {"campaign": bureau.campaign, "source": None}
    own = ProblemFactory(organization=bureau.branch, by=by, owner_kind="personal", **facts)
    Problem.objects.filter(pk=own.pk).update(status="registered", number="A-1", registered_at=AT)
    draft = ProblemFactory(organization=bureau.branch, by=by, **facts)
    beside = ProblemFactory(organization=bureau.sibling, by=bureau.neighbour, **facts)

    link(item, registered, own, by=by)
    assert item.links.count() == 2
    for wrong in (draft, beside):
        with pytest.raises(Refused, match="只能关联"):
            link(item, wrong, by=by)
    with pytest.raises(Forbidden):
        link(item, registered, by=bureau.secretary)
    team = signed(bureau.campaign, bureau.secretary, team=bureau.branch)
    with pytest.raises(Refused, match="只能关联"):
        link(team.items.first(), own, by=bureau.secretary)
    link(team.items.first(), registered, by=bureau.secretary)
    assert own in pledge_links.linkable(pledge, by=by)
    assert own not in pledge_links.linkable(team, by=bureau.secretary)


def test_of_a_problem_that_one_may_not_read_nothing_is_said(bureau, pledge, signed_in):
    by, item = bureau.member, pledge.items.first()
    own = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=by,
        owner_kind="personal",
        source=None,
        description="我自己拖延。",
    )
    Problem.objects.filter(pk=own.pk).update(status="registered", number="A-1", registered_at=AT)
    link(item, own, by=by)
    pages = [reverse("pledges", args=[bureau.campaign.pk]), pledge.get_absolute_url()]

    for name, may in (("member", True), ("secretary", True), ("colleague", False),
                      ("office", False), ("leader", False)):  # fmt: skip
        browser = signed_in(getattr(bureau, name))
        shown = "".join(text_of(browser.get(url)) for url in pages)
        assert ("A-1" in shown) is may, name
        assert "我自己拖延" not in shown
    table = signed_in(bureau.office).get(reverse("pledges-table", args=[bureau.campaign.pk]))
    sheet = load_workbook(BytesIO(table.getvalue())).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert "逐件回访3月以来的投诉" in cells
    assert "A-1" not in "".join(cells)
    assert "A-1" not in "".join(f"{one.sentence}{one.quote}" for one in TrailEntry.objects.all())


def test_the_ledger_says_whether_it_is_kept_and_nobody_else_before(bureau, applied, signed_in):
    pledge = signed(bureau.campaign, bureau.member)
    row, item = Problem.objects.get(), pledge.items.first()
    link(item, row, by=bureau.member)
    browser = signed_in(bureau.colleague)

    with pytest.raises(Refused, match="以台账为准"):
        kept(item, bureau.member)
    assert "销号审核中" in shown_to(browser, bureau.campaign)
    reviews.decide(step_of(row), verdict=APPROVE, by=bureau.secretary, at=AT)
    reviews.decide(step_of(row), verdict=VERIFY, by=bureau.office, at=AT)
    shown = shown_to(browser, bureau.campaign)
    assert "已销号" in shown
    assert "销号 2026年6月3日" in shown
    assert PledgeLink.objects.get().standing == ("已销号", "销号", ON)
    assert kept(item, bureau.member)


def test_without_a_problem_the_pledger_says_it_and_then_no_open_problem_comes(
    bureau, rectifying, signed_in
):
    pledge = signed(bureau.campaign, bureau.member)
    item = pledge.items.get(position=2)
    for text, day, words in (
        ("", ON, "写明做了什么"),
        ("已核对。", ON + timedelta(days=1), "不能晚于今天"),
        ("已核对。", date(2020, 1, 1), "早于活动开始"),
    ):
        with pytest.raises(Refused, match=words):
            kept(item, bureau.member, text=text, done_on=day)
    kept(item, bureau.member, text="已核对12次。")
    for by in (bureau.secretary, bureau.office, bureau.colleague):
        with pytest.raises(Forbidden):
            kept(item, by, text="另一句。")
    with pytest.raises(Refused, match="已经填报过"):
        kept(item, bureau.member, text="已核对12次。")
    with pytest.raises(Refused, match="不能再关联还没有销号"):
        link(item, rectifying, by=bureau.member)

    shown = shown_to(signed_in(bureau.office), bureau.campaign)
    assert "承诺人填报，2026年6月3日完成" in shown
    assert "%" not in shown
    assert "兑现率" not in shown


def test_standing_rows_say_so(bureau, rectifying):
    pledge = signed(bureau.campaign, bureau.member)
    Problem.objects.filter(pk=rectifying.pk).update(due_kind="standing", review_on=ON)
    link(pledge.items.first(), Problem.objects.get(), by=bureau.member)

    assert PledgeLink.objects.get().standing == ("长期坚持", "下次复核", ON)


def test_saving_the_form_lets_go_of_what_was_unticked_and_of_nothing_unseen(
    bureau, rectifying, signed_in
):
    pledge = signed(bureau.campaign, bureau.member)
    item = pledge.items.first()
    link(item, rectifying, by=bureau.member)
    hidden = ProblemFactory(campaign=bureau.campaign, organization=bureau.sibling)
    item.links.create(problem=hidden, linked_by=bureau.users["member"], linked_at=AT)
    browser, url = signed_in(bureau.member), reverse("pledge-link", args=[item.pk])
    opened = browser.get(url)

    assert rectifying.number in text_of(opened)
    assert initial(opened)["problems"] == [str(rectifying.pk)]
    browser.post(url, {"problems": []})
    assert [one.problem for one in item.links.all()] == [hidden]


# ---------------------------------------------------------------- pages and paper


def test_a_row_that_is_half_filled_is_said_with_everything_typed(bureau, signed_in):
    url = reverse("pledge-new", args=[bureau.campaign.pk])
    answer = signed_in(bureau.member).post(
        url, {"is_public": "yes", "text_0": "只有事情", "due_5": "长期坚持"}
    )

    assert answer.status_code == 200
    shown = text_of(answer)
    assert "请写明什么时候做到" in shown
    assert "请写明做什么" in shown
    assert "只有事情" in shown
    assert not Pledge.objects.exists()


def test_a_double_press_signs_once(bureau, signed_in):
    browser, url = signed_in(bureau.member), reverse("pledge-new", args=[bureau.campaign.pk])
    data = {"is_public": "yes", "text_0": "每月走访", "due_0": "长期坚持"}
    data["token"] = initial(browser.get(url))["token"]
    answers = [browser.post(url, data).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert Pledge.objects.count() == 1


def test_the_paper_has_the_promises_and_a_line_to_sign_on(bureau, pledge, signed_in):
    answer = signed_in(bureau.colleague).get(reverse("pledge-word", args=[pledge.pk]))
    words = "\n".join(one.text for one in Document(BytesIO(answer.getvalue())).paragraphs)

    assert "1. 逐件回访3月以来的投诉。时限：2026年6月底前。" in words
    assert "承诺人：马超" in words
    assert "签　字：" in words


def test_the_list_goes_by_organization_and_kind(bureau, signed_in):
    signed(bureau.campaign, bureau.member)
    signed(bureau.campaign, bureau.leader, team=bureau.center)
    signed(bureau.campaign, bureau.neighbour)
    browser, url = signed_in(bureau.office), reverse("pledges", args=[bureau.campaign.pk])

    def pledgers(**asked):
        rows = browser.get(url, asked).context["page_obj"].object_list
        return list(dict.fromkeys(item.pledge.pledger for item in rows))

    assert pledgers() == ["服务中心党委班子", "马超", "黄蕾"]
    assert pledgers(kind="team") == ["服务中心党委班子"]
    assert pledgers(organization=str(bureau.sibling)) == ["黄蕾"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same(bureau, signed_in, django_assert_num_queries, count):
    for n in range(count):
        by = actor(person(f"同志{n}", bureau.branch))
        item = signed(bureau.campaign, by).items.get(position=2)
        kept(item, by)
        row = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, **SIX)
        Problem.objects.filter(pk=row.pk).update(
            status="registered", number=f"A-{n}", registered_at=AT
        )
        link(signed(bureau.campaign, by, promises=TWO[:1]).items.get(), row, by=by)
    browser, url = signed_in(bureau.office), reverse("pledges", args=[bureau.campaign.pk])
    browser.get(url)
    with django_assert_num_queries(11):
        browser.get(url)
