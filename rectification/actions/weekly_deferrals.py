"""Later cut-offs (缓报): agreed to for one organization, or for all when the system was down."""

from datetime import datetime

from django.db import transaction

from campaigns.models import BEIJING, Level
from rectification import policy
from rectification.actions.weekly_issues import level_of
from rectification.actions.weekly_weeks import AHEAD
from rectification.models import Act, Deferral, WeeklyIssue
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Organization


@transaction.atomic
def defer(
    issue: WeeklyIssue,
    organization: Organization,
    *,
    kind: str,
    until: datetime,
    reason: str,
    with_below: bool = False,
    by: Actor,
    at: datetime,
) -> Deferral:
    """Let an organization report later (经同意缓报), or say that the system was down (系统故障).

    `with_below` is for all that lies below as well: an office says it of its whole part. Raises
    Refused for a moment before the cut-off, Forbidden for whoever does not receive its report.
    """
    if with_below:
        policy.require_here(by, "wr.aggregate", organization)
    else:
        policy.require_here(by, "wr.receive", organization)
    level = level_of(issue, organization, at=at)
    if not level and not with_below:
        raise Refused(f"“{organization}”不需要报{issue}周报，无须缓报。")
    if until <= issue.due(level or Level.BRANCH):
        raise Refused("缓报时间应晚于原定的截止时间。")
    if until > at + AHEAD:
        raise Refused("缓报时间太远，请选择两个月以内的时间。")
    row = Deferral.objects.create(
        issue=issue,
        organization=organization,
        with_below=with_below,
        kind=kind,
        until=until,
        reason=reason,
        by=by.user,
        at=at,
    )
    moment = until.astimezone(BEIJING)
    say = f"{organization}{issue}，{row.get_kind_display()}，缓至{moment:%Y-%m-%d %H:%M}"
    trail.record(Act.WEEKLY_DEFERRED, issue, by=by, at=at, say=say, quote=reason)
    return row
