"""Evidence (佐证材料): a file, a paper kept elsewhere (存档备查), or a note."""

from typing import Self

from django.db import models
from django.db.models import Q

from rectification.models.measure import Measure
from rectification.models.problem import Problem
from reform.models import Actor, Attachment, User


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(Problem.objects.seen_from(actor, "problem"))


class Evidence(models.Model):
    class Kind(models.TextChoices):
        FILE = "file", "文件"
        REFERENCE = "reference", "存档备查"
        NOTE = "note", "文字说明"

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="evidence")
    measure = models.ForeignKey(
        Measure, models.CASCADE, null=True, blank=True, related_name="evidence"
    )
    kind = models.CharField("种类", max_length=10, choices=Kind)
    title = models.CharField("名称", max_length=200)
    text = models.TextField("说明", blank=True)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="evidence", verbose_name="文件"
    )
    number = models.CharField("文号", max_length=60, blank=True)
    place = models.CharField("存放地点", max_length=100, blank=True)
    keeper = models.CharField("保管人", max_length=40, blank=True)
    # Who supplied it, for SOD-02: the person named, not the clerk who typed.
    supplier = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    supplier_name = models.CharField("提供人", max_length=40)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="录入人")
    entered_at = models.DateTimeField("录入时间")
    # Went out with an application: from then on it can be neither replaced nor taken away.
    submitted = models.BooleanField("已送审", default=False, editable=False)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="file", attachment__isnull=False)
                | ~Q(kind="file") & Q(attachment=None),
                name="evidence_file_has_attachment",
            ),
        ]

    def __str__(self) -> str:
        return self.title
