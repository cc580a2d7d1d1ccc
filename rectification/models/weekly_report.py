"""Weekly reports (周报): two texts, the week's figures, and who wrote, signed, received them.

A report that was filed never changes (SOD-18, by trigger): a correction is a new version, after a
return. Lateness is not stored: it follows from when the first version was filed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.urls import reverse

from campaigns.models import Level, Obligation
from rectification.models.weekly_issue import OwedReport, WeeklyIssue
from reform.models import Actor, Attachment, Lifecycle, Organization, Role, User
from reform.models.scope import Reach

# `wr.read` in PERMISSIONS.md; C prepares for its organization and reads what B reads there.
READ: dict[str, str] = {
    Role.LIAISON: "U",
    Role.SECRETARY: "U",
    Role.INSPECTOR: "VX",
    Role.OFFICE: "D",
    Role.LEADER: "D",
}
# Whoever is above reads what was filed; until then it is its own organization's.
AT_WORK: dict[str, str] = {
    Role.LIAISON: "U",
    Role.SECRETARY: "U",
    Role.OFFICE: "U",
    Role.LEADER: "U",
}
# Collating and signing are D (`wr.aggregate`, `wr.sign`): who may, sees what he works on.
COLLATING: dict[str, str] = {Role.OFFICE: "D", Role.LEADER: "D"}


class WeeklyReportQuerySet(models.QuerySet["WeeklyReport"]):
    def visible_to(self, actor: Actor) -> Self:
        seen = (
            Q(organization__in=_places(actor, AT_WORK))
            | Q(organization__succeeded_by__in=_places(actor, AT_WORK))  # what it took over
            | Q(collated=True, organization__in=_places(actor, COLLATING))
            | Q(status=WeeklyReport.Status.FILED, organization__in=_places(actor, READ))
        )
        if actor.holding(*COLLATING):
            seen |= Q(status=WeeklyReport.Status.FILED) & _to_the_lead(actor)
        return self.filter(seen)

    def filed(self) -> Self:
        return self.filter(status=WeeklyReport.Status.FILED)

    def current(self) -> Self:
        """Return of each organization's reports of an issue only the last version."""
        return self.filter(is_latest=True)


def _to_the_lead(actor: Actor) -> Q:
    """Return the condition of reports that come straight to the one that leads, also from another
    tree: no collating office lies above, as it was counted, or as the campaign says today."""
    leads = Q(issue__campaign__organization__in=_places(actor, COLLATING))
    counted = OwedReport.objects.filter(issue=OuterRef("issue"), level=Level.OFFICE)
    named = Obligation.objects.in_force(actor.on).filter(
        campaign=OuterRef("issue__campaign"), level=Level.OFFICE
    )
    above, will_be_above = (
        Exists(
            rows.exclude(organization=OuterRef("organization"))
            .alias(below=ExpressionWrapper(OuterRef("organization__path"), models.CharField()))
            .filter(below__startswith=F("organization__path"))
        )
        for rows in (counted, named)
    )
    return leads & ~above & (Q(issue__counted_at__isnull=False) | ~will_be_above)


def _places(actor: Actor, scopes: dict[str, str]) -> Any:
    """Return the keys of the organizations a table of scopes opens, wherever they stand now."""
    reach = Reach.of(actor, scopes, key="pk")
    rows = Organization.objects.order_by()
    return (rows if reach.whole else rows.filter(reach.condition())).values("pk")


