"""Working on a draft of a campaign (活动草案): from a kit or an earlier campaign to ready."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns import policy
from campaigns.actions import kits
from campaigns.models import Act, Campaign, CampaignPlan, Kit, Participation
from campaigns.models.closing_level import FITS
from campaigns.models.kit import KitAssignment, KitLevel, KitSource, KitWeekly, plain
from reform.actions import notices, trail
from reform.errors import Refused
from reform.models import Actor, Organization, TrailEntry, User

BASICS = (
    *("title", "code", "starts_on", "ends_on", "word", "office_name"),
    *("at_once_days", "standing_review_days"),
)
MOST_PARTICIPANTS = 500
# Whoever did one of these is an author, and approves nothing (SOD-01).
AUTHORSHIP = (
    *(Act.CAMPAIGN_DRAFTED, Act.DRAFT_CHANGED, Act.CHECKLIST_CHANGED),
    Act.PUBLISHING_ASKED,
)


@transaction.atomic
def start(
    kit: Kit,
    *,
    title: str,
    code: str,
    organization: Organization,
    starts_on: date,
    ends_on: date | None = None,
    participants: Iterable[Organization],
    made_from: str = "",
    by: Actor,
    at: datetime,
) -> Campaign:
    """Begin a campaign from a kit. `made_from` says in words what the kit is; then differences to
    it are shown later on. Without `ends_on` it takes as many days as the kit says."""
    act = "kit.use" if made_from else "ca.create"
    policy.require_here(by, act, organization)
    campaign = Campaign.objects.create(
        title=title,
        code=code,
        organization=organization,
        starts_on=starts_on,
        ends_on=ends_on or starts_on + timedelta(days=kit.days - 1),
        word=kit.word,
        office_name=kit.office_name,
        at_once_days=kit.at_once_days,
        standing_review_days=kit.standing_review_days,
    )
    kits.lay(campaign, kits.completed(kit), made_from=made_from, at=at)
    Participation.objects.bulk_create(
        Participation(campaign=campaign, organization=place) for place in participants
    )
    say = f"{campaign}，由{made_from}" if made_from else ""
    trail.record(Act.CAMPAIGN_DRAFTED, campaign, by=by, at=at, say=say)
    return campaign


def start_here(kit: Kit, *, code: str, by: Actor, at: datetime, **facts: Any) -> Campaign:
    """The same from a page: a code that is taken is said in words."""
    if Campaign.objects.filter(code=code).exists():
        raise Refused(f"代码“{code}”已被另一项活动使用，请换一个。")
    return start(kit, code=code, by=by, at=at, **facts)


def authors(campaign: Campaign) -> list[User]:
    """Return who wrote the draft or any part of it or sent it in, and in whose place: the trail
    knows them."""
    entries = TrailEntry.objects.of(campaign).filter(act__in=AUTHORSHIP)
    keys = {entry.by_id for entry in entries}
    keys |= {entry.detail.get("in_place_of") for entry in entries}
    return list(User.objects.filter(pk__in=keys - {None}))


def begun(campaign: Campaign) -> date | None:
    """Return the day on which the draft was begun: no paper can approve it before."""
    entry = TrailEntry.objects.of(campaign).filter(act=Act.CAMPAIGN_DRAFTED).first()
    return timezone.localdate(entry.at) if entry else None


def to_edit(campaign: Campaign, act: str, *, edition: int | None, by: Actor) -> CampaignPlan:
    """Lock a draft for editing and return its plan; the caller works on `plan.campaign`.

    Raises Refused once it is published, and where somebody else has changed it since `edition`.
    """
    plan = locked_plan(campaign, act, by=by)
    if edition is not None and edition != plan.edition:
        raise Refused("这份草案刚被修改过，请打开新的页面核对后再保存；您填写的内容还在本页。")
    plan.edition += 1
    plan.save(update_fields=["edition"])
    return plan


def locked_plan(campaign: Campaign, act: str, *, by: Actor) -> CampaignPlan:
    """Lock a draft, and return its plan with it; raises Refused once it is published."""
    campaign = campaign.locked()
    policy.require_here(by, act, campaign.organization)
    if campaign.status != Campaign.Status.DRAFT:
        raise Refused("活动已批准发布，方案和清单不能再改；确需修改的，请提出变更申请。")
    plan, _ = CampaignPlan.objects.get_or_create(campaign=campaign)
    plan.campaign = campaign
    return plan


def sent_key(campaign: Campaign) -> str:
    """Under what those are told who may publish a draft that was sent to them."""
    return f"publish:{campaign.pk}:"


def returned_key(campaign: Campaign) -> str:
    """Under what its authors are told that it came back."""
    return f"publish-back:{campaign.pk}:"


def _changed(plan: CampaignPlan, what: str, *, by: Actor, at: datetime) -> Campaign:
    campaign = plan.campaign
    trail.record(Act.DRAFT_CHANGED, campaign, by=by, at=at, say=f"{campaign}，{what}")
    return campaign


@transaction.atomic
def set_basics(
    campaign: Campaign, *, facts: Mapping[str, Any], edition: int | None, by: Actor, at: datetime
) -> Campaign:
    """Change title, code, days and words; `facts` are BASICS. Stages move with the first day."""
    plan = to_edit(campaign, "ca.create", edition=edition, by=by)
    campaign = plan.campaign
    if facts["ends_on"] < facts["starts_on"]:
        raise Refused("结束日期早于开始日期，请改正。")
    if Campaign.objects.filter(code=facts["code"]).exclude(pk=campaign.pk).exists():
        raise Refused(f"代码“{facts['code']}”已被另一项活动使用，请换一个。")
    for key in BASICS:
        setattr(campaign, key, facts[key])
    campaign.save(update_fields=BASICS)
    return _changed(plan, "基本信息", by=by, at=at)


@transaction.atomic
def set_participants(
    campaign: Campaign,
    *,
    add: Sequence[Organization],
    remove: Sequence[Organization],
    edition: int | None,
    by: Actor,
    at: datetime,
) -> Campaign:
    """Let organizations take part, each with all below it, or no longer."""
    plan = to_edit(campaign, "ca.create", edition=edition, by=by)
    campaign = plan.campaign
    for place in add:
        if place.is_retired(by.on):
            raise Refused(f"“{place}”已撤销，不能参加。")
    campaign.participations.filter(organization__in=remove).delete()
    known = set(campaign.participations.values_list("organization", flat=True))
    new = {place.pk: place for place in add if place.pk not in known}
    if len(known) + len(new) > MOST_PARTICIPANTS:
        raise Refused(f"参加单位最多{MOST_PARTICIPANTS}个；选上级单位，即包括它的全部下级。")
    Participation.objects.bulk_create(
        Participation(campaign=campaign, organization=place) for place in new.values()
    )
    return _changed(plan, "参加单位", by=by, at=at)


@transaction.atomic
def set_stages(
    campaign: Campaign,
    *,
    rows: Sequence[Mapping[str, Any]],
    edition: int | None,
    by: Actor,
    at: datetime,
) -> Campaign:
    """Set the stages, each {title, starts_on, ends_on, goal, conditions}. Kept as days after the
    campaign's first, so that they move with it."""
    plan = to_edit(campaign, "ca.create", edition=edition, by=by)
    titles = [row["title"] for row in rows]
    if len(set(titles)) < len(titles):
        raise Refused("两个阶段名称相同，请改正。")
    first = plan.campaign.starts_on
    for row in rows:
        if not first <= row["starts_on"] <= row["ends_on"] <= plan.campaign.ends_on:
            raise Refused(f"阶段“{row['title']}”的日期应在活动起止日期之内，且结束不早于开始。")
    plan.stages = [
        {
            "title": row["title"],
            "offset": (row["starts_on"] - first).days,
            "days": (row["ends_on"] - row["starts_on"]).days + 1,
            "goal": row["goal"],
            "conditions": list(row["conditions"]),
        }
        for row in rows
    ]
    plan.save(update_fields=["stages"])
    return _changed(plan, "阶段安排", by=by, at=at)


