"""Asking organizations to look at one question of their own by a day (对照排查, 举一反三)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from campaigns import policy
from campaigns.actions.weekly_plans import taking_part
from campaigns.models import Act, Campaign, SweepRequest
from campaigns.models.sweep import FILL
from campaigns.models.sweep_roll import Sought, obliged
from reform.actions import notices, trail
from reform.errors import Refused
from reform.models import Actor, Duty, Event, Organization, User
from reform.models.organization import OrganizationQuerySet
from reform.models.scope import Reach

MOST = 200  # requests in one campaign


def may_ask(by: Actor, campaign: Campaign) -> bool:
    """Whether there are organizations of the campaign that the actor may ask."""
    return by.holds(*policy.TABLE["sw.ask"][1]) and campaign.is_open


def to_ask(campaign: Campaign, *, by: Actor) -> OrganizationQuerySet:
    """Return whom the actor may ask: what takes part in his part of the tree and has somebody who
    answers, in official order."""
    reach = Reach.of(by, policy.TABLE["sw.ask"][1], key="pk")
    places = taking_part(campaign, on=by.on)
    places = places if reach.whole else places.filter(reach.condition())
    return obliged(Sought(campaign), places, on=by.on)


@transaction.atomic
def ask(
    campaign: Campaign,
    *,
    question: str,
    explanation: str,
    due_on: date,
    organizations: Iterable[Organization],
    by: Actor,
    at: datetime,
) -> SweepRequest:
    """Ask the organizations named, or all that the actor may ask when none is, and tell them.

    Raises Forbidden for one outside the actor's part of the tree; Refused for one that does not
    take part or has nobody who could answer, a day that is past, or a campaign that is not open.
    """
    campaign = campaign.locked()
    held = next(iter(by.holding(*policy.TABLE["sw.ask"][1])), None)
    home = held.organization if held else campaign.organization
    policy.require_here(by, "sw.ask", home)
    if not campaign.is_open:
        raise Refused("活动不在进行中，不能发起对照排查。")
    if not by.on <= due_on <= campaign.ends_on:
        raise Refused("完成日期应在今天以后、活动结束以前。")
    if campaign.sweep_requests.count() >= MOST:
        raise Refused(f"一项活动最多发起{MOST}次对照排查，请归并后再发。")
    chosen = _chosen(campaign, list(organizations), by=by)
    row = SweepRequest.objects.create(
        campaign=campaign,
        organization=home,
        question=question,
        explanation=explanation,
        due_on=due_on,
        by=by.user,
        by_name=by.user.name,
        at=at,
    )
    row.asked.set(chosen)
    say = f"{campaign}，{len(chosen)}个单位，{due_on:%Y-%m-%d}前完成"
    trail.record(Act.SWEEP_ASKED, row, by=by, at=at, say=say, quote=question, count=len(chosen))
    _tell(row, by=by, at=at)
    return row


def _chosen(campaign: Campaign, named: list[Organization], *, by: Actor) -> list[Organization]:
    for organization in named:
        policy.require_here(by, "sw.ask", organization)
    may = to_ask(campaign, by=by)
    chosen = list(may.filter(pk__in=[one.pk for one in named]) if named else may)
    left = sorted({one.name for one in named} - {one.name for one in chosen})
    if left:
        raise Refused(f"{'、'.join(left[:5])}没有参加活动，或没有可以报送的书记、负责人，请核对。")
    if not chosen:
        raise Refused("没有可以排查的单位，请核对参加单位及其书记、负责人。")
    return chosen


def _tell(row: SweepRequest, *, by: Actor, at: datetime) -> None:
    duties = Duty.objects.in_force(by.on).filter(
        organization__in=row.asked.order_by().values("pk"), role__in=FILL
    )
    day = f"{row.due_on.month}月{row.due_on.day}日"
    notices.post(
        User.objects.filter(pk__in=duties.order_by().values("user"), is_active=True),
        subject=f"请于{day}前对照排查：{row.question[:100]}",
        key=f"sweep-request:{row.pk}",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
