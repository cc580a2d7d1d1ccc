"""Editing the checklists of a draft (检查清单): ck.edit in PERMISSIONS.md; then they are frozen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from campaigns.actions import drafts, kits
from campaigns.models import Act, Campaign, Checklist, Item
from campaigns.models.kit import KitItem, KitQuestion
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor

MOST_LISTS, MOST_ITEMS, MOST_QUESTIONS = 30, 200, 50
COLUMNS = ("title", "purpose", "mode", "parts", "guidance")


@transaction.atomic
def add(
    campaign: Campaign,
    *,
    facts: Mapping[str, Any],
    items: Sequence[KitItem] = (),
    questions: Sequence[KitQuestion] = (),
    edition: int | None = None,
    by: Actor,
    at: datetime,
) -> Checklist:
    """Add a checklist, as the last; `facts` are COLUMNS."""
    campaign = drafts.to_edit(campaign, "ck.edit", edition=edition, by=by).campaign
    last = campaign.checklists.aggregate(last=Max("position"))["last"] or 0
    if campaign.checklists.count() >= MOST_LISTS or last >= MOST_LISTS:
        raise Refused(f"一项活动最多{MOST_LISTS}份清单。")
    checklist = Checklist(campaign=campaign, position=last + 1)
    return _write(checklist, facts, items, questions, by=by, at=at)


@transaction.atomic
def change(
    checklist: Checklist,
    *,
    facts: Mapping[str, Any],
    items: Sequence[KitItem] = (),
    questions: Sequence[KitQuestion] = (),
    edition: int | None = None,
    by: Actor,
    at: datetime,
) -> Checklist:
    """Write a checklist anew: its words, and its items or questions in the order given."""
    campaign = drafts.to_edit(checklist.campaign, "ck.edit", edition=edition, by=by).campaign
    checklist = _found(checklist)
    checklist.campaign = campaign
    return _write(checklist, facts, items, questions, by=by, at=at)


@transaction.atomic
def drop(checklist: Checklist, *, by: Actor, at: datetime) -> Campaign:
    campaign = drafts.to_edit(checklist.campaign, "ck.edit", edition=None, by=by).campaign
    title = _found(checklist).title
    checklist.delete()
    _record(campaign, f"删除“{title}”", by=by, at=at)
    return campaign


def _found(checklist: Checklist) -> Checklist:
    row = Checklist.objects.filter(pk=checklist.pk).first()
    if row is None:
        raise Refused(f"清单“{checklist}”已被删除，请刷新页面。")
    return row


def _write(
    checklist: Checklist,
    facts: Mapping[str, Any],
    items: Sequence[KitItem],
    questions: Sequence[KitQuestion],
    *,
    by: Actor,
    at: datetime,
) -> Checklist:
    campaign = checklist.campaign
    for key in COLUMNS:
        setattr(checklist, key, facts[key])
    if checklist.mode == Checklist.Mode.QUESTIONS:
        items = ()
    else:
        questions = ()
    _check(checklist, items, questions)
    checklist.save()
    checklist.items.all().delete()
    checklist.questions.all().delete()
    kits.fill(checklist, tuple(items), tuple(questions))
    count = len(items) or len(questions)
    _record(campaign, f"“{checklist}”，{count}条", by=by, at=at)
    return checklist


def _check(
    checklist: Checklist, items: Sequence[KitItem], questions: Sequence[KitQuestion]
) -> None:
    campaign = checklist.campaign
    lists = Checklist.objects.filter(campaign=campaign).exclude(pk=checklist.pk)
    if lists.filter(title=checklist.title).exists():
        raise Refused(f"已有名为“{checklist.title}”的清单，请换一个名称。")
    if len(items) > MOST_ITEMS or len(questions) > MOST_QUESTIONS:
        raise Refused(f"一份清单最多{MOST_ITEMS}个条目或{MOST_QUESTIONS}个问题，请分成几份。")
    names = [item.name for item in items]
    texts = [question.text for question in questions]
    for said in (names, texts):
        if twice := next((one for one in said if said.count(one) > 1), ""):
            raise Refused(f"“{twice[:40]}”写了两次，请改正。")
    others = Item.objects.filter(campaign=campaign, name__in=names)
    if clash := others.exclude(checklist=checklist.pk).select_related("checklist").first():
        raise Refused(
            f"条目“{clash.name}”已在清单“{clash.checklist}”里；问题按条目归类，同一活动内不能同名。"
        )


def _record(campaign: Campaign, what: str, *, by: Actor, at: datetime) -> None:
    trail.record(Act.CHECKLIST_CHANGED, campaign, by=by, at=at, say=f"{campaign}，{what}")
