"""A collated report on its way out (审核、签发、报送登记).

It is looked over by another of the office and signed by a leader, here or on paper; then it counts
as filed to the office above, or goes out to the superior, whose return begins another version.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from campaigns.models import BEIJING
from rectification import policy
from rectification.actions import weekly_counting, weekly_reports, weekly_telling
from rectification.actions.weekly_collations import at_work, collate, require_current
from rectification.models import Act, Forwarding, WeeklyReceipt, WeeklyReport
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Attachment, Duty, Role, TrailEntry, User
from reform.text import fold

Status = WeeklyReport.Status


@transaction.atomic
def submit(report: WeeklyReport, *, by: Actor, at: datetime) -> WeeklyReport:
    """Hand the draft on: to another of the office, or, where the office is one person, straight to
    who signs, which is said on the page."""
    report = at_work(report, by=by)
    weekly_reports.require_texts(report)
    require_current(report, also_new=True)
    report.move(Status.PREPARED)
    weekly_counting.count(report, at=at)
    report.prepared_by, report.sent_back = by.user, ""
    report.edition += 1
    office = weekly_telling.holders(report.organization, Role.OFFICE, on=by.on)
    report.review_waived = len({user.person_id for user in office}) <= 1
    if report.review_waived:
        report.move(Status.REVIEWED)
    report.save()
    trail.record(Act.WEEKLY_PREPARED, report, by=by, at=at)
    if report.review_waived:
        weekly_telling.to_sign(report, by=by, at=at)
    else:
        weekly_telling.prepared(report, others(report, office), by=by, at=at)
    return report


def others(report: WeeklyReport, office: list[User]) -> list[User]:
    """Return who of the office may look it over; where all of it wrote, nobody: then the office
    above does (`wr.aggregate` D)."""
    wrote = {user.person_id for user in _authors(report) if user}
    return [user for user in office if user.person_id not in wrote]


@transaction.atomic
def review(
    report: WeeklyReport, *, by: Actor, at: datetime, edition: int | None = None
) -> WeeklyReport:
    """Look it over (审核): one of the office who did not write it."""
    report = at_work(report, by=by)
    weekly_reports.require_seen(report, edition)
    if report.status != Status.PREPARED:
        raise Refused("这份汇总不在待审核状态。")
    if who := _among(_authors(report), by):
        raise Refused(f"{who}拟的稿，请由办公室其他人审核。")
    report.move(Status.REVIEWED)
    report.reviewed_by, report.reviewed_at = by.user, at
    report.edition += 1
    report.save()
    trail.record(Act.WEEKLY_REVIEWED, report, by=by, at=at)
    weekly_telling.to_sign(report, by=by, at=at)
    return report


@transaction.atomic
def sign(
    report: WeeklyReport, *, by: Actor, at: datetime, edition: int | None = None
) -> WeeklyReport:
    """Sign it (签发): it is filed, and final."""
    report = at_work(report, by=by, act="wr.sign")
    weekly_reports.require_seen(report, edition)
    _require_looked_over(report)
    if who := _among(_authors(report), by):
        raise Refused(f"{who}拟的稿，请由其他领导签发。")
    if who := _among([report.reviewed_by], by):
        raise Refused(f"{who}审核的稿，请由其他领导签发。")
    return weekly_reports.file(report, by=by, at=at)


def _authors(report: WeeklyReport) -> list[User | None]:
    """Return who drafted it, changed its words or handed it on: the trail knows them all."""
    acts = (Act.WEEKLY_STARTED, Act.WEEKLY_WRITTEN, Act.WEEKLY_COLLATED, Act.WEEKLY_PREPARED)
    entries = TrailEntry.objects.of(report).filter(act__in=acts, by__isnull=False)
    wrote = User.objects.filter(pk__in=entries.order_by().values("by"))
    return [report.drafted_by, report.prepared_by, *wrote]


def _among(people: Iterable[User | None], by: Actor) -> str:
    """Return “您”, or the name of him in whose place the actor acts, where one of them is among
    the people (SOD-01, 04 and 14); “” where neither is. Persons are compared, not accounts."""
    persons = {user.person_id for user in people if user}
    if by.user.person_id in persons:
        return "您"
    return by.behalf.name if by.behalf and by.behalf.person_id in persons else ""


@transaction.atomic
def record_signature(
    report: WeeklyReport,
    *,
    signer: User | None,
    signer_name: str,
    signed_on: date,
    scan: Attachment,
    by: Actor,
    at: datetime,
    edition: int | None = None,
) -> WeeklyReport:
    """Enter that a leader signed it on paper (线下签批), with the day on paper and the scan."""
    report = at_work(report, by=by, act="sign.record")
    weekly_reports.require_seen(report, edition)
    _require_looked_over(report)
    barred = [user for user in (*_authors(report), report.reviewed_by, by.user) if user]
    if signer and signer.person_id in {user.person_id for user in barred}:
        raise Refused("签批人不能是拟稿人、审核人，也不能是录入人本人。")
    if signer is None:
        _check_name(report, signer_name, barred, on=by.on)
    if signed_on > by.on:
        raise Refused("签批日期不能晚于今天。")
    if signed_on < report.issue.begins(report.level).astimezone(BEIJING).date():
        raise Refused("签批日期不能早于报告期开始的日期。")
    return weekly_reports.file(
        report,
        by=by,
        at=at,
        filed_by=signer,
        filed_by_name=signer.name if signer else signer_name,
        recorded_by=by.user,
        signed_on=signed_on,
        scan=scan,
    )


def _check_name(report: WeeklyReport, name: str, barred: Iterable[User], *, on: date) -> None:
    """Somebody without an account is known by name only; who has one is chosen from the list."""
    if not fold(name):
        raise Refused("请选择签批人，或填写签批人姓名。")
    if fold(name) in {fold(user.name) for user in barred}:
        raise Refused(f"“{name}”与拟稿人、审核人或录入人同名，不能作为签批人。")
    if fold(name) in {fold(user.name) for user in signers(report, on=on)}:
        raise Refused(f"“{name}”在签批人名单中，请在“签批人（在册）”中选择。")


def _require_looked_over(report: WeeklyReport) -> None:
    if report.status != Status.REVIEWED:
        raise Refused(f"这份汇总目前为{report.status_words}，审核后才能签发。")
    require_current(report, also_new=False)


def signers(report: WeeklyReport, *, on: date) -> QuerySet[User]:
    """Return who may sign: the leaders of the organization."""
    held = Duty.objects.in_force(on).filter(
        organization=report.organization, role=Role.LEADER, user__is_active=True
    )
    return User.objects.filter(pk__in=held.values("user"))


# ---------------------------------------------------------------- out


@transaction.atomic
def forward(
    report: WeeklyReport,
    *,
    to: str,
    sent_at: datetime,
    way: str,
    receipt: str,
    by: Actor,
    at: datetime,
) -> Forwarding:
    """Note how a signed report went out (报送登记)."""
    report = report.locked()
    policy.require_here(by, "wr.forward", report.organization)
    if not report.is_filed:
        raise Refused("签发后才能登记报送。")
    if sent_at > at:
        raise Refused("报送时间不能晚于现在。")
    signed = report.filed_at
    # To the minute: a form asks for no more.
    if signed and sent_at < signed.replace(second=0, microsecond=0) and not report.signed_on:
        moment = signed.astimezone(BEIJING)
        raise Refused(f"报送时间不能早于签发时间（{moment:%Y-%m-%d %H:%M}）。")
    row = Forwarding.objects.create(
        report=report, to=to, sent_at=sent_at, way=way, receipt=receipt, by=by.user, at=at
    )
    say = f"{report} → {to}，{row.get_way_display()}"
    trail.record(Act.WEEKLY_FORWARDED, report, by=by, at=at, say=say)
    return row


@transaction.atomic
def returned_from_outside(
    report: WeeklyReport, *, reason: str, by: Actor, at: datetime
) -> WeeklyReport:
    """Note that the superior returned it, and begin the next version."""
    report = report.locked()
    policy.require_here(by, "wr.forward", report.organization)
    if report.organization_id != report.issue.campaign.organization_id:
        raise Refused("本单位的汇总报送上级活动办，由其在系统中退回。")
    if not report.is_filed or not report.is_latest:
        raise Refused("只有已签发的最新版本才能登记退回。")
    if not report.forwardings.exists():
        raise Refused("还没有登记报送，不能登记上级退回。")
    WeeklyReceipt.objects.create(
        report=report,
        decision=WeeklyReceipt.Decision.RETURNED,
        reason=reason,
        from_outside=True,
        by=by.user,
        at=at,
    )
    trail.record(Act.WEEKLY_RETURNED, report, by=by, at=at, quote=reason)
    return collate(report.issue, report.organization, by=by, at=at)
