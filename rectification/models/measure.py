"""Measures (整改措施) taken against a problem, and the progress (进展) made with them."""

from django.db import models
from django.db.models import Q

from rectification.models.problem import Problem, Progress
from reform.models import User


class Measure(models.Model):
    class Kind(models.TextChoices):
        AT_ONCE = "at_once", "当下改"
        LASTING = "lasting", "长久立"

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="measures")
    position = models.PositiveSmallIntegerField("顺序")
    text = models.TextField("措施")
    kind = models.CharField("性质", max_length=10, choices=Kind, blank=True)
    # Empty person and day mean the row's own.
    person_name = models.CharField("责任人", max_length=80, blank=True)
    due_on = models.DateField("完成时限", null=True, blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    done_note = models.TextField("完成情况", blank=True)
    # The one who set the measure, for SOD-02: the person named, not the clerk who typed.
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField("拟定人", max_length=40, blank=True)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="录入人")

    class Meta:
        verbose_name = verbose_name_plural = "整改措施"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="measure_has_text"),
        ]

    def __str__(self) -> str:
        return self.text[:30]


class ProgressEntry(models.Model):
    """What was done about a problem on a day. Entries are added, never rewritten."""

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="progress_entries")
    measure = models.ForeignKey(Measure, models.SET_NULL, null=True, related_name="+")
    text = models.TextField("进展情况")
    progress = models.CharField("进展", max_length=15, choices=Progress)
    on = models.DateField("日期")
    at = models.DateTimeField("填报时间")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    person_name = models.CharField("填报人", max_length=40)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="录入人")

    class Meta:
        verbose_name = verbose_name_plural = "进展"
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return self.text[:30]


def with_lasting_done() -> Q:
    """Return the problems with at least one measure of the kind 长久立 that is done."""
    rows = Measure.objects.filter(kind=Measure.Kind.LASTING, done_on__isnull=False)
    return Q(pk__in=rows.order_by().values("problem"))
