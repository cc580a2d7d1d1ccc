"""Names an organization had before (曾用名): old papers and workbooks still say them."""

from django.db import models

from reform.models.organization import Organization


class FormerName(models.Model):
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="former_names", verbose_name="党组织"
    )
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=40, blank=True)
    # The day from which the next name holds.
    until = models.DateField("更名日期")
    document = models.CharField("依据", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "曾用名"
        ordering = ["-until", "-pk"]
        indexes = [models.Index(fields=["name"], name="former_name_by_name")]

    def __str__(self) -> str:
        return self.name
