"""What the clock will do (催办预告): the next steps of one row, and what a day will bring."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from campaigns.models import Campaign, Cause, ReminderRule
from rectification.actions import clock
from rectification.actions.recipients import People
from rectification.actions.reminders import Step
from rectification.models import Problem, Reminder, ReminderPause, ReminderStep, ReviewStep
from rectification.models.problem_queryset import UNDER_CLOCK
from rectification.models.reminder import BY_DEADLINE
from rectification.models.reminders_owed import Hand, Row, anchor_of
from reform.models import Actor, Holiday, User
from reform.models.statement import Keys
from reform.workdays import ONE, Calendar, short, unknown_in_words, weekday

MOST = 2_000  # steps that a rehearsal looks at; more are counted as “more”
FEWEST = 3  # personal rows are figures to others, and only from three upwards


@dataclass(frozen=True)
class Next:
    """A step to come: on which day, which, and whom it will tell as things stand."""

    day: date
    words: str
    people: str
    proposal: str
    paused: bool

    @property
    def when(self) -> str:
        return f"{short(self.day)}（{weekday(self.day)}）"


@dataclass
class Ladder:
    """What the page of a problem says of the clock."""

    steps: list[Next] = field(default_factory=list)
    told: list[tuple[ReminderStep, str]] = field(default_factory=list)  # and whom it told
    pauses: list[ReminderPause] = field(default_factory=list)
    unknown: str = ""  # that days of years without a notice were counted


def of(problem: Problem, step: ReviewStep | None, last: datetime | None, *, at: datetime) -> Ladder:
    """Return the steps to come, those told, and the pauses of one row.

    `step` is the open step of its review, `last` the moment of its last progress, or at
    which it came back from a review.
    """
    if problem.status in {"draft", "registered"}:
        return Ladder()
    ladder = Ladder(told=_told(problem))
    if problem.status == "closed" or not problem.campaign.is_open:
        return ladder
    hand = Hand.of(at, Holiday.objects.calendar())
    ladder.pauses = [pause for pause in hand.pauses if pause.covers(problem.pk, problem.path)]
    rules = list(problem.campaign.reminder_rules.filter(active=True))
    ahead = sorted(_ahead(problem, step, last, rules, hand), key=lambda one: (one[0], one[2]))
    if ahead:
        ladder.unknown = _unknown(hand.calendar, hand.today, ahead[-1][0])
    row = _row(problem, step)
    asked = {code for _, rule, _ in ahead for code in rule.recipients}
    people = People.of([row], asked, on=hand.today)
    told = {rule.pk: people.told(row, rule.recipients) for _, rule, _ in ahead}
    names = _names({user for found in told.values() for user in found})
    ladder.steps = [
        Next(
            day, rule.words, _said(told[rule.pk], names), rule.proposal, _silent(ladder, rule, day)
        )
        for day, rule, _ in ahead
    ]
    return ladder


def _ahead(
    problem: Problem,
    step: ReviewStep | None,
    last: datetime | None,
    rules: Iterable[ReminderRule],
    hand: Hand,
) -> Iterable[tuple[date, ReminderRule, tuple[int, int]]]:
    for rule in rules:
        anchor = _anchor(rule.cause, problem, step, last, hand)
        if anchor is None:
            continue
        day = hand.fires_on(rule.cause, rule.workdays, anchor)
        if day > hand.last:
            yield day, rule, rule.place()


def _anchor(
    cause: str, problem: Problem, step: ReviewStep | None, last: datetime | None, hand: Hand
) -> date | None:
    """Return the day a step is counted from; none where the row is not under that clock."""
    due = problem.due_on
    if cause == Cause.REVIEW_WAITING:
        return anchor_of(step.opened_at) if step and step.opened_at else None
    if problem.status not in UNDER_CLOCK or due is None:
        return None
    if cause in BY_DEADLINE:
        return due
    if problem.status != Problem.Status.RECTIFYING or due < hand.today:
        return None
    since = [moment for moment in (last, problem.issued_at) if moment]
    return anchor_of(max(since)) if since else None


def _row(problem: Problem, step: ReviewStep | None) -> Row:
    return Row(
        problem.pk,
        problem.number or "",
        problem.campaign_id,
        problem.organization_id,
        problem.path,
        problem.owner_kind,
        problem.due_on,
        problem.issued_at,
        problem.due_on or date.min,
        step.pk if step else None,
    )


def _unknown(calendar: Calendar, first: date, last: date) -> str:
    years = calendar.unknown(first, last)
    return unknown_in_words(years) if years else ""


def _silent(ladder: Ladder, rule: ReminderRule, day: date) -> bool:
    """Whether a pause keeps the step from being told on its day; it may be owed afterwards."""
    return rule.cause != Cause.REVIEW_WAITING and any(day <= one.until for one in ladder.pauses)


def _told(problem: Problem) -> list[tuple[ReminderStep, str]]:
    steps = list(problem.reminder_steps.order_by("told_at", "pk"))
    people: dict[int, list[str]] = {}
    rows = Reminder.objects.filter(step__in=steps, folded=False).select_related("person")
    for row in rows.order_by("pk") if steps else ():
        people.setdefault(row.step_id, []).append(row.person.name)
    return [(step, "、".join(people.get(step.pk, ()))) for step in steps]


def _names(users: set[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=Keys(users)).values_list("pk", "name")) if users else {}


def _said(users: Iterable[int], names: dict[int, str]) -> str:
    return "、".join(names[user] for user in users)


# ---------------------------------------------------------------- rehearsal


@dataclass(frozen=True)
class Line:
    """Somebody who will be told, of which row and why."""

    person: str
    number: str
    problem: int
    words: str
    proposal: str


@dataclass
class Rehearsal:
    """What a day will bring if nothing is done before: by name and reason, nothing written."""

    day: date
    lines: list[Line] = field(default_factory=list)
    people: int = 0
    hidden: int = 0  # reminders of rows that are not the actor's to see
    more: bool = False
    unknown: str = ""  # that the year has no notice yet: the day may be another

    @property
    def hidden_in_words(self) -> str:
        """Personal rows are the person's and his secretary's: others learn how many, from three."""
        return str(self.hidden) if self.hidden >= FEWEST else f"少于{FEWEST}"


def next_day(calendar: Calendar, *, on: date) -> date:
    return calendar.workday_from(on + ONE)


def rehearse(campaign: Campaign, day: date, *, by: Actor) -> Rehearsal:
    """Return what fires on a coming working day in one campaign, as far as the actor may see it.

    Nothing fires on a day off.
    """
    calendar = Holiday.objects.calendar()
    found = Rehearsal(day, unknown=_unknown(calendar, day, day))
    if not calendar.is_workday(day) or not campaign.is_open:
        return found
    rules = campaign.reminder_rules.filter(active=True).select_related("campaign")
    steps, found.more = clock.found_by(rules, Hand.on(day, calendar), most=MOST)
    rows = Problem.objects.visible_to(by)
    seen = set(
        rows.filter(pk__in=Keys({step.row.pk for step in steps})).values_list("pk", flat=True)
    )
    shown = [step for step in steps if step.row.pk in seen]
    found.hidden = sum(len(step.told) for step in steps if step.row.pk not in seen)
    found.people = len({user for step in shown for user in step.told})
    found.lines = _lines(shown)
    return found


def _lines(steps: list[Step]) -> list[Line]:
    names = _names({user for step in steps for user in step.told})
    lines: list[tuple[Any, Line]] = [
        (
            (names[user], user, step.rule.place(), step.row.number),
            Line(names[user], step.row.number, step.row.pk, step.rule.words, step.rule.proposal),
        )
        for step in steps
        for user in step.told
    ]
    return [line for _, line in sorted(lines, key=lambda one: one[0])]
