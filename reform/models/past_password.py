"""Passwords a person had before (旧密码), as hashes, so that they do not come back."""

from django.db import models

from reform.models.user import User


class PastPassword(models.Model):
    user = models.ForeignKey(
        User, models.CASCADE, related_name="past_passwords", verbose_name="人员"
    )
    password = models.CharField("密码校验值", max_length=128)
    at = models.DateTimeField("停用时间")

    class Meta:
        verbose_name = verbose_name_plural = "旧密码"
        indexes = [models.Index(fields=["user", "at"], name="past_password_by_user")]

    def __str__(self) -> str:
        return f"{self.user} · {self.at:%Y-%m-%d}"
