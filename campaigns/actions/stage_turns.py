"""From one stage to the next (阶段转换): opened, closed, and the summary each ends with."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from campaigns import policy
from campaigns.actions import due_notices
from campaigns.actions.stages import said, save
from campaigns.models import Act, Campaign, Stage, StageChange
from reform.actions import attachments, notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Attachment, Duty, Event, Organization, Role, User
from reform.models.delegation import holding

Status = Stage.Status


@transaction.atomic
def open_next(stage: Stage, *, invited: bool, by: Actor, at: datetime) -> Stage:
    """Open the first stage of a published campaign; the others open as the one before closes."""
    campaign = _under_way(stage.campaign, by=by)
    stage = stage.locked()
    if open_ := campaign.stages.filter(status=Status.OPEN).first():
        raise Refused(f"“{open_}”正在进行，结束后自动进入下一阶段。")
    first = campaign.stages.filter(status=Status.PLANNED).first()
    if first is not None and first != stage:
        raise Refused(f"请从“{first}”开始。")
    _open(stage, by=by, at=at)
    _turn(campaign, None, stage, invited=invited, by=by, at=at)
    return stage


@transaction.atomic
def close(
    stage: Stage,
    *,
    missing: Sequence[Mapping[str, Any]],
    summary: str,
    attachment: Attachment | None,
    invited: bool,
    by: Actor,
    at: datetime,
) -> Stage:
    """Close a stage and open the next. `missing` is what it closes without, each with the code of
    the condition, its words and the names; who calls has found it out on all floors and asked."""
    campaign = _under_way(stage.campaign, by=by)
    stage = stage.locked()
    if stage.status == Status.CLOSED:
        raise Refused(f"“{stage}”已于{stage.closed_on:%Y-%m-%d}结束，不能再次结束。")
    stage.move(Status.CLOSED)
    stage.closed_on, stage.missing = by.on, [dict(one) for one in missing]
    _put_summary(stage, summary, attachment)
    save(stage, "status", "closed_on", "missing", "summary", "summary_file")
    due_notices.settle(stage, at=at)
    lacking = sum(len(one["names"]) for one in missing)
    say = f"{stage}（未完成{lacking}项，列名结束）" if lacking else f"{stage}（条件全部具备）"
    trail.record(Act.STAGE_CLOSED, stage, by=by, at=at, say=say, quote=summary, count=lacking)
    following = campaign.stages.filter(status=Status.PLANNED).first()
    if following is not None:
        following = following.locked()
        _open(following, by=by, at=at)
    _turn(campaign, stage, following, invited=invited, by=by, at=at)
    return stage


def _under_way(campaign: Campaign, *, by: Actor) -> Campaign:
    campaign = campaign.locked()
    policy.require_here(by, "st.close", campaign.organization)
    if not campaign.is_open:
        raise Refused("活动不在进行中，不能开始或结束阶段。")
    return campaign


def _open(stage: Stage, *, by: Actor, at: datetime) -> None:
    stage.move(Status.OPEN)
    save(stage, "status")
    trail.record(Act.STAGE_OPENED, stage, by=by, at=at, say=said(stage))


def _turn(
    campaign: Campaign,
    closed: Stage | None,
    opened: Stage | None,
    *,
    invited: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Note what was answered to 是否邀请纪检组监督, and offer them the report."""
    people = inspectors(campaign, on=by.on) if invited else []
    told = [user for user in people if notices.reads(user) and user != by.user]
    change = StageChange.objects.create(
        campaign=campaign,
        closed=closed,
        opened=opened,
        invited=invited,
        told=len(told),
        by=by.user,
        by_name=by.user.name,
        at=at,
    )
    report = "，附阶段总结" if closed and closed.has_summary else ""
    notices.post(
        told,
        subject=f"邀请监督：{campaign}{change}{report}",
        key=f"stage-change:{change.pk}",
        url=change.get_absolute_url(),
        event=Event.SYSTEM,
        at=at,
        by=by,
    )


def inspectors(campaign: Campaign, *, on: date) -> list[User]:
    """Return whom an invitation goes to: those at the leading organization, at the discipline
    bodies directly below it, and at those above; all of whom read the campaign."""
    top = campaign.organization
    bodies = Q(organization__parent=top, organization__kind=Organization.Kind.DISCIPLINE)
    held = Duty.objects.in_force(on).filter(
        Q(organization__path__in=top.lineage) | bodies, role=Role.INSPECTOR
    )
    return list(holding(held, on=on))


# ---------------------------------------------------------------- the summary


@transaction.atomic
def summarize(
    stage: Stage, *, text: str, attachment: Attachment | None, by: Actor, at: datetime
) -> Stage:
    """File the summary of a stage, or a better one while it is open; once closed, one that was
    missing."""
    stage = stage.locked()
    policy.require_here(by, "st.close", stage.campaign.organization)
    if stage.status == Status.PLANNED:
        raise Refused(f"“{stage}”还没有开始，不能提交总结。")
    if stage.status == Status.CLOSED and stage.has_summary:
        raise Forbidden(f"“{stage}”已结束并有总结，不能再改。")
    if not text and attachment is None:
        raise Refused("请填写总结，或上传总结文件。")
    _put_summary(stage, text, attachment)
    save(stage, "summary", "summary_file")
    trail.record(Act.STAGE_SUMMARIZED, stage, by=by, at=at, quote=text)
    return stage


def _put_summary(stage: Stage, text: str, attachment: Attachment | None) -> None:
    stage.summary = text
    if attachment is None:
        return
    if old := stage.summary_file:
        transaction.on_commit(lambda: attachments.drop(old))
    stage.summary_file = attachment
