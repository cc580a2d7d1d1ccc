"""The register of what the superior requires (上级要求登记)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import policy
from campaigns.actions import due_notices
from campaigns.models import Act, Campaign, SuperiorRequest
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor

COLUMNS = ("source", "on", "text", "due_on", "answered_on", "answered_by", "answer")
LATE = "这条要求在您打开页面之后有人改过，请核对后再提交。"


@transaction.atomic
def enter(
    campaign: Campaign, *, facts: Mapping[str, Any], by: Actor, at: datetime
) -> SuperiorRequest:
    campaign = campaign.locked()
    policy.require_here(by, "as.edit", campaign.organization)
    row = SuperiorRequest(campaign=campaign, **{name: facts[name] for name in COLUMNS})
    _check(row, by=by)
    row.save()
    trail.record(Act.REQUEST_ENTERED, row, by=by, at=at, quote=row.text)
    return row


@transaction.atomic
def change(
    request: SuperiorRequest, *, version: int, facts: Mapping[str, Any], by: Actor, at: datetime
) -> SuperiorRequest:
    """Change an entry, as a rule to say how it was answered."""
    campaign = request.campaign.locked()
    policy.require_here(by, "as.edit", campaign.organization)
    row = SuperiorRequest.objects.select_for_update().get(pk=request.pk)
    was = row.due_on
    if version != row.version:
        raise Stale(LATE, {name: getattr(row, name) for name in COLUMNS}, row.version)
    for name in COLUMNS:
        setattr(row, name, facts[name])
    _check(row, by=by)
    row.version += 1
    row.save()
    if row.answered_on or row.due_on != was:
        due_notices.settle(row, at=at)
    trail.record(Act.REQUEST_CHANGED, row, by=by, at=at, quote=row.answer or row.text)
    return row


def _check(row: SuperiorRequest, *, by: Actor) -> None:
    if row.on > by.on:
        raise Refused("收到日期不能晚于今天。")
    if row.due_on and row.due_on < row.on:
        raise Refused("落实期限早于收到日期，请改正。")
    parts = (row.answered_on, row.answered_by, row.answer)
    if any(parts) and not all(parts):
        raise Refused("填写落实情况时，落实日期、落实人或单位、落实情况三项都要填。")
    if row.answered_on and row.answered_on > by.on:
        raise Refused("落实日期不能晚于今天。")
    if row.answered_on and row.answered_on < row.on:
        raise Refused("落实日期早于收到日期，请改正。")
