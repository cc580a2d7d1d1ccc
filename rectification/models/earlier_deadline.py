"""Deadlines that a changed calendar would bring forward (时限提前): they wait for a leader."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from rectification.models.problem import Problem
from reform.models import Actor, HolidayNotice, Role, User
from reform.models.scope import Reach

APPROVERS: dict[str, str] = {Role.LEADER: "D"}  # cal.approve in PERMISSIONS.md


class EarlierDeadlineQuerySet(models.QuerySet["EarlierDeadline"]):
    def waiting(self) -> Self:
        """Return those to decide on: the row is open, and nobody has set its day since."""
        return self.filter(
            state=EarlierDeadline.State.WAITING,
            problem__is_open=True,
            problem__due_since__isnull=False,
            problem__due_on=F("was"),
        )

    def to_decide(self, actor: Actor) -> Self:
        """Return those of rows that the actor reads in the part of the tree where he approves.

        Personal rows are nobody's: leaders do not see them, and one's own is not one's to decide.
        """
        reach = Reach.of(actor, APPROVERS)
        rows = Problem.objects.exclude(owner_kind=Problem.OwnerKind.PERSONAL)
        mine = rows if reach.whole else rows.filter(reach.condition())
        return self.filter(Exists(mine.filter(pk=OuterRef("problem"))))


class EarlierDeadline(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "待批准"
        APPROVED = "approved", "已批准提前"
        KEPT = "kept", "维持原时限"
        VOID = "void", "不再适用"

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="earlier_deadlines")
    notice = models.ForeignKey(HolidayNotice, models.PROTECT, related_name="+")
    was = models.DateField("现时限")
    becomes = models.DateField("按新日历")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    found_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("决定时间", null=True)
    reason = models.CharField("说明", max_length=500, blank=True)

    objects = EarlierDeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "时限提前"
        constraints = [
            models.UniqueConstraint(
                fields=["problem"], condition=Q(state="waiting"), name="earlier_deadline_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(becomes__lt=F("was")), name="earlier_deadline_is_earlier"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.problem}：{self.was:%Y-%m-%d} → {self.becomes:%Y-%m-%d}"