class WeeklyReport(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", "起草中"
        PREPARED = "prepared", "待确认"
        REVIEWED = "reviewed", "待签发"
        FILED = "filed", "已报送"

    NEXT = {
        Status.DRAFT: (Status.PREPARED, Status.FILED),
        Status.PREPARED: (Status.DRAFT, Status.REVIEWED, Status.FILED),
        Status.REVIEWED: (Status.DRAFT, Status.FILED),
        Status.FILED: (),
    }

    issue = models.ForeignKey(WeeklyIssue, models.PROTECT, related_name="reports")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="weekly_reports")
    name = models.CharField("填报单位", max_length=100, editable=False)  # as it was called
    level = models.CharField("层级", max_length=10, choices=Level)
    # Collated from those that report to it, or its own week.
    collated = models.BooleanField("汇总", default=False)
    number = models.PositiveSmallIntegerField("版本", default=1)
    is_latest = models.BooleanField("最新版本", default=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    zero = models.BooleanField("零报告（本周无新进展）", default=False)
    progress = models.TextField("本周工作进展", blank=True)
    plans = models.TextField("下周工作安排", blank=True)
    practices = models.TextField("好的做法", blank=True)
    troubles = models.TextField("存在问题", blank=True)
    # What the system proposed: [{"text", "rows": [pk …], "query": the ledger's address}].
    basis = models.JSONField("起草依据", default=list)
    # Metric → number, as counted at `counted_at`.
    figures = models.JSONField("数据", default=dict)
    counted_at = models.DateTimeField("截至")
    # What happened between these is told by this report: from where the last one ended, up to its
    # own cut-off at most, however late it is filed or corrected.
    since = models.DateTimeField("自")
    until = models.DateTimeField("至")
    # Raised by every change of a draft: two people may have it open.
    edition = models.PositiveIntegerField(default=1, editable=False)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填报人")
    drafted_at = models.DateTimeField("起草时间")
    prepared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField("审核时间", null=True)
    review_waived = models.BooleanField("免审核（办公室仅一人）", default=False)
    # Who confirmed or signed, here or on paper (线下签批).
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    filed_by_name = models.CharField("签发人", max_length=40, blank=True)
    filed_at = models.DateTimeField("报送时间", null=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_on = models.DateField("签批日期", null=True)
    scan = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    sent_back = models.CharField("退回修改的意见", max_length=500, blank=True)

    objects = WeeklyReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周报"
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "organization", "number"], name="report_version_once"
            ),
            models.UniqueConstraint(
                fields=["issue", "organization"],
                condition=Q(is_latest=True),
                name="report_latest_once",
            ),
            models.CheckConstraint(
                condition=Q(status="filed", filed_at__isnull=False)
                | ~Q(status="filed") & Q(filed_at=None),
                name="report_filed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-issue"], name="report_of_organization"),
        ]

    def __str__(self) -> str:
        version = f"（第{self.number}版）" if self.number > 1 else ""
        return f"{self.name}{self.issue}周报{version}"

    def get_absolute_url(self) -> str:
        return reverse("weekly-report", args=[self.pk])

    @property
    def is_filed(self) -> bool:
        return self.status == self.Status.FILED

    @property
    def back_act(self) -> str:
        """Whose act it is to send it back now: whoever has it before him."""
        if self.status == self.Status.REVIEWED:
            return "wr.sign"
        return "wr.aggregate" if self.collated else "wr.create"

    @property
    def status_words(self) -> str:
        """The word of the status; an office's report passes other desks than a branch's."""
        if self.collated and self.status == self.Status.PREPARED:
            return "待审核"
        return str(self.Status(self.status).label)

    @property
    def signed_words(self) -> str:
        """Who stands for it: “王某某签批（李某代录）”."""
        if not self.is_filed:
            return ""
        name = self.filed_by.name if self.filed_by else self.filed_by_name
        return f"{name}签批（{self.recorded_by.name}代录）" if self.recorded_by else name


class WeeklyPart(models.Model):
    """One organization's paragraph in a collated report; without `source` it has not reported."""

    report = models.ForeignKey(WeeklyReport, models.CASCADE, related_name="parts")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    name = models.CharField("单位", max_length=100)
    position = models.PositiveSmallIntegerField("顺序")
    source = models.ForeignKey(WeeklyReport, models.PROTECT, null=True, related_name="+")
    progress = models.TextField("本周工作进展", blank=True)
    plans = models.TextField("下周工作安排", blank=True)
    edited = models.BooleanField("汇总时改过", default=False)
    edition = models.PositiveIntegerField(default=1, editable=False)
    # 已报, 零报告, 迟报, 未报, 缓报 … as it stood when it was collated.
    note = models.CharField("报送情况", max_length=20, blank=True)
    figures = models.JSONField("数据", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "汇总段落"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "organization"], name="part_once_a_report"),
        ]

    def __str__(self) -> str:
        return self.name


class WeeklyReceipt(models.Model):
    """What became of a filed report above: received, or returned. Rows are added, never changed."""

    class Decision(models.TextChoices):
        RECEIVED = "received", "收下"
        RETURNED = "returned", "退回"

    report = models.ForeignKey(WeeklyReport, models.PROTECT, related_name="receipts")
    decision = models.CharField("处理", max_length=10, choices=Decision)
    reason = models.CharField("意见", max_length=500, blank=True)
    # Of the superior outside this system, entered by the office that reported to it.
    from_outside = models.BooleanField("上级退回", default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "周报收退"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.report} {self.get_decision_display()}"


class Forwarding(models.Model):
    """A signed report on its way out (报送登记): to whom, when, how, and the receipt."""

    class Way(models.TextChoices):
        EXCHANGE = "exchange", "公文交换"
        MAIL = "mail", "内网邮箱"
        PLATFORM = "platform", "上级平台"
        PAPER = "paper", "纸质送达"
        OTHER = "other", "其他"

    report = models.ForeignKey(WeeklyReport, models.PROTECT, related_name="forwardings")
    to = models.CharField("报送对象", max_length=100)
    sent_at = models.DateTimeField("报送时间")
    way = models.CharField("方式", max_length=10, choices=Way)
    receipt = models.CharField("回执", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "报送登记"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.report} → {self.to}"


def reported_words(parts: Iterable[WeeklyPart]) -> list[str]:
    """Return the sentences of a collated report that say who reported, and name who did not."""
    others = [part for part in parts if part.position > 0]
    came = sum(part.source_id is not None for part in others)
    if not others:
        return []
    said = f"本期应报{len(others)}个单位，已报{came}个，未报{len(others) - came}个。"
    return [said, *missing_words(others)]


def missing_words(parts: Iterable[WeeklyPart]) -> list[str]:
    missing = [part for part in parts if part.position > 0 and part.source_id is None]
    names = "、".join(f"{part.name}（{part.note}）" for part in missing)
    return [f"未报送单位：{names}。"] if missing else []


def is_late(filed_at: datetime, due_at: datetime, deferrals: Any) -> bool:
    """Return whether a first version came after its cut-off, and after what it was deferred to."""
    until = max([due_at, *(row.until for row in deferrals)])
    return filed_at > until
