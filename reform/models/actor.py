"""Who acts (经办人): a person with the duties of the day. Built once at the edge; has no table."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from reform.models.delegation import Delegation
from reform.models.duty_field import load_fields
from reform.models.organization import Organization
from reform.models.organization_relation import load_hosts
from reform.models.statement import Columns, Statement, paths_of
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
        """Return `user` with the duties in force on `on`; none when the account is disabled.

        Those he holds for somebody on leave (请假委托) are among them, behind his own, with
        `behalf`.
        """
        if not user.is_active:
            return cls(user, on, (), address)
        found = []
        for row in _held(connection.vendor, on).records({ME: user.pk}, *READ):
            duty, duty.organization, duty.user, duty.has_other_top = row
            duty.behalf = None if duty.user == user else duty.user
            found.append(duty)
        found.sort(key=lambda duty: duty.behalf is not None)
        load_fields(found, on=on)
        load_hosts(found, on=on)
        return cls(user, on, tuple(found), address)

    def holding(self, *roles: str) -> Iterator[Duty]:
        return (duty for duty in self.duties if duty.role in roles)

    def holds(self, *roles: str) -> bool:
        return any(self.holding(*roles))

    # ---- own duties, and those held for somebody on leave

    @property
    def own(self) -> "Actor":
        """The person with his own duties only."""
        return self.only(*(duty for duty in self.duties if duty.behalf is None))

    @property
    def delegated(self) -> list[Duty]:
        return [duty for duty in self.duties if duty.behalf is not None]

    def only(self, *duties: Duty) -> "Actor":
        return self if duties == self.duties else replace(self, duties=duties, memo={})

    def acts_for(self, person: User | None) -> None:
        """Note in whose place the act under way is done; `policy.require` has found out."""
        self.memo["behalf"] = person

    @property
    def behalf(self) -> User | None:
        """In whose place the act under way is done, where one's own duties do not suffice."""
        return self.memo.get("behalf")

    @property
    def persons(self) -> set[int]:
        """Whose conflicts count in the act under way: one's own, and of whom one stands in for
        (SOD-14). Known once `policy.require` has found out, as `behalf` is."""
        return {user.person_id for user in (self.user, self.behalf) if user}

    @property
    def is_administrator(self) -> bool:
        return self.holds(Role.SYSTEM, Role.SECURITY, Role.AUDIT)

    @property
    def home(self) -> Organization | None:
        """Where the person belongs: home membership first, else the first duty of his own."""
        own = [duty for duty in self.duties if duty.behalf is None]
        homes = [duty.organization for duty in own if duty.home]
        return homes[0] if homes else next((duty.organization for duty in own), None)


ME = -1  # stands in
READ = (
    Columns.of(Duty),
    Columns.of(Organization, through="organization__"),
    Columns.of(User, through="user__"),
)


@lru_cache(maxsize=8)
def _held(_vendor: str, on: date) -> Statement:
    """The duties of somebody on that day, and those he holds for others; every page asks.

    A union: the same words joined by OR make PostgreSQL read the whole table.
    """
    own = Duty.objects.filter(user=ME).order_by().values("pk")
    given = Delegation.objects.in_force(on).filter(delegate=ME).order_by().values("duty")
    other_top = Organization.objects.filter(depth=1).exclude(pk=OuterRef("organization"))
    duties = Duty.objects.in_force(on).filter(pk__in=own.union(given, all=True)).order_by("pk")
    return Statement.of(duties.values_list(*paths_of(READ), Exists(other_top)))
