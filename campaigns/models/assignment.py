"""Assignments (任务分解表): who does what by when, the clauses (条款) they come from, and what the
superior asks for (上级要求)."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from campaigns.models.campaign import Campaign
from campaigns.models.stage import Stage
from reform.models import Actor, Attachment, Lifecycle, Organization, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class OfCampaigns(models.QuerySet):
    """Rows that everybody reads who reads their campaign (`ca.read`): part of its plan."""

    def visible_to(self, actor: Actor) -> Self:
        seen = Campaign.objects.visible_to(actor)
        return self.filter(campaign__in=seen.order_by().values("pk"))


class ClauseQuerySet(OfCampaigns):
    def with_tasks(self) -> Self:
        """Add `has_task`: whether an assignment comes from it."""
        tasks = Assignment.objects.filter(clause=OuterRef("pk"))
        return self.annotate(has_task=Exists(tasks))


class Clause(models.Model):
    """A clause of a plan (方案条款) that has to be broken down into assignments."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="clauses")
    source = models.CharField("依据", max_length=100)
    position = models.PositiveIntegerField("顺序")
    number = models.CharField("条款号", max_length=20, blank=True)
    text = models.CharField("内容", max_length=1000)

    objects = ClauseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "方案条款"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="clause_in_order"),
        ]

    def __str__(self) -> str:
        """The short name by which tables quote it: “市委方案 （一）2”."""
        return (
            f"{self.source} {self.number}" if self.number else f"{self.source} 第{self.position}条"
        )


class AssignmentQuerySet(OfCampaigns):
    def overdue(self, on: date) -> Self:
        return self.filter(due_on__lt=on).exclude(status=Assignment.Status.DONE)


class Assignment(Lifecycle):
    class Status(models.TextChoices):
        NOT_STARTED = "not_started", "未启动"
        UNDER_WAY = "under_way", "推进中"
        DONE = "done", "已完成"

    NEXT = {
        Status.NOT_STARTED: (Status.UNDER_WAY, Status.DONE),
        Status.UNDER_WAY: (Status.DONE,),
        Status.DONE: (Status.UNDER_WAY,),
    }

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="assignments")
    position = models.PositiveIntegerField("序号")
    clause = models.ForeignKey(
        Clause, models.SET_NULL, null=True, related_name="assignments", verbose_name="依据条款"
    )
    stage = models.ForeignKey(
        Stage, models.SET_NULL, null=True, related_name="assignments", verbose_name="阶段"
    )
    task = models.CharField("工作任务", max_length=500)
    content = models.TextField("具体措施", blank=True)
    is_prescribed = models.BooleanField("规定动作", default=True)
    leader = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    leader_name = models.CharField("牵头领导", max_length=60, blank=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="assignments", verbose_name="牵头单位"
    )
    cooperating = models.ManyToManyField(
        Organization, related_name="cooperations", verbose_name="配合单位"
    )
    # Those of a table that stand for no single organization: 各党支部.
    cooperating_text = models.CharField("其他配合单位", max_length=200, blank=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    person_name = models.CharField("责任人", max_length=100, blank=True)
    due_text = models.CharField("完成时限（原文）", max_length=100, blank=True)
    due_on = models.DateField("完成时限", null=True)
    status = models.CharField("状态", max_length=15, choices=Status, default=Status.NOT_STARTED)
    done_on = models.DateField("完成日期", null=True)
    remark = models.CharField("备注", max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AssignmentQuerySet.as_manager()

    if TYPE_CHECKING:
        entries: RelatedManager["AssignmentEntry"]

    class Meta:
        verbose_name = verbose_name_plural = "任务"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="assignment_in_order"),
            models.CheckConstraint(
                condition=Q(status="done", done_on__isnull=False)
                | ~Q(status="done") & Q(done_on=None),
                name="assignment_done_on_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "due_on"], name="assignment_by_due"),
        ]

    def __str__(self) -> str:
        return f"第{self.position}项任务"

    def get_absolute_url(self) -> str:
        return reverse("assignment", args=[self.pk])

    def is_overdue(self, on: date) -> bool:
        """The same meaning as `AssignmentQuerySet.overdue`."""
        return self.status != self.Status.DONE and self.due_on is not None and self.due_on < on

    def is_persons(self, user: User) -> bool:
        return self.person is not None and self.person.person_id == user.person_id


class AssignmentEntry(models.Model):
    """What was done (进展), a line each. Rows are only added, by trigger."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="entries")
    on = models.DateField("日期")
    text = models.CharField("进展", max_length=1000)
    status = models.CharField("当时状态", max_length=15, choices=Assignment.Status)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField("填报人", max_length=40)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "任务进展"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.assignment}进展"


class AssignmentImportQuerySet(models.QuerySet["AssignmentImport"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(by=actor.user)


class AssignmentImport(models.Model):
    """A table of assignments on its way into a campaign."""

    class State(models.TextChoices):
        READ = "read", "待核对"
        KEPT = "kept", "已导入"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    attachment = models.OneToOneField(Attachment, models.PROTECT, verbose_name="文件")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导入人")
    at = models.DateTimeField("上传时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.READ)
    count = models.PositiveIntegerField("导入项数", default=0)

    objects = AssignmentImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务分解表导入"

    def __str__(self) -> str:
        return self.attachment.name

    def get_absolute_url(self) -> str:
        return reverse("assignment-import", args=[self.pk])


class SuperiorRequest(models.Model):
    """What the superior requires (上级要求), and how it was answered: a register."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="superior_requests")
    source = models.CharField("来源", max_length=100)
    on = models.DateField("收到日期")
    text = models.TextField("要求内容")
    due_on = models.DateField("落实期限", null=True)
    answered_on = models.DateField("落实日期", null=True)
    answered_by = models.CharField("落实人或单位", max_length=100, blank=True)
    answer = models.TextField("落实情况", blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = OfCampaigns.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上级要求"
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on=None, answered_by="", answer="")
                | Q(answered_on__isnull=False) & ~Q(answered_by="") & ~Q(answer=""),
                name="superior_request_answer_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}（{self.on.month}月{self.on.day}日）"
