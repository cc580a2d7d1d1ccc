"""Changing a published campaign (变更): asked for by the office, decided by another.

What is asked stands in `ChangeRequest.facts`, by kind: dates {starts_on, ends_on}, office_name
{name}, participant {organization}, item {checklist, name, description}.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from campaigns import policy
from campaigns.actions import sendings, signatures, stages
from campaigns.models import (
    Act,
    Campaign,
    ChangeRequest,
    Checklist,
    Item,
    Participation,
)
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Organization, TrailEntry, User

Kind, Status = ChangeRequest.Kind, ChangeRequest.Status


@transaction.atomic
def request(
    campaign: Campaign,
    *,
    kind: str,
    facts: Mapping[str, Any],
    reason: str,
    by: Actor,
    at: datetime,
) -> ChangeRequest:
    """Ask for a change of a campaign that is open; it is shown as old → new until decided."""
    campaign = campaign.locked()
    policy.require_here(by, "ca.change_request", campaign.organization)
    _require_open(campaign)
    if not reason:
        raise Refused("请写明变更的理由。")
    if campaign.change_requests.pending().filter(kind=kind).exists():
        raise Refused(f"已有一份“{Kind(kind).label}”的申请待批准，请先办结或撤回。")
    before, after = WORDS[Kind(kind)](campaign, facts)
    made = ChangeRequest.objects.create(
        campaign=campaign,
        kind=kind,
        facts=dict(facts),
        before=before[:300],
        after=after[:400],
        reason=reason,
        requested_by=by.user,
        requested_at=at,
    )
    _record(Act.CHANGE_REQUESTED, made, by=by, at=at, quote=reason)
    sendings.asked(made, authors=asked_by(made), by=by, at=at)
    return made


@transaction.atomic
def approve(
    row: ChangeRequest,
    *,
    paper: signatures.Paper | None = None,
    opinion: str = "",
    by: Actor,
    at: datetime,
) -> ChangeRequest:
    """Approve a change, here or on paper, and apply it in the same transaction (SOD-01)."""
    row = _to_decide(row, paper, by=by)
    WORDS[Kind(row.kind)](row.campaign, row.facts)  # still possible?
    _sign(row, Status.APPROVED, paper, opinion=opinion, by=by, at=at)
    APPLIED[Kind(row.kind)](row.campaign, row.facts)
    row.applied_at = at
    row.save(update_fields=["applied_at"])
    _record(Act.CHANGE_APPROVED, row, by=by, at=at, quote=row.opinion)
    sendings.decided(row, authors=asked_by(row), by=by, at=at)
    return row


@transaction.atomic
def refuse(row: ChangeRequest, *, opinion: str, by: Actor, at: datetime) -> ChangeRequest:
    """Say no, with the reason; nothing changes."""
    row = _to_decide(row, None, by=by)
    if not opinion:
        raise Refused("不批准的，请写明理由。")
    _sign(row, Status.REFUSED, None, opinion=opinion, by=by, at=at)
    _record(Act.CHANGE_REFUSED, row, by=by, at=at, quote=opinion)
    sendings.decided(row, authors=asked_by(row), by=by, at=at)
    return row


@transaction.atomic
def withdraw(row: ChangeRequest, *, by: Actor, at: datetime) -> ChangeRequest:
    """Take back what was asked for and is not decided."""
    row = row.locked()
    policy.require_here(by, "ca.change_request", row.campaign.organization)
    row.move(Status.WITHDRAWN)
    row.save(update_fields=["status"])
    _record(Act.CHANGE_WITHDRAWN, row, by=by, at=at)
    sendings.decided(row, authors=asked_by(row), by=by, at=at)
    return row


def asked_by(row: ChangeRequest) -> list[User]:
    """Return who asked, and in whose place: they decide nothing about it."""
    entries = TrailEntry.objects.of(row.campaign).filter(act=Act.CHANGE_REQUESTED)
    entry = entries.filter(detail__request=row.pk).first()
    lender = entry.detail.get("in_place_of") if entry else None
    return list(User.objects.filter(pk__in={row.requested_by_id, lender} - {None}))


def _to_decide(row: ChangeRequest, paper: signatures.Paper | None, *, by: Actor) -> ChangeRequest:
    campaign = row.campaign.locked()
    row = row.locked()
    row.campaign = campaign
    act = "sign.record" if paper else "ca.change_approve"
    policy.require_here(by, act, campaign.organization)
    if row.status != Status.PENDING:
        raise Refused(f"这份申请{row.get_status_display()}，不能再办理。")
    _require_open(campaign)
    return row


def _require_open(campaign: Campaign) -> None:
    if not campaign.is_open:
        raise Refused("活动不在进行中，不能变更。草案请直接修改。")


def _sign(
    row: ChangeRequest,
    to: ChangeRequest.Status,
    paper: signatures.Paper | None,
    *,
    opinion: str,
    by: Actor,
    at: datetime,
) -> None:
    columns = signatures.check(
        row.campaign,
        "ca.change_approve",
        paper,
        authors=asked_by(row),
        begun=timezone.localdate(row.requested_at),
        opinion=opinion,
        by=by,
        at=at,
    )
    row.move(to)
    for key, value in columns.items():
        setattr(row, key, value)
    row.save()


def _record(act: Act, row: ChangeRequest, *, by: Actor, at: datetime, quote: str = "") -> None:
    say = f"{row.campaign}，{row.get_kind_display()}"
    if row.recorded_by:
        say = f"{say}，{row.signed}"
    told = f"{row.before} → {row.after}。{quote}"
    trail.record(act, row.campaign, by=by, at=at, say=say, quote=told, request=row.pk)


# ---------------------------------------------------------------- what each kind says and does


def _dates_words(campaign: Campaign, facts: Mapping[str, Any]) -> tuple[str, str]:
    first, last = _days(facts)
    if last < first:
        raise Refused("结束日期早于开始日期，请改正。")
    now = (campaign.starts_on, campaign.ends_on)
    if (first, last) == now:
        raise Refused("起止日期没有变化。")
    stages.refuse_outside(campaign, first, last)
    return f"{now[0]} 至 {now[1]}", f"{first} 至 {last}"


def _apply_dates(campaign: Campaign, facts: Mapping[str, Any]) -> None:
    campaign.starts_on, campaign.ends_on = _days(facts)
    campaign.save(update_fields=["starts_on", "ends_on"])


def _days(facts: Mapping[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(facts["starts_on"]), date.fromisoformat(facts["ends_on"])


def _name_words(campaign: Campaign, facts: Mapping[str, Any]) -> tuple[str, str]:
    if not facts["name"] or facts["name"] == campaign.office_name:
        raise Refused("请填写与现在不同的办公室简称。")
    return campaign.office_name, facts["name"]


def _apply_name(campaign: Campaign, facts: Mapping[str, Any]) -> None:
    campaign.office_name = facts["name"]
    campaign.save(update_fields=["office_name"])


def _participant_words(campaign: Campaign, facts: Mapping[str, Any]) -> tuple[str, str]:
    place = _place(facts)
    if campaign.participations.filter(organization=place).exists():
        raise Refused(f"“{place}”已经参加这项活动。")
    return "", f"{place}（含下级）"


def _apply_participant(campaign: Campaign, facts: Mapping[str, Any]) -> None:
    Participation.objects.create(campaign=campaign, organization=_place(facts))


def _place(facts: Mapping[str, Any]) -> Organization:
    place = Organization.objects.filter(pk=facts["organization"]).first()
    if place is None or place.retired_on is not None:
        raise Refused("这个单位已撤销，不能参加。")
    return place


def _item_words(campaign: Campaign, facts: Mapping[str, Any]) -> tuple[str, str]:
    checklist = _list(campaign, facts)
    if campaign.items.filter(name=facts["name"]).exists():
        raise Refused(f"已有名为“{facts['name']}”的条目，请换一个名称。")
    words = f"{facts['name']}：{facts['description']}" if facts["description"] else facts["name"]
    return "", f"清单“{checklist}”增加“{words}”"


def _apply_item(campaign: Campaign, facts: Mapping[str, Any]) -> None:
    checklist = _list(campaign, facts)
    last = checklist.items.aggregate(last=Max("position"))["last"] or checklist.position * 1000
    Item.objects.create(
        campaign=campaign,
        checklist=checklist,
        position=last + 1,
        name=facts["name"],
        description=facts["description"],
    )


def _list(campaign: Campaign, facts: Mapping[str, Any]) -> Checklist:
    asks = Checklist.Mode.QUESTIONS
    found = campaign.checklists.exclude(mode=asks).filter(pk=facts["checklist"]).first()
    if found is None:
        raise Refused("这份清单不能增加条目，请重新选择。")
    return found


# (before, after) in words; raises Refused where the change cannot be.
WORDS: dict[ChangeRequest.Kind, Callable[[Campaign, Mapping[str, Any]], tuple[str, str]]] = {
    Kind.DATES: _dates_words,
    Kind.OFFICE_NAME: _name_words,
    Kind.PARTICIPANT: _participant_words,
    Kind.ITEM: _item_words,
}
APPLIED: dict[ChangeRequest.Kind, Callable[[Campaign, Mapping[str, Any]], None]] = {
    Kind.DATES: _apply_dates,
    Kind.OFFICE_NAME: _apply_name,
    Kind.PARTICIPANT: _apply_participant,
    Kind.ITEM: _apply_item,
}
