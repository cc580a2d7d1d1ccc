"""A ledger by the million (测速用的台账): its own campaign below the demo's top.

Written past the acts, for measuring only: rows are consistent with one another, but have no trail,
and closed rows no reviews.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from campaigns.actions import campaigns
from campaigns.models import Campaign
from rectification.management import bulk_people, demo_rows
from rectification.management.bulk_rows import YEARS, Ledger
from rectification.management.bulk_tables import analyse, bare
from rectification.management.demo_people import PASSWORD
from rectification.models import (
    ClosureApplication,
    Measure,
    Problem,
    ProblemDepartment,
    ProblemPerson,
    ProblemWords,
    ReviewStep,
)
from reform.models import Actor, Duty, Organization, User

CODE, TOP = "BULK", "JTJ"
OFFICE, LEADER = "caiwen", "songyan"  # of the demo, at the top
CHUNK = 5_000
TABLES = (
    Organization,
    User,
    Duty,
    Problem,
    Problem.items.through,
    ProblemPerson,
    ProblemDepartment,
    Measure,
    ProblemWords,
    ClosureApplication,
    ReviewStep,
)


@transaction.atomic
def load(now: datetime, *, organizations: int, people: int, count: int) -> None:
    """Load `count` problems, or leave a database that has them as it is."""
    if Campaign.objects.filter(code=CODE).exists():
        return
    top = Organization.objects.select_for_update().get(code=TOP)
    campaign = _campaign(top, now)
    with bare(*TABLES):
        units = bulk_people.make(top, organizations=organizations, people=people)
        ledger = Ledger.of(campaign, units, now, count)
        for first in range(0, count, CHUNK):
            ledger.write(range(first, min(first + CHUNK, count)))
    ledger.finish()
    analyse(*TABLES)


def bench() -> dict[str, str]:
    """Return the accounts to measure with: one at the top, in a county, in a branch."""
    seats = {"county": ("BULK-01", "office"), "branch": ("BULK-01-001", "secretary")}
    found = {
        name: User.objects.filter(duties__organization__code=code, duties__role=role).first()
        for name, (code, role) in seats.items()
    }
    names = {name: user.username for name, user in found.items() if user}
    return {"whole": OFFICE, **names, "password": PASSWORD}


def _campaign(top: Organization, now: datetime) -> Campaign:
    today = timezone.localtime(now).date()
    actors = {
        name: Actor.of(User.objects.get(username=name), on=today) for name in (OFFICE, LEADER)
    }
    drafted = campaigns.draft(
        title="测速用台账",
        code=CODE,
        organization=top,
        starts_on=date(today.year - YEARS, 1, 1),
        ends_on=date(today.year, 12, 31),
        items=demo_rows.items(),
        participants=[top],
        by=actors[OFFICE],
        at=now,
    )
    return campaigns.publish(drafted, by=actors[LEADER], at=now)
