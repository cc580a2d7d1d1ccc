"""Who acts (经办人): a person with the duties of the day. Built once at the edge; has no table."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, prefetch_related_objects

from reform.models.organization import Organization
from reform.models.organization_relation import load_hosts
from reform.models.user import Duty, Role, User


@dataclass(frozen=True)
class Actor:
    user: User
    on: date
    duties: tuple[Duty, ...]
    address: str = ""
    # What one request has already looked up about this person (own rows outside his scope).
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, user: User, *, on: date, address: str = "") -> "Actor":
        """Return `user` with the duties in force on `on`; none when the account is disabled."""
        if not user.is_active:
            return cls(user, on, (), address)
        other_top = Organization.objects.filter(depth=1).exclude(pk=OuterRef("organization"))
        duties = (
            Duty.objects.in_force(on)
            .filter(user=user)
            .select_related("organization")
            .annotate(has_other_top=Exists(other_top))
            .order_by("pk")
        )
        found = list(duties)
        prefetch_related_objects([duty for duty in found if duty.has_field], "fields")
        load_hosts(found, on=on)
        return cls(user, on, tuple(found), address)

    def holding(self, *roles: str) -> Iterator[Duty]:
        return (duty for duty in self.duties if duty.role in roles)

    def holds(self, *roles: str) -> bool:
        return any(self.holding(*roles))

    @property
    def is_administrator(self) -> bool:
        return self.holds(Role.SYSTEM, Role.SECURITY, Role.AUDIT)

    @property
    def home(self) -> Organization | None:
        """Where the person belongs: home membership first, else the first duty."""
        homes = [duty.organization for duty in self.duties if duty.home]
        return homes[0] if homes else next((duty.organization for duty in self.duties), None)
