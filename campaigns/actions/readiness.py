"""What a draft still lacks (发布前还缺什么): the same list on its page and in the refusal."""

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from campaigns.models import Body, Campaign, CampaignPlan
from campaigns.models.closing_level import FITS


class Obstacle(NamedTuple):
    text: str
    page: str  # the page that mends it, by the name of its address
    pk: int  # of what the page is about


def has_days(campaign: Campaign, on: date) -> Iterator[Obstacle]:
    if campaign.ends_on < on:
        yield Obstacle("活动的结束日期已过，请改正起止日期。", "draft-basics", campaign.pk)


def has_participants(campaign: Campaign, on: date) -> Iterator[Obstacle]:
    rows = campaign.participations.select_related("organization")
    if not rows:
        yield Obstacle("还没有参加单位，请先选择。", "draft-participants", campaign.pk)
    gone = [str(row.organization) for row in rows if row.organization.is_retired(on)]
    if gone:
        names = "、".join(gone[:3])
        yield Obstacle(f"参加单位{names}已撤销，请移出。", "draft-participants", campaign.pk)


def has_checklists(campaign: Campaign, _on: date) -> Iterator[Obstacle]:
    lists = campaign.checklists.prefetch_related("items", "questions")
    if not lists:
        yield Obstacle("还没有检查清单和条目，请先新建。", "checklist-new", campaign.pk)
    for one in lists:
        if not (one.items.all() or one.questions.all()):
            words = f"清单“{one}”是空的，请按上级方案填写；不用的请删除。"
            yield Obstacle(words, "checklist", one.pk)


def has_stages_in_order(campaign: Campaign, _on: date) -> Iterator[Obstacle]:
    stages = CampaignPlan.of(campaign).dated()
    for stage in stages:
        if stage.starts_on < campaign.starts_on or stage.ends_on > campaign.ends_on:
            words = f"阶段“{stage.title}”不在活动的起止日期之内，请调整。"
            yield Obstacle(words, "draft-stages", campaign.pk)
    for before, after in itertools.pairwise(stages):
        if after.starts_on < before.starts_on:
            words = f"阶段“{after.title}”早于前一阶段“{before.title}”开始，请调整次序。"
            yield Obstacle(words, "draft-stages", campaign.pk)


def has_sources(campaign: Campaign, _on: date) -> Iterator[Obstacle]:
    if not campaign.sources.filter(other=True).exists():
        words = "问题来源缺“其他”，无法归类的问题没有去处，请补上。"
        yield Obstacle(words, "draft-sources", campaign.pk)


def has_levels(campaign: Campaign, _on: date) -> Iterator[Obstacle]:
    levels = campaign.closing_levels.prefetch_related("steps")
    for level in levels:
        if not level.steps.all():
            words = f"销号层级“{level}”没有审核步骤，请补上。"
            yield Obstacle(words, "draft-levels", campaign.pk)
    for code, words in FITS.items():
        if not any(code in level.fits for level in levels):
            said = f"{words}没有对应的销号层级，请指定。"
            yield Obstacle(said, "draft-levels", campaign.pk)


# What must hold before a campaign is published.
CONDITIONS: tuple[Callable[[Campaign, date], Iterator[Obstacle]], ...] = (
    has_days,
    has_participants,
    has_checklists,
    has_stages_in_order,
    has_sources,
    has_levels,
)


def obstacles(campaign: Campaign, *, on: date) -> list[Obstacle]:
    """Return what is lacking, in sentences, each with the page that mends it."""
    return [one for condition in CONDITIONS for one in condition(campaign, on)]


# ---------------------------------------------------------------- what would be good to have


def advises_a_leading_group(campaign: Campaign) -> Iterator[Obstacle]:
    """Sources set it up before the plan is issued [S001, S003]; a small unit may do without."""
    if not campaign.bodies.current().filter(kind=Body.Kind.LEADING_GROUP).exists():
        words = "还没有设立领导小组，可以现在设立，也可以发布后再设。"
        yield Obstacle(words, "bodies", campaign.pk)


def advice(campaign: Campaign) -> list[Obstacle]:
    """Return what a draft may be published without, in the same shape."""
    return list(advises_a_leading_group(campaign))
