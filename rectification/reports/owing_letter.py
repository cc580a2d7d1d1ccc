"""Asking those who owe something on problems (催办): a text to copy, and letters (催办函).

A letter is to one organization and lists what that one owes, and nobody else's; letters to several
stand in one document, each complete in itself, on sheets of its own (docs/decisions/0024).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from campaigns.models import BEIJING, Campaign
from rectification.models.owing import INSTRUCTION
from rectification.models.owing_items import Item, Listed
from rectification.models.problem_queryset import SOON
from rectification.models.stuck import QUIET_DAYS
from rectification.reports import asking
from reform import word
from reform.models import Organization
from reform.word import CENTRED, LABEL, TEXT

ENCLOSED = "待办事项清单"
# Kind → how it is said to whoever is asked, with its number.
SAID = {
    "overdue": "整改时限已过、尚未申请销号的问题{}件",
    "accept": "已交办、待签收的问题{}件",
    "quiet": f"{QUIET_DAYS}天没有填报进展的问题{{}}件",
    "review": "待审核的销号申请{}件",
    INSTRUCTION: "待答复的批示{}件",
    "soon": f"{SOON}日内到期的问题{{}}件",
}
# Kind → what is asked for, in a text that all read: what to do, not what was left undone.
TO_DO = {
    "overdue": "整改",
    "accept": "签收",
    "quiet": "填报进展",
    "review": "审核",
    INSTRUCTION: "答复批示",
    "soon": "按期整改",
}
COLUMNS = (
    ("序号", 9),
    ("编号", 26),
    ("问题", 46),
    ("责任人", 16),
    ("整改时限", 21),
    ("待办事项", 24),
    ("逾期\n工作日", 14),
)
SIZE, LINE = 10.5, 16.0  # points: 五号
LONGEST = 120  # characters of a problem's text


@dataclass(frozen=True)
class Letter:
    """A letter to one organization, from the office at another."""

    to: Organization
    by: Organization
    listed: Listed


def wording(
    campaign: Campaign,
    names: Sequence[str],
    codes: Sequence[str],
    *,
    counts: Mapping[str, int],
    organization: Organization,
    by_day: date,
) -> str:
    """Return the text to copy into whatever the office uses to write to people; “” to nobody.

    One organization is told how much it is; of several nobody is told what another owes.
    """
    if not names:
        return ""
    when = _when(codes, by_day)
    help_ = asking.contact(organization, campaign)
    if len(names) == 1:
        what = _counted(codes, counts)
        return f"【{campaign}】{names[0]}：{when}在系统“问题台账”中办理{what}。{help_}"
    what = "、".join(TO_DO[code] for code in codes)
    return (
        f"【{campaign}】{asking.named(names)}：{when}在系统“问题台账”中查看本单位的待办事项（{what}）"
        f"并办理；已经办理的不必再报。{help_}"
    )


def letters(
    campaign: Campaign, every: Sequence[Letter], codes: Sequence[str], *, by_day: date, at: datetime
) -> bytes:
    """Return the letters as one .docx, in the numbers of GB/T 9704."""
    paper = word.Paper(title=f"{campaign}催办函")
    for place, letter in enumerate(every):
        if place:
            paper.next_sheet()
        _write(paper, campaign, letter, codes, by_day=by_day, at=at)
    paper.page_numbers()
    return paper.bytes()


def _write(
    paper: word.Paper,
    campaign: Campaign,
    letter: Letter,
    codes: Sequence[str],
    *,
    by_day: date,
    at: datetime,
) -> None:
    asking.begin(paper, f"关于办理{campaign}\n待办事项的函", [letter.to.name])
    day = word.long_day(at.astimezone(BEIJING).date())
    what = _counted(codes, letter.listed.counts)
    paper.body(
        f"{asking.under(campaign)}，现将你单位截至{day}的待办事项函告如下：{what}，详见附件。"
    )
    paper.body(
        f"{_when(codes, by_day)}登录系统，在“问题台账”中逐项办理；已经办理的不必再报。"
        "因故不能按时办理的，请向我办说明情况。"
    )
    paper.enclosed(ENCLOSED)
    asking.sign(paper, letter.by, campaign, at=at)
    paper.attachment(ENCLOSED)
    _write_table(paper, letter.listed)


def _when(codes: Sequence[str], by_day: date) -> str:
    """What is only due soon has its own day."""
    soon = list(codes) == ["soon"]
    return "请在整改时限前" if soon else f"请于{asking.short_day(by_day)}前"


def _counted(codes: Sequence[str], counts: Mapping[str, int]) -> str:
    return "，".join(SAID[code].format(counts[code]) for code in codes if counts.get(code))


def _write_table(paper: word.Paper, listed: Listed) -> None:
    paper.blank()
    table = paper.table([width for _, width in COLUMNS], size=SIZE, line=LINE)
    table.row(*((heading, 1, LABEL) for heading, _ in COLUMNS), heads=True, breaks=False)
    for number, item in enumerate(listed.items, start=1):
        table.row(*_cells(number, item), breaks=False)
    if listed.more:
        words = f"另有{listed.more}件未列，请在系统“催办清单”中查看。"
        table.row((words, len(COLUMNS), TEXT), breaks=False)


def _cells(number: int, item: Item) -> list[tuple[str, int, word.Look]]:
    text = item.text if len(item.text) <= LONGEST else f"{item.text[:LONGEST]}…"
    due = f"{item.due.year}年\n{asking.short_day(item.due)}" if item.due else "—"
    return [
        (str(number), 1, CENTRED),
        (item.number, 1, CENTRED),
        (" ".join(text.split()), 1, TEXT),
        (item.people.replace("、", "、\n") or "—", 1, CENTRED),
        (due, 1, CENTRED),
        (item.matter, 1, TEXT),
        (str(item.late) if item.late else "—", 1, CENTRED),
    ]
