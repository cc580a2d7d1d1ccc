"""Campaigns one takes part in, and what each asks for."""

from typing import Any

from django.db.models import Prefetch
from django.views.generic import DetailView, ListView

from campaigns import policy
from campaigns.actions import signatures
from campaigns.models import Campaign, ChangeRequest, Participation, Publication
from campaigns.views.drafts import plan_of
from reform.models import Role

# What one may do on the page of a campaign, by the row of PERMISSIONS.md.
ACTS = (
    *("nt.rules", "kit.use", "ca.change_request", "ca.change_approve", "sign.record"),
    *("ca.close", "ca.create", "ca.publish", "ck.edit"),
)


class CampaignList(ListView):
    template_name = "campaigns/campaigns/list.html"
    context_object_name = "campaigns"

    def get_queryset(self) -> Any:
        rows = Campaign.objects.visible_to(self.request.actor).select_related("organization")
        return rows.order_by("-starts_on", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        drafts = Campaign.objects.drafts_of(actor).select_related("organization")
        return super().get_context_data(**kwargs) | {
            "drafts": drafts.order_by("-pk"),
            "may_begin": actor.holds(Role.OFFICE),
        }


class CampaignPage(DetailView):
    template_name = "campaigns/campaigns/detail.html"

    def get_queryset(self) -> Any:
        rows = Campaign.objects.visible_to(self.request.actor).select_related("organization")
        joined = Participation.objects.select_related("organization")
        return rows.prefetch_related(
            "items",
            "stages",
            "sources",
            "checklists__items",
            "checklists__questions",
            "closing_levels__steps",
            Prefetch("participations", joined.order_by("organization__sequence")),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, campaign = self.request.actor, self.object
        place = campaign.organization
        may = {act.replace(".", "_"): policy.may_here(actor, act, place) for act in ACTS}
        inside = any(may.values())
        changes = ChangeRequest.objects.filter(campaign=campaign)
        return (
            super().get_context_data(**kwargs)
            | plan_of(campaign)
            | {
                "may": may,
                "inside": inside,
                "sees_status": actor.holds(*policy.STATUS),
                "may_read_scans": signatures.may_read(actor, campaign),
                "publication": Publication.objects.filter(campaign=campaign).first(),
                "changes": changes.select_related("requested_by", "recorded_by") if inside else [],
            }
        )
