"""Goals of a campaign: kits, drafts, numbers that open what they count, numbers that are given."""

from dataclasses import replace

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.urls import reverse

from campaigns.actions import activities, drafts, goals, kits
from campaigns.exports.kits import toml
from campaigns.imports.kits import KitFaults, read, shipped
from campaigns.models import CampaignPlan, Goal, GoalFigure
from campaigns.models.goal import FACTS, FIGURES, HELD, MOST_GOALS
from campaigns.models.kit_words import differences
from rectification.actions import measures
from rectification.models import CaseLink
from rectification.models.goals import BY_METRIC, RATIOS, SENTENCES, UNITS, ratio
from rectification.models.metric import METRICS
from reform.errors import Forbidden, Refused
from reform.models import Role, TrailEntry
from tests.factories import AT, ON, actor, person
from tests.rectification.cases import aim, written
from tests.rectification.stages import meeting

FIVE = [goal.title for goal in shipped()[0].goals]


@pytest.fixture(autouse=True)
def travel():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def aimed(bureau, rectifying):
    """A campaign with the five goals; a problem that came of a case, with a lasting measure done,
    and two activities."""
    aim(bureau.campaign)
    case = written(bureau.campaign, by=bureau.top_office)
    CaseLink.objects.create(case=case, problem=rectifying, by=bureau.member.user, at=AT)
    measure = measures.plan(
        rectifying, facts={"text": "修订办法", "kind": "lasting"}, by=bureau.member, at=AT
    )
    measures.finish(measure, done_on=ON, note="", by=bureau.member, at=AT)
    for place, kind in ((bureau.branch, "warning"), (bureau.top, "warning")):
        facts = meeting(place, kind=kind)
        activities.enter(bureau.campaign, facts=facts, by=bureau.top_office, at=AT)
    return bureau.campaign


@pytest.fixture
def inspector(bureau):
    return actor(person("秦岭", bureau.top, Role.INSPECTOR))


def numbers(page):
    return {count.code: count for _, counts in page.context["goals"] for count in counts}


# ---------------------------------------------------------------- kits and drafts


@pytest.mark.no_database
def test_every_fact_is_counted_in_one_way_and_said_in_words():
    ways = [*HELD, *BY_METRIC, *RATIOS, *FIGURES]
    assert sorted(ways) == sorted(FACTS)
    assert {*SENTENCES} == {*FACTS}
    assert {*UNITS} | {*RATIOS} == {*FACTS}
    assert {*BY_METRIC.values()} <= {*METRICS}


@pytest.mark.no_database
def test_the_kits_whose_sources_name_five_goals_have_them():
    found = {kit.code: [goal.title for goal in kit.goals] for kit in shipped()}
    assert len(FIVE) == 5
    assert found == {
        "yi-an-cu-gai": FIVE,
        "yong-lan-san-man-xu-cu": FIVE,
        "yong-lan-san-fu-tuo": [],
        "ji-lv-zuo-feng": [],
    }
    assert all(goal.facts for kit in shipped() for goal in kit.goals)


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("written_", "said"),
    [
        ('[[goals]]\ntitle="甲"\nfacts=["clues"]', "第1个目标的facts第1个：应为下列之一"),
        ('[[goals]]\nfacts=["problems_total"]', "第1个目标的title：没有填写"),
        ('[[goals]]\ntitle="甲"\nfact=[]', "第1个目标：没有“fact”这一项"),
        ('[[goals]]\ntitle="甲"\n[[goals]]\ntitle="甲"', "目标：“甲”重复"),
        ('[[goals]]\ntitle="甲"\n' * (MOST_GOALS + 1), f"套件的goals：最多{MOST_GOALS}项"),
    ],
)
def test_a_fault_of_a_goal_is_told_with_its_place(written_, said):
    head = toml(replace(shipped()[2])).decode().split("\n[[stages]]")[0]
    with pytest.raises(KitFaults, match=said.replace("[", r"\[")):
        read(f"{head}\n{written_}\n".encode())


def test_goals_go_from_the_kit_to_the_draft_and_back_and_differences_are_told(bureau):
    kit = kits.completed(shipped()[0])
    facts = {"title": "专项", "code": "K", "organization": bureau.center, "starts_on": ON}
    office = {"by": bureau.office, "at": AT}
    draft = drafts.start(kit, participants=[bureau.center], made_from="套件", **facts, **office)
    assert [goal.title for goal in goals.of(draft)] == FIVE
    assert kits.of_campaign(draft).goals == kit.goals

    rows = [Goal(FIVE[1], ("problems_closed", "problems_total"))]
    goals.set_goals(draft, rows=rows, edition=1, **office)

    places = [one.place for one in kits.changed(draft) if one.place.startswith("目标")]
    assert places == [f"目标“{title}”" for title in FIVE]
    assert goals.of(draft)[0].facts == ("problems_total", "problems_closed")  # in their order
    with pytest.raises(Refused, match="写了两次"):
        goals.set_goals(draft, rows=[Goal("甲"), Goal("甲")], edition=2, **office)
    with pytest.raises(Refused, match="刚被修改过"):
        goals.set_goals(draft, rows=rows, edition=1, **office)
    with pytest.raises(Forbidden):
        goals.set_goals(draft, rows=rows, edition=2, by=bureau.leader, at=AT)
    with pytest.raises(Refused, match="活动已批准发布"):
        goals.set_goals(bureau.campaign, rows=rows, edition=None, by=bureau.top_office, at=AT)
    # What was kept before there were goals is compared all the same.
    old = kit.data()
    del old["goals"]
    assert differences(old, kit.data())[-1].place == f"目标“{FIVE[-1]}”"


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("who", ["secretary", "office", "inspector", "leader", "top_office"])
def test_every_number_opens_exactly_what_it_counts(bureau, aimed, signed_in, who):
    browser = signed_in(getattr(bureau, who))

    found = numbers(browser.get(reverse("goals", args=[aimed.pk])))

    opened = 0
    for code, count in found.items():
        if not count.url:
            continue
        page = browser.get(count.url)
        rows = page.context["rows"] if code not in HELD else page.context["object_list"]
        expected = found["problems_closed"].shown if code in RATIOS else count.shown
        assert (code, str(len(rows))) == (code, expected)
        opened += len(rows)
    assert opened >= 4


