"""Complaints and suggestions (意见建议) from the foot of every page."""

from datetime import date, datetime

from django.db import transaction

from reform.actions import notices, trail
from reform.models import Act, Actor, Duty, Event, Role, Suggestion, User


@transaction.atomic
def make(*, text: str, page: str, by: Actor, at: datetime) -> Suggestion:
    """Keep a suggestion and tell the office that answers for the person's organization."""
    suggestion = Suggestion.objects.create(text=text, page=page[:200], by=by.user, at=at)
    trail.record(Act.SUGGESTED, suggestion, by=by, at=at)
    notices.post(
        _offices(by, by.on),
        subject=f"{by.user}提出意见建议：{text}",
        key=f"suggestion:{suggestion.pk}",
        event=Event.SYSTEM,
        at=at,
        by=by,
        url="/suggestions/",
    )
    return suggestion


def _offices(by: Actor, on: date) -> list[User]:
    lineage = by.home.lineage if by.home else []
    held = Duty.objects.in_force(on).filter(role=Role.OFFICE, organization__path__in=lineage)
    return list(User.objects.active().filter(pk__in=held.values("user")))
