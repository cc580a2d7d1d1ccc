"""The weekly reports' board (周报): what my organization owes, who has reported, week by week."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from campaigns.models import Campaign, Level
from rectification import policy
from rectification.actions import weekly_issues
from rectification.models import WeeklyIssue
from rectification.models.weekly_arrears import Arrear
from rectification.models.weekly_board import Standing, standings
from rectification.models.weekly_report import READ
from rectification.views import weekly_desk
from reform.models import Actor, Organization, Role
from reform.models.scope import Reach
from reform.text import key_of

SHOWN = 8  # issues side by side
CARDS = 3  # the newest, each with what is to be done
SIZE = 50
PREPARING = (Role.LIAISON, Role.SECRETARY, Role.OFFICE)


@dataclass(frozen=True)
class Card:
    """One report that the actor's own organization has to do with."""

    issue: WeeklyIssue
    organization: Organization
    level: str
    collates: bool
    standing: Standing
    due: datetime
    may_draft: bool
    may_confirm: bool

    @property
    def is_past(self) -> bool:
        return self.standing.words in {"未报", "缓报"}


class Weekly(TemplateView):
    template_name = "rectification/weekly/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, at = self.request.actor, timezone.now()
        weekly_issues.open_due(at=at)
        campaigns = list(
            Campaign.objects.visible_to(actor).filter(weekly_plan__isnull=False).order_by("-pk")
        )
        chosen = key_of(self.request.GET.get("campaign", ""))
        campaign = next((one for one in campaigns if one.pk == chosen), None) or next(
            iter(campaigns), None
        )
        context = super().get_context_data(**kwargs) | {
            "title": "周报",
            "campaigns": campaigns,
            "campaign": campaign,
            "unplanned": plannable(actor),
        }
        if campaign is None:
            return context
        return context | board(self.request, campaign, at=at)


def plannable(actor: Actor) -> list[Campaign]:
    """Return the open campaigns for which the actor could ask for weekly reports."""
    rows = Campaign.objects.visible_to(actor).open().filter(weekly_plan=None)
    return [
        row
        for row in rows.select_related("organization")
        if any(
            duty.organization.covers(row.organization.path) for duty in actor.holding(Role.OFFICE)
        )
    ]


def board(request: HttpRequest, campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    actor = request.actor  # type: ignore[attr-defined]
    issues = list(
        WeeklyIssue.objects.filter(campaign=campaign)
        .order_by("-number")
        .select_related("campaign")[:SHOWN]
    )
    seen = Reach.of(actor, READ)
    owed: dict[int, weekly_issues.Owing] = {}
    levels: dict[tuple[int, int], str] = {}
    for issue in reversed(issues):
        for one in weekly_issues.owing(issue, at=at):
            if seen.holds(one.organization):
                owed[one.organization.pk] = one
                levels[issue.pk, one.organization.pk] = one.level
    order = sorted(owed.values(), key=lambda one: one.organization.sequence)
    page = Paginator(order, SIZE).get_page(request.GET.get("page"))
    own = {duty.organization_id for duty in actor.holding(*PREPARING)}
    places = [one.organization for one in page.object_list]
    found = standings(issues, places, levels=levels, at=at, own=own)
    rows = []
    for place in places:
        cells = []
        for issue in issues:
            key = (issue.pk, place.pk)
            is_mine = place.pk in own and found[key].is_open
            begin = _begin(actor, place, key, levels.get(key, "")) if is_mine else ""
            cells.append((issue, found[key], begin))
        rows.append((owed[place.pk], cells))
    return {
        "issues": issues,
        "cards": cards(actor, issues, at=at),
        "earlier": earlier(actor, campaign, issues),
        "rows": rows,
        "page_obj": page,
        "many": len(order) > 1,
        "may_plan": any(
            duty.organization.covers(campaign.organization.path)
            for duty in actor.holding(Role.OFFICE)
        ),
    }


def _begin(actor: Actor, place: Organization, key: tuple[int, int], level: str) -> str:
    """Return where a report of one's own that is missing or came back is begun; “” for nobody."""
    act, page = {
        Level.OFFICE.value: ("wr.aggregate", "weekly-collate"),
        Level.BRANCH.value: ("wr.draft", "weekly-begin"),
    }.get(level, ("", ""))
    return reverse(page, args=key) if act and policy.may_here(actor, act, place) else ""


def earlier(
    actor: Actor, campaign: Campaign, issues: list[WeeklyIssue]
) -> list[tuple[Arrear, str]]:
    """Return what is still owed of the issues before those that have a card."""
    if len(issues) <= CARDS:
        return []
    before = issues[CARDS].due_at  # the newest without a card
    return weekly_desk.still_owed(actor, before=before, campaign=campaign)


def cards(actor: Actor, issues: list[WeeklyIssue], *, at: datetime) -> list[Card]:
    """Return what the actor's own organizations have to do, the nearest cut-off first."""
    found = []
    held = {duty.organization for duty in actor.holding(*PREPARING)}
    for place in sorted(held, key=lambda one: one.sequence):
        for issue in issues[:CARDS]:
            card = _card(actor, issue, place, at=at)
            if card and (card.due >= at or card.is_past or not card.standing.is_filed):
                found.append(card)
    return sorted(found, key=lambda card: card.due)


def _card(actor: Actor, issue: WeeklyIssue, place: Organization, *, at: datetime) -> Card | None:
    owed = weekly_issues.level_of(issue, place, at=at)
    leads = place.pk == issue.campaign.organization_id  # it collates, and owes nobody here
    level = Level.OFFICE.value if leads else owed
    collates = level == Level.OFFICE
    if not level or issue.begins(level) > at:
        return None
    act = "wr.aggregate" if collates else "wr.draft"
    if not policy.may_here(actor, act, place):
        return None
    levels = {(issue.pk, place.pk): owed} if owed else {}
    standing = standings([issue], [place], levels=levels, at=at, own=[place.pk])
    return Card(
        issue,
        place,
        level,
        collates,
        standing[issue.pk, place.pk],
        issue.due(level),
        may_draft=True,
        may_confirm=policy.may_here(actor, "wr.create", place),
    )
