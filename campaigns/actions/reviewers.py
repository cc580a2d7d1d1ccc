"""Who reviews an examination: by rule, not by choice (谁审阅). Asks nobody and writes nothing.

A member's is read by the secretary of his branch; a secretary's, a department head's, and that of
whoever finds nobody at home, by the nearest above; the top's by nobody here: on paper.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from campaigns.models import Campaign, Reader, parts
from campaigns.models.answers import Sheet
from reform.models import Delegation, Duty, Organization, Role, User
from reform.models.duty_field import load_fields

Basis = Reader.Basis
Kind = Organization.Kind
# Who is asked at a place above, in this order; in a department its head comes before its Party
# secretary, whatever lies above follows the line of heads.
PARTY = (Basis.ABOVE, Basis.FIELD, Basis.PRINCIPAL)
HEADS = (Basis.FIELD, Basis.PRINCIPAL, Basis.ABOVE)
Choice = tuple[Basis, list[Duty]]


@dataclass(frozen=True)
class Seat:
    """Somebody who reviews, by which duty, and how that is said to the author."""

    person: User
    basis: Basis
    duty: Duty
    behalf: User | None = None  # on leave, and in whose place
    part: str = ""  # of a split text: "branch", without what is marked 仅班子, or "whole"

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
        said = {
            "name": self.person.name,
            "post": "" if post in self.words else post,  # not said twice
            "words": self.words,
        }
        return said | {"part": self.part} if self.part else said


def _post(duty: Duty, basis: Basis) -> str:
    if duty.role == Role.LEADER:
        return "负责人" if basis == Basis.DEPARTMENT else "主要负责人"
    return "书记"


def of(
    author: User, organization: Organization, *, on: date, but: User | None = None
) -> list[Seat]:
    """Return who reviews the author's examination, who belongs to the organization; nobody where
    it goes the paper way. Those hold one seat: who is on leave, and who stands in for him. Nor
    does `but`, who typed it for somebody without an account (SOD-01)."""
    return _climbed(author, organization, _at_home, on=on, but=but)


def _climbed(
    author: User,
    organization: Organization,
    home: Callable[[list[Duty], Organization], list[Choice]],
    *,
    on: date,
    but: User | None,
) -> list[Seat]:
    held = list(_held(organization, on))
    for path in reversed(organization.lineage):
        here = [duty for duty in held if duty.organization.path == path]
        if path == organization.path and _leads(author, here, organization):
            continue  # nobody beside him at his own place reviews who leads it
        seats = (home if path == organization.path else _above)(here, organization)
        if found := list(_seated(seats, author, on=on, but=but)):
            return found
    return []


# ---------------------------------------------------------------- a text with parts 仅班子


@dataclass(frozen=True)
class Seating:
    """Who reads a text, and which part of it."""

    seats: list[Seat]
    team: Organization | None = None  # whose leading team reads the parts marked 仅班子
    team_on_paper: bool = False  # nobody here may read those


def team_of(author: User, campaign: Campaign, *, on: date) -> Organization | None:
    """Return whose leading team the author belongs to, the highest that takes part; none for whom
    nothing is 仅班子."""
    held = Duty.objects.in_force(on).filter(
        user__in=User.objects.of_person(author), role__in=(Role.SECRETARY, Role.LEADER)
    )
    rows = held.select_related("organization").order_by("organization__depth", "place", "pk")
    places = (duty.organization for duty in rows)
    return next((place for place in places if campaign.includes(place)), None)


def seating(
    author: User,
    organization: Organization,
    sheet: Sheet,
    *,
    campaign: Campaign,
    on: date,
    but: User | None = None,
) -> Seating:
    """Return who reads which part. Whoever reviews the leading team reads all; the branch's, if he
    is somebody else, what is not marked 仅班子. One who would be both reads all."""
    base = of(author, organization, on=on, but=but)
    team = team_of(author, campaign, on=on) if parts.is_marked(sheet) else None
    if team is None:
        return Seating(base)
    whole = _climbed(author, team, _above, on=on, but=but)
    known = {seat.person.person_id for seat in whole}
    if not base or any(seat.person.person_id in known for seat in base):
        return Seating(whole, team, team_on_paper=not whole)
    seats = [replace(seat, part="whole") for seat in whole]
    seats += [replace(seat, part="branch") for seat in base]
    return Seating(seats, team, team_on_paper=not whole)


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


def _seated(
    choices: list[Choice], author: User, *, on: date, but: User | None = None
) -> Iterator[Seat]:
    """Yield those of the first choice that has anybody who can: an account, and not himself, nor
    somebody in his place (SOD-01, 14, 16)."""
    barred = {one.person_id for one in (author, but) if one}
    for basis, duties in choices:
        theirs = [duty for duty in duties if duty.user.person_id not in barred]
        seats = [Seat(duty.user, basis, duty) for duty in theirs]
        given = Delegation.objects.in_force(on).filter(duty__in=theirs).select_related("delegate")
        by_key = {duty.pk: duty for duty in theirs}
        for one in given if theirs else ():
            duty = by_key[one.duty_id]
            seats.append(Seat(one.delegate, basis, duty, behalf=duty.user))
        able = {
            seat.person.pk: seat
            for seat in reversed(seats)
            if _can(seat.person) and seat.person.person_id not in barred
        }
        if able:
            yield from reversed(able.values())
            return


def _can(person: User) -> bool:
    return person.is_active and person.has_account


def key_of(seats: Iterable[Seat]) -> str:
    """Return what a page keeps of a promise, to see that it still holds when it is sent."""
    return ",".join(
        f"{seat.person.pk}-{seat.basis}{'-' + seat.part if seat.part else ''}" for seat in seats
    )
