"""Counters (编号器): a row under lock for each series of numbers that must not repeat."""

from django.db import models


class Counter(models.Model):
    name = models.CharField(max_length=100, unique=True)
    value = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号器"

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
