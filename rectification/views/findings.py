"""What people found in themselves: for the secretary to take onto the ledger (查摆问题入账), and
for each the page of what became of his own (我的查摆问题)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from campaigns.models import Finding
from rectification import policy
from rectification.actions import findings
from rectification.models import found
from rectification.models.found import STATES, WHOLE
from reform.models import Actor
from reform.text import key_of
from reform.views.lists import PagedList

ORDER = (
    "submission__examination__organization__sequence",
    "submission__examination__author__name",
    "submission__examination",
    "position",
)
NOT_YOURS = "查摆问题由所在党组织书记入账；您自己的在“我的查摆问题”中。"


def require_secretary(actor: Actor) -> None:
    if not actor.holds(*policy.scopes("fd.take")):
        raise PermissionDenied(NOT_YOURS)


class FindingList(PagedList):
    """The findings of one's branch, those not on the ledger first; the words only of texts that
    one has opened, as their authors were promised."""

    template_name = "rectification/findings/list.html"
    title = "查摆问题入账"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_secretary(request.actor)
        self.state = request.GET.get("state", "")
        if self.state not in STATES:
            self.state = "waiting"
        return super().get(request, *args, **kwargs)

    def narrowed(self) -> QuerySet[Finding]:
        """Return those of the organization and the checklist that the address names, if it does."""
        rows = found.of_his_branch(self.request.actor)
        if place := key_of(self.request.GET.get("organization", "")):
            rows = rows.filter(submission__examination__organization=place)
        if checklist := key_of(self.request.GET.get("checklist", "")):
            rows = rows.filter(submission__examination__checklist=checklist)
        return rows

    def get_queryset(self) -> QuerySet[Finding]:
        rows = self.narrowed().filter(STATES[self.state][1])
        return rows.select_related(*WHOLE).order_by(*ORDER)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = self.narrowed().aggregate(
            **{code: Count("pk", filter=one or None) for code, (_, one) in STATES.items()}
        )
        asked = {
            name: self.request.GET[name]
            for name in ("organization", "checklist")
            if self.request.GET.get(name)
        }
        return super().get_context_data(**kwargs) | {
            "narrowed": bool(asked),
            "takes": self.state != "taken",
            "chips": [
                {
                    "words": words,
                    "count": counts[code],
                    "url": f"{reverse('findings')}?{urlencode({'state': code, **asked})}",
                    "current": code == self.state,
                }
                for code, (words, _) in STATES.items()
            ],
        }


class TakeFindings(View):
    """入账 of the chosen ones, each with a result of its own."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        require_secretary(actor)
        pks = [key_of(value) for value in request.POST.getlist("pk")[: FindingList.paginate_by]]
        chosen = found.of_his_branch(actor).filter(pk__in=pks)
        rows = list(chosen.select_related("submission__examination").order_by(*ORDER))
        if not rows:
            messages.info(request, "请先勾选要入账的问题。")
            return redirect("findings")
        results = findings.take_in(rows, by=actor, at=timezone.now())
        return render(request, "rectification/findings/taken.html", {"results": results})


class MyFindings(PagedList):
    """What one found in oneself, and what became of each on the ledger."""

    template_name = "rectification/findings/mine.html"
    title = "我的查摆问题"

    def get_queryset(self) -> QuerySet[Finding]:
        rows = found.of_himself(self.request.actor).select_related(*WHOLE)
        return rows.order_by("-submission__examination", "position")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = found.of_himself(self.request.actor)
        counts = rows.aggregate(
            found=Count("pk"),
            taken=Count("problem"),
            closed=Count("pk", filter=Q(problem__status="closed")),
        )
        return super().get_context_data(**kwargs) | {
            "figures": [
                ("查摆出", counts["found"]),
                ("已入账", counts["taken"]),
                ("已销号", counts["closed"]),
            ]
        }
