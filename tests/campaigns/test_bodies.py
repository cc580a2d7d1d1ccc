"""Who leads a campaign: bodies set up from pasted lines, members dated and never rewritten."""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from campaigns import policy
from campaigns.actions import bodies, campaigns, drafts, readiness
from campaigns.imports.body_lines import read
from campaigns.models import Act, Body, BodyMember, Campaign
from campaigns.models.body import in_order
from campaigns.reports.bodies import word_of
from reform.errors import Forbidden, Refused, Stale
from reform.models import Actor, TrailEntry, User
from tests.campaigns.led import a_force, facts, set_up
from tests.factories import AT, ON, UserFactory, person


@pytest.fixture
def travel():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def group(bureau):
    users = bureau.users
    return set_up(
        bureau.campaign,
        *(("成员", "马超", users["member"]), ("副组长", "郑洁", users["secretary"])),
        *(("组长", "罗海", users["leader"]), ("顾问", "杨柳")),
        by=bureau.top_office,
    )


def now_of(body):
    return [f"{one.title}{one.name}" for one in body.members.current()]


# ---------------------------------------------------------------- reading a pasted list


def test_a_list_is_read_as_papers_print_it():
    text = """
组　长：张　三（局党组书记、局长）
副组长：李四（副局长）、王五（纪检组组长，驻局）
　　　　赵 六　　总工程师
成　员：钱七、孙八；周九
吴十一 郑十二
办公室主任\t
联络员\t冯十三\t综合科\t科长
组长 阿卜杜拉·买买提 书记
"""
    found, faults = read(text)

    assert [(one.title, one.name, one.post) for one in found] == [
        ("组长", "张三", "局党组书记、局长"),
        ("副组长", "李四", "副局长"),
        ("副组长", "王五", "纪检组组长，驻局"),
        ("副组长", "赵六", "总工程师"),
        ("成员", "钱七", ""),
        ("成员", "孙八", ""),
        ("成员", "周九", ""),
        ("成员", "吴十一", ""),
        ("成员", "郑十二", ""),
        ("成员", "办公室主任", ""),
        ("联络员", "冯十三", "综合科科长"),
        ("组长", "阿卜杜拉·买买提", "书记"),
    ]
    assert faults == []
    _, faults = read("组长：（书记）\n成员：张三（" + "长" * 61 + "）\n组长：13800000000")
    assert [fault[:3] for fault in faults] == ["第1行", "第2行", "第3行"]


# ---------------------------------------------------------------- acts


def test_who_sets_up_and_who_reads(bureau, group):
    """O D of the organization that leads; read as the campaign."""
    may = {name for name in bureau.users if _may(bureau, name)}
    seen = {
        name
        for name in bureau.users
        if Body.objects.visible_to(getattr(bureau, name)).filter(pk=group.pk).exists()
    }
    assert may == {"top_office"}
    assert seen == set(bureau.users) - {"system"}


def _may(bureau, name):
    try:
        with transaction.atomic():
            set_up(bureau.campaign, by=getattr(bureau, name), kind="office", name="办公室")
            transaction.set_rollback(True)
    except Forbidden:
        return False
    return True


def test_members_stand_in_the_order_of_their_titles(bureau, group):
    assert now_of(group) == ["组长罗海", "副组长郑洁", "顾问杨柳", "成员马超"]

    more = bodies.NewMember("成员", "林芳", "", bureau.users["colleague"])
    bodies.add_members(group, members=[more], since=ON, by=bureau.top_office, at=AT)
    order = list(group.members.current())
    order[-2:] = reversed(order[-2:])
    bodies.arrange(group, order=order, by=bureau.top_office, at=AT)

    assert now_of(group)[-2:] == ["成员林芳", "成员马超"]
    with pytest.raises(Refused, match="已有变动"):
        bodies.arrange(group, order=order[1:], by=bureau.top_office, at=AT)


