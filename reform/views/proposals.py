"""Duties that wait for an administrator (待确认职责): one by one, or many with a result each."""

from collections.abc import Iterable
from datetime import date
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
from reform.models import Actor, Duty, DutyProposal, Role
from reform.text import key_of
from reform.views.act import ActView
from reform.views.lists import PagedList


def may_look(actor: Actor) -> bool:
    return policy.may(actor, "role.confirm")


def whole(rows: QuerySet) -> QuerySet:
    rows = rows.select_related("user", "organization__parent", "proposed_by", "decided_by")
    return rows.prefetch_related("fields")


def seat(row: Duty | DutyProposal) -> tuple[int, str] | None:
    """Return the seat that only one person is meant to have: 书记, 主要负责人."""
    alone = row.role == Role.SECRETARY or (row.role == Role.LEADER and row.principal)
    return (row.organization_id, row.role) if alone else None


def warned(rows: Iterable[DutyProposal], on: date) -> None:
    """Add `warning`: who sits there already, or is proposed for the same seat beside this one.

    A merger ends the duties of both parts' secretaries and proposes both anew.
    """
    rows = list(rows)
    places = {found[0] for row in rows if (found := seat(row))}
    held = Duty.objects.in_force_between(on, None).filter(user__is_active=True)
    asked = DutyProposal.objects.waiting()
    sitting: dict[Any, list[Duty | DutyProposal]] = {}
    for one in (held, asked) if places else ():
        there = one.filter(organization__in=places, role__in=(Role.SECRETARY, Role.LEADER))
        for other in there.select_related("user").order_by("pk"):
            sitting.setdefault(seat(other), []).append(other)
    for row in rows:
        others = [one for one in sitting.get(seat(row), ()) if one.user_id != row.user_id]
        row.warning = in_words(row, others if seat(row) else [])


def in_words(row: DutyProposal, others: list[Duty | DutyProposal]) -> str:
    word = "主要负责人" if row.role == Role.LEADER else row.get_role_display()
    held = [one.user.name for one in others if isinstance(one, Duty)]
    asked = [one.user.name for one in others if isinstance(one, DutyProposal)]
    words = [f"已由{'、'.join(held)}担任"] if held else []
    words += [f"同时提出的还有{'、'.join(asked)}"] if asked else []
    if not words:
        return ""
    return f"该单位{word}{'，'.join(words)}；一个单位一般只有一名，请核对后只确认一人。"


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
        now = self.chosen.get("state", "")
        for row in context["object_list"]:
            row.why_not = duties.may_decide(actor, row)
            row.warning = ""
        if not now:
            warned(context["object_list"], actor.on)
        choices = self.filter.fields["state"].choices
        chips = [
            {"words": words, "url": f"?state={value}", "current": value == now}
            for value, words in choices
        ]
        waits = any(not row.why_not for row in context["object_list"]) and not now
        return context | {"chips": chips, "waits": waits, "now": now}


class DecideProposal(ActView):
    template_name = "reform/proposals/act.html"

    def load(self) -> DutyProposal:
        return get_object_or_404(whole(DutyProposal.objects), pk=self.kwargs["pk"])

    def may(self, actor: Actor, proposal: DutyProposal) -> bool:
        if why := duties.may_decide(actor, proposal):
            raise PermissionDenied(why)
        return True

    def back(self) -> str:
        return reverse("proposals")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        warned([self.object], self.request.actor.on)
        return super().get_context_data(**kwargs)


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
