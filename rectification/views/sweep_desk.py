"""What of risk sweeps (风险排查) waits on a desk: to fill in and send, for one's organization; to
look at, for who reviews. One line for each list, however many sheets came."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from campaigns.models import Checklist, Condition, Stage, Sweep, SweepRequest, SweepSubmission
from campaigns.models.sweep import FILL
from campaigns.policy import TABLE
from rectification.views.campaign_lines import SOME_DAY, shaped
from reform.models import Actor, Duty, Organization, Role, User
from reform.models.scope import Reach

Status = Sweep.Status


def parts(actor: Actor) -> Iterator[QuerySet[Any, Any]]:
    ours = {duty.organization_id: duty.organization for duty in actor.holding(*FILL)}
    if ours:
        yield from _begun(list(ours))
    for place in ours.values():
        yield _asked(place)
        yield _listed(place, actor)
    if actor.holds(*TABLE["sw.review"][1], Role.LEADER):
        yield from _to_review(actor)


# ---------------------------------------------------------------- to fill in


def _begun(ours: list[int]) -> Iterator[QuerySet[Any, Any]]:
    """What is being filled in, and what came back; by the day on which it was asked for."""
    rows = Sweep.objects.filter(organization__in=ours, campaign__status="published")
    facts = {
        "pk": "pk",
        "words": Coalesce("request__question", "checklist__title"),
        "beside": "organization__name",
    }
    yield shaped(rows.filter(status=Status.RETURNED), "sweep-back", **facts)
    draft = rows.filter(status=Status.DRAFT).filter(
        Q(request__isnull=False) | _may_be_sent("campaign")
    )
    due = Coalesce("request__due_on", _stage_ends("campaign"), Value(SOME_DAY))
    yield shaped(draft, "sweep-draft", day=due, **facts)


def _asked(place: Organization) -> QuerySet[Any, Any]:
    """Questions put to the organization that it has not begun to answer."""
    begun = Sweep.objects.filter(request=OuterRef("pk"), organization=place)
    rows = SweepRequest.objects.filter(~Exists(begun), asked=place, campaign__status="published")
    return shaped(
        rows,
        "sweep",
        pk="campaign",
        words="question",
        beside=Value(place.name),
        day="due_on",
        query=_list_of("r"),
    )


def _listed(place: Organization, actor: Actor) -> QuerySet[Any, Any]:
    """Lists of campaigns in which it takes part and that it has not begun to answer: from when the
    stage that waits for them opens, until it ends. It is asked where somebody can send one in."""
    begun = Sweep.objects.filter(checklist=OuterRef("pk"), organization=place)
    answering = Duty.objects.in_force(actor.on).filter(
        organization=place, role__in=[Role.SECRETARY, Role.LEADER], user__is_active=True
    )
    above = place.lineage
    joined = Q(campaign__organization__path__in=above)
    joined |= Q(campaign__participations__organization__path__in=above)
    rows = Checklist.objects.filter(
        ~Exists(begun),
        Exists(answering),
        _may_be_sent("campaign"),
        joined,
        purpose=Checklist.Purpose.SWEEP,
        campaign__status="published",
    )
    return shaped(
        rows.distinct(),
        "sweep",
        pk="campaign",
        words="title",
        beside=Value(place.name),
        day=Coalesce(_stage_ends("campaign"), Value(SOME_DAY)),
        query=_list_of("c"),
    )


def _waiting(campaign: str) -> QuerySet[Stage]:
    """Stages of the campaign that end only when sweeps are sent in."""
    said = Stage.objects.annotate(codes=Cast("conditions", TextField()))
    return said.filter(campaign=OuterRef(campaign), codes__contains=f'"{Condition.SWEEPS}"')


def _may_be_sent(campaign: str) -> Q:
    waiting = _waiting(campaign)
    return ~Q(Exists(waiting)) | Q(Exists(waiting.filter(status=Stage.Status.OPEN)))


def _stage_ends(campaign: str) -> Subquery:
    still = _waiting(campaign).filter(status=Stage.Status.OPEN)
    return Subquery(still.order_by("ends_on").values("ends_on")[:1])


def _list_of(letter: str, more: str = "") -> Concat:
    """The end of the address of a list of sheets: `?list=r5`."""
    return Concat(
        Value(f"?list={letter}"), Cast(F("pk"), TextField()), Value(more), output_field=TextField()
    )


# ---------------------------------------------------------------- to look at


def _to_review(actor: Actor) -> Iterator[QuerySet[Any, Any]]:
    """As `policy.may_review_sweep`, and never what one has sent oneself (SOD-01)."""
    reach = Reach.of(actor, TABLE["sw.review"][1], key="pk")
    below = Organization.objects.order_by()
    below = below if reach.whole else below.filter(reach.condition())
    held = [duty.organization_id for duty in actor.duties]
    led = [duty.organization_id for duty in actor.holding(Role.LEADER)]
    may = Q(organization__in=below.values("pk")) & ~Q(organization__in=held)
    may |= Q(organization__in=led, campaign__organization=F("organization"))
    mine = User.objects.of_person(actor.user)
    sent = SweepSubmission.objects.filter(sweep=OuterRef("pk"), by__in=mine)
    sheets = Sweep.objects.filter(may, ~Exists(sent), status=Status.SUBMITTED)
    for rows, column, words in (
        (Checklist.objects.filter(campaign__status="published"), "checklist", "title"),
        (SweepRequest.objects.filter(campaign__status="published"), "request", "question"),
    ):
        yield shaped(
            rows.filter(Exists(sheets.filter((column, OuterRef("pk"))))),
            "sweep-review",
            pk="campaign",
            words=words,
            beside="campaign__title",
            query=_list_of(column[0], "&state=submitted"),
        )
