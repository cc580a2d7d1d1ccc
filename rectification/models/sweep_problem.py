"""What an organization found by sweeping, on the ledger; the problem a sweep began with."""

from django.db import models

from campaigns.models import SweepFinding, SweepRequest
from rectification.models.problem import Problem


class SweepProblem(models.Model):
    """A finding of a sweep was taken onto the ledger (排查问题入账), never twice. Only added."""

    finding = models.OneToOneField(SweepFinding, models.PROTECT, related_name="taken")
    problem = models.OneToOneField(Problem, models.PROTECT, related_name="swept")

    class Meta:
        verbose_name = verbose_name_plural = "排查问题入账"

    def __str__(self) -> str:
        return f"{self.finding}：{self.problem}"


class SweepOrigin(models.Model):
    """An office asked for a sweep because of a problem (对照此问题排查, 举一反三). Only added."""

    request = models.OneToOneField(SweepRequest, models.PROTECT, related_name="origin")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="sweep_origins")

    class Meta:
        verbose_name = verbose_name_plural = "对照排查的由来"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.problem}：{self.request}"
