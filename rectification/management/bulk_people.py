"""Organizations and people by the thousand (测速用的组织和人员): counties, branches, members."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from rectification.management.bulk_tables import Table, keys
from rectification.management.demo_people import PASSWORD, SINCE
from reform.errors import Refused
from reform.models import Duty, Organization, Role, User
from reform.models.organization import STEP

COUNTIES = 20
COUNTY_SEATS = (Role.OFFICE, Role.INSPECTOR, Role.LEADER)
BRANCH_SEATS = (Role.SECRETARY, Role.LIAISON)
LEAST = 3  # people in a branch: two seats and somebody to be responsible
SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻苏潘葛范彭鲁韦马苗方"
)
FIRST, SECOND = "文思嘉子若海一长景云知秋修明清望", "博远禾衿水棠鸣风行舟白轩和舒晴岚"


class Place(NamedTuple):
    """An organization just made; `above` is its place among the parents."""

    pk: int
    path: str
    above: int
    name: str
    above_name: str
    sequence: str


class Person(NamedTuple):
    pk: int
    name: str


@dataclass
class Unit:
    """A branch with whoever acts on its rows."""

    branch: Place
    leader: Person
    members: list[Person] = field(default_factory=list)  # first of all those in its seats

    @property
    def clerks(self) -> tuple[Person, ...]:
        """Who types for the branch: its liaison, and the secretary now and then."""
        secretary, liaison = self.members[: len(BRANCH_SEATS)]
        return liaison, liaison, secretary

    @property
    def ordinary(self) -> list[Person]:
        return self.members[len(BRANCH_SEATS) :]


def make(top: Organization, *, organizations: int, people: int) -> list[Unit]:
    """Hang `organizations` below `top`, as counties with branches, and put `people` into them.

    Raises Refused when there are too few people to fill the seats.
    """
    counties = max(min(COUNTIES, organizations // 10), 1)
    branches = max(organizations - counties, 1)
    least = counties * len(COUNTY_SEATS) + branches * LEAST
    if people < least:
        raise Refused(f"{organizations}个党组织至少要{least}人，请增大--people。")
    made = Table(Organization, keyed=True)
    upper = list(_counties(made, top, counties, -(-branches // counties)))
    lower = list(_branches(made, upper, branches, top.depth + 2))
    users = _users(people)
    duties = Table(Duty)
    heads = [list(islice(users, len(COUNTY_SEATS))) for _ in upper]
    units = [Unit(place, heads[place.above][-1]) for place in lower]
    for number, user in enumerate(users):
        units[number % branches].members.append(user)
    for place, seated in zip(upper, heads, strict=True):
        duties.write(_duties(duties, place, seated, COUNTY_SEATS))
    duties.write(
        row for unit in units for row in _duties(duties, unit.branch, unit.members, BRANCH_SEATS)
    )
    return units


def _counties(made: Table, top: Organization, count: int, each: int) -> Iterator[Place]:
    """Counties of the same kind as the top, on steps that were never given before."""
    first = top.steps_given + 1
    top.steps_given += count
    top.save(update_fields=["steps_given"])
    rows = []
    for number, key in enumerate(keys(Organization, count)):
        step = f"{first + number:0{STEP}}"
        path, sequence = f"{top.path}{step}", f"{top.sequence}{step}"
        name = f"第{number + 1:02d}县交通运输局党委"
        rows.append(
            made.row(
                id=key,
                name=name,
                code=f"BULK-{number + 1:02d}",
                kind=top.kind,
                parent_id=top.pk,
                depth=top.depth + 1,
                path=path,
                sequence=sequence,
                steps_given=each,
            )
        )
        yield Place(key, path, 0, name, top.name, sequence)
    made.write(rows)


def _branches(made: Table, upper: list[Place], count: int, depth: int) -> Iterator[Place]:
    rows = []
    for number, key in enumerate(keys(Organization, count)):
        step, above = divmod(number, len(upper))
        path = f"{upper[above].path}{step + 1:0{STEP}}"
        sequence = f"{upper[above].sequence}{step + 1:0{STEP}}"
        name = f"第{above + 1:02d}县第{step + 1:03d}党支部"
        rows.append(
            made.row(
                id=key,
                name=name,
                code=f"BULK-{above + 1:02d}-{step + 1:03d}",
                kind=Organization.Kind.BRANCH,
                parent_id=upper[above].pk,
                depth=depth,
                path=path,
                sequence=sequence,
            )
        )
        yield Place(key, path, above, name, upper[above].name, sequence)
    made.write(rows)


def _users(count: int) -> Iterator[Person]:
    """One password, hashed once: hashing ten thousand would take a quarter of an hour."""
    password = make_password(PASSWORD)
    people = [Person(key, _name(at)) for at, key in enumerate(keys(User, count), start=1)]
    made = Table(User, keyed=True)
    made.write(
        made.row(id=key, username=f"b{at:06d}", name=name, post="干部", password=password)
        for at, (key, name) in enumerate(people, start=1)
    )
    return iter(people)


def _name(number: int) -> str:
    number, surname = divmod(number, len(SURNAMES))
    number, second = divmod(number, len(SECOND))
    return f"{SURNAMES[surname]}{FIRST[number % len(FIRST)]}{SECOND[second]}"


def _duties(
    made: Table, place: Place, people: list[Person], roles: tuple[Role, ...]
) -> Iterator[tuple[object, ...]]:
    """Make `people` members of a place and give the first of them its seats."""
    here = {"organization_id": place.pk, "since": SINCE.isoformat()}
    for person in people:
        yield made.row(user_id=person.pk, role=Role.MEMBER, home=True, **here)
    for role, person in zip(roles, people, strict=False):
        yield made.row(user_id=person.pk, role=role, principal=role == Role.LEADER, **here)
