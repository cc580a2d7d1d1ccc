"""Which rows of the ledger (台账): scope, the clock, and what lists ask for."""

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, NullIf

from reform.models import Actor, Role
from reform.models.scope import RELATIONS, Reach
from reform.models.statement import Sql, Statement, condition_of

if TYPE_CHECKING:
    from rectification.models.problem import Problem  # noqa: F401 -- the type of the rows

OPEN = ("registered", "assigned", "rectifying", "in_review")
UNDER_CLOCK = ("assigned", "rectifying")
SOON = 7  # days ahead that count as “将到期”
APPLIED = ("in_review", "closed")
REVIEWERS = (Role.SECRETARY, Role.INSPECTOR, Role.OFFICE, Role.LEADER)

# `pb.read` in PERMISSIONS.md for rows of teams and units; personal rows are said below. Who was
# assigned a step reads its row, whatever his role: nobody decides on what he cannot see.
READ: dict[str, str] = {
    Role.MEMBER: "U",
    Role.LIAISON: "U",
    Role.SECRETARY: "UX",
    Role.INSPECTOR: "VX",
    Role.OFFICE: "DX",
    Role.LEADER: "DX",
}


def overdue(on: date) -> Q:
    """The one meaning of 逾期 (DESIGN §3): assigned or being rectified on a day after its due day.

    A row in review is never overdue: waiting is then the reviewer's.
    """
    return Q(is_timed=True, due_on__lt=on)


def due_within(days: int, on: date) -> Q:
    """Due on `on` or in the `days` calendar days after it, and not overdue."""
    last = on + timedelta(days=days)
    return Q(is_timed=True, due_on__gte=on, due_on__lte=last)


def missed_first(on: date) -> Q:
    """Late by its first deadline, which no later one makes good (DESIGN §3): on a day, or, once
    applied for, on the day of the application. `Problem.missed_first` says it of one row."""
    applied = Q(status__in=APPLIED, applied_on__isnull=False)
    return applied & Q(first_due_on__lt=F("applied_on")) | ~applied & Q(first_due_on__lt=on)


def counted_overdue(on: date) -> Q:
    """The rows of `overdue`, as counting asks for them: SQLite takes no index for the whole answer
    where a generated column is asked for."""
    return Q(status__in=UNDER_CLOCK, due_on__lt=on)


def counted_due_within(days: int, on: date) -> Q:
    """The rows of `due_within`, as counting asks for them: each day by itself.

    An index then goes from status and day straight to the scope; a range of days would be walked
    through for the whole tree, or all that is under the clock in the scope for its days.
    """
    each = [on + timedelta(days=day) for day in range(days + 1)]
    return Q(status__in=UNDER_CLOCK, due_on__in=each)


def read_scopes(actor: Actor, *, key: str = "organization") -> Reach:
    """Return the part of the tree whose team and unit rows the actor reads."""
    reach = Reach.of(actor, READ, key=key)
    for duty in actor.holding(Role.SECRETARY):
        if duty.organization.reads_below:  # “a secretary of a 党总支 or 机关党委 reads D”
            reach.add(duty, RELATIONS["D"])
    return reach


