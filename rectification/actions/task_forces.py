"""Which problems a task force works on (专班整改): put on its list and taken off by an office."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from campaigns.models import Body, Campaign
from rectification import policy
from rectification.models import Act, Problem, TaskForceProblem
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor

MOST = 200  # problems of one task force


@transaction.atomic
def link(
    body: Body, *, problems: Sequence[Problem], by: Actor, at: datetime
) -> list[TaskForceProblem]:
    """Put problems on the list of a task force. Raises Forbidden for one that the actor's office
    could not assign, Refused for one that is closed or of another campaign."""
    body = _locked(body)
    known = set(body.problem_links.values_list("problem", flat=True))
    new = [problem for problem in problems if problem.pk not in known]
    if not new:
        raise Refused("这些问题都已列入这个专班，没有新的。")
    if len(known) + len(new) > MOST:
        raise Refused(f"一个专班最多列入{MOST}个问题，现有{len(known)}个。")
    made = []
    for one in sorted(new, key=lambda row: row.pk):
        problem = one.locked()
        policy.require(by, "bd.link", problem)
        _check(problem, body)
        made.append(TaskForceProblem.objects.create(body=body, problem=problem, by=by.user, at=at))
        say = f"{problem}，{body}"
        trail.record(Act.TASK_FORCE_LINKED, problem, by=by, at=at, say=say)
    return made


@transaction.atomic
def unlink(row: TaskForceProblem, *, by: Actor, at: datetime) -> None:
    body = _locked(row.body)
    problem = row.problem.locked()
    policy.require(by, "bd.link", problem)
    if problem.status == Problem.Status.CLOSED:
        raise Refused("这条问题已销号，由哪个专班整改的不能再改。")
    if not TaskForceProblem.objects.filter(pk=row.pk).exists():
        raise Refused("这条问题已移出这个专班。")
    say = f"{problem}，{body}"
    trail.record(Act.TASK_FORCE_UNLINKED, problem, by=by, at=at, say=say)
    row.delete()


def _locked(body: Body) -> Body:
    body.campaign = body.campaign.locked()
    body = Body.objects.select_for_update().get(pk=body.pk)
    if not body.is_task_force:
        raise Refused(f"“{body}”不是工作专班，不列问题。")
    if body.until:
        raise Refused(f"“{body}”已撤销，列入的问题不再变动。")
    if body.campaign.status != Campaign.Status.PUBLISHED:
        raise Refused("活动不在进行中，专班的问题不能变动。")
    return body


def _check(problem: Problem, body: Body) -> None:
    if problem.campaign_id != body.campaign_id:
        raise Refused(f"{problem}不是这项活动的问题，不能列入。")
    if problem.status == Problem.Status.DRAFT:
        raise Refused("草稿还没有入账，不能列入专班。")
    if problem.status == Problem.Status.CLOSED:
        raise Refused(f"{problem}已销号，不再列入专班。")
