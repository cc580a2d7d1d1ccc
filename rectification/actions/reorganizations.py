"""Changing the tree with all that stands on it (机构调整): move, retire, merge, split.

Path is scope: rows, closed ones too, get the path of whoever answers for their organization now.
History is the name kept as text: what a closed row says does not change (docs/decisions/0016).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Concat, Substr

from rectification.actions import chains, successions, weekly_successions
from rectification.models import Problem, ReviewStep, Upload
from rectification.statistics import left_at
from reform import policy
from reform.actions import organizations, relations, trail, tree
from reform.errors import Refused
from reform.models import Act as GroundAct
from reform.models import Actor, Duty, Organization, OrganizationRelation, Role
from reform.models.organization import within

Status = Problem.Status
NOTHING_GOES = (
    "请至少选择一名划转的成员、一条划转的问题或一个划转的下级；都不划转的，请用“新建下级”。"
)


@transaction.atomic
def move(
    organization: Organization, *, under: Organization | None, by: Actor, at: datetime
) -> Organization:
    """Hang an organization, with all below it, under another (None: at the top).

    Two statements write all paths, of problems first: who works on one of them holds its row and
    may still point at the organization. Raises Refused as `tree.new_place` does.
    """
    _begin(by)
    was = str(organization.parent or "最上级")
    _move(organization, under, by=by)
    successions.taking_part(organization)
    words = f"{organization}：{was}→{under or '最上级'}"
    trail.record(GroundAct.ORGANIZATION_MOVED, organization, by=by, at=at, say=words)
    successions.tell(
        [organization], f"{organization}已调整到“{under or '最上级'}”下面", by=by, at=at
    )
    seat_anew(organization.path, by=by, at=at)
    return organization


def _begin(by: Actor) -> None:
    policy.require(by, "org.edit")
    tree.hold_tree()


def _move(organization: Organization, under: Organization | None, *, by: Actor) -> None:
    place = tree.new_place(organization, under, on=by.on)
    was = organization.path
    rest = Substr("path", len(was) + 1)
    Problem.objects.filter(within(was)).update(path=Concat(Value(place.path), rest))
    tree.settle(organization, under, place)


def seat_anew(
    path: str, *, by: Actor, at: datetime, on: date | None = None, also: Q | None = None
) -> int:
    """Seat the open steps of rows at or below `path` anew; return how many lie elsewhere now.

    A step stays where it is as long as its holder still lies above: the database tells which.
    """
    day = on or by.on
    rows = within(path, "application__problem__path")
    steps = ReviewStep.objects.open().filter(rows | also if also else rows)
    asked = list(
        steps.displaced(day)
        .select_related("application__problem__organization", "holder")
        .order_by("pk")
    )
    return sum(chains.seat_anew(step, on=day, by=by, at=at) for step in asked)


# ---------------------------------------------------------------- retiring


@transaction.atomic
def retire(
    organization: Organization, *, on: date, document: str, by: Actor, at: datetime
) -> Organization:
    """撤销 of an organization at which nothing is left; Refused names what is."""
    _begin(by)
    tree.all_held([organization], on=by.on)
    organization.refresh_from_db()
    _check_day(organization, on, by=by)
    left = left_at(organization, on=by.on)
    if words := left.in_words():
        raise Refused(f"“{organization}”还有{words}，请先移交，或在撤销时并入其他党组织。")
    tree.retire(organization, on=on)
    _record_end(organization, None, GroundAct.ORGANIZATION_RETIRED, on, document, by=by, at=at)
    return organization


def _check_day(organization: Organization, on: date, *, by: Actor) -> None:
    if on > by.on:
        raise Refused("生效日期不能晚于今天，请到那一天再办理。")
    last = organization.former_names.first()
    if last and on < last.until:
        raise Refused(f"生效日期不能早于“{organization}”最近一次更名（{last.until}）。")


def _record_end(
    organization: Organization,
    into: Organization | None,
    act: GroundAct,
    on: date,
    document: str,
    *,
    by: Actor,
    at: datetime,
    **figures: int,
) -> None:
    words = f"{organization}→{into}（{document}）" if into else f"{organization}（{document}）"
    trail.record(act, organization, by=by, at=at, say=words, on=str(on), figures=figures)


# ---------------------------------------------------------------- merging


@transaction.atomic
def merge(
    parts: Sequence[Organization],
    *,
    into: Organization,
    on: date,
    document: str,
    by: Actor,
    at: datetime,
) -> Organization:
    """合并: `parts` end on the day `on`, and `into` takes over all they have.

    Open rows, imports waiting and campaigns become its own; closed rows come into its scope and
    keep their old name; members go over; other duties end, for the security administrator to
    grant anew (SOD-10). Appointments stay.
    """
    _begin(by)
    if not parts or into in parts:
        raise Refused("请选择至少一个要并入的党组织，且不能并入它自己。")
    waiting = Upload.objects.filter(organization__in=list(parts), state=Upload.State.READ)
    list(waiting.select_for_update(of=("self",)).values_list("pk"))
    tree.all_held([*parts, into], on=by.on)
    into.refresh_from_db()
    ended: list[Duty] = []
    for part in parts:
        part.refresh_from_db()
        _check_day(part, on, by=by)
        if part.covers(into.path):
            raise Refused(f"“{into}”在“{part}”之下，请先把它移到别处再合并。")
        before = left_at(part, on=by.on)
        ended += _hand_over_all(part, into, on=on, by=by, at=at)
        tree.retire(part, on=on, into=into)
        figures = before.figures()
        _record_end(
            part, into, GroundAct.ORGANIZATION_MERGED, on, document, by=by, at=at, **figures
        )
    successions.taking_part(into)
    names = "、".join(str(part) for part in parts)
    successions.tell([into], f"{names}已并入{into}，未办结事项一并移交", by=by, at=at)
    successions.ask_to_grant_anew(ended, into, on=on, by=by, at=at)
    weekly_successions.follow(parts, into, ended, by=by, at=at)
    held_there = Q(holder__in=list(parts))
    seat_anew(into.path, by=by, at=at, also=held_there)
    return into


def _hand_over_all(
    part: Organization, into: Organization, *, on: date, by: Actor, at: datetime
) -> list[Duty]:
    """Give everything `part` has to `into`; return the duties that ended."""
    for child in Organization.objects.filter(parent=part).official_order():
        if child.retired_on is None:
            _move(child, into, by=by)
    successions.problems(part, into, by=by, at=at)
    # Closed rows of the part, of what it took over, and of what had been retired below it.
    Problem.objects.filter(within(part.path)).update(path=into.path)
    successions.papers(part, into)
    successions.relations(part, into, on=on)
    return successions.duties(part, into, on=on, by=by, at=at)


@transaction.atomic
def merge_into_new(
    parts: Sequence[Organization],
    *,
    name: str,
    code: str,
    kind: str,
    short_name: str = "",
    on: date,
    document: str,
    by: Actor,
    at: datetime,
) -> Organization:
    """合并 into a new organization, which stands beside the first of the parts."""
    new = organizations.establish(
        name=name,
        code=code,
        kind=kind,
        parent=parts[0].parent,
        short_name=short_name,
        document=document,
        by=by,
        at=at,
    )
    return merge(parts, into=new, on=on, document=document, by=by, at=at)


# ---------------------------------------------------------------- splitting


@transaction.atomic
def split(
    organization: Organization,
    *,
    name: str,
    code: str,
    kind: str,
    short_name: str = "",
    members: Sequence[Duty] = (),
    problems: Sequence[Problem] = (),
    children: Sequence[Organization] = (),
    on: date,
    document: str,
    by: Actor,
    at: datetime,
) -> Organization:
    """分设: a new organization beside this one gets some of its members and of its open rows, and
    some of the organizations below, with all that stands there."""
    _begin(by)
    tree.all_held([organization], on=by.on)
    organization.refresh_from_db()
    _check_day(organization, on, by=by)
    if not (members or problems or children):
        raise Refused(NOTHING_GOES)
    new = organizations.establish(
        name=name,
        code=code,
        kind=kind,
        parent=organization.parent,
        short_name=short_name,
        document=document,
        by=by,
        at=at,
    )
    _join_campaigns(organization, new)
    for child in children:
        child.refresh_from_db()
        if child.parent_id != organization.pk:
            raise Refused(f"“{child}”已不是“{organization}”的下级，请刷新后重新选择。")
        _move(child, new, by=by)
    chosen = Q(pk__in=[problem.pk for problem in problems])
    handed = successions.problems(organization, new, by=by, at=at, only=chosen)
    going = [duty.pk for duty in members]
    mine = Duty.objects.filter(pk__in=going, organization=organization, role=Role.MEMBER)
    successions.members(mine, new, on=on, by=by, at=at)
    words = f"{organization}分设{new}（{document}）"
    trail.record(
        GroundAct.ORGANIZATION_SPLIT,
        organization,
        by=by,
        at=at,
        say=words,
        on=str(on),
        open_rows=handed,
        members=len(going),
        children=[child.pk for child in children],
    )
    successions.tell([organization, new], words, by=by, at=at)
    seat_anew(new.path, by=by, at=at)
    return new


def _join_campaigns(organization: Organization, new: Organization) -> None:
    for row in organization.participations.all():
        row.campaign.participations.get_or_create(organization=new)


# ---------------------------------------------------------------- relations beside the tree


@transaction.atomic
def end_relation(
    relation: OrganizationRelation, *, until: date, by: Actor, at: datetime
) -> OrganizationRelation:
    """End a relation; steps waiting with a stationed 纪检组 go to who is above the day after."""
    _begin(by)
    row = relations.end(relation, until=until, by=by, at=at)
    if row.kind == OrganizationRelation.Kind.STATIONED:
        seat_anew(row.other.path, by=by, at=at, on=until + timedelta(days=1))
    return row
