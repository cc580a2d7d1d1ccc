"""What becomes of a filed weekly report above (周报收退): taken in, or returned."""

from datetime import datetime

from django.db import transaction

from rectification import policy
from rectification.actions import (
    weekly_issues,
    weekly_receiving,
    weekly_reports,
    weekly_telling,
)
from rectification.models import Act, WeeklyIssue, WeeklyReceipt, WeeklyReport
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Organization


@transaction.atomic
def receive(
    report: WeeklyReport, *, by: Actor, at: datetime, edition: int | None = None
) -> WeeklyReceipt:
    """The office takes a filed report in."""
    decision = WeeklyReceipt.Decision.RECEIVED
    return _answer(report, decision, reason="", edition=edition, by=by, at=at)


@transaction.atomic
def give_back(
    report: WeeklyReport, *, reason: str, by: Actor, at: datetime, edition: int | None = None
) -> WeeklyReceipt:
    """The office returns a filed report: a next version may be begun. What was late stays late."""
    decision = WeeklyReceipt.Decision.RETURNED
    return _answer(report, decision, reason=reason, edition=edition, by=by, at=at)


def _answer(
    report: WeeklyReport,
    decision: WeeklyReceipt.Decision,
    *,
    reason: str,
    edition: int | None = None,
    by: Actor,
    at: datetime,
) -> WeeklyReceipt:
    weekly_receiving.require(by, report.issue, report.organization, at=at)
    weekly_reports.require_seen(report.locked(), edition)
    return _decide(report, decision, reason=reason, by=by, at=at)


def _decide(
    report: WeeklyReport, decision: WeeklyReceipt.Decision, *, reason: str, by: Actor, at: datetime
) -> WeeklyReceipt:
    report = report.locked()
    if not report.is_filed:
        raise Refused("这份周报还没有报送。")
    if not report.is_latest:
        raise Refused("这是旧版本，请办理最新版本。")
    if who := _filed_by(report, by):
        raise Refused(f"{who}报送的周报，请由办公室其他人收退。")
    last = report.receipts.last()
    if last and last.decision == decision:
        raise Refused(f"这份周报已经{last.get_decision_display()}。")
    if last and last.decision == WeeklyReceipt.Decision.RETURNED:
        raise Refused("这份周报已经退回，请等待重报。")
    receipt = WeeklyReceipt.objects.create(
        report=report, decision=decision, reason=reason, by=by.user, at=at
    )
    returned = decision == WeeklyReceipt.Decision.RETURNED
    act = Act.WEEKLY_RETURNED if returned else Act.WEEKLY_RECEIVED
    trail.record(act, report, by=by, at=at, quote=reason)
    if returned:
        weekly_telling.returned(report, reason=reason, by=by, at=at)
    return receipt


def _filed_by(report: WeeklyReport, by: Actor) -> str:
    """Return “您本人”, or the name of him in whose place the actor acts, where it was he who filed
    the report or entered the signature on it (SOD-01, 14); otherwise “”."""
    persons = {user.person_id for user in (report.filed_by, report.recorded_by) if user}
    if by.user.person_id in persons:
        return "您本人"
    return by.behalf.name if by.behalf and by.behalf.person_id in persons else ""


@transaction.atomic
def receive_all(issue: WeeklyIssue, collator: Organization, *, by: Actor, at: datetime) -> int:
    """Take in all that was filed to an office and still waits; return how many. Those the actor
    filed himself stay for somebody else."""
    policy.require_here(by, "wr.aggregate", collator)
    keys = [one.organization.pk for one in weekly_issues.reporting_to(issue, collator, at=at)]
    waiting = (
        WeeklyReport.objects.filed()
        .current()
        .filter(issue=issue, organization__in=keys, receipts=None)
    )
    count = 0
    people = ("filed_by", "recorded_by")
    for report in waiting.select_related("organization", *people).order_by("pk"):
        if _filed_by(report, by):
            continue
        # Of one that joined from another tree it is by `wr.aggregate` of the one that leads, which
        # was asked for above.
        if collator.covers(report.organization.path):
            _answer(report, WeeklyReceipt.Decision.RECEIVED, reason="", by=by, at=at)
        else:
            _decide(report, WeeklyReceipt.Decision.RECEIVED, reason="", by=by, at=at)
        count += 1
    return count
