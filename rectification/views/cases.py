"""Reference cases (通报案例) with what came of them on the ledger; and a problem's cases."""

from typing import Any

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.views.generic import DetailView

from campaigns import policy as campaign_policy
from campaigns.actions import reference_cases
from campaigns.models import Campaign, CaseVersion, ReferenceCase
from campaigns.models.reference_case import PREPARE, TEXTS, label
from rectification import policy
from rectification.actions import case_links
from rectification.forms.case_links import CasesForm
from rectification.models import CaseLink, Problem
from rectification.views.problems import ProblemAct
from reform.models import Actor, Role
from reform.models.scope import admits
from reform.views.lists import PagedList

ACTS = ("cs.write", "cs.summarize", "cs.publish", "cs.withdraw")


def on_ledger(actor: Actor) -> QuerySet[CaseLink]:
    """Return the links to problems on the ledger that the actor reads: what `?case=` opens."""
    seen = Problem.objects.visible_to(actor).counted().order_by()
    return CaseLink.objects.filter(problem__in=seen.values("pk")).order_by()


def prepares(actor: Actor, campaign: Campaign) -> bool:
    """Whether the actor sees what is not published."""
    return admits(PREPARE, actor, campaign.organization.path)


class CaseList(PagedList):
    template_name = "rectification/cases/list.html"
    title = "通报案例"

    def get_queryset(self) -> Any:
        actor = self.request.actor
        rows = Campaign.objects.workable_by(actor).select_related("organization")
        self.campaign = get_object_or_404(rows, pk=self.kwargs["pk"])
        return ReferenceCase.objects.visible_to(actor).filter(campaign=self.campaign)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, actor = super().get_context_data(**kwargs), self.request.actor
        cases = list(context["object_list"])
        links = on_ledger(actor).filter(case__in=[case.pk for case in cases])
        counts = dict(links.values_list("case").annotate(n=Count("pk")))
        place, going_on = self.campaign.organization, self.campaign.status != "closed"
        return context | {
            "campaign": self.campaign,
            "rows": [(case, counts.get(case.pk, 0)) for case in cases],
            "prepares": prepares(actor, self.campaign),
            "may_write": going_on and campaign_policy.may_here(actor, "cs.write", place),
        }


class CasePage(DetailView):
    """One calm sheet; beside it what one may do."""

    template_name = "rectification/cases/detail.html"
    context_object_name = "case"

    def get_queryset(self) -> Any:
        rows = ReferenceCase.objects.visible_to(self.request.actor)
        return rows.select_related("campaign__organization", "published_by", "copied_from")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case, actor = self.object, self.request.actor
        campaign = case.campaign
        inside = prepares(actor, campaign)
        may = {
            act.partition(".")[2]: campaign_policy.may_here(actor, act, campaign.organization)
            for act in ACTS
        }
        versions = list(case.versions.select_related("by")) if inside else []
        return super().get_context_data(**kwargs) | {
            "campaign": campaign,
            "parts": [(label(name), getattr(case, name)) for name in TEXTS if getattr(case, name)],
            "count": on_ledger(actor).filter(case=case).count(),
            "inside": inside,
            "may": may,
            "may_edit": (may["write"] or may["summarize"])
            and campaign.status != Campaign.Status.CLOSED,
            "is_settled": case.is_published and not case.has_news,
            "publish_why_not": why_not(case, actor) if may["publish"] else "",
            "may_file": case.is_published
            and campaign.is_open
            and actor.holds(*policy.scopes("pb.create")),
            "may_begin": actor.holds(Role.OFFICE) and case.status != case.Status.WITHDRAWN,
            "versions": versions,
            "news": changes(case, versions[0]) if versions and case.has_news else [],
        }


def changes(case: ReferenceCase, newest: CaseVersion) -> list[tuple[str, str, str]]:
    """Return (what, as readers read it, as it will be) of what waits to be published."""
    now, becomes = case.facts(), newest.facts()
    levels = dict(ReferenceCase.Level.choices)

    def said(value: Any) -> str:
        return str(levels.get(value, value or ""))

    return [
        (label(name), said(now[name]), said(becomes[name]))
        for name in now
        if now[name] != becomes[name]
    ]


def why_not(case: ReferenceCase, actor: Actor) -> str:
    """Return why the case cannot be published by this person now, or nothing."""
    if not case.campaign.is_open:
        return "活动发布后才能发布案例。"
    return reference_cases.keeps_out(case, actor)


class ProblemCases(ProblemAct):
    """Of which cases a problem came."""

    form_class = CasesForm
    title = "关联通报案例"
    done = "已保存。"

    def may(self, actor: Any, problem: Problem) -> bool:
        return policy.may(actor, case_links.act_of(problem), problem)

    def get_form_kwargs(self) -> dict[str, Any]:
        cases = case_links.offered(self.object, by=self.request.actor)
        return super().get_form_kwargs() | {"cases": cases}

    def get_initial(self) -> dict[str, Any]:
        cases = case_links.offered(self.object, by=self.request.actor)
        return {"cases": cases.filter(links__problem=self.object)}

    def act(self, problem: Problem, *, cases: Any, by: Any, at: Any, **_: Any) -> Problem:
        return case_links.choose(problem, cases=list(cases), by=by, at=at)
