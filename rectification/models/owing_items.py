"""What organizations owe, row by row: what a letter (催办函) lists for each of them.

As many statements for a hundred organizations as for one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from campaigns.models import BEIJING, ClosingStep
from rectification.models.instruction import Instruction, InstructionQuerySet
from rectification.models.owing import INSTRUCTION, KINDS, pauses, rows_of, steps
from rectification.models.people import ProblemPerson
from rectification.models.problem import Problem
from rectification.models.problem_queryset import ProblemQuerySet
from rectification.models.stuck import Found, Limits, last_move
from reform.models import Holiday, Organization
from reform.models.statement import Keys
from reform.workdays import Calendar

# Rows that are listed for one organization: at most, of many organizations; and all together, as
# far as each gets its LEAST. A row of Word takes milliseconds.
MOST, LEAST, ALL = 100, 20, 1_000
# What a letter says of a row that only the person appointed to review it may read.
UNREADABLE = "（内容请被指派的审核人登录系统查看）"
# The moment since which a row of a kind waits.
SINCE: dict[str, Any] = {"overdue": "due_on", "soon": "due_on", "accept": "issued_at"}


class Item(NamedTuple):
    """A row of the list: `matter` says what is to be done, `late` how many working days ago it
    should have been rectified or answered."""

    number: str
    text: str
    people: str
    due: date | None
    matter: str
    late: int = 0


@dataclass(frozen=True)
class Listed:
    items: list[Item]
    counts: dict[str, int]  # kind → rows
    in_all: int

    @property
    def more(self) -> int:
        return self.in_all - len(self.items)


class Due(NamedTuple):
    """That a row, or an instruction, is owed: since when, and by which step of a review; whether
    the organization may read the row, and not only somebody of it who was appointed."""

    code: str
    key: int
    since: date
    step: str = ""
    readable: bool = True


def listed(
    problems: ProblemQuerySet,
    instructions: InstructionQuerySet,
    places: Sequence[Organization],
    *,
    codes: Sequence[str],
    on: date,
) -> dict[int, Listed]:
    """Return what each of the organizations owes of these, kind by kind, the longest owed first; a
    row that is owed in two ways stands once, with both."""
    calendar = Holiday.objects.calendar()
    limits = Limits.of(on, calendar)
    owed: dict[int, list[Due]] = {place.pk: [] for place in places}
    for place, due in _of_problems(problems, places, codes, limits):
        owed[place].append(due)
    if INSTRUCTION in codes:
        rows = instructions.late(on).filter(organization__in=Keys(owed))
        for place, key, day in rows.values_list("organization", "pk", "answer_by"):
            owed[place].append(Due(INSTRUCTION, key, _day(day)))
    chosen = {place: _chosen(dues, codes) for place, dues in owed.items()}
    most = min(MOST, max(LEAST, ALL // max(len(places), 1)))
    every = [group for groups in chosen.values() for group in groups[:most]]
    facts = _Facts.of(every, calendar, on)
    return {
        place: Listed(
            items=[facts.item(group) for group in groups[:most]],
            counts=_counts(owed[place]),
            in_all=len(groups),
        )
        for place, groups in chosen.items()
    }


def _of_problems(
    problems: ProblemQuerySet, places: Sequence[Organization], codes: Sequence[str], limits: Limits
) -> Iterator[tuple[int, Due]]:
    at, paused = {place.path: place.pk for place in places}, pauses(limits.on)
    for code in codes:
        if code not in KINDS or code == "review":
            continue
        rows = problems.filter(rows_of(code, limits, paused), path__in=list(at))
        since = SINCE.get(code, "since")
        rows = rows.annotate(since=last_move()) if since == "since" else rows
        for path, key, moment in rows.order_by().values_list("path", "pk", since):
            yield at[path], Due(code, key, _day(moment))
    if "review" in codes:
        mine = problems.filter(pk=OuterRef("application__problem"))
        late = steps(limits).filter(Exists(mine), asked_of__in=Keys(at.values()))
        columns = ("asked_of", "application__problem", "opened_at", "kind", "holder")
        for place, key, moment, kind, holder in late.order_by().values_list(*columns):
            step = str(ClosingStep.Kind(kind).label)
            yield place, Due("review", key, _day(moment), step, readable=place == holder)


def _day(moment: Any) -> date:
    return moment.astimezone(BEIJING).date() if hasattr(moment, "astimezone") else moment


def _chosen(dues: list[Due], codes: Sequence[str]) -> list[list[Due]]:
    """Return the rows, each with all the ways in which it is owed, in the order of a list."""
    rows: dict[tuple[bool, int], list[Due]] = defaultdict(list)
    for due in dues:
        rows[due.code == INSTRUCTION, due.key].append(due)
    place = {code: number for number, code in enumerate(codes)}
    every = [sorted(group, key=lambda due: place[due.code]) for group in rows.values()]
    return sorted(every, key=lambda g: (place[g[0].code], g[0].since, g[0].key))


def _counts(dues: list[Due]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for due in dues:
        counts[due.code] += 1
    return dict(counts)


@dataclass(frozen=True)
class _Facts:
    """What the rows say, looked up at once."""

    problems: dict[int, Any]
    people: dict[int, list[str]]
    instructions: dict[int, Instruction]
    calendar: Calendar
    on: date

    @classmethod
    def of(cls, groups: list[list[Due]], calendar: Calendar, on: date) -> "_Facts":
        dues = [group[0] for group in groups]
        keys = Keys({due.key for due in dues if due.code != INSTRUCTION})
        rows = Problem.objects.filter(pk__in=keys).only("number", "description", "due_on")
        people: dict[int, list[str]] = defaultdict(list)
        named = ProblemPerson.objects.filter(problem__in=keys, part="responsible")
        for problem, name in named.order_by("position", "pk").values_list("problem", "name"):
            people[problem].append(name)
        asked = [due.key for due in dues if due.code == INSTRUCTION]
        told = Instruction.objects.filter(pk__in=Keys(asked)) if asked else ()
        return cls({row.pk: row for row in rows}, people, {r.pk: r for r in told}, calendar, on)

    def item(self, group: list[Due]) -> Item:
        due = group[0]
        if due.code == INSTRUCTION:
            told = self.instructions[due.key]
            words = f"{told}：{told.text}"
            return Item("批示", words, "", told.answer_by, "答复批示", self._late(due.since))
        row = self.problems[due.key]
        late = next((self._late(one.since) for one in group if one.code == "overdue"), 0)
        people = "、".join(self.people.get(due.key, ()))
        if not due.readable:
            return Item(row.number, UNREADABLE, "", None, self._matter(due))
        matter = "；".join(self._matter(one) for one in group)
        return Item(row.number, row.description, people, row.due_on, matter, late)

    def _matter(self, due: Due) -> str:
        days = Found(due.code, due.key, due.since).measured(self.calendar, self.on).days
        match due.code:
            case "accept":
                return f"签收（交办已{days}个工作日）"
            case "quiet":
                return f"填报进展（已{days}天没有进展）"
            case "review":
                return f"{due.step}（待办已{days}个工作日）"
            case "soon":
                return "按期完成整改"
        return "完成整改、申请销号"

    def _late(self, since: date) -> int:
        return self.calendar.workdays_between(since, self.on)