def test_leaving_ends_a_row_and_a_mistake_is_not_shown(bureau, group):
    by, (lead, _, adviser, member) = bureau.top_office, group.members.current()
    end = {"until": ON, "reason": "调离", "by": by, "at": AT}
    bodies.end_members(group, members=[member], mistaken=False, **end)
    bodies.end_members(group, members=[adviser], mistaken=True, **end)

    shown = Body.objects.with_members().get(pk=group.pk)
    assert [one.name for one in shown.members_now] == ["罗海", "郑洁"]
    assert [(one.name, one.until) for one in shown.members_before] == [("马超", ON)]
    with pytest.raises(Refused, match="已有变动"):
        bodies.end_members(group, members=[member], mistaken=False, **end)
    early = end | {"until": ON - timedelta(days=1)}
    with pytest.raises(Refused, match="罗海的离任日期早于"):
        bodies.end_members(group, members=[lead], mistaken=False, **early)
    late = end | {"until": ON + timedelta(days=1)}
    with pytest.raises(Refused, match="晚于今天"):
        bodies.end_members(group, members=[lead], mistaken=False, **late)
    # He may come again, with another title.
    again = [bodies.NewMember("副组长", "马超", "", bureau.users["member"])]
    bodies.add_members(group, members=again, since=ON, by=by, at=AT)
    assert now_of(group) == ["组长罗海", "副组长郑洁", "副组长马超"]


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.filter(name="马超").update(post="科长"),
        lambda rows: rows.filter(name="林芳").update(until=None, mistaken=False),
        lambda rows: rows.filter(name="马超").delete(),
        lambda rows: Body.objects.all().delete(),
        lambda rows: Body.objects.exclude(until=None).update(name="又改"),
    ],
    ids=["rewritten", "revived", "deleted", "body deleted", "dissolved body changed"],
)
def test_the_database_keeps_what_was_written(bureau, group, write):
    by = bureau.top_office
    more = bodies.NewMember("成员", "林芳", "", bureau.users["colleague"])
    rows = bodies.add_members(group, members=[more], since=ON, by=by, at=AT)
    bodies.end_members(group, members=rows, until=ON, mistaken=False, reason="", by=by, at=AT)
    gone = a_force(bureau.campaign, by=by)
    bodies.dissolve(gone, until=ON, reason="完成", by=by, at=AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        write(BodyMember.objects.filter(body=group))


def test_what_cannot_be_set_up(bureau, group):
    by, users = bureau.top_office, bureau.users
    twice = UserFactory(name="马超二号")
    User.objects.filter(pk=twice.pk).update(same_as=users["member"])
    twice.refresh_from_db()
    campaign = bureau.campaign
    planned = {"kind": "office", "name": "办公室", "plan": "方案"}
    second = bodies.NewMember("成员", "马超二号", "", twice)
    wrong = (
        (lambda: set_up(campaign, by=by), "已经设有领导小组"),
        (lambda: set_up(campaign, by=by, kind="supervision"), "已有名为“领导小组”"),
        (
            lambda: set_up(campaign, by=by, **planned),
            "只有工作专班",
        ),
        (
            lambda: _add(group, by, second),
            "已在“领导小组”",
        ),
        (lambda: _add(group, by, bodies.NewMember("成员", "杨柳")), "已在“领导小组”"),
        (lambda: _add(group, by), "请填写组成人员"),
        (lambda: _add(group, by, since=ON - timedelta(days=1)), "任职日期应在"),
    )
    for act, words in wrong:
        with pytest.raises(Refused, match=words), transaction.atomic():
            act()
    campaigns.close(campaign, by=_principal(bureau), at=AT)
    with pytest.raises(Refused, match="活动已经结束"):
        _add(group, by, bodies.NewMember("成员", "林芳"))


def _principal(bureau):
    return Actor.of(person("局长", bureau.top, "leader", principal=True), on=ON)


def _add(body, by, *members, since=ON):
    return bodies.add_members(body, members=members, since=since, by=by, at=AT)


def test_a_body_is_changed_and_dissolved_with_its_members(bureau, group):
    by = bureau.top_office
    facts_ = facts("专项工作领导小组", host=bureau.center, purpose="统一领导")
    bodies.change(group, version=1, facts=facts_, by=by, at=AT)
    with pytest.raises(Stale):
        bodies.change(group, version=1, facts=facts_, by=by, at=AT)
    bodies.dissolve(group, until=ON, reason="换届", by=by, at=AT)

    group.refresh_from_db()
    assert (group.name, group.until, now_of(group)) == ("专项工作领导小组", ON, [])
    entry = TrailEntry.objects.of(group).get(act=Act.BODY_CHANGED)
    assert "原名称：领导小组" in entry.quote
    with pytest.raises(Refused, match="已撤销"):
        bodies.change(group, version=3, facts=facts_, by=by, at=AT)
    # Another may be set up in its place.
    assert set_up(bureau.campaign, by=by).is_task_force is False


def test_membership_opens_nothing(bureau):
    """A member of the leading group may what his duties say, and nothing else (0031)."""
    before = {act for act in policy.TABLE if policy.may_here(bureau.member, act, bureau.top)}
    set_up(bureau.campaign, ("组长", "马超", bureau.users["member"]), by=bureau.top_office)
    now = Actor.of(bureau.users["member"], on=ON)

    assert {act for act in policy.TABLE if policy.may_here(now, act, bureau.top)} == before
    assert now.duties == bureau.member.duties


def test_a_draft_is_advised_and_whoever_sets_it_up_is_an_author(bureau):
    draft = Campaign.objects.create(
        title="下一轮",
        code="NEXT",
        organization=bureau.center,
        starts_on=ON,
        ends_on=ON + timedelta(days=60),
    )
    assert [one.page for one in readiness.advice(draft)] == ["bodies"]
    obstacles = readiness.obstacles(draft, on=ON)
    group = set_up(draft, ("组长", "罗海", bureau.users["leader"]), by=bureau.office)

    assert readiness.advice(draft) == []
    assert readiness.obstacles(draft, on=ON) == obstacles
    assert drafts.authors(draft) == [bureau.users["office"]]
    assert not Body.objects.visible_to(bureau.member).filter(pk=group.pk).exists()
    draft.delete()  # a draft goes with what it has
    assert not Body.objects.filter(pk=group.pk).exists()


# ---------------------------------------------------------------- pages and paper


def test_namesakes_are_asked_for_and_nothing_typed_is_lost(bureau, travel, signed_in):
    other = person("马超", bureau.sibling)
    page = reverse("body-new", args=[bureau.campaign.pk])
    data = {"kind": "task_force", "name": "窗口专班", "since": ON, "plan": "一个方案"}
    data["lines"] = "组长：罗海\n成员：马超、杨柳"
    client = signed_in(bureau.users["top_office"])

    asked = client.post(page, data)
    assert "“马超”有2人，是哪一位" in asked.content.decode()
    assert "第二党支部" in asked.content.decode()
    assert "成员：马超、杨柳" in asked.content.decode()
    assert not Body.objects.exists()
    client.post(page, data | {"who_1": str(other.pk)})

    body = Body.objects.get()
    found = {one.name: one.user for one in body.members.all()}
    assert found == {"罗海": bureau.users["leader"], "马超": other, "杨柳": None}


def test_the_same_form_sent_twice_has_one_effect(bureau, travel, signed_in):
    page = reverse("body-new", args=[bureau.campaign.pk])
    data = {"kind": "supervision", "name": "督查组", "since": ON, "lines": "组长：罗海"}
    data["token"] = uuid.uuid4()
    client = signed_in(bureau.users["top_office"])
    answers = [client.post(page, data).status_code for _ in range(2)]

    assert (answers, Body.objects.count()) == ([302, 302], 1)


@pytest.mark.parametrize("count", [1, 3])
def test_the_chart_costs_the_same_however_many_bodies(bureau, travel, count, signed_in):
    by, users = bureau.top_office, bureau.users
    for number in range(count):
        members = [("组长", f"组长{'甲乙丙'[number]}"), ("成员", "马超", users["member"])]
        a_force(bureau.campaign, *members, by=by, name=f"专班{number}")
    page, client = reverse("bodies", args=[bureau.campaign.pk]), signed_in(users["member"])
    client.get(page)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(page)

    assert answer.content.decode().count("组长甲") == 1
    assert len(queries) == QUERIES


QUERIES = 8


def test_who_left_the_service_stands_out(bureau, group, travel, signed_in):
    User.objects.filter(name="马超").update(is_active=False)
    page = reverse("bodies", args=[bureau.campaign.pk])

    assert "账号已停用" in signed_in(bureau.users["colleague"]).get(page).content.decode()


def test_the_list_on_paper_names_everybody_once(bureau, group):
    a_force(bureau.campaign, ("组长", "马超", bureau.users["member"]), by=bureau.top_office)
    rows = in_order(bureau.campaign.bodies.current().with_members())
    paper = Document(BytesIO(word_of(bureau.campaign, rows)))

    text = [line.text for line in paper.paragraphs]
    cells = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert text[0] == "附件"
    assert {"一、领导小组", "二、窗口整改专班"} <= set(text)
    assert cells[0][1:3] == ["组　长：", "罗　海"]
    assert [row[2] for row in cells] == ["罗　海", "郑　洁", "杨　柳", "马　超"]
