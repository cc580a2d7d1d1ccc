"""What `manage.py check --deploy` asks of production beside Django's own questions.

DESIGN §9; SOD-12: no superuser, no Django admin.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

from reform.errors import Refused
from reform.exports.channels import webhook

ARGON2 = "django.contrib.auth.hashers.Argon2PasswordHasher"
FLAGS = {"is_superuser", "is_staff"}
KNOWN_SECRETS = ("insecure", "changeme", "change-me", "example", "secret", "demo")
NGINX_TAKES_MB = 200  # deploy/nginx/nginx.conf: a body of 256 MB, with room for the form around it


def _superuser() -> Iterator[CheckMessage]:
    if flags := FLAGS & {field.name for field in get_user_model()._meta.get_fields()}:  # noqa: SLF001
        yield Error(f"账号带有超级用户标志：{'、'.join(sorted(flags))}。", id="reform.E001")
    if "django.contrib.admin" in settings.INSTALLED_APPS:
        yield Error("生产环境不得安装 Django 管理后台（django.contrib.admin）。", id="reform.E002")


def _secret() -> Iterator[CheckMessage]:
    key = settings.SECRET_KEY.lower()
    if len(key) < 50 or key.startswith(KNOWN_SECRETS):
        yield Error(
            "SECRET_KEY 过短或是示例值。",
            hint='请用 python3 -c "import secrets; print(secrets.token_urlsafe(64))" 生成。',
            id="reform.E003",
        )


def _files() -> Iterator[CheckMessage]:
    media = Path(settings.MEDIA_ROOT).resolve()
    served = [folder for folder in (settings.STATIC_ROOT, *_static_folders()) if folder]
    for folder in served:
        root = Path(folder).resolve()
        if media == root or root in media.parents or media in root.parents:
            yield Error(
                f"MEDIA_ROOT（{media}）与网页文件的目录（{root}）互相包含，附件会不经权限就能打开。",
                hint="请把 MEDIA_ROOT 设在任何网页目录之外。",
                id="reform.E004",
            )
    if settings.ATTACHMENT_MAX_BYTES > NGINX_TAKES_MB * 1024 * 1024:
        yield Warning(
            f"ATTACHMENT_MAX_MB 超过 {NGINX_TAKES_MB}，nginx 会先拒绝。",
            hint="请改小，或同时改大 deploy/nginx/nginx.conf 的 client_max_body_size。",
            id="reform.W007",
        )


def _static_folders() -> Iterator[Any]:
    for folder in settings.STATICFILES_DIRS:
        yield folder[1] if isinstance(folder, tuple) else folder


def _passwords() -> Iterator[CheckMessage]:
    if settings.PASSWORD_HASHERS[0] != ARGON2:
        yield Error("PASSWORD_HASHERS 的第一项必须是 Argon2。", id="reform.E005")


def _edge() -> Iterator[CheckMessage]:
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        yield Warning(
            "HTTPS=1，但没有 TRUSTED_PROXIES：代理的 X-Forwarded-Proto 不被采信，会不停跳转。",
            hint="请写明前面代理的地址或网段，例如 TRUSTED_PROXIES=127.0.0.1。",
            id="reform.W006",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning("ALLOWED_HOSTS 为 *，任何域名都能冒充本站。", id="reform.W008")


def _channels() -> Iterator[CheckMessage]:
    if settings.WEBHOOK_URL:
        try:
            webhook.own_address()
        except Refused as refusal:
            yield Error(str(refusal), hint="请核对 WEBHOOK_URL。", id="reform.E009")
        if settings.WEBHOOK_KIND not in webhook.KINDS:
            words = f"WEBHOOK_KIND 只能是 {' 或 '.join(webhook.KINDS)}。"
            yield Error(words, id="reform.E009")
    if settings.SMS_FOLDER and not Path(settings.SMS_FOLDER).is_dir():
        yield Error(
            f"短信文件的目录（SMS_FOLDER）{settings.SMS_FOLDER} 不存在。",
            hint="请先建立，并让本系统的进程能写。",
            id="reform.E010",
        )


QUESTIONS = (_superuser, _secret, _files, _passwords, _edge, _channels)


@register(Tags.security, deploy=True)
def production(app_configs: Iterable[Any] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    return [message for question in QUESTIONS for message in question()]
