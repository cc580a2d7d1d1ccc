"""What of a campaign waits for a leader: a draft that was sent to be published (送请批准发布), a
change that was asked for; who is told of either, and of what became of it.

Told is who may decide, and not who wrote or asked (SOD-01). Where there is nobody, the paper way
is left, and whoever sends is told so.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from campaigns import policy
from campaigns.actions import drafts, readiness, signatures
from campaigns.models import Act, Campaign, CampaignPlan, ChangeRequest
from reform.actions import notices, trail
from reform.errors import Refused
from reform.models import Actor, Duty, Event, Role, User
from reform.models.delegation import holding

SENT = (
    *("sent_edition", "sent_by", "sent_at"),
    *("returned_by", "returned_at", "return_reason"),
)


def deciders(campaign: Campaign, act: str, *, authors: Iterable[User], on: date) -> list[User]:
    """Return who may decide that day, in his own place or for somebody on leave, and has an inbox;
    neither one of the authors, nor who stands in for one."""
    lineage = campaign.organization.lineage
    led = Duty.objects.in_force(on).filter(organization__path__in=lineage, role=Role.LEADER)
    barred = {user.person_id for user in authors}
    return [
        user
        for user in holding(led, on=on)
        if user.person_id not in barred
        and notices.reads(user)
        and _may(Actor.of(user, on=on), act, campaign, barred)
    ]


def _may(actor: Actor, act: str, campaign: Campaign, barred: set[int]) -> bool:
    """A duty lent by an author counts for nothing (SOD-14)."""
    own = [duty for duty in actor.duties if not (duty.behalf and duty.behalf.person_id in barred)]
    return policy.may_here(actor.only(*own), act, campaign.organization)


# ---------------------------------------------------------------- drafts


@transaction.atomic
def send(campaign: Campaign, *, by: Actor, at: datetime) -> Campaign:
    """Send a draft to those who may publish it, as it now is; changed afterwards, it is to be sent
    again.

    Raises Refused with everything that the draft lacks, or where nobody in the system may publish.
    """
    plan = drafts.locked_plan(campaign, "ca.create", by=by)
    campaign = plan.campaign
    if missing := readiness.obstacles(campaign, on=by.on):
        raise Refused("".join(one.text for one in missing))
    if plan.is_sent:
        raise Refused("这份草案已送请批准，不需要再送；修改之后可以重新送请。")
    people = deciders(
        campaign, "ca.publish", authors=[*drafts.authors(campaign), by.user], on=by.on
    )
    if not people:
        raise Refused("没有可以批准发布的领导账号（起草人不能自己批准），请领导在纸上签批后录入。")
    notices.settle_below(drafts.sent_key(campaign), at=at)
    plan.sent_edition, plan.sent_by, plan.sent_at = plan.edition, by.user, at
    plan.returned_by, plan.returned_at, plan.return_reason = None, None, ""
    plan.save(update_fields=SENT)
    notices.settle_below(drafts.returned_key(campaign), at=at)
    names = "、".join(user.name for user in people)
    trail.record(
        Act.PUBLISHING_ASKED,
        campaign,
        by=by,
        at=at,
        say=f"{campaign}，送{names}",
        count=len(people),
    )
    notices.post(
        people,
        subject=f"请批准发布：{campaign}（{by.user.name}送请）",
        # With the moment: what came back may be sent again as it is, after a word between the two.
        key=f"{drafts.sent_key(campaign)}{plan.edition}:{at:%Y%m%d%H%M%S}",
        event=Event.SYSTEM,
        url=reverse("draft", args=[campaign.pk]),
        at=at,
        by=by,
    )
    return campaign


@transaction.atomic
def give_back(campaign: Campaign, *, reason: str, by: Actor, at: datetime) -> Campaign:
    """Send a draft back to its office (退回修改) with a reason: who may publish it may, an author
    may not. Nothing of the draft changes; changed or not, it can be sent again.

    Raises Refused where it does not wait for anybody.
    """
    plan = drafts.locked_plan(campaign, "ca.publish", by=by)
    campaign = plan.campaign
    writers = drafts.authors(campaign)
    signatures.keep_out(writers, by)
    if not plan.is_sent:
        raise Refused("这份草案现在没有送请批准，或送请之后又修改过，不需要退回。")
    if not reason:
        raise Refused("请写明退回的理由，起草人才知道改什么。")
    sender = plan.sent_by
    plan.sent_edition = plan.sent_by = plan.sent_at = None
    plan.returned_by, plan.returned_at, plan.return_reason = by.user, at, reason
    plan.save(update_fields=SENT)
    trail.record(Act.PUBLISHING_RETURNED, campaign, by=by, at=at, quote=reason)
    notices.settle_below(drafts.sent_key(campaign), at=at)
    notices.post(
        {*writers, *([sender] if sender else [])},
        subject=f"草案已退回修改：{campaign}（{by.user.name}：{reason}）",
        key=f"{drafts.returned_key(campaign)}{at:%Y%m%d%H%M%S}",
        event=Event.SYSTEM,
        url=reverse("draft", args=[campaign.pk]),
        at=at,
        by=by,
    )
    return campaign


def published(campaign: Campaign, *, by: Actor, at: datetime) -> None:
    """Nobody is waited for any more; who sent it and who wrote it hear that it is out."""
    notices.settle_below(drafts.sent_key(campaign), at=at)
    notices.settle_below(drafts.returned_key(campaign), at=at)
    plan = CampaignPlan.objects.filter(campaign=campaign).select_related("sent_by").first()
    sender = [plan.sent_by] if plan and plan.sent_by else []
    notices.post(
        {*sender, *drafts.authors(campaign)},
        subject=f"已批准发布：{campaign}",
        key=f"published:{campaign.pk}",
        event=Event.SYSTEM,
        url=reverse("campaign", args=[campaign.pk]),
        at=at,
        by=by,
    )


# ---------------------------------------------------------------- changes


def asked(row: ChangeRequest, *, by: Actor, at: datetime, authors: Iterable[User]) -> None:
    """A change waits: who may decide it is told."""
    notices.post(
        deciders(row.campaign, "ca.change_approve", authors=authors, on=by.on),
        subject=f"请批准变更：{row}，{by.user.name}申请",
        key=f"change:{row.pk}",
        event=Event.SYSTEM,
        url=reverse("change-decide", args=[row.pk]),
        at=at,
        by=by,
    )


def decided(row: ChangeRequest, *, by: Actor, at: datetime, authors: Iterable[User]) -> None:
    """It was approved or not, or taken back: nobody is waited for, who asked hears of it."""
    notices.settle(f"change:{row.pk}", at=at)
    opinion = f"：{row.opinion}" if row.opinion else ""
    notices.post(
        authors,
        subject=f"变更申请{row.get_status_display()}：{row}{opinion}",
        key=f"change:{row.pk}:{row.status}",
        event=Event.SYSTEM,
        url=reverse("campaign", args=[row.campaign_id]),
        at=at,
        by=by,
    )
