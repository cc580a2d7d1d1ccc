"""What the main pages show: each role's desk, the ledger, the whole story of a problem, files."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rectification.actions import closures, evidences, measures, problems, registrations, reviews
from rectification.models import (
    ClosureReview,
    Evidence,
    Measure,
    Problem,
    Upload,
    ledger_search,
)
from rectification.models.ledger_filter import chips
from rectification.templatetags import problems as shown_as
from reform.models import Notice, Role, TrailEntry
from tests.conftest import SIX
from tests.factories import AT, ON, OrganizationFactory, ProblemFactory, actor, person
from tests.rectification.test_closures import APPROVE, RETURN, VERIFY, a_scan, prepare, step_of
from tests.rectification.test_import import GOOD, received, workbook
from tests.test_access import VISITORS, a_world, browser

pytestmark = pytest.mark.dealt

INSIDERS = [name for name in VISITORS if name not in {"anonymous", "disabled"}]
READERS = [name for name in INSIDERS if name not in {"system", "security", "audit"}]
RECORDS = (
    *("draft", "bare", "registered", "assigned", "rectifying", "ready", "joint", "personal"),
    "closed",
)


@pytest.fixture(autouse=True)
def _today():
    """The day of the tests, at the edge."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture(scope="class")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with a_world(django_db_blocker, tmp_path_factory) as world:
        yield world


@pytest.fixture
def page(signed_in):
    """Return a function that shows a page to somebody, as text without tags."""

    def show(who, path):
        response = signed_in(who).get(path)
        assert response.status_code == 200
        return plain(response)

    return show


def plain(response):
    html = response.content.decode()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def panel(response, heading):
    """The section of a page under a heading, without tags."""
    sections = re.findall(r"<section.*?</section>", response.content.decode(), re.DOTALL)
    found = [part for part in sections if f"<h2>{heading}</h2>" in part]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", "".join(found)))


# ---------------------------------------------------------------- a problem, before anybody applies


def closing(response):
    return panel(response, "销号")


def offered(response):
    """What 我可以办理 offers: label → why not, empty when it can be pressed."""
    html = response.content.decode()
    acts = re.findall(r'<div class="act">(.*?)</div>', html, re.DOTALL)
    found = {}
    for act in acts:
        label = re.search(r"<(?:a|button)[^>]*>(.*?)</(?:a|button)>", act, re.DOTALL)[1]
        why = re.search(r'<p class="act__why">(.*?)</p>', act, re.DOTALL)
        assert ("disabled" in act) is bool(why)
        found[label] = why[1] if why else ""
    return found


def test_the_page_says_what_is_missing_before_anybody_applies(bureau, rectifying, signed_in):
    response = signed_in(bureau.member).get(rectifying.get_absolute_url())

    said = closing(response)
    assert "申请销号前还缺2项：" in said
    assert "还没有整改措施，请先填写措施。" in said
    assert "还没有佐证材料" in said
    assert offered(response)["申请销号"].startswith("还没有整改措施，请先填写措施。还没有佐证材料")


def test_a_measure_not_done_is_counted_on_the_page(bureau, ready, at, signed_in):
    for text in ("再查一次", "抽查"):
        measures.plan(ready, facts={"text": text}, by=bureau.member, at=at)

    response = signed_in(bureau.member).get(ready.get_absolute_url())

    assert "申请销号前还缺1项： 还有2项措施没有填报完成。" in closing(response)
    assert offered(response)["申请销号"] == "还有2项措施没有填报完成。"


def test_when_all_is_there_the_way_is_open(bureau, ready, signed_in):
    response = signed_in(bureau.member).get(ready.get_absolute_url())

    assert "还缺" not in closing(response)
    assert offered(response)["申请销号"] == ""
    assert f'href="/problems/{ready.pk}/apply/"' in response.content.decode()


def test_what_the_six_clarities_lack_is_said_before_issuing(bureau, at, signed_in):
    row = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=bureau.liaison,
        **SIX | {"persons": [], "standard": ""},
    )
    row = registrations.register(row, by=bureau.secretary, at=at)

    response = signed_in(bureau.secretary).get(row.get_absolute_url())

    assert offered(response)["下达整改"] == "六个明确还缺：责任人、整改标准。"
    assert panel(response, "六个明确").count("未填") == 2


def test_the_chain_is_shown_by_name_before_anybody_applies(bureau, rectifying, page):
    shown = page(bureau.member, rectifying.get_absolute_url())

    assert (
        "申请销号后依次经过： 本单位审签 （第一党支部 郑洁） → 核查 （服务中心党委 何静）" in shown
    )


