"""Drafting and publishing campaigns, with the words, sources and chains each carries."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction

from campaigns import policy
from campaigns.actions import reminder_rules
from campaigns.models import (
    Act,
    Campaign,
    Checklist,
    ClosingLevel,
    ClosingStep,
    Item,
    Participation,
    Source,
)
from reform.actions import trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Organization, TrailEntry

Kind = ClosingStep.Kind

CHECKLIST = "自查清单"  # what a campaign of one list calls it
# Sources a campaign begins with: name, other words for it, from above or outside (DESIGN §3).
SOURCES: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("自己找", ("自己查找", "自查", "自我查摆", "自己查摆"), False),
    ("上级点", ("上级点评", "领导点"), False),
    ("互相提", ("相互提", "互提", "征求意见"), False),
    ("集体议", ("集体研究", "集体查摆"), False),
    ("督导检查", ("纪委抽查", "督导", "检查发现", "抽查"), False),
    ("上级反馈", ("督察反馈", "上级督察", "上级指出", "反馈意见"), True),
    ("巡视巡察", ("巡察", "巡视"), True),
    ("审计", ("审计发现", "审计反馈"), True),
    ("信访", ("群众信访", "群众反映", "来信来访", "投诉"), False),
    ("暗访", ("交叉暗访", "明察暗访"), True),
    ("民主生活会", ("组织生活会", "专题民主生活会"), False),
    ("领导交办", ("领导批示", "交办"), True),
    ("由案例引出", ("案例", "以案促改"), False),
    ("其他", (), False),
)
# Closing levels a campaign begins with: name, which rows get it, its chain (DESIGN §3).
LEVELS: tuple[tuple[str, dict[str, bool], tuple[ClosingStep.Kind, ...]], ...] = (
    ("个人问题", {"for_personal": True}, (Kind.ENDORSE,)),
    (
        "重点及上级指出问题",
        {"for_key": True, "for_from_above": True},
        (Kind.ENDORSE, Kind.VERIFY, Kind.RECHECK, Kind.APPROVE),
    ),
    ("单位一般问题", {"for_rest": True}, (Kind.ENDORSE, Kind.VERIFY)),
)


@transaction.atomic
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
    """Set up a campaign with its items (name, description), sources, closing levels and rules."""
    policy.require_here(by, "ca.create", organization)
    campaign = Campaign.objects.create(
        title=title, code=code, organization=organization, starts_on=starts_on, ends_on=ends_on
    )
    checklist = Checklist.objects.create(campaign=campaign, position=1, title=CHECKLIST)
    Item.objects.bulk_create(
        Item(
            campaign=campaign,
            checklist=checklist,
            position=place,
            name=name,
            description=description,
        )
        for place, (name, description) in enumerate(items, start=1)
    )
    Source.objects.bulk_create(
        Source(
            campaign=campaign,
            position=place,
            name=name,
            also=list(also),
            from_above=from_above,
            other=name == "其他",
        )
        for place, (name, also, from_above) in enumerate(SOURCES, start=1)
    )
    _make_levels(campaign)
    reminder_rules.set_up(campaign, at=at)
    Participation.objects.bulk_create(
        Participation(campaign=campaign, organization=place) for place in participants
    )
    trail.record(Act.CAMPAIGN_DRAFTED, campaign, by=by, at=at)
    return campaign


def _make_levels(campaign: Campaign) -> None:
    for place, (name, fits, chain) in enumerate(LEVELS, start=1):
        level = ClosingLevel.objects.create(campaign=campaign, position=place, name=name, **fits)
        ClosingStep.objects.bulk_create(
            ClosingStep(level=level, position=position, kind=kind)
            for position, kind in enumerate(chain, start=1)
        )


@transaction.atomic
def publish(campaign: Campaign, *, by: Actor, at: datetime) -> Campaign:
    """Open a campaign: a leader of its organization or above, and not its author (SOD-01)."""
    campaign = campaign.locked()
    policy.require_here(by, "ca.publish", campaign.organization)
    drafted = TrailEntry.objects.of(campaign).filter(act=Act.CAMPAIGN_DRAFTED).first()
    if drafted and drafted.by and drafted.by.person_id == by.user.person_id:
        raise Forbidden("活动方案的起草人不能自己批准发布。")
    if not campaign.items.exists() or not campaign.participations.exists():
        raise Refused("请先填写条目和参加单位，再批准发布。")
    campaign.move(Campaign.Status.PUBLISHED)
    campaign.save(update_fields=["status"])
    trail.record(Act.CAMPAIGN_PUBLISHED, campaign, by=by, at=at)
    return campaign
