"""What tests of weekly reports share: a bureau that reports, and moments of Beijing."""

from datetime import date, datetime, time

from campaigns.actions import weekly_plans
from campaigns.models import BEIJING, Level, Policy
from rectification.actions import weekly_issues
from rectification.models import WeeklyIssue
from reform.models import Role
from tests.factories import actor, person

MONDAY, FRIDAY = date(2026, 6, 1), date(2026, 6, 5)
PLAN = {
    "starts_on": date(2026, 5, 25),
    "stops_on": None,
    "policy": Policy.PREVIOUS,
    "office_weekday": 4,
    "office_hour": time(12),
    "branch_weekday": 3,
    "branch_hour": time(17),
    "remind_workdays": 1,
    "remind_minutes": 150,
}


def beijing(day, hour=9, minute=0):
    return datetime.combine(day, time(hour, minute), BEIJING)


def planned(bureau, *, at, **facts):
    """Ask for weekly reports: the centre collates, its two branches report."""
    by = actor(bureau.users["top_office"], on=date(2026, 2, 1))
    weekly_plans.plan(bureau.campaign, facts=PLAN | facts, by=by, at=at)
    levels = {
        bureau.center: Level.OFFICE,
        bureau.branch: Level.BRANCH,
        bureau.sibling: Level.BRANCH,
    }
    weekly_plans.oblige(bureau.campaign, levels=levels, by=by, at=at)


def opened(bureau, day=MONDAY, hour=9):
    """Return the issue whose week it is on a day."""
    weekly_issues.open_due(at=beijing(day, hour))
    return WeeklyIssue.objects.filter(campaign=bureau.campaign).latest("number")


def second_office(bureau):
    return actor(person("许晴", bureau.center, Role.OFFICE))