def test_who_applied_is_told_why_he_does_not_sign_or_enter_a_signature(
    bureau, ready, at, signed_in
):
    liaison = bureau.liaison
    closures.apply(ready, statement="已经整改。", effect="有效", by=liaison, at=at)

    offers = offered(signed_in(liaison).get(ready.get_absolute_url()))

    assert offers == {
        "录入线下签批": "销号申请的申请人不能录入线下签批，请由其他联络员或活动办录入。",
        "打印审批表": "",
    }


def test_whoever_must_keep_out_reads_why(bureau, ready, at, signed_in):
    both = actor(person("陈立", bureau.center, Role.OFFICE, Role.MEMBER))
    ready.people.create(part="responsible", name="陈立", user=both.user, position=9)
    application = closures.apply(
        ready, statement="已经整改。", effect="有效", by=bureau.member, at=at
    )
    reviews.decide(step_of(application.problem), verdict=APPROVE, by=bureau.secretary, at=at)
    step = step_of(application.problem)

    response = signed_in(both).get(ready.get_absolute_url())
    review = signed_in(both).get(reverse("review", args=[step.pk]))

    assert "须回避" in offered(response)["核查"]
    assert "这一步您须回避。" in plain(review)
    assert '<button class="btn' not in panel(review, "意见")


# ---------------------------------------------------------------- desks


def issue(row, bureau, at):
    registered = registrations.register(row, by=bureau.secretary, at=at)
    return registrations.issue(registered, by=bureau.secretary, at=at)


def apply_for(row, bureau, at):
    row = issue(row, bureau, at)
    prepare(row, bureau, at)
    return Problem.objects.get(pk=row.pk)


def waiting(response):
    """The problems under 等我审核: (what, which step)."""
    part = panel(response, "等我审核")
    return [text for text in ("本单位审签", "核查", "纪检复核", "领导审定") if f" {text} " in part]


def desk(signed_in, who):
    return signed_in(who).get("/")


def test_each_step_waits_on_one_desk(bureau, draft, at, signed_in):
    everybody = ("member", "liaison", "secretary", "office", "inspector", "leader", "neighbour")
    bureau.other_leader = actor(person("另一领导", bureau.center, Role.LEADER, principal=True))
    problems.fill(draft, version=1, facts={"leaders": ["顾明"]}, by=bureau.liaison, at=at)
    Problem.objects.filter(pk=draft.pk).update(severity="key")
    row = apply_for(draft, bureau, at)
    who_waits = []
    for kind, who, verdict in (
        ("endorse", "secretary", APPROVE),
        ("verify", "office", VERIFY),
        ("recheck", "inspector", VERIFY),
        ("approve", "leader", VERIFY),
    ):
        desks = {name: waiting(desk(signed_in, getattr(bureau, name))) for name in everybody}
        who_waits.append((kind, [name for name, steps in desks.items() if steps]))
        reviews.decide(step_of(row), verdict=verdict, by=getattr(bureau, who), at=at)

    assert who_waits == [
        ("endorse", ["secretary"]),
        ("verify", ["office"]),
        ("recheck", ["inspector"]),
        ("approve", ["leader"]),
    ]
    assert not any(waiting(desk(signed_in, getattr(bureau, name))) for name in everybody)


def test_what_waits_leads_to_its_review(bureau, applied, signed_in):
    response = desk(signed_in, bureau.secretary)

    assert reverse("review", args=[step_of(applied.problem).pk]) in response.content.decode()
    assert applied.problem.description in panel(response, "等我审核")


def test_somebodys_personal_problem_is_on_no_leaders_desk(bureau, draft, at, signed_in):
    """A scope, not a label: neither the leader of his unit nor an office reads it."""
    leader = actor(person("支部领导", bureau.branch, Role.LEADER, principal=True))
    problems.fill(draft, version=1, facts={"owner_kind": "personal"}, by=bureau.secretary, at=at)
    row = apply_for(draft, bureau, at)

    assert waiting(desk(signed_in, bureau.secretary)) == ["本单位审签"]
    for other in (leader, bureau.office, bureau.leader, bureau.colleague, bureau.inspector):
        html = desk(signed_in, other).content.decode()
        assert row.description not in html
        assert str(row) not in html


def test_a_leader_of_another_field_is_not_asked(bureau, at, signed_in):
    deputy = actor(person("副职", bureau.center, Role.LEADER, fields=[bureau.sibling]))
    row = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **SIX
    )
    Problem.objects.filter(pk=row.pk).update(severity="key")

    response = desk(signed_in, deputy)

    assert waiting(response) == []
    assert row.description not in response.content.decode()


def test_what_came_back_is_on_the_desk_of_those_who_rectify(bureau, applied, at, signed_in):
    reviews.decide(step_of(applied.problem), verdict=RETURN, by=bureau.secretary, at=at)

    for who in (bureau.member, bureau.liaison, bureau.secretary):
        assert applied.problem.description in panel(desk(signed_in, who), "退回补改")
    assert applied.problem.description not in panel(desk(signed_in, bureau.neighbour), "退回补改")


