"""Choosing how one is told (提醒方式): for oneself only."""

from collections.abc import Collection
from datetime import datetime, time

from django.db import transaction

from reform.actions import addresses, trail
from reform.errors import Refused
from reform.models import Act, Actor, Delivery, Event, Preference
from reform.models.preference import HOURS, by_default

Wish = tuple[str, str]  # channel, event


@transaction.atomic
def choose(
    *,
    email: str,
    digest_at: time,
    wanted: Collection[Wish],
    channels: Collection[str],
    by: Actor,
    at: datetime,
) -> str:
    """Keep what the actor wants to be told of, over which of `channels`, those that he was shown.

    What he was not shown stays as it was. The trail says that he chose, not the address. Another
    address is used once it is proved: returned is the code that is to be mailed there, if any.
    """
    if digest_at not in HOURS:
        raise Refused("每日汇总只在工作时间发送，请从列出的时间中选择。")
    row, _ = Preference.objects.select_for_update().get_or_create(user=by.user)
    row.digest_at = digest_at
    for channel in channels:
        row.choices[channel] = _differing(channel, wanted)
    row.save()
    say = "、".join(Delivery.Channel(channel).label for channel in channels) or "收件箱"
    trail.record(Act.NOTICES_CHOSEN, by.user, by=by, at=at, say=say)
    return _addressed(row, email, by=by, at=at)


def _addressed(row: Preference, email: str, *, by: Actor, at: datetime) -> str:
    if email and email == row.asked_email and addresses.is_live(row, at):
        return ""  # its code is on the way
    if email and email != row.email:
        return addresses.ask(row, email, by=by, at=at)
    if email != row.email or row.asked_email:
        addresses.forget(row)
        row.email = email
        row.save()
    return ""


def _differing(channel: str, wanted: Collection[Wish]) -> dict[str, bool]:
    """Keep only what differs: a default that changes later is meant for whoever left it alone."""
    chosen = {event: (channel, event) in wanted for event in Event.values}
    return {event: yes for event, yes in chosen.items() if yes != by_default(channel, event)}
