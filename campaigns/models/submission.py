"""What was submitted of an examination (自查剖析的提交): final, each version by itself (SOD-18).

Submissions, who has read them, what was decided and what was found never change (by trigger).
"""

from typing import TYPE_CHECKING

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from campaigns.models.checklist import Item, Question
from campaigns.models.examination import Examination
from reform.models import Attachment, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Submission(models.Model):
    """One version, as it was sent in, with the promise of who reads it."""

    examination = models.ForeignKey(Examination, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField("版本")
    # The whole sheet, with the words of the checklist of that day (models/answers.py, `frozen`).
    content = models.JSONField("内容", encoder=DjangoJSONEncoder)
    sha256 = models.CharField("SHA-256", max_length=64)
    submitted_at = models.DateTimeField("提交时间")
    # The promise (谁会阅看): [{"name", "post", "words"}]; empty when it is reviewed on paper.
    readers = models.JSONField("阅看人", default=list)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="代录人"
    )
    scan = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    # Somebody without an account signed it on paper, on that day.
    signed_on = models.DateField("本人纸面签字日期", null=True)
    # Nobody here reads the parts marked 仅班子: of those the superior decides on paper.
    team_on_paper = models.BooleanField("班子部分线下审阅", default=False)

    if TYPE_CHECKING:
        part_verdicts: RelatedManager["PartVerdict"]
        readings: RelatedManager["Reading"]
        findings: RelatedManager["Finding"]
        verdict: "Verdict"
        withdrawal: "Withdrawal"

    class Meta:
        verbose_name = verbose_name_plural = "自查剖析提交"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["examination", "number"], name="submission_version_once"
            ),
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(recorded_by__isnull=False, scan__isnull=False),
                name="submission_signed_with_scan",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.examination}第{self.number}版"

    @property
    def is_withdrawn(self) -> bool:
        return hasattr(self, "withdrawal")

    @property
    def on_paper(self) -> bool:
        """Whether nobody in the system reviews it, or its 仅班子 part: it goes the paper way."""
        return not self.readers or self.team_on_paper

    @property
    def is_split(self) -> bool:
        """Whether the branch reads it without the parts marked 仅班子, and others the whole."""
        return any(one.get("part") == "branch" for one in self.readers)


class Withdrawal(models.Model):
    """Taken back by its author before anybody had read it."""

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="withdrawal")
    at = models.DateTimeField("撤回时间")

    class Meta:
        verbose_name = verbose_name_plural = "自查剖析撤回"

    def __str__(self) -> str:
        return f"{self.submission}，撤回"


class Reading(models.Model):
    """Somebody opened a submission for the first time; the author sees it."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="readings")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="阅看人")
    at = models.DateTimeField("首次阅看时间")

    class Meta:
        verbose_name = verbose_name_plural = "自查剖析阅看记录"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "person"], name="reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.submission}，{self.person.name}阅看"


class Tick(models.TextChoices):
    """What a reviewer may tick: the five 防止 (domain C7), the three 摆进去 (C8). Never obligatory,
    never counted."""

    ABOVE = "above", "没有拿上级指出的问题充作自己查的"
    TEAM = "team", "没有以班子问题代替个人问题"
    OTHERS = "others", "没有以下级问题或他人问题代替自身问题"
    BUSINESS = "business", "没有以工作业务问题代替思想政治问题"
    OLD = "old", "没有拿以前查过、还没解决的充作新发现的"
    SELF = "self", "把自己摆进去"
    POST = "post", "把职责摆进去"
    WORK = "work", "把工作摆进去"


class Verdict(models.Model):
    """What the reviewer decided about a submission, here or on paper."""

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", "审阅通过"
        RETURNED = "returned", "退回修改"

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="verdict")
    decision = models.CharField("结论", max_length=10, choices=Decision)
    comment = models.TextField("意见", max_length=2000, blank=True)
    ticks = models.JSONField("对照", default=list)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审阅人")
    by_name = models.CharField("审阅人姓名", max_length=40)
    # Copied, so that the database itself refuses that anybody reviews himself (SOD-01).
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="本人")
    by_post = models.CharField("职务", max_length=60, blank=True)
    at = models.DateTimeField("时间")
    # On paper: who entered it, the day on the paper, its scan.
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_on = models.DateField("签批日期", null=True)
    scan = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "自查剖析审阅"
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="accepted") | ~Q(comment=""),
                name="verdict_return_says_why",
            ),
            models.CheckConstraint(
                condition=Q(by=None) | ~Q(by=F("author")), name="verdict_not_by_author"
            ),
            models.CheckConstraint(
                condition=Q(recorded_by=None, signed_on=None, scan=None, by__isnull=False)
                | Q(recorded_by__isnull=False, signed_on__isnull=False, scan__isnull=False),
                name="verdict_on_paper_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission}，{self.get_decision_display()}"

    @property
    def signed(self) -> str:
        """“王某某”, or “王某某签批（李某代录）”."""
        if self.recorded_by:
            return f"{self.by_name}签批（{self.recorded_by.name}代录）"
        return self.by_name

    @property
    def ticked(self) -> list[str]:
        return [str(Tick(code).label) for code in self.ticks if code in Tick.values]


class PartVerdict(models.Model):
    """Accepted for one of the two who read a split text; the verdict falls with the other."""

    class Part(models.TextChoices):
        BRANCH = "branch", "党支部部分"
        WHOLE = "whole", "全文"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="part_verdicts")
    part = models.CharField("部分", max_length=10, choices=Part)
    comment = models.TextField("意见", max_length=2000, blank=True)
    ticks = models.JSONField("对照", default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审阅人")
    by_name = models.CharField("审阅人姓名", max_length=40)
    by_post = models.CharField("职务", max_length=60, blank=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="本人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "自查剖析分部分审阅"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "part"], name="part_verdict_once"),
            models.CheckConstraint(condition=~Q(by=F("author")), name="part_verdict_not_by_author"),
        ]

    def __str__(self) -> str:
        return f"{self.submission}，{self.get_part_display()}审阅通过"


class Finding(models.Model):
    """One problem that somebody found in himself, made when his text was accepted; the ledger
    draws from here."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="findings")
    position = models.PositiveSmallIntegerField("顺序")
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="findings")
    question = models.ForeignKey(Question, models.PROTECT, null=True, related_name="findings")
    manifestation = models.TextField("问题表现")
    cause = models.TextField("原因", blank=True)
    measures = models.JSONField("措施", default=list)  # of texts
    # For the leading team alone (仅班子): it does not go to the branch.
    team_only = models.BooleanField("仅班子", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "自查发现的问题"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "position"], name="finding_in_order"),
            models.CheckConstraint(
                condition=Q(item__isnull=False, question=None)
                | Q(item=None, question__isnull=False),
                name="finding_of_item_or_question",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission}，第{self.position}项"
