"""The words of the clock's reminders (催办), and what becomes of them when the reason is gone.

A person gets a notice a problem while there are few; of more, one that says how many and opens
their list. Which step told whom of which row is kept all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from campaigns.models import Cause, ReminderRule
from rectification.models import Problem, ReminderStep
from rectification.models.reminder import BY_DEADLINE
from rectification.models.reminders_owed import Row, begin_of
from reform.actions import notices
from reform.models import Duty, Event, Role, User
from reform.models.delegation import holding
from reform.models.statement import Keys
from reform.workdays import short

FEW = 3  # notices of one kind for one person at one moment
EVENTS = {
    Cause.OVERDUE: Event.OVERDUE,
    Cause.DUE_TODAY: Event.DUE,
    Cause.DUE_SOON: Event.DUE,
    Cause.REVIEW_WAITING: Event.WAITING,
    Cause.NO_PROGRESS: Event.STALLED,
}


@dataclass
class Step:
    """A step that is owed: of which row, by which rule, and whom it tells."""

    row: Row
    rule: ReminderRule
    anchor: date
    fires_on: date
    late: bool
    people: list[int] = field(default_factory=list)
    folded: set[int] = field(default_factory=set)  # told by a higher step at the same moment

    @property
    def key(self) -> tuple[int, str, date, int]:
        return self.row.pk, self.rule.cause, self.anchor, self.rule.workdays

    @property
    def told(self) -> list[int]:
        return [user for user in self.people if user not in self.folded]


def post(steps: Sequence[Step], keys: Sequence[int], *, at: datetime) -> int:
    """Put what was told into the inboxes; `keys` are those of the steps kept. Returns how many
    people were told."""
    told: dict[tuple[int, str], list[tuple[Step, int]]] = {}
    for step, key in zip(steps, keys, strict=True):
        for user in step.told:
            told.setdefault((user, EVENTS[Cause(step.rule.cause)]), []).append((step, key))
    people = User.objects.filter(pk__in=Keys({user for user, _ in told}))
    known = {user.pk: user for user in people.only("pk", "username", "is_active")}
    notices.post_each(_letters(told, known), at=at, by=None)
    return len(known)


def _letters(
    told: dict[tuple[int, str], list[tuple[Step, int]]], known: dict[int, User]
) -> Iterable[notices.Letter]:
    for (user, event), mine in told.items():
        if len(mine) > FEW:
            yield _summary(known[user], event, [step for step, _ in mine], mine[0][1])
            continue
        for step, key in mine:
            yield notices.Letter(
                [known[user]],
                subject=_subject(step),
                key=f"reminder:{key}",
                url=reverse("problem", args=[step.row.pk]),
                event=event,
                due_at=begin_of(step.fires_on),
                late=step.late,
            )


def _subject(step: Step) -> str:
    row, rule, number = step.row, step.rule, f"问题{step.row.number}"
    proposal = f"，{rule.proposal}" if rule.proposal else ""
    due = f"{row.due_on:%Y-%m-%d}" if row.due_on else ""
    match rule.cause:
        case Cause.OVERDUE:
            return f"{number}已逾期，时限是{due}{proposal}"
        case Cause.REVIEW_WAITING:
            return f"{number}的销号审核已等待{rule.workdays}个工作日{proposal}"
        case Cause.NO_PROGRESS:
            return f"{number}已有{rule.workdays}个工作日没有填报进展{proposal}"
    return f"{number}将到期，时限是{due}{proposal}"


def _summary(user: User, event: str, steps: list[Step], key: int) -> notices.Letter:
    number, first = len(steps), min((step.row.due_on or date.max) for step in steps)
    last = max((step.row.due_on or date.min) for step in steps)
    words, view = {
        Event.OVERDUE: (f"有{number}条问题逾期，最早的时限是{first}", {"view": "overdue"}),
        Event.DUE: (
            f"有{number}条问题将到期，最近的时限是{first}",
            {"due_from": first.isoformat(), "due_until": last.isoformat()},
        ),
        Event.WAITING: (f"有{number}条销号申请等待审核过久", {}),
        Event.STALLED: (f"有{number}条问题长期没有填报进展", {"view": "rectifying"}),
    }[Event(event)]
    proposals: dict[str, int] = {}
    for step in steps:
        if step.rule.proposal:
            proposals[step.rule.proposal] = proposals.get(step.rule.proposal, 0) + 1
    said = "".join(f"，其中{count}条{proposal}" for proposal, count in proposals.items())
    url = f"{reverse('problems')}?{urlencode(view | {'sort': 'due'})}" if view else reverse("desk")
    return notices.Letter(
        [user],
        subject=words + said,
        key=f"reminders:{event}:{key}",
        url=url,
        event=event,
        due_at=begin_of(min(step.fires_on for step in steps)),
        late=any(step.late for step in steps),
    )


def raise_alarm(number: int, *, at: datetime) -> None:
    """Tell the system administrators, once a day, that more was owed than one run tells."""
    on = timezone.localdate(at)
    held = Duty.objects.in_force(on).filter(role=Role.SYSTEM)
    words = f"{short(on)}的催办超过每次上限，本次发出{number}条，其余分批发出，请查看系统状态"
    notices.post(
        holding(held, on=on),
        subject=words,
        key=f"reminders-alarm:{on}",
        url=reverse("system"),
        event=Event.SYSTEM,
        at=at,
        by=None,
    )


# ---------------------------------------------------------------- when the reason is gone


def withdraw(problem: Problem, *, at: datetime) -> None:
    """Another deadline holds: what was told of the old one stays as history and asks no more.

    The steps of the new one are owed when their days come. The caller may not have saved the row.
    """
    steps = ReminderStep.objects.standing().filter(problem=problem, cause__in=BY_DEADLINE)
    assert problem.due_on is not None  # noqa: S101 -- it is the day that has just been set
    old = list(steps.exclude(anchor=problem.due_on).values_list("pk", flat=True))
    if old:
        ReminderStep.objects.filter(pk__in=old).update(withdrawn_at=at)
        _settle(old, at=at)


def answered(problem: Problem, *causes: str, at: datetime) -> None:
    """What the reminders asked for has been done: they stand in nobody's inbox as unread."""
    steps = ReminderStep.objects.standing().filter(problem=problem, cause__in=causes)
    _settle(list(steps.values_list("pk", flat=True)), at=at)


def _settle(keys: Iterable[int], *, at: datetime) -> None:
    for key in keys:
        notices.settle(f"reminder:{key}", at=at)
