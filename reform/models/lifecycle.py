"""Status that changes only along drawn arrows."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models

from reform.errors import Refused


class Lifecycle(models.Model):
    """A model with a `status`, and in NEXT the statuses each status may turn into."""

    NEXT: ClassVar[dict[Any, tuple[Any, ...]]]
    status: models.CharField

    class Meta:
        abstract = True

    def locked(self) -> Self:
        """Return this row as it is now, locked until the transaction ends.

        PostgreSQL locks the row; SQLite has one writer at a time (`transaction_mode` IMMEDIATE).
        """
        row = self.to_lock([self.pk]).first()
        if row is None:
            raise Refused(self.gone)
        return row

    @classmethod
    def to_lock(cls, pks: Iterable[int]) -> models.QuerySet[Self]:
        """Return rows to be locked as they are read: all in one order, so that nobody waits for
        somebody who waits for him."""
        rows = cls._base_manager.select_for_update()
        return rows.filter(pk__in=pks).order_by("pk")

    @property
    def gone(self) -> str:
        """What to say when the row is there no more."""
        return f"“{self}”已被删除，请刷新页面查看最新情况。"

    def may_become(self, to: models.TextChoices) -> bool:
        return to in self.NEXT[self.status]

    def move(self, to: models.TextChoices) -> None:
        """Set the status to `to`, or raise Refused with both names. The caller saves."""
        if not self.may_become(to):
            now = type(to)(self.status).label
            raise Refused(f"“{self}”目前为{now}，不能转为{to.label}。")
        self.status = to
