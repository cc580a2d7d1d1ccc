"""Drafting, publishing and closing campaigns, with the words, sources and chains each carries."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from campaigns import policy
from campaigns.actions import drafts, plans, readiness, sendings, signatures
from campaigns.models import Act, Campaign, Kit, Publication
from campaigns.models.kit import KitChecklist, KitItem
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Organization

CHECKLIST = "自查清单"  # what a campaign of one list calls it


def draft(
    *,
    title: str,
    code: str,
    organization: Organization,
    starts_on: date,
    ends_on: date,
    items: Sequence[tuple[str, str]],
    participants: Iterable[Organization],
    by: Actor,
    at: datetime,
) -> Campaign:
    """Set up a campaign of one list of items (name, description), as campaigns usually begin."""
    listed = tuple(KitItem(*item) for item in items)
    checklists = (KitChecklist(CHECKLIST, items=listed),) if listed else ()
    days = max((ends_on - starts_on).days + 1, 1)
    return drafts.start(
        Kit(code="", name=title, title=title, days=days, checklists=checklists),
        title=title,
        code=code,
        organization=organization,
        starts_on=starts_on,
        ends_on=ends_on,
        participants=participants,
        by=by,
        at=at,
    )


@transaction.atomic
def publish(
    campaign: Campaign,
    *,
    gaps: Sequence[dict[str, Any]] = (),
    paper: signatures.Paper | None = None,
    by: Actor,
    at: datetime,
) -> Campaign:
    """Open a campaign: a leader of its organization or above, and not its author (SOD-01), here
    or on paper, entered by somebody who is neither (线下签批).

    `gaps` is what its review chain lacks, as it was seen; it is kept with the campaign. Raises
    Refused with everything that the draft lacks. Its lists, days and chains are frozen from here
    on: later changes are requests (`actions.changes`).
    """
    campaign = campaign.locked()
    act = "sign.record" if paper else "ca.publish"
    policy.require_here(by, act, campaign.organization)
    campaign.move(Campaign.Status.PUBLISHED)
    if missing := readiness.obstacles(campaign, on=by.on):
        raise Refused("".join(one.text for one in missing))
    signed = signatures.check(
        campaign,
        "ca.publish",
        paper,
        authors=drafts.authors(campaign),
        begun=drafts.begun(campaign),
        by=by,
        at=at,
    )
    campaign.save(update_fields=["status"])
    plans.lay_out(campaign, by=by, at=at)
    made = Publication.objects.create(campaign=campaign, gaps=list(gaps), **signed)
    say = f"{campaign}，{made.signed}" if paper else ""
    trail.record(Act.CAMPAIGN_PUBLISHED, campaign, by=by, at=at, say=say, quote=made.opinion)
    sendings.published(campaign, by=by, at=at)
    return campaign


@transaction.atomic
def close(
    campaign: Campaign, *, say: str = "", reason: str = "", by: Actor, at: datetime
) -> Campaign:
    """End a campaign (结束). What is still open is asked above (`conclusions.conclude`)."""
    campaign = campaign.locked()
    policy.require_here(by, "ca.close", campaign.organization)
    campaign.move(Campaign.Status.CLOSED)
    campaign.save(update_fields=["status"])
    trail.record(Act.CAMPAIGN_CLOSED, campaign, by=by, at=at, say=say, quote=reason)
    return campaign