class ProblemQuerySet(models.QuerySet["Problem"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the rows the actor may read; for him nothing else exists.

        Ranges of the path decide, on this table's own columns, so that every list keeps its
        index. Rows that name the actor himself but lie outside (somebody's own personal row, an
        appointed reviewer's) are looked for once a request, and only then added by an OR.
        """
        inside = self._inside(actor)
        if self._is_named_outside(actor, inside):
            return self.filter(inside | Q(pk__in=naming(actor)))
        return self.filter(inside)

    @staticmethod
    def _inside(actor: Actor) -> Q:
        reach = read_scopes(actor)
        own = {duty.organization.path for duty in actor.holding(Role.SECRETARY)}
        if own and reach.is_flat and reach.paths <= own:
            return reach.condition()  # a branch secretary: everything there, personal rows too
        shared = ~Q(owner_kind="personal")
        readable = shared | Q(path__in=sorted(own)) if own else shared
        return readable if reach.whole else reach.condition() & readable

    def _is_named_outside(self, actor: Actor, inside: Q) -> bool:
        if "named outside" not in actor.memo:
            actor.memo["named outside"] = _names_outside(actor, inside)
        return bool(actor.memo["named outside"])

    def seen_from(self, actor: Actor, column: str) -> Exists:
        """Return the condition “the row that `column` of another table names is his to read”.

        Not “in”: SQLite would list all that he may see before it looks at one of the others.
        """
        return Exists(self.visible_to(actor).filter(pk=OuterRef(column)))

    def named(self) -> Self:
        """Add `unit` and `unit_above`: the organization's name and that of the one above it, of
        a closed row as they were when it closed."""
        above = F("organization__parent__name")
        return self.annotate(
            unit=Coalesce(NullIf("organization_name", Value("")), "organization__name"),
            unit_above=Case(When(status="closed", then=F("above_name")), default=above),
        )

    def counted(self) -> Self:
        """Return what is on the ledger: everything that has a number."""
        return self.exclude(status="draft")

    def overdue(self, on: date) -> Self:
        return self.filter(overdue(on))


def named_outside(actor: Actor) -> bool:
    """Return whether rows outside his scope are the actor's to read; `visible_to` has looked."""
    return bool(actor.memo.get("named outside", True))


def naming(actor: Actor) -> models.QuerySet[Any, Any]:
    """Return the keys of the rows that are *self*, asg or a cooperating organization's."""
    return _naming(actor.user.pk, _places(actor), actor.on, _ways(actor))


def _places(actor: Actor) -> list[int]:
    held = (duty for duty in actor.holding(*READ) if "own" in RELATIONS[READ[duty.role]])
    return [duty.organization_id for duty in held]


class Ways(NamedTuple):
    """How rows may name an actor: at all, as *self*, as somebody assigned; and personal rows."""

    anybody: bool
    own: bool
    asked: bool
    own_personal: bool
    asked_personal: bool


def _ways(actor: Actor) -> Ways:
    own = any("self" in RELATIONS[READ[duty.role]] for duty in actor.holding(*READ))
    return Ways(
        anybody=actor.holds(*READ),
        own=own,
        asked=actor.holds(*REVIEWERS),
        own_personal=actor.holds(Role.MEMBER, Role.LIAISON, Role.SECRETARY),
        asked_personal=actor.holds(Role.SECRETARY, Role.INSPECTOR),
    )


def _naming(me: int, places: list[int], on: date, ways: Ways) -> models.QuerySet[Any, Any]:
    """A union: the same words joined by OR make PostgreSQL read the whole table."""
    problem, person, department, appointment = (
        apps.get_model("rectification", name)._base_manager  # noqa: SLF001 -- the plain manager
        for name in ("Problem", "ProblemPerson", "ProblemDepartment", "Appointment")
    )
    if not ways.anybody:
        return problem.none().values("pk")
    drafted = problem.filter(drafted_by=me) if ways.own else problem.none()
    answering = person.filter(user=me, part="responsible") if ways.own else person.none()
    helping = department.filter(part="cooperating", organization__in=places)
    assigned = appointment.filter(user=me, until__gte=on) if ways.asked else appointment.none()
    # Offices and leaders get figures of personal rows only, whoever typed them.
    if not ways.own_personal:
        drafted = drafted.exclude(owner_kind="personal")
        answering = answering.exclude(problem__owner_kind="personal")
    if not ways.asked_personal:
        assigned = assigned.exclude(step__application__problem__owner_kind="personal")
    return drafted.values("pk").union(
        answering.order_by().values("problem"),
        helping.exclude(problem__owner_kind="personal").order_by().values("problem"),
        assigned.values("step__application__problem"),
        all=True,
    )


ME, PLACE = -1, -2  # stand-ins; the places count on downwards


def _names_outside(actor: Actor, inside: Q) -> bool:
    """Return whether a row that names the actor is not among those `inside` his scope."""
    places = _places(actor)
    try:
        named = _named(connection.vendor, actor.on, len(places), _ways(actor))
    except EmptyResultSet:
        return False
    values = {ME: actor.user.pk} | {PLACE - n: place for n, place in enumerate(places)}
    words, params = f"id IN ({named.sql})", named.with_values(values)
    if connection.vendor == "postgresql":
        # An array: for one row of a join it would read all rows, each against all that name him.
        words = f"id = ANY(ARRAY({named.sql}))"
    scope, more = _said(connection.vendor, inside)
    if scope:
        words, params = f"{words} AND NOT ({scope})", [*params, *more]
    table = connection.ops.quote_name("rectification_problem")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE {words} LIMIT 1", params)  # noqa: S608
        return cursor.fetchone() is not None


@lru_cache(maxsize=256)
def _said(_vendor: str, inside: Q) -> Sql:
    """Return a scope in SQL; no words where it holds no row, or all."""
    rows = apps.get_model("rectification", "Problem")._base_manager.filter(inside)  # noqa: SLF001
    try:
        return condition_of(rows)
    except EmptyResultSet:
        return "", ()


@lru_cache(maxsize=64)
def _named(_vendor: str, on: date, places: int, ways: Ways) -> Statement:
    return Statement.of(_naming(ME, [PLACE - n for n in range(places)], on, ways))
