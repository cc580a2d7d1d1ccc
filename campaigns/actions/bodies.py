"""Setting up who leads a campaign (组织领导): bodies, and the people in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Max

from campaigns import policy
from campaigns.models import Act, Body, BodyMember, Campaign
from campaigns.models.body import rank_of
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor, Organization, User

Kind = Body.Kind
COLUMNS = {"name": "名称", "host": "设在", "purpose": "职责", "plan": "方案"}
MOST_BODIES, MOST_MEMBERS = 20, 100
ONE_OF = (Kind.LEADING_GROUP, Kind.OFFICE)
LATE = "这个机构在您打开页面之后有人改过，请核对后再提交。"


@dataclass(frozen=True)
class NewMember:
    """Somebody to put into a body: an account, or None where the name is all there is."""

    title: str
    name: str
    post: str = ""
    user: User | None = None

    @property
    def person(self) -> Any:
        return self.user.person_id if self.user else self.name


@transaction.atomic
def create(
    campaign: Campaign,
    *,
    kind: str,
    facts: Mapping[str, Any],
    members: Sequence[NewMember] = (),
    since: date,
    by: Actor,
    at: datetime,
) -> Body:
    """Set up a body with its members; `facts` are COLUMNS.

    Raises Refused where the campaign has such a body already, or one of this name.
    """
    campaign = _to_edit(campaign, by=by)
    if since > by.on:
        raise Refused("设立日期不能晚于今天。")
    here = campaign.bodies.current()
    if here.count() >= MOST_BODIES:
        raise Refused(f"一项活动最多设{MOST_BODIES}个机构。")
    if kind in ONE_OF and here.filter(kind=kind).exists():
        raise Refused(f"已经设有{Kind(kind).label}，请在原有的上修改；需要重设的，先撤销原有的。")
    body = Body(campaign=campaign, kind=kind, since=since)
    _put(body, facts, on=by.on)
    body.save()
    say = f"{campaign}，{body}"
    trail.record(Act.BODY_CREATED, body, by=by, at=at, say=say, quote=body.purpose)
    if members:
        _add(body, members, since=since, by=by, at=at)
    record_draft(campaign, by=by, at=at)
    return body


@transaction.atomic
def change(body: Body, *, version: int, facts: Mapping[str, Any], by: Actor, at: datetime) -> Body:
    """Change what a body is. Raises Stale when it is no longer the one shown."""
    body = _locked(body, by=by)
    before = {name: getattr(body, name) for name in COLUMNS}
    if version != body.version:
        raise Stale(LATE, before, body.version)
    _put(body, facts, on=by.on)
    changed = [name for name in COLUMNS if getattr(body, name) != before[name]]
    if not changed:
        raise Refused("没有改动，无需保存。")
    body.version += 1
    body.save(update_fields=[*changed, "version"])
    say = f"{body.campaign}，{body}，修改{'、'.join(COLUMNS[name] for name in changed)}"
    quote = "；".join(f"原{COLUMNS[name]}：{before[name] or '（空）'}" for name in changed)
    _record(Act.BODY_CHANGED, body, by=by, at=at, say=say, quote=quote)
    return body


def _put(body: Body, facts: Mapping[str, Any], *, on: date) -> None:
    host: Organization | None = facts["host"]
    if not facts["name"]:
        raise Refused("请填写名称。")
    if facts["plan"] and not body.is_task_force:
        raise Refused("只有工作专班填写方案。")
    if host and host != body.host and host.is_retired(on):
        raise Refused(f"“{host}”已撤销，不能设在那里。")
    same = body.campaign.bodies.current().filter(name=facts["name"]).exclude(pk=body.pk)
    if same.exists():
        raise Refused(f"已有名为“{facts['name']}”的机构，请换一个名称。")
    for name in COLUMNS:
        setattr(body, name, facts[name])


@transaction.atomic
def dissolve(body: Body, *, until: date, reason: str, by: Actor, at: datetime) -> Body:
    """End a body and everybody's place in it; both stay to be read."""
    body = _locked(body, by=by)
    if not body.since <= until <= by.on:
        raise Refused(f"撤销日期应在设立之日（{body.since}）至今天之间。")
    for member in body.members.current():  # type: ignore[attr-defined]
        member.until = max(member.since, until)
        member.save(update_fields=["until"])
    body.until = until
    body.version += 1
    body.save(update_fields=["until", "version"])
    say = f"{body.campaign}，{body}（自{until}）"
    _record(Act.BODY_DISSOLVED, body, by=by, at=at, say=say, quote=reason)
    return body


# ---------------------------------------------------------------- members


@transaction.atomic
def add_members(
    body: Body, *, members: Sequence[NewMember], since: date, by: Actor, at: datetime
) -> list[BodyMember]:
    body = _locked(body, by=by)
    if not body.since <= since <= by.on:
        raise Refused(f"任职日期应在设立之日（{body.since}）至今天之间。")
    if not members:
        raise Refused("请填写组成人员。")
    rows = _add(body, members, since=since, by=by, at=at)
    record_draft(body.campaign, by=by, at=at)
    return rows


