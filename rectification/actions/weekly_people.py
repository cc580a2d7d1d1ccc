"""Who is told of weekly reports: who prepares one, and who collates."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime

from django.db.models import QuerySet

from campaigns.models import BEIJING, Level
from reform.models import Delegation, Duty, Organization, Role, User
from reform.models.statement import Keys

WHO = {
    Level.BRANCH: (Role.LIAISON, Role.SECRETARY),
    Level.OFFICE: (Role.OFFICE,),
}


def reminder_key(kind: str, due_at: datetime, campaigns: Iterable[int]) -> str:
    """Return the key of a reminder of that moment. A campaign that begins after the others were
    reminded of is another message."""
    asking = "-".join(map(str, sorted(campaigns)))
    return f"weekly-{kind}:{int(due_at.timestamp())}:{asking}"[:100]


def asked_only_at(place: Organization, level: Level, *, on: date) -> QuerySet[Duty]:
    """Return the duties of those who report for this place, and for no other."""
    duties = Duty.objects.in_force(on)
    roles = sorted({role for some in WHO.values() for role in some})
    elsewhere = duties.filter(role__in=roles).exclude(organization=place)
    here = duties.filter(organization=place, role__in=WHO[level])
    return here.exclude(user__in=elsewhere.values("user"))


def holders(
    places: Iterable[Organization], roles: Collection[str], *, at: datetime
) -> Iterator[tuple[Organization, list[User]]]:
    """Yield who holds one of the roles at each place, or stands in: two statements for all."""
    on = at.astimezone(BEIJING).date()
    known = {place.pk: place for place in places}
    held = Duty.objects.in_force(on).filter(organization__in=Keys(sorted(known)), role__in=roles)
    people: dict[int, dict[int, User]] = {key: {} for key in known}
    for duty in held.select_related("user"):
        people[duty.organization_id][duty.user_id] = duty.user
    given = Delegation.objects.in_force(on).filter(duty__in=held.values("pk"))
    for row in given.select_related("delegate", "duty"):
        people[row.duty.organization_id][row.delegate_id] = row.delegate
    for key, found in people.items():
        reading = [user for _, user in sorted(found.items()) if user.is_active and user.has_account]
        if reading:
            yield known[key], reading
