"""Ladders of days (到期阶梯) for what has a day and is no problem: tasks, stages, requirements.

The campaign's own rules (催办规则) say how many working days before and after, and whom; where what
is due has no organization to climb from, the steps are fixed. A step that fired longer ago than
OLDEST is nobody's to be reminded of: its notice may have been tidied away by then (decision 0020).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from campaigns.models import Cause, ReminderRule
from campaigns.models.reminder_rule import ORDER, step_words
from rectification.models.reminder import BY_DEADLINE
from rectification.models.reminders_owed import Hand

OLDEST = timedelta(days=31)


class Rung(NamedTuple):
    """One step of a ladder: when, and whom it tells."""

    cause: str
    workdays: int
    recipients: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return f"{self.cause}{self.workdays}"

    @property
    def words(self) -> str:
        return step_words(self.cause, self.workdays)

    @property
    def is_late(self) -> bool:
        return self.cause == Cause.OVERDUE

    def place(self) -> tuple[int, int]:
        """Sort as time goes."""
        days = -self.workdays if self.cause == Cause.DUE_SOON else self.workdays
        return -ORDER[self.cause], days


# What an office is told of its own days: there is nobody to climb to.
OF_THE_OFFICE = (Rung(Cause.DUE_SOON, 3), Rung(Cause.DUE_TODAY, 0), Rung(Cause.OVERDUE, 3))


def ladders_of(rules: Iterable[ReminderRule]) -> dict[int, list[Rung]]:
    """Return campaign → its steps by a deadline, in the order of time."""
    found: dict[int, list[Rung]] = {}
    for rule in rules:
        if rule.cause in BY_DEADLINE:
            rung = Rung(rule.cause, rule.workdays, tuple(rule.recipients))
            found.setdefault(rule.campaign_id, []).append(rung)
    return {campaign: sorted(rungs, key=Rung.place) for campaign, rungs in found.items()}


def span(rungs: Sequence[Rung], hand: Hand) -> tuple[date, date]:
    """Return the first day of which a step may be owed, and the first that is too far off."""
    soon = max((one.workdays for one in rungs if one.cause == Cause.DUE_SOON), default=0)
    late = max((one.workdays for one in rungs if one.is_late), default=0)
    first = hand.calendar.add_workdays(hand.today - OLDEST, -late)
    return first, hand.ahead(soon + 1)


def reached(rungs: Sequence[Rung], day: date, hand: Hand) -> list[Rung]:
    """Return the steps whose morning has come, in the order of time."""
    fired = [(rung, hand.fires_on(rung.cause, rung.workdays, day)) for rung in rungs]
    return [rung for rung, on in fired if hand.today - OLDEST <= on <= hand.last]


def is_silent(hand: Hand, path: str) -> bool:
    """Whether reminders are paused (暂停催办) for an organization and all below it."""
    return any(pause.covers(0, path) for pause in hand.pauses)