def _add(
    body: Body, members: Sequence[NewMember], *, since: date, by: Actor, at: datetime
) -> list[BodyMember]:
    """Put people behind those who are there. Raises Refused for somebody twice in one body."""
    now = list(body.members.current().select_related("user"))  # type: ignore[attr-defined]
    there = {row.user.person_id if row.user else row.name for row in now}
    if len(now) + len(members) > MOST_MEMBERS:
        raise Refused(f"一个机构最多{MOST_MEMBERS}人，现有{len(now)}人。")
    for one in members:
        if one.person in there:
            raise Refused(
                f"“{one.name}”已在“{body}”中，或者写了两次；职务有变动的，先登记离任再重新登记。"
            )
        there.add(one.person)
    last = body.members.aggregate(last=Max("position"))["last"] or 0
    rows = BodyMember.objects.bulk_create(
        BodyMember(
            body=body,
            title=one.title,
            rank=rank_of(one.title),
            position=place,
            user=one.user,
            name=one.name,
            post=one.post,
            since=since,
        )
        for place, one in enumerate(members, start=last + 1)
    )
    say = f"{body}，{'、'.join(map(str, rows))}"[:300]
    trail.record(Act.MEMBERS_ADDED, body, by=by, at=at, say=say, count=len(rows))
    return rows


@transaction.atomic
def end_members(
    body: Body,
    *,
    members: Sequence[BodyMember],
    until: date,
    mistaken: bool,
    reason: str,
    by: Actor,
    at: datetime,
) -> list[BodyMember]:
    """End somebody's place; of one entered by mistake nothing is shown any more."""
    body = _locked(body, by=by)
    rows = list(body.members.current().filter(pk__in=[one.pk for one in members]))  # type: ignore[attr-defined]
    if not rows or len(rows) != len(members):
        raise Refused("所选人员已有变动，请刷新页面后重新选择。")
    if until > by.on:
        raise Refused("离任日期不能晚于今天。")
    early = [row.name for row in rows if row.since > until and not mistaken]
    if early:
        raise Refused(f"{'、'.join(early)}的离任日期早于任职日期，请改正。")
    for row in rows:
        row.until, row.mistaken = max(row.since, until), mistaken
        row.save(update_fields=["until", "mistaken"])
    names = "、".join(map(str, rows))
    how = "误录" if mistaken else f"离任（{until}）"
    say = f"{body}，{names}{how}"[:300]
    _record(Act.MEMBERS_ENDED, body, by=by, at=at, say=say, quote=reason, count=len(rows))
    return rows


@transaction.atomic
def arrange(body: Body, *, order: Sequence[BodyMember], by: Actor, at: datetime) -> Body:
    """Put the members in this order; those of one title stay together whatever it says."""
    body = _locked(body, by=by)
    rows = {row.pk: row for row in body.members.current()}  # type: ignore[attr-defined]
    if set(rows) != {one.pk for one in order} or len(rows) != len(order):
        raise Refused("组成人员已有变动，请刷新页面后重新排序。")
    wanted = [rows[one.pk] for one in order]
    if all(row.position == place for place, row in enumerate(wanted, start=1)):
        raise Refused("次序没有变化，无需保存。")
    for place, row in enumerate(wanted, start=1):
        row.position = place
    BodyMember.objects.bulk_update(wanted, ["position"])
    say = f"{body}，{'、'.join(row.name for row in wanted)}"[:300]
    _record(Act.MEMBERS_ARRANGED, body, by=by, at=at, say=say)
    return body


# ---------------------------------------------------------------- what each begins and ends with


def _to_edit(campaign: Campaign, *, by: Actor) -> Campaign:
    campaign = campaign.locked()
    policy.require_here(by, "bd.edit", campaign.organization)
    if campaign.status == Campaign.Status.CLOSED:
        raise Refused("活动已经结束，组织领导不能再修改。")
    return campaign


def _locked(body: Body, *, by: Actor) -> Body:
    campaign = _to_edit(body.campaign, by=by)
    body = Body.objects.select_for_update().get(pk=body.pk)
    body.campaign = campaign
    if body.until:
        raise Refused(f"“{body}”已撤销，不能再修改。")
    return body


def _record(act: models.TextChoices, body: Body, *, by: Actor, at: datetime, **facts: Any) -> None:
    """Who sets up a draft's bodies is an author of the draft and does not approve it (SOD-01)."""
    trail.record(act, body, by=by, at=at, **facts)
    record_draft(body.campaign, by=by, at=at)


def record_draft(campaign: Campaign, *, by: Actor, at: datetime) -> None:
    if campaign.status == Campaign.Status.DRAFT:
        trail.record(Act.DRAFT_CHANGED, campaign, by=by, at=at, say=f"{campaign}，组织领导")