def test_what_was_assigned_waits_for_the_branch(bureau, registered, at, signed_in):
    registrations.issue(registered, by=bureau.office, at=at)

    shown = panel(desk(signed_in, bureau.liaison), "待交办、待签收")

    assert registered.description in shown
    assert "待签收" in shown


@pytest.mark.parametrize(
    ("days", "heading", "words"),
    [
        (-3, "已逾期", "逾期3天"),
        (0, "7日内到期", "今天到期"),
        (7, "7日内到期", "还有7天"),
        (8, "", ""),
    ],
)
def test_what_is_late_and_what_is_due(bureau, rectifying, signed_in, days, heading, words):
    Problem.objects.filter(pk=rectifying.pk).update(due_on=ON + timedelta(days=days))

    response = desk(signed_in, bureau.liaison)

    listed = [
        name for name in ("已逾期", "7日内到期") if rectifying.description in panel(response, name)
    ]
    assert listed == ([heading] if heading else [])
    assert words in panel(response, heading)


# ---------------------------------------------------------------- the ledger


def shown_rows(response):
    return re.findall(r'<a href="/problems/(\d+)/" class="clamp"', response.content.decode())


def shown_chips(response):
    found = re.findall(
        r'<a class="chip[^"]*" href="([^"]+)"[^>]*>([^<]*)<b>(\d+)</b>', response.content.decode()
    )
    return {words.strip(): (unescape(url), int(count)) for url, words, count in found}


@pytest.fixture
def with_late_rows(world):
    """One of the world's rows is late, one is nearly due."""
    Problem.objects.filter(pk=world.rectifying.pk).update(due_on=ON - timedelta(days=1))
    Problem.objects.filter(pk=world.joint.pk).update(due_on=ON + timedelta(days=2))
    Problem.objects.filter(pk=world.assigned.pk).update(due_on=ON - timedelta(days=9))


# What the secretary of the branch finds in the world of the access table, with two rows late.
BY_HAND = {
    "全部已入账": 16,
    "待交办": 5,
    "待签收": 1,
    "整改中": 4,
    "7日内到期": 1,
    "已逾期": 2,
    "销号审核中": 5,
    "已销号": 1,
    "草稿": 2,
}


@pytest.mark.parametrize(("length", "shown"), [(90, "问" * 90), (91, "问" * 90 + "…")])
def test_a_long_text_ends_in_dots_where_it_is_cut(bureau, rectifying, page, length, shown):
    Problem.objects.filter(pk=rectifying.pk).update(description="问" * length)

    assert f" {shown} " in page(bureau.liaison, "/problems/")


def test_what_was_typed_in_the_filter_stays(bureau, signed_in):
    html = (
        signed_in(bureau.liaison)
        .get("/problems/", {"q": '"><script>', "due_from": "2026-01-01", "severity": "key"})
        .content.decode()
    )

    assert "<script>" not in re.sub(r"<script src[^>]*>", "", html)
    typed = re.search(r'<input[^>]* name="q"[^>]* value="([^"]*)"', html)
    assert unescape(typed[1]) == '"><script>'
    assert '<option value="key" selected>' in html


EVIL = "<script>alert('x')</script>&amp;"


def test_what_people_write_is_shown_as_they_wrote_it(bureau, ready, at, signed_in):
    Problem.objects.filter(pk=ready.pk).update(description=EVIL, standard=EVIL, cause=EVIL)
    Measure.objects.update(text=EVIL, done_note=EVIL)
    Evidence.objects.update(title=EVIL, place=EVIL)
    application = closures.apply(ready, statement=EVIL, effect=EVIL, by=bureau.member, at=at)
    step = step_of(application.problem)

    client = signed_in(bureau.secretary)
    for url in ("/", "/problems/", ready.get_absolute_url(), reverse("review", args=[step.pk])):
        html = client.get(url).content.decode()
        assert "<script>alert" not in html
        assert (
            "&lt;script&gt;alert(&#x27;x&#x27;)" in html
            or "&lt;script&gt;alert(&#39;x&#39;)" in html
        )


# ---------------------------------------------------------------- what a page costs


