"""Who has to do with a row (有关人员): those it names, and those only the trail still knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Q, Value

from rectification.models import (
    Act,
    ClosureApplication,
    ClosureReview,
    Decision,
    Evidence,
    Measure,
    Problem,
    ProblemPerson,
    ProgressEntry,
    ReviewStep,
)
from reform.models import Organization, TrailEntry, User
from reform.models.statement import Statement
from reform.models.trail import target_of

ANSWERED = {"responsible", "leader", "measure"}  # kinds of handing over (actions/handovers.py)
# Who changed a measure, and who answered before a handing over, a merger or a split, is in the
# trail alone.
CHANGES = (Act.MEASURE_CHANGED, Act.HANDED_OVER, Act.UNIT_CHANGED)
# So is in whose place a delegate (请假委托) filled something in or applied (SOD-14).
FILLS = (
    Act.DRAFTED,  # an import brings measures
    Act.MEASURE_PLANNED,
    Act.MEASURE_CHANGED,
    Act.MEASURE_FINISHED,
    Act.MEASURE_REOPENED,
    Act.PROGRESS_ADDED,
    Act.EVIDENCE_ADDED,
    Act.CLOSURE_APPLIED,
)


@dataclass(frozen=True)
class Involved:
    """Who has to do with a row, looked up in one go for a judgement on somebody else."""

    # SOD-02: responsible persons and leaders, authors of measures, suppliers of evidence; and of
    # them those known by name only, for whoever bears the name may be the one.
    answerable: list[User | None]
    names: set[str]
    # Who typed for the organization (代填) and so may not review the row, in any round.
    entered: list[User]
    reviews: list[ClosureReview]  # of every round
    # Where the organizations stand that answered for the row before a merger or a split.
    former_paths: list[str]
    # In whose place one of those typed, and in whose place somebody applied, by round.
    lent: list[User]
    asked: list[tuple[int, User]]

    @classmethod
    def of(cls, problem: Problem) -> "Involved":
        return cls.of_each([problem])[problem.pk]

    @classmethod
    def of_each(cls, problems: Iterable[Problem]) -> dict[int, "Involved"]:
        """Look up for many rows in one go, by their keys; always asked anew, for acts change it."""
        rows = {target_of(problem): problem.pk for problem in problems}
        found = {pk: cls([], set(), [], [], [], [], []) for pk in rows.values()}
        if not found:
            return found
        named = _named_by(list(found))
        told = list(_told(rows))
        reviews = list(
            ClosureReview.objects.filter(application__problem__in=found)
            .annotate(row=F("application__problem"))
            .order_by("pk")
        )
        asked = {user for _, _, user, _ in named}
        asked |= {pk for entry in told for pk in _people_of(entry)}
        asked |= {pk for review in reviews for pk in (review.reviewer_id, review.behalf_id)}
        known: dict[int | None, User] = dict(User.objects.in_bulk(asked - {None}))
        for row, typed, user, name in named:
            one = found[row]
            if typed:
                one.entered.append(known[user])
                continue
            one.answerable.append(known.get(user))
            if user is None:
                one.names.add(name)
        for entry in told:
            found[rows[entry.target]]._add(entry, known)  # noqa: SLF001 -- our own class
        for target, path in _former_places(told):
            found[rows[target]].former_paths.append(path)
        for review in reviews:
            review.reviewer = known.get(review.reviewer_id)
            review.behalf = known.get(review.behalf_id)
            found[review.row].reviews.append(review)
        return found

    def _add(self, entry: TrailEntry, known: Mapping[int | None, User]) -> None:
        by = known.get(entry.by_id)
        if entry.act == Act.MEASURE_CHANGED and by:
            self.entered.append(by)
        if _hands_over(entry):
            self.answerable.append(known.get(entry.detail["former"]))
        delegator = known.get(entry.detail.get("in_place_of", 0))
        if delegator is None or entry.act not in FILLS or by not in self.entered:
            return
        self.lent.append(delegator)
        if entry.act == Act.CLOSURE_APPLIED:
            self.asked.append((entry.detail.get("round", 0), delegator))

    def asked_for(self, application: ClosureApplication) -> list[User]:
        """Return in whose place a delegate applied: he keeps out like the applicant."""
        return [user for number, user in self.asked if number == application.round]

    def signers(
        self, application: ClosureApplication, *, before: ReviewStep | None
    ) -> list[User | None]:
        """Return who has signed other steps of this application, and in whose place; a waived
        step has no signer."""
        return [
            who
            for review in self.reviews
            for who in (review.reviewer, review.behalf)
            if review.application_id == application.pk
            and review.decision != Decision.WAIVED
            and (before is None or review.step_id != before.pk)
        ]


def _told(rows: Mapping[str, int]) -> Iterable[TrailEntry]:
    lent = Q(act__in=FILLS, detail__has_key="in_place_of")
    return TrailEntry.objects.filter(Q(act__in=CHANGES) | lent, target__in=rows)


def _people_of(entry: TrailEntry) -> set[int | None]:
    people = {entry.by_id}
    if "in_place_of" in entry.detail:
        people.add(entry.detail["in_place_of"])
    return people | ({entry.detail["former"]} if _hands_over(entry) else set())


def _hands_over(entry: TrailEntry) -> bool:
    return entry.act == Act.HANDED_OVER and entry.detail.get("kind") in ANSWERED


def _former_places(told: Iterable[TrailEntry]) -> list[tuple[str, str]]:
    """Return (row, path) of the organizations that answered for rows before others did."""
    former = [
        (entry.target, entry.detail["former"])
        for entry in told
        if entry.act == Act.UNIT_CHANGED and "former" in entry.detail
    ]
    places = Organization.objects.in_bulk({pk for _, pk in former}) if former else {}
    return [(target, places[pk].path) for target, pk in former if pk in places]


Named = tuple[int, bool, int | None, str]  # the row, whether typed only, who, and by what name


def _named_by(problems: list[int]) -> list[Named]:
    """Return whom the rows and what hangs on them name."""
    said = _naming(connection.vendor, len(problems))
    return said.rows({ROW - n: pk for n, pk in enumerate(problems)})


ROW = -1  # stands in for the first of some rows; the others count on downwards


@lru_cache(maxsize=64)
def _naming(_vendor: str, count: int) -> Statement:
    """One statement for all, kept: the page of a problem and the desk of a reviewer ask it."""
    problems = [ROW - n for n in range(count)]

    def on(table: Any, user: str, name: Any = None) -> Any:
        rows = table.objects.filter(problem__in=problems).order_by()
        typed = Value(name is None, output_field=BooleanField())
        return rows.values_list("problem", typed, user, name or Value(""))

    return Statement.of(
        on(ProblemPerson, "user", "name").union(
            on(Measure, "author", "author_name"),
            on(Measure, "entered_by"),
            on(Evidence, "supplier", "supplier_name"),
            on(Evidence, "entered_by"),
            on(ProgressEntry, "entered_by"),
            on(ClosureApplication, "entered_by"),
            all=True,
        )
    )
