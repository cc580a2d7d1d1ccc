"""Merging (合并): many opinions become a few sentences in the secretary's words.

Which opinions a sentence came from is kept; their words stay as they were.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from campaigns import policy
from campaigns.models import (
    Act,
    Examination,
    Finding,
    Opinion,
    Portrait,
    PortraitItem,
    PortraitSource,
    Reading,
)
from campaigns.models.portrait import FEW
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor, User

MOVED = "所选的意见中有的已经处理过（另一位书记可能刚刚办理），请按页面现在的内容再选。"


def of_merger(portrait: Portrait, *, by: Actor) -> Portrait:
    """Return it locked and still to be merged, for whoever merges it."""
    row = portrait.locked()
    policy.require_merge(by, row)
    if row.status != Portrait.Status.MERGING:
        raise Refused(f"“{row}”目前为{row.get_status_display()}，意见不能再合并或修改。")
    return row


def found_by_himself(portrait: Portrait, actor: Actor) -> QuerySet[Finding]:
    """Return what the person found in himself in this campaign and the actor has opened, the
    person told (decisions 0026, 0029); what he marked 仅班子 stays out."""
    opened = Reading.objects.filter(
        submission=OuterRef("submission"), person__in=User.objects.of_person(actor.user)
    )
    rows = _findings(portrait).filter(
        Exists(opened),
        team_only=False,
        submission__examination__in=Examination.objects.readable_by(actor).order_by().values("pk"),
    )
    return rows.order_by("submission", "position")


def _findings(portrait: Portrait) -> QuerySet[Finding]:
    return Finding.objects.filter(
        submission__examination__campaign=portrait.session.campaign_id,
        submission__examination__author__in=User.objects.of_person(portrait.person),
    )


def unopened(portrait: Portrait, actor: Actor) -> bool:
    """Whether he found something that the actor may read and has not opened."""
    may = Examination.objects.readable_by(actor).order_by().values("pk")
    rows = _findings(portrait).filter(submission__examination__in=may, team_only=False)
    return rows.exclude(pk__in=found_by_himself(portrait, actor).order_by().values("pk")).exists()


@transaction.atomic
def merge(
    portrait: Portrait,
    *,
    opinions: Collection[UUID] = (),
    findings: Collection[int] = (),
    text: str = "",
    into: PortraitItem | None = None,
    by: Actor,
    at: datetime,
) -> PortraitItem:
    """Make one sentence of the chosen ones, or add them to one that is there.

    Raises Refused when some of them were merged or refused meanwhile: nothing is done then.
    """
    row = of_merger(portrait, by=by)
    if not opinions and not findings:
        raise Refused("请先勾选要合并的意见。")
    chosen = Opinion.objects.of(row).waiting().filter(pk__in=opinions)
    own = list(found_by_himself(row, by).filter(pk__in=findings))
    if len(chosen) != len(set(opinions)) or len(own) != len(set(findings)):
        raise Refused(MOVED)
    item = _item(row, text, into)
    Opinion.objects.filter(pk__in=[one.pk for one in chosen]).update(item=item)
    item.findings.add(*own)
    _raise(row)
    # How many were said of somebody is no figure for anybody: the trail does not count them.
    trail.record(Act.PORTRAIT_MERGED, row, by=by, at=at)
    return item


def _item(row: Portrait, text: str, into: PortraitItem | None) -> PortraitItem:
    if into is not None:
        found = row.items.filter(pk=into.pk).first()
        if found is None:
            raise Refused("要并入的那一条已被拆开，请按页面现在的内容再选。")
        return found
    if not text:
        raise Refused("请用您自己的话写明合并后的意见，或者选择并入已有的一条。")
    last = row.items.aggregate(last=Max("position"))["last"] or 0
    return PortraitItem.objects.create(portrait=row, position=last + 1, text=text)


def _raise(row: Portrait) -> None:
    row.version += 1
    row.save(update_fields=["version"])


@transaction.atomic
def reword(item: PortraitItem, *, text: str, version: int, by: Actor, at: datetime) -> PortraitItem:
    """Put it in other words. Raises Stale when the other secretary has meanwhile."""
    row = of_merger(item.portrait, by=by)
    now = _standing(row, item)
    if now.text == text:
        return now
    if now.version != version:
        raise Stale("这一条在您打开页面之后有人改过。", now={"text": now.text}, version=now.version)
    now.text = text
    now.version += 1
    now.save(update_fields=["text", "version"])
    _raise(row)
    trail.record(Act.PORTRAIT_REWORDED, row, by=by, at=at)
    return now


@transaction.atomic
def take_apart(item: PortraitItem, *, by: Actor, at: datetime) -> Portrait:
    """Undo a merging: its opinions wait again, as they were."""
    row = of_merger(item.portrait, by=by)
    now = _standing(row, item)
    now.opinions.update(item=None)
    now.delete()
    _raise(row)
    trail.record(Act.PORTRAIT_TAKEN_APART, row, by=by, at=at)
    return row


def _standing(row: Portrait, item: PortraitItem) -> PortraitItem:
    now = row.items.select_for_update().filter(pk=item.pk).first()
    if now is None:
        raise Refused("这一条已被拆开，请返回查看现在的内容。")
    return now


def name_sources(row: Portrait) -> None:
    """Say of each sentence where it came from, as the subject reads it."""
    others = row.session.portraits.exclude(pk=row.pk).count()
    rows = list(row.items.prefetch_related("opinions", "findings"))
    for item in rows:
        sources = {one.source for one in item.opinions.all()}
        if item.findings.all():
            sources.add(PortraitSource.SELF)
        item.source = said_source(sources, among=others)
    PortraitItem.objects.bulk_update(rows, ["source"])


def mark_of(row: Portrait) -> str:
    """Return what a page keeps of the sentences it showed, to see that they still stand. Not the
    version: that would tell the subject how often something was done about him."""
    shown = "\n".join(f"{item.pk} {item.text}" for item in row.items.all())
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def said_source(sources: Iterable[str], *, among: int) -> str:
    """Return the one source that is said to the subject: several are 集体议, and so is 互相提 among
    so few that it would name somebody (as figures: from three upwards)."""
    found = set(sources)
    if len(found) != 1 or (found == {PortraitSource.PEER} and among < FEW):
        return PortraitSource.COLLECTIVE
    return found.pop()
