"""Texts that self-examinations are compared with (比对材料): the list, one more, one less."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns import policy
from campaigns.actions import given_texts
from campaigns.forms.examinations import PlainForm
from campaigns.forms.given_texts import GiveTextForm
from campaigns.imports.given_texts import text_of
from campaigns.models import Campaign, GivenText
from reform.models import Actor
from reform.views.act import ActView
from reform.views.lists import PagedList


def within_reach(actor: Actor) -> QuerySet[GivenText]:
    """Return the actor's own, and those of the organizations he gives them for."""
    places = policy.places(actor, "rt.give").values("pk").order_by()
    mine = GivenText.objects.of(actor).values("pk").order_by()
    theirs = Q(author=None, organization__in=places)
    return GivenText.objects.filter(Q(pk__in=mine) | theirs)


class GivenTexts(PagedList):
    template_name = "campaigns/given_texts/list.html"
    title = "比对材料"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visible = Campaign.objects.visible_to(request.actor)
        self.campaign = get_object_or_404(visible, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[GivenText]:
        rows = within_reach(self.request.actor).filter(campaign=self.campaign)
        rows = rows.select_related("organization", "given_by")
        return rows.order_by("organization__sequence", "kind", "-year", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "campaign": self.campaign,
            "gives": self.request.actor.holds(*policy.TABLE["rt.give"][1]),
        }


class GiveText(ActView):
    model = Campaign
    form_class = GiveTextForm
    title = "提供比对材料"
    chosen_decides = True
    done = "已收下，今后的提示会与它比对。"
    template_name = "campaigns/given_texts/give.html"

    def may(self, actor: Actor, _campaign: Campaign) -> bool:
        return actor.holds(*policy.BUSINESS)

    def get_form_kwargs(self) -> dict[str, Any]:
        gives = self.request.actor.holds(*policy.TABLE["rt.give"][1])
        return super().get_form_kwargs() | {"only_own": not gives}

    def get_initial(self) -> dict[str, Any]:
        return {"year": self.object.year, "organization": self.request.actor.home}

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        """Read the file, before the transaction; it is not kept."""
        file = data.pop("file", None)
        if file:
            data["text"] = text_of(file.read(), file.name)
        return data

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **facts: Any) -> GivenText:
        facts["kind"] = GivenText.Kind(facts["kind"])
        return given_texts.give(campaign, by=by, at=at, **facts)

    def back(self) -> str:
        return reverse("given-texts", args=[self.object.pk])


class TakeTextBack(ActView):
    form_class = PlainForm
    title = "撤下比对材料"
    done = "已撤下，今后不再与它比对。"
    template_name = "campaigns/given_texts/take_back.html"

    def load(self) -> GivenText:
        rows = within_reach(self.request.actor).select_related("campaign", "organization")
        rows = rows.filter(campaign__in=Campaign.objects.visible_to(self.request.actor))
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, _actor: Actor, _given: GivenText) -> bool:
        return True  # in reach is what he may take back

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.submit = "撤下"
        return form

    def act(self, given: GivenText, *, by: Actor, at: datetime, **_: Any) -> None:
        given_texts.take_back(given, by=by, at=at)

    def back(self) -> str:
        return reverse("given-texts", args=[self.object.campaign_id])
