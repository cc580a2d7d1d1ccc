"""Who is told of weekly reports: who prepares one, and who collates."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from campaigns.models import BEIJING, Level
from reform.models import Delegation, Duty, Organization, Role, User
from reform.models.statement import Keys

WHO = {
    Level.BRANCH: (Role.LIAISON, Role.SECRETARY),
    Level.OFFICE: (Role.OFFICE,),
}


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
