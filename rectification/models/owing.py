"""Who owes something on problems (催办清单): which organization, of which kind, how many rows.

Each kind has one meaning, that of a chip, a figure or 需要关注, and the ledger opens its rows
(filter `owes`): of one organization, or of all in view. A row is owed by whoever answers for it, a
step of a review by the organization of whoever is asked to take it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from rectification.models import stuck
from rectification.models.closure import Appointment
from rectification.models.instruction import InstructionQuerySet
from rectification.models.metric import METRICS
from rectification.models.problem import Problem
from rectification.models.problem_queryset import (
    SOON,
    ProblemQuerySet,
    due_within,
    missed_first,
    overdue,
)
from rectification.models.reminder import ReminderPause, paused_rows
from rectification.models.stuck import ACCEPT_DAYS, QUIET_DAYS, REVIEW_DAYS, Limits
from reform.models import Duty, Holiday, Organization
from reform.text import key_of
from reform.workdays import Calendar

FEW = 500  # organizations that are asked for by name; more are read with all others
UNPAUSED = "暂停催办的不列入。"
NOBODY = "nobody"  # in the place of an organization: steps that nobody can take


@dataclass(frozen=True)
class Kind:
    """A kind of owing: its word, its definition (口径), and its rows wherever they lie."""

    code: str
    name: str
    definition: str
    rows: Callable[[Limits], Q]


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "overdue",
            "逾期",
            METRICS["overdue"].definition + UNPAUSED,
            lambda limits: overdue(limits.on),
        ),
        Kind(
            "accept",
            "久未签收",
            f"交办满{ACCEPT_DAYS}个工作日未签收、尚未逾期的问题。{UNPAUSED}",
            stuck.unaccepted,
        ),
        Kind(
            "quiet",
            "久无进展",
            f"整改中{QUIET_DAYS}天没有进展、佐证材料，尚未逾期的问题（不含长期坚持）。{UNPAUSED}",
            stuck.quiet,
        ),
        Kind(
            "review",
            "久审未办",
            f"同一审核步骤满{REVIEW_DAYS}个工作日未办的问题，计在承办单位；指派审核人的，计在其所在单位。",
            stuck.in_review,
        ),
        Kind(
            "soon",
            f"{SOON}日内到期",
            f"待签收或整改中、今天起{SOON}日内到期的问题。{UNPAUSED}",
            lambda limits: due_within(SOON, limits.on),
        ),
        Kind(
            "missed_first",
            METRICS["missed_first"].name,
            METRICS["missed_first"].definition,
            lambda limits: missed_first(limits.on),
        ),
    )
}
# Instructions (批示) are no rows of the ledger; their list opens them.
INSTRUCTION = "instruction"
INSTRUCTIONS = "批示未答复"
INSTRUCTIONS_DEFINED = "答复期限早于截至日、尚未答复的批示，计在办理单位。"
# What is owed already, in the order of a list; what is due soon is asked for by itself.
OWED = ("overdue", "accept", "quiet", "review", INSTRUCTION)
LISTED = (*OWED, "soon")
# What asks a unit is silent while a leader pauses it (esc.mute); what asks reviewers is not.
PAUSED = {"overdue", "accept", "quiet", "soon"}


def name_of(code: str) -> str:
    return INSTRUCTIONS if code == INSTRUCTION else KINDS[code].name


def definition_of(code: str) -> str:
    return INSTRUCTIONS_DEFINED if code == INSTRUCTION else KINDS[code].definition


# ---------------------------------------------------------------- the filter of the ledger


def address(code: str, organization: int | str = "") -> str:
    """Return what stands behind `owes=` in the ledger's address: “overdue.12”, or “overdue”."""
    return f"{code}.{organization}" if organization else code


def asked(value: str, on: date) -> Q:
    """Return the rows that an address asks for."""
    code, _, place = value.partition(".")
    if code not in KINDS:
        return Q(pk__in=[])
    limits = Limits.of(on, Holiday.objects.calendar())
    rows = rows_of(code, limits, pauses(on) if code in PAUSED else ())
    if not place:
        return rows
    if code == "review":
        key = None if place == NOBODY else key_of(place)
        late = steps(limits).filter(asked_of=key, application__problem=OuterRef("pk"))
        return Q(status=Problem.Status.IN_REVIEW) & Q(Exists(late))
    path = Organization.objects.filter(pk=key_of(place)).values("path")
    return rows & Q(path=Subquery(path))


