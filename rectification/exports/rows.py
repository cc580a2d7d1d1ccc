"""Rows of the ledger for papers, read as tuples: a thousand at a time, six queries a thousand."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from rectification.models import (
    Measure,
    Problem,
    ProblemDepartment,
    ProblemPerson,
    ProgressEntry,
)
from rectification.models.problem_queryset import ProblemQuerySet, overdue
from reform.models import Organization
from reform.models.statement import Keys

BATCH = 2_000
Tell = Callable[[int, int], None]  # rows done, of how many
Section = tuple[int, str]  # an organization, and the name it has on the rows


class MeasureLine(NamedTuple):
    text: str
    person: str
    due_on: date | None


class LedgerRow(NamedTuple):
    """One problem as papers show it: what its own query finds, then what hangs on it."""

    pk: int
    number: str | None
    campaign: str
    unit: int  # the organization's key
    organization: str
    above: str | None
    superior_number: str
    source: str | None
    source_text: str
    found_on: date | None
    owner_kind: str
    severity: str
    description: str
    cause: str
    standard: str
    effect_expected: str
    effect_achieved: str
    due_text: str
    due_kind: str
    due_on: date | None
    first_due_on: date | None
    then_standing: bool
    stage_goal: str
    progress: str
    status: str
    registered_at: datetime | None
    issued_at: datetime | None
    applied_on: date | None
    closed_at: datetime | None
    remark: str
    late: bool
    serial: int
    items: Sequence[str]
    leaders: Sequence[str]
    persons: Sequence[str]
    departments: Sequence[str]
    cooperating: Sequence[str]
    measures: Sequence[MeasureLine]
    progress_text: str
    progress_on: date | None


FOUND_AT = {
    "campaign": "campaign__title",
    "unit": "organization_id",
    "organization": "unit",
    "above": "unit_above",
    "source": "source__name",
}
# What the query of a batch asks for: everything before the serial number.
FACTS = [
    FOUND_AT.get(name, name) for name in LedgerRow._fields[: LedgerRow._fields.index("serial")]
]

SECTIONED = ["pk", "organization_id", "unit"]


@dataclass(frozen=True)
class Walk:
    """The keys of the rows asked for, in official order: found once, eight bytes each.

    The rows are those of one moment: nothing that changes while a long file is written is lost
    or comes twice, and no filter is asked again for every thousand.
    """

    keys: array
    sizes: dict[Section, int]  # rows of each

    @classmethod
    def over(cls, problems: ProblemQuerySet) -> "Walk":
        keys = array("q")
        sizes: dict[Section, int] = defaultdict(int)
        rows = problems.named().order_by(*_official()).values_list(*SECTIONED)
        for key, *section in rows.iterator(chunk_size=BATCH):
            keys.append(key)
            sizes[*section] += 1
        return cls(keys, dict(sizes))

    def __len__(self) -> int:
        return len(self.keys)

    def rows(self, *, on: date, tell: Tell) -> Iterator[LedgerRow]:
        """Yield the rows; overdue is judged on the day `on`, `tell` hears how far it has come."""
        tell(0, len(self))
        for start in range(0, len(self), BATCH):
            keys = self.keys[start : start + BATCH].tolist()
            yield from _batch(keys, serial=start + 1, on=on)
            tell(start + len(keys), len(self))


def _official() -> Sequence[Any]:
    """Return the one order of papers (docs/decisions/0016): under the name a row was closed with,
    at the place of whoever answers for it now, where the ledger shows it as well.

    An organization's own rows come first, of its present name and then of former ones; then what
    closed with those it took over.
    """
    heir = Organization.objects.filter(path=OuterRef("path")).values("sequence")[:1]
    place = Case(
        When(organization__retired_on=None, then=F("organization__sequence")),
        default=Coalesce(Subquery(heir), F("organization__sequence")),
    )
    taken_over = Case(When(path=F("organization__path"), then=Value(0)), default=Value(1))
    now = Q(organization_name__in=["", F("organization__name")])
    former = Case(When(now, then=Value(0)), default=Value(1))
    return (place, taken_over, "organization__sequence", former, F("unit"), "pk")


def local_day(moment: datetime | None) -> date | None:
    """Return the day in Beijing of a moment kept in UTC."""
    return moment.astimezone(timezone.get_default_timezone()).date() if moment else None


def _batch(keys: list[int], *, serial: int, on: date) -> Iterator[LedgerRow]:
    batch = Keys(keys)
    facts = _facts(batch, on)
    items = _grouped(
        Problem.items.through._base_manager.filter(problem__in=batch)  # noqa: SLF001
        .order_by("item__position")
        .values_list("problem_id", "item__name")
    )
    people = _by_part(ProblemPerson, batch)
    places = _by_part(ProblemDepartment, batch)
    measures = _measures(batch)
    progress = _latest_progress(batch)
    for place, key in enumerate(keys, start=serial):
        if key in facts:  # a draft may have been deleted meanwhile
            hanging_on_it = (
                place,
                items.get(key, ()),
                people.get((key, "leader"), ()),
                people.get((key, "responsible"), ()),
                places.get((key, "responsible"), ()),
                places.get((key, "cooperating"), ()),
                measures.get(key, ()),
                *progress.get(key, ("", None)),
            )
            yield LedgerRow._make(facts[key] + hanging_on_it)


def _facts(batch: Keys, on: date) -> dict[int, tuple[Any, ...]]:
    late = Case(
        When(overdue(on), then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    rows = Problem.objects.filter(pk__in=batch).named().annotate(late=late).order_by()
    return {row[0]: row for row in rows.values_list(*FACTS)}


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _by_part(
    model: type[ProblemPerson] | type[ProblemDepartment], batch: Keys
) -> dict[tuple[int, str], list[str]]:
    rows = model._base_manager.filter(problem__in=batch)  # noqa: SLF001 -- the plain manager
    ordered = rows.order_by("position", "pk").values_list("problem_id", "part", "name")
    return _grouped(((key, part), name) for key, part, name in ordered)


def _measures(batch: Keys) -> dict[int, list[MeasureLine]]:
    rows = Measure.objects.filter(problem__in=batch).order_by("position", "pk")
    facts = rows.values_list("problem_id", "text", "person_name", "due_on")
    return _grouped((key, MeasureLine(text, person, day)) for key, text, person, day in facts)


def _latest_progress(batch: Keys) -> dict[int, tuple[str, date]]:
    rows = ProgressEntry.objects.filter(problem__in=batch).order_by("on", "pk")
    return {key: (text, day) for key, text, day in rows.values_list("problem_id", "text", "on")}
