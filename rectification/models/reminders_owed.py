"""What the clock owes at a moment (应催办): computed from the rows, never kept.

A step fires at the beginning of the working hours of its working day, and is owed from then on
until a row says that it was told: there is no “exactly at”, so a clock that stood still for a
fortnight tells all of it. Each step is a range of days on the ledger's own index, and of those rows
the ones without a row of `ReminderStep`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from campaigns.models import Cause
from rectification.models.closure import ClosureApplication, ReviewStep
from rectification.models.measure import ProgressEntry
from rectification.models.problem import Problem
from rectification.models.reminder import ReminderPause, ReminderStep, paused_rows
from reform.workdays import ONE, Calendar

BEGIN = time(8, 30)  # of the working hours, Asia/Shanghai


class Row(NamedTuple):
    """A problem that owes a step."""

    pk: int
    number: str
    campaign: int
    organization: int
    path: str
    owner_kind: str
    due_on: date | None
    issued_at: datetime | None
    since: date | datetime  # the deadline, or the moment it has waited since
    review: int | None = None  # the step that waits


@dataclass(frozen=True)
class Hand:
    """Where the clock stands: the day, and the last working day that has begun; and where it is
    to keep silent. With `before`, only what has come since the clock stood there is asked for."""

    today: date
    last: date
    calendar: Calendar
    pauses: tuple[ReminderPause, ...] = ()
    before: "Hand | None" = None
    _late: dict[date, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, at: datetime, calendar: Calendar) -> "Hand":
        local = timezone.localtime(at)
        today = local.date()
        begun = calendar.is_workday(today) and local.time() >= BEGIN
        last = today if begun else calendar.workday_until(today - ONE)
        pauses = ReminderPause.objects.in_force(today).select_related("organization")
        return cls(today, last, calendar, tuple(pauses))

    @classmethod
    def on(cls, day: date, calendar: Calendar) -> "Hand":
        """Return the hand of a whole working day, for what fires on it."""
        hand = cls.of(begin_of(day), calendar)
        last = calendar.add_workdays(day, -1)
        return replace(hand, before=cls(last, last, calendar))

    def fires_on(self, cause: str, workdays: int, anchor: date) -> date:
        """Return the working day on whose morning a step is due."""
        if cause in {Cause.DUE_SOON, Cause.DUE_TODAY}:
            # A day off is prepared for on the last working day before it.
            return self.calendar.add_workdays(self.calendar.workday_until(anchor), -workdays)
        return self.calendar.add_workdays(anchor, workdays)

    def is_late(self, day: date) -> bool:
        """Whether a working day has gone by since it could be told for the first time, from `day`
        on."""
        if day not in self._late:
            first = self.calendar.workday_from(day)
            self._late[day] = self.calendar.workdays_between(first, self.today) > 0
        return self._late[day]

    def ahead(self, workdays: int) -> date:
        return self.calendar.add_workdays(self.last, workdays)

    def waited(self, workdays: int) -> date:
        """Return the first day that is too young: whatever lies before it has waited so long."""
        return self.calendar.add_workdays(self.last, 1 - workdays)


def rows_of(
    cause: str, workdays: int, campaigns: list[int], hand: Hand, most: int
) -> Iterator[Row]:
    """Return the first `most` rows that owe this step, those longest owed first."""
    match cause:
        case Cause.REVIEW_WAITING:
            rows = _waiting(workdays, campaigns, hand)
        case Cause.NO_PROGRESS:
            rows = _standing_still(workdays, campaigns, hand)
        case _:
            rows = _by_deadline(cause, workdays, campaigns, hand)
    return (Row(*row) for row in rows[:most].iterator(chunk_size=2_000))


def late_rows(
    ladder: Sequence[int], campaigns: list[int], hand: Hand, most: int
) -> Iterator[tuple[Row, int]]:
    """Return the first `most` rows that owe a step of the ladder of who is late, those longest
    owed first, each with the highest step that it was told; 0 is none.

    `ladder` are its steps in working days, upwards. All are asked for at once: where most rows
    are late and have been told, to look at each once a step is what a tick would spend its time on.
    """
    reached = Case(*(When(due_on__lt=hand.waited(step), then=step) for step in reversed(ladder)))
    standing = ReminderStep.objects.standing().filter(
        cause=Cause.OVERDUE, problem=OuterRef("pk"), anchor=OuterRef("due_on")
    )
    told = standing.order_by().values("problem").annotate(highest=Max("workdays"))
    rows = Problem.objects.annotate(reached=reached).filter(
        ~Exists(standing.filter(workdays__gte=OuterRef("reached"))),
        due_on__lt=hand.waited(ladder[0]),
        is_timed=True,
        campaign__in=campaigns,
    )
    found = _but_paused(rows, hand).order_by("due_on", "pk")
    columns = (*COLUMNS, "due_on", Coalesce(Subquery(told.values("highest")), 0))
    for *row, highest in found.values_list(*columns)[:most].iterator(chunk_size=2_000):
        yield Row(*row), highest


def by_deadline(cause: str, workdays: int, hand: Hand) -> Q:
    """Return which days of the deadline a step has been reached for.

    One row has reached steps of one cause only: who is late is no longer told that it is soon.
    """
    match cause:
        case Cause.DUE_SOON:
            first = hand.before.ahead(workdays + 1) if hand.before else hand.ahead(1)
            return Q(due_on__gte=first, due_on__lt=hand.ahead(workdays + 1))
        case Cause.DUE_TODAY:
            return Q(due_on__gte=hand.today, due_on__lt=hand.ahead(1))
    days = Q(due_on__lt=hand.waited(workdays))
    return days & Q(due_on__gte=hand.before.waited(workdays)) if hand.before else days


COLUMNS = (
    *("pk", "number", "campaign_id", "organization_id", "path", "owner_kind", "due_on"),
    "issued_at",
)


def _by_deadline(cause: str, workdays: int, campaigns: list[int], hand: Hand) -> QuerySet[Any, Any]:
    told = ReminderStep.objects.standing().filter(
        _this_or_higher(cause, workdays), problem=OuterRef("pk"), anchor=OuterRef("due_on")
    )
    rows = Problem.objects.filter(
        by_deadline(cause, workdays, hand), ~Exists(told), is_timed=True, campaign__in=campaigns
    )
    return _but_paused(rows, hand).order_by("due_on", "pk").values_list(*COLUMNS, "due_on")


def _this_or_higher(cause: str, workdays: int) -> Q:
    """Nobody climbs down a ladder: a lower step that is set later is not told after a higher."""
    higher = "workdays__lte" if cause == Cause.DUE_SOON else "workdays__gte"
    return Q((higher, workdays), cause=cause)


def _standing_still(workdays: int, campaigns: list[int], hand: Hand) -> QuerySet[Any, Any]:
    """Rows without any progress; one that is late is climbing its ladder already. While a row is in
    review its unit has nothing to report: one that comes back waits from then on.

    Most have been told. That is asked first, and of the key alone: SQLite then opens the rows of
    the others only.
    """
    entries = ProgressEntry.objects.filter(problem=OuterRef("pk"))
    last = entries.order_by().values("problem").annotate(last=Max("at")).values("last")
    back = ClosureApplication.objects.filter(problem=OuterRef("pk"), outcome="returned")
    came_back = back.order_by().values("problem").annotate(last=Max("ended_at")).values("last")
    of_told = {"problem": OuterRef("problem")}
    moved = ProgressEntry.objects.filter(at__gt=OuterRef("told_at"), **of_told)
    returned = ClosureApplication.objects.filter(
        outcome="returned", ended_at__gt=OuterRef("told_at"), **of_told
    )
    told = ReminderStep.objects.standing().filter(
        _this_or_higher(Cause.NO_PROGRESS, workdays),
        ~Exists(moved),
        ~Exists(returned),
        problem=OuterRef("pk"),
    )
    # The same as “since < young”, in words that PostgreSQL answers of all rows at once.
    young = _midnight(hand.waited(workdays))
    rows = Problem.objects.filter(
        ~Exists(told),
        ~Exists(entries.filter(at__gte=young)),
        ~Exists(back.filter(ended_at__gte=young)),
        issued_at__lt=young,
        is_timed=True,
        status=Problem.Status.RECTIFYING,
        due_on__gte=hand.today,
        campaign__in=campaigns,
    )
    issued = F("issued_at")
    waited = rows.annotate(
        since=Greatest(Coalesce(Subquery(last), issued), Coalesce(Subquery(came_back), issued))
    )
    if hand.before:
        waited = waited.filter(since__gte=_midnight(hand.before.waited(workdays)))
    return _but_paused(waited, hand).order_by("since", "pk").values_list(*COLUMNS, "since")


def _waiting(workdays: int, campaigns: list[int], hand: Hand) -> QuerySet[Any, Any]:
    """Steps of a review that wait; to pause the ladder of a row does not excuse its reviewers."""
    row = "application__problem"
    told = ReminderStep.objects.standing().filter(
        _this_or_higher(Cause.REVIEW_WAITING, workdays),
        problem=OuterRef(row),
        told_at__gte=OuterRef("opened_at"),
    )
    steps = ReviewStep.objects.open().filter(
        opened_at__lt=_midnight(hand.waited(workdays)),
        **{f"{row}__status": Problem.Status.IN_REVIEW, f"{row}__campaign__in": campaigns},
    )
    columns = (f"{row}__{name}" for name in COLUMNS)
    if hand.before:
        steps = steps.filter(opened_at__gte=_midnight(hand.before.waited(workdays)))
    found = steps.filter(~Exists(told)).order_by("opened_at", f"{row}__pk")
    return found.values_list(*columns, "opened_at", "pk")


def _but_paused(rows: QuerySet[Any, Any], hand: Hand) -> QuerySet[Any, Any]:
    return rows.exclude(paused_rows(hand.pauses)) if hand.pauses else rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@lru_cache(maxsize=500)
def begin_of(day: date) -> datetime:
    """Return the moment at which what is due that day fires."""
    return timezone.make_aware(datetime.combine(day, BEGIN))


def anchor_of(since: date | datetime) -> date:
    return timezone.localdate(since) if isinstance(since, datetime) else since