def cost(client, url):
    """Return how many queries a page asks, once the session is warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def rows_of(bureau, count, **facts):
    return [
        ProblemFactory(
            campaign=bureau.campaign,
            organization=bureau.branch,
            by=bureau.liaison,
            items=list(bureau.campaign.items.all()[:2]),
            **SIX | facts,
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("who", ["member", "liaison", "secretary", "office", "inspector", "leader"])
def test_the_ledger_costs_the_same_at_1_row_and_at_50(bureau, signed_in, at, who):
    client = signed_in(getattr(bureau, who))
    costs = []
    for count in (1, 49):
        for row in rows_of(bureau, count):
            registrations.register(row, by=bureau.secretary, at=at)
        costs.append(cost(client, "/problems/"))

    assert len(shown_rows(client.get("/problems/"))) == 50
    assert costs == [9, 9]  # one of them asks what those that wait to be issued lack
    assert cost(client, "/problems/?view=overdue") == 8


@pytest.mark.parametrize("asked", ["q=问题", "item={item}"])
def test_a_search_in_official_order_costs_no_more_than_ten(
    bureau, signed_in, at, monkeypatch, asked
):
    monkeypatch.setattr(ledger_search, "MOST", 1)  # so the list is walked, the dearer way
    client = signed_in(bureau.office)
    for row in rows_of(bureau, 3, description="窗口问题。"):
        issue(row, bureau, at)
    asked = asked.format(item=bureau.campaign.items.first().pk)
    address = f"/problems/?{asked}&organization={bureau.branch.pk}&sort=organization"

    assert len(shown_rows(client.get(address))) == 3
    assert cost(client, address) == 10


@pytest.mark.parametrize("who", ["member", "secretary", "office"])
def test_the_desk_costs_the_same_at_1_row_and_at_20(bureau, signed_in, at, who):
    client = signed_in(getattr(bureau, who))
    costs = []
    for count in (1, 19):
        for row in rows_of(bureau, count):
            issue(row, bureau, at)
        Problem.objects.filter(status="rectifying").update(due_on=ON - timedelta(days=1))
        costs.append(cost(client, "/"))

    # Whoever may owe a weekly report, or answers instructions (批示), has them there; a secretary
    # also which examinations wait for him.
    assert costs == [{"member": 21, "office": 23, "secretary": 25}[who]] * 2


def test_a_desk_full_of_reviews_costs_the_same(bureau, signed_in, at):
    client = signed_in(bureau.secretary)
    costs = []
    for count in (1, 7):
        for row in rows_of(bureau, count):
            apply_for(row, bureau, at)
        costs.append(cost(client, "/"))

    assert costs == [29, 29]  # four of them ask from which of the steps he has to keep out


@pytest.mark.parametrize("who", ["member", "secretary", "office"])
def test_a_problem_costs_the_same_with_1_measure_and_with_20(
    bureau, rectifying, signed_in, at, who
):
    client = signed_in(getattr(bureau, who))
    costs = []
    for count in (1, 19):
        for place in range(count):
            measure = measures.plan(
                rectifying, facts={"text": f"第{place}项"}, by=bureau.member, at=at
            )
            facts = {"kind": "note", "title": "说明", "text": "可查", "measure": measure}
            evidences.prove(rectifying, facts=facts, by=bureau.member, at=at)
            measures.report(
                rectifying, text="推进", progress="under_way", on=ON, by=bureau.member, at=at
            )
        costs.append(cost(client, rectifying.get_absolute_url()))

    # Ten for the next steps of the clock and whom they tell; one each for instructions (批示), task
    # forces and cases; the office may ask others to look at the same.
    assert costs == [{"member": 36, "secretary": 37, "office": 38}[who]] * 2


def test_a_problem_costs_the_same_after_1_round_and_after_3(bureau, applied, signed_in, at):
    client, costs = signed_in(bureau.office), []
    problem = applied.problem
    for rounds in (1, 2):
        for _ in range(rounds):
            reviews.decide(step_of(problem), verdict=APPROVE, by=bureau.secretary, at=at)
            reviews.decide(step_of(problem), verdict=RETURN, by=bureau.office, at=at)
            closures.apply(problem, statement="已补。", effect="有效", by=bureau.member, at=at)
        costs.append(cost(client, problem.get_absolute_url()))

    assert costs[0] == costs[1]


def test_the_imports_cost_the_same_at_1_and_at_20(bureau, signed_in, at):
    client, costs = signed_in(bureau.liaison), []
    for count in (1, 19):
        for _ in range(count):
            received(bureau, at, workbook(GOOD))
        costs.append(cost(client, reverse("imports")))

    assert costs == [6, 6]


def test_a_preview_costs_the_same_with_1_row_and_with_50(bureau, signed_in, at):
    client, costs = signed_in(bureau.liaison), []
    for count in (1, 50):
        rows = [(n, f"第{n}个问题。", "改", f"某{n}", "2026年6月30日") for n in range(count)]
        upload = received(bureau, at, workbook(*rows))
        costs.append(cost(client, upload.get_absolute_url()))

    assert costs == [13, 13]


def test_the_inbox_costs_the_same_at_1_and_at_50(bureau, signed_in, at):
    client, costs = signed_in(bureau.member), []
    for count in (1, 49):
        for _ in range(count):
            key = f"key{Notice.objects.count()}"
            Notice.objects.create(
                recipient=bureau.users["member"], subject="请签收", key=key, created_at=at
            )
        costs.append(cost(client, reverse("inbox")))

    assert costs == [7, 7]


@pytest.mark.parametrize("name", ["organizations", "people"])
def test_the_tree_and_the_people_cost_the_same_at_1_and_at_40(bureau, signed_in, name):
    client, costs = signed_in(bureau.member), []
    for count in (1, 39):
        for place in range(count):
            below = OrganizationFactory(parent=bureau.center)
            person(f"干部{place}", below)
        costs.append(cost(client, reverse(name)))

    assert costs == [7, 7]


# ---------------------------------------------------------------- two texts


def form_of(row, **changed):
    return {
        "version": 1,
        "description": row.description,
        "owner_kind": "unit",
        "severity": "ordinary",
        "source": row.source_id,
        "found_on": "2026-05-20",
        "persons": "马超",
        "leaders": "罗海",
        "departments": "养护科",
        "due": "2026年6月底前",
        "standard": "回访及时率100%",
        "effect_expected": "群众满意",
    } | changed


def test_a_stale_form_meets_both_texts_and_loses_neither(bureau, draft, at, signed_in):
    problems.fill(draft, version=1, facts={"cause": "别人写的原因"}, by=bureau.secretary, at=at)
    url = reverse("problem-edit", args=[draft.pk])

    response = signed_in(bureau.liaison).post(url, form_of(draft, cause="我写的原因"))

    html = response.content.decode()
    assert response.status_code == 409
    assert "我写的原因" in html
    assert "别人写的原因" in html
    assert 'name="version" value="2"' in html
    assert Problem.objects.get(pk=draft.pk).cause == "别人写的原因"


def test_after_looking_at_both_one_of_them_is_kept(bureau, draft, at, signed_in):
    problems.fill(draft, version=1, facts={"cause": "别人写的原因"}, by=bureau.secretary, at=at)
    url = reverse("problem-edit", args=[draft.pk])

    response = signed_in(bureau.liaison).post(
        url, form_of(draft, cause="我写的，并入他写的", version=2)
    )

    assert response.status_code == 302
    assert Problem.objects.get(pk=draft.pk).cause == "我写的，并入他写的"


def test_a_deadline_somebody_else_moved_is_among_the_two_texts(bureau, draft, at, signed_in):
    facts = {"due_text": "2026年9月底前", "due_on": date(2026, 9, 30)}
    problems.fill(draft, version=1, facts=facts, by=bureau.secretary, at=at)
    url = reverse("problem-edit", args=[draft.pk])

    response = signed_in(bureau.liaison).post(url, form_of(draft))

    assert response.status_code == 409
    assert "2026年9月底前" in response.content.decode()
    assert "2026年6月底前" in response.content.decode()
    assert '<p id="now-due">' in response.content.decode()


def test_a_stale_measure_meets_both_texts(bureau, rectifying, at, signed_in):
    measure = measures.plan(rectifying, facts={"text": "原来的"}, by=bureau.member, at=at)
    version = Problem.objects.get(pk=rectifying.pk).version
    measures.change(
        measure, version=version, facts={"text": "别人改的"}, by=bureau.secretary, at=at
    )
    url = reverse("measure-edit", args=[measure.pk])

    response = signed_in(bureau.member).post(url, {"text": "我改的", "version": version})

    html = response.content.decode()
    assert (response.status_code, "别人改的" in html, "我改的" in html) == (409, True, True)


# ---------------------------------------------------------------- for somebody else (代填)


def test_who_typed_for_whom_is_shown(bureau, rectifying, at, page):
    measure = measures.plan(
        rectifying, facts={"text": "办理"}, behalf="马超", by=bureau.liaison, at=at
    )
    measures.finish(measure, done_on=ON, note="", behalf="马超", by=bureau.liaison, at=at)
    evidences.prove(
        rectifying,
        facts={"kind": "note", "title": "说明", "text": "可查"},
        behalf="马超",
        by=bureau.liaison,
        at=at,
    )
    application = closures.apply(
        rectifying, statement="已办。", effect="有效", behalf="马超", by=bureau.liaison, at=at
    )

    shown = page(bureau.secretary, rectifying.get_absolute_url())
    review = page(bureau.secretary, reverse("review", args=[step_of(application.problem).pk]))

    assert "马超 （周敏代填）" in shown.replace("马超（", "马超 （")
    assert "周敏 （代马超）" in shown.replace("周敏（", "周敏 （")
    assert "马超提供" in shown
    assert "马超（周敏代填）" in review


def test_who_typed_for_himself_is_not_said_to_have_typed_for_anybody(bureau, applied, page):
    assert "代填" not in page(bureau.secretary, applied.problem.get_absolute_url())


def test_a_paper_signature_says_who_signed_and_who_entered_it(bureau, applied, at, page):
    reviews.record(
        step_of(applied.problem),
        verdict=APPROVE,
        signer=bureau.users["secretary"],
        signer_name="",
        signed_on=ON,
        scan=a_scan(bureau, at),
        by=bureau.liaison,
        at=at,
    )

    shown = page(bureau.office, applied.problem.get_absolute_url())

    assert "郑洁签批（周敏代录）" in shown
    assert "2026年6月3日审批表扫描件" in shown


def test_the_trail_on_the_page_shows_no_address(bureau, applied, page):
    shown = page(bureau.secretary, applied.problem.get_absolute_url())

    assert "申请销号" in shown
    assert "127.0.0.1" not in shown


@pytest.fixture
def closed(bureau, applied, at):
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=at)
    reviews.decide(step_of(applied.problem), verdict=VERIFY, by=bureau.office, at=at)
    applied.problem.refresh_from_db()
    assert applied.problem.status == "closed"
    return applied.problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("6月底前", "6月底前，2026年6月30日"),
        ("2026年6月30日前", "2026年6月30日前"),
        ("2026-06-30", "2026年6月30日"),
        ("", "2026年6月30日"),
    ],
)
def test_a_deadline_names_its_day_once(rectifying, text, words):
    rectifying.due_text = text

    assert shown_as.deadline(rectifying, date(2026, 6, 30)) == words


def test_a_draft_goes_by_its_first_words(bureau, draft, page):
    Problem.objects.filter(pk=draft.pk).update(description="窗口工作人员解答咨询不耐心，存在推诿")

    shown = page(bureau.liaison, draft.get_absolute_url())

    assert "草稿“窗口工作人员解答咨询不耐…”" in shown
    assert f"草稿{draft.pk}" not in shown


def test_a_closed_problem_shows_how_it_was_verified_and_prints_its_form(bureau, closed, signed_in):
    problem = closed
    ask = signed_in(bureau.office)

    shown = plain(ask.get(problem.get_absolute_url()))

    assert "核查方式：实地查看" in shown
    assert "对照标准：措施全部落实、具体问题已处理到位、达到整改标准" in shown
    step = problem.applications.get().steps.first()
    assert "打印审批表" in shown
    assert ask.get(reverse("review-form", args=[step.pk])).status_code == 200


def test_a_return_is_told_with_reason_and_day(bureau, applied, at, page):
    reviews.decide(step_of(applied.problem), verdict=RETURN, by=bureau.secretary, at=at)

    shown = page(bureau.member, applied.problem.get_absolute_url())

    assert "退回原因：佐证材料不足或不实" in shown
    assert RETURN.opinion in shown
    assert "补改期限2026年6月13日" in shown
    assert "销号申请已被退回，补改期限2026年6月13日" in shown
    assert "郑洁（本单位审签）2026年6月3日" in shown
    assert "补改期限2026年6月13日 （原定：2026年6月底前，2026年6月30日）" in shown


# ---------------------------------------------------------------- files


def test_evidence_without_a_file_has_none_to_send(bureau, ready, signed_in):
    piece = Evidence.objects.get()

    response = signed_in(bureau.member).get(reverse("evidence-file", args=[piece.pk]))

    assert (piece.attachment, response.status_code) == (None, 404)


# ---------------------------------------------------------------- workbooks


def test_an_import_waits_on_the_desk_until_it_is_kept(bureau, at, signed_in):
    upload = received(bureau, at, workbook(GOOD))
    before = desk(signed_in, bureau.liaison).content.decode()
    Upload.objects.filter(pk=upload.pk).update(state="kept", kept_at=at)
    after = desk(signed_in, bureau.liaison).content.decode()

    link = f'href="/imports/{upload.pk}/"'
    assert (link in before, link in after) == (True, False)


def test_a_preview_says_what_was_read_and_what_was_left_out(bureau, at, page):
    rows = [GOOD, (2, "另一个。", "改", "张无名", "2026年13月1日"), ("合计", "", "", "", "")]
    upload = received(bureau, at, workbook(*rows))

    shown = page(bureau.liaison, upload.get_absolute_url())

    assert "表头在第1行" in shown
    assert "2026年13月1日" in shown
    assert "跳过的行" in shown
    assert "只保存正确的1条" in shown


# ---------------------------------------------------------------- nobody but the one


def test_a_review_page_tells_the_whole_story(bureau, applied, at, page):
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=at)
    reviews.decide(step_of(applied.problem), verdict=RETURN, by=bureau.office, at=at)
    problem = Problem.objects.get(pk=applied.problem.pk)
    closures.apply(problem, statement="第二次说明。", effect="全部办结", by=bureau.member, at=at)

    shown = page(bureau.secretary, reverse("review", args=[step_of(problem).pk]))

    for words in (
        problem.description,
        "回访及时率100%",
        "群众满意",
        "投诉件指定首接人",
        "回访登记簿",
        "第二次说明。",
        "全部办结",
        f"第1次申请被何静退回（佐证材料不足或不实）： {RETURN.opinion}",
    ):
        assert words in shown


def test_a_decided_step_cannot_be_decided_again_from_its_page(bureau, applied, at, signed_in):
    step = step_of(applied.problem)
    reviews.decide(step, verdict=APPROVE, by=bureau.secretary, at=at)

    response = signed_in(bureau.secretary).get(reverse("review", args=[step.pk]))

    assert "这一步已经办结。" in plain(response)
    assert ClosureReview.objects.count() == 1
    assert "提交意见" not in plain(response)


# ---------------------------------------------------------------- one whole bureau


class TestAWholeBureau:
    """The world of the access table: a row in every state, somebody of every role."""

    @pytest.mark.parametrize("visitor", READERS)
    @pytest.mark.parametrize("record", RECORDS)
    def test_every_disabled_button_says_why_and_every_other_opens(self, world, visitor, record):
        row = getattr(world, record)
        client = browser(world, visitor)
        response = client.get(row.get_absolute_url())
        if response.status_code == 404:
            return

        labels = offered(response)  # asserts that a disabled one has a reason, and no other has
        act = re.compile(r'<div class="act"><a [^>]*href="([^"]+)"')
        opened = {}
        with transaction.atomic():
            for url in act.findall(response.content.decode()):
                answer = client.get(url)
                opened[url] = answer.status_code
                if answer.streaming:
                    answer.getvalue()
            transaction.set_rollback(True)

        assert set(opened.values()) <= {200}
        assert len(opened) == len([why for why in labels.values() if not why])

    @pytest.mark.parametrize("kind", ["endorse", "verify", "recheck", "approve", "own"])
    @pytest.mark.parametrize("visitor", READERS)
    def test_the_acts_on_a_step_say_why_or_open(self, world, visitor, kind):
        step = getattr(world, kind)
        client = browser(world, visitor)
        response = client.get(step.application.problem.get_absolute_url())
        if response.status_code == 404:
            return

        for label, why in offered(response).items():
            assert why == "" or "。" in why, label

    def test_a_closed_problem_offers_nothing(self, world):
        for visitor in READERS:
            response = browser(world, visitor).get(world.closed.get_absolute_url())
            if response.status_code == 200:
                html = response.content.decode()
                assert offered(response) == {}
                assert "内容不能再修改" in html
                assert "这条问题目前没有需要您办理的事项" in html
                assert not re.search(r'href="[^"]*/(edit|new|apply|delete|finish|progress)/"', html)

    def test_administrators_see_no_business(self, world):
        for visitor in ("system", "security", "audit"):
            html = browser(world, visitor).get("/").content.decode()
            assert "管理员不接触业务数据" in html
            assert "我能办什么" in html
            assert not re.search(r"/problems/\d+/", html)
            assert "YACG-2026" not in html

    @pytest.mark.parametrize("visitor", READERS)
    def test_the_tiles_of_a_desk_open_what_they_count(self, world, visitor):
        client = browser(world, visitor)
        html = client.get("/").content.decode()
        tiles = re.findall(r'href="(/problems/\?view=[a-z_]+)"[^>]*>(.*?)</a>', html, re.DOTALL)

        assert len(tiles) == 4
        for url, words in tiles:
            count = re.search(r"\d+", re.sub(r"<[^>]+>", " ", words))
            assert count, words
            assert len(shown_rows(client.get(url))) == int(count[0])

    @pytest.mark.usefixtures("with_late_rows")
    @pytest.mark.parametrize("query", ["", "q=不&sort=due", "severity=key", "owner=personal"])
    @pytest.mark.parametrize("visitor", INSIDERS)
    def test_every_chip_opens_as_many_rows_as_it_counts(self, world, visitor, query):
        client = browser(world, visitor)
        listed = shown_chips(client.get(f"/problems/?{query}"))

        assert {words for words, _ in chips().values()} - listed.keys() <= {"草稿"}
        opened = {
            words: len(shown_rows(client.get(f"/problems/{url}")))
            for words, (url, _) in listed.items()
        }
        assert opened == {words: count for words, (_, count) in listed.items()}

    @pytest.mark.usefixtures("with_late_rows")
    def test_the_chips_of_a_secretary_count_what_the_world_holds(self, world):
        """The figures once by hand, so that two wrongs make no right."""
        listed = shown_chips(browser(world, "secretary").get("/problems/"))

        assert {words: listed[words][1] for words in BY_HAND} == BY_HAND

    def test_a_late_row_says_so_in_words(self, world):
        Problem.objects.filter(pk=world.rectifying.pk).update(due_on=ON - timedelta(days=4))

        html = browser(world, "secretary").get("/problems/?view=overdue").content.decode()

        assert "逾期4天" in html
        assert 'class="is-late"' in html

    def test_a_file_comes_as_an_attachment_and_leaves_a_line_in_the_trail(self, world):
        """Evidence, scan, approval form, the workbook as it was sent, an export."""
        for name, record, who, kind in (
            ("evidence-file", world.evidence, "colleague", "application/pdf"),
            ("review-scan", world.scan, "inspector", "application/pdf"),
            ("review-form", world.verify, "office", None),
            ("import-file", world.upload, "liaison", "application/octet-stream"),
            ("job-file", world.job, "secretary", None),
        ):
            lines = TrailEntry.objects.count()
            response = browser(world, who).get(reverse(name, args=[record.pk]))
            content = response.getvalue()

            assert content, name
            assert response.headers["Content-Disposition"].startswith("attachment"), name
            assert response.headers["X-Content-Type-Options"] == "nosniff", name
            assert response.headers["Cache-Control"] == "private, no-store", name
            assert kind in {None, response.headers["Content-Type"]}, name
            assert TrailEntry.objects.count() == lines + 1, name
            assert TrailEntry.objects.order_by("pk").last().by == world.users[who], name

    def test_the_way_to_a_file_is_its_problem_only(self, world):
        """No address leads to the store itself."""
        name = world.evidence.attachment.file.name
        for path in (f"/media/{name}", f"/{name}", f"/static/{name}", f"/static/../{name}"):
            assert browser(world, "secretary").get(path).status_code == 404


# ---------------------------------------------------------------- forms


def shown_for(response):
    """What shows a field, by the field's name: `data-shown-for` stands around it."""
    html = response.content.decode()
    found = re.findall(r'data-shown-for="([^"]+)"[^>]*>\s*<div id="div_id_(\w+)"', html)
    return {name: condition for condition, name in found}


