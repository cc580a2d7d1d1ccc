"""The pages of the trail: who sees which entries, what of them, and that looking is recorded."""

import ast
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.db import connection, models
from django.urls import reverse
from python_calamine import CalamineWorkbook

from campaigns.models.act import Act as CampaignAct
from rectification.forms.trail import choices
from reform.actions import anchors, seals, trail
from reform.exports import trail_jobs
from reform.exports.trail import walk
from reform.models import Act as GroundAct
from reform.models import Job, Organization, Role, TrailEntry, TrailSeal, triggers
from reform.models import trail_search as searching
from reform.models.trail_detail import WORDS, facts, in_words
from reform.models.trail_search import TrailSearch
from reform.tasks import run_waiting_trail_jobs, seal_trail
from tests.factories import AT, ON, OrganizationFactory, actor, person

pytestmark = pytest.mark.dealt

DAY = timedelta(days=1)


class Act(models.TextChoices):
    DONE = "test.done", "办理"
    OTHER = "test.other", "另办"


@pytest.fixture
def bureau_of_three(client):
    """A branch, the three administrators, and a browser for whoever is asked for."""
    top = OrganizationFactory(name="市交通局党组", kind="committee")
    branch = OrganizationFactory(name="第一党支部", parent=top)
    users = {
        "business": person("周敏", branch),
        "system": person("系统员", top, Role.SYSTEM),
        "security": person("安全员", top, Role.SECURITY),
        "audit": person("审计员", top, Role.AUDIT),
    }
    with time_machine.travel(AT + DAY, tick=False):
        yield {name: actor(user) for name, user in users.items()} | {"branch": branch, "top": top}


@pytest.fixture
def by(bureau_of_three):
    return bureau_of_three["business"]


