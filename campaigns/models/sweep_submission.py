"""What was submitted of a risk sweep (风险排查表的报送), what was decided, what was found: final.

None of these rows ever changes (by trigger); a correction is a new version (SOD-18).
"""

from typing import TYPE_CHECKING

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from campaigns.models.checklist import Item, Question
from campaigns.models.sweep import Sweep
from reform.models import User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class SweepSubmission(models.Model):
    """One version, as it was sent in, with the questions of that day (`sweep_sheet.frozen`)."""

    sweep = models.ForeignKey(Sweep, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField("版本")
    content = models.JSONField("内容", encoder=DjangoJSONEncoder)
    sha256 = models.CharField("SHA-256", max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="报送人")
    by_name = models.CharField("报送人姓名", max_length=40)
    at = models.DateTimeField("报送时间")

    if TYPE_CHECKING:
        findings: RelatedManager["SweepFinding"]
        verdict: "SweepVerdict"

    class Meta:
        verbose_name = verbose_name_plural = "风险排查表报送"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sweep", "number"], name="sweep_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sweep}第{self.number}版"


class SweepVerdict(models.Model):
    """What the organization above decided about a version."""

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", "审阅通过"
        RETURNED = "returned", "退回修改"

    submission = models.OneToOneField(SweepSubmission, models.PROTECT, related_name="verdict")
    decision = models.CharField("结论", max_length=10, choices=Decision)
    comment = models.TextField("意见", max_length=2000, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审阅人")
    by_name = models.CharField("审阅人姓名", max_length=40)
    # Copied, so that the database itself refuses that anybody reviews his own (SOD-01).
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "风险排查表审阅"
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="accepted") | ~Q(comment=""),
                name="sweep_verdict_return_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(by=F("submitted_by")), name="sweep_verdict_not_by_submitter"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission}，{self.get_decision_display()}"


class SweepFinding(models.Model):
    """One problem that an organization found by sweeping, made when its sheet was accepted; the
    ledger draws from here."""

    class Severity(models.TextChoices):
        ORDINARY = "ordinary", "一般"
        KEY = "key", "重点"

    submission = models.ForeignKey(SweepSubmission, models.PROTECT, related_name="findings")
    position = models.PositiveSmallIntegerField("顺序")
    # Neither: it answers the question of a request.
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="sweep_findings")
    question = models.ForeignKey(Question, models.PROTECT, null=True, related_name="+")
    asked = models.CharField("排查内容", max_length=300)
    swept = models.CharField("排查对象", max_length=80)
    manifestation = models.TextField("问题表现")
    cause = models.TextField("原因", blank=True)
    severity = models.CharField("程度", max_length=10, choices=Severity)
    measure = models.TextField("措施", blank=True)
    who = models.CharField("责任人", max_length=40, blank=True)
    due_text = models.CharField("完成时限", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "风险排查发现的问题"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "position"], name="sweep_finding_in_order"
            ),
            models.CheckConstraint(
                condition=Q(item=None) | Q(question=None), name="sweep_finding_of_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission}，第{self.position}项"
