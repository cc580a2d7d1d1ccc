"""Setting who owes a weekly report in a campaign, and by when (周报安排)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns import policy
from campaigns.models import Act, Campaign, Level, Obligation, WeeklyPlan
from campaigns.models.campaign import Participation
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Duty, Organization, Role
from reform.models.organization import OrganizationQuerySet
from reform.models.scope import Reach
from reform.workdays import Calendar

COLUMNS = (
    "starts_on",
    "stops_on",
    "policy",
    "office_weekday",
    "office_hour",
    "branch_weekday",
    "branch_hour",
    "remind_workdays",
    "remind_minutes",
)
MOST = 20_000  # organizations that may owe a report in one campaign


@transaction.atomic
def plan(campaign: Campaign, *, facts: Mapping[str, Any], by: Actor, at: datetime) -> WeeklyPlan:
    """Ask for weekly reports, or for other days; `facts` are COLUMNS.

    Weeks that are over keep what was said then. Raises Refused for a campaign that is not open, an
    end before its beginning, or levels less than half a working day apart (DESIGN §4).
    """
    campaign = campaign.locked()
    policy.require_here(by, "nt.rules", campaign.organization)
    if not campaign.is_open:
        raise Refused("活动不在进行中，不能设置周报安排。")
    known = WeeklyPlan.objects.filter(campaign=campaign).first()
    made = WeeklyPlan(
        pk=known.pk if known else None, campaign=campaign, **{key: facts[key] for key in COLUMNS}
    )
    if not campaign.starts_on <= made.starts_on <= campaign.ends_on:
        raise Refused("从何日起报，应在活动的起止日期之内。")
    if made.stops_on and made.stops_on < made.starts_on:
        raise Refused("停报日期早于起报日期，请改正。")
    if made.office_weekday < made.branch_weekday:
        raise Refused("基层单位应先于汇总单位报送，请调整截止时间。")
    if not made.schedule(Calendar()).is_half_a_day_apart():
        raise Refused("基层单位与汇总单位的截止时间至少相隔半个工作日，否则来不及汇总。")
    made.save()
    trail.record(Act.WEEKLY_PLANNED, campaign, by=by, at=at, say=_said(made, campaign))
    return made


def _said(made: WeeklyPlan, campaign: Campaign) -> str:
    office = f"{made.get_office_weekday_display()}{made.office_hour:%H:%M}"
    branch = f"{made.get_branch_weekday_display()}{made.branch_hour:%H:%M}"
    return f"{campaign}，汇总单位{office}、基层单位{branch}截止，{made.get_policy_display()}"


@transaction.atomic
def oblige(
    campaign: Campaign, *, levels: Mapping[Organization, Level | None], by: Actor, at: datetime
) -> int:
    """Say of organizations whether they owe a report and at which level, None for no longer; return
    how many changed. Weeks whose cut-off has passed keep who owed them.

    Raises Forbidden for one outside the actor's part of the tree, Refused for one that does not
    take part in the campaign or no longer exists.
    """
    campaign = campaign.locked()
    now = {
        row.organization_id: row for row in Obligation.objects.filter(campaign=campaign, until=None)
    }
    ended, made = [], []
    for organization, level in levels.items():
        policy.require_here(by, "nt.rules", organization)
        known = now.get(organization.pk)
        if (known.level if known else None) == level:
            continue
        if level:
            _check(campaign, organization, by.on)
        if known:
            ended.append(known)
        if level:
            made.append(
                Obligation(campaign=campaign, organization=organization, level=level, since=by.on)
            )
    if len(now) - len(ended) + len(made) > MOST:
        raise Refused(f"一项活动的填报单位不能超过{MOST}个。")
    _end(ended, by.on)
    Obligation.objects.bulk_create(made, batch_size=500)
    if changed := len({row.organization_id for row in [*ended, *made]}):
        say = f"{campaign}，调整{changed}个单位"
        trail.record(Act.WEEKLY_OBLIGED, campaign, by=by, at=at, say=say, count=changed)
        return changed
    return 0


def take_over(
    campaign: Campaign,
    into: Organization,
    *,
    level: Level,
    since: date,
    instead_of: Sequence[Organization],
    by: Actor,
    at: datetime,
) -> bool:
    """Let `into` owe from a day what merged organizations owed; return whether it owes a report.

    Asks nobody: who changes the tree has. What is said of `into` already holds, and the one that
    leads owes nobody. What the merged ones owed ends with them (`in_force`).
    """
    known = Obligation.objects.filter(campaign=campaign, organization=into, until=None)
    if campaign.organization_id == into.pk:
        _end(list(known), by.on)
        return False
    if known.exists():
        return True
    Obligation.objects.create(campaign=campaign, organization=into, level=level, since=since)
    names = "、".join(str(place) for place in instead_of)
    say = f"{campaign}，{into}承接{names}"[:300]
    trail.record(Act.WEEKLY_OBLIGED, campaign, by=by, at=at, say=say, count=1)
    return True


def _check(campaign: Campaign, organization: Organization, on: date) -> None:
    if organization.is_retired(on):
        raise Refused(f"“{organization}”已撤销，不能列为填报单位。")
    if not campaign.includes(organization):
        raise Refused(f"“{organization}”没有参加“{campaign}”，不能列为填报单位。")


def _end(rows: list[Obligation], on: date) -> None:
    """What was said today is as if it had not been said; what was said before held until today."""
    yesterday = on - timedelta(days=1)
    for row in rows:
        if row.since > yesterday:
            row.delete()
        else:
            row.until = yesterday
            row.save(update_fields=["until"])


def proposed(campaign: Campaign, *, by: Actor) -> tuple[dict[Organization, Level], int]:
    """Return who would owe a report by default: where an office sits, as one that collates; every
    other Party branch or committee that takes part, as one that reports. And how many were left
    out, because they lie outside the actor's part of the tree."""
    kinds = {Organization.Kind.BRANCH, Organization.Kind.GENERAL_BRANCH}
    with_office = set(
        Duty.objects.in_force(by.on)
        .filter(role=Role.OFFICE)
        .values_list("organization_id", flat=True)
    )
    found, left_out = {}, 0
    for place in taking_part(campaign, on=by.on):
        if place.pk == campaign.organization_id:
            continue  # it reports to its superior, on paper
        if place.pk not in with_office and place.kind not in kinds:
            continue
        if not policy.may_here(by, "nt.rules", place):
            left_out += 1
            continue
        found[place] = Level.OFFICE if place.pk in with_office else Level.BRANCH
    return found, left_out


def settable(campaign: Campaign, *, by: Actor) -> OrganizationQuerySet:
    """Return the organizations of which the actor may say whether they owe a report."""
    places = taking_part(campaign, on=by.on).exclude(pk=campaign.organization_id)
    reach = Reach.of(by, policy.TABLE["nt.rules"][1], key="pk")
    return places if reach.whole else places.filter(reach.condition())


def taking_part(campaign: Campaign, *, on: date) -> OrganizationQuerySet:
    """Return the organizations of the campaign, in official order: the one that leads it, those
    that joined, and all below them."""
    tops = [campaign.organization]
    joined = Participation.objects.filter(campaign=campaign).select_related("organization")
    tops += [row.organization for row in joined]
    rows = Organization.objects.none()
    for top in {top.pk: top for top in tops}.values():
        rows |= Organization.objects.under(top)
    return rows.in_force(on).official_order()
