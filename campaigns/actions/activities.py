"""Activities and meetings (活动和会议): entered in one line, corrected, taken away."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import policy
from campaigns.models import Act, Activity, Campaign
from campaigns.models.activity import Kind
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor

COLUMNS = ("organization", "kind", "other", "on", "place", "leader", "topic")
LATE = "这条记录在您打开页面之后有人改过，请核对后再提交。"


@transaction.atomic
def enter(campaign: Campaign, *, facts: Mapping[str, Any], by: Actor, at: datetime) -> Activity:
    """Enter an activity; the same one a second time is refused.

    Raises Forbidden for an organization outside the actor's part of the tree, Refused for one that
    is retired or takes no part, and for a day to come or before the campaign.
    """
    campaign = campaign.locked()
    row = Activity(
        campaign=campaign, entered_by=by.user, entered_at=at, **{k: facts[k] for k in COLUMNS}
    )
    _check(row, by=by)
    row.save()
    trail.record(Act.ACTIVITY_ENTERED, row, by=by, at=at, say=_said(row), quote=row.topic)
    return row


@transaction.atomic
def change(
    activity: Activity, *, version: int, facts: Mapping[str, Any], by: Actor, at: datetime
) -> Activity:
    activity.campaign.locked()
    row = _found(activity)
    policy.require_here(by, "ac.enter", row.organization)
    if version != row.version:
        raise Stale(LATE, {name: getattr(row, name) for name in COLUMNS}, row.version)
    was = _said(row)
    for name in COLUMNS:
        setattr(row, name, facts[name])
    _check(row, by=by)
    row.version += 1
    row.save()
    say = f"{was} 改为 {_said(row)}"
    trail.record(Act.ACTIVITY_CHANGED, row, by=by, at=at, say=say, quote=row.topic)
    return row


@transaction.atomic
def drop(activity: Activity, *, by: Actor, at: datetime) -> None:
    """Take away what was entered by mistake; that it was stays in the trail."""
    campaign = activity.campaign.locked()
    row = _found(activity)
    policy.require_here(by, "ac.enter", row.organization)
    _require_open(campaign)
    trail.record(Act.ACTIVITY_DROPPED, row, by=by, at=at, say=_said(row), quote=row.topic)
    row.delete()


def _found(activity: Activity) -> Activity:
    row = Activity.objects.select_for_update().filter(pk=activity.pk).first()
    if row is None:
        raise Refused("这条记录已被删除，请刷新页面查看最新情况。")
    return row


def _require_open(campaign: Campaign) -> None:
    if not campaign.is_open:
        raise Refused("活动不在进行中，不能登记或修改活动记录。")


def _check(row: Activity, *, by: Actor) -> None:
    policy.require_here(by, "ac.enter", row.organization)
    _require_open(row.campaign)
    if row.organization.is_retired(by.on):
        raise Refused(f"“{row.organization}”已撤销，不能登记活动。")
    if not row.campaign.includes(row.organization):
        raise Refused(f"“{row.organization}”没有参加“{row.campaign}”，不能登记活动。")
    if row.on > by.on:
        raise Refused("日期不能晚于今天；开完再登记。")
    if row.on < row.campaign.starts_on:
        raise Refused("日期早于活动开始日期，请改正。")
    if row.kind == Kind.OTHER and not row.other:
        raise Refused("种类选“其他”的，请写明名称。")
    if row.kind != Kind.OTHER:
        row.other = ""
    facts = {name: getattr(row, name) for name in COLUMNS}
    if Activity.objects.filter(campaign=row.campaign, **facts).exclude(pk=row.pk).exists():
        raise Refused("同一天、同一主题的这项活动已经登记过，不重复计数。")


def _said(row: Activity) -> str:
    return f"{row.organization}，{row}"
