"""Stages (阶段): set up from a plan, added, changed. Opening and closing: stage_turns."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from campaigns import policy
from campaigns.actions import due_notices
from campaigns.models import Act, Campaign, Condition, Stage
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor
from reform.text import clean

Status = Stage.Status
DAYS = ("starts_on", "ends_on")
COLUMNS = ("title", *DAYS, "goal", "conditions")
MOST = 20  # stages of one campaign
LATE = "这个阶段在您打开页面之后有人改过，请核对后再提交。"


# ---------------------------------------------------------------- planning


@transaction.atomic
def set_up(
    campaign: Campaign, planned: Iterable[Mapping[str, Any]], *, by: Actor, at: datetime
) -> list[Stage]:
    """Make the stages of a plan when its campaign is published; asks nobody, who publishes has.

    Each of `planned` has COLUMNS, days also as “2026-06-30”, goal and conditions may be left out.
    Stages that are there already stay, and nothing is added: they are what the office made of it.
    """
    campaign = campaign.locked()
    if known := list(campaign.stages.all()):
        return known
    rows = list(planned)
    if len(rows) > MOST:
        raise Refused(f"一项活动最多{MOST}个阶段，方案中有{len(rows)}个。")
    made = []
    for place, facts in enumerate(rows, start=1):
        row = Stage(campaign=campaign, position=place, **_facts(facts, place))
        _check(row, campaign)  # also against those before it
        row.save()
        made.append(row)
    if made:
        say = f"{campaign}：{'、'.join(row.title for row in made)}"[:300]
        trail.record(Act.STAGES_SET_UP, campaign, by=by, at=at, say=say, count=len(made))
    return made


def _facts(facts: Mapping[str, Any], place: int) -> dict[str, Any]:
    try:
        days = {name: _day(facts[name]) for name in DAYS}
        title = clean(str(facts["title"]), multiline=False)
    except (KeyError, ValueError) as error:
        raise Refused(f"方案第{place}个阶段缺少名称，或起止日期不对，请改正方案。") from error
    return {
        "title": title,
        "goal": clean(str(facts.get("goal", ""))),
        "conditions": list(facts.get("conditions", ())),
        **days,
    }


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


@transaction.atomic
def add(campaign: Campaign, *, facts: Mapping[str, Any], by: Actor, at: datetime) -> Stage:
    """Add a stage behind the others, before the first of them has begun."""
    campaign = _to_plan(campaign, by=by)
    if _has_begun(campaign):
        raise Refused("已经开始的活动不能再增加阶段；需要调整时间的，请修改阶段的起止日期。")
    if campaign.stages.count() >= MOST:
        raise Refused(f"一项活动最多{MOST}个阶段。")
    last = campaign.stages.aggregate(last=Max("position"))["last"] or 0
    row = Stage(campaign=campaign, position=last + 1, **_chosen(facts))
    _check(row, campaign)
    row.save()
    trail.record(Act.STAGE_ADDED, row, by=by, at=at, say=said(row))
    return row


@transaction.atomic
def shift(
    stage: Stage,
    *,
    version: int,
    days: Mapping[str, date],
    reason: str,
    by: Actor,
    at: datetime,
) -> Stage:
    """Move a stage, with the reason: the rest of it was approved. Raises Stale when it is no
    longer the one shown."""
    campaign = _to_plan(stage.campaign, by=by)
    stage = stage.locked()
    if version != stage.version:
        raise Stale(LATE, {name: getattr(stage, name) for name in DAYS}, stage.version)
    if stage.status == Status.CLOSED:
        raise Refused(f"“{stage}”已经结束，不能再修改。")
    was = said(stage)
    changed = [name for name in DAYS if getattr(stage, name) != days[name]]
    if not changed:
        raise Refused("没有改动，无需保存。")
    if not reason:
        raise Refused("活动已经发布，调整阶段时间须写明原因。")
    for name in changed:
        setattr(stage, name, days[name])
    _check(stage, campaign)
    save(stage, *changed)
    due_notices.settle(stage, at=at)
    say = f"{was} 改为 {said(stage)}"
    trail.record(Act.STAGE_CHANGED, stage, by=by, at=at, say=say, quote=reason)
    return stage


@transaction.atomic
def drop(stage: Stage, *, by: Actor, at: datetime) -> None:
    """Take a stage away that was planned by mistake, before the first of them has begun."""
    campaign = _to_plan(stage.campaign, by=by)
    stage = stage.locked()
    if _has_begun(campaign):
        raise Refused("活动的阶段已经开始，不能再删除。")
    if stage.excuses.exists():
        raise Refused(f"“{stage}”已有免计登记，不能删除。")
    trail.record(Act.STAGE_DROPPED, stage, by=by, at=at, say=said(stage))
    due_notices.settle(stage, at=at)
    stage.delete()


def _to_plan(campaign: Campaign, *, by: Actor) -> Campaign:
    campaign = campaign.locked()
    policy.require_here(by, "st.close", campaign.organization)
    if campaign.status == Campaign.Status.DRAFT:
        raise Refused("草案的阶段请在草案的“阶段安排”中填写，发布时按它设置。")
    if campaign.status == Campaign.Status.CLOSED:
        raise Refused("活动已经结束，阶段不能再变动。")
    return campaign


def _has_begun(campaign: Campaign) -> bool:
    return campaign.stages.exclude(status=Status.PLANNED).exists()


def _chosen(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in COLUMNS if name in facts}


def refuse_outside(campaign: Campaign, first: date, last: date) -> None:
    """Raise Refused, naming them, where stages lie outside the days a campaign is to have."""
    left = campaign.stages.filter(Q(starts_on__lt=first) | Q(ends_on__gt=last))
    if names := "、".join(said(row) for row in left):
        raise Refused(
            f"阶段{names}不在新的起止日期之内，请先调整阶段时间再变更；已经结束的阶段不能移出活动。"
        )


def _check(row: Stage, campaign: Campaign) -> None:
    """Raise Refused for what no stage can be."""
    if not row.title or len(row.title) > 40:
        raise Refused("阶段名称不能为空，最多40字。")
    if row.ends_on < row.starts_on:
        raise Refused(f"“{row}”的结束日期早于开始日期，请改正。")
    if row.starts_on < campaign.starts_on or row.ends_on > campaign.ends_on:
        raise Refused(f"“{row}”的起止日期应在活动的起止日期之内。")
    if unknown := [code for code in row.conditions if code not in Condition.values]:
        raise Refused(f"没有“{str(unknown[0])[:30]}”这个结束条件，请重新选择。")
    beside = campaign.stages.exclude(pk=row.pk)
    if beside.filter(title=row.title).exists():
        raise Refused(f"已有名为“{row.title}”的阶段。")
    earlier = Q(position__lt=row.position, starts_on__gt=row.starts_on)
    later = Q(position__gt=row.position, starts_on__lt=row.starts_on)
    if other := beside.filter(earlier | later).first():
        raise Refused(f"“{row}”与“{other}”的先后次序和日期不一致，请改正。")


def said(row: Stage) -> str:
    return f"{row}（{row.starts_on:%Y-%m-%d}至{row.ends_on:%Y-%m-%d}）"


def save(stage: Stage, *names: str) -> None:
    stage.version += 1
    stage.save(update_fields=[*names, "version"])
