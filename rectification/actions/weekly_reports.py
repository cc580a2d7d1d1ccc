"""Weekly reports (周报): drafted from the ledger, confirmed, filed, received or returned.

Liaison prepares, secretary confirms; what was filed is final, and a correction is another version,
begun after a return. An office's collated report goes its own way (`weekly_collations`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns.models import BEIJING, Level
from rectification import policy, statistics
from rectification.actions import weekly_drafts, weekly_issues, weekly_telling
from rectification.models import Act, WeeklyIssue, WeeklyReceipt, WeeklyReport
from rectification.models.metric import Ground, Span
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor, Organization

Status = WeeklyReport.Status
TEXTS = ("progress", "plans", "practices", "troubles")
ZERO = "零报告（本周无新进展）"


# ---------------------------------------------------------------- beginning


@transaction.atomic
def begin(
    issue: WeeklyIssue, organization: Organization, *, by: Actor, at: datetime
) -> WeeklyReport:
    """Begin an organization's report of its own week, drafted from the ledger; return the one that
    is there already, if it is.

    Raises Refused for an issue whose week has not begun, or for one that owes none.
    """
    policy.require_here(by, "wr.draft", organization)
    level = weekly_issues.level_of(issue, organization, at=at)
    if level != Level.BRANCH:
        raise Refused(f"“{organization}”不需要报{issue}周报；有疑问请联系活动办。")
    return _own(start(issue, organization, level=level, by=by, at=at))


def start(
    issue: WeeklyIssue,
    organization: Organization,
    *,
    level: str,
    collated: bool = False,
    by: Actor,
    at: datetime,
) -> WeeklyReport:
    """Make the first version, or the next one after a return. Asks nobody: the acts above do."""
    if issue.begins(level) > at:
        begins = issue.begins(level).astimezone(BEIJING)
        raise Refused(f"{issue}的报告期从{begins:%Y-%m-%d %H:%M}开始，请届时填报。")
    issue.campaign.locked()  # of two who begin at once, one waits and finds the other's
    last = (
        WeeklyReport.objects.select_for_update()
        .filter(issue=issue, organization=organization, is_latest=True)
        .first()
    )
    if last and not (last.is_filed and is_returned(last)):
        return last
    report = WeeklyReport(
        issue=issue,
        organization=organization,
        name=organization.name,
        level=level,
        collated=collated,
        number=last.number + 1 if last else 1,
        drafted_by=by.user,
        drafted_at=at,
        counted_at=at,
    )
    _draft(report, at=at, texts=last)
    if last:
        last.is_latest = False
        last.save(update_fields=["is_latest"])
    report.save()
    trail.record(Act.WEEKLY_STARTED, report, by=by, at=at)
    return report


def is_returned(report: WeeklyReport) -> bool:
    receipts = list(report.receipts.all())  # prefetched for many
    return bool(receipts) and receipts[-1].decision == WeeklyReceipt.Decision.RETURNED


def ground_of(report: WeeklyReport) -> Ground:
    return Ground(report.issue.campaign_id, report.organization, own=not report.collated)


def span_of(report: WeeklyReport) -> Span:
    """Return the report's period as far as it was counted: what came between the filing of the one
    before and its cut-off is told now, and nothing twice."""
    before = (
        WeeklyReport.objects.filed()
        .filter(organization=report.organization_id, issue__campaign=report.issue.campaign_id)
        .filter(issue__number__lt=report.issue.number, is_latest=True)
        .order_by("-issue__number")
        .first()
    )
    since = report.issue.begins(report.level)
    if before and before.issue.number == report.issue.number - 1:
        since = min(since, before.counted_at)
    return Span(since, max(report.counted_at, since + timedelta(seconds=1)))


def _draft(report: WeeklyReport, *, at: datetime, texts: WeeklyReport | None = None) -> None:
    """Write what the ledger says into a report; a next version keeps the texts of the last."""
    report.counted_at = at
    due = report.issue.due(report.level)
    until = max(due, at) + timedelta(days=7)
    draft = weekly_drafts.write(
        ground_of(report), span_of(report), until=until, brief=report.collated
    )
    report.figures, report.basis = draft.figures, draft.basis()
    if texts is None:
        report.progress, report.plans = draft.progress_text, draft.plans_text
        return
    report.zero, report.basis = texts.zero, [*report.basis, *texts.basis]
    for name in TEXTS:
        setattr(report, name, getattr(texts, name))


def count(report: WeeklyReport, *, at: datetime) -> None:
    """Bring the figures up to this moment, also in the sentence that says them, unless somebody has
    changed it: figures and text must not disagree."""
    said = report.basis[0]["text"] if report.basis else ""
    report.counted_at = at
    span = span_of(report)
    report.figures = statistics.figures(ground_of(report), span)
    new = weekly_drafts.overview(report.figures, ground_of(report), span)
    lines = report.progress.split("\n")
    if said in lines:
        report.progress = "\n".join(new.text if line == said else line for line in lines)
        report.basis = [new.kept(), *report.basis[1:]]


def fresh(report: WeeklyReport, *, at: datetime) -> weekly_drafts.Draft:
    """Return what the ledger says now, for whoever writes: not all may be in the text yet."""
    since = span_of(report).since
    until = max(report.issue.due(report.level), at) + timedelta(days=7)
    span = Span(since, max(at, since + timedelta(seconds=1)))
    return weekly_drafts.write(ground_of(report), span, until=until, brief=report.collated)


# ---------------------------------------------------------------- writing


def written(report: WeeklyReport) -> dict[str, str]:
    return {name: getattr(report, name) for name in TEXTS}


@transaction.atomic
def write(
    report: WeeklyReport, *, edition: int, texts: Mapping[str, str], by: Actor, at: datetime
) -> WeeklyReport:
    """Change the texts of a report that is not filed; `edition` is what they were changed from.
    Raises Stale where somebody else changed it meanwhile."""
    report = _at_work(report, by=by, act="wr.aggregate" if report.collated else "wr.draft")
    changed = {name: texts[name] for name in TEXTS if name in texts}
    if all(getattr(report, name) == text for name, text in changed.items()):
        return report
    if edition != report.edition:
        raise Stale("这份周报刚被别人改过。", written(report), report.edition)
    for name, text in changed.items():
        setattr(report, name, text)
    report.basis = _joined(report.basis, fresh(report, at=at).basis())
    report.zero = False
    reopen(report)
    report.save()
    trail.record(Act.WEEKLY_WRITTEN, report, by=by, at=at)
    return report


def reopen(report: WeeklyReport) -> None:
    """Make it a draft again: what was looked at is not what is there now."""
    if report.status != Status.DRAFT:
        report.move(Status.DRAFT)
    report.reviewed_by, report.reviewed_at, report.review_waived = None, None, False
    report.edition += 1


def _joined(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {sentence["text"] for sentence in old}
    return [*old, *(sentence for sentence in new if sentence["text"] not in known)]


@transaction.atomic
def redraft(report: WeeklyReport, *, by: Actor, at: datetime) -> WeeklyReport:
    """Draft it anew from the ledger as it stands; what was typed gives way."""
    report = _own(_at_work(report, by=by, act="wr.draft"))
    reopen(report)
    _draft(report, at=at)
    report.zero = False
    report.save()
    trail.record(Act.WEEKLY_WRITTEN, report, by=by, at=at, say=f"{report}，重新起草")
    return report


def _at_work(report: WeeklyReport, *, by: Actor, act: str) -> WeeklyReport:
    """Return the report locked, for somebody who may, while it is not filed."""
    report = report.locked()
    policy.require_here(by, act, report.organization)
    if report.is_filed:
        raise Refused("这份周报已经报送，不能再改；需要更正的，请收报单位退回后重报。")
    return report


def _own(report: WeeklyReport) -> WeeklyReport:
    if report.collated:
        raise Refused("汇总的周报请用“重新汇总”“送审核”，经审核、签发后报送。")
    return report


# ---------------------------------------------------------------- filing


@transaction.atomic
def prepare(report: WeeklyReport, *, by: Actor, at: datetime) -> WeeklyReport:
    """Hand a branch's report to its secretary for confirmation."""
    report = _own(_at_work(report, by=by, act="wr.draft"))
    require_texts(report)
    report.move(Status.PREPARED)
    count(report, at=at)
    report.prepared_by, report.sent_back = by.user, ""
    report.edition += 1
    report.save()
    trail.record(Act.WEEKLY_PREPARED, report, by=by, at=at)
    weekly_telling.prepared(report, by=by, at=at)
    return report


