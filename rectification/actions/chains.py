"""The review chain (审核链): which steps an application has, and who may take the next one.

A step belongs to the nearest organization above where somebody may take it, fixed when it opens;
where nobody is, it climbs (DESIGN §3, PERMISSIONS.md “How to read it”).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from campaigns.models import ClosingStep
from rectification import policy
from rectification.actions import keepsakes, telling
from rectification.models import Act, Appointment, ClosureApplication, Problem, ReviewStep
from reform.actions import trail
from reform.models import (
    Actor,
    Delegation,
    Duty,
    Organization,
    OrganizationRelation,
    Role,
    User,
)
from reform.models.duty_field import load_fields

Kind = ClosingStep.Kind
State = ReviewStep.State
APPOINTED = timedelta(days=60)


@dataclass(frozen=True)
class Seat:
    """Where a step lies and who there may take it; no organization means nobody was found."""

    organization: Organization | None
    people: list[User]


def roles(problem: Problem, kind: str) -> tuple[Role, ...]:
    """A personal row is signed by the branch secretary only."""
    return (Role.SECRETARY,) if problem.is_personal else ClosingStep.ROLES[Kind(kind)]


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
    return _seat(application.problem, step.kind, barred, on=on)


def _seat(problem: Problem, kind: str, barred: Callable[[User], str], *, on: date) -> Seat:
    for organization in places(problem, kind, on):
        holders = _holders(organization, problem, kind, on)
        if people := [user for user in holders if not _kept_out(user, barred)]:
            return Seat(organization, people)
    return Seat(None, [])


def _kept_out(user: User, barred: Callable[[User], str]) -> str:
    """A delegate keeps out for his own conflicts and for those of whom he stands for (SOD-14)."""
    return barred(user) or (barred(user.in_place_of) if user.in_place_of else "")


def places(problem: Problem, kind: str, on: date) -> Iterator[Organization]:
    """审签 is the organization's own and does not climb, but for a personal row, whose only
    step it is; reviews are taken above, nearest first. At 复核 a stationed 纪检组 (派驻) comes
    right before its host."""
    lineage = problem.organization.lineage
    if kind == Kind.ENDORSE and not problem.is_personal:
        lineage = lineage[-1:]
    elif kind != Kind.ENDORSE:
        lineage = lineage[:-1]
    found = {problem.organization.path: problem.organization}
    if above := [path for path in lineage if path not in found]:
        found |= {place.path: place for place in Organization.objects.filter(path__in=above)}
    stationed = _stationed(problem, on) if kind == Kind.RECHECK else {}
    for path in reversed(problem.organization.lineage):
        yield from stationed.get(path, ())
        if path in lineage:
            yield found[path]


def _stationed(problem: Problem, on: date) -> dict[str, list[Organization]]:
    """Return the groups stationed at the organization or above it, by the path of their host."""
    hosts = problem.organization.lineage
    rows = OrganizationRelation.objects.stationed(on).filter(other__path__in=hosts)
    found: dict[str, list[Organization]] = {}
    for row in rows.select_related("organization", "other").order_by("organization__sequence"):
        found.setdefault(row.other.path, []).append(row.organization)
    return found


def _holders(organization: Organization, problem: Problem, kind: str, on: date) -> list[User]:
    held = (
        Duty.objects.in_force(on)
        .filter(organization=organization, role__in=roles(problem, kind), user__is_active=True)
        .select_related("user", "organization")
        .order_by("place", "pk")
    )
    duties = list(held)
    load_fields(duties, on=on)
    duties = [duty for duty in duties if _answers_for(duty, problem)]
    own = dict.fromkeys(duty.user for duty in duties)
    return list(own | dict.fromkeys(_delegates(duties, on)))


def _delegates(duties: list[Duty], on: date) -> Iterator[User]:
    """Who holds one of these duties for somebody on leave (请假委托)."""
    if not duties:
        return
    given = Delegation.objects.in_force(on).filter(duty__in=duties, delegate__is_active=True)
    for one in given.select_related("delegate", "duty__user").order_by("pk"):
        if one.delegate.pk not in {duty.user_id for duty in duties}:
            one.delegate.in_place_of = one.duty.user
            yield one.delegate


def _answers_for(duty: Duty, problem: Problem) -> bool:
    """A leader who is not the 主要负责人 acts only on the organizations of his field."""
    at_home = duty.organization_id == problem.organization_id
    return not duty.has_field or at_home or any(place.covers(problem.path) for place in duty.field)


def look_ahead(problem: Problem, *, on: date) -> list[tuple[str, str]]:
    """Return the chain by name, before anybody applied: (step, who and where), for the page."""
    if problem.closing_level is None:
        return []
    ahead, involved = [], policy.Involved.of(problem)
    for step in problem.closing_level.steps.all():
        barred = partial(
            policy.barred_by_row, problem=problem, kind=step.kind, on=on, involved=involved
        )
        found = _seat(problem, step.kind, barred, on=on)
        ahead.append((step.get_kind_display(), words(found)))
    return ahead


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
