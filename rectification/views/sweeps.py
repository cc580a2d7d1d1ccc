"""Findings of sweeps, for their organization to take onto the ledger (排查问题入账); and asking
others to look at what a problem tells (对照此问题排查)."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse

from campaigns.forms.sweeps import AskForm
from campaigns.models import SweepRequest
from rectification.actions import sweep_findings, sweep_origins
from rectification.models import Problem, SweepOrigin, sweep_found
from rectification.views.found_lists import Found, FoundList, TakeFound
from rectification.views.problems import ProblemAct
from reform.models import Actor

SWEEP_FINDINGS = Found(
    address="sweep-findings",
    of=sweep_found.of_his_unit,
    states=sweep_found.STATES,
    whole=sweep_found.WHOLE,
    order=("submission__sweep__organization__sequence", "-submission", "position"),
    act="sw.take",
    not_yours="排查发现的问题由填报单位的书记或联络员入账。",
    take_in=sweep_findings.take_in,
    taken_page="rectification/sweeps/taken.html",
)


class SweepFindingList(FoundList):
    """What one's organization found by sweeping."""

    kind = SWEEP_FINDINGS
    template_name = "rectification/sweeps/list.html"
    title = "排查问题入账"


class TakeSweepFindings(TakeFound):
    kind = SWEEP_FINDINGS


class SweepFromProblem(ProblemAct):
    """对照此问题排查: the office asks in its own words; the problem's text stays where it is."""

    form_class = AskForm
    title = "对照此问题排查"
    chosen_decides = True
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
