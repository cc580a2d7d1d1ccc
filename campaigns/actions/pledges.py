"""Pledges (公开承诺): signed, signed anew, and what the pledger says became of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns import policy
from campaigns.actions import reviewers
from campaigns.actions.homes import home_in
from campaigns.models import Act, Campaign, Fulfilment, Pledge, PledgeItem, PledgeReader
from campaigns.models.pledge import MOST
from reform import deadlines
from reform.actions import trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Organization, User

KEPT = "您写的内容都还保留着。"


@transaction.atomic
def sign(
    campaign: Campaign,
    *,
    team: Organization | None,
    is_public: bool,
    promises: Sequence[Mapping[str, str]],
    promise: str = "",
    by: Actor,
    at: datetime,
) -> Pledge:
    """Sign one's own pledge, or, as secretary or leader, that of the team of `team`; what was
    signed before stays, and this is its next version.

    Each of `promises` is {text, due_text}. `promise` says who would read one that is not public, as
    the page named them (`reviewers.key_of`). Raises Forbidden for who may not sign, Refused when
    the campaign is over, a deadline cannot be read, or others would read it than were named.
    """
    campaign = campaign.locked()
    if not campaign.is_open:
        raise Refused(f"“{campaign}”{campaign.get_status_display()}，不能签署承诺。{KEPT}")
    place = _signing_for(campaign, team, by=by)
    before = latest_of(campaign, team, by=by)
    items = _items(campaign, promises, before=before, on=by.on)
    if before and not _differs(before, items, is_public):
        raise Refused("与现在的承诺完全相同，不需要另签一版。")
    seats = [] if is_public or team else reviewers.of(by.user, place, on=by.on)
    if not (is_public or team) and reviewers.key_of(seats) != promise:
        raise Refused(f"阅看人刚刚有变化，请核对页面上现在列出的阅看人，再签署。{KEPT}")
    made = Pledge.objects.create(
        campaign=campaign,
        organization=place,
        person=None if team else (before.person if before else by.user),
        is_public=is_public,
        number=before.number + 1 if before else 1,
        replaces=before,
        size=len(items),
        made_on=by.on,
        signed_by=by.user,
        signed_name=by.user.name,
        signed_post=by.user.post,
        signed_at=at,
    )
    for item in items:
        item.pledge = made
        item.save()
    _name_readers(made, seats)
    if before:
        _carry_over(before, made)
    say = f"{made}，{made.size}项，{'公开' if is_public else '不公开'}"
    trail.record(Act.PLEDGE_SIGNED, made, by=by, at=at, say=say, count=made.size)
    return made


def _signing_for(campaign: Campaign, team: Organization | None, *, by: Actor) -> Organization:
    if team is None:
        policy.require_self(by, "pl.write")
        return home_in(campaign, by=by)
    policy.require_here(by, "pl.sign", team)
    if team.is_retired(by.on):
        raise Refused(f"“{team}”已撤销，不能签署承诺。")
    if not campaign.includes(team):
        raise Refused(f"“{team}”没有参加“{campaign}”，不能签署承诺。")
    return team


def latest_of(campaign: Campaign, team: Organization | None, *, by: Actor) -> Pledge | None:
    """Return what the actor, or the team, has promised by now."""
    rows = Pledge.objects.filter(campaign=campaign).current()
    rows = rows.of(by) if team is None else rows.filter(person=None, organization=team)
    return rows.order_by("pk").last()


def _items(
    campaign: Campaign,
    promises: Sequence[Mapping[str, str]],
    *,
    before: Pledge | None,
    on: date,
) -> list[PledgeItem]:
    """Return the promises, their deadlines read; one that stood before keeps its day."""
    if not promises:
        raise Refused("请至少写一项承诺，写明做什么、什么时候做到。")
    if len(promises) > MOST:
        raise Refused(f"一份承诺最多{MOST}项，请合并或精简；您写的内容都还保留着。")
    known = {item.says: item.due_on for item in before.items.all()} if before else {}
    items = []
    for place, one in enumerate(promises, start=1):
        item = PledgeItem(position=place, text=one["text"], due_text=one["due_text"])
        if item.says in known:
            item.due_on = known[item.says]
        else:
            item.due_on = due_of(item.due_text, place=place, year=campaign.year, on=on)
        items.append(item)
    return items


def due_of(text: str, *, place: int, year: int, on: date) -> date | None:
    """Return the day by which a promise is to be kept; none for one that is for good."""
    found = deadlines.read(text, year=year, on=on)
    if found.fault or found.kind == "undetermined":
        raise Refused(
            f"第{place}项的时限“{text}”没有读懂，请写成“9月底前”“2026年9月30日”或“长期坚持”。{KEPT}"
        )
    due = found.due_on or (on + timedelta(days=found.days) if found.days else None)
    if due and due < on:
        raise Refused(f"第{place}项的时限“{text}”已经过了，请改成今后的日子。{KEPT}")
    return due


def _differs(before: Pledge, items: list[PledgeItem], is_public: bool) -> bool:
    says = [item.says for item in before.items.all()]
    return before.is_public != is_public or says != [item.says for item in items]


def _name_readers(pledge: Pledge, seats: Sequence[reviewers.Seat]) -> None:
    for seat in seats:
        PledgeReader.objects.create(
            pledge=pledge,
            person=seat.person,
            words=seat.words[:200],
            role=seat.duty.role,
            organization=seat.duty.organization,
        )


def carried(before: Pledge, after: Pledge) -> list[tuple[PledgeItem, PledgeItem]]:
    """Return (earlier, later) of the promises that stand in both versions in the same words."""
    known = {item.says: item for item in before.items.all()}
    return [(known[item.says], item) for item in after.items.all() if item.says in known]


def _carry_over(before: Pledge, after: Pledge) -> None:
    """What was said of a promise goes with it into the next version, as it was said."""
    Fulfilment.objects.bulk_create(
        Fulfilment(
            item=later,
            text=row.text,
            done_on=row.done_on,
            entered_by=row.entered_by,
            entered_at=row.entered_at,
        )
        for earlier, later in carried(before, after)
        for row in earlier.fulfilments.all()
    )


# ---------------------------------------------------------------- kept or not


def is_pledgers(pledge: Pledge, actor: Actor) -> bool:
    """Whether the actor answers for the pledge: his own, or his team's."""
    if pledge.is_teams:
        return policy.may_here(actor, "pl.sign", pledge.organization)
    return pledge.person_id in set(User.objects.of_person(actor.user).values_list("pk", flat=True))


