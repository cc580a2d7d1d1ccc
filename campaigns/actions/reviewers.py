"""Who reviews an examination: by rule, not by choice (谁审阅). Asks nobody and writes nothing.

A member's is read by the secretary of his branch; a secretary's, a department head's, and that of
whoever finds nobody at home, by the nearest above; the top's by nobody here: on paper.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from campaigns.models import Reader
from reform.models import Delegation, Duty, Organization, Role, User
from reform.models.duty_field import load_fields

Basis = Reader.Basis
Kind = Organization.Kind
# Who is asked at a place above, in this order; in a department its head comes before its Party
# secretary, whatever lies above follows the line of heads.
PARTY = (Basis.ABOVE, Basis.FIELD, Basis.PRINCIPAL)
HEADS = (Basis.FIELD, Basis.PRINCIPAL, Basis.ABOVE)


@dataclass(frozen=True)
class Seat:
    """Somebody who reviews, by which duty, and how that is said to the author."""

    person: User
    basis: Basis
    duty: Duty
    behalf: User | None = None  # on leave, and in whose place

    @property
    def words(self) -> str:
        """“第一党支部书记”; “市交通局党组书记”, “分管领导” …"""
        place, role = self.duty.organization, self.duty.role
        post = _post(self.duty, self.basis)
        said = f"{place}{post}"
        if role == Role.LEADER and self.basis == Basis.FIELD:
            said = f"{place}分管领导"
        return f"{said}，受{self.behalf.name}委托代行" if self.behalf else said

    @property
    def right(self) -> Basis:
        """What the row of this reader says he reads by."""
        return Basis.DELEGATE if self.behalf else self.basis

    @property
    def promise(self) -> dict[str, str]:
        """What the author is promised of him, in words that stay."""
        post = self.person.post
        return {
            "name": self.person.name,
            "post": "" if post in self.words else post,  # not said twice
            "words": self.words,
        }


def _post(duty: Duty, basis: Basis) -> str:
    if duty.role == Role.LEADER:
        return "负责人" if basis == Basis.DEPARTMENT else "主要负责人"
    return "书记"


def of(author: User, organization: Organization, *, on: date) -> list[Seat]:
    """Return who reviews the author's examination, who belongs to the organization; nobody where
    it goes the paper way. Those hold one seat: who is on leave, and who stands in for him."""
    held = list(_held(organization, on))
    for path in reversed(organization.lineage):
        here = [duty for duty in held if duty.organization.path == path]
        if path != organization.path:
            seats = _above(here, organization)
        elif _leads(author, here, organization):
            continue  # nobody beside him at his own place reviews who leads it
        else:
            seats = _at_home(here, organization)
        if found := list(_seated(seats, author, on=on)):
            return found
    return []


def _held(organization: Organization, on: date) -> Iterator[Duty]:
    rows = Duty.objects.in_force(on).filter(
        organization__path__in=organization.lineage, role__in=(Role.SECRETARY, Role.LEADER)
    )
    duties = list(rows.select_related("user", "organization").order_by("place", "pk"))
    load_fields(duties, on=on)
    yield from duties


def _leads(author: User, here: Iterable[Duty], organization: Organization) -> bool:
    leading = {Role.SECRETARY}
    if organization.kind == Kind.DEPARTMENT:
        leading.add(Role.LEADER)
    return any(duty.role in leading and duty.user.person_id == author.person_id for duty in here)


Choice = tuple[Basis, list[Duty]]


def _at_home(here: list[Duty], organization: Organization) -> list[Choice]:
    secretaries = [duty for duty in here if duty.role == Role.SECRETARY]
    if organization.kind != Kind.DEPARTMENT:
        return [(Basis.BRANCH, secretaries)]
    heads = [duty for duty in here if duty.role == Role.LEADER]
    return [(Basis.DEPARTMENT, heads), (Basis.BRANCH, secretaries)]


def _above(here: list[Duty], organization: Organization) -> list[Choice]:
    leaders = [duty for duty in here if duty.role == Role.LEADER]
    found = {
        Basis.ABOVE: [duty for duty in here if duty.role == Role.SECRETARY],
        Basis.FIELD: [
            duty
            for duty in leaders
            if duty.has_field and any(place.covers(organization.path) for place in duty.field)
        ],
        Basis.PRINCIPAL: [duty for duty in leaders if duty.principal],
    }
    order = HEADS if organization.kind == Kind.DEPARTMENT else PARTY
    return [(basis, found[basis]) for basis in order]


def _seated(choices: list[Choice], author: User, *, on: date) -> Iterator[Seat]:
    """Yield those of the first choice that has anybody who can: an account, and not himself, nor
    somebody in his place (SOD-01, 14, 16)."""
    for basis, duties in choices:
        theirs = [duty for duty in duties if duty.user.person_id != author.person_id]
        seats = [Seat(duty.user, basis, duty) for duty in theirs]
        given = Delegation.objects.in_force(on).filter(duty__in=theirs).select_related("delegate")
        by_key = {duty.pk: duty for duty in theirs}
        for one in given if theirs else ():
            duty = by_key[one.duty_id]
            seats.append(Seat(one.delegate, basis, duty, behalf=duty.user))
        able = {
            seat.person.pk: seat
            for seat in reversed(seats)
            if _can(seat.person) and seat.person.person_id != author.person_id
        }
        if able:
            yield from reversed(able.values())
            return


def _can(person: User) -> bool:
    return person.is_active and person.has_account


def key_of(seats: Iterable[Seat]) -> str:
    """Return what a page keeps of a promise, to see that it still holds when it is sent."""
    return ",".join(f"{seat.person.pk}-{seat.basis}" for seat in seats)
