"""What organizations found by sweeping (风险排查发现的问题), and what became of it on the ledger.

Drawn, not pushed (HOUSE): a finding of an accepted sheet has a problem or has none yet.
"""

from django.db.models import Q, QuerySet

from campaigns.models import SweepFinding
from reform.models import Actor, Organization, Role
from reform.models.scope import Reach

TAKE: dict[str, str] = {Role.LIAISON: "U", Role.SECRETARY: "U"}  # `sw.take`
# State in the address → its word, and which findings those are.
STATES: dict[str, tuple[str, Q]] = {
    "waiting": ("未入账", Q(taken=None)),
    "taken": ("已入账", Q(taken__isnull=False)),
    "all": ("全部", Q()),
}
# What a page says of a finding.
WHOLE = (
    "item",
    "question",
    "taken__problem",
    "submission__sweep__organization__succeeded_by",
    "submission__sweep__campaign",
    "submission__sweep__checklist",
    "submission__sweep__request",
)


def of_his_unit(actor: Actor) -> QuerySet[SweepFinding]:
    """Return the findings that the actor takes onto the ledger: of his own organization, or of
    one that it took over."""
    reach = Reach.of(actor, TAKE, key="pk")
    places = Organization.objects.order_by().filter(reach.condition()).values("pk")
    here = Q(submission__sweep__organization__in=places)
    here |= Q(submission__sweep__organization__succeeded_by__in=places)
    return SweepFinding.objects.filter(here)
