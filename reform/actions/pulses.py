"""Signs of life of what runs by itself."""

from datetime import datetime

from reform.models import Pulse


def tick(*, at: datetime) -> None:
    """Note that the timetable reached a worker; nobody did it, so the trail has nothing to say."""
    Pulse.objects.note(Pulse.Name.TICK, at=at)
