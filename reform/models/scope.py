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
from reform.models.organization import below, within
from reform.models.user import Duty

# Code → the relations of a record to the actor that it admits.
RELATIONS: dict[str, frozenset[str]] = {
    code: frozenset(relations.split())
    for code, relations in {
        "N": "",
        "S": "self",
        "U": "self own",
        "U-": "own",
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

    A leader who is not the 主要负责人 has below him only the organizations of his field.
    """
    place = duty.organization
    if path == place.path:
        return "own"
    if place.covers(path):
        in_field = not duty.has_field or any(org.covers(path) for org in duty.fields.all())
        return "down" if in_field else "out"
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
    spans: list[Q] = field(default_factory=list)
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
        if down and self._is_the_only_top(duty):
            self._add_whole(place.pk, own=own)
            return
        if own:
            self.spans.append(Q(path=place.path))
        if down and duty.has_field:
            self.spans += [within(top.path) for top in duty.fields.all()]
        elif down:
            self.spans.append(below(place.path))

    @staticmethod
    def _is_the_only_top(duty: Duty) -> bool:
        other_top = getattr(duty, "has_other_top", True)  # looked up with an Actor's duties
        return duty.organization.depth == 1 and not duty.has_field and not other_top

    def _add_whole(self, top: int, *, own: bool) -> None:
        """The whole tree needs no path condition: SQLite then picks the right index."""
        if own:
            self.whole = True
        else:
            self.spans.append(~Q((self.key, top)))

    def condition(self) -> Q:
        """Return the spans as one condition; `whole` must be asked first."""
        if not self.spans:
            return Q(pk__in=[])
        return reduce(or_, self.spans)
