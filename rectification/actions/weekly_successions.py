"""Weekly reports when organizations merge (周报承接): who owes them from then on, and what stands.

Part of `reorganizations`: the caller holds the tree and has asked who may. What was counted at a
cut-off stays as it was counted, what was filed stands, and nobody owes a week twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.urls import reverse

from campaigns.actions import weekly_plans
from campaigns.models import BEIJING, Campaign, Level, Obligation
from rectification.actions import weekly_reports
from rectification.actions.weekly_people import WHO, holders
from rectification.models import WeeklyIssue, WeeklyReport
from reform.actions import notices
from reform.models import Actor, Duty, Event, Organization, User


class Taken(NamedTuple):
    """What is told of one campaign: a sentence, and the draft that one may want to read."""

    words: str
    draft: WeeklyReport | None


def follow(
    parts: Sequence[Organization],
    into: Organization,
    ended: Sequence[Duty],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Let `into` owe what `parts` owed, in each open campaign, and tell its people once.

    One that owes already owes no more than before; the one that leads collates, and owes nobody.
    Where nobody prepares there yet, those whose duties ended with the parts are told.
    """
    owed = Obligation.objects.named(by.on).filter(
        organization__in=list(parts), campaign__status=Campaign.Status.PUBLISHED
    )
    by_campaign: dict[Campaign, list[Obligation]] = {}
    for row in owed.select_related("campaign", "organization").order_by("campaign", "pk"):
        by_campaign.setdefault(row.campaign, []).append(row)
    taken = [_take(rows, into, by=by, at=at) for rows in by_campaign.values()]
    if not taken:
        return
    draft = next((one.draft for one in taken if one.draft), None)
    notices.post(
        _people(into, ended, at=at),
        subject="；".join(one.words for one in taken),
        key=f"weekly-succeeded:{into.pk}:{at:%Y%m%d%H%M%S%f}",
        url=draft.get_absolute_url() if draft else reverse("weekly"),
        event=Event.WEEKLY_WORK,
        at=at,
        by=by,
    )


def _take(rows: Sequence[Obligation], into: Organization, *, by: Actor, at: datetime) -> Taken:
    """Move what was owed in one campaign. Where all had filed the issue that is open, the one that
    takes over begins with the next: what they filed stands."""
    campaign = rows[0].campaign
    level = Level.OFFICE if any(row.level == Level.OFFICE for row in rows) else Level.BRANCH
    issue = _open_issue(campaign, level, at=at)
    places = [row.organization for row in rows]
    filed, drafts = _of_the_week(issue, places)
    all_filed = issue is not None and len(filed) == len(places)
    since = by.on
    if issue and all_filed:
        since = issue.due(level).astimezone(BEIJING).date() + timedelta(days=1)
    owes = weekly_plans.take_over(
        campaign, into, level=level, since=since, instead_of=places, by=by, at=at
    )
    return Taken(_words(campaign, issue, into, filed, drafts, owes=owes), next(iter(drafts), None))


def _open_issue(campaign: Campaign, level: Level, *, at: datetime) -> WeeklyIssue | None:
    rows = WeeklyIssue.objects.filter(campaign=campaign).order_by("number")
    return next((issue for issue in rows.filter(due_at__gt=at) if issue.due(level) > at), None)


def _of_the_week(
    issue: WeeklyIssue | None, places: Sequence[Organization]
) -> tuple[list[WeeklyReport], list[WeeklyReport]]:
    """Return what was filed and stands, and what was only begun or came back."""
    if issue is None:
        return [], []
    rows = WeeklyReport.objects.current().filter(issue=issue, organization__in=list(places))
    filed: list[WeeklyReport] = []
    drafts: list[WeeklyReport] = []
    for report in rows.select_related("organization", "issue").order_by("pk"):
        stands = report.is_filed and not weekly_reports.is_returned(report)
        (filed if stands else drafts).append(report)
    return filed, drafts


def _words(
    campaign: Campaign,
    issue: WeeklyIssue | None,
    into: Organization,
    filed: Sequence[WeeklyReport],
    drafts: Sequence[WeeklyReport],
    *,
    owes: bool,
) -> str:
    said = [f"{campaign}周报改由{into}{'报送' if owes else '汇总'}"]
    if filed:
        said.append(f"{_names(filed)}已报的{issue}有效")
    if drafts:
        said.append(f"{_names(drafts)}{issue}未报出的稿子可以打开参考")
    return "，".join(said)


def _names(reports: Sequence[WeeklyReport]) -> str:
    names = [report.name for report in reports[:3]]
    return "、".join(names) + (f"等{len(reports)}个单位" if len(reports) > 3 else "")


def _people(into: Organization, ended: Sequence[Duty], *, at: datetime) -> list[User]:
    roles = {role for some in WHO.values() for role in some}
    found = [user for _, people in holders([into], roles, at=at) for user in people]
    if found:
        return found
    were = {duty.user.pk: duty.user for duty in ended if duty.role in roles}
    return [user for user in were.values() if user.is_active]
