"""One-time codes (一次性代码): how an account gets its first or a new password, and how one
administrator stands by while another does what must not be done alone (SOD-13)."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from reform.models.user import User

TRIES = 10  # wrong ones, after which a code is worth nothing


class AccessCodeQuerySet(models.QuerySet["AccessCode"]):
    def standing(self) -> Self:
        """Return those neither used nor withdrawn, whatever the hour."""
        return self.filter(used_at=None, withdrawn_at=None)

    def live(self, at: datetime) -> Self:
        """Return those somebody could use at that moment."""
        return self.standing().filter(expires_at__gt=at, tries__lt=TRIES)


class AccessCode(models.Model):
    """A code that was told to one person once. We keep what proves it, never the code."""

    class Purpose(models.TextChoices):
        INVITE = "invite", "邀请码"
        RESET = "reset", "重置码"
        WITNESS = "witness", "见证码"

    VALID = {
        Purpose.INVITE: timedelta(days=7),
        Purpose.RESET: timedelta(hours=24),
        Purpose.WITNESS: timedelta(minutes=10),
    }

    user = models.ForeignKey(User, models.CASCADE, related_name="access_codes", verbose_name="人员")
    purpose = models.CharField("用途", max_length=10, choices=Purpose)
    hash = models.CharField("校验值", max_length=64)
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="发放人"
    )
    made_at = models.DateTimeField("发放时间")
    expires_at = models.DateTimeField("有效期至")
    used_at = models.DateTimeField("使用时间", null=True)
    withdrawn_at = models.DateTimeField("作废时间", null=True)
    tries = models.PositiveSmallIntegerField("输错次数", default=0)

    objects = AccessCodeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一次性代码"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"],
                condition=Q(used_at=None, withdrawn_at=None),
                name="access_code_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(withdrawn_at=None),
                name="access_code_used_or_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_purpose_display()}"

    @classmethod
    def purpose_for(cls, user: User) -> "AccessCode.Purpose":
        """Return an invitation until somebody has set a password, then a reset."""
        return cls.Purpose.RESET if user.has_usable_password() else cls.Purpose.INVITE