@pytest.fixture
def auditor(client, bureau_of_three):
    client.force_login(
        bureau_of_three["audit"].user, backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def shown(client, query=""):
    response = client.get(f"{reverse('trail')}?{query}")
    assert response.status_code == 200
    return [entry.said or entry.subject for entry in response.context["entries"]]


# ---------------------------------------------------------------- who sees which


def test_auditors_see_what_others_did_and_the_security_administrator_what_auditors_did(
    bureau_of_three,
):
    for name in ("business", "system", "security", "audit"):
        trail.record(Act.DONE, bureau_of_three["branch"], by=bureau_of_three[name], at=AT, say=name)
    trail.record(Act.DONE, bureau_of_three["branch"], by=None, at=AT, unknown="张三？", say="谁")

    seen = {
        name: [
            entry.said
            for entry in TrailEntry.objects.visible_to(bureau_of_three[name]).order_by("pk")
        ]
        for name in ("business", "system", "security", "audit")
    }
    assert seen == {
        "business": [],
        "system": [],
        "security": ["audit"],
        "audit": ["business", "system", "security", "谁"],
    }


def test_an_entry_says_in_which_capacity_and_from_which_organization(bureau_of_three):
    entries = [
        trail.record(Act.DONE, bureau_of_three["branch"], by=bureau_of_three[name], at=AT)
        for name in ("business", "security")
    ]

    assert [(entry.made_as, str(entry.organization)) for entry in entries] == [
        ("", "第一党支部"),
        ("security", "市交通局党组"),
    ]


# ---------------------------------------------------------------- metadata only


def test_what_somebody_wrote_reaches_no_auditor(auditor, by, bureau_of_three):
    branch = bureau_of_three["branch"]
    entry = trail.record(
        Act.DONE, branch, by=by, at=AT, say="第1次", quote="本人作风漂浮", statement="深刻检讨"
    )
    TrailEntry.objects.create(
        act="problem.drafted",
        sentence="起草问题：旧日的原文",
        target="rectification.problem:1",
        by=by.user,
        by_name="周敏",
        at=AT,
        detail={"text": "旧日的明细"},
    )
    business = trail.record(
        *(Act.DONE, branch), by=by, at=AT, quote="某人的问题", changed={"cause": ["甲因", "乙因"]}
    )
    triggers.drop_all(connection)
    TrailEntry.objects.filter(pk=business.pk).update(target="rectification.problem:7")

    pages = [
        auditor.get(reverse("trail")).content.decode(),
        *(
            auditor.get(reverse("trail-entry", args=[row.pk])).content.decode()
            for row in TrailEntry.objects.visible_to(bureau_of_three["audit"])
        ),
        auditor.post(reverse("trail-export")).getvalue(),
    ]
    book = CalamineWorkbook.from_filelike(BytesIO(pages.pop()))
    pages += [str(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    for text in ("本人作风漂浮", "旧日的原文", "旧日的明细", "某人的问题", "甲因", "乙因"):
        assert [text in page for page in pages] == [False] * len(pages)
    for words in ("作风漂浮", "旧日的原文"):
        assert shown(auditor, f"q={words}") == []
    assert entry.in_full == "办理：第1次：本人作风漂浮"


def test_the_detail_is_said_in_words(by, bureau_of_three):
    branch = bureau_of_three["branch"]
    entry = trail.record(
        Act.DONE,
        branch,
        by=by,
        at=AT,
        was={"name": "旧名", "kept": True},
        becomes=["甲", None, "乙"],
        kind="ledger_data",
        facts={"params": 1},
        empty="",
    )

    assert facts(entry) == [
        ("原为", "name：旧名；kept：是"),
        ("改为", "甲、乙"),
        ("种类", "台账（数据版）"),
    ]


def test_of_a_business_row_only_known_facts_are_said(by):
    entry = TrailEntry(
        target="rectification.problem:1",
        subject="A-1",
        detail={"due_on": "2026-06-30", "reason": "原文", "sha256": "ab"},
    )

    assert facts(entry) == [("整改时限", "2026-06-30"), ("文件校验值", "ab")]


# ---------------------------------------------------------------- searching


@pytest.fixture
def crowd(bureau_of_three):
    """One entry a day, each different in one way; the name is what differs."""
    branch, top, by = (bureau_of_three[name] for name in ("branch", "top", "business"))
    elsewhere = OrganizationFactory(name="市水利局党组")
    other = actor(person("马超", elsewhere))
    far = type(by)(by.user, by.on, by.duties, "10.9.9.9")
    for place, (act, target, who, say) in enumerate(
        [
            (Act.DONE, branch, by, "甲"),
            (Act.OTHER, branch, by, "事项"),
            (Act.DONE, elsewhere, by, "对象"),
            (Act.DONE, branch, other, "人"),
            (Act.DONE, branch, far, "地址"),
            (Act.DONE, branch, bureau_of_three["system"], "系统"),
            (Act.DONE, branch, None, "无人"),
        ]
    ):
        trail.record(act, target, by=who, at=AT - place * DAY, say=say, unknown="谁")
    return {
        "branch": branch.pk,
        "top": top.pk,
        "elsewhere": elsewhere.pk,
        "other": other.user.pk,
    }


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, ["甲", "事项", "对象", "人", "地址", "系统", "无人"]),
        ({"since": ON - 2 * DAY}, ["甲", "事项", "对象"]),
        ({"until": ON - 5 * DAY}, ["系统", "无人"]),
        ({"since": ON - DAY, "until": ON - DAY}, ["事项"]),
        ({"act": "test.other"}, ["事项"]),
        ({"subject": "市水利局党组"}, ["对象"]),
        ({"subject": "没有"}, []),
        ({"address": "10.9.9.9"}, ["地址"]),
        ({"person": "other"}, ["人"]),
        ({"organization": "branch"}, ["甲", "事项", "对象", "地址"]),
        ({"organization": "top"}, ["甲", "事项", "对象", "地址", "系统"]),
        ({"organization": "elsewhere"}, ["人"]),
        ({"organization": 0}, ["甲", "事项", "对象", "人", "地址", "系统", "无人"]),
        ({"organization": -1}, []),
        ({"capacity": "business"}, ["甲", "事项", "对象", "人", "地址"]),
        ({"capacity": "system"}, ["系统"]),
        ({"capacity": "nobody"}, ["无人"]),
        ({"words": "系"}, ["系统"]),
        ({"words": "办理", "until": ON - 4 * DAY}, ["地址", "系统", "无人"]),
    ],
)
@pytest.mark.both
def test_the_trail_is_searched_by(bureau_of_three, crowd, search, found):
    given = TrailSearch(**{name: crowd.get(value, value) for name, value in search.items()})

    assert [entry.said for entry in given.rows(bureau_of_three["audit"])] == found
    assert TrailSearch.of(given.to_json()) == given


def test_a_row_is_found_with_all_that_was_done_under_earlier_names(bureau_of_three, by):
    branch = bureau_of_three["branch"]
    trail.record(Act.DONE, branch, by=by, at=AT, say="先前")
    Organization.objects.filter(pk=branch.pk).update(name="新名")
    branch.refresh_from_db()
    trail.record(Act.DONE, branch, by=by, at=AT, say="后来")

    for name in ("第一党支部", "新名"):
        rows = TrailSearch(subject=name).rows(bureau_of_three["audit"])
        assert [entry.said for entry in rows] == ["后来", "先前"]


