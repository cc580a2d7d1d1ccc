"""Closure (销号): applications, the steps of their chain, and the reviews that decide them."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Length, Substr

from campaigns.models import ClosingLevel, ClosingStep
from rectification.models.problem import Problem
from reform.models import Actor, Attachment, Organization, OrganizationRelation, User


class Decision(models.TextChoices):
    APPROVED = "approved", "同意"
    RETURNED = "returned", "退回整改"
    WAIVED = "waived", "本人申请、免审签"


class ReturnReason(models.TextChoices):
    MEASURES = "measures", "措施未落实到位"
    EVIDENCE = "evidence", "佐证材料不足或不实"
    EFFECT = "effect", "整改成效不明显"
    STANDARD = "standard", "未达到整改标准"
    MECHANISM = "mechanism", "长效机制未建立"
    OTHER = "other", "其他"


class Method(models.TextChoices):
    """How the reviewer looked (核查方式, DESIGN §3)."""

    PAPERS = "papers", "查阅资料"
    SITE = "site", "实地查看"
    INTERVIEW = "interview", "访谈"
    SAMPLE = "sample", "抽查"


class Standard(models.TextChoices):
    """What is ticked once, at 核查 (domain.md §3.1, the five standards)."""

    MEASURES = "measures", "措施全部落实"
    HANDLED = "handled", "具体问题已处理到位"
    RESULT = "result", "达到整改标准"
    ALIKE = "alike", "同类问题已举一反三"
    LASTING = "lasting", "根源已查清、长效机制已建立"


class ClosureApplication(models.Model):
    """One attempt to close a problem: round 1, and another after each return."""

    class Outcome(models.TextChoices):
        CLOSED = "closed", "已销号"
        RETURNED = "returned", "已退回"

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="applications")
    round = models.PositiveSmallIntegerField("轮次")
    level = models.ForeignKey(ClosingLevel, models.PROTECT, related_name="+")
    statement = models.TextField("整改情况说明")
    applicant = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    applicant_name = models.CharField("申请人", max_length=40)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="录入人")
    applied_at = models.DateTimeField("申请时间")
    outcome = models.CharField("结果", max_length=10, choices=Outcome, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "销号申请"
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["problem", "round"], name="application_round_once"),
            models.UniqueConstraint(
                fields=["problem"], condition=Q(outcome=""), name="application_one_open"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at=None) | ~Q(outcome="") & Q(ended_at__isnull=False),
                name="application_outcome_is_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["problem"], condition=Q(outcome="returned"), name="application_returned"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.problem} 第{self.round}次申请"


class ReviewStepQuerySet(models.QuerySet["ReviewStep"]):
    def open(self) -> Self:
        return self.filter(state=ReviewStep.State.OPEN)

    def visible_to(self, actor: Actor) -> Self:
        return self.filter(Problem.objects.seen_from(actor, "application__problem"))

    def displaced(self, on: date) -> Self:
        """Return steps whose holder does not lie above their row on the day `on`, or who have
        none: what `chains` would not climb to. One statement, however many rows moved."""
        place = "application__problem__organization"
        at_home = Q(holder=F(place))
        above = Q(holder__path=Substr(f"{place}__path", 1, Length("holder__path")))
        endorsed = Q(kind=ClosingStep.Kind.ENDORSE)
        personal = Q(application__problem__owner_kind=Problem.OwnerKind.PERSONAL)
        # A 纪检组 answers for its host and for all below it.
        host = Substr(OuterRef(f"{place}__path"), 1, Length("other__path"))
        stationed = OrganizationRelation.objects.stationed(on).filter(
            organization=OuterRef("holder"), other__path=host
        )
        seated = self.filter(
            endorsed & ~personal & at_home
            | endorsed & personal & above
            | ~endorsed & above & ~at_home
            | Q(kind=ClosingStep.Kind.RECHECK) & Exists(stationed)
        )
        return self.exclude(pk__in=seated.values("pk"))


class ReviewStep(models.Model):
    """One step of an application's chain. Its holder is fixed when it opens."""

    class State(models.TextChoices):
        WAITING = "waiting", "未到"
        OPEN = "open", "待办"
        APPROVED = "approved", "已同意"
        RETURNED = "returned", "已退回"
        WAIVED = "waived", "免审签"

    application = models.ForeignKey(ClosureApplication, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField("顺序")
    kind = models.CharField("步骤", max_length=10, choices=ClosingStep.Kind)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    # The nearest organization above with somebody who may take it; none when nobody was found:
    # then somebody is appointed from outside, or it is decided on paper.
    holder = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name="承办单位"
    )
    opened_at = models.DateTimeField("到达时间", null=True)
    # Where nobody else could sign for the organization, the first review must go and look.
    must_visit = models.BooleanField("须实地或访谈", default=False)

    objects = ReviewStepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核步骤"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "position"], name="review_step_in_order"
            ),
            models.UniqueConstraint(
                fields=["application"], condition=Q(state="open"), name="review_one_step_open"
            ),
        ]
        indexes = [
            models.Index(
                fields=["holder", "kind"], condition=Q(state="open"), name="review_step_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.get_kind_display()}"


class Appointment(models.Model):
    """Somebody from outside appointed to take one step, until a day (指派)."""

    step = models.ForeignKey(ReviewStep, models.CASCADE, related_name="appointments")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="指派人员")
    until = models.DateField("截止日期")
    appointed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("指派时间")

    class Meta:
        verbose_name = verbose_name_plural = "指派"
        indexes = [models.Index(fields=["user", "until"], name="appointment_by_user")]
        constraints = [
            models.UniqueConstraint(fields=["step", "user"], name="appointment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.step} → {self.user}"


class ClosureReview(models.Model):
    """One decision on one step. Written once; a trigger forbids anything else (SOD-18)."""

    application = models.ForeignKey(ClosureApplication, models.PROTECT, related_name="reviews")
    step = models.OneToOneField(ReviewStep, models.PROTECT, related_name="review")
    decision = models.CharField("结论", max_length=10, choices=Decision)
    reason = models.CharField("退回原因", max_length=15, choices=ReturnReason, blank=True)
    opinion = models.TextField("意见", blank=True)
    methods = models.JSONField("核查方式", default=list)
    standards = models.JSONField("对照标准", default=list)
    new_due_on = models.DateField("补改期限", null=True)
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reviewer_name = models.CharField("审核人", max_length=40)
    reviewer_post = models.CharField("职务", max_length=60, blank=True)
    organization_name = models.CharField("审核单位", max_length=100, blank=True)
    # On leave, and in whose place the reviewer held the duty (请假委托).
    behalf = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="委托人"
    )
    decided_at = models.DateTimeField("审核时间")
    # Signed on paper (线下签批): who entered it, the day on the paper, and its scan.
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_on = models.DateField("签批日期", null=True)
    scan = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    # 审批时材料留底: what was decided on, and its SHA-256.
    kept = models.JSONField("审批时材料留底", default=dict)
    kept_sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审核记录"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="returned")
                | ~Q(opinion="") & ~Q(reason="") & Q(new_due_on__isnull=False),
                name="review_return_says_why",
            ),
            models.CheckConstraint(
                condition=Q(recorded_by=None, signed_on=None, scan=None)
                | Q(recorded_by__isnull=False, signed_on__isnull=False, scan__isnull=False),
                name="review_on_paper_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} · {self.get_decision_display()}"

    @property
    def on_paper(self) -> bool:
        return self.signed_on is not None

    @property
    def signed(self) -> str:
        """“王某代张某（请假委托）”, “王某某签批（李某代录）”, or the name alone."""
        name = self.reviewer_name
        if self.behalf:
            name = f"{name}代{self.behalf}（请假委托）"
        return f"{name}签批（{self.recorded_by}代录）" if self.recorded_by else name
