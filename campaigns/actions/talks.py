"""Admonition talks (提醒谈话): called from a portrait, held, noted by who leads them."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from campaigns import policy
from campaigns.models import Act, AdmonitionTalk, Portrait
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused, Stale
from reform.models import Actor, Event

AHEAD = timedelta(days=60)


@transaction.atomic
def call(portrait: Portrait, *, day: date, reason: str, by: Actor, at: datetime) -> AdmonitionTalk:
    """Arrange a talk with somebody whose portrait one merges. The talk keeps no link to it."""
    row = portrait.locked()
    policy.require_merge(by, row)
    if not by.on - AHEAD <= day <= by.on + AHEAD:
        raise Refused("约定日期应在今天前后60天以内，请核对。")
    talk = AdmonitionTalk(leader=by.user, person=row.person, day=day, reason=reason, made_at=at)
    try:
        with transaction.atomic():
            talk.save()
    except IntegrityError as error:
        raise Refused("这一天您已经约了这位同志谈话。") from error
    trail.record(Act.TALK_CALLED, talk, by=by, at=at)
    notices.post(
        [row.person],
        subject=f"{by.user.name}约您{day.month}月{day.day}日谈话",
        key=f"talk:{talk.pk}:called",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=talk.get_absolute_url(),
    )
    return talk


@transaction.atomic
def write(
    talk: AdmonitionTalk,
    *,
    held_on: date,
    content: str,
    version: int,
    by: Actor,
    at: datetime,
) -> AdmonitionTalk:
    """Note when it was held and, if one likes, what was said; the two of them read it."""
    row = AdmonitionTalk.objects.select_for_update().get(pk=talk.pk)
    if not row.is_led_by(by):
        raise Forbidden("谈话情况由谈话人登记。")
    if held_on > by.on or held_on < row.day - AHEAD:
        raise Refused("谈话日期不能晚于今天，也不应早于约定日期60天以上。")
    if version != row.version:
        now = {"held_on": row.held_on, "content": row.content}
        raise Stale("谈话情况在别处改过，两份都在下面。", now=now, version=row.version)
    row.held_on, row.content = held_on, content
    row.version += 1
    row.save(update_fields=["held_on", "content", "version"])
    trail.record(Act.TALK_WRITTEN, row, by=by, at=at)
    notices.settle(f"talk:{row.pk}:called", at=at)
    return row
