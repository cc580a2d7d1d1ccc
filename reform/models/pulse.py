"""Signs of life (运行记录): when something that runs by itself last ran, and what it said."""

from datetime import datetime
from typing import Any

from django.db import models


class PulseManager(models.Manager["Pulse"]):
    def note(self, name: str, *, at: datetime, **facts: Any) -> "Pulse":
        return self.update_or_create(name=name, defaults={"at": at, "facts": facts})[0]


class Pulse(models.Model):
    class Name(models.TextChoices):
        TICK = "tick", "定时任务"
        SWEEP = "sweep", "消息发送"
        SORT = "sort", "消息整理"
        BACKUP = "backup", "备份"
        RESTORE = "restore", "恢复"
        REMINDERS = "reminders", "催办"

    name = models.CharField("名称", max_length=20, choices=Name, unique=True)
    at = models.DateTimeField("时间")
    facts = models.JSONField("情况", default=dict)

    objects = PulseManager()

    class Meta:
        verbose_name = verbose_name_plural = "运行记录"

    def __str__(self) -> str:
        return self.get_name_display()
