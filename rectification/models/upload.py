"""A workbook on its way onto the ledger (台账导入)."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from campaigns.models import Campaign
from reform.models import Actor, Attachment, Organization, User


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(by=actor.user)


class Upload(models.Model):
    """One workbook on its way onto the ledger: as sent, as understood, and what became of it."""

    class State(models.TextChoices):
        READ = "read", "待核对"
        KEPT = "kept", "已保存"

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="uploads")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="uploads", verbose_name="填报单位"
    )
    attachment = models.OneToOneField(Attachment, models.PROTECT, verbose_name="文件")
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="uploads", verbose_name="导入人")
    at = models.DateTimeField("上传时间")
    # What the user corrected: sheet, mapping {column: field}, people {name as written: user id}.
    corrections = models.JSONField("更正", default=dict)
    reading = models.JSONField("读取结果", default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.READ)
    kept_at = models.DateTimeField("保存时间", null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账导入"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "organization", "sha256"],
                condition=Q(state="kept"),
                name="upload_same_file_kept_once",
            ),
        ]

    def __str__(self) -> str:
        return self.attachment.name

    def get_absolute_url(self) -> str:
        return reverse("import", args=[self.pk])
