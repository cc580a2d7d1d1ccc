"""Pledges and the ledger (承诺兑现): which problems a promise is about, and when it counts as kept.

A promise that is about a problem is kept when the ledger says so; of others the pledger says it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from campaigns.actions import pledges
from campaigns.models import Campaign, Fulfilment, Pledge, PledgeItem
from rectification.models import Act, PledgeLink, Problem
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Organization

READ = 500  # rows of a unit that are looked through for those a promise may be about
OPEN = "关联的问题还没有销号，兑现情况以台账为准；销号以后再填报，或先取消关联。"


@transaction.atomic
def sign(
    campaign: Campaign,
    *,
    team: Organization | None,
    is_public: bool,
    promises: Sequence[Mapping[str, str]],
    promise: str,
    by: Actor,
    at: datetime,
) -> Pledge:
    """Sign a pledge (`pledges.sign`); a promise that stood in the version before in the same words
    keeps its problems."""
    made = pledges.sign(
        campaign,
        team=team,
        is_public=is_public,
        promises=promises,
        promise=promise,
        by=by,
        at=at,
    )
    if made.replaces:
        PledgeLink.objects.bulk_create(
            PledgeLink(
                item=later,
                problem_id=link.problem_id,
                linked_by_id=link.linked_by_id,
                linked_at=link.linked_at,
            )
            for earlier, later in pledges.carried(made.replaces, made)
            for link in earlier.links.all()
        )
    return made


def linkable(pledge: Pledge, *, by: Actor) -> list[Problem]:
    """Return the problems that a promise may be about: on the ledger of the campaign, which the
    pledger reads, and which are his own or his unit's; a team's are not personal."""
    rows = Problem.objects.visible_to(by).filter(campaign=pledge.campaign_id).counted()
    rows = rows.filter(organization=pledge.organization_id).prefetch_related("people")
    found = list(rows.order_by("-pk")[:READ])
    return [row for row in found if _is_theirs(row, pledge, by)]


def _is_theirs(row: Problem, pledge: Pledge, by: Actor) -> bool:
    if not row.is_personal:
        return row.organization_id == pledge.organization_id
    return not pledge.is_teams and row.is_own_of(by)


@transaction.atomic
def link(item: PledgeItem, *, problems: Sequence[Problem], by: Actor, at: datetime) -> PledgeItem:
    """Say which problems a promise is about; links to rows that the pledger may no longer read
    stay.

    Raises Forbidden for everybody else, Refused for a problem that is not his or his unit's.
    """
    row = pledges.locked(item, by=by)
    wanted = {problem.pk for problem in problems}
    seen = Problem.objects.visible_to(by).filter(campaign=row.pledge.campaign_id).counted()
    found = list(seen.filter(pk__in=wanted).prefetch_related("people"))
    known = set(row.links.values_list("problem", flat=True))
    new = sorted((one for one in found if one.pk not in known), key=lambda one: one.pk)
    if len(found) != len(wanted) or not all(_is_theirs(one, row.pledge, by) for one in new):
        raise Refused(
            "只能关联这项活动中已入账、您能查看的问题，而且是您本人或您单位的，请核对编号。"
        )
    if row.fulfilments.exists() and any(one.status != Problem.Status.CLOSED for one in new):
        raise Refused("这项承诺已填报兑现，不能再关联还没有销号的问题。")
    mine = row.links.filter(problem__in=seen.order_by().values("pk"))
    mine.exclude(problem__in=wanted).delete()
    PledgeLink.objects.bulk_create(
        PledgeLink(item=row, problem=one, linked_by=by.user, linked_at=at) for one in new
    )
    # Which problems, only those may know who read them: the trail says how many.
    say = f"{row}，关联{row.links.count()}个问题"
    trail.record(Act.PLEDGE_LINKED, row.pledge, by=by, at=at, say=say)
    return row


@transaction.atomic
def fulfil(item: PledgeItem, *, text: str, done_on: date, by: Actor, at: datetime) -> Fulfilment:
    """Say that a promise is kept (`pledges.fulfil`), unless the ledger says that it is not."""
    row = pledges.locked(item, by=by)
    if row.links.exclude(problem__status=Problem.Status.CLOSED).exists():
        raise Refused(OPEN)
    return pledges.fulfil(row, text=text, done_on=done_on, by=by, at=at)
