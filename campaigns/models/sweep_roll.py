"""Who is asked for a risk sweep and who has sent one in (应报、已报、未报), in official order."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Subquery, Value, When

from campaigns.models.campaign import Campaign
from campaigns.models.checklist import Checklist
from campaigns.models.sweep import Sweep, SweepQuerySet, SweepRequest
from campaigns.models.sweep_submission import SweepFinding
from reform.models import Duty, Role
from reform.models.organization import OrganizationQuerySet

Status = Sweep.Status
SENT = (Status.SUBMITTED, Status.ACCEPTED)
# State in the address → its word, and which statuses of the sheet it is; none: not begun.
STATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": ("应报", ()),
    "missing": ("未报", (Status.DRAFT, "")),
    "returned": ("退回修改", (Status.RETURNED,)),
    "submitted": ("待审阅", (Status.SUBMITTED,)),
    "accepted": ("已审阅", (Status.ACCEPTED,)),
}


@dataclass(frozen=True)
class Sought:
    """What a sheet answers: a checklist of the campaign, or one question that was asked."""

    campaign: Campaign
    checklist: Checklist | None = None
    request: SweepRequest | None = None

    @property
    def key(self) -> str:
        if self.request:
            return f"r{self.request.pk}"
        return f"c{self.checklist.pk}" if self.checklist else ""

    @property
    def title(self) -> str:
        return self.request.question if self.request else str(self.checklist)

    def sheets(self) -> SweepQuerySet:
        return Sweep.objects.filter(checklist=self.checklist, request=self.request)


def sought(campaign: Campaign) -> list[Sought]:
    """Return what the campaign's organizations are asked to sweep: its lists, then requests, the
    latest first."""
    lists = campaign.checklists.filter(purpose=Checklist.Purpose.SWEEP)
    requests = campaign.sweep_requests.order_by("-pk")
    return [
        *(Sought(campaign, checklist=one) for one in lists),
        *(Sought(campaign, request=one) for one in requests),
    ]


def obliged(one: Sought, places: OrganizationQuerySet, *, on: date) -> OrganizationQuerySet:
    """Return which of `places`, those that take part, answer: whom the request names; a checklist,
    each where somebody may submit. What has nobody of its own is answered for above it."""
    if one.request:
        asked = one.request.asked.through.objects.filter(sweeprequest=one.request)
        return places.filter(pk__in=asked.order_by().values("organization"))
    answering = Duty.objects.in_force(on).filter(
        organization=OuterRef("pk"), role__in=[Role.SECRETARY, Role.LEADER], user__is_active=True
    )
    return places.filter(Exists(answering))


def with_state(places: OrganizationQuerySet, one: Sought) -> OrganizationQuerySet:
    """Add to each organization its sheet: `sweep_pk`, `sweep_status`, and `found`, how many
    problems its accepted sheet tells of."""
    sheet = one.sheets().filter(organization=OuterRef("pk"))
    found = (
        SweepFinding.objects.filter(submission__sweep=OuterRef("sweep_pk"))
        .order_by()
        .values("submission__sweep")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return places.annotate(
        sweep_pk=Subquery(sheet.values("pk")[:1]),
        sweep_status=Case(
            When(Exists(sheet), then=Subquery(sheet.values("status")[:1])), default=Value("")
        ),
        found=Subquery(found, output_field=IntegerField()),
    )


def in_state(places: OrganizationQuerySet, state: str) -> OrganizationQuerySet:
    if not (statuses := STATES[state][1]):
        return places
    return places.filter(sweep_status__in=statuses)  # type: ignore[misc]  # annotated


def counts(places: OrganizationQuerySet) -> dict[str, int]:
    """Return how many organizations are in each state."""
    return places.order_by().aggregate(
        **{
            code: Count("pk", filter=Q(sweep_status__in=some) if some else None)
            for code, (_, some) in STATES.items()
        }
    )
