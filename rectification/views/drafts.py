"""Typing a problem (登记问题): for whom, then what."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView

from campaigns.models import Campaign, ReferenceCase
from rectification import policy
from rectification.actions import case_links, problems
from rectification.forms.problems import ProblemForm
from rectification.models import Problem
from reform.models import Organization
from reform.text import key_of
from reform.views.act import ActView

CHOICES = 200  # organizations in a list; where there are more, they are searched for


def case_of(request: Any) -> ReferenceCase | None:
    """Return the case that the address names (由此案例登记问题): one that is published."""
    key = key_of(request.GET.get("case", ""))
    rows = ReferenceCase.objects.visible_to(request.actor).published()
    return get_object_or_404(rows, pk=key) if key else None


def typing(campaign: Any, organization: Any, case: ReferenceCase | None) -> HttpResponse:
    url = reverse("problem-type", args=[campaign, organization])
    return redirect(f"{url}?case={case.pk}" if case else url)


class NewProblem(TemplateView):
    """Where and for whom a problem is typed; straight to the form where there is no choice."""

    template_name = "rectification/problems/choose.html"

    def get(self, request: Any) -> HttpResponse:  # type: ignore[override]
        case = case_of(request)
        campaigns = list(Campaign.objects.visible_to(request.actor).open())
        if case:
            campaigns = [one for one in campaigns if one.pk == case.campaign_id]
        places = list(policy.places(request.actor, "pb.create")[: CHOICES + 1])
        if len(campaigns) == 1 and len(places) == 1:
            return typing(campaigns[0].pk, places[0].pk, case)
        chosen = request.GET.get("campaign"), request.GET.get("organization")
        if all(value and value.isascii() and value.isdigit() for value in chosen):
            return typing(*chosen, case)
        context = self.get_context_data(
            campaigns=campaigns, places=places[:CHOICES], many=len(places) > CHOICES, case=case
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
        self.case = case_of(self.request)
        if self.case and self.case.campaign_id != self.campaign.pk:
            raise Http404("这个案例不属于这项活动。")
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
            "initial": {"found_on": actor.on} | self._of_case(),
        }

    def _of_case(self) -> dict[str, Any]:
        """What the form begins with where the problem came of a case."""
        if self.case is None:
            return {}
        source = self.campaign.sources.filter(name=case_links.SOURCE).first()
        return {"source": source, "source_text": f"案例：{self.case}"}

    def act(self, place: Organization, *, by: Any, at: Any, **_: Any) -> Problem:
        form = self.typed
        draft = case_links.draft if self.case else problems.draft
        return draft(
            self.case or self.campaign,
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
        return self.case.get_absolute_url() if self.case else redirect("problems").url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"case": self.case}

    def next_page(self, result: Problem) -> Any:
        return result

    done = "已保存为草稿，核对后请点“入账”。"
