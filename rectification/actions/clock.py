"""One tick of the clock (催办): what is owed, to whom, told once (DESIGN §4).

What is owed is found by reading; nothing is locked until there is something to write. Two ticks at
once, a beat that stood still, an emptied broker: the rows say what was told, and a tick does the
rest. Weekly reports, instructions and a campaign's own days have clocks of their own, which tick
with this one.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from campaigns.actions import examination_successions
from campaigns.models import Cause, ReminderRule
from rectification.actions import campaign_clock, instruction_clock, reminders, weekly_clock
from rectification.actions.recipients import People
from rectification.actions.reminders import Step
from rectification.models import Problem, Reminder, ReminderPause, ReminderStep
from rectification.models.reminder import BY_DEADLINE
from rectification.models.reminders_owed import Hand, Row, anchor_of, late_rows, rows_of
from reform.garbage import uncollected
from reform.models import Holiday, Pulse
from reform.models.insertion import insert_all
from reform.models.statement import Keys
from reform.workdays import ONE

log = logging.getLogger(__name__)

# Steps told in one run. More is an alarm, not a flood: the rest goes out with the next runs.
MOST = 5_000
KEY = ("problem_id", "cause", "workdays")  # one of a kind among those of one tick
STEP = (
    *("problem_id", "rule_id", "cause", "workdays", "anchor"),
    *("fires_on", "told_at", "late"),
)


@dataclass
class Owing:
    """What the clock owes at a moment."""

    at: datetime
    steps: list[Step] = field(default_factory=list)
    left: bool = False  # whether more is owed than one run tells
    newest: int = 0  # the last step that had been told when the rows were read
    weekly: list[weekly_clock.Message] = field(default_factory=list)
    unanswered: list[instruction_clock.Reminder] = field(default_factory=list)
    days: list[campaign_clock.Reminder] = field(default_factory=list)  # of tasks and stages


def owed(at: datetime, *, most: int = MOST) -> Owing:
    """Return what is owed at that moment and not told yet; writes nothing, locks nothing."""
    owing = _of_rows(at, most=most)
    owing.weekly = weekly_clock.owed(at=at)
    owing.unanswered = instruction_clock.owed(at=at)
    return owing


def _of_rows(at: datetime, *, most: int) -> Owing:
    """Of problems, and of tasks, stages and requirements: one reading of clock and rules."""
    newest = _newest()
    hand = Hand.of(at, Holiday.objects.calendar())
    running = list(ReminderRule.objects.running().select_related("campaign"))
    steps, left = found_by(running, hand, most=most)
    days, more = campaign_clock.owed(running, hand, most=most)
    return Owing(at, steps, left or more, newest, days=days)


def _newest() -> int:
    """Return the key of the step told last: they are told under a lock, so keys only grow."""
    return ReminderStep.objects.aggregate(last=Max("pk"))["last"] or 0


def found_by(rules: Iterable[ReminderRule], hand: Hand, *, most: int) -> tuple[list[Step], bool]:
    """Return the steps that are owed by these rules, each with whom it tells; and whether there
    are more than `most`."""
    alike = _alike(rules)
    found: list[tuple[Row, ReminderRule]] = []
    left = False
    for cause in Cause.values:
        found += _of_cause(cause, alike, hand, most - len(found) + 1)
        if len(found) > most:
            found, left = _whole_rows(found, most), True
            break
    steps = _steps(found, hand)
    _name_people(steps, on=hand.today)
    return steps, left


Rules = dict[tuple[str, int], dict[int, ReminderRule]]  # by campaign


def _alike(rules: Iterable[ReminderRule]) -> Rules:
    """Most campaigns go by the same steps: one statement a step, whoever shares it."""
    found: Rules = {}
    for rule in rules:
        found.setdefault((rule.cause, rule.workdays), {})[rule.campaign_id] = rule
    return found


def _of_cause(cause: str, rules: Rules, hand: Hand, most: int) -> list[tuple[Row, ReminderRule]]:
    """Return the first `most` steps owed of a cause: rows longest owed first, each with all its
    steps together, so that none of them is cut off from the others."""
    found: list[tuple[Row, ReminderRule]] = []
    if cause == Cause.OVERDUE and not hand.before:
        found += _late(rules, hand, most)
    else:
        for (of, workdays), by_campaign in rules.items():
            if of == cause:
                rows = rows_of(cause, workdays, sorted(by_campaign), hand, most)
                found += [(row, by_campaign[row.campaign]) for row in rows]
    found.sort(key=lambda one: (one[0].since, one[0].pk))
    return found[:most]


def _late(rules: Rules, hand: Hand, most: int) -> Iterator[tuple[Row, ReminderRule]]:
    ladders: dict[int, dict[int, ReminderRule]] = {}
    for (cause, workdays), by_campaign in rules.items():
        for campaign, rule in by_campaign.items() if cause == Cause.OVERDUE else ():
            ladders.setdefault(campaign, {})[workdays] = rule
    alike: dict[tuple[int, ...], list[int]] = {}
    for campaign, ladder in ladders.items():
        alike.setdefault(tuple(sorted(ladder)), []).append(campaign)
    for steps, campaigns in alike.items():
        young = [(step, hand.waited(step)) for step in steps]
        for row, told in late_rows(steps, sorted(campaigns), hand, most):
            for step, day in young:
                if step > told and row.since < day:
                    yield row, ladders[row.campaign][step]


def _whole_rows(found: list[tuple[Row, ReminderRule]], most: int) -> list[tuple[Row, ReminderRule]]:
    """Cut between two rows: the steps of one are told together."""
    end = most
    while end and found[end - 1][0].pk == found[end][0].pk:
        end -= 1
    return found[: end or most]


def _steps(found: list[tuple[Row, ReminderRule]], hand: Hand) -> list[Step]:
    seen: dict[tuple[int, date], tuple[date, date]] = {}
    zone = timezone.get_current_timezone()
    steps = []
    for row, rule in found:
        anchor = anchor_of(row.since)
        key = (rule.pk, anchor)
        if key not in seen:
            fires_on = hand.fires_on(rule.cause, rule.workdays, anchor)
            seen[key] = fires_on, max(fires_on, timezone.localdate(rule.since))
        fires_on, since = seen[key]
        if row.issued_at and rule.cause in BY_DEADLINE:
            since = max(since, timezone.localdate(row.issued_at, zone))
        # Late is what is told on a later working day than it could have been: a row that was
        # issued with its day already past, or a rule set today, was not owed before.
        steps.append(Step(row, rule, anchor, fires_on, hand.is_late(since)))
    _excuse([step for step in steps if step.late and step.rule.cause != Cause.REVIEW_WAITING], hand)
    return steps


def _excuse(steps: list[Step], hand: Hand) -> None:
    """What was kept silent (暂停催办) was not late meanwhile, only after the first working day on
    which it could be told again."""
    if not steps:
        return
    first = min(step.fires_on for step in steps)
    ended = ReminderPause.objects.filter(until__gte=first).select_related("organization")
    pauses = sorted(ended, key=lambda pause: pause.since)
    for step in steps:
        day = step.fires_on
        for pause in pauses:
            if pause.since <= day <= pause.last and pause.covers(step.row.pk, step.row.path):
                day = pause.last + ONE
        if day != step.fires_on:
            step.late = hand.is_late(day)


def _name_people(steps: list[Step], *, on: date) -> None:
    """Say whom each tells; of several steps for one person and row the highest tells him."""
    asked = {code for step in steps for code in step.rule.recipients}
    rows = {(step.row.pk, step.row.review): step.row for step in steps}
    people = People.of(list(rows.values()), asked, on=on)
    highest: dict[tuple[int, int], Step] = {}
    for step in sorted(steps, key=_height):
        step.people = people.told(step.row, step.rule.recipients)
        for user in step.people:
            if lower := highest.get((step.row.pk, user)):
                lower.folded |= {user}
            highest[step.row.pk, user] = step


def _height(step: Step) -> tuple[int, int]:
    cause, day = step.rule.place()
    return -cause, day  # causes stand in their order, the gravest first


# ---------------------------------------------------------------- telling


@uncollected()
def tick(*, at: datetime, most: int = MOST) -> Owing:
    """Tell what is owed, and return what was told. With nothing owed, nothing is written.

    First, what waits for somebody who has left goes to who follows him (examinations).
    """
    examination_successions.follow_all(at=at, on=timezone.localdate(at))
    weekly, unanswered = weekly_clock.tell(at=at), instruction_clock.tell(at=at)
    owing = _of_rows(at, most=most)
    owing.weekly, owing.unanswered = weekly, unanswered
    if owing.days:
        campaign_clock.tell(owing.days, at=at)
    if owing.steps:
        _tell(owing)
    elif owing.left:
        reminders.raise_alarm(most, at=at)
    return owing


@transaction.atomic
def _tell(owing: Owing) -> None:
    """Keep the steps and put the notices into their inboxes: one transaction of a second at most.

    Of two ticks at once the second waits here, and finds told what the first has told.
    """
    at = owing.at
    pulse = Pulse.objects.select_for_update().get_or_create(
        name=Pulse.Name.REMINDERS, defaults={"at": at}
    )[0]
    owing.steps = list(_still_owed(owing.steps, told_since=_newest() != owing.newest))
    if not owing.steps:
        return
    keys = _keep(owing.steps, at=at)
    people = reminders.post(owing.steps, keys, at=at)
    capped = at.isoformat() if owing.left else pulse.facts.get("capped_at", "")
    pulse.at, pulse.facts = at, {"steps": len(keys), "people": people, "capped_at": capped}
    pulse.save()
    if owing.left:
        log.warning("reminders: %s steps told to %s people, more are owed", len(keys), people)
        reminders.raise_alarm(len(keys), at=at)


def _keep(steps: list[Step], *, at: datetime) -> list[int]:
    """Write down what is told, and whom; return the keys of the steps, in their order."""
    rows = [
        (
            *(step.row.pk, step.rule.pk, step.rule.cause, step.rule.workdays, step.anchor),
            *(step.fires_on, at, step.late),
        )
        for step in steps
    ]
    _, given = insert_all(ReminderStep, STEP, rows, returning=("id", *KEY))
    found = {row[1:]: row[0] for row in given}
    keys = [found[step.row.pk, step.rule.cause, step.rule.workdays] for step in steps]
    told = [
        (key, user, user in step.folded)
        for key, step in zip(keys, steps, strict=True)
        for user in step.people
    ]
    insert_all(Reminder, ("step_id", "person_id", "folded"), told)
    return keys


def _still_owed(steps: list[Step], *, told_since: bool) -> Iterator[Step]:
    """Leave out what another tick has told since, or what an act has settled.

    What had been told before is not found as owed: each question of `reminders_owed` leaves it out.
    """
    rows = [step.row.pk for step in steps]
    known: set[tuple[int, str, date, int]] = set()
    if told_since:
        told = ReminderStep.objects.standing().filter(problem__in=Keys(rows))
        known |= set(told.values_list("problem", "cause", "anchor", "workdays"))
    now = Problem.objects.filter(pk__in=Keys(rows)).values_list("pk", "is_timed", "due_on")
    stands = {key: (timed, day) for key, timed, day in now}
    for step in steps:
        timed, day = stands[step.row.pk]
        waits = step.rule.cause == Cause.REVIEW_WAITING
        if step.key not in known and timed != waits and day == step.row.due_on:
            yield step
