"""Somebody's own problem becomes his unit's (转为单位问题): he is told first, and why."""

from datetime import date

from django.db import models
from django.db.models import Q

from rectification.models.problem import Problem
from reform.models import User


class Conversion(models.Model):
    """Told, perhaps agreed to by the person himself, done: once a problem, it never turns back.

    Done from `not_before` on, or at once when he agreed; what he marked 仅班子, only then.
    """

    class Becomes(models.TextChoices):
        UNIT = "unit", "单位"
        TEAM = "team", "班子"

    problem = models.OneToOneField(Problem, models.CASCADE, related_name="conversion")
    becomes = models.CharField("转为", max_length=10, choices=Becomes)
    reason = models.TextField("理由", max_length=500)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    told_at = models.DateTimeField("告知本人时间")
    not_before = models.DateField("最早转换日期")
    agreed_at = models.DateTimeField("本人同意时间", null=True)
    done_at = models.DateTimeField("转换时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "转为单位问题"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="conversion_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.problem}转为{self.get_becomes_display()}问题"

    def obstacle(self, on: date) -> str:
        """Return why it may not be done yet, or nothing."""
        if self.agreed_at:
            return ""
        finding = self.problem.finding
        if finding is not None and finding.team_only:
            return "这条问题由本人标明“仅班子”，须本人同意后才能转换。"
        if on < self.not_before:
            return (
                f"已告知本人，{self.not_before.month}月{self.not_before.day}日起可以转换；"
                "本人同意的，当时就可以。"
            )
        return ""
