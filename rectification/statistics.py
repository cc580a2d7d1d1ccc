"""How many (数): counted from the ledger each time, never stored beside it."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q

from campaigns.models import Campaign
from rectification.models import Appointment, Problem, ReviewStep, Upload
from rectification.models.ledger_filter import COUNTED, COUNTED_ON_SQLITE, chips
from rectification.models.ledger_search import ALL, in_words
from rectification.models.metric import METRICS, WEEKLY, Field, Ground, Span
from rectification.models.problem import FILTERED_BY
from rectification.models.problem_queryset import ProblemQuerySet
from reform.models import Duty, Organization, Role
from reform.models.organization import below, within
from reform.models.statement import Keys, condition_of

# Chips that a scope only gets more of: what is on the ledger stays, what is closed stays closed.
NEVER_FEWER = ("all", "closed")
PASSED_KEPT = 60  # seconds: a change of the tree or of an owner may still take rows elsewhere
CAP = 10_000  # what a page counts to at most; past it stands “10000+”
# What the chips and the filters ask of a row.
_ASKED = {"path", "status", "due_on", *FILTERED_BY}
LOOKED_AT = [field.attname for field in Problem._meta.fields if field.name in _ASKED]  # noqa: SLF001
TABLE = '"rectification_problem"'
GLANCE = 1_000  # what a chip beside the chosen one counts to: “1000+” says enough


def chip_counts(
    problems: ProblemQuerySet, *, on: date, chosen: str | None = None
) -> dict[str, int]:
    """Return how many rows each chip has among `problems`, up to its cap and one more.

    The `chosen` chip counts to CAP, the others to GLANCE; with none chosen all count to CAP. One
    statement of capped subqueries: a count of a million rows would cost more than the page. The
    conditions of the chips are the ORM's own words, compiled once a day: compiling nine
    querysets took longer than running them. A chip that only ever grows and was past its cap a
    moment ago still is: it is not counted again.
    """
    try:
        base, values = problems.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # somebody without a scope, or an organization that is not there
        return dict.fromkeys(chips(), 0)
    key = f"ledger-passed:{blake2b(repr((base, values)).encode(), digest_size=16).hexdigest()}"
    passed: dict[str, int] = cache.get(key, {})
    counts = {code: cap(code, chosen) + 1 for code in chips()}
    asked: list[str] = []
    parts: list[str] = []
    params: list[Any] = []
    head, _, scope = base.partition(" WHERE ")
    table = head.partition(" FROM ")[2]
    for code, condition, more in _conditions(connection.vendor, on):
        most = counts[code]
        if passed.get(code, 0) >= most:
            continue
        where = f"({scope}) AND ({condition})" if scope else condition
        # No column is read: on PostgreSQL the index alone then answers.
        rows = f"SELECT 1 FROM {table} WHERE {where} LIMIT {most}"  # noqa: S608
        parts.append(f"(SELECT COUNT(*) FROM ({rows}) counted)")  # noqa: S608 -- the ORM's own
        params += [*values, *more]
        asked.append(code)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        found = dict(zip(asked, cursor.fetchone(), strict=True))
    if now := {code: found[code] for code in NEVER_FEWER if found.get(code) == counts[code]}:
        cache.set(key, passed | now, PASSED_KEPT)
    return counts | found


def chip_counts_among(keys: Sequence[int], *, on: date) -> dict[str, int]:
    """Return how many of the rows with these keys each chip has: a few, all looked at."""
    rows = Problem.objects.filter(pk__in=Keys(keys)).order_by().values(*LOOKED_AT)
    sql, values = rows.query.sql_with_params()
    return _counted(sql, values, Q(), on=on)[0]


def chip_counts_at_first(
    problems: ProblemQuerySet, asked: Q, *, on: date, most: int
) -> tuple[dict[str, int], bool]:
    """Return how many rows with `asked` each chip has among the first `most` of `problems`, and
    whether these were all: if not, there may be more of each.

    However few rows a filter leaves, no more than these are looked at, and by an index alone.
    """
    try:
        base, values = problems.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return dict.fromkeys(chips(), 0), True
    # Spliced in: the ORM takes longer to name a dozen columns than the database to read them.
    columns = ", ".join(f"{TABLE}.{connection.ops.quote_name(name)}" for name in LOOKED_AT)
    _, _, rest = base.partition(" FROM ")
    rows = f"SELECT {columns} FROM {rest} ORDER BY {TABLE}.path LIMIT {most + 1}"  # noqa: S608
    counts, looked_at = _counted(rows, values, asked, on=on)
    return counts, looked_at <= most


def _counted(rows: str, values: Sequence[Any], asked: Q, *, on: date) -> tuple[dict[str, int], int]:
    """Return the count of each chip among some rows, looked at once, and how many these are."""
    parts: list[str] = []
    params: list[Any] = []
    said, more = in_words(Problem.objects.all(), asked) if asked else ("", [])
    table, within = f"({rows}) listed", [*values]
    if "SELECT" in said:  # what is read of a row is read once, not for every chip
        table = f"(SELECT listed.*, ({said}) AS said FROM {table} LIMIT {ALL}) listed"  # noqa: S608
        said, more, within = "said", [], [*more, *within]
    for _, condition, own in _conditions(connection.vendor, on):
        where = condition.replace(f"{TABLE}.", "listed.")
        parts.append(f"COUNT(*) FILTER (WHERE ({where}){f' AND ({said})' if said else ''})")
        params += [*own, *more]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(parts)}, COUNT(*) FROM {table}",  # noqa: S608 -- the ORM's own
            [*params, *within],
        )
        *counts, number = cursor.fetchone()
    return dict(zip(chips(), counts, strict=True)), number


def cap(code: str, chosen: str | None) -> int:
    return CAP if chosen is None or code == chosen else GLANCE


@lru_cache(maxsize=8)
def _conditions(vendor: str, on: date) -> tuple[tuple[str, str, Sequence[Any]], ...]:
    """Return what each chip asks for on a day, as SQL over the table of problems."""
    counted = COUNTED_ON_SQLITE if vendor == "sqlite" else COUNTED
    found = []
    for code, (_, condition) in chips().items():
        rows = Problem.objects.filter(counted.get(code, condition)(on))
        found.append((code, *condition_of(rows)))
    return tuple(found)


def shown(count: int, most: int = CAP) -> str:
    """Return a capped count in words."""
    return f"{most}+" if count > most else str(count)


class Left(NamedTuple):
    """What stands at an organization (and below it): what a change of the tree takes along."""

    organizations: int
    open_rows: int
    drafts: int
    closed_rows: int
    people: int
    duties: int
    appointments: int
    open_steps: int
    uploads: int
    campaigns: int

    def figures(self) -> dict[str, int]:
        return self._asdict()

    def named(self) -> list[tuple[str, int]]:
        """Return each figure that is not nought with its words, for the preview."""
        return [(LEFT[name][0], count) for name, count in self._asdict().items() if count]

    def in_words(self) -> str:
        """Return what keeps an organization from being retired, or nothing."""
        counts = self._asdict()
        words = [sentence.format(counts[name]) for name, (_, sentence) in LEFT.items() if sentence]
        return "、".join(word for word, name in zip(words, BLOCKING, strict=True) if counts[name])


# Figure → its word in a preview, and how it is named where it keeps from retiring.
LEFT: dict[str, tuple[str, str]] = {
    "organizations": ("下级党组织", "{}个下级党组织"),
    "open_rows": ("未销号问题", "{}条未销号的问题"),
    "drafts": ("草稿", "{}条草稿"),
    "closed_rows": ("已销号问题", ""),
    "people": ("人员", "{}名人员"),
    "duties": ("书记等职责", ""),
    "appointments": ("审核指派", ""),
    "open_steps": ("待办的审核步骤", "{}个待办的审核步骤"),
    "uploads": ("待核对的导入", "{}份待核对的导入"),
    "campaigns": ("牵头的活动", "{}个牵头的活动"),
}
BLOCKING = tuple(name for name, (_, sentence) in LEFT.items() if sentence)


def left_at(organization: Organization, *, on: date, whole: bool = False) -> Left:
    """Count what stands at an organization; `whole` counts what lies below it as well."""
    at_place = Q(organization=organization)
    at_path = Q(path=organization.path)
    if whole:
        at_place, at_path = (
            within(organization.path, "organization__path"),
            within(organization.path),
        )
    rows = Problem.objects.filter(at_path)
    held = Duty.objects.in_force(on).filter(at_place, user__is_active=True)
    steps = ReviewStep.objects.open()
    there = within(organization.path, "holder__path") if whole else Q(holder=organization)
    asked = steps.filter(application__problem__in=rows)
    lower = Organization.objects.in_force(on).filter(below(organization.path))
    uploads = Upload.objects.filter(at_place, state=Upload.State.READ)
    return Left(
        organizations=(lower if whole else lower.filter(parent=organization)).count(),
        open_rows=rows.filter(is_open=True).count(),
        drafts=rows.filter(status=Problem.Status.DRAFT).count(),
        closed_rows=rows.filter(status=Problem.Status.CLOSED).count(),
        people=held.values("user").distinct().count(),
        duties=held.exclude(role=Role.MEMBER).count(),
        appointments=Appointment.objects.filter(step__in=asked, until__gte=on).count(),
        open_steps=steps.filter(there).count(),
        uploads=uploads.count(),
        campaigns=Campaign.objects.open().filter(at_place).count(),
    )


def figures(
    ground: Ground | Field,
    span: Span,
    codes: Sequence[str] = WEEKLY,
    *,
    among: ProblemQuerySet | None = None,
    **more: Q,
) -> dict[str, int]:
    """Return how many rows of a ground (`among` some) each metric counts, in one statement (DESIGN
    §5); and how many of them what else is asked for, by its name."""
    asked = {code: METRICS[code].rows(span) for code in codes} | more
    every = Problem.objects.all() if among is None else among
    rows = every.filter(ground.rows(span.on)).order_by()
    return rows.aggregate(**{name: Count("pk", filter=one) for name, one in asked.items()})
