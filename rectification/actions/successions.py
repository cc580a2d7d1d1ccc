"""Succession (承接): what an organization has goes to another, and who is told.

Parts of `reorganizations`: the caller holds the tree and has asked who may.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from campaigns.models import Campaign, Participation
from rectification.models import Act, Problem, ProblemDepartment, Upload
from reform.actions import duties as duty_acts
from reform.actions import notices, trail
from reform.models import (
    ADMINISTRATORS,
    Actor,
    Delegation,
    Duty,
    DutyField,
    DutyProposal,
    Event,
    Organization,
    OrganizationRelation,
    Role,
    User,
)
from reform.models import Act as GroundAct
from reform.models.delegation import holding
from reform.models.organization import within

STAYING = (Role.MEMBER, *ADMINISTRATORS)  # what goes over with the person
KEEPERS = (Role.SECRETARY, Role.LIAISON, Role.OFFICE)


def problems(
    part: Organization, into: Organization, *, by: Actor, at: datetime, only: Q | None = None
) -> int:
    """Make `into` answer for open rows and drafts of `part`; return how many they were.

    Numbers stay, and what the rows say of people and departments. Who served at the part keeps
    out of reviewing them (SOD-15): policy/involved.py reads `former` from the trail.
    """
    rows = Problem.objects.filter(only or Q(), organization=part)
    open_rows = rows.exclude(status=Problem.Status.CLOSED)
    # In the order in which who acts on many rows locks them (batches).
    locked = open_rows.select_for_update(of=("self",)).order_by("pk")
    handed = list(locked.select_related("organization"))
    say = [f"{row}：{row.organization}→{into}" for row in handed]
    places: dict[str, Any] = {"organization": into.pk, "former": part.pk}
    trail.record_many(Act.UNIT_CHANGED, handed, by=by, at=at, say=say, **places)
    open_rows.update(organization=into, path=into.path, version=F("version") + 1)
    return len(handed)


def papers(part: Organization, into: Organization) -> None:
    """Imports waiting, cooperation on open rows, campaigns led and taken part in."""
    Upload.objects.filter(organization=part, state=Upload.State.READ).update(organization=into)
    cooperating = ProblemDepartment.objects.filter(organization=part)
    cooperating.exclude(problem__status=Problem.Status.CLOSED).update(organization=into)
    Campaign.objects.filter(organization=part).update(organization=into)
    joined = Participation.objects.filter(organization=into).values("campaign")
    mine = Participation.objects.filter(organization=part)
    mine.filter(campaign__in=joined).delete()
    mine.update(organization=into)


def taking_part(place: Organization) -> None:
    """Whoever still has open rows or imports waiting in a campaign takes part in it, although he
    hangs under another now: else nobody there could finish what was begun."""
    rows = Problem.objects.filter(within(place.path)).exclude(status=Problem.Status.CLOSED)
    waiting = Upload.objects.filter(state=Upload.State.READ)
    waiting = waiting.filter(within(place.path, "organization__path"))
    for campaign in Campaign.objects.open().select_related("organization"):
        if campaign.includes(place):
            continue
        if rows.filter(campaign=campaign).exists() or waiting.filter(campaign=campaign).exists():
            campaign.participations.create(organization=place)


def relations(part: Organization, into: Organization, *, on: date) -> None:
    """Relations beside the tree go on with `into`, from the day `on`."""
    rows = OrganizationRelation.objects.in_force(on).filter(Q(organization=part) | Q(other=part))
    for row in list(rows):
        ends = {"organization": row.organization, "other": row.other}
        ends = {end: into if place == part else place for end, place in ends.items()}
        same = OrganizationRelation.objects.in_force(on).filter(kind=row.kind, **ends)
        if ends["organization"] != ends["other"] and not same.exists():
            OrganizationRelation.objects.create(
                kind=row.kind, since=on, until=row.until, note=row.note, **ends
            )
        row.until = max(on - timedelta(days=1), row.since)
        row.save(update_fields=["until"])


# ---------------------------------------------------------------- people


def duties(
    part: Organization, into: Organization, *, on: date, by: Actor, at: datetime
) -> list[Duty]:
    """Take members over; end the other duties, which are granted anew by another (SOD-10).

    An administrator is one for the whole system wherever he sits: his duty goes over as well, or
    a merger could leave nobody to grant.

    Returns those that ended. A leader above who answered for the part answers for `into`.
    """
    fields(part, into, on=on)
    DutyProposal.objects.waiting().filter(organization=part).exclude(
        user__in=DutyProposal.objects.waiting().filter(organization=into).values("user")
    ).update(organization=into)
    held = Duty.objects.filter(organization=part).filter(Q(until=None) | Q(until__gte=on))
    members(held.filter(role__in=STAYING), into, on=on, by=by, at=at)
    ended = list(held.exclude(role__in=STAYING).select_related("user", "organization"))
    for duty in ended:
        _end(duty, on)
    return ended


def fields(part: Organization, into: Organization, *, on: date) -> None:
    """A leader's field and 联系点 end with the part, and go on with `into` from the day `on`."""
    for proposal in DutyProposal.objects.waiting().filter(fields=part):
        proposal.fields.remove(part)
        proposal.fields.add(into)
    rows = DutyField.objects.filter(Q(until=None) | Q(until__gte=on), organization=part)
    for row in list(rows):
        same = DutyField.objects.filter(duty=row.duty, organization=into, kind=row.kind)
        if not same.filter(Q(until=None) | Q(until__gte=on)).exists():
            DutyField.objects.create(
                duty=row.duty,
                kind=row.kind,
                organization=into,
                since=max(on, row.since),
                until=row.until,
            )
        if row.since >= on:
            row.delete()
            continue
        row.until = on - timedelta(days=1)
        row.save(update_fields=["until"])


