"""Who has to do with a row (有关人员): those it names, and those only the trail still knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

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
        people = _on(ProblemPerson, rows, "user")
        measures = _on(Measure, rows, "author", "entered_by")
        evidence = _on(Evidence, rows, "supplier", "entered_by")
        named = (
            *((row, row.user, row.name) for row in people),
            *((row, row.author, row.author_name) for row in measures),
            *((row, row.supplier, row.supplier_name) for row in evidence),
        )
        for row, user, name in named:
            found[row.problem_id].answerable.append(user)
            if user is None:
                found[row.problem_id].names.add(name)
        entries = _on(ProgressEntry, rows, "entered_by")
        applications = _on(ClosureApplication, rows, "entered_by")
        for row in (*measures, *evidence, *entries, *applications):
            found[row.problem_id].entered.append(row.entered_by)
        told = list(_told(rows))
        known = User.objects.in_bulk({pk for entry in told for pk in _named(entry)})
        for entry in told:
            found[rows[entry.target]]._add(entry, known)  # noqa: SLF001 -- our own class
        for target, path in _former_places(told):
            found[rows[target]].former_paths.append(path)
        reviews = ClosureReview.objects.filter(application__problem__in=found)
        for review in reviews.select_related("reviewer", "behalf", "application"):
            found[review.application.problem_id].reviews.append(review)
        return found

    def _add(self, entry: TrailEntry, known: Mapping[int, User]) -> None:
        if entry.act == Act.MEASURE_CHANGED and entry.by:
            self.entered.append(entry.by)
        if _hands_over(entry):
            self.answerable.append(known.get(entry.detail["former"]))
        delegator = known.get(entry.detail.get("in_place_of", 0))
        if delegator is None or entry.act not in FILLS or entry.by not in self.entered:
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
    entries = TrailEntry.objects.filter(Q(act__in=CHANGES) | lent, target__in=rows)
    return entries.select_related("by")


def _named(entry: TrailEntry) -> set[int]:
    named = {entry.detail["in_place_of"]} if "in_place_of" in entry.detail else set()
    return named | ({entry.detail["former"]} if _hands_over(entry) else set())


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


def _on(table: Any, rows: Mapping[str, int], *people: str) -> list[Any]:
    """Return what hangs on the rows, with the people it names."""
    return list(table.objects.filter(problem__in=rows.values()).select_related(*people))
