"""What is stuck (需要关注): late, too long in review, not accepted, or without progress.

Each kind has a time within which it should move; how far a row is past it, in working days, says
which is the worst. A day's limits come from the working calendar.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from campaigns.models import BEIJING, ClosingStep
from rectification.models.closure import ClosureApplication, ReviewStep
from rectification.models.evidence import Evidence
from rectification.models.measure import ProgressEntry
from rectification.models.problem import Problem
from rectification.models.problem_queryset import overdue
from reform.models import Duty, Holiday
from reform.workdays import Calendar

REVIEW_DAYS, ACCEPT_DAYS, QUIET_DAYS = 5, 3, 30  # working days, working days, days
SHOWN = 10
DEFINITION = (
    f"逾期的；同一审核步骤满{REVIEW_DAYS}个工作日未办的；交办满{ACCEPT_DAYS}个工作日未签收的；"
    f"{QUIET_DAYS}天没有进展的（不含长期坚持）。"
)


class Limits(NamedTuple):
    """The first moments that are still in time on a day."""

    on: date
    review: datetime
    accept: datetime
    quiet: datetime

    @classmethod
    def of(cls, on: date, calendar: Calendar) -> "Limits":
        last = calendar.workday_until(on)

        def after(day: date) -> datetime:
            return datetime.combine(day + timedelta(days=1), time(), BEIJING)

        return cls(
            on,
            after(calendar.add_workdays(last, -REVIEW_DAYS)),
            after(calendar.add_workdays(last, -ACCEPT_DAYS)),
            after(on - timedelta(days=QUIET_DAYS)),
        )


def rows(on: date) -> Q:
    """Return the rows that are stuck on a day, of all kinds; the kinds have none in common."""
    limits = Limits.of(on, Holiday.objects.calendar())
    return overdue(on) | in_review(limits) | unaccepted(limits) | quiet(limits)


def late_steps(limits: Limits) -> QuerySet[ReviewStep]:
    return ReviewStep.objects.open().filter(opened_at__lt=limits.review)


def in_review(limits: Limits) -> Q:
    waiting = late_steps(limits).filter(application__problem=OuterRef("pk"))
    return Q(status=Problem.Status.IN_REVIEW) & Q(Exists(waiting))


def _in_time(on: date) -> Q:
    return Q(due_on=None) | Q(due_on__gte=on)


def unaccepted(limits: Limits) -> Q:
    waiting = Q(status=Problem.Status.ASSIGNED, issued_at__lt=limits.accept)
    return waiting & _in_time(limits.on)


# What counts as progress, and its moment.
MOVES: tuple[tuple[Any, str], ...] = (
    (ProgressEntry, "at"),
    (Evidence, "entered_at"),
    (ClosureApplication, "ended_at"),
)


def quiet(limits: Limits) -> Q:
    found = Q(status=Problem.Status.RECTIFYING, issued_at__lt=limits.quiet)
    found &= ~Q(due_kind=Problem.DueKind.STANDING) & _in_time(limits.on)
    for model, moment in MOVES:
        moved = model.objects.filter(problem=OuterRef("pk"))
        found &= ~Q(Exists(moved.filter(**{f"{moment}__gte": limits.quiet})))
    return found


def last_move() -> Greatest:
    """The last moment at which something was done; of none, when it was issued."""
    return Greatest(
        *(
            Coalesce(
                Subquery(
                    model.objects.filter(problem=OuterRef("pk"))
                    .order_by()
                    .values("problem")
                    .annotate(last=Max(moment))
                    .values("last")
                ),
                "issued_at",
            )
            for model, moment in MOVES
        )
    )


# ---------------------------------------------------------------- the worst of them


@dataclass(frozen=True)
class Stuck:
    """One row that is stuck: since when, at which step, with whom."""

    problem: Problem
    kind: str
    days: int  # as `words` says them
    step: str
    whom: str

    @property
    def words(self) -> str:
        return WORDS[self.kind].format(self.days)


ALLOWED = {"review": REVIEW_DAYS, "accept": ACCEPT_DAYS}  # working days
WORDS = {
    "late": "逾期{}天",
    "review": "待审{}个工作日",
    "accept": "{}个工作日未签收",
    "quiet": "{}天无进展",
}


class Found(NamedTuple):
    """A row that was found: since when it waits, for how long, and how many working days more than
    it may."""

    kind: str
    key: int
    since: date
    days: int = 0
    beyond: int = 0

    def measured(self, calendar: Calendar, on: date) -> "Found":
        days = (on - self.since).days
        workdays = calendar.workdays_between(self.since, on)
        if self.kind in ALLOWED:
            return self._replace(days=workdays, beyond=workdays - ALLOWED[self.kind])
        allowed = timedelta(days=QUIET_DAYS if self.kind == "quiet" else 0)
        return self._replace(days=days, beyond=calendar.workdays_between(self.since + allowed, on))


def worst(problems: QuerySet[Problem], *, on: date, most: int = SHOWN) -> list[Stuck]:
    """Return at most so many rows that are stuck, the worst first.

    Of each kind the oldest, keys first: thousands may be late in a county, and rows are wide. As
    many statements for fifty rows as for one.
    """
    calendar = Holiday.objects.calendar()
    limits = Limits.of(on, calendar)
    found = [one.measured(calendar, on) for one in _oldest(problems.order_by(), limits, most)]
    found.sort(key=lambda one: (-one.beyond, one.kind != "late", one.since, one.key))
    chosen = found[:most]
    known = (
        Problem.objects.select_related("organization")
        .prefetch_related("people")
        .in_bulk([one.key for one in chosen])
    )
    seats = _seats([one.key for one in chosen if one.kind == "review"], on)
    return [_told(one, known[one.key], seats) for one in chosen if one.key in known]


def _oldest(problems: QuerySet[Problem], limits: Limits, most: int) -> list[Found]:
    mine = problems.filter(pk=OuterRef("application__problem"))
    late = problems.filter(overdue(limits.on)).order_by("due_on", "pk")
    steps = late_steps(limits).filter(Exists(mine)).order_by("opened_at", "pk")
    given = problems.filter(unaccepted(limits)).order_by("issued_at", "pk")
    still = problems.filter(quiet(limits)).annotate(last=last_move()).order_by("last", "pk")
    asked: dict[str, Any] = {
        "late": late.values_list("pk", "due_on"),
        "review": steps.values_list("application__problem", "opened_at"),
        "accept": given.values_list("pk", "issued_at"),
        "quiet": still.values_list("pk", "last"),
    }
    return [
        Found(kind, key, since.astimezone(BEIJING).date() if kind != "late" else since)
        for kind, rows in asked.items()
        for key, since in rows[:most]
    ]


def _told(one: Found, problem: Problem, seats: dict[int, tuple[str, str]]) -> Stuck:
    if one.kind == "review":
        step, whom = seats[one.key]
    else:
        step = str(Problem.Status(problem.status).label)
        names = (row.name for row in problem.people.all() if row.part == "responsible")
        # Not accepted yet: it lies with the organization.
        whom = "" if problem.status == Problem.Status.ASSIGNED else "、".join(names)
    return Stuck(problem, one.kind, one.days, step, whom or problem.unit_name)


def _seats(problems: list[int], on: date) -> dict[int, tuple[str, str]]:
    """Return the step each row waits at, and with whom it lies.

    A name only where there is one person: of several, some may have to keep out, which the page of
    the problem says.
    """
    steps = list(
        ReviewStep.objects.open()
        .filter(application__problem__in=problems)
        .select_related("application", "holder")
        .prefetch_related("appointments__user")
    )
    held = Duty.objects.in_force(on).filter(
        organization__in={step.holder_id for step in steps if step.holder_id},
        user__is_active=True,
    )
    names: dict[tuple[int, str], list[str]] = {}
    for place, role, name in held.values_list("organization", "role", "user__name"):
        names.setdefault((place, role), []).append(name)
    return {
        step.application.problem_id: (str(step.get_kind_display()), _seat(step, names, on))
        for step in steps
    }


def _seat(step: ReviewStep, names: dict[tuple[int, str], list[str]], on: date) -> str:
    asked = [row.user.name for row in step.appointments.all() if row.until >= on]
    if asked:
        return f"{'、'.join(asked)}（指派）"
    if step.holder is None:
        return "暂无可办理人员"
    roles = ClosingStep.ROLES[ClosingStep.Kind(step.kind)]
    people = [name for role in roles for name in names.get((step.holder.pk, role), [])]
    return f"{step.holder} {people[0]}" if len(people) == 1 else str(step.holder)
