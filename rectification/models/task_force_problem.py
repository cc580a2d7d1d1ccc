from typing import Self

from django.db import models

from campaigns.models import Body
from rectification.models.problem import Problem
from reform.models import Actor, User


class TaskForceProblemQuerySet(models.QuerySet["TaskForceProblem"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the links between what the actor reads on both sides."""
        rows = Problem.objects.visible_to(actor).order_by().values("pk")
        return self.filter(problem__in=rows, body__in=Body.objects.visible_to(actor).values("pk"))


class TaskForceProblem(models.Model):
    """A cross-cutting problem that a task force works on (专班整改).

    Who answers for it, by when and who closes it stays with the row: the task force is a tag.
    """

    body = models.ForeignKey(Body, models.CASCADE, related_name="problem_links")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="task_force_links")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    objects = TaskForceProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专班整改的问题"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["body", "problem"], name="task_force_problem_once"),
        ]

    def __str__(self) -> str:
        return f"{self.body} · {self.problem}"
