"""Asking for a sweep because of a problem (对照此问题排查, 举一反三)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.actions import sweep_requests
from campaigns.models import SweepRequest
from rectification import policy
from rectification.models import Act, Problem, SweepOrigin
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor

Status = Problem.Status
NOT_FROM = (Status.DRAFT,)


def may_ask_from(problem: Problem, *, by: Actor) -> bool:
    """Whether the actor may ask others to look at what this problem tells: of what is nobody's own
    (个人) and stands on the ledger."""
    if problem.is_personal or problem.status in NOT_FROM:
        return False
    return sweep_requests.may_ask(by, problem.campaign) and policy.may(by, "pb.read", problem)


@transaction.atomic
def ask(problem: Problem, *, by: Actor, at: datetime, **facts: Any) -> SweepRequest:
    """Ask in the office's own words; nothing of the problem's text goes along. `facts` are those of
    `sweep_requests.ask`."""
    row = problem.locked()
    policy.require(by, "pb.read", row)
    if row.is_personal:
        raise Refused("个人问题不能作为对照排查的由来，请在“风险排查”中直接发起。")
    if row.status in NOT_FROM:
        raise Refused("这条问题还没有入账，入账后再发起对照排查。")
    request = sweep_requests.ask(row.campaign, by=by, at=at, **facts)
    SweepOrigin.objects.create(request=request, problem=row)
    say = f"{row}，{request.asked.count()}个单位"
    trail.record(Act.SWEPT_FROM, row, by=by, at=at, say=say)
    return request
