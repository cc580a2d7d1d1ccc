"""Clauses of plans (方案条款), and the register of what the superior requires (上级要求)."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns import policy
from campaigns.actions import assignment_imports, assignments, superior_requests
from campaigns.forms.assignments import ClausesForm, SuperiorRequestForm
from campaigns.models import Campaign, Clause, SuperiorRequest
from campaigns.views.assignments import campaign_of
from reform.forms.act import ActForm
from reform.models import Actor
from reform.views.act import ActView
from reform.views.lists import PagedList


class OfCampaign(ActView):
    """An act on what a campaign's office keeps for the whole of it."""

    model: Any = Campaign
    template_name = "campaigns/assignments/act.html"
    list_page = ("clauses", "方案条款")  # the crumb above, and the page it leads to

    def load(self) -> Any:
        return campaign_of(self.request, self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object

    def may(self, actor: Actor, _row: Any) -> bool:
        return policy.may_here(actor, "as.edit", self.campaign.organization)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}


class ClauseList(PagedList):
    """Those without an assignment first."""

    template_name = "campaigns/clauses/list.html"
    title = "方案条款"

    def get_queryset(self) -> Any:
        self.campaign = campaign_of(self.request, self.kwargs["pk"])
        rows = Clause.objects.filter(campaign=self.campaign).with_tasks()
        return rows.prefetch_related("assignments__organization").order_by("has_task", "position")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        may_enter = policy.may_here(actor, "as.edit", self.campaign.organization)
        lacking = Clause.objects.filter(campaign=self.campaign).with_tasks().filter(has_task=False)
        return super().get_context_data(**kwargs) | {
            "campaign": self.campaign,
            "lacking_count": lacking.count(),
            "may_enter": may_enter and self.campaign.status != Campaign.Status.CLOSED,
            "may_edit": self.campaign.is_open and assignment_imports.may_import(actor),
        }


class EnterClauses(OfCampaign):
    form_class = ClausesForm
    title = "登记方案条款"

    def act(
        self,
        campaign: Campaign,
        *,
        source: str,
        text: list[tuple[str, str]],
        by: Actor,
        at: datetime,
    ) -> list[Clause]:
        return assignments.enter_clauses(campaign, source=source, lines=text, by=by, at=at)

    done = "条款已登记。"

    def back(self) -> str:
        return reverse("clauses", args=[self.campaign.pk])


class DropClause(OfCampaign):
    form_class = ActForm
    done = "条款已删除。"
    submit = "删除这一条"

    def load(self) -> Clause:
        rows = Clause.objects.visible_to(self.request.actor)
        rows = rows.select_related("campaign__organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object.campaign

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"删除条款：{self.object}"

    @property
    def meaning(self) -> str:
        return f"“{self.object.text}”还没有分解任务，删除后不再提示分解。"

    def act(self, clause: Clause, *, by: Actor, at: datetime, **_: Any) -> None:
        assignments.drop_clause(clause, by=by, at=at)

    def back(self) -> str:
        return reverse("clauses", args=[self.campaign.pk])


# ---------------------------------------------------------------- the superior's requirements


class RequestList(PagedList):
    template_name = "campaigns/superior_requests/list.html"
    title = "上级要求"

    def get_queryset(self) -> Any:
        self.campaign = campaign_of(self.request, self.kwargs["pk"])
        return SuperiorRequest.objects.filter(campaign=self.campaign)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = SuperiorRequest.objects.filter(campaign=self.campaign)
        return super().get_context_data(**kwargs) | {
            "campaign": self.campaign,
            "unanswered": rows.filter(answered_on=None).count(),
            "may_edit": policy.may_here(self.request.actor, "as.edit", self.campaign.organization),
        }


class NewRequest(OfCampaign):
    form_class = SuperiorRequestForm
    list_page = ("superior-requests", "上级要求")
    title = "登记上级要求"
    done = "已登记。"

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.request.actor.on}

    def act(
        self,
        campaign: Campaign,
        *,
        by: Actor,
        at: datetime,
        version: Any = None,  # noqa: ARG002 -- there is none yet
        **facts: Any,
    ) -> SuperiorRequest:
        return superior_requests.enter(campaign, facts=facts, by=by, at=at)

    def back(self) -> str:
        return reverse("superior-requests", args=[self.campaign.pk])


class ChangeRequest(NewRequest):
    title = "上级要求及落实情况"
    done = "已保存。"

    def load(self) -> SuperiorRequest:
        rows = SuperiorRequest.objects.visible_to(self.request.actor)
        rows = rows.select_related("campaign__organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object.campaign

    def get_initial(self) -> dict[str, Any]:
        names = (*superior_requests.COLUMNS, "version")
        return {name: getattr(self.object, name) for name in names}

    def act(  # type: ignore[override]
        self,
        row: SuperiorRequest,
        *,
        version: int | None,
        by: Actor,
        at: datetime,
        **facts: Any,
    ) -> SuperiorRequest:
        return superior_requests.change(row, version=version or 0, facts=facts, by=by, at=at)
