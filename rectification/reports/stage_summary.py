"""A draft of a stage's summary (阶段小结), counted, for the office to finish (domain §4.5).

It says how many and which tasks, and of nobody what he has not done.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from campaigns.models import BEIJING, Assignment, CampaignPlan, Condition, Stage
from campaigns.models.activity import counted, sentence
from rectification import statistics
from rectification.models.metric import METRICS, WEEKLY, Ground, Span
from rectification.models.stage_standing import standings
from reform import word
from reform.word import long_day

EXAMINED = {
    Condition.EXAMINATIONS_SUBMITTED: "已提交",
    Condition.EXAMINATIONS_ACCEPTED: "已审阅通过",
}
NUMBERS = "一二三四五六七八九十"
LISTED = 20  # tasks named one by one; the table of assignments has all
LONGEST = 40  # characters of a task


def word_of(stage: Stage, *, on: date, at: datetime) -> bytes:
    """Return the draft as .docx: figures as of this moment, or of the day the stage ended on."""
    campaign = stage.campaign
    span = _span(stage, at)
    figures = statistics.figures(Ground(campaign.pk, campaign.organization, own=False), span)
    tasks = list(stage.assignments.select_related("organization").order_by("position"))
    title = CampaignPlan.of(campaign).title_of("stage")
    paper = word.Paper(title=f"{title}（{stage}）")
    paper.title(f"{title}\n（{stage}阶段）")
    paper.blank()
    paper.body(f"（系统按截至{long_day(span.on)}的数据草拟，请核对、补充后使用，用后删去本行）")
    paper.heading("一、工作开展情况")
    for line in _done(stage, tasks, figures, span, on):
        paper.body(line)
    paper.heading("二、存在的问题")
    for line in _numbered(_lacking(stage, tasks, figures, span.on, on)):
        paper.body(line)
    paper.body("（请结合实际补充问题的表现和原因）")
    paper.heading("三、下一步打算")
    for number, line in enumerate(_plans(stage, tasks, figures), start=1):
        paper.body(f"{number}. {line}")
    paper.body("（请补充措施，逐项明确责任和时限）")
    paper.signature(f"{campaign.organization}{campaign.office_name}", on)
    _definitions(paper)
    paper.page_numbers()
    return paper.bytes()


def _span(stage: Stage, at: datetime) -> Span:
    """From the first day of the stage until now, or until the day it ended on was over."""
    begin = datetime.combine(stage.starts_on, time(), BEIJING)
    if stage.closed_on is None:
        return Span(min(begin, at), at)
    over = datetime.combine(stage.closed_on + timedelta(days=1), time(), BEIJING)
    until = min(over - timedelta(seconds=1), at)
    return Span(min(begin, until), until)


def _done(
    stage: Stage, tasks: list[Assignment], figures: dict[str, int], span: Span, on: date
) -> Iterator[str]:
    days = f"{long_day(stage.starts_on)}至{long_day(stage.ends_on)}"
    goal = f"，目标是：{stage.goal.rstrip('。')}" if stage.goal else ""
    yield f"本阶段自{days}{goal}。"
    held = counted(stage.campaign, since=stage.starts_on, until=span.on)
    yield sentence(held.by_kind()) or "（本阶段没有登记会议和活动，请补充）"
    if tasks:
        finished = sum(task.status == Assignment.Status.DONE for task in tasks)
        yield f"本阶段分解任务{len(tasks)}项，已完成{finished}项。"
    for one in standings(stage, on=on):
        if one.code in EXAMINED and one.total:
            word_ = EXAMINED[Condition(one.code)]
            yield f"应提交自查剖析{one.total}份，{word_}{one.done}份。"
    names = (f"{_name(code)}{figures[code]}件" for code in WEEKLY)
    yield f"截至{long_day(span.on)}，{'，'.join(names)}。"


def _name(code: str) -> str:
    """What is counted of a week is counted here of the stage."""
    return METRICS[code].name.replace("本周", "本阶段")


def _lacking(
    stage: Stage, tasks: list[Assignment], figures: dict[str, int], until: date, on: date
) -> Iterator[str]:
    if number := figures["overdue"]:
        yield f"还有{number}件问题已过整改时限、尚未申请销号"
    late = [task for task in tasks if task.is_overdue(until)]
    if late:
        yield f"还有{len(late)}项任务超过时限没有完成：{'、'.join(map(_task, late[:LISTED]))}"
    for one in standings(stage, on=on) if stage.closed_on is None else ():
        if one.code in EXAMINED and one.missing:
            yield f"还有{len(one.missing)}份自查剖析没有{EXAMINED[Condition(one.code)][1:]}"
    for lack in stage.missing:
        yield f"结束时“{lack['words']}”尚缺{len(lack['names'])}项"


def _plans(stage: Stage, tasks: list[Assignment], figures: dict[str, int]) -> Iterator[str]:
    left = [task for task in tasks if task.status != Assignment.Status.DONE]
    for task in left[:LISTED]:
        due = f"，{task.due_text or task.due_on}" if task.due_text or task.due_on else ""
        yield f"继续推进：{_short(task.task)}（{_who(task)}{due}）。"
    if len(left) > LISTED:
        yield f"其余{len(left) - LISTED}项未完成的任务，按任务分解表继续推进。"
    if number := figures["under_way"]:
        yield f"抓好正在推进的{number}件问题的整改和销号。"
    following = stage.campaign.stages.filter(position__gt=stage.position).first()
    if following is not None:
        goal = f"，{following.goal.rstrip('。')}" if following.goal else ""
        first, last = long_day(following.starts_on), long_day(following.ends_on)
        yield f"转入“{following}”阶段（{first}至{last}）{goal}。"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _task(task: Assignment) -> str:
    return f"“{_short(task.task)}”（{task.organization}）"


def _who(task: Assignment) -> str:
    return "、".join(filter(None, (str(task.organization), task.person_name)))


def _numbered(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{NUMBERS[number]}是{line}。" if number < len(NUMBERS) else f"{line}。"


def _definitions(paper: word.Paper) -> None:
    words = "".join(
        f"{_name(code)}：{METRICS[code].definition.replace('报告期', '本阶段')}" for code in WEEKLY
    )
    paper.blank()
    table = paper.table((paper.width,), ruled=False, size=10.5)
    table.row((f"口径：{words}个人问题不计。", 1, word.TEXT))
