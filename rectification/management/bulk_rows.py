"""The rows of a ledger by the million (测速用的台账行), a chunk at a time, by one random series."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.models.closing_level import level_of
from rectification.actions import problems
from rectification.management.bulk_people import Unit
from rectification.management.bulk_tables import Table, day_text, keys, moment_text
from rectification.management.bulk_words import CAUSES, DEPARTMENTS, MEASURES, STANDARDS, text
from rectification.models import (
    ClosureApplication,
    Measure,
    Problem,
    ProblemDepartment,
    ProblemPerson,
    ProblemWords,
    ReviewStep,
)
from rectification.models.problem_words import TABLE, joined, pairs_of, signed, written
from reform.actions import counters

YEARS = 2  # before this one
FRESH = 30  # days before today in which nothing new was found

# Of rows that are open: their status and how many of a hundred have it.
OPEN = {"rectifying": 70, "in_review": 12, "registered": 10, "assigned": 8}
DRAFTS, OVERDUE, PERSONAL, KEY, TWO_ITEMS = 0.01, 0.39, 0.03, 0.1, 0.4
UNDER_CLOCK = ("rectifying", "assigned")
PROGRESS = {"rectifying": "under_way", "in_review": "done", "closed": "done"}

Rows = list[tuple[Any, ...]]


@dataclass
class Tables:
    """Where the rows of a chunk go."""

    problem: Table = field(default_factory=lambda: Table(Problem, keyed=True))
    link: Table = field(default_factory=lambda: Table(Problem.items.through))
    person: Table = field(default_factory=lambda: Table(ProblemPerson))
    department: Table = field(default_factory=lambda: Table(ProblemDepartment))
    measure: Table = field(default_factory=lambda: Table(Measure))
    words: Table = field(default_factory=lambda: Table(ProblemWords))
    application: Table = field(default_factory=lambda: Table(ClosureApplication, keyed=True))
    step: Table = field(default_factory=lambda: Table(ReviewStep))


@dataclass
class Made:
    """What the rows that hang on a problem ask of it."""

    facts: dict[str, Any]
    unit: Unit


@dataclass
class Ledger:
    """What every row needs, looked up once; rows are made and written a chunk at a time."""

    campaign: Campaign
    units: list[Unit]
    items: list[int]
    sources: list[tuple[int, str]]
    levels: dict[tuple[bool, bool], int]
    steps: dict[int, list[tuple[int, str]]]  # of a level: position and kind
    chance: random.Random
    today: date
    begin: date
    count: int
    serials: dict[int, int] = field(default_factory=dict)
    tables: Tables = field(default_factory=Tables)

    @classmethod
    def of(cls, campaign: Campaign, units: list[Unit], now: datetime, count: int) -> "Ledger":
        today = timezone.localtime(now).date()
        levels = {
            (personal, key): level
            for personal in (False, True)
            for key in (False, True)
            if (level := level_of(campaign, personal=personal, key=key, from_above=False))
        }
        return cls(
            campaign=campaign,
            units=units,
            items=list(campaign.items.values_list("pk", flat=True)),
            sources=list(campaign.sources.filter(from_above=False).values_list("pk", "name")),
            levels={kind: level.pk for kind, level in levels.items()},
            steps={
                level.pk: list(level.steps.values_list("position", "kind"))
                for level in levels.values()
            },
            chance=random.Random(campaign.code),  # noqa: S311 -- the same rows each time
            today=today,
            begin=date(today.year - YEARS, 1, 1),
            count=count,
        )

    def write(self, places: range) -> None:
        """Parents first: SQLite looks at once whether a foreign key is there."""
        given = keys(Problem, len(places))
        made = [self._problem(key, place) for key, place in zip(given, places, strict=True)]
        to = self.tables
        to.problem.write(to.problem.row(**row.facts) for row in made)
        to.link.write(self._links(made))
        people = [self._people(row) for row in made]
        to.person.write(person for pair in people for person in pair)
        to.department.write(self._departments(made))
        to.measure.write(self._measures(made))
        self._index(made, people)
        self._apply([row for row in made if row.facts["status"] == "in_review"])

    def finish(self) -> None:
        """Leave the counters where the acts go on."""
        for year, serial in self.serials.items():
            counters.take(f"problem:{self.campaign.pk}:{year}", serial)

    # ------------------------------------------------------------ one row

    def _pick(self, choices: Sequence[Any]) -> Any:
        """As `random.choice`, in a third of its time."""
        return choices[int(self.chance.random() * len(choices))]

    def _problem(self, key: int, place: int) -> Made:
        chance = self.chance
        unit = self._pick(self.units)
        share = place / self.count
        found = self.begin + (self.today - timedelta(days=FRESH) - self.begin) * share
        status = self._status(share)
        personal, key_row = chance.random() < PERSONAL, chance.random() < KEY
        source, source_text = self._pick(self.sources)
        words = text(chance)
        facts: dict[str, Any] = {
            "id": key,
            "campaign_id": self.campaign.pk,
            "organization_id": unit.branch.pk,
            "path": unit.branch.path,
            "source_id": source,
            "source_text": source_text,
            "found_on": day_text(found),
            "description": words,
            "cause": self._pick(CAUSES),
            "standard": self._pick(STANDARDS),
            "effect_expected": "同类问题不再发生",
            "owner_kind": "personal" if personal else "unit",
            "severity": "key" if key_row else "ordinary",
            "status": status,
            "fingerprint": problems.fingerprint(words),
            "drafted_by_id": self._pick(unit.clerks).pk,
            "drafted_at": moment_text(found, 9),
        }
        if status != "draft":
            self._register(facts, found, self.levels[personal, key_row])
        if status not in {"draft", "registered"}:
            self._issue(facts, unit, status, found + timedelta(days=3))
        return Made(facts, unit)

    def _status(self, share: float) -> str:
        """Four of ten are open, the newer the more often."""
        if self.chance.random() < DRAFTS:
            return "draft"
        if self.chance.random() >= 0.1 + 0.6 * share:
            return "closed"
        return self.chance.choices(list(OPEN), list(OPEN.values()))[0]

    def _register(self, facts: dict[str, Any], found: date, level: int) -> None:
        serial = self.serials[found.year] = self.serials.get(found.year, 0) + 1
        facts["number"] = f"{self.campaign.code}-{found.year}-{serial:05d}"
        facts["registered_at"] = moment_text(found, 10)
        facts["original_text"] = facts["description"]
        facts["closing_level_id"] = level

    def _issue(self, facts: dict[str, Any], unit: Unit, status: str, issued: date) -> None:
        due = self._due(status, issued)
        facts["due_kind"] = "dated"
        facts["due_on"] = facts["first_due_on"] = day_text(due)
        facts["due_text"] = f"{due.year}年{due.month}月{due.day}日前"
        facts["issued_at"] = moment_text(issued, 15)
        facts["progress"] = PROGRESS.get(status, "")
        if status in {"in_review", "closed"}:
            facts["effect_achieved"] = "已按标准整改到位"
            applied = self.today - timedelta(days=6 + int(self.chance.random() * 14))
            if status == "closed":
                facts["organization_name"] = unit.branch.name
                facts["above_name"] = unit.branch.above_name
                applied = min(due, self.today - timedelta(days=10))
                facts["closed_at"] = moment_text(applied + timedelta(days=5), 16)
            facts["applied_on"] = day_text(applied)

    def _due(self, status: str, issued: date) -> date:
        past = (self.today - issued).days
        if status == "closed":
            return issued + timedelta(days=15 + int(self.chance.random() * 105))
        if status in UNDER_CLOCK and self.chance.random() < OVERDUE:
            return self.today - timedelta(days=self.chance.randrange(1, min(past, 200)))
        return self.today + timedelta(days=int(self.chance.random() * 180))

    # ------------------------------------------------------------ what hangs on the rows

    def _links(self, made: list[Made]) -> Iterator[tuple[Any, ...]]:
        row = self.tables.link.row
        for one in made:
            first = self._pick(self.items)
            yield row(problem_id=one.facts["id"], item_id=first)
            second = self._pick(self.items)
            if second != first and self.chance.random() < TWO_ITEMS:
                yield row(problem_id=one.facts["id"], item_id=second)

    def _people(self, made: Made) -> Rows:
        member = self._pick(made.unit.ordinary)
        row, key = self.tables.person.row, made.facts["id"]
        return [
            row(problem_id=key, part=part, user_id=user.pk, name=user.name)
            for part, user in (("leader", made.unit.leader), ("responsible", member))
        ]

    def _departments(self, made: list[Made]) -> Iterator[tuple[Any, ...]]:
        row = self.tables.department.row
        for one in made:
            yield row(problem_id=one.facts["id"], part="responsible", name=self._pick(DEPARTMENTS))

    def _measures(self, made: list[Made]) -> Iterator[tuple[Any, ...]]:
        row = self.tables.measure.row
        for one in made:
            first = int(self.chance.random() * len(MEASURES))
            second = first - 1 - int(self.chance.random() * (len(MEASURES) - 1))
            for position, at in enumerate((first, second), start=1):
                yield row(
                    problem_id=one.facts["id"],
                    position=position,
                    text=MEASURES[at],
                    done_on=one.facts.get("applied_on"),
                    entered_by_id=one.facts["drafted_by_id"],
                )

    def _index(self, made: list[Made], people: list[Rows]) -> None:
        """Write what the rows are searched by, and SQLite's index beside it."""
        named = self.tables.person.columns.index("name")
        rows, pairs = [], []
        for one, persons in zip(made, people, strict=True):
            facts = one.facts
            names = joined([facts.get("number"), *(person[named] for person in persons)])
            words = joined([facts["description"], facts["cause"]])
            pairs.append((facts["id"], pairs_of(names, words)))
            rows.append({"problem_id": facts["id"], "names": names, "text": words})
        if connection.vendor == "postgresql":
            for row, (_, found) in zip(rows, pairs, strict=True):
                row["pairs"] = f"{{{','.join(map(str, signed(found)))}}}"
        self.tables.words.write(self.tables.words.row(**row) for row in rows)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {TABLE} (rowid, pairs) VALUES (%s, %s)",  # noqa: S608
                    [(key, written(found)) for key, found in pairs],
                )

    def _apply(self, made: list[Made]) -> None:
        """Rows in review wait for the signature of their own secretary."""
        application, step = self.tables.application, self.tables.step
        applications, steps = [], []
        for key, one in zip(keys(ClosureApplication, len(made)), made, strict=True):
            facts = one.facts
            moment = moment_text(date.fromisoformat(facts["applied_on"]), 11)
            level = facts["closing_level_id"]
            applications.append(
                application.row(
                    id=key,
                    problem_id=facts["id"],
                    round=1,
                    level_id=level,
                    statement="已按标准整改到位。",
                    applicant_name="联络员",
                    entered_by_id=facts["drafted_by_id"],
                    applied_at=moment,
                )
            )
            opened = {"state": "open", "holder_id": one.unit.branch.pk, "opened_at": moment}
            steps += [
                step.row(
                    application_id=key,
                    position=position,
                    kind=kind,
                    **opened if position == 1 else {},
                )
                for position, kind in self.steps[level]
            ]
        application.write(applications)
        step.write(steps)
