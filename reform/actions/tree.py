"""The tree itself: its steps and paths, the official order (机构序列), and who waits for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Concat, Substr

from reform import policy
from reform.actions import counters, trail
from reform.errors import Refused
from reform.models import Act, Actor, Organization
from reform.models.organization import LEVELS, STEP, within


@dataclass(frozen=True)
class Place:
    """Where an organization will stand: its path, its place in the official order, its depth."""

    path: str
    sequence: str
    depth: int


def hold_tree() -> None:
    """Let one change of the tree happen at a time, until the transaction ends."""
    counters.take("organization:tree")


def held(organization: Organization, *, on: date) -> Organization:
    """Return the organization as it stands now, kept from moving until the transaction ends.

    Who files for it copies its path: a move waits for him, or he reads the new one.
    """
    return all_held([organization], on=on)[organization.pk]


def all_held(organizations: Iterable[Organization], *, on: date) -> dict[int, Organization]:
    """Return organizations as they stand now, by key, each kept from moving (see `held`)."""
    keys = {organization.pk for organization in organizations}
    rows = Organization.objects.select_for_update(no_key=True).filter(pk__in=keys)
    now = {row.pk: row for row in rows.order_by("pk")}
    for organization in now.values():
        require_in_force(organization, on=on)
    return now


def kept(organization: Organization) -> Organization:
    """Return the organization as it stands now, not to be merged or retired till we are done.

    For who gives duties there; before he locks people, since a merger comes to them last.
    """
    return Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def require_in_force(organization: Organization, *, on: date) -> None:
    if organization.is_retired(on):
        raise Refused(f"“{organization}”已撤销，请改选其他党组织。")


def locked(organization: Organization, *, by: Actor) -> Organization:
    policy.require(by, "org.edit")
    hold_tree()
    now = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    require_in_force(now, on=by.on)
    return now


def require_free(name: str, parent: Organization | None, but: Organization | None = None) -> None:
    same = Organization.objects.filter(parent=parent, name=name, retired_on=None)
    if any(row != but for row in same):
        raise Refused(f"“{parent or '最上级'}”下面已有名为“{name}”的党组织，请换一个名称。")


def next_place(parent: Organization | None) -> Place:
    """Take the next step below `parent` as it stands now; a new child is last in the order."""
    if parent is None:
        above, step = Place("", "", 0), counters.take("organization:top")[0]
    else:
        locked = Organization.objects.select_for_update(no_key=True).get(pk=parent.pk)
        locked.steps_given = step = locked.steps_given + 1
        above = Place(locked.path, locked.sequence, locked.depth)
        if above.depth + 1 > LEVELS:
            raise Refused(f"组织层级最多{LEVELS}级，“{parent}”下面不能再设党组织。")
    if step >= 10**STEP:
        raise Refused(f"“{parent or '顶层'}”下面的党组织已满{10**STEP - 1}个。")
    if parent is not None:
        locked.save(update_fields=["steps_given"])
    last = f"{step:0{STEP}}"
    return Place(f"{above.path}{last}", f"{above.sequence}{last}", above.depth + 1)


# ---------------------------------------------------------------- official order (机构序列)


@transaction.atomic
def place_after(
    organization: Organization, *, after: Organization | None, by: Actor, at: datetime
) -> Organization:
    """Put an organization right after one of its siblings, or first of them (`after` None)."""
    now = locked(organization, by=by)
    row = list(Organization.objects.filter(parent=now.parent).official_order())
    if after is not None and after not in row:
        raise Refused(f"“{after}”与“{now}”不在同一上级之下，不能这样排列。")
    if after == now:
        raise Refused("请选择另一个党组织。")
    others = [one for one in row if one != now]
    spot = others.index(after) + 1 if after else 0
    wanted = [*others[:spot], now, *others[spot:]]
    for one, sequence in zip(wanted, [one.sequence for one in row], strict=True):
        if one.sequence != sequence:
            _put(one, sequence)
    where = f"{after}之后" if after else "首位"
    trail.record(Act.ORGANIZATION_PLACED, now, by=by, at=at, say=f"{now}排在{where}")
    now.refresh_from_db()
    return now


def _put(organization: Organization, sequence: str) -> None:
    """Write the place of an organization, and of all below it."""
    rest = Substr("sequence", len(organization.sequence) + 1)
    below = Organization.objects.filter(within(organization.path))
    below.update(sequence=Concat(Value(sequence), rest))


@transaction.atomic
def shift(organization: Organization, *, earlier: bool, by: Actor, at: datetime) -> Organization:
    """Change places with the sibling before, or with the one after."""
    row = Organization.objects.in_force(by.on).filter(parent=organization.parent_id)
    places = list(row.official_order())
    spot = places.index(organization) if organization in places else 0
    if (earlier and spot == 0) or (not earlier and spot == len(places) - 1):
        raise Refused(f"“{organization}”已在{'首位' if earlier else '末位'}。")
    if not earlier:
        return place_after(organization, after=places[spot + 1], by=by, at=at)
    before = places[spot - 2] if spot > 1 else None
    return place_after(organization, after=before, by=by, at=at)


# ---------------------------------------------------------------- moving: what the tree itself asks


def new_place(organization: Organization, under: Organization | None, *, on: date) -> Place:
    """Lock the subtree and return where it goes below `under`, on a step never used before.

    The caller holds the tree. Raises Refused for a move below itself, to where it is, past eight
    levels, or beside another of its name.
    """
    _lock_tree_of(organization, under)
    organization.refresh_from_db()
    require_in_force(organization, on=on)
    if under is not None:
        under.refresh_from_db()
        require_in_force(under, on=on)
        if organization.covers(under.path):
            raise Refused(f"不能把“{organization}”移到它自己或它的下级之下。")
    if organization.parent_id == (under.pk if under else None):
        raise Refused(f"“{organization}”已在“{under or '最上级'}”下面。")
    deepest = Organization.objects.under(organization).aggregate(Max("depth"))["depth__max"]
    above = under.depth if under else 0
    if above + 1 + deepest - organization.depth > LEVELS:
        raise Refused(f"移动后会超过{LEVELS}级，请改选层级较高的上级，或先调整下级组织。")
    require_free(organization.name, under)
    return next_place(under)


def _lock_tree_of(organization: Organization, under: Organization | None) -> None:
    """FOR NO KEY UPDATE: who files for one of them waits, who only points at it does not."""
    rows = Organization.objects.filter(within(organization.path))
    if under is not None:
        rows = rows | Organization.objects.filter(pk=under.pk)
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def settle(organization: Organization, under: Organization | None, place: Place) -> None:
    """Write the paths of the subtree in one statement, and whom it stands below."""
    length = len(organization.path) + 1
    Organization.objects.filter(within(organization.path)).update(
        path=Concat(Value(place.path), Substr("path", length)),
        sequence=Concat(Value(place.sequence), Substr("sequence", length)),
        depth=F("depth") + (place.depth - organization.depth),
    )
    Organization.objects.filter(pk=organization.pk).update(parent=under)
    organization.refresh_from_db()


def retire(
    organization: Organization, *, on: date, into: Organization | None = None
) -> Organization:
    """Close an organization from the day `on`; its rows of old stay readable from above."""
    organization.retired_on, organization.succeeded_by = on, into
    organization.save(update_fields=["retired_on", "succeeded_by"])
    return organization
