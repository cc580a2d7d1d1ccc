"""Asking for reports that are missing (催办): a neutral text to copy, and a letter."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import Level
from rectification.actions.weekly_issues import Owing
from rectification.models import WeeklyIssue
from rectification.reports import asking
from reform import word
from reform.models import Organization


def wording(
    issue: WeeklyIssue, missing: Sequence[Owing], *, organization: Organization, at: datetime
) -> str:
    """Return the text to copy into whatever the office uses to write to people; “” where all came.

    It names who is asked and by when, and nobody as late: it is read by all.
    """
    if not missing:
        return ""
    names = asking.named([one.name for one in missing])
    asked = _asked(issue, missing, at=at, past="请尽快")
    return (
        f"【{issue.campaign}】{issue}周报（{issue.period()}）：{names}，{asked}在系统“周报”中"
        f"报送；没有新进展的可报“零报告”。{asking.contact(organization, issue.campaign)}"
    )


def letter(
    issue: WeeklyIssue, missing: Sequence[Owing], *, organization: Organization, at: datetime
) -> bytes:
    """Return the letter as .docx, in the numbers of GB/T 9704."""
    campaign = issue.campaign
    paper = word.Paper(title=f"{issue}周报催办函")
    title = f"关于报送{campaign}\n{issue}周报的函"
    asking.begin(paper, title, [one.name for one in missing])
    paper.body(
        f"{asking.under(campaign)}，{issue}周报（{issue.period()}）{_due(issue, missing)}报送。"
        f"截至{asking.moment(at)}，尚未收到你单位周报。"
    )
    asked = _asked(issue, missing, at=at, past="请于收到本函后一个工作日内")
    paper.body(
        f"{asked}登录系统，在“周报”中核对系统起草的内容并报送；本周没有新进展的，可报“零报告”。"
        "因故不能按时报送的，请说明情况，申请缓报。"
    )
    asking.sign(paper, organization, campaign, at=at)
    paper.page_numbers()
    return paper.bytes()


def _levels(missing: Sequence[Owing]) -> list[Level]:
    """Return the levels that are asked, the one whose cut-off is first before the other."""
    return [level for level in (Level.BRANCH, Level.OFFICE) if level in {o.level for o in missing}]


def _due(issue: WeeklyIssue, missing: Sequence[Owing]) -> str:
    """Return “应于6月4日17时前”, for two levels a clause each."""
    levels = _levels(missing)
    if len(levels) == 1:
        return f"应于{asking.moment(issue.due(levels[0]))}前"
    return "，".join(f"{level.label}应于{asking.moment(issue.due(level))}前" for level in levels)


def _asked(issue: WeeklyIssue, missing: Sequence[Owing], *, at: datetime, past: str) -> str:
    """Return “请于6月4日17时前”, or `past` once that is over; for two levels a clause each."""
    levels = _levels(missing)
    clauses = {
        level: f"请于{asking.moment(due)}前" if (due := issue.due(level)) > at else past
        for level in levels
    }
    if len(set(clauses.values())) == 1:
        return clauses[levels[0]]
    return "，".join(f"{level.label}{clauses[level]}" for level in levels)
