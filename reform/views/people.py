"""People (人员): the list, the page of one person, and one's own."""

from datetime import date
from typing import Any

from django.db.models import (
    Case,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.views.generic import DetailView

from reform import policy
from reform.actions import duties as duty_acts
from reform.actions import duty_marks
from reform.forms.filters import PeopleFilter
from reform.models import Actor, Duty, DutyField, Organization, Role, User
from reform.models.organization import within
from reform.views import register
from reform.views.duties import may_field
from reform.views.lists import PagedList

# In which order an organization's people stand on its page (机构序列之内).
ORDER = (
    Role.LEADER,
    Role.SECRETARY,
    Role.INSPECTOR,
    Role.OFFICE,
    Role.LIAISON,
    Role.MEMBER,
)
STANDING = Case(
    *(When(role=role, then=Value(place)) for place, role in enumerate(ORDER)),
    default=Value(len(ORDER)),
    output_field=IntegerField(),
)

FIELDS = Prefetch("fields", DutyField.objects.select_related("organization").order_by("kind", "pk"))


def with_duties(rows: QuerySet, on: date) -> QuerySet:
    """Add `held`: the duties in force that day, with their organizations. One query for all."""
    duties = (
        Duty.objects.in_force(on)
        .select_related("organization__parent")
        .order_by("-home", "organization__sequence", STANDING)
    )
    return rows.prefetch_related(Prefetch("duties", queryset=duties, to_attr="held"))


def shown(person: User, actor: Actor) -> User:
    """Add `contact` as far as policy lets see it, and `places`: organization, duties there."""
    person.contact = policy.contact(actor, person, person.held)
    places: dict[Organization, list[Duty]] = {}
    for duty in person.held:
        places.setdefault(duty.organization, []).append(duty)
    person.places = list(places.items())
    return person


class StaffList(PagedList):
    """People with their duties; a telephone number only for whom policy lets see it."""

    def serving(self, organization: Organization) -> QuerySet:
        """Return who holds a duty at the organization, in its official order; who has no rank
        there comes after, those who answer for it first."""
        on = self.request.actor.on
        here = Duty.objects.in_force(on).filter(organization=organization)
        own = here.filter(user=OuterRef("pk")).annotate(standing=STANDING).order_by("standing")
        ranked = here.filter(user=OuterRef("pk")).order_by("place")
        rows = User.objects.active().filter(pk__in=here.values("user"))
        rows = rows.annotate(
            place=Subquery(ranked.values("place")[:1]),
            standing=Subquery(own.values("standing")[:1]),
        )
        return with_duties(rows.order_by("place", "standing", "pk"), on)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        people = [shown(person, self.request.actor) for person in context["object_list"]]
        contacts = any(person.contact for person in people)
        return context | {"object_list": people, "contacts": contacts}


class People(StaffList):
    title = "人员"
    filter_class = PeopleFilter
    template_name = "reform/people/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "may_add": register.may_add(self.request.actor),
            "may_import": policy.may(self.request.actor, "user.import"),
        }

    def get_queryset(self) -> QuerySet:
        on = self.request.actor.on
        rows, held = User.objects.active(), Duty.objects.in_force(on)
        if words := self.chosen.get("q"):
            placed = held.filter(organization__name__contains=words)
            rows = rows.filter(
                Q(name__contains=words) | Q(post__contains=words) | Q(pk__in=placed.values("user"))
            )
        if organization := self.chosen.get("organization"):
            placed = held.filter(within(organization.path, "organization__path"))
            rows = rows.filter(pk__in=placed.values("user"))
        return with_duties(rows.official_order(on), on)


class PersonPage(DetailView):
    """One person: post, organization, duties with their days."""

    template_name = "reform/people/detail.html"
    context_object_name = "person"

    def get_queryset(self) -> QuerySet:
        return with_duties(User.objects.all(), self.request.actor.on)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        duties = self.object.duties.select_related("organization__parent")
        return super().get_context_data(**kwargs) | {
            "title": self.object.name,
            "person": shown(self.object, actor),
            "duties": self.ending(duties.order_by("-home", "-since", "pk")),
            "proposals": self.object.proposals.waiting().select_related("organization__parent"),
            "on": actor.on,
            "own": self.object.pk == actor.user.pk,
            "offers": register.offers(actor, self.object),
            "account_shown": self.object.pk == actor.user.pk
            or policy.may_person(actor, "user.create", self.object),
        }

    def ending(self, rows: QuerySet) -> list[Duty]:
        """Give each duty what the actor may do to it, and its 分管 and 联系点."""
        actor = self.request.actor
        rows = list(rows.select_related("user").prefetch_related(FIELDS))
        for duty in rows:
            over = duty.until is not None and duty.until < actor.on
            duty.may_end = not over and not duty_acts.may_end(actor, duty)
            duty.may_field = not over and may_field(actor, duty)
            duty.may_mark = not over and not duty_marks.may_change(actor, duty)
        return rows


class Profile(PersonPage):
    """Oneself."""

    def get_object(self, _queryset: Any = None) -> User:
        return self.get_queryset().get(pk=self.request.user.pk)
