"""Later cut-offs (缓报): agreed to for one organization, or for all when the system was down."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from campaigns.models import BEIJING, Level
from rectification import policy
from rectification.actions import weekly_receiving
from rectification.actions.weekly_issues import level_of, owing
from rectification.actions.weekly_people import WHO, holders
from rectification.actions.weekly_weeks import AHEAD
from rectification.models import Act, Deferral, WeeklyIssue
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Event, Organization, User


@transaction.atomic
def defer(
    issue: WeeklyIssue,
    organization: Organization,
    *,
    kind: str,
    until: datetime,
    reason: str,
    with_below: bool = False,
    by: Actor,
    at: datetime,
) -> Deferral:
    """Let an organization report later (经同意缓报), or say that the system was down (系统故障).

    `with_below` is for all that lies below as well: an office says it of its whole part. Raises
    Refused for a moment before the cut-off, Forbidden for whoever does not receive its report.
    """
    if with_below:
        policy.require_here(by, "wr.aggregate", organization)
    else:
        weekly_receiving.require(by, issue, organization, at=at)
    level = level_of(issue, organization, at=at)
    if not level and not with_below:
        raise Refused(f"“{organization}”不需要报{issue}周报，无须缓报。")
    if with_below and kind != Deferral.Kind.OUTAGE:
        raise Refused("经同意缓报请逐个单位办理；系统故障才对所属单位一并登记。")
    if until <= issue.due(Level.BRANCH if with_below else level):
        raise Refused("缓报时间应晚于原定的截止时间。")
    if until > at + AHEAD:
        raise Refused("缓报时间太远，请选择两个月以内的时间。")
    row = Deferral.objects.create(
        issue=issue,
        organization=organization,
        with_below=with_below,
        kind=kind,
        until=until,
        reason=reason,
        by=by.user,
        at=at,
    )
    moment = _moment(until)
    say = f"{organization}{issue}，{row.get_kind_display()}，缓至{moment}"
    trail.record(Act.WEEKLY_DEFERRED, issue, by=by, at=at, say=say, quote=reason)
    _tell([row], f"{row.get_kind_display()}，{_whose(row)}缓至{moment}", "deferred", by=by, at=at)
    return row


@transaction.atomic
def withdraw(
    issue: WeeklyIssue, organization: Organization, *, by: Actor, at: datetime
) -> list[Deferral]:
    """Take back what was said of an organization by whoever could say it; the cut-off holds again.

    To shorten a deferral is to withdraw it and to agree to another.
    """
    acts = {True} if policy.may_here(by, "wr.aggregate", organization) else set()
    acts |= {False} if weekly_receiving.may(by, issue, organization, at=at) else set()
    if not acts:
        raise Forbidden(f"您没有撤销“{organization}”缓报的权限。")
    rows = Deferral.objects.select_for_update(of=("self",)).filter(
        issue=issue, organization=organization, withdrawn_at=None, with_below__in=acts
    )
    found = list(rows.select_related("issue__campaign", "organization"))
    if not found:
        raise Refused(f"“{organization}”{issue}没有可以撤销的缓报。")
    for row in found:
        row.withdrawn_by, row.withdrawn_at = by.user, at
        row.save(update_fields=["withdrawn_by", "withdrawn_at"])
    say = f"{organization}{issue}，{found[-1].get_kind_display()}"
    trail.record(Act.WEEKLY_UNDEFERRED, issue, by=by, at=at, say=say)
    _tell(found, f"{_whose(found[-1])}的缓报已撤销，以原定截止时间为准", "withdrawn", by=by, at=at)
    return found


def _whose(row: Deferral) -> str:
    below = "及所属单位" if row.with_below else ""
    return f"{row.organization}{below}{row.issue.campaign}{row.issue}周报"


def _tell(rows: list[Deferral], words: str, word: str, *, by: Actor, at: datetime) -> None:
    """Tell who prepares the reports that are meant: once each, however many organizations."""
    last = rows[-1]
    leads = last.organization_id == last.issue.campaign.organization_id
    owed = owing(last.issue, at=at, place=None if leads else last.organization)
    if not any(row.with_below for row in rows):
        owed = [one for one in owed if one.organization == last.organization]
    people: dict[int, User] = {}
    for level, roles in WHO.items():
        places = [one.organization for one in owed if one.level == level]
        for _, found in holders(places, roles, at=at):
            people |= {user.pk: user for user in found}
    notices.post(
        people.values(),
        subject=words,
        key=f"weekly-{word}:{last.pk}",
        url=reverse("weekly"),
        event=Event.WEEKLY_WORK,
        at=at,
        by=by,
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
