"""Signing in (登录): who is signed in where, and what was tried in vain."""

import re
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Exists, OuterRef, Subquery

from reform.models.user import User

# In a session: names of the pages that its person meets before all others, the first of them now.
MUST = "must"

# What a browser calls itself → what people call it; the first that fits, so the disguised first.
BROWSERS = (
    ("wxwork/", "企业微信"),
    ("MicroMessenger/", "微信"),
    ("DingTalk/", "钉钉"),
    ("QQBrowser/", "QQ浏览器"),
    ("360SE", "360浏览器"),
    ("QIHU", "360浏览器"),
    ("UOS Browser", "统信浏览器"),
    ("Qaxbrowser", "奇安信浏览器"),
    ("Edg", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows电脑"),
    ("HarmonyOS", "鸿蒙手机"),
    ("OpenHarmony", "鸿蒙手机"),
    ("Android", "安卓手机"),
    ("iPhone", "iPhone手机"),
    ("iPad", "iPad平板"),
    ("Mac OS", "Mac电脑"),
    ("Linux", "Linux电脑"),
)


def browser_in_words(agent: str) -> str:
    """Return “Windows电脑 · Chrome 120” for a User-Agent header."""
    system = next((words for sign, words in SYSTEMS if sign in agent), "其他设备")
    for sign, words in BROWSERS:
        if sign in agent:
            version = re.search(re.escape(sign) + r"[A-Za-z]*/?(\d{1,4})", agent)
            return f"{system} · {words}{f' {version[1]}' if version else ''}"
    return f"{system} · 其他浏览器"


class SignInQuerySet(models.QuerySet["SignIn"]):
    def live(self, at: datetime) -> Self:
        """Return the sign-ins whose session lives, with `expires_at`."""
        session = Session.objects.filter(session_key=OuterRef("key"), expire_date__gt=at)
        return self.filter(Exists(session), ended_at=None).annotate(
            expires_at=Subquery(session.values("expire_date")[:1])
        )

    def of(self, user: User) -> Self:
        return self.filter(user=user)


class SignIn(models.Model):
    """One sign-in: from here until it ends, the session with this key is this person's.

    Whether it lives is asked of Django's session row, and when it was last used too: its expiry is
    moved while it is used, at most once a minute, so no request pays for a second row. Kept after
    its end: where an account came in before, colleagues' mistakes elsewhere do not shut it out.
    """

    KEPT = timedelta(days=180)

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_ins", verbose_name="人员")
    key = models.CharField("会话", max_length=40, unique=True)
    at = models.DateTimeField("登录时间", db_index=True)
    address = models.CharField("来源地址", max_length=45)
    browser = models.CharField("设备", max_length=60)
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "登录设备"
        indexes = [models.Index(fields=["user", "address", "at"], name="sign_in_by_place")]

    def __str__(self) -> str:
        return f"{self.user} · {self.browser} · {self.address}"

    @property
    def seen_at(self) -> datetime:
        """When it was last used, to the minute. Asked of a row that `live` gave."""
        idle = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return self.expires_at - idle  # type: ignore[attr-defined]


class SignInFailure(models.Model):
    """Something typed wrong at the door: password, one-time code or one-time password.

    The account is kept as a hash of what was typed, because people type passwords there; `shown`
    is what a person may read of it. Swept after a day: the trail keeps what happened.
    """

    KEPT = timedelta(days=1)

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", verbose_name="人员")
    account = models.CharField("账号校验值", max_length=64)
    shown = models.CharField("账号", max_length=50)
    address = models.CharField("来源地址", max_length=45)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录失败"
        indexes = [
            models.Index(fields=["account", "at"], name="sign_in_failure_by_account"),
            models.Index(fields=["address", "at"], name="sign_in_failure_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.shown} · {self.address}"
