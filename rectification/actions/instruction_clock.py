"""Reminding of instructions (批示) that wait for an answer: on the last working day up to the day
set, a working day after it, and three after it him who wrote it.

What was told stands in the inboxes, under a key for each time of asking: twice, or two clocks at
once, is once (DESIGN §4). Without a day set nobody is late, and nobody is reminded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils import timezone

from campaigns.models import Campaign
from rectification.actions.instructions import ANSWERING, key_of
from rectification.actions.reminders import INSTRUCTIONS
from rectification.models import Instruction
from rectification.models.reminders_owed import Hand, begin_of
from reform.actions import notices
from reform.models import Event, Holiday, Notice, User
from reform.models.delegation import holding_at

LATE, TOLD_ABOVE = 1, 3  # working days after the day set
OLDEST = timedelta(days=31)  # a day longer ago is nobody's to be reminded of


@dataclass(frozen=True)
class Reminder:
    """Whom the clock tells of which instruction; `step` is working days after the day set."""

    instruction: Instruction
    step: int
    fires_on: date
    late: bool
    people: tuple[User, ...] = ()

    @property
    def key(self) -> str:
        row = self.instruction
        asked = int(row.asked_at.timestamp())
        return key_of(row, f"waiting:{asked}:{row.answer_by}:{self.step}")

    @property
    def subject(self) -> str:
        row = self.instruction
        match self.step:
            case 0:
                return f"{row}请于{row.answer_by}前答复"
            case 1:  # LATE
                return f"{row}已过答复期限（{row.answer_by}），请尽快答复"
        return f"{row.organization}尚未答复{row}，期限是{row.answer_by}"

    def letter(self) -> notices.Letter:
        return notices.Letter(
            self.people,
            subject=self.subject,
            key=self.key,
            url=f"{INSTRUCTIONS}{self.instruction.pk}/",
            event=Event.OVERDUE if self.step else Event.DUE,
            due_at=begin_of(self.fires_on),
            late=self.late,
        )


def owed(*, at: datetime) -> list[Reminder]:
    """Return what is to be told at a moment and was not; writes nothing."""
    hand = Hand.of(at, Holiday.objects.calendar())
    rows = Instruction.objects.filter(
        status=Instruction.Status.OPEN,
        campaign__status=Campaign.Status.PUBLISHED,
        answer_by__lt=hand.ahead(1),
        answer_by__gte=hand.today - OLDEST,
    ).select_related("organization", "author", "recorded_by")
    due = [one for row in rows.order_by("answer_by", "pk") for one in _reached(row, hand)]
    keys = {one.key for one in due}
    told = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    named = (_named(one, on=hand.today) for one in due if one.key not in told)
    return [one for one in named if one.people]


def tell(*, at: datetime) -> list[Reminder]:
    """Tell what is owed, and return what was told."""
    reminders = owed(at=at)
    if reminders:
        notices.post_each([one.letter() for one in reminders], at=at, by=None)
    return reminders


def _reached(row: Instruction, hand: Hand) -> Iterator[Reminder]:
    """Yield the steps that have come: whoever answers is told of the last of his only."""
    assert row.answer_by is not None  # noqa: S101 -- those without a day are not looked up
    calendar = hand.calendar
    days = {step: calendar.add_workdays(row.answer_by, step) for step in (LATE, TOLD_ABOVE)}
    days[0] = calendar.workday_until(row.answer_by)
    for step in (LATE if days[LATE] <= hand.last else 0, TOLD_ABOVE):
        if days[step] <= hand.last:
            # Asked with its day already come, or before a day off: not late before that.
            late = hand.is_late(max(days[step], timezone.localdate(row.asked_at)))
            yield Reminder(row, step, days[step], late)


def _named(one: Reminder, *, on: date) -> Reminder:
    row = one.instruction
    if one.step == TOLD_ABOVE:
        above = [user for user in (row.author, row.recorded_by) if user and notices.reads(user)]
        return replace(one, people=tuple(above))
    return replace(one, people=tuple(holding_at(row.organization_id, *ANSWERING, on=on)))
