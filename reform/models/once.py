"""Form tokens (防重复提交), spent in the transaction of the act they come with."""

from django.db import models

from reform.models.user import User


class Once(models.Model):
    token = models.UUIDField(unique=True)
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "防重复提交记录"

    def __str__(self) -> str:
        return str(self.token)