def in_words(value: str) -> str:
    """Return what the ledger page says above the rows of a kind."""
    code, _, place = value.partition(".")
    if code not in KINDS:
        return "一项催办事项"
    kind = KINDS[code]
    if place == NOBODY:
        return f"暂无可办理人员，{kind.name}：{kind.definition}"
    names = Organization.objects.filter(pk=key_of(place)).values_list("name", flat=True)
    whose = (names.first() or "一个单位") if place else ""
    return f"{whose}{kind.name}：{kind.definition}"


def pauses(on: date) -> tuple[ReminderPause, ...]:
    return tuple(ReminderPause.objects.in_force(on).select_related("organization"))


def rows_of(code: str, limits: Limits, paused: Sequence[ReminderPause]) -> Q:
    """Return the rows of a kind, but for those that nobody is to be asked about."""
    rows = KINDS[code].rows(limits)
    return rows & ~paused_rows(paused) if paused and code in PAUSED else rows


def steps(limits: Limits) -> QuerySet[Any, Any]:
    """Return the steps that have waited too long, each with whom it is `asked_of`: the home
    organization of somebody appointed, else its holder; None where nobody can take it."""
    in_force = Appointment.objects.filter(step=OuterRef(OuterRef("pk")), until__gte=limits.on)
    homes = Duty.objects.in_force(limits.on).filter(user__in=in_force.values("user"))
    home = homes.order_by("-home", "pk").values("organization")[:1]
    late = stuck.late_steps(limits).filter(application__problem__status=Problem.Status.IN_REVIEW)
    return late.annotate(
        asked_of=Coalesce(Subquery(home), F("holder"), output_field=BigIntegerField())
    )


# ---------------------------------------------------------------- the list


@dataclass(frozen=True)
class Owing:
    """An organization, how many rows of each kind it owes, and the longest that one is overdue, in
    working days."""

    organization: Organization
    counts: dict[str, int]
    longest: int

    @property
    def owes(self) -> bool:
        """Whether anything is owed already."""
        return any(self.counts[code] for code in OWED)


class Board(NamedTuple):
    rows: list[Owing]  # in official order
    unasked: int  # problems whose step nobody can take
    paused: int  # overdue, and nobody is asked about them


def board(problems: ProblemQuerySet, instructions: InstructionQuerySet, *, on: date) -> Board:
    """Return all organizations that owe something of these, with as many statements for ten
    thousand of them as for one.

    Rows are grouped by path, which the indexes of the ledger hold: the table is not read.
    """
    calendar = Holiday.objects.calendar()
    limits, paused = Limits.of(on, calendar), pauses(on)
    by_path: dict[str, dict[str, int]] = defaultdict(dict)
    by_key: dict[int, dict[str, int]] = defaultdict(dict)
    oldest: dict[str, date] = {}
    for code in LISTED:
        if code in {"review", INSTRUCTION}:
            continue
        rows = problems.filter(rows_of(code, limits, paused)).order_by().values_list("path")
        for path, number, first in rows.annotate(number=Count("pk"), first=Min("due_on")):
            by_path[path][code] = number
            if code == "overdue":
                oldest[path] = first
    mine = problems.filter(pk=OuterRef("application__problem"))
    late = steps(limits).filter(Exists(mine)).order_by().values_list("asked_of")
    waiting = dict(late.annotate(number=Count("pk")))
    unasked = waiting.pop(None, 0)
    unanswered = instructions.late(on).order_by().values_list("organization")
    for code, found in (
        ("review", waiting),
        (INSTRUCTION, dict(unanswered.annotate(number=Count("pk")))),
    ):
        for key, number in found.items():
            by_key[key][code] = number
    longest = _workdays(set(oldest.values()), calendar, on)
    owing = [
        Owing(
            place,
            dict.fromkeys(LISTED, 0) | by_path.get(place.path, {}) | by_key.get(place.pk, {}),
            longest.get(oldest.get(place.path), 0),
        )
        for place in _organizations(by_path, by_key)
    ]
    silent = problems.filter(overdue(on) & paused_rows(paused)).count() if paused else 0
    return Board(owing, unasked, silent)


def _workdays(days: Iterable[date], calendar: Calendar, on: date) -> dict[date | None, int]:
    return {day: calendar.workdays_between(day, on) for day in days}


def _organizations(paths: Iterable[str], keys: Iterable[int]) -> list[Organization]:
    """Return the organizations in official order; beyond a few, all are read and most are left."""
    paths, keys = set(paths), set(keys)
    rows: Any = Organization.objects.official_order()
    rows = rows.only("pk", "name", "path", "depth", "sequence", "retired_on")
    if len(paths) + len(keys) <= FEW:
        rows = rows.filter(Q(path__in=paths) | Q(pk__in=keys))
    return [place for place in rows if place.path in paths or place.pk in keys]
