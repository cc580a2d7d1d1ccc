"""What the clock has told (催办记录), and where it has been told to be silent (暂停催办).

Rows before messages: a step of a rule is owed as long as there is no row that says it was told.
"""

from collections.abc import Sequence
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from campaigns.models import Cause, ReminderRule
from campaigns.models.reminder_rule import step_words
from rectification.models.problem import Problem
from reform.models import Actor, Organization, User
from reform.models.organization import within
from reform.workdays import ONE

# What goes by the deadline of a row; a deadline that is changed withdraws it.
BY_DEADLINE = (Cause.DUE_SOON, Cause.DUE_TODAY, Cause.OVERDUE)


class ReminderStepQuerySet(models.QuerySet["ReminderStep"]):
    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class ReminderStep(models.Model):
    """A step of the ladder that was told of a problem: once for a deadline as it then stood."""

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="reminder_steps")
    rule = models.ForeignKey(ReminderRule, models.PROTECT, related_name="+")
    cause = models.CharField("事由", max_length=20, choices=Cause)
    workdays = models.PositiveSmallIntegerField("工作日")
    # Which version of the deadline: the day itself; of the others the day one has waited since.
    anchor = models.DateField("起算日")
    fires_on = models.DateField("应提醒日")
    told_at = models.DateTimeField("提醒时间")
    late = models.BooleanField("补发", default=False)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    objects = ReminderStepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "催办记录"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["problem", "cause", "anchor", "workdays"],
                condition=Q(withdrawn_at=None),
                name="reminder_step_told_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.problem} {self.words}"

    @property
    def words(self) -> str:
        return step_words(self.cause, self.workdays)


class Reminder(models.Model):
    """One person told of one step; folded where a higher step told him the same moment."""

    step = models.ForeignKey(ReminderStep, models.CASCADE, related_name="reminders")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    folded = models.BooleanField("并入更高一步", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "催办对象"
        constraints = [
            models.UniqueConstraint(fields=["step", "person"], name="reminder_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.step} → {self.person}"


class ReminderPauseQuerySet(models.QuerySet["ReminderPause"]):
    def in_force(self, on: date) -> Self:
        """Return what holds that day; `until` is the last one."""
        begun = self.filter(since__lte=on, until__gte=on)
        return begun.filter(Q(ended_on=None) | Q(ended_on__gt=on))

    def over(self, problem: Problem) -> Self:
        """Return those that keep the clock silent about this row."""
        above = Q(organization__path__in=problem.organization.lineage)
        return self.filter(Q(problem=problem) | above)

    def visible_to(self, actor: Actor) -> Self:
        """Return those of rows he reads; and those of organizations, whose names all may see."""
        rows = Problem.objects.visible_to(actor).values("pk")
        return self.filter(Q(problem=None) | Q(problem__in=rows))


class ReminderPause(models.Model):
    """No reminder about a row, or about an organization and all below it, until a day (esc.mute).

    It ends by itself; what is then still owed is told, and the rest is not.
    """

    problem = models.ForeignKey(Problem, models.CASCADE, null=True, related_name="pauses")
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name="单位"
    )
    since = models.DateField("自")
    until = models.DateField("暂停到")
    reason = models.CharField("理由", max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="决定人")
    at = models.DateTimeField("决定时间")
    ended_on = models.DateField("提前恢复", null=True)

    objects = ReminderPauseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "暂停催办"
        constraints = [
            models.CheckConstraint(
                condition=Q(problem=None, organization__isnull=False)
                | Q(problem__isnull=False, organization=None),
                name="pause_of_a_row_or_a_place",
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")) & ~Q(reason=""), name="pause_is_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.problem or self.organization}暂停催办到{self.until:%Y-%m-%d}"

    @property
    def last(self) -> date:
        """The last silent day; resumed, the clock speaks again that very day."""
        return min(self.until, self.ended_on - ONE) if self.ended_on else self.until

    def covers(self, problem: int, path: str) -> bool:
        """Whether it keeps the clock silent about a row, by its key and path."""
        place = self.organization
        return self.problem_id == problem or (place is not None and place.covers(path))


def paused_rows(pauses: Sequence[ReminderPause]) -> Q:
    """Return the condition “one of the pauses covers the row”."""
    keys = [pause.problem_id for pause in pauses if pause.problem_id]
    found = Q(pk__in=keys)
    for pause in pauses:
        if pause.organization:
            found |= within(pause.organization.path)
    return found
