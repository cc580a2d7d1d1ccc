"""Duties that wait for an administrator (待确认职责): one by one, or many with a result each."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from reform import policy
from reform.actions import duties
from reform.errors import Refused
from reform.forms.duties import ProposalFilter
from reform.forms.register import ConfirmForm, ReasonForm
from reform.models import Actor, Duty, DutyProposal
from reform.text import key_of
from reform.views.act import ActView
from reform.views.lists import PagedList


def may_look(actor: Actor) -> bool:
    return policy.may(actor, "role.confirm")


def whole(rows: QuerySet) -> QuerySet:
    rows = rows.select_related("user", "organization__parent", "proposed_by", "decided_by")
    return rows.prefetch_related("fields")


class Proposals(PagedList):
    title = "待确认职责"
    filter_class = ProposalFilter
    template_name = "reform/proposals/list.html"

    def get_queryset(self) -> QuerySet:
        if not may_look(self.request.actor):
            raise PermissionDenied("待确认职责由系统管理员和安全管理员办理。")
        state = self.chosen.get("state") or DutyProposal.State.WAITING
        rows = DutyProposal.objects.filter(state=state)
        waits = state == DutyProposal.State.WAITING
        order = ("organization__sequence", "pk") if waits else ("-pk",)
        return whole(rows).order_by(*order)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, actor = super().get_context_data(**kwargs), self.request.actor
        for row in context["object_list"]:
            row.why_not = duties.may_decide(actor, row)
        now = self.chosen.get("state", "")
        choices = self.filter.fields["state"].choices
        chips = [
            {"words": words, "url": f"?state={value}", "current": value == now}
            for value, words in choices
        ]
        waits = any(not row.why_not for row in context["object_list"]) and not now
        return context | {"chips": chips, "waits": waits, "now": now}


class DecideProposal(ActView):
    template_name = "reform/people/act.html"

    def load(self) -> DutyProposal:
        return get_object_or_404(whole(DutyProposal.objects), pk=self.kwargs["pk"])

    def may(self, actor: Actor, proposal: DutyProposal) -> bool:
        if why := duties.may_decide(actor, proposal):
            raise PermissionDenied(why)
        return True

    def back(self) -> str:
        return reverse("proposals")


class ConfirmProposal(DecideProposal):
    form_class = ConfirmForm
    title = "确认职责"
    done = "已确认，职责按所定日期生效。"

    def act(self, proposal: DutyProposal, *, by: Actor, at: Any) -> Duty:
        return duties.confirm(proposal, by=by, at=at)


class DeclineProposal(DecideProposal):
    form_class = ReasonForm
    title = "不同意"
    done = "已退回，并告知提出人。"

    def act(self, proposal: DutyProposal, **facts: Any) -> DutyProposal:
        return duties.decline(proposal, **facts)


class ConfirmMany(View):
    """Confirm those chosen, each by itself, with a result of its own (SOD-19)."""

    def post(self, request: HttpRequest) -> HttpResponse:
        actor, at = request.actor, timezone.now()
        if not may_look(actor):
            raise PermissionDenied("待确认职责由系统管理员和安全管理员办理。")
        keys = [key_of(value) for value in request.POST.getlist("pk")[: Proposals.paginate_by]]
        rows = list(whole(DutyProposal.objects.waiting().filter(pk__in=keys)).order_by("pk"))
        if not rows:
            return redirect("proposals")
        results = [(row, confirmed(row, by=actor, at=at)) for row in rows]
        context = {"results": results, "title": "批量确认结果"}
        return render(request, "reform/proposals/results.html", context)


def confirmed(proposal: DutyProposal, *, by: Actor, at: Any) -> str:
    """Confirm one; return why not, or nothing."""
    try:
        duties.confirm(proposal, by=by, at=at)
    except Refused as refusal:
        return str(refusal)
    return ""
