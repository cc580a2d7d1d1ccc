"""Kits: files that are read whole or not at all, campaigns out of them and into them again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.actions import campaigns, checklists, drafts, kits
from campaigns.exports.kits import toml
from campaigns.imports.kits import BIGGEST, KitFaults, read, shipped
from campaigns.models import Campaign, CampaignPlan, Checklist, Kit
from campaigns.models.kit import KitChecklist, KitItem, KitStage
from reform.errors import Forbidden, Refused
from reform.models import Organization, Role, TrailEntry
from tests.factories import AT, ON, CampaignFactory, OrganizationFactory, actor, person

GOOD = """
code = "probe"
name = "试用套件"
title = "{单位}{年}年专项工作"
word = "工作"
office_name = "活动办"
days = 100
"""


@pytest.fixture
def committee():
    return OrganizationFactory(name="市局党组", kind="committee")


@pytest.fixture
def office(committee):
    return actor(person("何静", committee, Role.OFFICE))


def kit_of(code):
    return next(kit for kit in shipped() if kit.code == code)


def begun(kit, place, by, **facts):
    facts = {"title": "专项工作", "code": "KIT", "starts_on": date(2026, 7, 1)} | facts
    words = {"made_from": f"活动套件“{kit.name}”", "participants": [place]}
    return drafts.start(kit, organization=place, by=by, at=AT, **words | facts)


# ---------------------------------------------------------------- the files


@pytest.mark.no_database
def test_four_kits_are_shipped_each_with_a_plan():
    assert {kit.name: kit.empty_lists for kit in shipped()} == {
        "以案促改专项工作": ["四个查一查", "五查五看"],
        "庸懒散慢虚粗专项整治": [],
        "慵懒散浮拖整治": ["四个对照"],
        "纪律作风建设年": [],
    }
    for kit in shipped():
        assert len(kit.stages) >= 2
        assert len(kit.assignments) >= 8
        assert kit.summary


@pytest.mark.no_database
@pytest.mark.parametrize("kit", shipped(), ids=lambda kit: kit.code)
def test_a_kit_written_and_read_again_is_the_same(kit):
    for one in (
        kit,
        kits.completed(kit),
        replace(kit, summary='引号"、反斜线\\、换行\n、制表\t等'),
    ):
        assert read(toml(one)) == one


FAULTS = {
    "no toml": (b"code = ?", ("第1行第8列", "写法不对")),
    "GB18030": ("名称".encode("gb18030"), ("第1个字节", "UTF-8")),
    "too large": (b"#" * (BIGGEST + 1), ("文件", "500KB")),
    "nothing": (
        b"",
        ("套件的code：没有填写", "套件的title：没有填写", "套件的days：应为1至1100的整数"),
    ),
    "slip": ('tilte = "x"', ("套件：没有“tilte”这一项",)),
    "code": ('code = "大写"', ("套件的code：只用小写字母、数字和连字符",)),
    "word": ('word = "运动"', ("套件的word：应为下列之一：工作、整治、活动",)),
    "true is no number": ("days = true", ("套件的days：应为1至1100的整数",)),
    "text is no list": ('stages = "一"', ("套件的stages：应为方括号里的一列",)),
    "numbers are no stages": ("stages = [1, 2]", ("套件：stages应逐项写成 [[stages]]",)),
    "condition": (
        '[[stages]]\ntitle="查"\noffset=0\ndays=9\nconditions=["done"]',
        ("第1个阶段的conditions第1个：应为下列之一",),
    ),
    "late": (
        '[[stages]]\ntitle="查"\noffset=90\ndays=20',
        ("阶段“查”：到第110天结束，超出活动的100天",),
    ),
    "item": (
        '[[checklists]]\ntitle="甲"\nmode="pick"\nitems=[{name="庸"},{nam="懒"}]',
        ("第1个清单“甲”第2个条目：没有“nam”这一项", "第1个清单“甲”第2个条目的name：没有填写"),
    ),
    "same item": (
        '[[checklists]]\ntitle="甲"\nitems=[{name="庸"}]\n[[checklists]]\ntitle="乙"\nitems=[{name="庸"}]',
        ("各清单的条目（同一活动内不能同名）：“庸”重复",),
    ),
    "questions": (
        '[[checklists]]\ntitle="甲"\nmode="each"\nquestions=[{text="问"}]',
        ("第1个清单“甲”的questions：只有问答清单",),
    ),
    "parts": (
        '[[checklists]]\ntitle="甲"\nparts=["一"]',
        ("第1个清单“甲”的parts：应为三个部分的名称",),
    ),
    "long": (f'summary = "{"长" * 501}"', ("套件的summary：最多500字，现有501字",)),
    "no other": ('[[sources]]\nname="自己找"', ("来源：缺“其他”",)),
    "levels": (
        '[[levels]]\nname="甲"\nfits=["rest"]\nchain=["verify"]',
        ("销号层级：“个人问题”（personal）须由一个层级承担，现有0个",),
    ),
    "chain": (
        '[[levels]]\nname="甲"\nfits=["rest"]\nchain=[]',
        ("第1个销号层级的chain：至少写一个",),
    ),
    "ladder": (
        '[[ladder]]\ncause="overdue"\nworkdays=1\nrecipients=["office"]\n'
        '[[ladder]]\ncause="overdue"\nworkdays=3\nrecipients=["responsible"]',
        ("催办规则：次序颠倒",),
    ),
    "weekly": (
        '[weekly]\nbranch_weekday = 4\nbranch_hour = "11:30"',
        ("周报截止：基层单位与汇总单位",),
    ),
    "hour": ('[weekly]\noffice_hour = "25:00"', ("周报截止的office_hour：应为时刻",)),
    "digits": (f"days = {'9' * 5000}", ("位数过多的数字",)),
    "dots": (f"{'a.' * 60}b = 1", ("第8行：句点连起来的名称太多",)),
}


@pytest.mark.no_database
@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_file_is_read_by_no_part_and_each_fault_has_its_place(name):
    text, expected = FAULTS[name]
    if isinstance(text, str):
        kept = [line for line in GOOD.splitlines() if line.split(" =")[0] != text.split(" =")[0]]
        text = "\n".join([*kept, text]).encode()

    with pytest.raises(KitFaults) as refusal:
        read(text)
    for words in expected:
        assert any(words in fault for fault in refusal.value.faults), refusal.value.faults


# ---------------------------------------------------------------- a campaign out of a kit


def test_a_campaign_begins_with_everything_its_kit_says(committee, office):
    kit = kit_of("ji-lv-zuo-feng")
    campaign = begun(kit, committee, office)

    assert (campaign.status, campaign.word, campaign.office_name) == ("draft", "活动", "活动办")
    assert (campaign.ends_on - campaign.starts_on).days == 364
    assert [one.title for one in campaign.checklists.all()] == [one.title for one in kit.checklists]
    assert campaign.items.count() == sum(len(one.items) for one in kit.checklists)
    asked = campaign.checklists.get(title="三问三答").questions
    assert list(asked.values_list("finds", flat=True)) == [False, True, False]
    stages = CampaignPlan.of(campaign).dated()
    assert [stage.title for stage in stages] == ["学习教育", "问题查摆", "问题整改", "全面总结"]
    assert (stages[0].starts_on, stages[0].ends_on) == (date(2026, 7, 1), date(2026, 9, 28))
    assert stages[-1].ends_on == campaign.ends_on
    assert (campaign.sources.count(), campaign.closing_levels.count()) == (14, 3)
    assert [one.place for one in kits.changed(campaign)] == ["名称"]
    assert "由活动套件“纪律作风建设年”" in TrailEntry.objects.of(campaign).get().sentence


def test_its_stages_move_with_its_first_day(committee, office):
    campaign = begun(kit_of("yong-lan-san-fu-tuo"), committee, office)
    facts = {key: getattr(campaign, key) for key in drafts.BASICS}
    later = timedelta(days=30)
    facts |= {"starts_on": campaign.starts_on + later, "ends_on": campaign.ends_on + later}

    drafts.set_basics(campaign, facts=facts, edition=1, by=office, at=AT)

    plan = CampaignPlan.objects.get(campaign=campaign)
    assert [stage.starts_on for stage in plan.dated()] == [date(2026, 7, 31), date(2026, 9, 29)]


def test_what_it_was_changed_in_is_shown(committee, office):
    campaign = begun(kit_of("yong-lan-san-man-xu-cu"), committee, office)
    checklists.drop(campaign.checklists.get(title="四种问题表现"), by=office, at=AT)
    kept = campaign.checklists.get()
    facts = {key: getattr(kept, key) for key in checklists.COLUMNS}
    items = [KitItem("庸", "平庸"), *(KitItem(word, "") for word in "懒散慢虚粗"), KitItem("浮")]
    checklists.change(kept, facts=facts, items=items, by=office, at=AT)

    found = {one.place: (one.before, one.after) for one in kits.changed(campaign)}

    assert found["清单“庸懒散慢虚粗”的“浮”"] == ("", "有")
    assert found["清单“庸懒散慢虚粗”的“庸”"][1] == "平庸"
    assert found["清单“四种问题表现”"][1] == ""
    assert not any("阶段" in place or "任务" in place for place in found)


def test_a_campaign_becomes_a_kit_and_that_a_campaign_below(committee, office):
    """Export, import by a lower organization, adapt: the differences are to what it came from."""
    above = begun(kit_of("yi-an-cu-gai"), committee, office, title="市局党组2026年以案促改")
    below = OrganizationFactory(name="县局党组", parent=committee)
    clerk = actor(person("县办", below, Role.OFFICE))
    kit = read(toml(kits.of_campaign(above)))
    assert kit.title == "{单位}{年}年以案促改"

    copy = drafts.start(
        kit,
        title="县局党组2026年以案促改",
        code="XJ",
        organization=below,
        starts_on=above.starts_on,
        participants=[below],
        made_from="导入的套件",
        by=clerk,
        at=AT,
    )

    assert kits.changed(copy) == []
    rows = [vars(stage) for stage in CampaignPlan.of(copy).dated()[:2]]
    drafts.set_stages(copy, rows=rows, edition=1, by=clerk, at=AT)
    assert [one.place for one in kits.changed(copy)] == [
        "阶段“整改落实、建章立制”",
        "阶段“总结提高”",
    ]


def test_a_campaign_of_before_kits_is_a_kit_as_well():
    campaign = CampaignFactory()
    CampaignPlan.objects.filter(campaign=campaign).delete()

    kit = kits.of_campaign(campaign)

    assert read(toml(kit)) == kit
    assert kits.changed(campaign) == []


@pytest.mark.parametrize("role", [Role.LEADER, Role.SECRETARY, Role.LIAISON, Role.MEMBER])
def test_only_an_office_uses_a_kit(committee, role):
    who = actor(person("某人", committee, role))
    with pytest.raises(Forbidden):
        begun(shipped()[0], committee, who)
    assert not Campaign.objects.exists()


# ---------------------------------------------------------------- the draft


def test_of_two_who_edit_at_once_the_second_is_told(committee, office):
    campaign = begun(shipped()[0], committee, office)
    drafts.set_sources(campaign, rows=kits.SOURCES[-2:], edition=1, by=office, at=AT)

    with pytest.raises(Refused, match="刚被修改过"):
        drafts.set_sources(campaign, rows=kits.SOURCES, edition=1, by=office, at=AT)
    assert campaign.sources.count() == 2


STAGE = {"title": "查", "starts_on": date(2026, 7, 1), "ends_on": date(2026, 7, 9)}
STAGE |= {"goal": "", "conditions": ()}
REFUSALS = {
    "stage outside": (
        lambda c, **w: drafts.set_stages(c, rows=[STAGE | {"ends_on": date(2030, 1, 1)}], **w),
        "应在活动起止日期之内",
    ),
    "stages alike": (lambda c, **w: drafts.set_stages(c, rows=[STAGE, STAGE], **w), "名称相同"),
    "no other": (lambda c, **w: drafts.set_sources(c, rows=kits.SOURCES[:3], **w), "请保留“其他”"),
    "two rests": (
        lambda c, **w: drafts.set_levels(
            c, rows=[*kits.LEVELS, replace(kits.LEVELS[2], name="乙")], **w
        ),
        "应有且只有一个销号层级",
    ),
    "retired": (
        lambda c, **w: drafts.set_participants(
            c, add=[Organization(name="旧支部", retired_on=ON)], remove=[], **w
        ),
        "已撤销",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_makes_no_sense_is_refused_and_nothing_changes(committee, office, name):
    act, words = REFUSALS[name]
    campaign = begun(shipped()[1], committee, office)
    before = kits.of_campaign(campaign)

    with pytest.raises(Refused, match=words):
        act(campaign, edition=1, by=office, at=AT)
    assert kits.of_campaign(campaign) == before


def test_items_of_two_lists_bear_no_same_name(committee, office):
    campaign = begun(shipped()[1], committee, office)
    facts = {"title": "另一份", "purpose": "examination", "mode": "pick", "guidance": ""}
    facts["parts"] = ["一", "二", "三"]

    with pytest.raises(Refused, match="已在清单“庸懒散慢虚粗”里"):
        checklists.add(campaign, facts=facts, items=[KitItem("庸")], by=office, at=AT)


def test_an_empty_list_is_named_before_publishing(committee, office):
    campaign = begun(kit_of("yi-an-cu-gai"), committee, office)
    leader = actor(person("罗海", committee, Role.LEADER, principal=True))

    with pytest.raises(Refused, match="清单“四个查一查”是空的"):
        campaigns.publish(campaign, by=leader, at=AT)
    assert Campaign.objects.get().status == "draft"


# ---------------------------------------------------------------- the pages


@pytest.fixture
def browser(client, office):
    client.force_login(office.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_from_kit_to_ready_in_one_page(browser, committee, office, settings):
    """Everything but the kit is prefilled: what the page shows is what is sent."""
    page = browser.get(reverse("campaign-new"), {"kit": "yong-lan-san-man-xu-cu"})
    form = page.context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    answer = browser.post(reverse("campaign-new"), sent, follow=True)

    campaign = Campaign.objects.get()
    assert campaign.title.startswith("市局党组")
    assert campaign.code.startswith("YLSMXC-")
    assert answer.context["obstacles"] == []
    assert "方案已齐备" in answer.content.decode()


def test_a_wrong_file_makes_no_campaign_and_says_where(browser, committee):
    wrong = SimpleUploadedFile("套件.toml", (GOOD + 'foo = 1\n[[stages]]\ntitle="查"').encode())
    data = {"file": wrong, "organization": f"市局党组 #{committee.pk}", "code": "X"}
    answer = browser.post(reverse("kit-import"), data | {"starts_on": "2026-07-01"})

    assert "没有“foo”这一项" in answer.content.decode()
    assert "第1个阶段的offset" in answer.content.decode()
    assert not Campaign.objects.exists()


def test_a_good_file_needs_neither_a_name_nor_a_code(browser, committee):
    good = SimpleUploadedFile("套件.toml", GOOD.encode())
    data = {"file": good, "organization": f"市局党组 #{committee.pk}", "starts_on": "2026-07-01"}
    browser.post(reverse("kit-import"), data)

    campaign = Campaign.objects.get()
    assert campaign.code.endswith("-2026")
    assert campaign.title


def test_a_pasted_table_becomes_a_checklist(browser, committee, office):
    campaign = begun(Kit("x", "空", "空", 90), committee, office)
    data = {
        "edition": 1,
        "title": "六大纪律",
        "purpose": "examination",
        "mode": "each",
        "parts": "症状、病根、药方",
        "items": "政治纪律\t站位不高\n\n工作纪律：迟到：早退\r\n生活纪律",
    }
    browser.post(reverse("checklist-new", args=[campaign.pk]), data)

    checklist = Checklist.objects.get()
    assert checklist.parts == ["症状", "病根", "药方"]
    assert list(checklist.items.values_list("name", "description")) == [
        ("政治纪律", "站位不高"),
        ("工作纪律", "迟到：早退"),
        ("生活纪律", ""),
    ]


def test_questions_keep_their_mark(browser, committee, office):
    kit = Kit("x", "空", "空", 90, checklists=(KitChecklist("问", items=(KitItem("甲"),)),))
    checklist = begun(kit, committee, office).checklists.get()
    data = {"edition": 1, "title": "三问三答", "purpose": "examination", "mode": "questions"}
    browser.post(
        reverse("checklist", args=[checklist.pk]),
        data | {"questions": "我了解多少？\n* 我存在哪些问题？\n今后怎么办？"},
    )

    assert list(checklist.questions.values_list("text", "finds")) == [
        ("我了解多少？", False),
        ("我存在哪些问题？", True),
        ("今后怎么办？", False),
    ]
    assert not checklist.items.exists()


def test_a_stage_is_moved_emptied_and_added_on_one_page(browser, committee, office):
    stages = (KitStage("一", 0, 10), KitStage("二", 10, 10))
    campaign = begun(Kit("x", "空", "空", 90, stages=stages), committee, office)
    data = {
        "edition": 1,
        "title_0": "一",
        "starts_on_0": "2026-07-05",
        "ends_on_0": "2026-07-20",
        "title_1": "",
        "starts_on_1": "",
        "ends_on_1": "",
        "title_2": "先",
        "starts_on_2": "2026-07-01",
        "ends_on_2": "2026-07-04",
    }
    browser.post(reverse("draft-stages", args=[campaign.pk]), data)

    dated = CampaignPlan.of(campaign).dated()
    assert [(stage.title, stage.starts_on.day) for stage in dated] == [("先", 1), ("一", 5)]
