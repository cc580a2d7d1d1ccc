"""Who answers first for an organization (第一责任人), and what its leaders answer for (分管).

By duties: the secretary of a Party organization, the 主要负责人 of a unit (domain.md A9). A
campaign may name somebody else, by a row; where neither says one person, it is 尚未明确.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from campaigns.models.body import workable
from campaigns.models.campaign import Campaign
from reform.models import Actor, Duty, Organization, Role, User
from reform.models.duty_field import load_fields
from reform.models.organization import OrganizationQuerySet

PARTY = ("committee", "general_branch", "branch")  # kinds with a secretary
NAMED = "指定"
GROUNDS: dict[str, str] = {Role.SECRETARY: "书记", Role.LEADER: "主要负责人"}


class FirstResponsibleQuerySet(models.QuerySet["FirstResponsible"]):
    def of_person(self, user: User) -> Self:
        """Return what any account of the same person is named for."""
        same = User.objects.of_person(user).order_by().values("pk")
        return self.filter(user__in=same)

    def visible_to(self, actor: Actor) -> Self:
        return self.filter(workable(actor))

    def current(self) -> Self:
        return self.filter(until=None)


class FirstResponsible(models.Model):
    """Somebody is named first responsible for an organization, other than duties say. Only its end
    is written later, by trigger."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="first_responsible")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="单位"
    )
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="账号")
    name = models.CharField("姓名", max_length=40)
    post = models.CharField("时任职务", max_length=60, blank=True)
    since = models.DateField("自")
    until = models.DateField("至", null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField("办理人", max_length=40)
    at = models.DateTimeField("时间")

    objects = FirstResponsibleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "第一责任人"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "organization"],
                condition=Q(until=None),
                name="first_responsible_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="first_responsible_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}第一责任人{self.name}"


# ---------------------------------------------------------------- of many organizations


def unclear(rows: OrganizationQuerySet, campaign: Campaign, *, on: date) -> OrganizationQuerySet:
    """Return the organizations for which nobody, or not one person, is first responsible: the same
    meaning as `Standing.is_clear`."""
    held = Duty.objects.in_force(on).filter(organization=OuterRef("pk"), user__is_active=True)
    named = FirstResponsible.objects.current().filter(
        campaign=campaign, organization=OuterRef("pk")
    )
    sound = Q(user=None) | Q(user__is_active=True)
    rows = rows.annotate(
        secretaries=_people(held.filter(role=Role.SECRETARY)),
        principals=_people(held.filter(role=Role.LEADER, principal=True)),
        is_named=Exists(named),
        is_named_soundly=Exists(named.filter(sound)),
    )
    one_secretary = Q(kind__in=PARTY, secretaries=1)
    no_secretary = ~Q(kind__in=PARTY) | Q(secretaries=0)
    by_duty = Q(is_named=False) & (one_secretary | no_secretary & Q(principals=1))
    return rows.exclude(Q(is_named_soundly=True) | by_duty)


def _people(held: models.QuerySet[Duty]) -> Coalesce:
    counted = held.order_by().values("organization").annotate(n=Count("user", distinct=True))
    return Coalesce(Subquery(counted.values("n")), 0)


@dataclass
class Leader:
    """One of an organization's leaders, and what he answers for in words."""

    user: User
    places: list[Organization]
    is_principal: bool

    @property
    def answers_for(self) -> str:
        if self.is_principal:
            return "主持全面工作"
        return "、".join(map(str, self.places)) or "未登记分管"


@dataclass
class Standing:
    """An organization with its first responsible person; `why` says what is not clear."""

    organization: Organization
    name: str = ""
    post: str = ""
    ground: str = ""  # NAMED, or one of GROUNDS
    row: FirstResponsible | None = None
    why: str = ""
    leaders: list[Leader] = field(default_factory=list)

    @property
    def is_clear(self) -> bool:
        return not self.why


def standings(places: Sequence[Organization], campaign: Campaign, *, on: date) -> list[Standing]:
    """Return how it stands with each of the organizations, in the order they come in. Three
    statements, however many they are."""
    rows = FirstResponsible.objects.current().filter(campaign=campaign, organization__in=places)
    named = {row.organization_id: row for row in rows.select_related("user")}
    held = Duty.objects.in_force(on).filter(
        organization__in=places, user__is_active=True, role__in=list(GROUNDS)
    )
    duties = list(held.select_related("user").order_by("place", "user__name", "pk"))
    load_fields(duties, on=on)
    at: dict[int, list[Duty]] = {}
    for duty in duties:
        at.setdefault(duty.organization_id, []).append(duty)
    return [_standing(place, named.get(place.pk), at.get(place.pk, ())) for place in places]


def _standing(
    place: Organization, row: FirstResponsible | None, duties: Iterable[Duty]
) -> Standing:
    duties = list(duties)
    found = Standing(place, leaders=_leaders(duties))
    if row is not None:
        found.row, found.name, found.post, found.ground = row, row.name, row.post, NAMED
        if row.user is not None and not row.user.is_active:
            found.why = f"指定的{row.name}已停用，请重新指定"
        return found
    for role, holders in _asked(place, duties):
        if len(holders) == 1:
            found.name, found.post = holders[0].name, holders[0].post
            found.ground = GROUNDS[role]
            return found
        if holders:
            names = "、".join(user.name for user in holders)
            found.why = f"有{len(holders)}名{GROUNDS[role]}（{names}），请指定一人"
            return found
    found.why = "没有登记书记或主要负责人" if place.kind in PARTY else "没有登记主要负责人"
    return found


def _asked(place: Organization, duties: list[Duty]) -> list[tuple[str, list[User]]]:
    """Return who holds the duty that answers first, and who the next."""
    secretaries = {d.user_id: d.user for d in duties if d.role == Role.SECRETARY}
    principals = {d.user_id: d.user for d in duties if d.role == Role.LEADER and d.principal}
    first = [(Role.SECRETARY, list(secretaries.values()))] if place.kind in PARTY else []
    return [*first, (Role.LEADER, list(principals.values()))]


def _leaders(duties: list[Duty]) -> list[Leader]:
    """The principal first, then the others in the order of their places."""
    held = [duty for duty in duties if duty.role == Role.LEADER]
    held.sort(key=lambda duty: not duty.principal)
    return [Leader(d.user, list(getattr(d, "field", ())), d.principal) for d in held]