def test_the_numbers_of_the_whole_and_of_a_part(bureau, aimed, signed_in):
    browser, url = signed_in(bureau.top_office), reverse("goals", args=[aimed.pk])
    whole = numbers(browser.get(url))
    assert {code: count.shown for code, count in whole.items()} == {
        "held_warning": "2",
        "held_meeting": "0",
        "problems_total": "1",
        "problems_closed": "0",
        "closed_ratio": "0.00%",
        "lasting_done": "1",
        "cases_handled": None,
        "problems_overdue": "0",
        "problems_of_cases": "1",
    }

    page = browser.get(f"{url}?organization=第二党支部")
    assert "问题方面，查摆问题0个、销号0个；" in page.context["paragraph"]
    part = numbers(page)
    assert part["problems_total"].shown == "0"
    assert part["closed_ratio"].shown == "—"
    page = browser.get(f"{url}?organization=市水利局党组").content.decode()
    assert "活动目标" in page
    assert (
        "没有找到"
        in signed_in(bureau.office).get(f"{url}?organization=市交通局党组").content.decode()
    )


def test_a_member_is_told_nothing_of_figures_and_a_campaign_without_goals_says_so(
    bureau, signed_in
):
    url = reverse("goals", args=[bureau.campaign.pk])
    CampaignPlan.objects.update(goals=[])
    assert signed_in(bureau.member).get(url).status_code == 403
    assert "没有设定目标" in signed_in(bureau.top_office).get(url).content.decode()


@pytest.mark.no_database
def test_a_ratio_is_a_hundred_only_when_it_is_all():
    assert [ratio(*pair) for pair in ((0, 0), (0, 3), (2, 3), (99_999, 100_000), (3, 3))] == [
        *("—", "0.00%", "66.66%", "99.99%", "100.00%"),
    ]


# ---------------------------------------------------------------- given


def given(campaign, by, **facts):
    facts = {"code": "cases_handled", "number": 2, "on": ON, "document": "纪检通报"} | facts
    return goals.give(campaign, by=by, at=AT, **facts)


def test_a_number_is_given_by_the_discipline_side_with_its_document(
    bureau, aimed, inspector, signed_in
):
    url = reverse("goals", args=[aimed.pk])
    page = signed_in(bureau.top_office).get(url)
    assert "未提供" in page.content.decode()
    assert "查处案件数未提供" in page.context["paragraph"]
    for who in (bureau.top_office, bureau.inspector, bureau.secretary, bureau.leader):
        with pytest.raises(Forbidden):
            given(aimed, who)
    for wrong, said in (
        ({"document": ""}, "依据文件"),
        ({"number": -1}, "0至"),
        ({"on": ON.replace(day=4)}, "不能晚于今天"),
        ({"code": "problems_total"}, "不需要"),
    ):
        with pytest.raises(Refused, match=said):
            given(aimed, inspector, **wrong)

    browser = signed_in(inspector)
    data = {"code": "cases_handled", "number": "3", "on": "2026-06-01", "document": "纪检通报"}
    token = {"token": "00000000-0000-4000-8000-000000000005"}
    for _ in range(2):
        browser.post(reverse("goal-figure", args=[aimed.pk]), data | token)
    given(aimed, inspector, number=4)

    assert [row.number for row in GoalFigure.objects.all()] == [4, 3]
    assert TrailEntry.objects.filter(act="goal.figure_given").count() == 2
    page = signed_in(bureau.top_office).get(url)
    assert numbers(page)["cases_handled"].shown == "4"
    assert page.context["paragraph"] == (
        f"截至2026年6月3日，市交通局党组开展{aimed}，教育方面，开展警示教育2次；"
        "问题方面，查摆问题1个、销号0个、销号率0.00%；"
        "制度方面，1个问题的长久立措施已完成；"
        "案件方面，查处案件4件（依据纪检通报，截至2026年6月3日）；"
        "效能方面，逾期0个、由案例引出问题1个。"
    )


def test_a_number_that_was_given_stays(aimed, inspector):
    row = given(aimed, inspector)
    for change in (row.delete, lambda: GoalFigure.objects.update(number=9)):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
