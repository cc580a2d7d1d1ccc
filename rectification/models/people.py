"""Who answers for a problem: leader and responsible persons, departments. The name always stays."""

from django.db import models

from rectification.models.problem import Problem
from reform.models import Organization, User


class ProblemPerson(models.Model):
    """A leader or responsible person. Needs no account; the name as written is always kept."""

    class Part(models.TextChoices):
        LEADER = "leader", "责任领导"
        RESPONSIBLE = "responsible", "责任人"

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="people")
    part = models.CharField("身份", max_length=15, choices=Part)
    position = models.PositiveSmallIntegerField("顺序", default=0)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="answers_for", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "责任人员"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["problem", "part", "name"], name="person_named_once"),
        ]
        indexes = [models.Index(fields=["user", "part"], name="person_by_user")]

    def __str__(self) -> str:
        return self.name


class ProblemDepartment(models.Model):
    """The responsible department, or an organization that cooperates (配合单位)."""

    class Part(models.TextChoices):
        RESPONSIBLE = "responsible", "责任部门"
        COOPERATING = "cooperating", "配合单位"

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="departments")
    part = models.CharField("身份", max_length=15, choices=Part)
    position = models.PositiveSmallIntegerField("顺序", default=0)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name="党组织"
    )
    name = models.CharField("名称", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "责任部门"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["problem", "part", "name"], name="department_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
