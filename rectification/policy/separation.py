"""The separation of duties (SOD-01 to 05, 08, 15 and 16 of PERMISSIONS.md): who keeps out of what.

Persons are compared, not accounts; where somebody is known by name only, the name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from campaigns.models import ClosingStep
from rectification.models import Act, ClosureApplication, Problem, ReviewStep
from reform.models import Duty, OrganizationRelation, TrailEntry, User
from reform.models.organization import within
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
) -> str:
    """Return why `user` may not take a step of this application, or nothing.

    SOD-01 to 05, 15 and 16 of PERMISSIONS.md; persons are compared, not accounts.
    """
    person = user.person_id
    applicant = {application.applicant_name} if application.applicant is None else set()
    if person in _persons(application.applicant, application.entered_by) or _bears(
        user.name, applicant
    ):
        return f"{user}是本次销号申请的申请人或录入人，不能审核自己的申请。"
    if why := barred_by_row(user, application.problem, kind=kind, on=on, involved=involved):
        return why
    earlier = application.reviews.exclude(decision="waived").select_related("reviewer", "behalf")
    if step is not None:
        earlier = earlier.exclude(step=step)
    if person in _persons(*(who for one in earlier for who in (one.reviewer, one.behalf))):
        return f"{user}已在本次申请的前一步签过意见，不能再审下一步。"
    return ""


def barred_by_row(
    user: User, problem: Problem, *, kind: str, on: date, involved: "Involved | None" = None
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
    return _from_the_inside(user, problem, kind, on)


def _from_the_inside(user: User, problem: Problem, kind: str, on: date) -> str:
    """SOD-03, and for discipline SOD-05 with its 24 months, over all accounts of the person."""
    if problem.is_personal:
        return ""
    since = on - LOOK_BACK if kind == ClosingStep.Kind.RECHECK else on
    inside = Duty.objects.filter(within(problem.path, "organization__path"))
    inside = inside.in_force_between(since, on)
    person = user.person_id
    if (inside.filter(user=person) | inside.filter(user__same_as=person)).exists():
        months = "近24个月内" if kind == ClosingStep.Kind.RECHECK else ""
        return f"{user}{months}在责任单位任职，须回避。"
    return ""


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

    @classmethod
    def of(cls, problem: Problem) -> "Involved":
        people = list(problem.people.select_related("user"))
        measures = list(problem.measures.select_related("author", "entered_by"))
        evidence = list(problem.evidence.select_related("supplier", "entered_by"))
        named = [
            *((row.user, row.name) for row in people),
            *((row.author, row.author_name) for row in measures),
            *((row.supplier, row.supplier_name) for row in evidence),
        ]
        typed: tuple[Any, ...] = (
            *(*measures, *evidence),
            *problem.progress_entries.select_related("entered_by"),
            *problem.applications.select_related("entered_by"),
        )
        # Who changed a measure, and who answered before a handing over, is in the trail alone.
        told = TrailEntry.objects.of(problem).filter(act__in=[Act.MEASURE_CHANGED, Act.HANDED_OVER])
        entries = list(told.select_related("by"))
        changes = [entry for entry in entries if entry.act == Act.MEASURE_CHANGED]
        before = [one.detail.get("former") for one in entries if one.detail.get("kind") in ANSWERED]
        former = list(User.objects.filter(pk__in=before)) if before else []
        return cls(
            answerable=[*(user for user, _ in named), *former],
            names={name for user, name in named if user is None},
            entered=[
                *(row.entered_by for row in typed),
                *(entry.by for entry in changes if entry.by),
            ],
        )


def _bears(name: str, names: Iterable[str]) -> bool:
    """Names are compared without blanks: 马　超 on paper is 马超."""
    return bool(fold(name)) and fold(name) in {fold(other) for other in names}
