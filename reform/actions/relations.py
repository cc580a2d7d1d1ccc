"""Relations beside the tree (派驻、指导、联合支部): begun, and ended on a day."""

from datetime import date, datetime

from django.db import transaction

from reform import policy
from reform.actions import trail, tree
from reform.errors import Refused
from reform.models import Act, Actor, Organization, OrganizationRelation

Kind = OrganizationRelation.Kind


@transaction.atomic
def add(
    organization: Organization,
    *,
    kind: str,
    other: Organization,
    since: date,
    note: str = "",
    by: Actor,
    at: datetime,
) -> OrganizationRelation:
    """Note that `organization` is stationed at `other`, guides it, or is its joint branch.

    派驻 gives rights, so who is stationed is a discipline organization outside the host's own
    line: it does not watch itself, nor whom it is above of anyway.
    """
    policy.require(by, "org.edit")
    now = tree.all_held([organization, other], on=by.on)
    if organization == other:
        raise Refused("请选择另一个党组织。")
    one, two = now[organization.pk], now[other.pk]
    if kind == Kind.STATIONED:
        if one.kind != Organization.Kind.DISCIPLINE:
            raise Refused(
                f"派驻的一方应是纪委（纪检组），“{one}”的类型是{one.get_kind_display()}。"
            )
        if one.covers(two.path) or two.covers(one.path):
            raise Refused(f"“{one}”与“{two}”是上下级，派驻机构应独立于驻在单位。")
    same = OrganizationRelation.objects.filter(kind=kind, organization=one, other=two)
    if any(row.until is None or row.until >= since for row in same):
        raise Refused("这项关系在这段时间已经登记。")
    row = OrganizationRelation.objects.create(
        kind=kind, organization=one, other=two, since=since, note=note
    )
    trail.record(Act.RELATION_ADDED, row, by=by, at=at, since=str(since), note=note)
    return row


@transaction.atomic
def end(
    relation: OrganizationRelation, *, until: date, by: Actor, at: datetime
) -> OrganizationRelation:
    """End a relation; `until` is its last day, and not after today."""
    policy.require(by, "org.edit")
    row = OrganizationRelation.objects.select_for_update(of=("self",)).get(pk=relation.pk)
    if row.until is not None:
        raise Refused("这项关系已经终止。")
    if until > by.on:
        raise Refused("最后一天不能晚于今天，请到那一天再办理。")
    if until < row.since:
        raise Refused(f"最后一天不能早于开始日期（{row.since}）。")
    row.until = until
    row.save(update_fields=["until"])
    trail.record(Act.RELATION_ENDED, row, by=by, at=at, until=str(until))
    return row