def members(rows: QuerySet[Duty], into: Organization, *, on: date, by: Actor, at: datetime) -> None:
    """End memberships on the day before `on` and begin them at `into`; home goes along."""
    gone: list[User] = []
    for duty in list(rows.select_related("user").order_by("pk")):
        was = Duty(user=duty.user, role=duty.role, home=duty.home, until=duty.until)
        was.since, was.organization = max(duty.since, on), into
        _end(duty, on)
        _join(was)
        gone.append(duty.user)
    if gone:
        names = "、".join(user.name for user in gone)[:300]
        trail.record(
            GroundAct.DUTIES_HANDED_OVER,
            into,
            by=by,
            at=at,
            say=f"{into}接收{len(gone)}名成员：{names}",
            people=[user.pk for user in gone],
        )


def _end(duty: Duty, on: date) -> None:
    """The last day is the one before `on`; a duty that would begin later never does."""
    if duty.since >= on:
        Delegation.objects.filter(duty=duty).delete()  # of a leave that never began
        duty.delete()
        return
    duty.until = on - timedelta(days=1)
    duty.save(update_fields=["until"])


def _join(duty: Duty) -> None:
    """Begin a duty, or lend its home to the one that stands there already."""
    there = Duty.objects.filter(
        user=duty.user, organization=duty.organization, role=duty.role
    ).in_force_between(duty.since, duty.until)
    if already := there.first():
        already.home = already.home or duty.home
        already.save(update_fields=["home"])
        return
    duty.save()


# ---------------------------------------------------------------- telling


def tell(places: Sequence[Organization], words: str, *, by: Actor, at: datetime) -> None:
    """Tell who keeps the ledger there."""
    keepers = Duty.objects.in_force(by.on).filter(organization__in=places, role__in=KEEPERS)
    people = holding(keepers, on=by.on)
    place = places[0]
    key = f"tree:{place.pk}:{at:%Y%m%d%H%M%S%f}"
    url = place.get_absolute_url()
    notices.post(people, subject=words, key=key, event=Event.SYSTEM, at=at, by=by, url=url)


def ask_to_grant_anew(
    ended: Sequence[Duty], into: Organization, *, on: date, by: Actor, at: datetime
) -> None:
    """Propose the duties that ended anew at `into`: only the security administrator grants
    (SOD-10). Who holds the same there already, or is proposed for it, is not asked for twice."""
    if not ended:
        return
    names = [f"{duty.user}（{duty.organization}{duty.get_role_display()}）" for duty in ended]
    asked = [duty for duty in ended if _is_to_be_granted(duty, into, on=on)]
    for duty in asked:
        duty_acts.propose(
            duty.user,
            role=Role(duty.role),
            organization=into,
            since=max(on, by.on),
            principal=duty.principal,
            unit_admin=duty.unit_admin,
            origin=DutyProposal.Origin.REORGANIZED,
            by=by,
            at=at,
        )
    trail.record(
        GroundAct.DUTIES_HANDED_OVER,
        into,
        by=by,
        at=at,
        say=f"随合并终止，提请在承接单位确认：{'、'.join(names)}",
        ended=[
            {"user": duty.user_id, "role": duty.role, "organization": duty.organization_id}
            for duty in ended
        ],
    )
    words = f"{len(ended)}项职责随合并终止，{into}的同一职责等您确认：{'、'.join(names)}"
    key = f"grant:{into.pk}:{at:%Y%m%d%H%M%S%f}"
    duty_acts.tell_waiting(words, key=key, by=by, at=at)


def _is_to_be_granted(duty: Duty, into: Organization, *, on: date) -> bool:
    if not duty.user.is_active:
        return False
    same = {"user": duty.user_id, "role": duty.role, "organization": into.pk}
    held = Duty.objects.filter(**same).in_force_between(on, None)
    return not held.exists() and not DutyProposal.objects.waiting().filter(**same).exists()
