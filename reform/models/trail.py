"""The trail (操作留痕): who did what to which row, for whom, when, from where, in which words."""

from typing import Self

from django.db import models

from reform.models.user import User


def target_of(row: models.Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"  # noqa: SLF001 -- the public road to a label


class TrailQuerySet(models.QuerySet["TrailEntry"]):
    def of(self, row: models.Model) -> Self:
        return self.filter(target=target_of(row)).order_by("pk")


class TrailEntry(models.Model):
    """One act. Rows are added by actions.trail.record; a trigger forbids anything else.

    The target is label and key, not a foreign key, so the trail outlives the row. `act` is for
    filters and code, `sentence` is what a person reads, in the words of that day.
    """

    act = models.CharField("事项", max_length=50)
    sentence = models.CharField("说明", max_length=400)
    target = models.CharField("对象", max_length=100)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    by_name = models.CharField("操作人姓名", max_length=100, blank=True)
    behalf_name = models.CharField("代谁", max_length=40, blank=True)
    at = models.DateTimeField("时间")
    address = models.CharField("来源地址", max_length=45, blank=True)
    detail = models.JSONField("明细", default=dict)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "操作留痕"
        indexes = [
            models.Index(fields=["target", "id"], name="trail_by_target"),
            models.Index(fields=["at"], name="trail_by_time"),
        ]

    def __str__(self) -> str:
        return self.sentence
