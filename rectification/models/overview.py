"""One campaign at a glance (活动总览): organizations in official order, and in each how many people
were asked to examine themselves and did, what they found, and how the problems stand.

A line is an organization with all below it, or by itself (本级). Everything is asked once for the
whole and added up by path: as many statements for ten thousand organizations as for one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from campaigns.models import Assignment, Campaign, Checklist, Examination, Finding, Stage
from campaigns.models.examination_roll import belonging, excused
from rectification.models.metric import METRICS, Span
from rectification.models.problem import Problem
from reform.models import Actor, Duty, Organization, Role
from reform.models.organization import STEP, OrganizationQuerySet, within
from reform.models.scope import Reach

KEPT_BACK = "—"
FEW = 3  # of personal rows; fewer are not told to who may not read them (PERMISSIONS.md)
# `rp.dashboard` and `se.status` in PERMISSIONS.md, which are the same.
SCOPES: dict[str, str] = {
    Role.SECRETARY: "U",
    Role.INSPECTOR: "VX",
    Role.OFFICE: "D",
    Role.LEADER: "D",
}
Codes = Callable[..., dict[str, int]]
DRAFT = str(Examination.Status.DRAFT)


@dataclass(frozen=True)
class Column:
    """A figure of the table: what it counts, in words (口径), and what its number opens."""

    code: str
    name: str
    definition: str
    opens: str  # people, findings, problems or nothing


# In the order of the table. Whoever adds one adds its counts where `of` gathers them.
COLUMNS: tuple[Column, ...] = (
    Column("asked", "应自查", "截至日在册、所属单位参加本活动的人员，免计的除外。", "people"),
    Column("submitted", "已提交", "已提交自查剖析的，含退回修改和已审阅的；草稿不计。", "people"),
    Column("reviewed", "已审阅", "自查剖析审阅通过的。", "people"),
    Column("missing", "未提交", "还没有提交的。", "people"),
    Column(
        "excused",
        "免计",
        "在所选（不选的，为进行中的）阶段登记为免计、也没有提交的；不计入应自查。",
        "people",
    ),
    Column("found", "查摆问题", "审阅通过的自查剖析中查摆出的问题。", "findings"),
    Column("taken", "其中入账", "查摆问题中已由书记列入台账的。", "findings"),
    *(
        Column(code, METRICS[code].name, METRICS[code].definition, "problems")
        for code in ("total", "under_way", "overdue", "closed")
    ),
    Column("tasks", "任务", "任务分解表中由该单位牵头的任务；选了阶段的，为该阶段的。", "tasks"),
    Column("tasks_done", "任务完成", "其中已完成的。", "tasks"),
)
PEOPLE = tuple(one.code for one in COLUMNS if one.opens == "people")
PERSONAL = tuple(one.code for one in COLUMNS if one.opens == "findings")
TASKS = {"tasks": Q(), "tasks_done": Q(status=str(Assignment.Status.DONE))}
EXCUSED = "excused"
PROBLEMS = tuple(one.code for one in COLUMNS if one.opens == "problems")


@dataclass
class Line:
    organization: Organization
    whole: bool  # with all below it
    may_open: bool = False  # whether something lies below it to look at
    counts: dict[str, int] = field(default_factory=dict)
    # Personal rows are the actor's to read here: a secretary at his own organization. Others are
    # told their number, an office or a leader, or not even that, an inspector.
    is_own: bool = False
    is_counted: bool = False

    def shown(self, code: str) -> str:
        """Return a figure in words: few personal rows are not told apart."""
        number = self.counts.get(code, 0)
        if code in PERSONAL and not self.is_own:
            if not self.is_counted:
                return KEPT_BACK
            if number < FEW:
                return f"少于{FEW}"
        return str(number)


def scope(actor: Actor, places: OrganizationQuerySet) -> OrganizationQuerySet:
    """Return those of the organizations about which the actor is told."""
    reach = Reach.of(actor, SCOPES, key="pk")
    return places if reach.whole else places.filter(reach.condition())


def lines_of(actor: Actor, places: OrganizationQuerySet, top: Organization | None) -> list[Line]:
    """Return the lines of a page, not counted yet: `top` by itself and what lies right below it;
    with no top the highest of the places, or what lies below the only one."""
    within_places = places.order_by()
    rows = places.official_order()
    if top is not None:
        heads = list(rows.filter(pk=top.pk))
    else:
        heads = list(rows.filter(Q(parent=None) | ~Q(parent__in=within_places.values("pk"))))
    lines = [Line(one, whole=len(heads) > 1) for one in heads]
    if len(heads) == 1:
        lines += [Line(one, whole=True) for one in rows.filter(parent=heads[0].pk)]
    own = {duty.organization_id for duty in actor.holding(Role.SECRETARY) if duty.behalf is None}
    counted = Reach.of(actor, {role: SCOPES[role] for role in (Role.OFFICE, Role.LEADER)}, key="pk")
    # Asked at once: a question a row reads the whole range of paths for each of them.
    parents = {one.organization.pk for one in lines if one.whole}
    lower = within_places.filter(parent__in=parents).values_list("parent", flat=True)
    have_lower = set(lower.distinct())
    for one in lines:
        one.is_counted = counted.holds(one.organization)
        one.may_open = one.organization.pk in have_lower
        one.is_own = not one.may_open and one.organization.pk in own
    return lines


# ---------------------------------------------------------------- which rows


def people(
    checklist: Checklist, places: OrganizationQuerySet, *, on: date, stage: Stage | None = None
) -> QuerySet[Duty]:
    """Return the memberships by which people are asked, with `state`: how far each has come, by
    whichever of his accounts; a draft is nobody's to know, and is nothing. Who is excused is so of
    the stage, or of the one that goes on."""
    rows = Examination.objects.filter(checklist=checklist).exclude(status=DRAFT).order_by()
    himself = rows.filter(author=OuterRef("user")).values("status")[:1]
    otherwise = rows.filter(author__same_as=OuterRef("user")).values("status")[:1]
    sent = Coalesce(Subquery(himself), Subquery(otherwise), Value(""))
    here = places.order_by().values("pk")
    asked = belonging(on).filter(organization__in=here).annotate(sent=sent)
    left_out = Q(sent="") & excused(checklist, stage)
    return asked.annotate(state=Case(When(left_out, then=Value(EXCUSED)), default=F("sent")))


STATES: dict[str, Q] = {
    "asked": ~Q(state=EXCUSED),
    "submitted": ~Q(state__in=["", EXCUSED]),
    "reviewed": Q(state=str(Examination.Status.ACCEPTED)),
    "missing": Q(state=""),
    "excused": Q(state=EXCUSED),
}


def at(organization: Organization, *, whole: bool, column: str = "organization__path") -> Q:
    path = organization.path
    return within(path, column) if whole else Q((column, path))


def findings(checklist: Checklist, places: OrganizationQuerySet) -> QuerySet[Finding]:
    here = places.order_by().values("pk")
    return Finding.objects.filter(
        submission__examination__checklist=checklist,
        submission__examination__organization__in=here,
    )


# ---------------------------------------------------------------- how many


def count(
    lines: list[Line],
    actor: Actor,
    campaign: Campaign,
    checklist: Checklist | None,
    places: OrganizationQuerySet,
    *,
    span: Span,
    stage: Stage | None = None,
) -> None:
    """Fill in the counts of the lines: four statements. A stage narrows tasks to its own, and says
    who is excused; findings and problems belong to none."""
    if not lines:
        return
    if checklist is not None:
        asked = people(checklist, places, on=span.on, stage=stage).filter(
            _under(lines, "organization__path")
        )
        # By state: a subquery in each of several counts would be asked several times.
        by_state = asked.order_by().values_list("organization__path", "state")  # type: ignore[misc]  # annotated
        _add(lines, by_state.annotate(n=Count("pk")), _of_state)
        path = "submission__examination__organization__path"
        rows = findings(checklist, places).filter(_under(lines, path))
        counted = _by_path(rows, path, {"found": Q(), "taken": Q(problem__isnull=False)})
        _add(lines, counted, lambda *numbers: dict(zip(PERSONAL, numbers, strict=True)))
    problems = Problem.objects.visible_to(actor).filter(campaign=campaign)
    problems = problems.exclude(owner_kind=Problem.OwnerKind.PERSONAL)
    counted = _by_path(
        problems.filter(_under(lines, "path")),
        "path",
        {code: METRICS[code].rows(span) for code in PROBLEMS},
    )
    _add(lines, counted, lambda *numbers: dict(zip(PROBLEMS, numbers, strict=True)))
    tasks = Assignment.objects.filter(
        _under(lines, "organization__path"),
        campaign=campaign,
        organization__in=places.order_by().values("pk"),
    )
    tasks = tasks.filter(stage=stage) if stage else tasks
    counted = _by_path(tasks, "organization__path", TASKS)
    _add(lines, counted, lambda *numbers: dict(zip(TASKS, numbers, strict=True)))


def total(lines: Sequence[Line]) -> list[str]:
    """Return the sums in the order of the columns; none where a line keeps its figure back, which
    the sum would give away."""
    found = []
    for column in COLUMNS:
        shown = [one.shown(column.code) for one in lines]
        hidden = any(not number.isdigit() for number in shown)
        found.append(KEPT_BACK if hidden else str(sum(map(int, shown))))
    return found


def _under(lines: list[Line], column: str) -> Q:
    """All that the lines are about: where they share one parent, one range."""
    paths = [one.organization.path for one in lines]
    above = min(paths, key=len, default="")
    if above and all(path.startswith(above) for path in paths):
        return within(above, column)
    if paths and len({path[:-STEP] for path in paths}) == 1 and len(above) > STEP:
        return within(above[:-STEP], column)
    return Q()


def _of_state(state: str, number: int) -> dict[str, int]:
    """Return in which columns people of a state count; the same meaning as `STATES`."""
    if state == EXCUSED:
        return {"excused": number}
    submitted, reviewed = bool(state), state == Examination.Status.ACCEPTED
    return {
        "asked": number,
        "submitted": number * submitted,
        "reviewed": number * reviewed,
        "missing": number * (not submitted),
    }


def _by_path(rows: QuerySet[Any], column: str, kinds: Mapping[str, Q]) -> QuerySet[Any]:
    counted = {code: Count("pk", filter=one or None) for code, one in kinds.items()}
    return rows.order_by().values_list(column).annotate(**counted)


def _add(lines: Iterable[Line], found: Iterable[tuple[Any, ...]], codes: Codes) -> None:
    """Add what was counted, each row with its path first, to the line the path belongs to."""
    whole = {one.organization.path: one for one in lines if one.whole}
    alone = {one.organization.path: one for one in lines if not one.whole}
    for path, *numbers in found:
        tops = (path[:length] for length in range(len(path), 0, -STEP))
        line = alone.get(path) or next((whole[top] for top in tops if top in whole), None)
        if line is None:
            continue
        for code, number in codes(*numbers).items():
            line.counts[code] = line.counts.get(code, 0) + number


# ---------------------------------------------------------------- 自查未报、检查查出


def unreported(actor: Actor, campaign: Campaign) -> QuerySet[Problem]:
    """Return what was pointed out from above or outside at a unit, under items under none of which
    anybody there, or below, had found anything in himself.

    Only below the actor as an inspector, and only where examinations were accepted: who has not
    examined himself yet has left nothing out.
    """
    reach = Reach.of(actor, {Role.INSPECTOR: SCOPES[Role.INSPECTOR]})
    rows = Problem.objects.visible_to(actor).filter(campaign=campaign).counted()
    rows = rows.exclude(owner_kind=Problem.OwnerKind.PERSONAL).filter(source__from_above=True)
    if not reach.whole:
        rows = rows.filter(reach.condition())
    here = Q(organization__path__startswith=OuterRef("path"))
    accepted = Examination.objects.filter(here, campaign=campaign, status="accepted").order_by()
    same = Finding.objects.filter(
        submission__examination__campaign=campaign,
        submission__examination__organization__path__startswith=OuterRef("path"),
        item__problems=OuterRef("pk"),
    )
    has_items = Problem.items.through.objects.filter(problem=OuterRef("pk"))
    return rows.filter(Exists(has_items), Exists(accepted)).exclude(Exists(same.order_by()))
