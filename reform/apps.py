from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class ReformConfig(AppConfig):
    name = "reform"
    verbose_name = "基础信息"

    def ready(self) -> None:
        from reform import checks  # noqa: F401, PLC0415 -- importing it registers them

        pre_migrate.connect(drop_triggers, sender=self)
        # Django tells it of each app in turn, once all of them have their tables.
        post_migrate.connect(create_triggers, sender=self)


def create_triggers(using: str, **_: Any) -> None:
    """Put the triggers back: SQLite drops them when a migration rebuilds a table."""
    from reform.models import triggers  # noqa: PLC0415 -- models exist only when apps are ready

    triggers.create_all(connections[using])


def drop_triggers(using: str, plan: Sequence[Any], **_: Any) -> None:
    """SQLite rebuilds a table under another name, and a trigger that asks the old one then breaks
    the migration. PostgreSQL does not, and keeps its triggers meanwhile."""
    from reform.models import triggers  # noqa: PLC0415

    if plan and connections[using].vendor == "sqlite":
        triggers.drop_all(connections[using])