def test_a_form_says_when_a_field_is_of_use(bureau, applied, rectifying, signed_in):
    evidence = signed_in(bureau.member).get(reverse("evidence-add", args=[rectifying.pk]))
    verdict = signed_in(bureau.secretary).get(reverse("review", args=[step_of(applied.problem).pk]))

    assert shown_for(verdict) == dict.fromkeys(["reason", "new_due_on"], "decision=returned")
    assert shown_for(evidence) == {
        "files": "kind=file",
        "number": "kind=reference",
        "place": "kind=reference",
        "keeper": "kind=reference",
    }


def test_a_section_is_called_what_stands_in_it(bureau, draft, signed_in):
    ask = signed_in(bureau.liaison)
    fresh = ask.get(reverse("problem-new"), follow=True).content.decode()
    filling = ask.get(reverse("problem-edit", args=[draft.pk])).content.decode()

    assert ("措施与备注" in fresh, "措施与备注" in filling) == (True, False)
    assert "<legend>备注</legend>" in re.sub(r"\s+", "", filling)


@pytest.mark.parametrize(("days", "told"), [(-1, True), (0, False), (1, False)])
def test_who_issues_a_row_whose_deadline_has_passed_is_told(
    bureau, registered, signed_in, days, told
):
    day = registered.due_on - timedelta(days=days)
    with time_machine.travel(datetime(day.year, day.month, day.day, 4, tzinfo=UTC), tick=False):
        shown = signed_in(bureau.secretary).get(f"/problems/{registered.pk}/issue/")

    assert ("时限2026年6月30日已过" in shown.content.decode()) == told


def test_a_ledger_of_one_import_says_so_and_leads_back_to_all(bureau, signed_in, at):
    upload = received(bureau, at, workbook(GOOD))

    shown = signed_in(bureau.liaison).get(f"/problems/?upload={upload.pk}&view=draft")
    other = signed_in(bureau.secretary).get(f"/problems/?upload={upload.pk}").content.decode()

    assert f"仅看从“{upload}”导入的问题" in shown.content.decode()
    assert 'href="?view=draft"' in shown.content.decode()
    assert "仅看从“别人的一次导入”导入的问题" in other


def test_the_desk_of_who_reviews_nothing_has_no_room_for_reviews(bureau, signed_in):
    desks = {
        name: signed_in(getattr(bureau, name)).get("/").content.decode()
        for name in ("member", "liaison", "secretary", "office", "inspector", "leader")
    }

    assert [name for name, desk in desks.items() if "等我审核" in desk] == [
        *("secretary", "office", "inspector", "leader"),
    ]
