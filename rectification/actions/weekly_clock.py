"""Reminding of weekly reports (周报催报): before each cut-off those who owe one, at it the offices.

Each at its own minute, at most one message a person for a cut-off at a time: several steps that are
due at once are one. What was told stands on the issue, and under a key with each person, so that
twice, or two at once, is once (DESIGN §4). After an outage all is told, marked as late.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from campaigns.models import BEIJING, Level, WeeklyPlan
from rectification.actions import weekly_issues
from rectification.actions.weekly_people import WHO, holders, reminder_key
from rectification.models import WeeklyIssue
from rectification.models.weekly_board import GONE, Standing, standings
from reform.actions import notices
from reform.models import Event, Holiday, Notice, Organization, Role, User
from reform.workdays import Calendar

OLDEST = timedelta(days=31)  # a cut-off longer ago is nobody's to be reminded of
GRACE = timedelta(minutes=15)  # told after more than that is told late
DAY, HOURS, CUT_OFF = "day", "hours", "cut_off"
STEPS = {DAY: "截止前一天提醒", HOURS: "截止前提醒", CUT_OFF: "未报名单"}


@dataclass(frozen=True)
class Fired:
    """Steps of one issue and level whose minutes have come and that were not told."""

    issue: WeeklyIssue
    level: Level
    steps: tuple[str, ...]
    due_at: datetime

    @property
    def marks(self) -> list[str]:
        return [mark(self.level, step, self.due_at) for step in self.steps]


def mark(level: Level, step: str, due_at: datetime) -> str:
    """Under what an issue keeps that a step was told: a cut-off that is moved is another."""
    return f"{level}.{step}.{int(due_at.timestamp())}"


@dataclass
class Message:
    """What one person is told about the cut-offs of one moment."""

    person: User
    step: str
    due_at: datetime
    late: bool
    causes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    url: str = ""
    campaigns: set[int] = field(default_factory=set)

    @property
    def at_once(self) -> tuple[int, str, datetime]:
        """What is one message: of a person, a step and a moment, whichever campaigns ask."""
        return self.person.pk, self.step, self.due_at

    @property
    def key(self) -> str:
        kind = "list" if self.step == CUT_OFF else self.step
        return reminder_key(kind, self.due_at, self.campaigns)

    @property
    def subject(self) -> str:
        """Whole lines, and how many there are more: the page that it opens has them all."""
        shown = self.lines[:]
        while len(shown) > 1 and len(self._said(shown)) > notices.LONGEST:
            shown.pop()
        return self._said(shown)

    def _said(self, shown: list[str]) -> str:
        more = len(self.lines) - len(shown)
        return "；".join(shown) + (f"；另有{more}项" if more else "")

    def letter(self) -> notices.Letter:
        return notices.Letter(
            [self.person],
            subject=self.subject,
            key=self.key,
            url=self.url,
            event=Event.WEEKLY_LIST if self.step == CUT_OFF else Event.WEEKLY,
            timing=Notice.Timing.DIRECT,
            due_at=self.due_at,
            late=self.late,
        )


# ---------------------------------------------------------------- what is owed


def owed(*, at: datetime) -> list[Message]:
    """Return what is to be told at a moment and was not; writes nothing."""
    issues = [issue for issue in weekly_issues.foreseen(at=at) if issue.due_at > at - OLDEST]
    messages = _messages(_fired(issues, at=at), at=at)
    keys = {message.key for message in messages}
    people = {message.person.pk for message in messages}
    told = set(
        Notice.objects.filter(key__in=keys, recipient__in=people).values_list("recipient", "key")
    )
    return [message for message in messages if (message.person.pk, message.key) not in told]


def tell(*, at: datetime) -> list[Message]:
    """Open and count the issues, and tell what is owed; return what was told."""
    weekly_issues.open_due(at=at)
    recent = WeeklyIssue.objects.filter(due_at__gt=at - OLDEST).select_related("campaign")
    if not _fired(recent, at=at):
        return []
    return _tell(at=at)


@transaction.atomic
def _tell(*, at: datetime) -> list[Message]:
    """Of two ticks at once the second waits for the rows, and finds told what the first told."""
    recent = WeeklyIssue.objects.select_for_update().filter(due_at__gt=at - OLDEST).order_by("pk")
    fired = _fired(list(recent), at=at)
    messages = _messages(fired, at=at)
    notices.post_each([message.letter() for message in messages], at=at, by=None)
    for one in fired:
        one.issue.told |= dict.fromkeys(one.marks, at.isoformat())
        one.issue.save(update_fields=["told"])
    return messages


def _fired(issues: Iterable[WeeklyIssue], *, at: datetime) -> list[Fired]:
    issues = list(issues)
    plans = WeeklyPlan.objects.in_bulk(
        {issue.campaign_id for issue in issues}, field_name="campaign_id"
    )
    calendar = Holiday.objects.calendar() if issues else Calendar()
    found = []
    for issue in issues:
        for level in (Level.BRANCH, Level.OFFICE):
            due = issue.due(level)
            times = _times(plans.get(issue.campaign_id), due, calendar)
            steps = tuple(
                step
                for step, moment in times.items()
                if moment <= at and mark(level, step, due) not in issue.told
            )
            if steps:
                found.append(Fired(issue, level, steps, due))
    return found


def _times(plan: WeeklyPlan | None, due: datetime, calendar: Calendar) -> dict[str, datetime]:
    """Return when each step fires: days before at the same hour, minutes before, at the cut-off."""
    if plan is None:
        return {}
    found = {}
    if plan.remind_workdays:
        local = due.astimezone(BEIJING)
        day = calendar.add_workdays(local.date(), -plan.remind_workdays)
        found[DAY] = datetime.combine(day, local.time(), BEIJING)
    if plan.remind_minutes:
        found[HOURS] = due - timedelta(minutes=plan.remind_minutes)
    found[CUT_OFF] = due
    return found


# ---------------------------------------------------------------- to whom, in which words


def _messages(fired: Collection[Fired], *, at: datetime) -> list[Message]:
    found: dict[tuple[int, str, datetime], Message] = {}
    for one in fired:
        places = weekly_issues.owing(one.issue, at=at)
        mine = [place for place in places if place.level == one.level]
        stand = standings(
            [one.issue],
            [place.organization for place in mine],
            levels={(one.issue.pk, place.organization.pk): place.level for place in mine},
            at=at,
        )
        missing = [
            (place, stand[one.issue.pk, place.organization.pk])
            for place in mine
            if not stand[one.issue.pk, place.organization.pk].is_filed
            and stand[one.issue.pk, place.organization.pk].words != GONE
        ]
        for message in [*_reminders(one, missing, at=at), *_lists(one, places, missing, at=at)]:
            known = found.setdefault(message.at_once, message)
            known.campaigns.add(one.issue.campaign_id)
            if known is not message:
                known.lines += message.lines
                known.causes += message.causes
                known.url = reverse("weekly")
    return sorted(found.values(), key=lambda one: (one.due_at, one.person.pk, one.step))


Missing = list[tuple[weekly_issues.Owing, Standing]]


def _reminders(one: Fired, missing: Missing, *, at: datetime) -> Iterator[Message]:
    """The highest step before the cut-off; told after it, it says so. A deferral is not pressed."""
    steps = [step for step in one.steps if step != CUT_OFF]
    if not steps:
        return
    step, late = steps[-1], one.due_at < at
    moment = one.due_at.astimezone(BEIJING)
    when = f"{moment.month}月{moment.day}日{moment:%H:%M}"
    asked = f"已于{when}截止，请尽快补报" if late else f"请于{when}前报送"
    places = [row.organization for row, stand in missing if stand.is_asked(at)]
    for place, people in holders(places, WHO[one.level], at=at):
        words = f"{place}{one.issue.campaign}{one.issue}周报{asked}"
        for person in people:
            yield Message(
                person,
                step,
                one.due_at,
                late,
                [_cause(one, place)],
                [words],
                reverse("weekly"),
            )


def _lists(
    one: Fired, places: list[weekly_issues.Owing], missing: Missing, *, at: datetime
) -> Iterator[Message]:
    """To each collating office at the cut-off: who has not reported to it."""
    if CUT_OFF not in one.steps or not missing or one.issue.pk is None:
        return
    late = at > one.due_at + GRACE
    absent: dict[Organization, list[str]] = defaultdict(list)
    asked: dict[Organization, int] = defaultdict(int)
    standing = {row.organization.pk: stand.words for row, stand in missing}
    to = weekly_issues.collators(one.issue, places)
    for row in places:
        if row.level != one.level:
            continue
        office = to[row.organization.pk]
        asked[office] += 1
        if (words := standing.get(row.organization.pk)) is not None:
            absent[office].append(row.name + (f"（{words}）" if words not in {"", "未报"} else ""))
    for office, people in holders(absent, (Role.OFFICE,), at=at):
        names = absent[office]
        shown = "、".join(names[:8]) + (f"等{len(names)}个" if len(names) > 8 else "")
        words = (
            f"{one.issue.campaign}{one.issue}周报应报{asked[office]}个，未报{len(names)}个：{shown}"
        )
        url = reverse("weekly-intake", args=[one.issue.pk, office.pk])
        for person in people:
            yield Message(person, CUT_OFF, one.due_at, late, [_cause(one, office)], [words], url)


def _cause(one: Fired, place: Organization) -> str:
    return f"{one.issue.campaign.code}/{one.issue.number}/{one.level}/{place.code}"
