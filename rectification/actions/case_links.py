"""Problems that came of reference cases (由案例引出): linked, and begun from the page of a case."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from campaigns.models import ReferenceCase
from rectification import policy
from rectification.actions import problems
from rectification.models import Act, CaseLink, Problem
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Organization

Status = Problem.Status
SOURCE = "由案例引出"
# Where a row stands → the act of PERMISSIONS.md by which it is filled in.
FILLED_BY: dict[str, str] = {Status.DRAFT: "pb.edit_draft"}
OPEN = (Status.DRAFT, Status.REGISTERED, Status.ASSIGNED, Status.RECTIFYING)


def act_of(problem: Problem) -> str:
    return FILLED_BY.get(problem.status, "pb.amend")


def offered(problem: Problem, *, by: Actor) -> Any:
    """Return the cases that may be chosen: published ones of the campaign, and what is linked."""
    rows = ReferenceCase.objects.visible_to(by).filter(campaign=problem.campaign_id)
    linked = CaseLink.objects.filter(problem=problem).order_by().values("case")
    return rows.filter(Q(status=ReferenceCase.Status.PUBLISHED) | Q(pk__in=linked))


@transaction.atomic
def choose(problem: Problem, *, cases: Iterable[ReferenceCase], by: Actor, at: datetime) -> Problem:
    """Set of which cases a problem came. Links to cases the actor does not see stay.

    Raises Forbidden for whoever may not fill in the row, Refused once it is in review or closed,
    and for a case that is not published in its campaign.
    """
    problem = problem.locked()
    policy.require(by, act_of(problem), problem)
    if problem.status not in OPEN:
        raise Refused(f"“{problem}”目前为{problem.get_status_display()}，不能改动所关联的案例。")
    wanted = {case.pk: case for case in cases}
    linked = CaseLink.objects.filter(problem=problem).select_related("case")
    known = {link.case_id: link for link in linked}
    mine = set(offered(problem, by=by).values_list("pk", flat=True))
    if strange := [case for case in wanted.values() if case.pk not in mine]:
        raise Refused(f"“{strange[0]}”不是这项活动中已发布的案例，请重新选择。")
    gone = [link for pk, link in known.items() if pk in mine and pk not in wanted]
    new = [case for pk, case in wanted.items() if pk not in known]
    if not gone and not new:
        raise Refused("没有任何改动，无需保存。")
    CaseLink.objects.filter(pk__in=[link.pk for link in gone]).delete()
    _link(problem, new, by=by, at=at)
    problems.save_all([problem])
    said = [f"关联“{case}”" for case in new] + [f"取消“{link.case}”" for link in gone]
    trail.record(Act.CASES_CHOSEN, problem, by=by, at=at, say=f"{problem}，{'、'.join(said)}")
    return problem


@transaction.atomic
def draft(
    case: ReferenceCase,
    *,
    organization: Organization,
    facts: Mapping[str, Any],
    measures: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Problem:
    """Begin a row that came of a case: `problems.draft` in the case's campaign, linked at once."""
    if not ReferenceCase.objects.visible_to(by).published().filter(pk=case.pk).exists():
        raise Refused("案例已撤下或尚未发布，不能由它登记问题；可以在台账里直接登记。")
    problem = problems.draft(
        case.campaign, organization=organization, facts=facts, measures=measures, by=by, at=at
    )
    _link(problem, [case], by=by, at=at)
    say = f"{problem}，关联“{case}”"
    trail.record(Act.CASES_CHOSEN, problem, by=by, at=at, say=say)
    return problem


def _link(problem: Problem, cases: Iterable[ReferenceCase], *, by: Actor, at: datetime) -> None:
    CaseLink.objects.bulk_create(
        CaseLink(problem=problem, case=case, by=by.user, at=at) for case in cases
    )
