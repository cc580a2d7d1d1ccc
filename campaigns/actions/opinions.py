"""What people say of one another (提意见): given, taken back, asked about, not adopted.

Entries of the trail about single opinions name the session, never the person spoken of; addresses
carry neither (docs/decisions/0032).
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from campaigns import policy
from campaigns.actions import portrait_items
from campaigns.models import Act, Opinion, Portrait, PortraitSession, PortraitSource
from campaigns.models.examination_roll import belonging
from reform.actions import notices, trail
from reform.errors import Refused
from reform.models import Actor, Event
from reform.text import fold

NOT_OPEN = "征求意见已经截止，不能再{}；需要补充的，请当面向书记提出。"
GONE = "这条意见已经不在，或者不是您提的，请返回查看现在的内容。"


@transaction.atomic
def give(portrait: Portrait, *, text: str, by: Actor, at: datetime) -> Opinion:
    """Say something of somebody of one's own branch (互相提)."""
    session = portrait.session.locked()
    policy.require_speak(by, session)
    if not session.is_open:
        raise Refused(NOT_OPEN.format("提意见"))
    row = _taking(portrait, by=by)
    made = _keep(row, PortraitSource.PEER, text, by=by)
    trail.record(Act.OPINION_GIVEN, session, by=by, at=at)
    return made


@transaction.atomic
def note(portrait: Portrait, *, source: str, text: str, by: Actor, at: datetime) -> Opinion:
    """Enter what was said at the table, or by the superior: whoever merges it does, also after the
    branch was asked, until it is shown to the person."""
    row = portrait_items.of_merger(portrait, by=by)
    if source not in PortraitSource.values or source == PortraitSource.SELF:
        raise Refused("自己找的问题从自查剖析带入，不在这里录入；请选择其他来源。")
    _taking(row, by=by)
    made = _keep(row, source, text, by=by)
    trail.record(Act.OPINION_NOTED, row.session, by=by, at=at)
    return made


def _taking(portrait: Portrait, *, by: Actor) -> Portrait:
    """Return the portrait, if something may be said of this person by this one today."""
    row = portrait.locked()
    if row.person.person_id == by.user.person_id:
        raise Refused("这里不写自己的问题；自己找到的，请写在自查剖析里。")
    if row.status != Portrait.Status.MERGING:
        raise Refused(f"{row}目前为{row.get_status_display()}，不再收意见。")
    here = belonging(by.on).filter(organization=row.session.organization_id, user=row.person)
    if not here.exists():
        raise Refused(f"{row.name}现在不在“{row.session.organization}”，不再收对其的意见。")
    return row


def _keep(row: Portrait, source: str, text: str, *, by: Actor) -> Opinion:
    same = Opinion.objects.of(row).by(by).filter(source=source).values_list("text", flat=True)
    if fold(text) in map(fold, same):
        raise Refused("这条意见您已经写过，不用再写。")
    return Opinion.objects.create(portrait=row, source=source, text=text, speaker=by.user)


@transaction.atomic
def withdraw(session: PortraitSession, *, opinion: UUID, by: Actor, at: datetime) -> None:
    """Take back what one has said, while opinions are asked for and nobody has dealt with it."""
    session = session.locked()
    if not session.is_open:
        raise Refused(NOT_OPEN.format("撤回"))
    row = _own(session, opinion, by=by)
    if row.item_id or row.refused:
        raise Refused("书记已经处理这条意见，不能撤回；需要说明的，请当面提出。")
    row.delete()
    trail.record(Act.OPINION_WITHDRAWN, session, by=by, at=at)


@transaction.atomic
def answer(session: PortraitSession, *, opinion: UUID, text: str, by: Actor, at: datetime) -> None:
    """Answer what the secretary asked about one's own opinion; once."""
    session = session.locked()
    row = _own(session, opinion, by=by)
    if not row.question or row.answer:
        raise Refused("这条意见没有要您补充的，或者您已经补充过。")
    if row.portrait.status != Portrait.Status.MERGING:
        raise Refused("意见已经合并完，不用再补充。")
    row.answer = text
    row.save(update_fields=["answer"])
    trail.record(Act.OPINION_ANSWERED, session, by=by, at=at)


def _own(session: PortraitSession, opinion: UUID, *, by: Actor) -> Opinion:
    rows = Opinion.objects.by(by).filter(portrait__session=session, pk=opinion)
    row = rows.select_for_update(of=("self",)).select_related("portrait").first()
    if row is None:
        raise Refused(GONE)
    return row


@transaction.atomic
def ask(
    portrait: Portrait, *, opinions: Collection[UUID], question: str, by: Actor, at: datetime
) -> None:
    """Ask back, without learning whom: the system hands the question to whoever wrote it."""
    row = portrait_items.of_merger(portrait, by=by)
    (one,) = _chosen(row, opinions, only_one=True)
    if one.question:
        raise Refused("这条意见已经请其补充过一次。")
    if one.speaker is None or one.speaker.person_id == by.user.person_id:
        raise Refused("这条意见是您自己录入的，不用请其补充。")
    one.question = question
    one.save(update_fields=["question"])
    row.version += 1
    row.save(update_fields=["version"])
    trail.record(Act.OPINION_ASKED, row.session, by=by, at=at)
    # The key of the notice names no opinion: it would outlive who spoke.
    notices.post(
        [one.speaker],
        subject=f"书记请您补充一条意见（{row.session}），系统没有告诉书记是谁提的",
        key=f"portraits:{row.session.pk}:asked:{uuid4()}",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.session.get_absolute_url(),
    )


@transaction.atomic
def refuse(
    portrait: Portrait, *, opinions: Collection[UUID], why: str, by: Actor, at: datetime
) -> None:
    """Not adopted (不采纳), with a word why that its author reads."""
    row = portrait_items.of_merger(portrait, by=by)
    chosen = _chosen(row, opinions)
    row.opinions.filter(pk__in=[one.pk for one in chosen]).update(refused=why)
    row.version += 1
    row.save(update_fields=["version"])
    trail.record(Act.OPINION_REFUSED, row.session, by=by, at=at, count=len(chosen))


def _chosen(row: Portrait, opinions: Collection[UUID], *, only_one: bool = False) -> list[Opinion]:
    if not opinions:
        raise Refused("请先勾选意见。")
    if only_one and len(opinions) != 1:
        raise Refused("请其补充时，一次勾选一条意见。")
    rows = Opinion.objects.of(row).waiting().filter(pk__in=opinions)
    found = list(rows.select_related("speaker"))
    if len(found) != len(set(opinions)):
        raise Refused(portrait_items.MOVED)
    return found
