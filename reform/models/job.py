"""Jobs (后台任务): long work that the worker does, with its progress, ending in a file."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from reform.models.actor import Actor
from reform.models.attachment import Attachment
from reform.models.user import User


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(asked_by=actor.user)

    def waiting(self) -> Self:
        return self.filter(state=Job.State.WAITING).order_by("pk")


class Job(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "等待中"
        RUNNING = "running", "正在生成"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    class Kind(models.TextChoices):
        LEDGER_PRINTED = "ledger_printed", "台账（打印版）"
        LEDGER_DATA = "ledger_data", "台账（数据版）"
        TRAIL_EXPORT = "trail_export", "操作留痕"
        TRAIL_CHECK = "trail_check", "留痕校验结果"

    kind = models.CharField("种类", max_length=30, choices=Kind)
    facts = models.JSONField("条件", default=dict)
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="jobs", verbose_name="申请人")
    asked_on = models.DateField("截至日期")
    asked_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    begun_at = models.DateTimeField("开始时间", null=True)
    # A worker says it lives by this; a job whose worker was killed is taken up again.
    beat_at = models.DateTimeField("最近进展", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    result = models.OneToOneField(Attachment, models.PROTECT, null=True, verbose_name="结果文件")
    fault = models.CharField("原因", max_length=400, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", result__isnull=False)
                | ~Q(state="done") & Q(result__isnull=True),
                name="job_done_has_result",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state"], condition=Q(state__in=["waiting", "running"]), name="job_unended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.asked_by}"

    def get_absolute_url(self) -> str:
        return reverse("job", args=[self.pk])

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0

    @property
    def has_ended(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}