def test_words_are_looked_for_in_the_newest_and_the_page_says_so(
    auditor, bureau_of_three, crowd, monkeypatch
):
    monkeypatch.setattr(searching, "WINDOW", 3)

    response = auditor.get(f"{reverse('trail')}?q=办理")
    assert [entry.said for entry in response.context["entries"]] == ["甲", "对象", "人"]
    assert "按词查找只看最近" in response.content.decode()
    assert shown(auditor, f"q=办理&until={ON - 4 * DAY}") == ["地址", "系统", "无人"]


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-13-01",
        "until=昨天",
        "person=不存在",
        "organization=%23999999999999999999",
        "act=nothing",
        "capacity=audit",
        "q=%00%00",
        "page=99999999",
        "subject=" + "长" * 300,
        "address=%27%3B--",
    ],
)
@pytest.mark.both
def test_a_strange_address_shows_a_page(auditor, crowd, query):
    assert auditor.get(f"{reverse('trail')}?{query}").status_code == 200


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_costs_the_same_at_one_row_and_at_fifty(
    auditor, by, bureau_of_three, count, django_assert_num_queries
):
    for _ in range(count):
        trail.record(Act.DONE, bureau_of_three["branch"], by=by, at=AT)
    auditor.get(reverse("trail"))

    with django_assert_num_queries(7):
        assert len(shown(auditor)) == count


def test_every_act_of_every_floor_may_be_chosen():
    groups = dict(choices()[1:])

    assert sum(map(len, groups.values())) < 200
    assert {code for group in groups.values() for code, _ in group} >= {*GroundAct.values}
    assert ("problem.registered", "入账") in groups["问题"]
    whole = {code for code, _ in groups["活动（按事项类别）"]}
    assert {f"{code.partition('.')[0]}." for code in CampaignAct.values} <= whole


def test_acts_about_campaigns_are_found_by_what_they_are_about(auditor, by, bureau_of_three):
    for act in ("portrait.shown", "portrait.read", "portraits", "problem.drafted"):
        TrailEntry.objects.create(act=act, sentence=act, target="x:1", by_name="周敏", at=AT)

    page = auditor.get(f"{reverse('trail')}?act=portrait.").content.decode()

    assert "portrait.shown" in page
    assert "portrait.read" in page
    assert "problem.drafted</a>" not in page
    assert ">portraits<" not in page


# ---------------------------------------------------------------- looking is recorded


def test_each_search_is_in_the_trail_and_turning_its_pages_is_not(auditor, bureau_of_three):
    auditor.get(reverse("trail"))
    auditor.get(f"{reverse('trail')}?page=2")
    auditor.get(f"{reverse('trail')}?subject=A-1&since=2026-06-01")

    made = TrailEntry.objects.filter(act="trail.searched").order_by("pk")
    assert [entry.said for entry in made] == ["全部", "时间自2026-06-01，对象A-1"]
    assert set(made) <= set(TrailEntry.objects.visible_to(bureau_of_three["security"]))


# ---------------------------------------------------------------- Excel


def test_the_excel_holds_what_was_found_and_is_recorded(auditor, bureau_of_three, crowd):
    response = auditor.post(f"{reverse('trail-export')}?act=test.other")
    book = CalamineWorkbook.from_filelike(BytesIO(response.getvalue()))
    heading, row = book.get_sheet_by_name("操作留痕").to_python()

    assert dict(zip(heading, row, strict=True)) == {
        "编号": TrailEntry.objects.get(act="test.other").pk,
        "时间": "2026-06-02 09:00:00",
        "操作人": "周敏",
        "身份": "业务人员",
        "操作人单位": "第一党支部",
        "代谁": "",
        "事项": "另办",
        "对象类别": "党组织",
        "对象": "第一党支部",
        "说明": "另办：事项",
        "来源地址": "127.0.0.1",
        "明细": "",
    }
    made = TrailEntry.objects.filter(made_as="audit").order_by("pk")
    assert [entry.act for entry in made] == ["job.asked", "trail.exported"]
    assert made[1].said == "事项另办，1条"


def test_a_long_excel_is_the_workers(auditor, bureau_of_three, crowd, monkeypatch):
    monkeypatch.setattr(trail_jobs, "AT_ONCE", 2)
    response = auditor.post(reverse("trail-export"))
    job = Job.objects.get()
    assert response.url == job.get_absolute_url()

    run_waiting_trail_jobs()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert TrailEntry.objects.get(act="trail.exported").detail["count"] == 7


