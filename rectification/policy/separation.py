"""The separation of duties (SOD-01 to 05, 08, 15 and 16 of PERMISSIONS.md): who keeps out of what.

Persons are compared, not accounts; where somebody is known by name only, the name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from campaigns.models import ClosingStep
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
from reform.models import Duty, Organization, OrganizationRelation, TrailEntry, User
from reform.models.trail import target_of
from reform.text import fold

ANSWERED = {"responsible", "leader", "measure"}  # kinds of handing over (actions/handovers.py)
LOOK_BACK = timedelta(days=730)  # SOD-05: 24 months


def barred(
    user: User,
    step: ReviewStep | None,
    application: ClosureApplication,
    *,
    kind: str,
    on: date,
    involved: "Involved | None" = None,
    held: Sequence[Duty] | None = None,
) -> str:
    """Return why `user` may not take a step of this application, or nothing.

    SOD-01 to 05, 15 and 16 of PERMISSIONS.md; persons are compared, not accounts. `held` are his
    duties of the look-back window, where many steps are judged at once.
    """
    person = user.person_id
    applicant = {application.applicant_name} if application.applicant is None else set()
    if person in _persons(application.applicant, application.entered_by) or _bears(
        user.name, applicant
    ):
        return f"{user}是本次销号申请的申请人或录入人，不能审核自己的申请。"
    row = application.problem
    involved = involved or Involved.of(row)
    if why := barred_by_row(user, row, kind=kind, on=on, involved=involved, held=held):
        return why
    if person in _persons(*involved.signers(application, before=step)):
        return f"{user}已在本次申请的前一步签过意见，不能再审下一步。"
    return ""


def barred_from(user: User, steps: Sequence[ReviewStep], *, on: date) -> dict[int, str]:
    """Return why `user` may not take those of some steps that he may not, by their keys.

    For a list: as many statements for fifty steps as for one, when the steps come with their
    applications, problems, applicants and who typed them.
    """
    involved = Involved.of_each([step.application.problem for step in steps])
    held = _duties_of(user, since=on - LOOK_BACK, on=on)
    found = {
        step.pk: barred(
            user,
            step,
            step.application,
            kind=step.kind,
            on=on,
            involved=involved[step.application.problem_id],
            held=held,
        )
        for step in steps
    }
    return {pk: why for pk, why in found.items() if why}


def barred_by_row(
    user: User,
    problem: Problem,
    *,
    kind: str,
    on: date,
    involved: "Involved | None" = None,
    held: Sequence[Duty] | None = None,
) -> str:
    """Return why `user` keeps out of every review of this row, whoever applies for closure.

    审签 is the organization answering for itself and bars only the applicant (SOD-02).
    """
    if kind == ClosingStep.Kind.ENDORSE and not problem.is_personal:
        return ""
    involved = involved or Involved.of(problem)
    if user.person_id in _persons(*involved.answerable):
        return f"{user}是该问题的责任人、责任领导、措施拟定人或佐证提供人，须回避。"
    if _bears(user.name, involved.names):
        return f"该问题的责任人、责任领导、措施拟定人或佐证提供人中有“{user}”，须回避。"
    if user.person_id in _persons(*involved.entered):
        return f"{user}曾为该问题代填内容，不能再参与审核。"
    paths = (problem.path, *involved.former_paths)
    return _from_the_inside(user, problem, kind, on, held=held, paths=paths)


def _from_the_inside(
    user: User,
    problem: Problem,
    kind: str,
    on: date,
    *,
    held: Sequence[Duty] | None,
    paths: tuple[str, ...],
) -> str:
    """SOD-03, and for discipline SOD-05 with its 24 months, over all accounts of the person; also
    at `paths` that answered for the row before a merger or a split (SOD-15)."""
    if problem.is_personal:
        return ""
    since = on - LOOK_BACK if kind == ClosingStep.Kind.RECHECK else on
    held = _duties_of(user, since=since, on=on) if held is None else held
    if any(
        duty.organization.path.startswith(paths) and (duty.until is None or duty.until >= since)
        for duty in held
    ):
        months = "近24个月内" if kind == ClosingStep.Kind.RECHECK else ""
        return f"{user}{months}在责任单位任职，须回避。"
    return ""


def _duties_of(user: User, *, since: date, on: date) -> list[Duty]:
    """Return what the person held on any of those days, over all accounts of his."""
    person = user.person_id
    accounts = User.objects.filter(Q(pk=person) | Q(same_as=person))
    held = Duty.objects.filter(user__in=accounts.values("pk"))  # not joined: both indexes serve
    return list(held.in_force_between(since, on).select_related("organization"))


def barred_by_name(name: str, application: ClosureApplication, *, kind: str) -> str:
    """Return why somebody without an account, known by name only, may not sign on paper."""
    problem = application.problem
    if _bears(name, {application.applicant_name, application.entered_by.name}):
        return f"{name}是本次销号申请的申请人或录入人，不能签批自己的申请。"
    if kind == ClosingStep.Kind.ENDORSE and not problem.is_personal:
        return ""
    involved = Involved.of(problem)
    if _bears(name, {*involved.names, *(user.name for user in involved.answerable if user)}):
        return f"{name}是该问题的责任人、责任领导、措施拟定人或佐证提供人，须回避。"
    if _bears(name, {user.name for user in involved.entered}):
        return f"{name}曾为该问题代填内容，不能再参与审核。"
    earlier = application.reviews.exclude(decision="waived")
    if _bears(name, earlier.values_list("reviewer_name", flat=True)):
        return f"{name}已在本次申请的前一步签过意见，不能再签下一步。"
    return ""


def is_known_here(name: str, problem: Problem, *, on: date) -> bool:
    """Return whether somebody of the name serves at the responsible organization, above it, or
    at a 纪检组 stationed there.

    He is then judged by his account: typed as a name he would be asked for no role.
    """
    lineage = problem.organization.lineage
    stationed = OrganizationRelation.objects.stationed(on).filter(other__path__in=lineage)
    there = Duty.objects.in_force(on).filter(
        Q(organization__path__in=lineage) | Q(organization__in=stationed.values("organization"))
    )
    names = there.filter(user__is_active=True).values_list("user__name", flat=True)
    return _bears(name, names.distinct())


def _persons(*users: User | None) -> set[int]:
    return {user.person_id for user in users if user is not None}


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

    @classmethod
    def of(cls, problem: Problem) -> "Involved":
        return cls.of_each([problem])[problem.pk]

    @classmethod
    def of_each(cls, problems: Iterable[Problem]) -> dict[int, "Involved"]:
        """Look up for many rows in one go, by their keys; always asked anew, for acts change it."""
        rows = {target_of(problem): problem.pk for problem in problems}
        found = {pk: cls([], set(), [], [], []) for pk in rows.values()}
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
        # Who changed a measure, and who answered before a handing over, a merger or a split, is
        # in the trail alone.
        acts = [Act.MEASURE_CHANGED, Act.HANDED_OVER, Act.UNIT_CHANGED]
        told = list(TrailEntry.objects.filter(target__in=rows, act__in=acts).select_related("by"))
        for change in (entry for entry in told if entry.act == Act.MEASURE_CHANGED):
            found[rows[change.target]].entered.extend([change.by] if change.by else [])
        handed = [entry for entry in told if _hands_over(entry)]
        former = (
            User.objects.in_bulk({entry.detail["former"] for entry in handed}) if handed else {}
        )
        for entry in handed:
            found[rows[entry.target]].answerable.append(former.get(entry.detail["former"]))
        for target, path in _former_places(told):
            found[rows[target]].former_paths.append(path)
        reviews = ClosureReview.objects.filter(application__problem__in=found)
        for review in reviews.select_related("reviewer", "behalf", "application"):
            found[review.application.problem_id].reviews.append(review)
        return found

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


def _bears(name: str, names: Iterable[str]) -> bool:
    """Names are compared without blanks: 马　超 on paper is 马超."""
    return bool(fold(name)) and fold(name) in {fold(other) for other in names}
