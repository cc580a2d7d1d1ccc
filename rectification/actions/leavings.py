"""Leaving (离任、停用): a closed account, and the steps that waited with nobody else."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from campaigns.models import ClosingStep
from rectification.actions import chains
from rectification.models import ReviewStep
from reform.actions import people
from reform.models import Actor, Duty, User
from reform.models.delegation import holding


@transaction.atomic
def disable(person: User, *, reason: str, by: Actor, at: datetime) -> User:
    """Close the account. Steps at places where now nobody is left to take them go to the nearest
    place above with somebody, who is told: on nobody's desk they would wait for ever."""
    held = list(Duty.objects.in_force(by.on).filter(user=person).select_related("organization"))
    person = people.disable(person, reason=reason, by=by, at=at)
    for step in _left_alone(held, by=by):
        step.application.problem = step.application.problem.locked()
        step.refresh_from_db(fields=["state", "holder"])
        if step.state == ReviewStep.State.OPEN:
            chains.seat_anew(step, on=by.on, by=by, at=at)
    return person


def _left_alone(held: list[Duty], *, by: Actor) -> Iterator[ReviewStep]:
    """Yield the open steps that waited at these duties' places, where nobody else may take their
    kind, with whoever stood in for the leaver gone as well."""
    for kind, roles in ClosingStep.ROLES.items():
        for duty in held:
            if duty.role not in roles:
                continue
            there = Duty.objects.in_force(by.on).filter(
                organization=duty.organization, role__in=roles, user__is_active=True
            )
            if not holding(there, on=by.on).exists():
                steps = ReviewStep.objects.open().filter(holder=duty.organization, kind=kind)
                yield from steps.select_related("application__problem", "holder").order_by("pk")
