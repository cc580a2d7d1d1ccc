"""Findings of sweeps, for their organization to take onto the ledger (排查问题入账); and asking
others to look at what a problem tells (对照此问题排查)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from campaigns.forms.sweeps import AskForm
from campaigns.models import SweepFinding, SweepRequest
from rectification import policy
from rectification.actions import sweep_findings, sweep_origins
from rectification.models import Problem, SweepOrigin, sweep_found
from rectification.models.sweep_found import STATES, WHOLE
from rectification.views.problems import ProblemAct
from reform.models import Actor
from reform.text import key_of
from reform.views.lists import PagedList

ORDER = ("submission__sweep__organization__sequence", "-submission", "position")
NOT_YOURS = "排查发现的问题由填报单位的书记或联络员入账。"


def require_taker(actor: Actor) -> None:
    if not actor.holds(*policy.scopes("sw.take")):
        raise PermissionDenied(NOT_YOURS)


class SweepFindingList(PagedList):
    """What one's organization found by sweeping, those not on the ledger first."""

    template_name = "rectification/sweeps/list.html"
    title = "排查问题入账"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_taker(request.actor)
        self.state = request.GET.get("state", "")
        if self.state not in STATES:
            self.state = "waiting"
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[SweepFinding]:
        rows = sweep_found.of_his_unit(self.request.actor).filter(STATES[self.state][1])
        return rows.select_related(*WHOLE).order_by(*ORDER)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = sweep_found.of_his_unit(self.request.actor).aggregate(
            **{code: Count("pk", filter=one or None) for code, (_, one) in STATES.items()}
        )
        return super().get_context_data(**kwargs) | {
            "takes": self.state != "taken",
            "chips": [
                {
                    "words": words,
                    "count": counts[code],
                    "url": f"{reverse('sweep-findings')}?{urlencode({'state': code})}",
                    "current": code == self.state,
                }
                for code, (words, _) in STATES.items()
            ],
        }


class TakeSweepFindings(View):
    """入账 of the chosen ones, each with a result of its own."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        require_taker(actor)
        pks = [key_of(value) for value in request.POST.getlist("pk")[: PagedList.paginate_by]]
        chosen = sweep_found.of_his_unit(actor).filter(pk__in=pks)
        rows = list(chosen.select_related("submission").order_by(*ORDER))
        if not rows:
            messages.info(request, "请先勾选要入账的问题。")
            return redirect("sweep-findings")
        results = sweep_findings.take_in(rows, by=actor, at=timezone.now())
        return render(request, "rectification/sweeps/taken.html", {"results": results})


class SweepFromProblem(ProblemAct):
    """对照此问题排查: the office asks in its own words; the problem's text stays where it is."""

    form_class = AskForm
    title = "对照此问题排查"
    done = "已发出，并通知各排查单位。"
    meaning = (
        "请把问题概括成一句话，让各单位对照自查。只发出您写的这句话和说明，"
        "原问题的单位、人员和内容不会发给其他单位，也请不要写进去。"
    )

    def may(self, actor: Actor, problem: Problem) -> bool:
        return sweep_origins.may_ask_from(problem, by=actor)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Also from a row that is closed: what was learned there is worth looking at elsewhere."""
        return super(ProblemAct, self).get(request, *args, **kwargs)

    def act(self, problem: Problem, *, by: Actor, at: datetime, **facts: Any) -> SweepRequest:
        return sweep_origins.ask(problem, by=by, at=at, **facts)

    def next_page(self, result: SweepRequest) -> str:
        return result.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        origins = SweepOrigin.objects.filter(problem=self.object).select_related("request")
        return super().get_context_data(**kwargs) | {"earlier_requests": origins}
