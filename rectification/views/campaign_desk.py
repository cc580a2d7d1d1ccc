"""What of campaigns waits for the actor, for his desk: what he may approve, tasks and stages that
come due, what the superior requires, his own problem that is to become his unit's; and of risk
sweeps and portraits what their desks say.

One statement, whoever looks and however much waits: a union of short lists.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat

from campaigns.actions.drafts import AUTHORSHIP
from campaigns.models import (
    Assignment,
    Campaign,
    CampaignPlan,
    ChangeRequest,
    Stage,
    SuperiorRequest,
)
from campaigns.policy import TABLE
from rectification.models import Conversion
from rectification.models.problem_queryset import SOON
from rectification.views import portrait_desk, sweep_desk
from rectification.views.campaign_lines import ORDER, Line, shaped
from reform.models import Actor, Organization, Role, TrailEntry, User
from reform.models.scope import Reach

SHOWN = 8
MOST = 50  # rows looked at; the desk shows the first of them


def waiting(actor: Actor) -> list[Line]:
    """Return what waits, what somebody else waits for first, then by day; at most MOST."""
    parts = list(_parts(actor))
    first, *others = parts
    rows = first.union(*others, all=True).order_by("day_")[:MOST]
    lines = [Line(*row) for row in rows]
    return sorted(lines, key=lambda one: (one.day, ORDER[one.kind], one.pk))


def _parts(actor: Actor) -> Iterator[QuerySet[Any, Any]]:
    yield _tasks(actor)
    yield from _turnings(actor)
    yield from portrait_desk.parts(actor)
    yield from sweep_desk.parts(actor)
    if actor.holds(Role.OFFICE):
        yield from _of_the_office(actor)
    if actor.holds(Role.LEADER):
        yield from _to_approve(actor)


def _due(actor: Actor, column: str) -> Q:
    return Q((f"{column}__lte", actor.on + timedelta(days=SOON)))


def _tasks(actor: Actor) -> QuerySet[Any, Any]:
    """Mine, and those of the units that I keep: due within days, or late."""
    mine = User.objects.of_person(actor.user)
    kept = [duty.organization_id for duty in actor.holding(Role.LIAISON, Role.SECRETARY)]
    rows = Assignment.objects.filter(_due(actor, "due_on"), campaign__status="published")
    rows = rows.filter(Q(person__in=mine) | Q(organization__in=kept))
    rows = rows.exclude(status=Assignment.Status.DONE)
    return shaped(rows, "task", pk="pk", words="task", beside="organization__name", day="due_on")


def _turnings(actor: Actor) -> Iterator[QuerySet[Any, Any]]:
    """Told to me and not agreed to yet; told by me and to be done now."""
    mine = User.objects.of_person(actor.user)
    left = Conversion.objects.filter(done_at=None)
    named = Q(problem__people__user__in=mine, problem__people__part="responsible")
    facts = {"pk": "problem", "words": "problem__description"}
    yield shaped(left.filter(named, agreed_at=None), "told", beside="reason", **facts)
    free = Q(agreed_at__isnull=False) | Q(not_before__lte=actor.on) & ~Q(
        problem__finding__team_only=True
    )
    yield shaped(left.filter(free, proposed_by__in=mine), "turn", beside="reason", **facts)


def _of_the_office(actor: Actor) -> Iterator[QuerySet[Any, Any]]:
    """Of campaigns that one's own office leads."""
    offices = [duty.organization_id for duty in actor.holding(Role.OFFICE)]
    led = Campaign.objects.open().filter(organization__in=offices)
    led = led.order_by().values("pk")
    back = CampaignPlan.objects.filter(
        returned_at__isnull=False,
        campaign__status="draft",
        campaign__organization__in=offices,
    )
    yield shaped(back, "draft-back", pk="campaign", words="campaign__title", beside="return_reason")
    stages = Stage.objects.filter(_due(actor, "ends_on"), campaign__in=led, status="open")
    yield shaped(
        stages, "stage", pk="campaign", words="title", beside="campaign__title", day="ends_on"
    )
    asked = SuperiorRequest.objects.filter(_due(actor, "due_on"), campaign__in=led)
    asked = asked.filter(answered_on=None)
    yield shaped(asked, "request", pk="pk", words="text", beside="source", day="due_on")


def _to_approve(actor: Actor) -> Iterator[QuerySet[Any, Any]]:
    """What others wrote or asked for, and the actor may decide (SOD-01)."""
    mine = User.objects.of_person(actor.user)
    wrote = TrailEntry.objects.filter(
        act__in=AUTHORSHIP,
        by__in=mine,
        target=Concat(Value("campaigns.campaign:"), Cast(OuterRef("campaign"), TextField())),
    )
    sent = CampaignPlan.objects.filter(
        ~Exists(wrote),
        sent_edition=F("edition"),
        campaign__status="draft",
        campaign__organization__in=_places(actor, "ca.publish"),
    )
    yield shaped(sent, "publish", pk="campaign", words="campaign__title", beside="sent_by__name")
    asked = ChangeRequest.objects.pending().exclude(requested_by__in=mine)
    asked = asked.filter(
        campaign__organization__in=_places(actor, "ca.change_approve"),
        campaign__status="published",
    )
    # Days alone would not say what is asked.
    kinds = [When(kind=code, then=Value(said)) for code, said in ChangeRequest.Kind.choices]
    words = Concat(Case(*kinds, output_field=TextField()), Value("："), "after")
    yield shaped(asked, "change", pk="pk", words=words, beside="campaign__title")


def _places(actor: Actor, act: str) -> QuerySet[Any, Any]:
    reach = Reach.of(actor, TABLE[act][1], key="pk")
    rows = Organization.objects.order_by()
    return (rows if reach.whole else rows.filter(reach.condition())).values("pk")
