"""Whom the steps of the clock tell (提醒对象), for thousands of rows in a few statements.

Whoever is told can read the row: these are the scopes of PERMISSIONS.md turned round. Of a personal
row nobody is told but the person and the secretary of the branch.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from campaigns.models import ClosingStep, Recipient
from rectification import policy
from rectification.models import Appointment, Problem, ProblemPerson, ReviewStep
from rectification.models.problem_queryset import READ
from rectification.models.reminders_owed import Row
from reform.models import Delegation, Duty, DutyField, Role, User
from reform.models.organization import STEP
from reform.models.scope import RELATIONS
from reform.models.statement import Keys

PERSONAL = Problem.OwnerKind.PERSONAL
AT_ONCE = 10_000  # keys in one statement
FEW = 20  # places whose line to the top is looked up by name
AT_HOME = {Role.SECRETARY, Role.LIAISON}  # told at the row's own place only
ROLES: dict[str, Role] = {
    Recipient.SECRETARY: Role.SECRETARY,
    Recipient.LIAISON: Role.LIAISON,
    Recipient.LEADER: Role.LEADER,
    Recipient.OFFICE: Role.OFFICE,
}
# Whoever answers for a row reads it as *self*, by one of these roles, wherever he holds it.
SELF = {role for role, code in READ.items() if "self" in RELATIONS[code]}
SELF_PERSONAL = {Role.MEMBER, Role.LIAISON, Role.SECRETARY}


class Held(NamedTuple):
    """A duty, and who is told for it: its holder and who stands in for him on leave."""

    people: tuple[int, ...]
    fields: tuple[str, ...] | None  # of a leader who answers for named organizations only


@dataclass
class People:
    """Who holds what, looked up once for many rows of a day."""

    on: date
    held: dict[tuple[str, str], list[Held]] = field(default_factory=dict)  # role, path
    answering: dict[int, list[int]] = field(default_factory=dict)  # row → persons
    reading: dict[int, set[str]] = field(default_factory=dict)  # person → roles
    reviewing: dict[int, list[int]] = field(default_factory=dict)  # review step → persons

    @classmethod
    def of(cls, rows: Sequence[Row], asked: Iterable[str], *, on: date) -> "People":
        people, asked = cls(on), set(asked)
        steps = _steps_of(rows) if Recipient.REVIEWER in asked else []
        places = {row.organization: row.path for row in rows}
        places |= {step.holder.pk: step.holder.path for step in steps if step.holder}
        roles = {role for code, role in ROLES.items() if code in asked}
        for some in ClosingStep.ROLES.values() if steps else ():
            roles |= set(some)
        if roles and places:
            people._hold(roles, places)
        if Recipient.RESPONSIBLE in asked:
            people._answer([row.pk for row in rows])
        if steps:
            people._review(steps)
        return people

    def told(self, row: Row, recipients: Iterable[str]) -> list[int]:
        """Return the keys of those whom a step tells, each once."""
        found: dict[int, None] = {}
        for code in recipients:
            found |= dict.fromkeys(self._of(row, code))
        return list(found)

    def _of(self, row: Row, code: str) -> Iterable[int]:
        personal = row.owner_kind == PERSONAL
        match code:
            case Recipient.RESPONSIBLE:
                readers = SELF_PERSONAL if personal else SELF
                return [
                    user
                    for user in self.answering.get(row.pk, ())
                    if not readers.isdisjoint(self.reading.get(user, ()))
                ]
            case Recipient.REVIEWER:
                return self.reviewing.get(row.review or 0, ())
            case Recipient.SECRETARY:
                return self._at(Role.SECRETARY, row.path, row.path)
        if personal:
            return ()
        if code == Recipient.LIAISON:
            return self._at(Role.LIAISON, row.path, row.path)
        return self._nearest(ROLES[code], row.path)

    def _at(self, role: str, place: str, path: str) -> list[int]:
        return [
            user
            for held in self.held.get((role, place), ())
            if held.fields is None or place == path or path.startswith(held.fields)
            for user in held.people
        ]

    def _nearest(self, role: str, path: str) -> list[int]:
        """Return those nearest above; of leaders the unit's own come first, of offices last: an
        office collates what is not its own."""
        above = [path[:end] for end in range(len(path) - STEP, 0, -STEP)]
        if role == Role.LEADER:
            found = (self._leading(place, path) for place in (path, *above))
        else:
            found = (self._at(role, place, path) for place in (*above, path))
        return next((people for people in found if people), [])

    def _leading(self, place: str, path: str) -> list[int]:
        """The 主要负责人 where there is one; else those whose field it is."""
        here = self.held.get((Role.LEADER, place), ())
        first = [user for held in here if held.fields is None for user in held.people]
        return first or self._at(Role.LEADER, place, path)

    # ------------------------------------------------------------ looking up

    def _hold(self, roles: set[Role], places: dict[int, str]) -> None:
        duties = list(self._duties(roles, places))
        lent = self._lent(roles)
        partly = {row[0] for row in duties if row[1] == Role.LEADER and not row[3]}
        fields = self._fields() if partly else {}
        for key, role, path, _, user, is_active, username in duties:
            own = (user,) if is_active and username is not None else ()
            people = tuple(dict.fromkeys((*own, *lent.get(key, ()))))
            if people:
                named = fields.get(key, ()) if key in partly else None
                self.held.setdefault((role, path), []).append(Held(people, named))

    def _duties(self, roles: set[Role], places: dict[int, str]) -> Iterator[tuple[Any, ...]]:
        """Return (key, role, path, principal, user, active, account) of those that may be told.

        Of many rows those of branches are looked up by place; those above are few, and all taken.
        """
        duties = Duty.objects.in_force(self.on).order_by("place", "pk")
        columns = (
            *("pk", "role", "organization__path", "principal"),
            *("user", "user__is_active", "user__username"),
        )
        if len(places) <= FEW:
            paths = {path[:end] for path in places.values() for end in range(STEP, 33, STEP)}
            some = duties.filter(role__in=sorted(roles), organization__path__in=sorted(paths))
            yield from some.values_list(*columns)
            return
        for keys in _parts(sorted(places)) if roles & AT_HOME else ():
            here = duties.filter(role__in=sorted(roles & AT_HOME), organization__in=Keys(keys))
            yield from here.values_list(*columns)
        if roles - AT_HOME:
            yield from duties.filter(role__in=sorted(roles - AT_HOME)).values_list(*columns)

    def _lent(self, roles: set[Role]) -> dict[int, list[int]]:
        given = Delegation.objects.in_force(self.on).filter(
            duty__role__in=sorted(roles), delegate__is_active=True, delegate__username__isnull=False
        )
        found: dict[int, list[int]] = {}
        for duty, delegate in given.order_by("pk").values_list("duty", "delegate"):
            found.setdefault(duty, []).append(delegate)
        return found

    def _fields(self) -> dict[int, tuple[str, ...]]:
        rows = DutyField.objects.in_force(self.on).filter(kind=DutyField.Kind.FIELD)
        found: dict[int, tuple[str, ...]] = {}
        for duty, path in rows.values_list("duty", "organization__path"):
            found[duty] = (*found.get(duty, ()), path)
        return found

    def _answer(self, rows: Sequence[int]) -> None:
        for some in _parts(rows):
            named = ProblemPerson.objects.filter(
                problem__in=Keys(some),
                part=ProblemPerson.Part.RESPONSIBLE,
                user__is_active=True,
                user__username__isnull=False,
            )
            for problem, user in named.order_by("position", "pk").values_list("problem", "user"):
                self.answering.setdefault(problem, []).append(user)
        users = sorted({user for found in self.answering.values() for user in found})
        for some in _parts(users):
            duties = Duty.objects.in_force(self.on).filter(user__in=Keys(some), role__in=SELF)
            given = Delegation.objects.in_force(self.on).filter(
                delegate__in=Keys(some), duty__role__in=SELF
            )
            for user, role in (
                *duties.values_list("user", "role"),
                *given.values_list("delegate", "duty__role"),
            ):
                self.reading.setdefault(user, set()).add(role)

    def _review(self, steps: Sequence[ReviewStep]) -> None:
        """Who holds the role where a step lies, and who was appointed; not who must keep out."""
        keys = [step.pk for step in steps]
        appointed = Appointment.objects.filter(step__in=Keys(keys), until__gte=self.on)
        people: dict[int, list[int]] = {}
        for key, user in appointed.order_by("pk").values_list("step", "user"):
            people.setdefault(key, []).append(user)
        for step in steps:
            path, holder = step.application.problem.path, step.holder.path if step.holder else ""
            for role in _roles(step) if holder else ():
                people.setdefault(step.pk, []).extend(self._at(role, holder, path))
        barred = self._barred(steps, people)
        self.reviewing = {
            key: [user for user in dict.fromkeys(found) if (key, user) not in barred]
            for key, found in people.items()
        }

    def _barred(
        self, steps: Sequence[ReviewStep], people: dict[int, list[int]]
    ) -> set[tuple[int, int]]:
        """Return (step, person) of who must keep out (回避), or has no account to be told by."""
        users = User.objects.in_bulk({user for found in people.values() for user in found})
        asked: dict[int, list[ReviewStep]] = {}
        for step in steps:
            for user in people.get(step.pk, ()):
                asked.setdefault(user, []).append(step)
        found = set()
        for key, mine in asked.items():
            user = users[key]
            if not user.is_active or not user.has_account:
                found |= {(step.pk, key) for step in mine}
                continue
            found |= {(pk, key) for pk in policy.barred_from(user, mine, on=self.on)}
        return found


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def _steps_of(rows: Sequence[Row]) -> list[ReviewStep]:
    keys = [row.review for row in rows if row.review]
    if not keys:
        return []
    steps = ReviewStep.objects.filter(pk__in=Keys(keys)).select_related(
        "application__problem", "application__applicant", "application__entered_by", "holder"
    )
    return list(steps)


def _roles(step: ReviewStep) -> Sequence[str]:
    personal = step.application.problem.is_personal
    return (Role.SECRETARY,) if personal else ClosingStep.ROLES[ClosingStep.Kind(step.kind)]
