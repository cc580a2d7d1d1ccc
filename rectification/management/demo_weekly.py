"""The demo's weekly reports: three weeks of them, one organization late, one that never came."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from campaigns.actions import weekly_plans
from campaigns.models import BEIJING, Level, WeeklyPlan
from rectification.actions import (
    weekly_clock,
    weekly_collations,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
    weekly_signings,
)
from rectification.management.demo_people import holders
from rectification.models import WeeklyIssue
from reform.models import Actor

LIAISON, SECRETARY = holders("liaison"), holders("secretary")
BRANCHES = ("JGDW", "ZB1", "ZB2", "ZB3", "ZB4", "GL1", "GL2")
WEEKS = 3
# Who reported nothing new, who came after the cut-off, who has never reported.
ZERO, LATE, SILENT = "JGDW", "ZB2", "ZB4"


def tell(stage: Any) -> None:
    """Tell the weeks before `stage.now`: all reports of those that are over, one of this one."""
    begins = stage.today - timedelta(days=stage.today.weekday() + 7 * WEEKS)
    set_up = datetime.combine(begins, time(8, 30), BEIJING)
    _plan(stage, set_up)
    weekly_issues.open_due(at=set_up)
    for issue in _issues(stage, stage.now):
        if issue.due_at + timedelta(hours=2) < stage.now:
            _over(stage, issue)
        elif issue.branch_since + timedelta(hours=20) < stage.now:
            _file(stage, issue, "ZB1", issue.branch_since + timedelta(hours=20))
    weekly_issues.open_due(at=stage.now)


def _plan(stage: Any, at: datetime) -> None:
    by = _actor(stage, "蔡文", at)
    plan = WeeklyPlan(campaign=stage.campaign, starts_on=at.date())
    facts = {name: getattr(plan, name) for name in weekly_plans.COLUMNS}
    weekly_plans.plan(stage.campaign, facts=facts, by=by, at=at)
    levels = dict.fromkeys((stage.places[code] for code in BRANCHES), Level.BRANCH)
    levels[stage.places["FWZX"]] = Level.OFFICE
    weekly_plans.oblige(stage.campaign, levels=levels, by=by, at=at)


def _issues(stage: Any, until: datetime) -> list[WeeklyIssue]:
    weekly_issues.open_due(at=until)
    return list(WeeklyIssue.objects.filter(campaign=stage.campaign).order_by("number"))


def _over(stage: Any, issue: WeeklyIssue) -> None:
    """A week that is over: branches report, the centre collates and signs, the bureau receives."""
    due = issue.branch_due_at
    for place, code in enumerate(BRANCHES):
        if code == SILENT:
            continue
        at = due - timedelta(hours=3, minutes=-9 * place)
        if code == LATE:
            at = due + timedelta(hours=1)
        _file(stage, issue, code, at)
    _remind(due)
    at = max(due + timedelta(minutes=90), issue.due_at - timedelta(hours=3))
    office, leader, above = (_actor(stage, name, at) for name in ("许晴", "顾明", "蔡文"))
    centre = stage.places["FWZX"]
    weekly_receipts.receive_all(issue, centre, by=office, at=at)
    report = weekly_collations.collate(issue, centre, by=office, at=at)
    report = weekly_reports.write(
        report,
        edition=report.edition,
        texts={"plans": "督促未报送和逾期问题的支部补报、整改；做好本周到期问题的核查。"},
        by=office,
        at=at,
    )
    report = weekly_signings.submit(report, by=office, at=at + timedelta(minutes=20))
    report = weekly_signings.sign(report, by=leader, at=at + timedelta(minutes=50))
    _remind(issue.due_at)
    weekly_receipts.receive(report, by=above, at=issue.due_at + timedelta(minutes=30))


def _remind(due: datetime) -> None:
    """Tick as the clock would have done around a cut-off."""
    for moment in (due - timedelta(minutes=150), due):
        weekly_clock.tell(at=moment)


def _file(stage: Any, issue: WeeklyIssue, code: str, at: datetime) -> None:
    place = stage.places[code]
    secretary = _actor(stage, SECRETARY[code], at)
    if code == ZERO:
        weekly_reports.file_zero(issue, place, by=secretary, at=at)
        return
    liaison = _actor(stage, LIAISON[code], at)
    report = weekly_reports.begin(issue, place, by=liaison, at=at - timedelta(minutes=40))
    if not report.plans:
        texts = {"plans": "继续做好已销号问题的巩固，排查同类问题。"}
        report = weekly_reports.write(
            report, edition=report.edition, texts=texts, by=liaison, at=at - timedelta(minutes=20)
        )
    report = weekly_reports.prepare(report, by=liaison, at=at - timedelta(minutes=10))
    weekly_reports.confirm(report, by=secretary, at=at)


def _actor(stage: Any, name: str, at: datetime) -> Actor:
    actor: Actor = stage.actor(name, 1)
    return replace(actor, on=at.astimezone(BEIJING).date())
