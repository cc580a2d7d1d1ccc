"""Organizations and people by the thousand (测速用的组织和人员): counties, branches, members."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from django.contrib.auth.hashers import make_password

from rectification.management.bulk_tables import create
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


@dataclass
class Unit:
    """A branch with whoever acts on its rows."""

    branch: Organization
    leader: User
    seats: dict[str, User] = field(default_factory=dict)
    members: list[User] = field(default_factory=list)

    @property
    def clerks(self) -> list[User]:
        """Who types for the branch: its liaison, and the secretary now and then."""
        return [self.seats["liaison"], self.seats["liaison"], self.seats["secretary"]]


def make(top: Organization, *, organizations: int, people: int) -> list[Unit]:
    """Hang `organizations` below `top`, as counties with branches, and put `people` into them.

    Raises Refused when there are too few people to fill the seats.
    """
    counties = max(min(COUNTIES, organizations // 10), 1)
    branches = max(organizations - counties, 1)
    least = counties * len(COUNTY_SEATS) + branches * LEAST
    if people < least:
        raise Refused(f"{organizations}个党组织至少要{least}人，请增大--people。")
    upper = _below([top], counties, "第{1:02d}县交通运输局党委", "BULK-{1:02d}")
    lower = _below(upper, branches, "第{0:02d}县第{1:03d}党支部", "BULK-{0:02d}-{1:03d}")
    users = _users(people)
    seats = {place: _sit(place, islice(users, 3), COUNTY_SEATS) for place in upper}
    units = [Unit(place, seats[place.parent][Role.LEADER]) for place in lower if place.parent]
    for number, user in enumerate(users):
        units[number % branches].members.append(user)
    for unit in units:
        unit.seats = _sit(unit.branch, unit.members, BRANCH_SEATS)
    return units


def _below(parents: list[Organization], count: int, name: str, code: str) -> list[Organization]:
    """Spread organizations over the parents, on steps that were never given before."""
    made = []
    for number in range(count):
        parent = parents[number % len(parents)]
        parent.steps_given += 1
        step = parent.steps_given
        names = (number % len(parents) + 1, number // len(parents) + 1)
        made.append(
            Organization(
                name=name.format(*names),
                code=code.format(*names),
                kind=Organization.Kind.BRANCH if parent.depth > 1 else parent.kind,
                parent=parent,
                depth=parent.depth + 1,
                path=f"{parent.path}{step:0{STEP}}",
                sequence=f"{parent.sequence}{step:0{STEP}}",
            )
        )
    create(made)
    for parent in parents:
        parent.save(update_fields=["steps_given"])
    return made


def _users(count: int) -> Iterator[User]:
    """One password, hashed once: hashing ten thousand would take a quarter of an hour."""
    password = make_password(PASSWORD)
    made = [
        User(username=f"b{number:06d}", name=_name(number), post="干部", password=password)
        for number in range(1, count + 1)
    ]
    create(made)
    return iter(made)


def _name(number: int) -> str:
    number, surname = divmod(number, len(SURNAMES))
    number, second = divmod(number, len(SECOND))
    return f"{SURNAMES[surname]}{FIRST[number % len(FIRST)]}{SECOND[second]}"


def _sit(place: Organization, people: Iterable[User], roles: tuple[Role, ...]) -> dict[str, User]:
    """Make `people` members of `place` and give the first of them its seats."""
    users = list(people)
    seats = dict(zip(roles, users, strict=False))
    members = (
        Duty(user=user, organization=place, role=Role.MEMBER, since=SINCE, home=True)
        for user in users
    )
    held = (
        Duty(
            user=user,
            organization=place,
            role=role,
            since=SINCE,
            principal=role == Role.LEADER,
        )
        for role, user in seats.items()
    )
    create(chain(members, held))
    return {str(role): user for role, user in seats.items()}
