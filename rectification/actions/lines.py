"""Who may be asked to take a step (审核链): the organizations above a row, who holds what there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from campaigns.models import ClosingStep
from rectification.models import Problem
from reform.models import Delegation, Duty, Organization, OrganizationRelation, Role, User
from reform.models.duty_field import load_fields
from reform.models.statement import Keys

Kind = ClosingStep.Kind


def roles(problem: Problem, kind: str) -> tuple[Role, ...]:
    """A personal row is signed by the branch secretary only."""
    return (Role.SECRETARY,) if problem.is_personal else ClosingStep.ROLES[Kind(kind)]


class Held(NamedTuple):
    """The duties at some organizations that take steps, and which of them are lent (请假委托)."""

    duties: list[Duty]
    given: list[Delegation]

    @classmethod
    def at(cls, places: list[Organization], on: date) -> "Held":
        asked = {role for some in ClosingStep.ROLES.values() for role in some}
        duties = list(
            Duty.objects.in_force(on)
            .filter(
                organization__in=Keys(place.pk for place in places),
                role__in=sorted(asked),
                user__is_active=True,
            )
            .select_related("user")
            .order_by("place", "pk")
        )
        if not duties:
            return cls([], [])
        known = {place.pk: place for place in places}
        for duty in duties:
            duty.organization = known[duty.organization_id]
        load_fields(duties, on=on)
        given = Delegation.objects.in_force(on).filter(
            duty__in=Keys(duty.pk for duty in duties), delegate__is_active=True
        )
        return cls(duties, list(given.select_related("delegate").order_by("pk")))


@dataclass(frozen=True)
class Line:
    """The organizations from a row's own to the top on a day, and who holds what there: looked up
    once for all steps of a chain."""

    problem: Problem
    on: date

    @classmethod
    def known(
        cls,
        problem: Problem,
        on: date,
        *,
        found: dict[str, Organization],
        stationed: dict[str, list[Organization]],
        held: Held,
        held_in_groups: Held,
    ) -> "Line":
        """Return a line of what was looked up before, for thousands of rows at once."""
        line = cls(problem, on)
        line.__dict__.update(
            _found=found, _stationed=stationed, _held=held, _held_in_groups=held_in_groups
        )
        return line

    def places(self, kind: str) -> Iterator[Organization]:
        """Return where a step may lie, nearest first. 审签 is the organization's own and does not
        climb, but for a personal row, whose only step it is; reviews are taken above. At 复核 a
        stationed 纪检组 (派驻) comes right before its host."""
        lineage = self.problem.organization.lineage
        if kind == Kind.ENDORSE and not self.problem.is_personal:
            lineage = lineage[-1:]
        elif kind != Kind.ENDORSE:
            lineage = lineage[:-1]
        stationed = self._stationed if kind == Kind.RECHECK else {}
        for path in reversed(self.problem.organization.lineage):
            yield from stationed.get(path, ())
            if path in lineage:
                yield self._found[path]

    def holders(self, organization: Organization, kind: str) -> list[User]:
        """Return who takes such steps there: those of the role, and behind them who stands for
        one of them on leave (请假委托)."""
        held = self._held if organization.path in self._found else self._held_in_groups
        asked = roles(self.problem, kind)
        duties = {
            duty.pk: duty
            for duty in held.duties
            if duty.organization_id == organization.pk
            and duty.role in asked
            and self._answers_for(duty)
        }
        people = dict.fromkeys(duty.user for duty in duties.values())
        for given in held.given:
            if given.duty_id in duties and given.delegate not in people:
                given.delegate.in_place_of = duties[given.duty_id].user
                people[given.delegate] = None
        return list(people)

    def _answers_for(self, duty: Duty) -> bool:
        """A leader who is not the 主要负责人 acts only on the organizations of his field."""
        at_home = duty.organization_id == self.problem.organization_id
        path = self.problem.path
        return not duty.has_field or at_home or any(place.covers(path) for place in duty.field)

    @cached_property
    def _found(self) -> dict[str, Organization]:
        """The row's organization and those above it, by path."""
        place = self.problem.organization
        found = {place.path: place}
        if above := [path for path in place.lineage if path not in found]:
            found |= {place.path: place for place in Organization.objects.filter(path__in=above)}
        return found

    @cached_property
    def _stationed(self) -> dict[str, list[Organization]]:
        """The groups stationed at one of them, by the path of their host."""
        hosts = self.problem.organization.lineage
        rows = OrganizationRelation.objects.stationed(self.on).filter(other__path__in=hosts)
        found: dict[str, list[Organization]] = {}
        for row in rows.select_related("organization", "other").order_by("organization__sequence"):
            found.setdefault(row.other.path, []).append(row.organization)
        return found

    @cached_property
    def _held(self) -> Held:
        return Held.at(list(self._found.values()), self.on)

    @cached_property
    def _held_in_groups(self) -> Held:
        return Held.at(list(chain.from_iterable(self._stationed.values())), self.on)
