"""The demo's plan at work (演示阶段和任务): a stage closed and one under way, tasks in every state,
what the superior asks, meetings, and a change that waits for its leader."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from campaigns.actions import (
    assignments,
    changes,
    excuses,
    stage_turns,
    superior_requests,
)
from campaigns.models import Assignment, ChangeRequest, Clause
from rectification.actions import activity_links, stage_closings
from rectification.management import demo_paper
from rectification.models import Problem

if TYPE_CHECKING:
    from rectification.management.demo import Stage

OPENED, TURNED = 115, 85  # days ago: the first stage began, and made way for the second
SUMMARY = (
    "学习动员阶段集中学习9次，警示教育3场，参加率96%。"
    "个别支部学完就放下，转入自查剖析阶段逐人过关。"
)
INTERIM = "到本周：各支部已陆续提交自查剖析，多数经书记审阅。第四党支部尚无人提交，正在催交。"
SOURCE = "市委以案促改工作方案"
CLAUSES = (
    ("三（一）", "党支部书记与本支部每名干部至少谈心一次，听取对支部工作的意见。"),
    ("三（二）", "对照通报案例，排查本系统同类岗位的廉政风险。"),
    ("四（三）", "每季度向市委以案促改工作专班报送一次工作小结。"),
)


@dataclass(frozen=True, kw_only=True)
class Task:
    """Whose a task of the kit becomes, until when, and what was told of it: (days ago, how it
    stands, words), by the person named. Days are counted from today; those past are negative."""

    lead: str
    leader: str
    person: str
    due: int | None = None
    stage: int | None = None
    with_: tuple[str, ...] = ()
    told: tuple[tuple[int, str, str], ...] = ()


DONE, UNDER_WAY = Assignment.Status.DONE, Assignment.Status.UNDER_WAY
TASKS = (
    Task(
        lead="JTJ",
        leader="宋岩",
        person="蔡文",
        due=-90,
        stage=0,
        told=((100, UNDER_WAY, "已学习通报，6人交流发言。"), (92, DONE, "表态发言稿已归档。")),
    ),
    Task(
        lead="JGDW",
        leader="吴刚",
        person="郑洁",
        due=-86,
        stage=0,
        with_=("ZB1", "ZB2", "ZB3", "ZB4"),
        told=((88, DONE, "讲座两场，到场112人，公文差错案例已发各支部。"),),
    ),
    Task(
        lead="FWZX",
        leader="顾明",
        person="许晴",
        due=10,
        stage=1,
        told=((20, UNDER_WAY, "填写说明已发到人，第四党支部尚未动笔，已提醒书记。"),),
    ),
    Task(
        lead="JGDW",
        leader="吴刚",
        person="周敏",
        due=-25,
        stage=1,
        with_=("ZB1", "ZB2", "ZB3", "ZB4"),
        told=((30, DONE, "机关党委和四个支部的台账都已建立。"),),
    ),
    Task(
        lead="FWZX",
        leader="陈立",
        person="何静",
        due=-6,
        told=((12, UNDER_WAY, "请销假和签批流程的原因分析已完成，文件差错部分还缺两个科的数据。"),),
    ),
    Task(lead="GLZX", leader="唐毅", person="温雅", due=60, stage=2, with_=("GL1", "GL2")),
    Task(lead="JTJ", leader="宋岩", person="秦岭", due=90, stage=2),
    Task(lead="JGDW", leader="吴刚", person="马超", due=7, with_=("ZB1",)),
)
# Days ago, where, what, in which room, under whom, on what, and who entered it.
ACTIVITIES = (
    (113, "JTJ", "meeting", "局三楼会议室", "宋岩", "动员部署以案促改专项工作", "蔡文"),
    (110, "FWZX", "meeting", "中心大会议室", "顾明", "传达动员会精神，明确任务分工", "许晴"),
    (106, "JGDW", "study", "机关党员活动室", "吴刚", "学习典型案例通报", "周敏"),
    (103, "ZB1", "study", "综合科会议室", "方圆", "学习典型案例通报", "苏叶"),
    (101, "FWZX", "warning", "市廉政教育基地", "冯正", "参观警示教育展", "许晴"),
    (97, "ZB3", "lecture", "执法大队会议室", "蒋文", "从身边事看规矩意识", "潘雪"),
    (93, "GL1", "party_day", "养护工区", "石磊", "到一线工区听养护工提意见", "温雅"),
    (76, "FWZX", "meeting", "中心小会议室", "顾明", "研究自查剖析怎样查到具体事", "许晴"),
    (62, "FWZX", "survey", "企业服务窗口", "陈立", "企业咨询转办为什么没有回音", "许晴"),
    (44, "GL2", "visit", "路政巡查中队", "程远", "对照巡查记录看现场", "叶舟"),
    (33, "JTJ", "survey", "市公路事业发展中心", "宋岩", "养护合同考核情况", "蔡文"),
    (18, "JGDW", "meeting", "机关会议室", "吴刚", "逐人研究自查剖析，指出避重就轻的", "周敏"),
    (9, "FWZX", "meeting", "中心小会议室", "顾明", "研究逾期问题，逐件定责任人", "许晴"),
)
REQUESTS = (
    (
        40,
        "市委以案促改工作专班〔2026〕9号通知",
        "报送学习动员阶段小结，附警示教育开展情况统计。",
        (34, "蔡文", "已按要求报送小结和统计表，专班签收。"),
    ),
    (8, "市纪委监委派驻纪检监察组提醒", "把养护合同考核列为自查重点，月底前反馈排查情况。", None),
)


def tell(stage: "Stage") -> None:
    """Tell what became of the plan since the campaign was published."""
    _turn(stage)
    _hand_out(stage)
    _close_first(stage)
    _register(stage)
    _meet(stage)
    _ask(stage)


def _who(stage: "Stage", name: str, ago: int, minutes: int = 0) -> dict[str, Any]:
    return {"by": stage.actor(name, ago), "at": stage.moment(ago, minutes)}


def _turn(stage: "Stage") -> None:
    first = stage.campaign.stages.all()[0]
    stage_turns.open_next(first, invited=True, **_who(stage, "蔡文", OPENED, 10))


def _hand_out(stage: "Stage") -> None:
    """Give each task of the plan to whom it is, and let him tell how it goes."""
    stages = list(stage.campaign.stages.all())
    office = _who(stage, "蔡文", OPENED, 30)
    assignments.enter_clauses(stage.campaign, source=SOURCE, lines=CLAUSES, **office)
    for row, task in zip(stage.campaign.assignments.all(), TASKS, strict=True):
        facts = {
            "organization": stage.places[task.lead],
            "leader": stage.people[task.leader],
            "person": stage.people[task.person],
            "stage": None if task.stage is None else stages[task.stage],
            **_due(stage, task),
        }
        places = [stage.places[code] for code in task.with_]
        handed = assignments.change(
            row, version=row.version, facts=facts, cooperating=places, **office
        )
        for ago, status, words in task.told:
            assignments.progress(
                handed,
                text=words,
                status=status,
                on=stage.day(ago),
                **_who(stage, task.person, ago, 50),
            )
    _talk(stage, stages[1])


def _due(stage: "Stage", task: Task) -> dict[str, Any]:
    if task.due is None:
        return {}
    day = stage.today + timedelta(days=task.due)
    return {"due_on": day, "due_text": f"{day.month}月{day.day}日前"}


def _talk(stage: "Stage", second: Any) -> None:
    """A task of the superior's plan; the other clauses of it are nobody's yet."""
    day = stage.today + timedelta(days=14)
    facts = {
        "task": "党支部书记与每名干部谈心一次，把听到的意见列成清单",
        "clause": Clause.objects.get(campaign=stage.campaign, number=CLAUSES[0][0]),
        "stage": second,
        "organization": stage.places["ZB1"],
        "leader": stage.people["吴刚"],
        "person": stage.people["方圆"],
        "due_on": day,
        "due_text": f"{day.month}月{day.day}日前",
    }
    row = assignments.add(stage.campaign, facts=facts, **_who(stage, "蔡文", 80))
    assignments.progress(
        row,
        text="已谈7人，余下2人本周谈完。",
        status=UNDER_WAY,
        on=stage.day(15),
        **_who(stage, "方圆", 15, 20),
    )


def _close_first(stage: "Stage") -> None:
    first, second, *_ = stage.campaign.stages.all()
    office = _who(stage, "蔡文", TURNED, 15)
    stage_closings.close(
        first,
        seen=stage_closings.mark(first, on=office["by"].on),
        confirmed=False,
        summary=SUMMARY,
        attachment=demo_paper.keep("学习动员阶段总结.pdf", **office),
        invited=True,
        **office,
    )
    second.refresh_from_db()
    office = _who(stage, "蔡文", 60)
    excuses.excuse(
        second,
        person=stage.people["段磊"],
        reason="seconded",
        words="借调市重点工程专班，由专班党支部组织自查",
        **office,
    )
    stage_turns.summarize(second, text=INTERIM, attachment=None, **_who(stage, "蔡文", 4))


def _register(stage: "Stage") -> None:
    for ago, source, words, answered in REQUESTS:
        facts: dict[str, Any] = {"source": source, "on": stage.day(ago), "text": words}
        facts |= {"due_on": None, "answered_on": None, "answered_by": "", "answer": ""}
        office = _who(stage, "蔡文", ago, 25)
        row = superior_requests.enter(stage.campaign, facts=facts, **office)
        if answered:
            later, name, answer = answered
            facts |= {"answered_on": stage.day(later), "answered_by": name, "answer": answer}
            office = _who(stage, "蔡文", later, 25)
            superior_requests.change(row, version=row.version, facts=facts, **office)


def _meet(stage: "Stage") -> None:
    for ago, code, kind, place, leader, topic, clerk in ACTIVITIES:
        about = Problem.objects.filter(campaign=stage.campaign, description__contains="企业咨询")
        activity_links.enter(
            stage.campaign,
            facts={
                "organization": stage.places[code],
                "kind": kind,
                "other": "",
                "on": stage.day(ago),
                "place": place,
                "leader": leader,
                "topic": topic,
            },
            problems=list(about) if "企业咨询" in topic else [],
            **_who(stage, clerk, ago, 420),
        )


def _ask(stage: "Stage") -> None:
    """The stage of rectifying is too short, the office finds."""
    campaign = stage.campaign
    last = campaign.ends_on + timedelta(days=30)
    changes.request(
        campaign,
        kind=ChangeRequest.Kind.DATES,
        facts={"starts_on": campaign.starts_on.isoformat(), "ends_on": last.isoformat()},
        reason="养护合同考核类问题须跨季度核对数据，整改落实和总结需要顺延一个月。",
        **_who(stage, "蔡文", 3, 40),
    )
