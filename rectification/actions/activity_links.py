"""Entering an activity together with the problems it was about (关联问题)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.actions import activities
from campaigns.models import Activity, Campaign
from rectification.models import ActivityProblem, Problem
from reform.errors import Refused
from reform.models import Actor


@transaction.atomic
def enter(
    campaign: Campaign,
    *,
    facts: Mapping[str, Any],
    problems: Sequence[Problem],
    by: Actor,
    at: datetime,
) -> Activity:
    row = activities.enter(campaign, facts=facts, by=by, at=at)
    _link(row, problems, by=by)
    return row


@transaction.atomic
def change(
    activity: Activity,
    *,
    version: int,
    facts: Mapping[str, Any],
    problems: Sequence[Problem],
    by: Actor,
    at: datetime,
) -> Activity:
    """Change an activity and its problems; links to rows the actor may not read stay."""
    row = activities.change(activity, version=version, facts=facts, by=by, at=at)
    seen = Problem.objects.visible_to(by).order_by().values("pk")
    keep = [problem.pk for problem in problems]
    row_links = ActivityProblem.objects.filter(activity=row, problem__in=seen)
    row_links.exclude(problem__in=keep).delete()
    _link(row, problems, by=by)
    return row


def _link(row: Activity, problems: Sequence[Problem], *, by: Actor) -> None:
    """Raises Refused for a problem that is not on the ledger of this campaign, or not one's own to
    read."""
    wanted = {problem.pk for problem in problems}
    found = Problem.objects.visible_to(by).filter(pk__in=wanted, campaign=row.campaign_id)
    if found.counted().count() != len(wanted):
        raise Refused("关联的问题须是这项活动中已入账、您能查看的问题，请核对编号。")
    known = set(row.links.values_list("problem", flat=True))
    ActivityProblem.objects.bulk_create(
        ActivityProblem(activity=row, problem_id=pk) for pk in sorted(wanted - known)
    )
