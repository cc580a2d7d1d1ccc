"""Weekly reports (周报): drafted from the ledger, confirmed, filed, received or returned.

Liaison prepares, secretary confirms; what was filed is final, and a correction is another version,
begun after a return. An office's collated report goes its own way (`weekly_collations`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import BEIJING, Level
from rectification import policy
from rectification.actions import weekly_counting, weekly_issues, weekly_telling
from rectification.actions.weekly_counting import TEXTS
from rectification.models import Act, WeeklyIssue, WeeklyReceipt, WeeklyReport
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor, Organization

Status = WeeklyReport.Status
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
    require_open(issue)
    if issue.begins(level) > at:
        begins = issue.begins(level).astimezone(BEIJING)
        raise Refused(f"{issue}的报告期从{begins:%Y-%m-%d %H:%M}开始，请届时填报。")
    # Of two who begin at once, one waits and finds the other's.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    last = (
        WeeklyReport.objects.select_for_update()
        .filter(issue=issue, organization=organization, is_latest=True)
        .first()
    )
    if last and not last.is_filed and last.collated != collated:
        # What the organization owes has changed since it was begun; what was typed stays.
        last.level, last.collated = level, collated
        reopen(last)
        last.save()
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
    weekly_counting.draft(report, at=at, before=last)
    if last:
        last.is_latest = False
        last.save(update_fields=["is_latest"])
    report.save()
    trail.record(Act.WEEKLY_STARTED, report, by=by, at=at)
    return report


def require_open(issue: WeeklyIssue) -> None:
    if not issue.campaign.is_open:
        raise Refused(f"“{issue.campaign}”已经结束，不能再填报周报。")


def is_returned(report: WeeklyReport) -> bool:
    receipts = list(report.receipts.all())  # prefetched for many
    return bool(receipts) and receipts[-1].decision == WeeklyReceipt.Decision.RETURNED


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
        raise Stale("这份周报刚在别处改过。", written(report), report.edition)
    for name, text in changed.items():
        setattr(report, name, text)
    now = weekly_counting.fresh(report, at=at)
    report.basis = weekly_counting.joined(report.basis, now.basis())
    report.zero = report.progress.strip() == ZERO
    reopen(report)
    report.save()
    trail.record(Act.WEEKLY_WRITTEN, report, by=by, at=at)
    return report


def require_seen(report: WeeklyReport, edition: int | None) -> None:
    """Raise Stale where the text is not the one that was read: `edition` is what stood on the page
    on which somebody pressed, None where no page did."""
    if edition is not None and edition != report.edition:
        words = "这份周报刚被改过，与您打开页面时不同。请核对现在的内容后再办理。"
        raise Stale(words, written(report), report.edition)


def reopen(report: WeeklyReport) -> None:
    """Make it a draft again: what was looked at is not what is there now."""
    if report.status != Status.DRAFT:
        report.move(Status.DRAFT)
    report.reviewed_by, report.reviewed_at, report.review_waived = None, None, False
    report.edition += 1


@transaction.atomic
def redraft(report: WeeklyReport, *, by: Actor, at: datetime) -> WeeklyReport:
    """Draft it anew from the ledger as it stands; what was typed gives way."""
    report = _own(_at_work(report, by=by, act="wr.draft"))
    reopen(report)
    weekly_counting.draft(report, at=at)
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
    require_open(report.issue)
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
    weekly_counting.count(report, at=at)
    report.prepared_by, report.sent_back = by.user, ""
    report.edition += 1
    report.save()
    trail.record(Act.WEEKLY_PREPARED, report, by=by, at=at)
    weekly_telling.prepared(report, by=by, at=at)
    return report


@transaction.atomic
def send_back(
    report: WeeklyReport, *, reason: str, by: Actor, at: datetime, edition: int | None = None
) -> WeeklyReport:
    """Give it back to whoever wrote it, with what is to be changed."""
    report = report.locked()
    report = _at_work(report, by=by, act=report.back_act)
    require_seen(report, edition)
    if report.status == Status.DRAFT:
        raise Refused("这份周报正在起草，不需要退回。")
    reopen(report)
    report.sent_back = reason
    report.save()
    trail.record(Act.WEEKLY_SENT_BACK, report, by=by, at=at, quote=reason)
    weekly_telling.sent_back(report, by=by, at=at)
    return report


@transaction.atomic
def confirm(
    report: WeeklyReport, *, by: Actor, at: datetime, edition: int | None = None
) -> WeeklyReport:
    """The secretary confirms a branch's report: it is filed, and final."""
    report = _own(_at_work(report, by=by, act="wr.create"))
    require_seen(report, edition)
    require_texts(report)
    return file(report, by=by, at=at)


@transaction.atomic
def file_zero(
    issue: WeeklyIssue, organization: Organization, *, by: Actor, at: datetime
) -> WeeklyReport:
    """Say that nothing new happened (零报告), in one step: filed by who may confirm, otherwise
    waiting for him. It counts as a report."""
    _require_unbegun(issue, organization, by=by)
    report = _at_work(begin(issue, organization, by=by, at=at), by=by, act="wr.draft")
    if weekly_counting.fresh(report, at=at).happened:
        raise Refused(
            "本期台账有新的变化，请用“起草周报”核对；"
            f"确实不报的，把本周工作进展改为“{ZERO}”再报送。"
        )
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


def _require_unbegun(issue: WeeklyIssue, organization: Organization, *, by: Actor) -> None:
    """What somebody has begun to write is not thrown away by a click."""
    rows = WeeklyReport.objects.current().filter(issue=issue, organization=organization)
    report = rows.exclude(status=Status.FILED).select_related("drafted_by").first()
    if report and not report.zero and (report.drafted_by != by.user or report.edition > 1):
        when = report.drafted_at.astimezone(BEIJING)
        raise Refused(
            f"{report.drafted_by.name}已于{when:%m-%d %H:%M}起草了这期周报，请打开核对；"
            f"没有新进展的，把本周工作进展改为“{ZERO}”再报送。"
        )


def require_texts(report: WeeklyReport) -> None:
    if report.collated:
        for name, text in (("总体情况", report.progress), ("下周重点", report.plans)):
            if not text.strip():
                raise Refused(f"请先点“修改总体情况”，填写“{name}”，再办理。")
        return
    if not report.progress.strip():
        raise Refused("请填写“本周工作进展”；没有新进展的，请用“零报告”。")
    if not report.zero and not report.plans.strip():
        raise Refused("请填写“下周工作安排”。")


def file(report: WeeklyReport, *, by: Actor, at: datetime, **signed: Any) -> WeeklyReport:
    """Make it final, with the figures of this moment. Asks nobody: the acts above do."""
    report.move(Status.FILED)
    weekly_counting.count(report, at=at)
    report.filed_at, report.filed_by = at, by.user
    report.filed_by_name, report.sent_back = by.user.name, ""
    for name, value in signed.items():
        setattr(report, name, value)
    report.save()
    trail.record(Act.WEEKLY_FILED, report, by=by, at=at)
    weekly_telling.filed(report, by=by, at=at)
    return report
