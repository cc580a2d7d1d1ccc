from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class ReformConfig(AppConfig):
    name = "reform"
    verbose_name = "基础信息"

    def ready(self) -> None:
        post_migrate.connect(create_triggers)


def create_triggers(using: str, **_: Any) -> None:
    """Put the triggers back: SQLite drops them when a migration rebuilds a table."""
    from reform.models import triggers  # noqa: PLC0415 -- models exist only when apps are ready

    triggers.create_all(connections[using])
