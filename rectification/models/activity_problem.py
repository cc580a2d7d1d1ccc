from django.db import models

from campaigns.models import Activity
from rectification.models.problem import Problem


class ActivityProblem(models.Model):
    """An activity was about a problem (关联问题): a meeting that discussed it, a visit to it."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="links")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="activity_links")

    class Meta:
        verbose_name = verbose_name_plural = "活动所涉问题"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "problem"], name="activity_problem_once"),
        ]

    def __str__(self) -> str:
        return f"{self.activity} · {self.problem}"