@transaction.atomic
def set_assignments(
    campaign: Campaign,
    *,
    rows: Sequence[KitAssignment],
    edition: int | None,
    by: Actor,
    at: datetime,
) -> Campaign:
    plan = to_edit(campaign, "ca.create", edition=edition, by=by)
    plan.assignments = [plain(row.__dict__) for row in rows]
    plan.save(update_fields=["assignments"])
    return _changed(plan, "任务分解", by=by, at=at)


@transaction.atomic
def set_sources(
    campaign: Campaign, *, rows: Sequence[KitSource], edition: int | None, by: Actor, at: datetime
) -> Campaign:
    plan = to_edit(campaign, "ca.create", edition=edition, by=by)
    _no_name_twice([row.name for row in rows])
    if not any(row.other for row in rows):
        raise Refused("请保留“其他”：无法归类的问题要有去处。")
    plan.campaign.sources.all().delete()
    kits.lay_sources(plan.campaign, tuple(rows))
    return _changed(plan, "问题来源", by=by, at=at)


@transaction.atomic
def set_levels(
    campaign: Campaign, *, rows: Sequence[KitLevel], edition: int | None, by: Actor, at: datetime
) -> Campaign:
    """Set the closing levels; the first that fits a row is its own, so each kind has one."""
    plan = to_edit(campaign, "ca.create", edition=edition, by=by)
    _no_name_twice([row.name for row in rows])
    marks = [mark for row in rows for mark in row.fits]
    for code, words in FITS.items():
        if marks.count(code) != 1:
            raise Refused(f"“{words}”应有且只有一个销号层级，现在选了{marks.count(code)}个。")
    if short := next((row.name for row in rows if not row.chain), ""):
        raise Refused(f"层级“{short}”没有审核步骤，请至少选一步。")
    plan.campaign.closing_levels.all().delete()
    kits.lay_levels(plan.campaign, tuple(rows))
    return _changed(plan, "销号层级和审核链", by=by, at=at)


@transaction.atomic
def set_papers(
    campaign: Campaign,
    *,
    weekly: KitWeekly,
    reports: Mapping[str, str],
    edition: int | None,
    by: Actor,
    at: datetime,
) -> Campaign:
    """Set what reports are called, and the cut-offs with which the weekly plan will begin."""
    plan = to_edit(campaign, "ca.create", edition=edition, by=by)
    plan.weekly, plan.reports = plain(weekly.__dict__), dict(reports)
    plan.save(update_fields=["weekly", "reports"])
    return _changed(plan, "报告名称和周报截止", by=by, at=at)


@transaction.atomic
def drop(campaign: Campaign, *, by: Actor, at: datetime) -> None:
    """Delete a draft; the trail keeps that there was one."""
    plan = to_edit(campaign, "ca.create", edition=None, by=by)
    trail.record(Act.DRAFT_DROPPED, plan.campaign, by=by, at=at)
    notices.settle_below(sent_key(plan.campaign), at=at)
    notices.settle_below(returned_key(plan.campaign), at=at)
    plan.campaign.delete()


def _no_name_twice(names: Sequence[str]) -> None:
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise Refused(f"“{twice}”写了两次，请改正。")
