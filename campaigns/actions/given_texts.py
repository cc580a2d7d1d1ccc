"""Giving a text to be compared with, and taking it back (比对材料)."""

from datetime import datetime

from django.db import transaction

from campaigns import policy
from campaigns.actions import likenesses
from campaigns.models import Act, Campaign, GivenText
from reform.actions import trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Organization

Kind = GivenText.Kind
LONGEST = 100_000  # characters of one text
MOST = likenesses.COMPARED  # of one kind, of one organization or person: all of them are read


@transaction.atomic
def give(
    campaign: Campaign,
    *,
    kind: Kind,
    title: str,
    year: int,
    text: str,
    organization: Organization | None = None,
    by: Actor,
    at: datetime,
) -> GivenText:
    """Keep a text for comparing: of the `organization` and all below it, or one's own.

    Raises Forbidden for who may not give the organization's, Refused when there is nothing to
    compare, too much, or the place has no part in the campaign.
    """
    campaign = campaign.locked()
    own = kind == Kind.EARLIER
    place = _home(by) if own else organization
    if place is None:
        raise Refused("请选择这份材料是哪个单位的。")
    if own:
        policy.require_self(by, "se.create")
    else:
        policy.require_here(by, "rt.give", place)
    if not campaign.is_open:
        raise Refused(f"“{campaign}”{campaign.get_status_display()}，不再比对新的材料。")
    if not campaign.includes(place) and place != campaign.organization:
        raise Refused(f"“{place}”没有参加“{campaign}”，请核对单位。")
    if not text:
        raise Refused("材料里没有文字，请粘贴正文或换一个文件。")
    if len(text) > LONGEST:
        raise Refused(f"材料最多{LONGEST}字，现在有{len(text)}字，请分成几份提供。")
    mine = GivenText.objects.filter(kind=kind, campaign=campaign)
    mine = mine.of(by) if own else mine.filter(organization=place)
    if mine.count() >= MOST:
        raise Refused(f"同类材料最多{MOST}份，请先撤下用不着的。")
    made = GivenText.objects.create(
        kind=kind,
        campaign=campaign,
        organization=place,
        author=by.user if own else None,
        title=title,
        year=year,
        given_by=by.user,
        given_at=at,
    )
    likenesses.keep(
        kind,
        campaign=campaign,
        author=made.author,
        organization=place,
        source=made.pk,
        text=text,
        year=year,
    )
    trail.record(Act.TEXT_GIVEN, campaign, by=by, at=at, say=_named(made))
    return made


def _home(by: Actor) -> Organization:
    if by.home is None:
        raise Refused("您目前没有所属的党组织，请联系单位管理员核对后再办理。")
    return by.home


def _named(row: GivenText) -> str:
    """What somebody wrote in earlier years is his own affair: the trail does not name it."""
    if row.author:
        return row.get_kind_display()
    return f"{row.organization}：{row.get_kind_display()}“{row}”"


@transaction.atomic
def take_back(given: GivenText, *, by: Actor, at: datetime) -> None:
    """Compare with it no longer; its text goes at once."""
    row = GivenText.objects.select_for_update(of=["self"]).filter(pk=given.pk).first()
    if row is None:
        raise Refused("这份材料已经撤下。")
    if row.author is None:
        policy.require_here(by, "rt.give", row.organization)
    elif row.author.person_id != by.user.person_id:
        raise Forbidden("只有本人能撤下自己的往年材料。")
    likenesses.forget(row.kind, row.pk)
    trail.record(Act.TEXT_TAKEN_BACK, row.campaign, by=by, at=at, say=_named(row))
    row.delete()
