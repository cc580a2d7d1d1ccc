"""Changes of a deadline (期限变更). The first deadline is kept for ever; each change is a row."""

from django.db import models

from rectification.models.problem import Problem
from reform.models import User


class DeadlineChange(models.Model):
    class Cause(models.TextChoices):
        FIRST = "first", "首次确定"
        RETURN = "return", "退回补改"
        CORRECTION = "correction", "更正"
        CALENDAR = "calendar", "工作日历调整"

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="deadline_changes")
    cause = models.CharField("事由", max_length=12, choices=Cause)
    was = models.DateField("原时限", null=True)
    becomes = models.DateField("新时限")
    reason = models.TextField("理由", blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "期限变更"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.problem} → {self.becomes:%Y-%m-%d}"
