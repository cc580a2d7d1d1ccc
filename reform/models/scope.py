"""Scopes (范围): the letters of PERMISSIONS.md, and the ranges of the tree they open.

own, down and up are counted from the organization of one duty; *self* and *asg* (assigned) are
said by the record, not by the tree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Q

from reform.models.actor import Actor
from reform.models.organization import Organization, below, within
from reform.models.user import Duty

# Code → the relations of a record to the actor that it admits.
RELATIONS: dict[str, frozenset[str]] = {
    code: frozenset(relations.split())
    for code, relations in {
        "N": "",
        "S": "self",
        "U": "self own",
        "U-": "own",
        "U-X": "own asg",
        "D": "self own down",
        "DX": "self own down asg",
        "V": "down",
        "X": "asg",
        "VX": "down asg",
        "UX": "self own asg",
        "SX": "self asg",
        "C": "self own up",
        "CD": "self own up down",
        "U+VX": "self own down asg",
        "A": "self own down up out asg",
    }.items()
}


def relation(duty: Duty, path: str) -> str:
    """Return where `path` lies as seen from the duty: own, down, up or out.

    A leader who is not the 主要负责人 has below him only the organizations of his field; a
    stationed inspector (派驻) has his host and all below it.
    """
    place = duty.organization
    if path == place.path:
        return "own"
    if place.covers(path):
        in_field = not duty.has_field or any(org.covers(path) for org in duty.field)
        return "down" if in_field else "out"
    if duty.hosts and path.startswith(duty.hosts):
        return "down"
    return "up" if place.path.startswith(path) else "out"


def admits(scopes: Mapping[str, str], actor: Actor, path: str, also: Iterable[str] = ()) -> bool:
    """Return whether one duty of the actor opens a record at `path`.

    `scopes` maps roles to codes; `also` holds what the record says of the actor: self, asg.
    """
    said = set(also)
    return any(
        RELATIONS[scopes.get(duty.role, "N")] & (said | {relation(duty, path)})
        for duty in actor.duties
    )


@dataclass
class Reach:
    """The part of the tree a table of scopes opens to an actor, as conditions on a path column."""

    whole: bool = False
    paths: set[str] = field(default_factory=set)  # organizations by themselves
    tops: set[str] = field(default_factory=set)  # with all that lies below
    below: set[str] = field(default_factory=set)  # only what lies below
    all_but: set[int] = field(default_factory=set)  # the whole tree without its top
    key: str = "organization"  # the column that names the organization; "pk" on the tree itself

    @classmethod
    def of(cls, actor: Actor, scopes: Mapping[str, str], *, key: str = "organization") -> "Reach":
        reach = cls(key=key)
        for duty in actor.duties:
            reach.add(duty, RELATIONS[scopes.get(duty.role, "N")])
        return reach

    def add(self, duty: Duty, relations: frozenset[str]) -> None:
        place = duty.organization
        own, down = "own" in relations, "down" in relations
        if own:
            self.paths.add(place.path)
        if not down:
            return
        self.tops |= set(duty.hosts)
        if duty.has_field:
            self.tops |= {top.path for top in duty.field}
        elif self._is_the_only_top(duty):
            # No path condition for the whole tree: SQLite then picks the right index.
            self.whole = self.whole or own
            self.all_but |= set() if own else {place.pk}
        elif own:
            self.tops.add(place.path)
        else:
            self.below.add(place.path)

    @staticmethod
    def _is_the_only_top(duty: Duty) -> bool:
        other_top = getattr(duty, "has_other_top", True)  # looked up with an Actor's duties
        return duty.organization.depth == 1 and not other_top

    @property
    def is_flat(self) -> bool:
        """Whether nothing is opened but organizations by themselves."""
        return not (self.whole or self.tops or self.below or self.all_but)

    def holds(self, organization: Organization) -> bool:
        """Return whether an organization lies in it."""
        path = organization.path
        return (
            self.whole
            or path in self.paths
            or path.startswith(tuple(self.tops))
            or any(path.startswith(top) and path != top for top in self.below)
            or (bool(self.all_but) and organization.pk not in self.all_but)
        )

    def condition(self) -> Q:
        """Return everything as one condition; `whole` must be asked first."""
        # An organization and all below it is one range: of two, SQLite makes a slow OR.
        every = self.tops | (self.below & self.paths)
        tops = {path for path in every if not _is_covered(path, every)}
        inside = tuple(tops)
        strict = {path for path in self.below if not path.startswith(inside)}
        paths = sorted(path for path in self.paths if not path.startswith(inside))
        parts = [within(path) for path in sorted(tops)]
        parts += [below(path) for path in sorted(strict)]
        parts += [~Q((self.key, top)) for top in sorted(self.all_but)]
        if paths:
            parts.append(Q(path=paths[0]) if len(paths) == 1 else Q(path__in=paths))
        return reduce(or_, parts) if parts else Q(pk__in=[])


def _is_covered(path: str, tops: set[str]) -> bool:
    return any(path != top and path.startswith(top) for top in tops)
