"""Signs of life of what runs by itself."""

from datetime import datetime

from reform.models import Pulse


def tick(*, at: datetime) -> None:
    """Note that the timetable reached a worker; nobody did it, so the trail has nothing to say."""
    Pulse.objects.note(Pulse.Name.TICK, at=at)


def swept(*, at: datetime, down: dict[str, str]) -> None:
    """Note that the outbox was looked through, and which channels were down, with why."""
    Pulse.objects.note(Pulse.Name.SWEEP, at=at, down=down)
