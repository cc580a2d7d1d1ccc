"""What a change of the working calendar does to deadlines given in working days (DESIGN §4).

Later at once, with a row that says why; earlier only when a leader has approved (cal.approve).
A day that somebody has set himself since is nobody's to move.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from rectification import policy
from rectification.actions import deadlines, problems, telling
from rectification.models import Act, EarlierDeadline, Problem
from reform.actions import holidays, trail
from reform.errors import Refused
from reform.models import Actor, Holiday, HolidayNotice
from reform.workdays import Calendar, Explanation, SpecialDay, long

SIZE = 200  # rows that wait for one another
State = EarlierDeadline.State


class Shift(NamedTuple):
    """A deadline that the calendar now counts to another day."""

    problem: Problem
    explained: Explanation

    @property
    def becomes(self) -> date:
        return self.explained.end

    @property
    def was(self) -> date:
        assert self.problem.due_on is not None  # noqa: S101 -- counted rows have a day
        return self.problem.due_on

    @property
    def is_earlier(self) -> bool:
        return self.becomes < self.was


def shifts(calendar: Calendar) -> Iterator[Shift]:
    """Return the open deadlines in working days that `calendar` counts to another day."""
    rows = Problem.objects.filter(
        is_open=True,
        due_kind=Problem.DueKind.DATED,
        due_since__isnull=False,
        due_workdays__isnull=False,
        due_on__isnull=False,
    )
    for problem in rows.order_by("pk").iterator(chunk_size=SIZE):
        explained = _counted(problem, calendar)
        if explained.end != problem.due_on:
            yield Shift(problem, explained)


def _counted(problem: Problem, calendar: Calendar) -> Explanation:
    assert problem.due_since is not None  # noqa: S101 -- asked for
    assert problem.due_workdays is not None  # noqa: S101
    return calendar.explain(problem.due_since, problem.due_workdays)


def foreseen(year: int, days: Sequence[SpecialDay]) -> tuple[int, int]:
    """Return how many open deadlines would move later, and how many earlier, by such a notice."""
    found = list(shifts(Holiday.objects.calendar(year=year, days=days)))
    asked = _to_ask(found)
    return sum(not shift.is_earlier for shift in found), len(asked)


def _to_ask(found: Iterable[Shift]) -> dict[int, Shift]:
    """Return what waits for a leader, by the row: personal rows are not theirs to see, and stay."""
    personal = Problem.OwnerKind.PERSONAL
    return {
        shift.problem.pk: shift
        for shift in found
        if shift.is_earlier and shift.problem.owner_kind != personal
    }


@transaction.atomic
def enter(
    year: int,
    *,
    paper: str,
    days: Sequence[SpecialDay],
    version: int,
    by: Actor,
    at: datetime,
) -> HolidayNotice:
    """Enter a year's notice (`holidays.enter`, whose refusals pass), and follow it with the
    deadlines that were given in working days."""
    HolidayNotice.hold()
    notice = holidays.enter(year, paper=paper, days=days, version=version, by=by, at=at)
    found = list(shifts(Holiday.objects.calendar()))
    later = [shift for shift in found if not shift.is_earlier]
    for start in range(0, len(later), SIZE):
        _put_off(later[start : start + SIZE], notice, by=by, at=at)
    _ask(_to_ask(found), notice, at=at)
    return notice


def _ask(asked: dict[int, Shift], notice: HolidayNotice, *, at: datetime) -> None:
    """Let the rows wait for a leader. What waits already for the same day goes on waiting; what an
    older calendar asked for waits no longer."""
    old = EarlierDeadline.objects.filter(state=State.WAITING).select_for_update()
    gone = []
    for row in old.order_by("pk"):
        shift = asked.get(row.problem_id)
        if shift and (row.was, row.becomes) == (shift.was, shift.becomes):
            del asked[row.problem_id]
        else:
            gone.append(row.pk)
    EarlierDeadline.objects.filter(pk__in=gone).update(state=State.VOID, decided_at=at)
    EarlierDeadline.objects.bulk_create(
        (
            EarlierDeadline(
                problem=shift.problem,
                notice=notice,
                was=shift.was,
                becomes=shift.becomes,
                found_at=at,
            )
            for shift in asked.values()
        ),
        batch_size=500,
    )


def _put_off(found: Sequence[Shift], notice: HolidayNotice, *, by: Actor, at: datetime) -> None:
    rows = {row.pk: row for row in Problem.to_lock([shift.problem.pk for shift in found])}
    moved = []
    for shift in found:
        problem = rows.get(shift.problem.pk)
        if problem is None or not problem.is_open or _terms(problem) != _terms(shift.problem):
            continue  # somebody was quicker
        problem.due_on = shift.becomes
        reason = f"{notice}有变化。{shift.explained.in_words()}"
        deadlines.moved(problem, was=shift.was, reason=reason, by=by, at=at)
        moved.append(problem)
    _save(moved, by=by, at=at)
    telling.put_off(moved, by=by, at=at)


def _terms(problem: Problem) -> tuple[date | None, date | None, int | None]:
    return problem.due_on, problem.due_since, problem.due_workdays


def _save(moved: Sequence[Problem], *, by: Actor, at: datetime) -> None:
    problems.save_all(moved, "due_on")
    say = [f"{problem}（时限改为{problem.due_on}）" for problem in moved]
    trail.record_many(Act.DEADLINE_MOVED, moved, by=by, at=at, say=say)


@transaction.atomic
def decide(
    rows: Sequence[EarlierDeadline], *, approve: bool, reason: str, by: Actor, at: datetime
) -> tuple[int, int]:
    """Bring deadlines forward, or keep them; return how many, and how many had changed meanwhile
    and stay as they are.

    Raises Forbidden for a row outside the actor's part of the tree, Refused where nothing was
    chosen, keeping has no reason, or the earlier day has passed.
    """
    if not rows:
        raise Refused("请至少选择一条。")
    if not approve and not reason:
        raise Refused("维持原时限须写明理由。")
    calendar = deadlines.calendar_held()
    locked = {row.pk: row for row in Problem.to_lock([row.problem_id for row in rows])}
    waiting = EarlierDeadline.objects.select_for_update().filter(pk__in=[row.pk for row in rows])
    done = stale = 0
    for row in waiting.select_related("notice").order_by("pk"):
        problem = locked[row.problem_id]
        policy.require(by, "cal.approve", problem)
        if row.state != State.WAITING or not _still_waits(row, problem):
            stale += 1
            continue
        row.state = State.APPROVED if approve else State.KEPT
        row.decided_by, row.decided_at, row.reason = by.user, at, reason
        row.save()
        done += 1
        if approve:
            _bring_forward(row, problem, calendar, by=by, at=at)
        else:
            problem.due_since = None  # the leader's day: no later calendar asks again
            problems.save_all([problem], "due_since")
            trail.record(Act.DEADLINE_KEPT, problem, by=by, at=at, reason=reason)
    return done, stale


def _still_waits(row: EarlierDeadline, problem: Problem) -> bool:
    return problem.is_open and problem.due_since is not None and problem.due_on == row.was


def _bring_forward(
    row: EarlierDeadline, problem: Problem, calendar: Calendar, *, by: Actor, at: datetime
) -> None:
    if row.becomes < by.on:
        raise Refused(
            f"“{problem}”提前后的时限{long(row.becomes)}已过，请维持原时限，或由活动办更正。"
        )
    problem.due_on = row.becomes
    said = (
        f"{row.notice}有变化，经批准提前。{_counted(problem, calendar).in_words()}",
        row.reason,
    )
    deadlines.moved(problem, was=row.was, reason="\n".join(filter(None, said)), by=by, at=at)
    _save([problem], by=by, at=at)
    telling.brought_forward([problem], by=by, at=at)
