"""Ending a campaign (结束): what is still open is asked before."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count

from campaigns.actions import campaigns
from campaigns.models import Campaign
from rectification.models import Problem
from reform.errors import Refused
from reform.models import Actor


def still_open(campaign: Campaign) -> list[tuple[str, str, int]]:
    """Return (status, its word, how many) of the problems that are not closed, drafts first."""
    waiting = [Problem.Status.DRAFT.value, *_open()]
    rows = Problem.objects.filter(campaign=campaign, status__in=waiting).order_by()
    counts = dict(rows.values_list("status").annotate(Count("pk")))
    words = dict(Problem.Status.choices)
    return [(status, words[status], counts[status]) for status in waiting if status in counts]


def _open() -> list[str]:
    ended = {Problem.Status.DRAFT, Problem.Status.CLOSED}
    return [status.value for status in Problem.Status if status not in ended]


@transaction.atomic
def conclude(campaign: Campaign, *, seen: int, reason: str, by: Actor, at: datetime) -> Campaign:
    """End a campaign; with problems still open only knowingly, and with a word on what becomes of
    them. `seen` is how many there were on the page."""
    left = sum(count for _, _, count in still_open(campaign))
    if left != seen:
        raise Refused(f"现有{left}条问题没有销号，与您打开页面时不同，请核对后再办理。")
    if left and not reason:
        raise Refused(f"还有{left}条问题没有销号，请写明结束后怎样继续整改。")
    say = f"{campaign}，未销号{left}条" if left else ""
    return campaigns.close(campaign, say=say, reason=reason, by=by, at=at)