@transaction.atomic
def send_back(report: WeeklyReport, *, reason: str, by: Actor, at: datetime) -> WeeklyReport:
    """Give it back to whoever wrote it, with what is to be changed."""
    report = report.locked()
    report = _at_work(report, by=by, act=report.back_act)
    if report.status == Status.DRAFT:
        raise Refused("这份周报正在起草，不需要退回。")
    reopen(report)
    report.sent_back = reason
    report.save()
    trail.record(Act.WEEKLY_SENT_BACK, report, by=by, at=at, quote=reason)
    weekly_telling.sent_back(report, by=by, at=at)
    return report


@transaction.atomic
def confirm(report: WeeklyReport, *, by: Actor, at: datetime) -> WeeklyReport:
    """The secretary confirms a branch's report: it is filed, and final."""
    report = _own(_at_work(report, by=by, act="wr.create"))
    require_texts(report)
    return file(report, by=by, at=at)


@transaction.atomic
def file_zero(
    issue: WeeklyIssue, organization: Organization, *, by: Actor, at: datetime
) -> WeeklyReport:
    """Say that nothing new happened (零报告), in one step: filed by who may confirm, otherwise
    waiting for him. It counts as a report."""
    report = _at_work(begin(issue, organization, by=by, at=at), by=by, act="wr.draft")
    report.zero, report.progress, report.plans = True, ZERO, ""
    report.edition += 1
    if policy.may_here(by, "wr.create", organization):
        policy.require_here(by, "wr.create", organization)  # in whose place, for the trail
        return file(report, by=by, at=at)
    if report.status == Status.DRAFT:
        report.move(Status.PREPARED)
    report.prepared_by = by.user
    report.save()
    trail.record(Act.WEEKLY_PREPARED, report, by=by, at=at, say=f"{report}，零报告")
    weekly_telling.prepared(report, by=by, at=at)
    return report


def require_texts(report: WeeklyReport) -> None:
    if not report.progress.strip():
        raise Refused("请填写“本周工作进展”；没有新进展的，请用“零报告”。")
    if not report.zero and not report.plans.strip():
        raise Refused("请填写“下周工作安排”。")


def file(report: WeeklyReport, *, by: Actor, at: datetime, **signed: Any) -> WeeklyReport:
    """Make it final, with the figures of this moment. Asks nobody: the acts above do."""
    report.move(Status.FILED)
    count(report, at=at)
    report.filed_at, report.filed_by = at, by.user
    report.filed_by_name, report.sent_back = by.user.name, ""
    for name, value in signed.items():
        setattr(report, name, value)
    report.save()
    trail.record(Act.WEEKLY_FILED, report, by=by, at=at)
    weekly_telling.filed(report, by=by, at=at)
    return report
