"""From one's portrait onto one's own list (登记为我的问题): only the person himself does so."""

from typing import Any

from django.shortcuts import get_object_or_404

from campaigns.models import Campaign, Portrait, PortraitItem, PortraitSource
from campaigns.models.checklist import source_of
from rectification.models import Problem
from rectification.views.drafts import TypeProblem
from reform.models import Organization


class TypeFromPortrait(TypeProblem):
    """The page of a new problem, filled in with one sentence of one's portrait as a personal row:
    he reads it over, changes what he likes, and saves it as his own draft."""

    title = "登记为我的问题"

    def load(self) -> Organization:
        actor = self.request.actor
        own = Portrait.objects.of(actor).readable().order_by().values("pk")
        rows = PortraitItem.objects.filter(portrait__in=own).select_related(
            "portrait__session__campaign", "portrait__session__organization__succeeded_by"
        )
        self.item = get_object_or_404(rows, pk=self.kwargs["pk"])
        session = self.item.portrait.session
        seen = Campaign.objects.visible_to(actor).open()
        self.campaign, self.case = get_object_or_404(seen, pk=session.campaign_id), None
        return session.place

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs, item = super().get_form_kwargs(), self.item
        word = PortraitSource(item.source).label if item.source else ""
        session = item.portrait.session
        kwargs["initial"] |= {
            "description": item.text,
            "source": source_of(word, list(self.campaign.sources.all())),
            "source_text": word,
            "found_on": session.on,
            "owner_kind": Problem.OwnerKind.PERSONAL,
            "persons": [item.portrait.name],
        }
        return kwargs

    def back(self) -> Portrait:
        return self.item.portrait
