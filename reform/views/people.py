"""People (人员): the list, the page of one person, and one's own."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
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
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.generic import DetailView

from reform import policy
from reform.actions import trail
from reform.forms.filters import PeopleFilter
from reform.forms.people import OwnPasswordForm
from reform.models import Act, Actor, Duty, Organization, Role, User
from reform.models.organization import within
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
    person.contact = person.phone if policy.may_see_contact(actor, person, person.held) else ""
    places: dict[Organization, list[Duty]] = {}
    for duty in person.held:
        places.setdefault(duty.organization, []).append(duty)
    person.places = list(places.items())
    return person


class StaffList(PagedList):
    """People with their duties; a telephone number only for whom policy lets see it."""

    def serving(self, organization: Organization) -> QuerySet:
        """Return who holds a duty at the organization, those who answer for it first."""
        on = self.request.actor.on
        here = Duty.objects.in_force(on).filter(organization=organization)
        own = here.filter(user=OuterRef("pk")).annotate(place=STANDING).order_by("place")
        rows = User.objects.active().filter(pk__in=here.values("user"))
        rows = rows.annotate(place=Subquery(own.values("place")[:1]))
        return with_duties(rows.order_by("place", "pk"), on)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        people = [shown(person, self.request.actor) for person in context["object_list"]]
        contacts = any(person.contact for person in people)
        return context | {"object_list": people, "contacts": contacts}


class People(StaffList):
    title = "人员"
    filter_class = PeopleFilter
    template_name = "reform/people/list.html"

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
        return with_duties(rows.order_by("name", "pk"), on)


class PersonPage(DetailView):
    """One person: post, organization, duties with their days."""

    template_name = "reform/people/detail.html"
    context_object_name = "person"

    def get_queryset(self) -> QuerySet:
        return with_duties(User.objects.all(), self.request.actor.on)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        duties = self.object.duties.select_related("organization__parent").prefetch_related(
            "fields"
        )
        return super().get_context_data(**kwargs) | {
            "title": self.object.name,
            "person": shown(self.object, actor),
            "duties": duties.prefetch_related("fields").order_by("-home", "-since", "pk"),
            "on": actor.on,
            "own": self.object.pk == actor.user.pk,
        }


class Profile(PersonPage):
    """Oneself."""

    def get_object(self, _queryset: Any = None) -> User:
        return self.get_queryset().get(pk=self.request.user.pk)


class OwnPassword(PasswordChangeView):
    form_class = OwnPasswordForm
    template_name = "reform/people/password.html"
    success_url = reverse_lazy("profile")
    extra_context = {"title": "修改密码", "cancel": "profile"}

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:
        trail.record(
            Act.PASSWORD_CHANGED, self.request.user, by=self.request.actor, at=timezone.now()
        )
        messages.success(self.request, "密码已修改，请记住新密码。")
        return super().form_valid(form)
