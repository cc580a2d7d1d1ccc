"""The draft of a stage's summary (阶段小结): counted, titled as the campaign says."""

from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from docx import Document

from campaigns.actions import activities, assignments, stage_turns, stages
from campaigns.models import CampaignPlan, Stage
from rectification.models import Problem
from rectification.reports import stage_summary
from reform.models import TrailEntry
from tests.campaigns.sheets import sent
from tests.factories import AT, ON, ProblemFactory
from tests.rectification.stages import PLANNED, meeting, shut, task


@pytest.fixture
def by(bureau):
    return bureau.top_office


@pytest.fixture
def stage(bureau, by):
    first = PLANNED[0] | {"conditions": ["examinations_submitted"], "goal": "学深学透。"}
    rows = stages.set_up(bureau.campaign, [first, *PLANNED[1:]], by=by, at=AT)
    stage_turns.open_next(rows[0], invited=False, by=by, at=AT)
    return Stage.objects.get(pk=rows[0].pk)


def lines(stage):
    later = AT + timedelta(hours=1)
    document = Document(BytesIO(stage_summary.word_of(stage, on=ON, at=later)))
    return [paragraph.text for paragraph in document.paragraphs]


def test_it_counts_what_was_done_what_is_left_and_what_comes(bureau, stage, by, rectifying):
    CampaignPlan.objects.update_or_create(
        campaign=bureau.campaign, defaults={"reports": {"stage": "以案促改阶段报告"}}
    )
    Problem.objects.filter(pk=rectifying.pk).update(due_on=date(2026, 6, 1))
    for day in (1, 2):
        activities.enter(
            bureau.campaign, facts=meeting(bureau.branch, on=date(2026, 6, day)), by=by, at=AT
        )
    facts = {"stage": stage, "due_on": date(2026, 6, 1), "due_text": "6月1日前"}
    late = {"task": "排查 <A&B>", "person_name": "马超"}
    assignments.add(bureau.campaign, facts=task(bureau.branch, **facts, **late), by=by, at=AT)
    done = assignments.add(bureau.campaign, facts=task(bureau.sibling, **facts), by=by, at=AT)
    assignments.progress(done, text="已办", status="done", on=ON, by=by, at=AT)
    sent(bureau.campaign, bureau.member)

    said = lines(stage)

    assert said[:2] == ["以案促改阶段报告", "（学习教育阶段）"]
    assert [line for line in said if line[:2] in {"一、", "二、", "三、"}] == [
        "一、工作开展情况",
        "二、存在的问题",
        "三、下一步打算",
    ]
    for line in (
        "先后召开专题会议2次。",
        "本阶段分解任务2项，已完成1项。",
        "一是还有1件问题已过整改时限、尚未申请销号。",
        "二是还有1项任务超过时限没有完成：“排查 <A&B>”（第一党支部）。",
        "1. 继续推进：排查 <A&B>（第一党支部、马超，6月1日前）。",
    ):
        assert line in said
    examined = next(line for line in said if line.startswith("应提交自查剖析"))
    assert examined.endswith("，已提交1份。")
    figures = next(line for line in said if line.startswith("截至"))
    assert "问题总数1件，本阶段新增1件，本阶段销号0件" in figures
    assert "逾期1件" in figures
    assert any(
        "转入“问题查摆”阶段（2026年6月1日至2026年8月31日），把问题找全找准" in x for x in said
    )
    assert not any("本周" in line or "草稿" in line for line in said)


def test_of_a_stage_that_has_ended_it_says_what_was_missing_then(bureau, stage, by):
    shut(stage, by=by)
    row = Stage.objects.get(pk=stage.pk)
    ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)

    said = lines(row)

    assert any(line.startswith("一是结束时“自查剖析都已提交或免交”尚缺") for line in said)
    assert "（本阶段没有登记会议和活动，请补充）" in said


@time_machine.travel(AT, tick=False)
def test_the_office_takes_it_from_the_page_and_the_trail_says_so(bureau, stage, by, signed_in):
    address = reverse("stage-draft", args=[stage.pk])
    office = signed_in(by)
    assert address in office.get(reverse("stages", args=[bureau.campaign.pk])).content.decode()

    response = office.get(address)

    assert response["Content-Type"].endswith("wordprocessingml.document")
    assert TrailEntry.objects.of(stage).last().act == "stage.drafted"
    assert signed_in(bureau.member).get(address).status_code == 403
    planned = bureau.campaign.stages.get(position=2)
    assert office.get(reverse("stage-draft", args=[planned.pk])).status_code == 403
