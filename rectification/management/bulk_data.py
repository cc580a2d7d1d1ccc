"""A ledger by the hundred thousand (测速用的台账): its own campaign below the demo's top.

Written past the acts, for measuring only: rows are consistent with one another, but have no trail,
and closed rows no reviews.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.actions import campaigns
from campaigns.models import Campaign, Item, Source
from campaigns.models.closing_level import level_of
from rectification.actions import problems
from rectification.management import bulk_tables, demo_rows
from rectification.management.bulk_people import Unit, make
from rectification.management.bulk_words import CAUSES, DEPARTMENTS, MEASURES, STANDARDS, text
from rectification.management.demo_people import PASSWORD
from rectification.models import (
    ClosureApplication,
    Measure,
    Problem,
    ProblemDepartment,
    ProblemPerson,
    ReviewStep,
)
from reform.actions import counters
from reform.models import Actor, Organization, User

CODE, TOP = "BULK", "JTJ"
OFFICE, LEADER = "caiwen", "songyan"  # of the demo, at the top
CHUNK = 5_000
YEARS = 2  # before this one
FRESH = 30  # days before today in which nothing new was found

# Of rows that are open: their status and how many of a hundred have it.
OPEN = {"rectifying": 70, "in_review": 12, "registered": 10, "assigned": 8}
DRAFTS, OVERDUE, PERSONAL, KEY, TWO_ITEMS = 0.01, 0.39, 0.03, 0.1, 0.4
UNDER_CLOCK = ("rectifying", "assigned")
PROGRESS = {"rectifying": "under_way", "in_review": "done", "closed": "done"}


@transaction.atomic
def load(now: datetime, *, organizations: int, people: int, count: int) -> None:
    """Load `count` problems, or leave a database that has them as it is."""
    if Campaign.objects.filter(code=CODE).exists():
        return
    top = Organization.objects.select_for_update().get(code=TOP)
    units = make(top, organizations=organizations, people=people)
    ledger = Ledger.of(_campaign(top, now), units, now, count)
    for first in range(0, count, CHUNK):
        ledger.write(range(first, min(first + CHUNK, count)))
    ledger.finish()


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


@dataclass
class Ledger:
    """What every row needs, looked up once; rows are made and written a chunk at a time."""

    campaign: Campaign
    units: dict[int, Unit]  # by the key of the branch
    places: list[int]
    items: list[Item]
    sources: list[Source]
    levels: dict[tuple[bool, bool], Any]
    chance: random.Random
    today: date
    begin: date
    count: int
    serials: dict[int, int]

    @classmethod
    def of(cls, campaign: Campaign, units: list[Unit], now: datetime, count: int) -> "Ledger":
        today = timezone.localtime(now).date()
        levels = {
            (personal, key): level_of(campaign, personal=personal, key=key, from_above=False)
            for personal in (False, True)
            for key in (False, True)
        }
        return cls(
            campaign=campaign,
            units={unit.branch.pk: unit for unit in units},
            places=[unit.branch.pk for unit in units],
            items=list(campaign.items.all()),
            sources=list(campaign.sources.filter(from_above=False)),
            levels=levels,
            chance=random.Random(CODE),  # noqa: S311 -- the same rows each time
            today=today,
            begin=date(today.year - YEARS, 1, 1),
            count=count,
            serials={},
        )

    def write(self, places: range) -> None:
        """Children first: a closed row takes none any more, and foreign keys wait for the end."""
        keys = bulk_tables.keys(len(places))
        rows = [self._problem(key, place) for key, place in zip(keys, places, strict=True)]
        for children in (self._links, self._people, self._departments, self._measures):
            bulk_tables.create(children(rows))
        bulk_tables.create(rows)
        self._apply(row for row in rows if row.status == "in_review")
        bulk_tables.settle(*([] if places.start else [Problem]))

    def finish(self) -> None:
        """Leave the counters where the acts go on."""
        for year, serial in self.serials.items():
            counters.take(f"problem:{self.campaign.pk}:{year}", serial)
        bulk_tables.settle(Organization, User, Problem, ProblemPerson, Problem.items.through)

    # ------------------------------------------------------------ one row

    def _problem(self, key: int, place: int) -> Problem:
        chance = self.chance
        unit = self.units[chance.choice(self.places)]
        share = place / self.count
        found = self.begin + (self.today - timedelta(days=FRESH) - self.begin) * share
        status = self._status(share)
        personal, key_row = chance.random() < PERSONAL, chance.random() < KEY
        source = chance.choice(self.sources)
        words = text(chance)
        clerk = chance.choice(unit.clerks)
        row = Problem(
            pk=key,
            campaign_id=self.campaign.pk,
            organization_id=unit.branch.pk,
            path=unit.branch.path,
            source_id=source.pk,
            source_text=source.name,
            found_on=found,
            description=words,
            cause=chance.choice(CAUSES),
            standard=chance.choice(STANDARDS),
            effect_expected="同类问题不再发生",
            owner_kind="personal" if personal else "unit",
            severity="key" if key_row else "ordinary",
            status=status,
            fingerprint=problems.fingerprint(words),
            drafted_by_id=clerk.pk,
            drafted_at=_at(found, 9),
        )
        if status != "draft":
            self._register(row, found, self.levels[personal, key_row])
        if status not in {"draft", "registered"}:
            self._issue(row, found + timedelta(days=3))
        return row

    def _status(self, share: float) -> str:
        """Four of ten are open, the newer the more often."""
        if self.chance.random() < DRAFTS:
            return "draft"
        if self.chance.random() >= 0.1 + 0.6 * share:
            return "closed"
        return self.chance.choices(list(OPEN), list(OPEN.values()))[0]

    def _register(self, row: Problem, found: date, level: Any) -> None:
        serial = self.serials[found.year] = self.serials.get(found.year, 0) + 1
        row.number = f"{CODE}-{found.year}-{serial:05d}"
        row.registered_at = _at(found, 10)
        row.original_text = row.description
        row.closing_level_id = level.pk

    def _issue(self, row: Problem, issued: date) -> None:
        due = self._due(row.status, issued)
        row.due_kind, row.due_on, row.first_due_on = "dated", due, due
        row.due_text = f"{due.year}年{due.month}月{due.day}日前"
        row.issued_at = _at(issued, 15)
        row.progress = PROGRESS.get(row.status, "")
        if row.status in {"in_review", "closed"}:
            row.effect_achieved = "已按标准整改到位"
            row.applied_on = self.today - timedelta(days=self.chance.randrange(6, 20))
        if row.status == "closed":
            row.applied_on = min(due, self.today - timedelta(days=10))
            row.closed_at = _at(row.applied_on + timedelta(days=5), 16)

    def _due(self, status: str, issued: date) -> date:
        past = (self.today - issued).days
        if status == "closed":
            return issued + timedelta(days=self.chance.randrange(15, 120))
        if status in UNDER_CLOCK and self.chance.random() < OVERDUE:
            return self.today - timedelta(days=self.chance.randrange(1, min(past, 200)))
        return self.today + timedelta(days=self.chance.randrange(180))

    # ------------------------------------------------------------ what hangs on the rows

    def _links(self, rows: list[Problem]) -> Iterator[Any]:
        link = Problem.items.through
        for row in rows:
            count = 2 if self.chance.random() < TWO_ITEMS else 1
            for item in self.chance.sample(self.items, count):
                yield link(problem_id=row.pk, item_id=item.pk)

    def _people(self, rows: list[Problem]) -> Iterator[ProblemPerson]:
        for row in rows:
            unit = self.units[row.organization_id]
            member = self.chance.choice(unit.members[2:])
            for part, user in (("leader", unit.leader), ("responsible", member)):
                yield ProblemPerson(problem_id=row.pk, part=part, user_id=user.pk, name=user.name)

    def _departments(self, rows: list[Problem]) -> Iterator[ProblemDepartment]:
        for row in rows:
            name = self.chance.choice(DEPARTMENTS)
            yield ProblemDepartment(problem_id=row.pk, part="responsible", name=name)

    def _measures(self, rows: list[Problem]) -> Iterator[Measure]:
        for row in rows:
            for position, words in enumerate(self.chance.sample(MEASURES, 2), start=1):
                yield Measure(
                    problem_id=row.pk,
                    position=position,
                    text=words,
                    done_on=row.applied_on,
                    entered_by_id=row.drafted_by_id,
                )

    def _apply(self, rows: Iterable[Problem]) -> None:
        """Rows in review wait for the signature of their own secretary."""
        applications = [
            ClosureApplication(
                problem=row,
                round=1,
                level_id=row.closing_level_id,
                statement="已按标准整改到位。",
                applicant_name="联络员",
                entered_by_id=row.drafted_by_id,
                applied_at=_at(row.applied_on, 11),
            )
            for row in rows
            if row.applied_on and row.closing_level_id
        ]
        bulk_tables.create(applications)
        chains = {level.pk: list(level.steps.all()) for level in self.levels.values()}
        bulk_tables.create(
            ReviewStep(
                application=application,
                position=step.position,
                kind=step.kind,
                **self._opened(application) if step.position == 1 else {},
            )
            for application in applications
            for step in chains[application.level_id]
        )

    @staticmethod
    def _opened(application: ClosureApplication) -> dict[str, Any]:
        place = application.problem.organization_id
        return {"state": "open", "holder_id": place, "opened_at": application.applied_at}


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), timezone.get_current_timezone())
