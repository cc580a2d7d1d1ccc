"""Complaints and suggestions (意见建议), taken from the foot of every page (domain §7.3)."""

from django.db import models

from reform.models.user import User


class Suggestion(models.Model):
    text = models.TextField("内容")
    page = models.CharField("所在页面", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "意见建议"

    def __str__(self) -> str:
        return f"第{self.pk}号意见"
