"""The review chain (审核链): which steps an application has, and who may take the next one.

A step belongs to the nearest organization above where somebody may take it, fixed when it opens;
where nobody is, it climbs (DESIGN §3, PERMISSIONS.md “How to read it”).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from campaigns.models import ClosingStep
from rectification import policy
from rectification.actions import keepsakes, telling
from rectification.actions.lines import Line
from rectification.models import Act, Appointment, ClosureApplication, Problem, ReviewStep
from reform.actions import trail
from reform.models import Actor, Organization, User

Kind = ClosingStep.Kind
State = ReviewStep.State
APPOINTED = timedelta(days=60)


@dataclass(frozen=True)
class Seat:
    """Where a step lies and who there may take it; no organization means nobody was found."""

    organization: Organization | None
    people: list[User]


def seat(application: ClosureApplication, step: ReviewStep, *, on: date) -> Seat:
    """Find the nearest organization with somebody who may take this step."""
    barred = partial(
        policy.barred,
        step=step,
        application=application,
        kind=step.kind,
        on=on,
        involved=policy.Involved.of(application.problem),
    )
    return seat_on(Line(application.problem, on), step.kind, barred)


def look_ahead(problem: Problem, *, on: date) -> list[tuple[str, str]]:
    """Return the chain by name, before anybody applied: (step, who and where), for the page."""
    if problem.closing_level is None:
        return []
    ahead, involved, line = [], policy.Involved.of(problem), Line(problem, on)
    for step in problem.closing_level.steps.all():
        barred = partial(
            policy.barred_by_row, problem=problem, kind=step.kind, on=on, involved=involved
        )
        found = seat_on(line, step.kind, barred)
        ahead.append((step.get_kind_display(), words(found)))
    return ahead


def seat_on(line: Line, kind: str, barred: Callable[[User], str]) -> Seat:
    """Find it on a line, keeping out whom `barred` gives a reason for."""
    for organization in line.places(kind):
        holders = line.holders(organization, kind)
        if people := [user for user in holders if not _kept_out(user, barred)]:
            return Seat(organization, people)
    return Seat(None, [])


def _kept_out(user: User, barred: Callable[[User], str]) -> str:
    """A delegate keeps out for his own conflicts and for those of whom he stands for (SOD-14)."""
    return barred(user) or (barred(user.in_place_of) if user.in_place_of else "")


def named(user: User) -> str:
    """“李四（受张三委托）”; who has no account signs on paper, and that is said."""
    if user.in_place_of:
        return f"{user.name}（受{user.in_place_of.name}委托）"
    return user.name if user.has_account else f"{user.name}（无账号，线下签批）"


def words(found: Seat) -> str:
    if found.organization is None:
        return "暂无可办理人员，将指派人员或线下签批"
    names = "、".join(map(named, found.people[:3]))
    more = f"等{len(found.people)}人" if len(found.people) > 3 else ""
    return f"{found.organization} {names}{more}"


# ---------------------------------------------------------------- opening steps


def lay(application: ClosureApplication) -> None:
    """Write down the steps of the level's chain, all waiting."""
    ReviewStep.objects.bulk_create(
        ReviewStep(application=application, position=step.position, kind=step.kind)
        for step in application.level.steps.all()
    )


def open_next(application: ClosureApplication, *, by: Actor, at: datetime) -> ReviewStep | None:
    """Open the first waiting step, fix its holder and tell those who may take it.

    Returns None when no step is left: then the problem closes.
    """
    step = application.steps.filter(state=State.WAITING).first()
    if step is None:
        return None
    found = seat(application, step, on=by.on)
    if found.organization is None and _may_be_waived(application, step):
        return _waive(application, step, by=by, at=at)
    step.state, step.opened_at, step.holder = State.OPEN, at, found.organization
    step.save(update_fields=["state", "opened_at", "holder"])
    problem = application.problem
    if problem.is_personal:
        _appoint_climbed(step, found, by=by, at=at)
    trail.record(
        Act.STEP_OPENED,
        problem,
        by=by,
        at=at,
        say=f"{step.get_kind_display()} → {words(found)}",
        step=step.kind,
    )
    telling.step_opened(step, found.people, by=by, at=at)
    return step


def _may_be_waived(application: ClosureApplication, step: ReviewStep) -> bool:
    """审签 falls away where nobody else can sign and a later step follows (DESIGN §3)."""
    later = application.steps.filter(position__gt=step.position)
    return step.kind == Kind.ENDORSE and later.exists()


def _waive(
    application: ClosureApplication, step: ReviewStep, *, by: Actor, at: datetime
) -> ReviewStep | None:
    step.state = State.WAIVED
    step.save(update_fields=["state"])
    following = application.steps.filter(state=State.WAITING).first()
    if following:
        following.must_visit = True
        following.save(update_fields=["must_visit"])
    keepsakes.waive(step, by=by, at=at)
    return open_next(application, by=by, at=at)


def _appoint_climbed(step: ReviewStep, found: Seat, *, by: Actor, at: datetime) -> None:
    """A personal row that climbed is seen above by nobody but those asked to sign it."""
    problem = step.application.problem
    if found.organization is None or found.organization.pk == problem.organization_id:
        return
    appointed = set(step.appointments.values_list("user", flat=True))
    Appointment.objects.bulk_create(
        Appointment(step=step, user=user, until=by.on + APPOINTED, appointed_by=by.user, at=at)
        for user in found.people
        if user.pk not in appointed
    )


# ---------------------------------------------------------------- when the tree has changed


def seat_anew(step: ReviewStep, *, on: date, by: Actor, at: datetime) -> bool:
    """Seat an open step anew whose holder no longer lies above (`ReviewStep.objects.displaced`),
    and say whether it lies elsewhere now. Those who were appointed keep it."""
    application = step.application
    problem = application.problem
    found = seat(application, step, on=on)
    if step.holder_id is None and found.organization is None:
        return False
    step.holder = found.organization
    step.save(update_fields=["holder"])
    if problem.is_personal:
        _appoint_climbed(step, found, by=by, at=at)
    trail.record(
        Act.STEP_SEATED_ANEW,
        problem,
        by=by,
        at=at,
        say=f"{step.get_kind_display()} → {words(found)}",
        step=step.kind,
    )
    telling.step_seated_anew(step, found.people, by=by, at=at)
    return True
