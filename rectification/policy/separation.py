"""The separation of duties (SOD-01 to 05, 08, 15 and 16 of PERMISSIONS.md): who keeps out of what.

Persons are compared, not accounts; where somebody is known by name only, the name.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from campaigns.models import ClosingStep
from rectification.models import ClosureApplication, Problem, ReviewStep
from rectification.policy.involved import Involved
from reform.models import Delegation, Duty, OrganizationRelation, User
from reform.models.delegation import DelegationQuerySet
from reform.models.statement import Keys, Statement, day_of
from reform.text import fold

LOOK_BACK = timedelta(days=730)  # SOD-05: 24 months


class Service(NamedTuple):
    """Where somebody served, and until when."""

    path: str
    until: date | None


def barred(
    user: User,
    step: ReviewStep | None,
    application: ClosureApplication,
    *,
    kind: str,
    on: date,
    involved: "Involved | None" = None,
    held: Sequence[Service] | None = None,
) -> str:
    """Return why `user` may not take a step of this application, or nothing.

    SOD-01 to 05, 15 and 16 of PERMISSIONS.md; persons are compared, not accounts. `held` is where
    he served in the look-back window, where many steps are judged at once.
    """
    person = user.person_id
    applicant = {application.applicant_name} if application.applicant is None else set()
    if person in _persons(application.applicant, application.entered_by) or _bears(
        user.name, applicant
    ):
        return f"{user}是本次销号申请的申请人或录入人，不能审核自己的申请。"
    row = application.problem
    involved = involved or Involved.of(row)
    if person in _persons(*involved.asked_for(application)):
        return f"本次销号申请由受托人代{user}提出，{user}不能审核。"
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
    held = _services_of(user, since=on - LOOK_BACK, on=on)
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
    held: Sequence[Service] | None = None,
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
    if user.person_id in _persons(*involved.lent):
        return f"受托人曾代{user}为该问题填报内容，{user}不能再参与审核。"
    paths = (problem.path, *involved.former_paths)
    return _from_the_inside(user, problem, kind, on, held=held, paths=paths)


def _from_the_inside(
    user: User,
    problem: Problem,
    kind: str,
    on: date,
    *,
    held: Sequence[Service] | None,
    paths: tuple[str, ...],
) -> str:
    """SOD-03, and for discipline SOD-05 with its 24 months, over all accounts of the person; also
    at `paths` that answered for the row before a merger or a split (SOD-15)."""
    if problem.is_personal:
        return ""
    since = on - LOOK_BACK if kind == ClosingStep.Kind.RECHECK else on
    held = _services_of(user, since=since, on=on) if held is None else held
    if any(
        served.path.startswith(paths) and (served.until is None or served.until >= since)
        for served in held
    ):
        months = "近24个月内" if kind == ClosingStep.Kind.RECHECK else ""
        return f"{user}{months}在责任单位任职，须回避。"
    return ""


def _services_of(user: User, *, since: date, on: date) -> list[Service]:
    """Return where the person served on any of those days, over all accounts of his.

    Who holds a duty there for somebody on leave (请假委托) answers for the unit as well.
    """
    said = _served(connection.vendor, since, on)
    return [Service(path, day_of(until)) for path, until in said.rows({ME: user.person_id})]


def services_of_each(users: Iterable[User], *, on: date) -> dict[int, list[Service]]:
    """Return where each of many persons served in the look-back window, by `person_id`: as many
    statements for thousands as for one."""
    since = on - LOOK_BACK
    persons = {user.person_id for user in users}
    found: dict[int, list[Service]] = {person: [] for person in persons}
    accounts = dict(
        User.objects.filter(Q(pk__in=Keys(persons)) | Q(same_as__in=Keys(persons)))
        .annotate(person=Coalesce("same_as", "pk"))
        .values_list("pk", "person")
    )
    own = Duty.objects.filter(user__in=Keys(accounts)).in_force_between(since, on)
    for user, path, until in own.values_list("user", "organization__path", "until"):
        found[accounts[user]].append(Service(path, until))
    lent = _lent(since, on).filter(delegate__in=Keys(accounts))
    last = Coalesce("ended_on", "until")
    for user, path, until in lent.values_list("delegate", "duty__organization__path", last):
        found[accounts[user]].append(Service(path, until))
    return found


ME = -1  # stands in for the person


@lru_cache(maxsize=8)
def _served(_vendor: str, since: date, on: date) -> Statement:
    # Not joined: of the two conditions on accounts each has its index, and there are many duties.
    accounts = User.objects.of_person(User(pk=ME)).order_by().values("pk")
    own = Duty.objects.filter(user__in=accounts)
    own = own.in_force_between(since, on).order_by()
    lent = _lent(since, on).filter(delegate__in=accounts)
    last = Coalesce("ended_on", "until")
    return Statement.of(
        own.values_list("organization__path", "until").union(
            lent.values_list("duty__organization__path", last), all=True
        )
    )


def _lent(since: date, on: date) -> DelegationQuerySet:
    """Return the delegations that held on any of those days."""
    begun = Q(ended_on=None) | Q(ended_on__gt=F("since")) & Q(ended_on__gt=since)
    held = Q(duty__until=None) | Q(duty__until__gte=since)
    return Delegation.objects.filter(begun, held, since__lte=on, until__gte=since).order_by()


def barred_by_name(name: str, application: ClosureApplication, *, kind: str) -> str:
    """Return why somebody without an account, known by name only, may not sign on paper."""
    problem = application.problem
    involved = Involved.of(problem)
    asked = {user.name for user in involved.asked_for(application)}
    if _bears(name, {application.applicant_name, application.entered_by.name, *asked}):
        return f"{name}是本次销号申请的申请人或录入人（含委托他人代为申请），不能签批自己的申请。"
    if kind == ClosingStep.Kind.ENDORSE and not problem.is_personal:
        return ""
    if _bears(name, {*involved.names, *(user.name for user in involved.answerable if user)}):
        return f"{name}是该问题的责任人、责任领导、措施拟定人或佐证提供人，须回避。"
    if _bears(name, {user.name for user in (*involved.entered, *involved.lent)}):
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


def _bears(name: str, names: Iterable[str]) -> bool:
    """Names are compared without blanks: 马　超 on paper is 马超."""
    return bool(fold(name)) and fold(name) in {fold(other) for other in names}
