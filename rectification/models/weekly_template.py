"""The form (workbook or Word) in which a superior wants the collated report (上级模板)."""

from django.db import models

from campaigns.models import Campaign
from reform.models import Attachment, Organization, User


class WeeklyTemplate(models.Model):
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "周报上级模板"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "organization"], name="template_one_a_place"
            ),
        ]

    def __str__(self) -> str:
        return self.attachment.name
