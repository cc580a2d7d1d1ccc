"""Writing down who answers for a problem; a name is matched to a member, and kept in any case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from django.db.models import Q
from pypinyin import lazy_pinyin
from rapidfuzz import fuzz, process

from rectification.models import Problem, ProblemDepartment, ProblemPerson
from reform.models import Duty, Organization, Role, User
from reform.models.organization import within

# Of a hundred. Of three characters one may be wrong, of two none: there the sound decides.
WRITTEN_LIKE, SOUNDING_LIKE, NEAREST = 60, 85, 3


@dataclass(frozen=True)
class Directory:
    """Who can be meant by a name in one organization, looked up once for many rows."""

    organization: Organization
    on: date
    members: dict[str, list[User]]
    leaders: dict[str, list[User]]

    @classmethod
    def of(cls, organization: Organization, *, on: date) -> "Directory":
        """Responsible persons are members of the organization or of the departments in it;
        leaders also hold duties above it."""
        here = within(organization.path, "organization__path")
        above = Q(organization__path__in=organization.lineage)
        held = Duty.objects.in_force(on).filter(here | above, user__is_active=True)
        found = list(held.order_by("user").values_list("user", "role", "organization__path"))
        people = User.objects.in_bulk({user for user, _, _ in found})
        members = {
            user for user, role, path in found if role == Role.MEMBER and organization.covers(path)
        }
        return cls(
            organization,
            on,
            members=_by_name(user for pk, user in people.items() if pk in members),
            leaders=_by_name(people.values()),
        )

    @cached_property
    def places(self) -> dict[str, list[Organization]]:
        return _by_name(Organization.objects.in_force(self.on).under(self.organization))

    def member(self, name: str) -> User | None:
        return _only(self.members.get(name))

    def leader(self, name: str) -> User | None:
        return _only(self.leaders.get(name))

    def chosen(self, people: Mapping[str, int]) -> dict[str, User]:
        """Return the accounts chosen for names, those who may be meant here only."""
        pools = (self.leaders, self.members)
        allowed = {user.pk: user for pool in pools for users in pool.values() for user in users}
        return {name: allowed[pk] for name, pk in people.items() if pk in allowed}

    def place(self, name: str) -> Organization | None:
        return _only(self.places.get(name))

    def near(self, name: str, *, leader: bool = False) -> list[User]:
        """Return the members, or the leaders, whom a misspelt name may mean: the likeliest first,
        three at most.

        Written alike or sounding alike: 马朝 for 马超, 张洁 for 张杰.
        """
        pool = self.leaders if leader else self.members
        names = list(pool)
        written = process.extract(
            name, names, scorer=fuzz.ratio, score_cutoff=WRITTEN_LIKE, limit=NEAREST
        )
        heard = process.extract(
            sound(name),
            [sound(other) for other in names],
            scorer=fuzz.ratio,
            score_cutoff=SOUNDING_LIKE,
            limit=NEAREST,
        )
        likely = sorted([*written, *heard], key=lambda found: -found[1])
        users = (user for _, _, place in likely for user in pool[names[place]])
        return list({user.pk: user for user in users}.values())[:NEAREST]

    def doubt(self, name: str) -> str:
        """Return why a responsible person's name was not matched, or nothing."""
        found = self.members.get(name, [])
        if len(found) == 1:
            return ""
        if found:
            return f"“{name}”在本单位有{len(found)}人同名，请选定账号，否则只按姓名记录。"
        return f"本单位没有名为“{name}”的人员账号，将只按姓名记录。"

    def people_of(
        self,
        problem: Problem,
        *,
        leaders: Sequence[str] | None = None,
        persons: Sequence[str] | None = None,
        chosen: Mapping[str, int] | None = None,
    ) -> list[ProblemPerson]:
        """Return the rows, not yet saved, for the lists that are given.

        `chosen` says which member a name means where several bear it: {name: user id}.
        """
        part = ProblemPerson.Part
        allowed = {user.pk: user for users in self.members.values() for user in users}
        picked = {name: allowed.get(pk) for name, pk in (chosen or {}).items()}
        found = [(part.LEADER, name, self.leader(name)) for name in leaders or ()]
        found += [
            (part.RESPONSIBLE, name, picked.get(name) or self.member(name))
            for name in persons or ()
        ]
        return [
            ProblemPerson(problem=problem, part=part, position=place, name=name[:40], user=user)
            for place, (part, name, user) in enumerate(dict.fromkeys(found))
        ]

    def departments_of(
        self,
        problem: Problem,
        *,
        departments: Sequence[str] | None = None,
        cooperating: Sequence[str] | None = None,
    ) -> list[ProblemDepartment]:
        """As `people_of`; a cooperating organization may lie anywhere in the tree."""
        part = ProblemDepartment.Part
        found = [(part.RESPONSIBLE, name, self.place(name)) for name in departments or ()]
        found += [(part.COOPERATING, name, _anywhere(name)) for name in cooperating or ()]
        return [
            ProblemDepartment(
                problem=problem, part=part, position=place, name=name[:100], organization=where
            )
            for place, (part, name, where) in enumerate(dict.fromkeys(found))
        ]


@lru_cache(maxsize=20_000)
def sound(name: str) -> str:
    """Return how a name is said, without tones: 马超 and 马朝 alike."""
    return "".join(lazy_pinyin(name))


def _by_name(rows: Iterable[User] | Iterable[Organization]) -> dict[str, list]:
    found: dict[str, list] = {}
    for row in {row.pk: row for row in rows}.values():
        for name in {row.name, getattr(row, "short_name", "")} - {""}:
            found.setdefault(name, []).append(row)
    return found


def _only(found: list | None):
    return found[0] if found and len(found) == 1 else None


def put(
    problem: Problem,
    *,
    directory: Directory,
    chosen: Mapping[str, int] | None = None,
    **lists: Sequence[str],
) -> None:
    """Replace those of leaders, persons, departments and cooperating that are given."""
    for name, part in (("leaders", "leader"), ("persons", "responsible")):
        if name in lists:
            problem.people.filter(part=part).delete()
    for name, part in (("departments", "responsible"), ("cooperating", "cooperating")):
        if name in lists:
            problem.departments.filter(part=part).delete()
    ProblemPerson.objects.bulk_create(
        directory.people_of(
            problem, leaders=lists.get("leaders"), persons=lists.get("persons"), chosen=chosen
        )
    )
    ProblemDepartment.objects.bulk_create(
        directory.departments_of(
            problem,
            departments=lists.get("departments"),
            cooperating=lists.get("cooperating"),
        )
    )


def _anywhere(name: str) -> Organization | None:
    return _only(list(Organization.objects.filter(name=name, retired_on=None)[:2]))
