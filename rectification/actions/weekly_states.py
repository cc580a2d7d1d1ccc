"""How each organization stands with its weekly report, as the shell shows it."""

from datetime import datetime
from typing import Any

from campaigns.models import BEIJING, Level
from rectification.actions import weekly_issues
from rectification.models import WeeklyIssue
from rectification.models.weekly_board import Standing, standings


def states(*, at: datetime) -> list[dict[str, Any]]:
    """Return how each organization stands with the issue whose cut-off at its level came last, for
    `manage.py tick --json`."""
    latest: dict[tuple[int, Level], WeeklyIssue] = {}
    for issue in weekly_issues.foreseen(at=at):
        for level in (Level.OFFICE, Level.BRANCH):
            if issue.due(level) <= at:
                latest[issue.campaign_id, level] = issue
    found = []
    for (_, level), issue in latest.items():
        rows = [row for row in weekly_issues.owing(issue, at=at) if row.level == level]
        places = [row.organization for row in rows]
        levels = dict.fromkeys(((issue.pk, place.pk) for place in places), str(level))
        stand = standings([issue], places, levels=levels, at=at)
        first, last = (
            moment.astimezone(BEIJING).date() for moment in (issue.begins(level), issue.due(level))
        )
        found += [
            {
                "campaign": issue.campaign.code,
                "organization": row.organization.code,
                "number": issue.number,
                "period": f"{first}/{last}",
                "due_at": issue.due(level).astimezone(BEIJING).isoformat(timespec="minutes"),
                "state": _state(stand[issue.pk, row.organization.pk]),
            }
            for row in rows
        ]
    return found


def _state(standing: Standing) -> str:
    if standing.words == "已退回":
        return "returned"
    if standing.is_filed:
        return "late" if standing.late else "filed"
    return "deferred" if standing.words == "缓报" else "missing"
