"""A session of portraits (画像比对), and what becomes of each portrait after it was merged.

The road of one: merged → shown to the person → read by him → filed (actions/portrait_filings.py),
or set aside. No notice, trail or page of it says who spoke (docs/decisions/0032).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from campaigns import policy
from campaigns.actions import portrait_items, reviewers
from campaigns.models import (
    Act,
    Campaign,
    Opinion,
    Portrait,
    PortraitSession,
)
from campaigns.models.examination_roll import belonging
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Event, Organization, Role, User

Status = Portrait.Status
LEAST, MOST = 2, 200  # people: one alone has nobody to speak of him; more are no branch


@transaction.atomic
def begin(
    campaign: Campaign, *, organization: Organization, on: date, by: Actor, at: datetime
) -> PortraitSession:
    """Begin a session of a branch, with a portrait for everybody who belongs there today."""
    policy.require_here(by, "po.merge", organization)
    campaign = campaign.locked()
    _require_open(campaign, organization, by=by)
    if not campaign.starts_on <= on <= by.on:
        raise Refused("日期应在活动开始之日至今天之间。")
    rows = belonging(by.on).filter(organization=organization).select_related("user")
    people = [duty.user for duty in rows.order_by("place", "user__name", "pk")]
    if len(people) < LEAST:
        raise Refused(f"“{organization}”不足{LEAST}人，不能开展互相提意见的画像比对。")
    if len(people) > MOST:
        raise Refused(f"“{organization}”超过{MOST}人，请按下属党支部分别开展画像比对。")
    row = PortraitSession(
        campaign=campaign, organization=organization, on=on, opened_by=by.user, opened_at=at
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        words = "这一天已经开始，或者还有一次画像比对正在征求意见；请先把那一次办完。"
        raise Refused(words) from error
    seats = _seats(people, organization, on=by.on)
    Portrait.objects.bulk_create(
        Portrait(session=row, person=user, name=user.name, seat_role=role, seat=place)
        for user, (role, place) in zip(people, seats, strict=True)
    )
    trail.record(Act.PORTRAITS_OPENED, row, by=by, at=at, say=f"{row}，{len(people)}人")
    notices.post(
        people,
        subject=f"{row}开始，请对支部其他同志提出意见",
        key=f"portraits:{row.pk}:opened",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
    return row


def _require_open(campaign: Campaign, organization: Organization, *, by: Actor) -> None:
    if not campaign.is_open:
        raise Refused(f"“{campaign}”{campaign.get_status_display()}，不能再开始画像比对。")
    if not campaign.includes(organization):
        raise Refused(f"“{organization}”没有参加“{campaign}”，不能开始画像比对。")
    if organization.is_retired(by.on):
        raise Refused(f"“{organization}”已撤销，不能开始画像比对。")


Seat = tuple[str, Organization | None]


def _seats(people: Sequence[User], organization: Organization, *, on: date) -> Iterator[Seat]:
    """Yield (role, place) of whoever merges each person's: the branch's secretary; for whoever is
    that himself, the one who reviews what he writes of himself; nobody at the top."""
    leading = {user.person_id for user in User.objects.holding(Role.SECRETARY, organization, on)}
    for person in people:
        if person.person_id not in leading:
            yield Role.SECRETARY, organization
            continue
        above = reviewers.of(person, organization, on=on)
        yield (above[0].duty.role, above[0].duty.organization) if above else ("", None)


@transaction.atomic
def close(session: PortraitSession, *, by: Actor, at: datetime) -> PortraitSession:
    """Take no more opinions; the seats are looked at anew, for secretaries come and go."""
    row = session.locked()
    policy.require_here(by, "po.merge", row.place)
    row.move(PortraitSession.Status.CLOSED)
    row.save(update_fields=["status"])
    _reseat(row, by=by)
    trail.record(Act.OPINIONS_CLOSED, row, by=by, at=at)
    notices.settle(f"portraits:{row.pk}:opened", at=at)
    return row


@transaction.atomic
def seat_anew(session: PortraitSession, *, by: Actor, at: datetime) -> int:
    """Say anew who merges each portrait that is not done; return how many changed hands."""
    row = session.locked()
    policy.require_here(by, "po.merge", row.place)
    moved = _reseat(row, by=by)
    trail.record(Act.PORTRAIT_SEATED, row, by=by, at=at, say=f"{row}，变动{moved}人")
    return moved


def _reseat(session: PortraitSession, *, by: Actor) -> int:
    keys = session.portraits.values_list("pk", flat=True)
    rows = [row for row in Portrait.to_lock(keys) if not row.is_final]
    seats = _seats([row.person for row in rows], session.place, on=by.on)
    moved = 0
    for row, (role, place) in zip(rows, seats, strict=True):
        if (row.seat_role, row.seat) != (role, place):
            row.seat_role, row.seat = role, place
            row.save(update_fields=["seat_role", "seat"])
            moved += 1
    return moved


# ---------------------------------------------------------------- from merged to read


@transaction.atomic
def show(portrait: Portrait, *, version: int, by: Actor, at: datetime) -> Portrait:
    """Let the person read what was merged, as it stood on the page of who shows it."""
    row = portrait_items.of_merger(portrait, by=by)
    if row.session.is_open:
        raise Refused("还在征求意见，请先截止征求意见，再交本人阅看。")
    if version != row.version:
        raise Refused("打开页面以后合并的意见又改过，请看过现在的内容再交本人阅看。")
    if waiting := Opinion.objects.of(row).waiting().count():
        raise Refused(f"还有{waiting}条意见没有处理，请合并，或者写明不采纳的原因。")
    if not row.items.exists():
        raise Refused("还没有合并成的意见；确实没有的，请办理“不再办理”并写明原因。")
    portrait_items.name_sources(row)
    row.move(Status.SHOWN)
    row.version += 1
    row.save(update_fields=["status", "version"])
    trail.record(Act.PORTRAIT_SHOWN, row, by=by, at=at, say=f"{row}，{row.session}")
    notices.post(
        [row.person],
        subject=f"{row.session}中对您的意见已合并，请阅看",
        key=f"portrait:{row.pk}:shown:{row.version}",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
    return row


@transaction.atomic
def take_back(portrait: Portrait, *, by: Actor, at: datetime) -> Portrait:
    """Take it back to be changed, as long as the person has not said that he has read it."""
    row = _of_merger(portrait, by=by)
    if row.status != Status.SHOWN:
        raise Refused(f"“{row}”目前为{row.get_status_display()}，不能收回修改。")
    row.move(Status.MERGING)
    notices.settle(f"portrait:{row.pk}:shown:{row.version}", at=at)
    row.version += 1
    row.save(update_fields=["status", "version"])
    trail.record(Act.PORTRAIT_TAKEN_BACK, row, by=by, at=at)
    return row


def _of_merger(portrait: Portrait, *, by: Actor) -> Portrait:
    row = portrait.locked()
    policy.require_merge(by, row)
    return row


@transaction.atomic
def read(portrait: Portrait, *, own_words: str, mark: str, by: Actor, at: datetime) -> Portrait:
    """The person has read it as it stood on his page (`mark`), and may say a word of his own."""
    row = portrait.locked()
    if row.person.person_id != by.user.person_id:
        raise Forbidden("只有本人能确认已阅看自己的画像。")
    if row.status == Status.SHOWN and portrait_items.mark_of(row) != mark:
        raise Refused("页面打开以后合并的意见又改过，请看过现在的内容再确认。")
    return _note_read(row, own_words, act=Act.PORTRAIT_READ, by=by, at=at)


@transaction.atomic
def tell(portrait: Portrait, *, own_words: str, by: Actor, at: datetime) -> Portrait:
    """Note that somebody without an account was told face to face, and what he said."""
    row = _of_merger(portrait, by=by)
    if notices.reads(row.person):
        raise Refused(f"{row.name}有账号，请由本人登录后阅看并确认。")
    row.told_by = by.user
    return _note_read(row, own_words, act=Act.PORTRAIT_TOLD, by=by, at=at)


def _note_read(row: Portrait, words: str, *, act: Act, by: Actor, at: datetime) -> Portrait:
    if row.status != Status.SHOWN:
        raise Refused(f"“{row}”目前为{row.get_status_display()}，不需要确认阅看。")
    row.move(Status.READ)
    row.own_words, row.read_on = words, by.on
    row.save(update_fields=["status", "own_words", "read_on", "told_by"])
    trail.record(act, row, by=by, at=at)
    notices.settle(f"portrait:{row.pk}:shown:{row.version}", at=at)
    return row


@transaction.atomic
def set_aside(portrait: Portrait, *, why: str, by: Actor, at: datetime) -> Portrait:
    """End it without filing: he has left, moved, or nothing was said of him."""
    row = _of_merger(portrait, by=by)
    if row.is_final:
        raise Refused(f"“{row}”{row.get_status_display()}，不能再改。")
    wipe(row)
    notices.settle(f"portrait:{row.pk}:shown:{row.version}", at=at)
    row.move(Status.SET_ASIDE)
    row.why_aside = why
    row.version += 1
    row.save(update_fields=["status", "why_aside", "version"])
    trail.record(Act.PORTRAIT_SET_ASIDE, row, by=by, at=at, quote=why)
    return row


def wipe(portrait: Portrait) -> None:
    """Forget who spoke, as everybody was told when he did; the database insists on it."""
    Opinion.objects.filter(portrait=portrait).update(speaker=None)
