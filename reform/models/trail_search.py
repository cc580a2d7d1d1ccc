"""Searching the trail (查询留痕): what may be asked, in the order an index gives the rows."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from reform.models.actor import Actor
from reform.models.organization import Organization
from reform.models.trail import TrailEntry, TrailQuerySet
from reform.models.user import Role, User

# Words are looked for in so many of the newest entries that fit otherwise: no index serves them.
WINDOW = 100_000
TARGETS = 50  # rows that may have borne one name
# Who acted: one of the administrators by his role, or one of these two.
BUSINESS, NOBODY = "business", "nobody"
CAPACITIES: dict[str, str] = {
    BUSINESS: "业务人员",
    Role.SYSTEM.value: Role.SYSTEM.label,
    Role.SECURITY.value: Role.SECURITY.label,
    NOBODY: "未登录、系统",
}


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True, kw_only=True)
class TrailSearch:
    since: date | None = None
    until: date | None = None
    person: int | None = None
    organization: int | None = None  # of who acted, with all below
    capacity: str = ""
    act: str = ""
    subject: str = ""  # number of a problem, name of an organization or a person
    address: str = ""
    words: str = ""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        days = {name: parse_date(str(facts.get(name) or "")) for name in ("since", "until")}
        return cls(**{**facts, **days})

    def to_json(self) -> dict[str, Any]:
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
        }

    def rows(self, actor: Actor) -> TrailQuerySet:
        """Return what fits and the actor may see, newest first."""
        rows = self.before_words(actor)
        if self.words:
            rows = rows.saying(self.words)
            if oldest := self.oldest_read(actor):
                rows = rows.filter(at__gte=oldest)
        return rows

    def before_words(self, actor: Actor) -> TrailQuerySet:
        rows = TrailEntry.objects.visible_to(actor)
        for condition in self._conditions():
            rows = rows.filter(condition)
        return rows.newest_first()

    def oldest_read(self, actor: Actor) -> datetime | None:
        """Return since when words are looked for, or None where everything is looked through."""
        moments = self.before_words(actor).values_list("at", flat=True)
        return moments[WINDOW : WINDOW + 1].first() if self.words else None

    def _conditions(self) -> Iterator[Q]:
        yield from self._days()
        if self.person:
            yield Q(by=self.person)
        if self.organization:
            yield self._within(self.organization)
        if self.capacity:
            yield self._acting()
        if self.subject:
            yield Q(target__in=self._targets())
        if self.act:
            yield self._done(self.act)
        if self.address:
            yield Q(address=self.address)

    @staticmethod
    def _done(act: str) -> Q:
        """One act, or all that begin with a word: “portrait.”"""
        return Q(act__gte=act, act__lt=f"{act[:-1]}/") if act.endswith(".") else Q(act=act)

    def _days(self) -> Iterator[Q]:
        if self.since:
            yield Q(at__gte=start_of(self.since))
        if self.until:
            yield Q(at__lt=start_of(self.until + timedelta(days=1)))

    @staticmethod
    def _within(organization: int) -> Q:
        top = Organization.objects.filter(pk=organization).first()
        if top is None:
            return Q(pk__in=[])
        below = Organization.objects.under(top)
        if not below.exclude(pk=top.pk).exists():
            return Q(organization=top)  # the usual branch: straight from the index
        return Q(organization__in=below.values("pk"))

    def _acting(self) -> Q:
        if self.capacity == BUSINESS:
            return Q(made_as="", by__isnull=False)
        return Q(by__isnull=True) if self.capacity == NOBODY else Q(made_as=self.capacity)

    def _targets(self) -> list[str]:
        """A row is found by every name it has borne, and then with all that was done to it."""
        names = {self.subject, self.subject.upper()}
        found = TrailEntry.objects.filter(subject__in=names).order_by().values_list("target")
        return [target for (target,) in found.distinct()[:TARGETS]]

    def _act_in_words(self) -> str:
        """The words are those of the floors above; entries have them."""
        found = TrailEntry.objects.filter(act=self.act).first() if self.act else None
        return found.act_in_words if found else self.act

    def in_words(self) -> str:
        """Say what is asked for, as the trail notes it and the export prints it."""
        facts = [
            ("时间自", self.since),
            ("时间至", self.until),
            ("操作人", _name(User, self.person)),
            ("操作人单位", _name(Organization, self.organization)),
            ("身份", CAPACITIES.get(self.capacity, self.capacity)),
            ("事项", self._act_in_words()),
            ("对象", self.subject),
            ("来源地址", self.address),
            ("说明含", self.words),
        ]
        return "，".join(f"{word}{value}" for word, value in facts if value) or "全部"


def _name(model: Any, pk: int | None) -> str:
    return str(model.objects.filter(pk=pk).first() or "") if pk else ""
