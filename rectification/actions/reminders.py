"""The words of the clock's reminders (催办), and what becomes of them when the reason is gone.

A person gets a notice a problem while there are few; of more, one that says how many and opens
their list. Which step told whom of which row is kept all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.utils import timezone

from campaigns.models import Cause, ReminderRule
from rectification.models import Problem, ReminderStep
from rectification.models.reminder import BY_DEADLINE
from rectification.models.reminders_owed import Row, begin_of
from reform.actions import notices
from reform.models import Duty, Event, Role
from reform.models.delegation import holding
from reform.workdays import short

# Written out: to look an address up loads every page of the site, ninety megabytes that the clock
# has no use for. A test holds them to the pages.
DESK, LEDGER, SYSTEM, INSTRUCTIONS = "/", "/problems/", "/system/", "/instructions/"
FEW = 3  # notices of one kind for one person at one moment
EVENTS: dict[str, Event] = {
    Cause.OVERDUE: Event.OVERDUE,
    Cause.DUE_TODAY: Event.DUE,
    Cause.DUE_SOON: Event.DUE,
    Cause.REVIEW_WAITING: Event.WAITING,
    Cause.NO_PROGRESS: Event.STALLED,
}


@dataclass(slots=True)
class Step:
    """A step that is owed: of which row, by which rule, and whom it tells."""

    row: Row
    rule: ReminderRule
    anchor: date
    fires_on: date
    late: bool
    people: Sequence[int] = ()
    folded: frozenset[int] = frozenset()  # told by a higher step at the same moment

    @property
    def key(self) -> tuple[int, str, date, int]:
        return self.row.pk, self.rule.cause, self.anchor, self.rule.workdays

    @property
    def told(self) -> Sequence[int]:
        if not self.folded:
            return self.people
        return [user for user in self.people if user not in self.folded]


Told = list[tuple[Step, int]]  # steps and their keys


def post(steps: Sequence[Step], keys: Sequence[int], *, at: datetime) -> int:
    """Put what was told into the inboxes; `keys` are those of the steps kept. Returns how many
    people were told."""
    told: dict[tuple[int, str], Told] = {}
    for step, key in zip(steps, keys, strict=True):
        event = EVENTS[step.rule.cause]
        for user in step.told:
            told.setdefault((user, event), []).append((step, key))
    many = {who: mine for who, mine in told.items() if len(mine) > FEW}
    letters = [_summary(user, event, mine) for (user, event), mine in many.items()]
    letters += _one_by_one(zip(steps, keys, strict=True), many)
    notices.post_each(letters, at=at, by=None)
    return len({user for user, _ in told})


def _one_by_one(
    steps: Iterable[tuple[Step, int]], many: dict[tuple[int, str], Told]
) -> Iterable[notices.Letter]:
    for step, key in steps:
        event = EVENTS[step.rule.cause]
        people = [user for user in step.told if (user, event) not in many]
        if people:
            yield notices.Letter(
                (),
                readers=people,
                subject=_subject(step),
                key=f"reminder:{key}",
                url=f"{LEDGER}{step.row.pk}/",
                event=event,
                due_at=begin_of(step.fires_on),
                late=step.late,
            )


def _subject(step: Step) -> str:
    row, rule, number = step.row, step.rule, f"问题{step.row.number}"
    proposal = f"，{rule.proposal}" if rule.proposal else ""
    due = row.due_on.isoformat() if row.due_on else ""
    match rule.cause:
        case Cause.OVERDUE:
            return f"{number}已逾期，时限是{due}{proposal}"
        case Cause.REVIEW_WAITING:
            return f"{number}的销号审核已等待{rule.workdays}个工作日{proposal}"
        case Cause.NO_PROGRESS:
            return f"{number}已有{rule.workdays}个工作日没有填报进展{proposal}"
    return f"{number}将到期，时限是{due}{proposal}"


def _summary(user: int, event: str, told: Told) -> notices.Letter:
    steps, key = [step for step, _ in told], told[0][1]
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
    url = f"{LEDGER}?{urlencode(view | {'sort': 'due'})}" if view else DESK
    return notices.Letter(
        (),
        readers=[user],
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
        url=SYSTEM,
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


def begin_anew(problem: Problem, *, at: datetime) -> None:
    """A row that is issued once more: whatever was told of it before is history."""
    steps = ReminderStep.objects.standing().filter(problem=problem)
    old = list(steps.values_list("pk", flat=True))
    ReminderStep.objects.filter(pk__in=old).update(withdrawn_at=at)
    _settle(old, at=at)


def answered(problem: Problem, *causes: str, at: datetime) -> None:
    """What the reminders asked for has been done: they stand in nobody's inbox as unread."""
    steps = ReminderStep.objects.standing().filter(problem=problem, cause__in=causes)
    _settle(list(steps.values_list("pk", flat=True)), at=at)


def _settle(keys: Iterable[int], *, at: datetime) -> None:
    for key in keys:
        notices.settle(f"reminder:{key}", at=at)
