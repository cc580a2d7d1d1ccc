"""Whether a campaign's review chain can be gone (审核链体检): which organization × step has nobody.

Asked by the rule of the chain itself (`chains`, `policy`), of a problem of nobody in each
organization: as many statements for ten thousand organizations as for one.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from campaigns.actions.weekly_plans import taking_part
from campaigns.models import Campaign, ClosingStep
from rectification import policy
from rectification.actions import chains
from rectification.actions.lines import Held, Line
from rectification.models import Problem
from reform.models import Delegation, Duty, Organization, OrganizationRelation, User
from reform.models.statement import Keys

Kind = ClosingStep.Kind
NOBODY = policy.Involved([], set(), [], [], [], [], [])
WAIVED = "本单位没有人审签，免审签后下一步须实地查看或访谈"
CLIMBS = "上级各单位都没有可办理的人，将指派人员或线下签批"


class Gap(NamedTuple):
    """A step of some levels that nobody can take for an organization's problems."""

    organization: Organization
    step: str
    levels: str
    words: str

    def data(self) -> dict[str, Any]:
        """Return it as it is kept with the campaign, and as its page shows it."""
        return {
            "organization": self.organization.pk,
            "name": self.organization.name,
            "step": self.step,
            "levels": self.levels,
            "words": self.words,
        }


class Asked(NamedTuple):
    """A step that is asked of every organization: for personal rows or for units', how it may
    be, and by which levels."""

    kind: str
    personal: bool
    waived: bool
    levels: str


def check(campaign: Campaign, *, on: date) -> list[Gap]:
    """Return the steps that nobody can take on a day, by organization in official order."""
    asked = _asked(campaign)
    survey = Survey.of(list(taking_part(campaign, on=on)), on=on)
    return [
        Gap(place, str(Kind(one.kind).label), one.levels, WAIVED if one.waived else CLIMBS)
        for place in survey.places
        for one in survey.empty(place, asked)
    ]


def digest(gaps: list[Gap]) -> str:
    """Say in a word which gaps were seen: others than these must be seen again."""
    rows = [[gap.organization.pk, gap.step, gap.levels] for gap in gaps]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


def _asked(campaign: Campaign) -> list[Asked]:
    """Return what each organization is asked: a step once, with the levels that have it."""
    levels: dict[tuple[str, bool, bool], list[str]] = defaultdict(list)
    for level in campaign.closing_levels.prefetch_related("steps"):
        steps = list(level.steps.all())
        for personal in _owners(level.fits):
            for place, step in enumerate(steps):
                last = place == len(steps) - 1
                waived = step.kind == Kind.ENDORSE and not last
                levels[step.kind, personal, waived].append(level.name)
    return [Asked(*key, "、".join(names)) for key, names in levels.items()]


def _owners(fits: list[str]) -> Iterator[bool]:
    if "personal" in fits:
        yield True
    if set(fits) - {"personal"}:
        yield False


@dataclass(frozen=True)
class Survey:
    """Who holds what at some organizations and above them, looked up once for all."""

    places: list[Organization]
    on: date
    every: dict[str, Organization]  # those above included, by path
    stationed: dict[str, list[Organization]]  # groups, by the path of their host
    duties: dict[int, list[Duty]]  # by organization
    given: dict[int, list[Delegation]]  # by duty
    services: dict[int, list[Any]]  # by person

    @classmethod
    def of(cls, places: list[Organization], *, on: date) -> "Survey":
        every = {place.path: place for place in places}
        above = {path for place in places for path in place.lineage} - set(every)
        rows = Organization.objects.filter(path__in=sorted(above)) if above else ()
        every |= {place.path: place for place in rows}
        stationed: dict[str, list[Organization]] = {}
        hosts = Keys(place.pk for place in every.values())
        relations = OrganizationRelation.objects.stationed(on).filter(other__in=hosts)
        relations = relations.select_related("organization", "other")
        for row in relations.order_by("organization__sequence"):
            stationed.setdefault(row.other.path, []).append(row.organization)
        known = {place.pk: place for place in every.values()}
        known |= {group.pk: group for group in chain.from_iterable(stationed.values())}
        held = Held.at(list(known.values()), on)
        duties: dict[int, list[Duty]] = defaultdict(list)
        for duty in held.duties:
            duties[duty.organization_id].append(duty)
        given: dict[int, list[Delegation]] = defaultdict(list)
        for one in held.given:
            given[one.duty_id].append(one)
        people = [duty.user for duty in held.duties] + [one.delegate for one in held.given]
        services = policy.services_of_each(people, on=on)
        return cls(places, on, every, stationed, duties, given, services)

    def empty(self, place: Organization, asked: list[Asked]) -> Iterator[Asked]:
        """Yield the steps that nobody can take for a problem of this organization."""
        kinds = Problem.OwnerKind
        rows = {
            personal: Problem(organization=place, path=place.path, owner_kind=kind)
            for personal, kind in ((True, kinds.PERSONAL), (False, kinds.UNIT))
        }
        lines = {personal: self._line(place, row) for personal, row in rows.items()}
        for one in asked:
            barred = partial(self._barred, rows[one.personal], one.kind)
            if chains.seat_on(lines[one.personal], one.kind, barred).organization is None:
                yield one

    def _barred(self, problem: Problem, kind: str, user: User) -> str:
        held = self.services[user.person_id]
        return policy.barred_by_row(
            user, problem, kind=kind, on=self.on, involved=NOBODY, held=held
        )

    def _line(self, place: Organization, problem: Problem) -> Line:
        found = {path: self.every[path] for path in place.lineage if path in self.every}
        stationed = {path: self.stationed[path] for path in found if path in self.stationed}
        return Line.known(
            problem,
            self.on,
            found=found,
            stationed=stationed,
            held=self._held(found.values()),
            held_in_groups=self._held(chain.from_iterable(stationed.values())),
        )

    def _held(self, places: Any) -> Held:
        duties = [duty for place in places for duty in self.duties.get(place.pk, ())]
        given = [one for duty in duties for one in self.given.get(duty.pk, ())]
        return Held(duties, given)
