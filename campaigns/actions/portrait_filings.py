"""Handing the lists to the discipline side (送归档): on paper, and only the receipt stays."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from campaigns import policy
from campaigns.actions import portraits
from campaigns.models import Act, Portrait, PortraitReceipt, PortraitSession
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor


@transaction.atomic
def file(
    session: PortraitSession,
    *,
    chosen: Collection[int],
    on: date,
    receiver_name: str,
    receiver_post: str,
    by: Actor,
    at: datetime,
) -> list[PortraitReceipt]:
    """Note that the chosen lists were received; each is closed by it, and who spoke forgotten.

    Raises Refused for the whole when one of them was not read by its person.
    """
    session = session.locked()
    rows = list(Portrait.to_lock(chosen).filter(session=session))
    if not rows or len(rows) != len(set(chosen)):
        raise Refused("请勾选本次画像比对中已由本人阅看的画像。")
    if on > by.on or on < session.on:
        raise Refused("送交日期应在画像比对之日至今天之间。")
    return [
        _file(row, on=on, receiver_name=receiver_name, receiver_post=receiver_post, by=by, at=at)
        for row in rows
    ]


def _file(row: Portrait, *, on: date, by: Actor, at: datetime, **receiver: str) -> PortraitReceipt:
    policy.require_merge(by, row)
    if row.status != Portrait.Status.READ:
        raise Refused(f"“{row}”目前为{row.get_status_display()}，本人阅看以后才能送归档。")
    if row.read_on and on < row.read_on:
        raise Refused(f"送交日期早于{row.name}阅看的日期，请核对。")
    portraits.wipe(row)
    made = PortraitReceipt.objects.create(
        portrait=row,
        on=on,
        items=row.items.count(),
        by=by.user,
        by_name=by.user.name,
        at=at,
        **receiver,
    )
    row.move(Portrait.Status.FILED)
    row.version += 1
    row.save(update_fields=["status", "version"])
    trail.record(Act.PORTRAIT_FILED, row, by=by, at=at, say=f"{row}，{made.items}条")
    return made
