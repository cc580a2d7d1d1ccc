"""What tests of stages, assignments and activities share: rows of each, made by the acts."""

from datetime import date
from io import BytesIO

from campaigns.actions import (
    activities,
    assignment_imports,
    assignments,
    excuses,
    given_texts,
    stage_turns,
    stages,
    superior_requests,
)
from campaigns.models import GivenText
from rectification.actions import stage_closings
from reform.actions import attachments
from tests.factories import AT, ON

PLANNED = [
    {"title": "学习教育", "starts_on": "2026-03-01", "ends_on": "2026-05-31"},
    {
        "title": "问题查摆",
        "starts_on": "2026-06-01",
        "ends_on": "2026-08-31",
        "goal": "把问题找全找准。",
        "conditions": ["assignments_done", "summary_filed"],
    },
    {
        "title": "问题整改",
        "starts_on": "2026-09-01",
        "ends_on": "2026-12-31",
        "conditions": ["problems_closed"],
    },
]
TABLE = (
    "序号,工作任务,具体措施,牵头单位,责任人,完成时限\n1,开展排查,逐项排查,第一党支部,马超,9月底前\n"
)


def task(organization, **facts):
    """Facts of an assignment, as the form gives them."""
    return {
        "task": "组织专题学习",
        "content": "",
        "is_prescribed": True,
        "clause": None,
        "stage": None,
        "leader": None,
        "leader_name": "罗海",
        "organization": organization,
        "cooperating_text": "",
        "person": None,
        "person_name": "",
        "due_text": "",
        "due_on": None,
        "remark": "",
    } | facts


def meeting(organization, **facts):
    """Facts of an activity."""
    return {
        "organization": organization,
        "kind": "meeting",
        "other": "",
        "on": date(2026, 6, 1),
        "place": "三楼会议室",
        "leader": "罗海",
        "topic": "研究查摆问题",
    } | facts


def demand(**facts):
    """Facts of an entry of the register of the superior's requirements."""
    return {
        "source": "市委通知",
        "on": date(2026, 5, 20),
        "text": "六月底前报送阶段总结",
        "due_on": None,
        "answered_on": None,
        "answered_by": "",
        "answer": "",
    } | facts


def shut(stage, *, by, at=AT, **facts):
    """Close a stage as its page does, having seen who is missing."""
    stage.refresh_from_db()
    given = {"confirmed": True, "summary": "", "attachment": None, "invited": False} | facts
    return stage_closings.close(
        stage, seen=stage_closings.mark(stage, on=by.on), by=by, at=at, **given
    )


def furnish(world):
    """A stage closed, one open, one to come; a task of the branch; what else pages are about."""
    office, stranger = world.by["office"], world.by["stranger"]
    local = world.local
    past, world.begun_stage, world.next_stage = stages.set_up(local, PLANNED, by=office, at=AT)
    stage_turns.open_next(past, invited=False, by=office, at=AT)
    paper = attachments.keep(BytesIO(b"%PDF-1.4 paper"), name="总结.pdf", by=office, at=AT)
    world.past_stage = shut(past, summary="学习教育已经结束。", attachment=paper, by=office)
    for row in (world.begun_stage, world.next_stage):
        row.refresh_from_db()
    world.their_stage = stages.set_up(world.theirs, PLANNED[1:2], by=stranger, at=AT)[0]
    world.excuse = excuses.excuse(
        world.begun_stage, person=world.users["member"], reason="sick", words="", by=office, at=AT
    )
    facts = {"stage": world.begun_stage, "person": world.users["member"], "person_name": "马超"}
    world.task = assignments.add(local, facts=task(world.branch, **facts), by=office, at=AT)
    assignments.progress(
        world.task, text="已列出学习篇目", status="under_way", on=ON, by=world.by["member"], at=AT
    )
    world.task.refresh_from_db()
    world.idle_task = assignments.add(local, facts=task(world.branch), by=office, at=AT)
    world.table = a_table(local, office)
    world.clause = assignments.enter_clauses(
        local, source="市委方案", lines=[("（一）", "认真开展学习教育。")], by=office, at=AT
    )[0]
    given = {"title": "班子材料", "year": 2026, "text": "一段话。", "at": AT}
    world.team_text = given_texts.give(
        local, kind=GivenText.Kind.TEAM, organization=world.branch, by=world.by["liaison"], **given
    )
    world.own_given = given_texts.give(
        local, kind=GivenText.Kind.EARLIER, by=world.by["member"], **given
    )
    world.demand = superior_requests.enter(local, facts=demand(), by=office, at=AT)
    world.activity = activities.enter(
        local, facts=meeting(world.branch), by=world.by["liaison"], at=AT
    )


def a_table(campaign, by, text=TABLE):
    kept = attachments.keep(
        BytesIO(text.encode()), name="任务分解表.csv", by=by, at=AT, kind="text/csv"
    )
    return assignment_imports.receive(campaign, attachment=kept, by=by, at=AT)