def test_an_excel_that_finds_nothing_has_its_heading(auditor, bureau_of_three):
    book = CalamineWorkbook.from_filelike(BytesIO(auditor.post(reverse("trail-export")).getvalue()))

    assert len(book.get_sheet_by_name("操作留痕").to_python()[0]) == 12


def test_rows_are_walked_by_key_without_loss(bureau_of_three, by, monkeypatch):
    monkeypatch.setattr("reform.exports.trail.AT_ONCE", 3)
    for place in range(10):
        trail.record(Act.DONE, bureau_of_three["branch"], by=by, at=AT + place // 4 * DAY)

    rows = TrailSearch().rows(bureau_of_three["audit"])
    assert list(walk(rows)) == list(rows)


# ---------------------------------------------------------------- seals


def test_the_page_of_the_seals_says_when_and_what_and_checks(auditor, by, bureau_of_three):
    page = auditor.get(reverse("trail-seals")).content.decode()
    assert "还没有封存过" in page
    assert "还没有校验过" in page

    trail.record(Act.DONE, bureau_of_three["branch"], by=by, at=AT)
    seal_trail()
    assert auditor.post(reverse("trail-check")).url == reverse("trail-seals")
    page = auditor.get(reverse("trail-seals")).content.decode()
    assert TrailSeal.objects.get().digest in page
    assert "校验通过：1次封存、1条留痕，均与封存时一致。" in page
    entry = TrailEntry.objects.get(act="trail.verified")
    assert (entry.made_as, entry.said[:4]) == ("audit", "校验通过")


def test_a_check_that_finds_something_says_it_on_the_page(auditor, by, bureau_of_three):
    trail.record(Act.DONE, bureau_of_three["branch"], by=by, at=AT)
    seals.seal_all(at=AT)
    anchors.place().unlink()
    auditor.post(reverse("trail-check"))

    page = auditor.get(reverse("trail-seals")).content.decode()
    assert "校验不通过，发现1处不符：" in page
    assert "不存在，无法与库外记录核对。" in page
    assert "请保留现场" in page


def test_a_long_check_is_the_workers(auditor, by, bureau_of_three, monkeypatch):
    monkeypatch.setattr(trail_jobs, "CHECKED_AT_ONCE", 0)
    trail.record(Act.DONE, bureau_of_three["branch"], by=by, at=AT)
    seals.seal_all(at=AT)
    response = auditor.post(reverse("trail-check"))
    job = Job.objects.get()
    assert response.url == job.get_absolute_url()

    run_waiting_trail_jobs()
    job.refresh_from_db()
    assert job.result.file.read().decode("utf-8-sig").startswith("校验通过")


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_of_the_seals_costs_the_same_at_one_and_at_fifty(
    auditor, bureau_of_three, count, django_assert_num_queries
):
    for place in range(count):
        seals.seal_all(at=AT + place * DAY)
    auditor.get(reverse("trail-seals"))

    with django_assert_num_queries(9):
        auditor.get(reverse("trail-seals"))


def test_an_entry_says_whether_it_is_sealed(auditor, by, bureau_of_three):
    entry = trail.record(Act.DONE, bureau_of_three["branch"], by=by, at=AT)
    url = reverse("trail-entry", args=[entry.pk])
    assert "尚未封存" in auditor.get(url).content.decode()

    seals.seal_all(at=AT)
    assert "已由第1号封存" in auditor.get(url).content.decode()


def test_days_are_those_of_beijing(bureau_of_three, by):
    late = AT.replace(hour=15, minute=59)  # 23:59 in Beijing
    trail.record(Act.DONE, bureau_of_three["branch"], by=by, at=late, say="当日")
    trail.record(
        *(Act.DONE, bureau_of_three["branch"]), by=by, at=late + timedelta(minutes=1), say="次日"
    )

    rows = TrailSearch(since=ON, until=ON).rows(bureau_of_three["audit"])
    assert [entry.said for entry in rows] == ["当日"]
    assert date(2026, 6, 3) == ON


ASIDE = {
    "by",
    "at",
    "say",
    "behalf",
    "quote",
    "facts",
    "opinion",
    "statement",
    "unknown",
    "address",
}


def test_whatever_an_act_keeps_as_detail_has_a_word_for_the_auditor():
    kept = set()
    for path in Path().glob("*/actions/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "trail.record":
                kept |= {keyword.arg for keyword in node.keywords if keyword.arg}

    assert len(kept) > 20
    assert kept - ASIDE - WORDS.keys() == set()


def test_figures_and_roles_of_a_merger_are_said_in_chinese():
    said = in_words({"open_rows": 3, "ended": [{"user": 7, "role": "secretary"}]})

    assert said == "未销号问题：3；终止的职责：人员（编号）：7；职责：支部书记"
