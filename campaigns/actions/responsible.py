"""Naming who answers first for an organization (第一责任人), where duties do not say it."""

from datetime import date, datetime

from django.db import transaction

from campaigns import policy
from campaigns.actions.bodies import NewMember, record_draft
from campaigns.models import Act, Campaign, FirstResponsible
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Organization


@transaction.atomic
def name(
    campaign: Campaign,
    *,
    organization: Organization,
    person: NewMember,
    since: date,
    by: Actor,
    at: datetime,
) -> FirstResponsible:
    """Name somebody for an organization of the campaign; whoever was named before ends. The title
    of `person` says nothing here."""
    campaign = _to_edit(campaign, organization, by=by)
    if since > by.on:
        raise Refused("指定日期不能晚于今天。")
    if organization.is_retired(by.on):
        raise Refused(f"“{organization}”已撤销，不再指定第一责任人。")
    if not campaign.includes(organization):
        raise Refused(f"“{organization}”没有参加“{campaign}”。")
    before = _current(campaign, organization)
    if before and (before.user, before.name, before.post) == (
        person.user,
        person.name,
        person.post,
    ):
        raise Refused(f"现在指定的就是{person.name}，无需再次指定。")
    if before and since < before.since:
        raise Refused(f"指定日期早于上一次指定（{before.since}），请改正。")
    if before:
        _end(before, since)
    row = FirstResponsible.objects.create(
        campaign=campaign,
        organization=organization,
        user=person.user,
        name=person.name,
        post=person.post,
        since=since,
        by=by.user,
        by_name=by.user.name,
        at=at,
    )
    say = f"{campaign}，{row}（自{since}）"
    trail.record(Act.RESPONSIBLE_NAMED, row, by=by, at=at, say=say)
    record_draft(campaign, by=by, at=at)
    return row


@transaction.atomic
def unname(
    campaign: Campaign, *, organization: Organization, by: Actor, at: datetime
) -> FirstResponsible:
    """Go back to whom duties say."""
    campaign = _to_edit(campaign, organization, by=by)
    row = _current(campaign, organization)
    if row is None:
        raise Refused(f"“{organization}”没有另行指定第一责任人，现在就按职责确定。")
    _end(row, by.on)
    say = f"{campaign}，{row}，改按职责确定"
    trail.record(Act.RESPONSIBLE_UNNAMED, row, by=by, at=at, say=say)
    record_draft(campaign, by=by, at=at)
    return row


def _to_edit(campaign: Campaign, organization: Organization, *, by: Actor) -> Campaign:
    campaign = campaign.locked()
    policy.require_here(by, "bd.responsible", organization)
    if campaign.status == Campaign.Status.CLOSED:
        raise Refused("活动已经结束，第一责任人不能再修改。")
    return campaign


def _current(campaign: Campaign, organization: Organization) -> FirstResponsible | None:
    rows = campaign.first_responsible.current().select_for_update(of=("self",))
    return rows.filter(organization=organization).select_related("user").first()


def _end(row: FirstResponsible, until: date) -> None:
    row.until = max(row.since, until)
    row.save(update_fields=["until"])
