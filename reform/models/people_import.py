"""Imports of people (人员导入): a workbook on its way onto the register."""

from typing import Self

from django.db import models
from django.urls import reverse

from reform.models.actor import Actor
from reform.models.attachment import Attachment
from reform.models.user import User


class PeopleImportQuerySet(models.QuerySet["PeopleImport"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(by=actor.user)


class PeopleImport(models.Model):
    class State(models.TextChoices):
        READ = "read", "待核对"
        KEPT = "kept", "已导入"

    attachment = models.OneToOneField(Attachment, models.PROTECT, verbose_name="文件")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导入人")
    at = models.DateTimeField("上传时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.READ)
    kept_at = models.DateTimeField("导入时间", null=True)
    # {"added": 12, "changed": 3, "proposed": 5}, as said on the page afterwards; and by key whom it
    # added (people), what it proposed (proposals), and what it changed of whom (before): for undo.
    result = models.JSONField("结果", default=dict)
    # New accounts that still want a first code; handed out once, all together.
    newcomers = models.ManyToManyField(User, related_name="+", verbose_name="新开账号")
    codes_at = models.DateTimeField("登录码下载时间", null=True)

    objects = PeopleImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人员导入"

    def __str__(self) -> str:
        return self.attachment.name

    def get_absolute_url(self) -> str:
        return reverse("people-import", args=[self.pk])
