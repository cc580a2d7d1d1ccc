"""Campaigns one takes part in, and what each asks for."""

from typing import Any

from django.db.models import Prefetch
from django.views.generic import DetailView, ListView

from campaigns import policy
from campaigns.models import Campaign, Participation


class CampaignList(ListView):
    template_name = "campaigns/campaigns/list.html"
    context_object_name = "campaigns"

    def get_queryset(self) -> Any:
        rows = Campaign.objects.visible_to(self.request.actor).select_related("organization")
        return rows.order_by("-starts_on", "pk")


class CampaignPage(DetailView):
    template_name = "campaigns/campaigns/detail.html"

    def get_queryset(self) -> Any:
        rows = Campaign.objects.visible_to(self.request.actor).select_related("organization")
        joined = Participation.objects.select_related("organization")
        return rows.prefetch_related(
            "items",
            "sources",
            "closing_levels__steps",
            Prefetch("participations", joined.order_by("organization__sequence")),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        place = self.object.organization
        may_set = policy.may_here(self.request.actor, "nt.rules", place)
        return super().get_context_data(**kwargs) | {
            "may_set_rules": may_set,
            "sees_status": self.request.actor.holds(*policy.STATUS),
        }
