"""Whom each act tells, and in which words. Recipients always have the row in their scope."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from campaigns.models import Cause
from rectification.actions import reminders
from rectification.models import Act, ClosureApplication, Problem, ProblemPerson, ReviewStep
from reform.actions import notices
from reform.models import Actor, Event, Role, TrailEntry, User
from reform.models.delegation import holding_at


def holders(problem: Problem, *roles: str, on: date) -> list[User]:
    """Return who holds one of `roles` at the responsible organization, on leave or in place of
    whoever is."""
    return holding_at(problem.organization_id, *roles, on=on)


def responsible(problem: Problem) -> list[User]:
    return [person.user for person in problem.people.select_related("user") if person.user]


def issued(problems: Sequence[Problem], *, by: Actor, at: datetime) -> None:
    """Rows issued inside one's own organization: whoever answers for one is told its deadline."""
    _to_those_who_answer(problems, "已下达整改，时限{:%Y-%m-%d}", "issued", by=by, at=at)


def put_off(problems: Sequence[Problem], *, by: Actor, at: datetime) -> None:
    _to_those_who_answer(problems, "的整改时限顺延到{:%Y-%m-%d}", "put-off", by=by, at=at)


def brought_forward(problems: Sequence[Problem], *, by: Actor, at: datetime) -> None:
    _to_those_who_answer(problems, "的整改时限提前到{:%Y-%m-%d}", "earlier", by=by, at=at)


def _to_those_who_answer(
    problems: Sequence[Problem], words: str, key: str, *, by: Actor, at: datetime
) -> None:
    people: dict[int, list[User]] = {}
    named = ProblemPerson.objects.filter(problem__in=problems)
    for person in named.select_related("user"):
        if person.user:
            people.setdefault(person.problem_id, []).append(person.user)
    notices.post_each(
        (
            _letter(
                people.get(problem.pk, ()),
                problem,
                f"问题{problem}{words.format(problem.due_on)}",
                f"{key}:{problem.pk}:{problem.version}",
                Event.PROBLEM,
            )
            for problem in problems
        ),
        at=at,
        by=by,
    )


def assigned(problems: Sequence[Problem], *, by: Actor, at: datetime) -> None:
    """Rows handed to an organization below: its secretaries and liaisons are asked to accept."""
    people: dict[int, list[User]] = {}
    for problem in problems:
        if problem.organization_id not in people:
            found = holders(problem, Role.SECRETARY, Role.LIAISON, on=by.on)
            people[problem.organization_id] = found
    notices.post_each(
        (
            _letter(
                people[problem.organization_id],
                problem,
                f"问题{problem}已交办到{problem.organization}，请签收",
                f"issued:{problem.pk}:{problem.version}",
                Event.PROBLEM,
            )
            for problem in problems
        ),
        at=at,
        by=by,
    )


def assignment_returned(problem: Problem, *, reason: str, by: Actor, at: datetime) -> None:
    assigned = TrailEntry.objects.of(problem).filter(act=Act.ASSIGNED).select_related("by").last()
    people = [problem.drafted_by, *([assigned.by] if assigned and assigned.by else [])]
    words = f"{problem.organization}退回交办{problem}：{reason}"
    key = f"assignment:{problem.pk}:{problem.version}"
    _post(people, problem, words, key, Event.PROBLEM, by=by, at=at)


def step_opened(step: ReviewStep, people: Iterable[User], *, by: Actor, at: datetime) -> None:
    problem = step.application.problem
    words = f"问题{problem}申请销号，等待您{step.get_kind_display()}"
    _post(people, problem, words, f"step:{step.pk}", Event.CLOSURE, by=by, at=at)


def step_seated_anew(step: ReviewStep, people: Iterable[User], *, by: Actor, at: datetime) -> None:
    """Those who may no longer take it are waited for no more; those who came are told."""
    notices.settle(f"step:{step.pk}", at=at, but=people)
    step_opened(step, people, by=by, at=at)


def step_taken(step: ReviewStep, *, at: datetime) -> None:
    """Of several who were asked, one has decided: nobody is waited for any more."""
    notices.settle(f"step:{step.pk}", at=at)
    reminders.answered(step.application.problem, Cause.REVIEW_WAITING, at=at)


def ended(application: ClosureApplication, words: str, *, by: Actor, at: datetime) -> None:
    """Tell the applicant, who typed, who answers, and who keeps the ledger there."""
    problem = application.problem
    people = [
        application.entered_by,
        *([application.applicant] if application.applicant else []),
        *responsible(problem),
        *holders(problem, Role.SECRETARY, Role.LIAISON, on=by.on),
    ]
    if problem.is_personal:
        people = [user for user in people if user in _own(application)]
    _post(people, problem, words, f"ended:{application.pk}", Event.CLOSURE, by=by, at=at)


def _own(application: ClosureApplication) -> list[User]:
    """A personal row is told to the person and to nobody else (PERMISSIONS.md)."""
    named = [
        person.user for person in application.problem.people.all() if person.part == "responsible"
    ]
    return [user for user in (application.applicant, application.entered_by, *named) if user]


def _post(
    people: Iterable[User],
    problem: Problem,
    words: str,
    key: str,
    event: Event,
    *,
    by: Actor,
    at: datetime,
) -> None:
    notices.post_each([_letter(people, problem, words, key, event)], at=at, by=by)


def _letter(
    people: Iterable[User], problem: Problem, words: str, key: str, event: Event
) -> notices.Letter:
    return notices.Letter(people, words, key, problem.get_absolute_url(), event)
