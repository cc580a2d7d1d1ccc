"""Typing a problem (登记问题): for whom, then what."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from campaigns.models import Campaign
from rectification import policy
from rectification.actions import problems
from rectification.forms.problems import ProblemForm
from rectification.models import Problem
from reform.models import Organization
from reform.views.act import ActView

CHOICES = 200  # organizations in a list; where there are more, they are searched for


class NewProblem(TemplateView):
    """Where and for whom a problem is typed; straight to the form where there is no choice."""

    template_name = "rectification/problems/choose.html"

    def get(self, request: Any) -> HttpResponse:  # type: ignore[override]
        campaigns = list(Campaign.objects.visible_to(request.actor).open())
        places = list(policy.places(request.actor, "pb.create")[: CHOICES + 1])
        if len(campaigns) == 1 and len(places) == 1:
            return redirect("problem-type", campaigns[0].pk, places[0].pk)
        chosen = request.GET.get("campaign"), request.GET.get("organization")
        if all(value and value.isascii() and value.isdigit() for value in chosen):
            return redirect("problem-type", *chosen)
        context = self.get_context_data(
            campaigns=campaigns, places=places[:CHOICES], many=len(places) > CHOICES
        )
        return self.render_to_response(context)


class TypeProblem(ActView):
    """登记问题: a draft, or straight onto the ledger when all is there."""

    form_class = ProblemForm
    title = "登记问题"
    template_name = "rectification/problems/form.html"
    extra_context = {"form_wide": True}

    def load(self) -> Organization:
        rows = Campaign.objects.visible_to(self.request.actor).open()
        self.campaign = get_object_or_404(rows, pk=self.kwargs["campaign"])
        return get_object_or_404(Organization, pk=self.kwargs["organization"])

    def may(self, actor: Any, place: Organization) -> bool:
        return policy.may_here(actor, "pb.create", place)

    def get_form_kwargs(self) -> dict[str, Any]:
        actor = self.request.actor
        dated = policy.may_here(actor, "pb.set_deadline", self.object)
        return super().get_form_kwargs() | {
            "campaign": self.campaign,
            "organization": self.object,
            "on": actor.on,
            "leave_out": () if dated else ("due", "stage_goal", "review_on"),
            "initial": {"found_on": actor.on},
        }

    def act(self, place: Organization, *, by: Any, at: Any, **_: Any) -> Problem:
        form = self.typed
        return problems.draft(
            self.campaign,
            organization=place,
            facts=form.facts(),
            measures=form.measure_lines(),
            by=by,
            at=at,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        self.typed = form
        return super().form_valid(form)

    def back(self) -> Any:
        return redirect("problems").url

    def next_page(self, result: Problem) -> Any:
        return result

    done = "已保存为草稿，核对后请点“入账”。"