def require_pledger(pledge: Pledge, *, by: Actor) -> None:
    if pledge.is_teams:
        policy.require_here(by, "pl.sign", pledge.organization)
    elif not is_pledgers(pledge, by):
        raise Forbidden("只有承诺人本人能办理自己的承诺。")


def locked(item: PledgeItem, *, by: Actor) -> PledgeItem:
    """Return a promise for its pledger, its campaign locked.

    Raises Forbidden for everybody else, Refused when the campaign is over or another version was
    signed meanwhile.
    """
    campaign: Campaign = item.pledge.campaign.locked()
    row = PledgeItem.objects.select_related("pledge__organization", "pledge__campaign").get(
        pk=item.pk
    )
    require_pledger(row.pledge, by=by)
    if not campaign.is_open:
        raise Refused(f"“{campaign}”{campaign.get_status_display()}，不能再办理承诺。")
    if Pledge.objects.filter(replaces=row.pledge).exists():
        raise Refused("这份承诺已经另签了新版，请在新版上办理。")
    return row


@transaction.atomic
def fulfil(item: PledgeItem, *, text: str, done_on: date, by: Actor, at: datetime) -> Fulfilment:
    """Say that a promise is kept: what was done, and which day. Asked of the ledger above."""
    row = locked(item, by=by)
    if not text:
        raise Refused("请写明做了什么、做到什么程度。")
    if done_on > by.on:
        raise Refused("完成日期不能晚于今天；做到以后再填报。")
    if done_on < row.pledge.campaign.starts_on:
        raise Refused("完成日期早于活动开始日期，请改正。")
    facts: dict[str, Any] = {"text": text, "done_on": done_on}
    if row.fulfilments.filter(**facts).exists():
        raise Refused("同样的内容已经填报过。")
    made = Fulfilment.objects.create(item=row, entered_by=by.user, entered_at=at, **facts)
    say = f"{row}，{done_on}完成"
    trail.record(Act.PLEDGE_FULFILLED, row.pledge, by=by, at=at, say=say, quote=text)
    return made
