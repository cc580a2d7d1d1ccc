"""Campaigns one takes part in, and what each asks for."""

from typing import Any

from django.views.generic import DetailView, ListView

from campaigns.models import Campaign


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
        return rows.prefetch_related(
            "items", "sources", "closing_levels__steps", "participations__organization"
        )
