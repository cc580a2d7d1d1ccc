"""The demo's campaigns (演示活动): one from a kit to published, as an office and a leader would,
and a draft by another kit that waits for its leader."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from campaigns.actions import checklists, drafts
from campaigns.imports import kits
from campaigns.models import Campaign, CampaignPlan, Kit
from rectification.actions import chain_checks, publishings

if TYPE_CHECKING:
    from rectification.management.demo import Stage

TITLE = "交通系统以案促改专项工作"
KIT, NEXT_KIT = "yong-lan-san-man-xu-cu", "ji-lv-zuo-feng"
LIST = "庸懒散慢虚粗"  # of its lists, the one that the demo's ledger is sorted by
# How long each of the kit's stages takes; the second is under way on the day of the demo.
DAYS = (30, 100, 120, 50)


def make(stage: "Stage", *, code: str, ago: int) -> Campaign:
    kit = _kit(KIT)
    begins = stage.today - timedelta(days=ago - 4)
    office: dict[str, Any] = {"by": stage.actor("蔡文", ago), "at": stage.moment(ago)}
    drafted = drafts.start(
        kit,
        title=TITLE,
        code=code,
        organization=stage.places["JTJ"],
        starts_on=begins,
        participants=[stage.places["JTJ"]],
        made_from=_named(kit),
        **office,
    )
    for checklist in drafted.checklists.exclude(title=LIST):
        checklists.drop(checklist, **office)
    drafts.set_stages(drafted, rows=_stages(drafted, begins), edition=None, **office)
    leader = stage.actor("宋岩", ago - 4)
    gaps = chain_checks.check(drafted, on=leader.on)
    return publishings.publish(
        drafted,
        seen=chain_checks.digest(gaps),
        confirmed=True,
        by=leader,
        at=stage.moment(ago - 4),
    )


def _stages(campaign: Campaign, begins: date) -> list[dict[str, Any]]:
    """The kit's stages with days of our own; a stage that is under way has its summary begun."""
    rows: list[dict[str, Any]] = []
    for planned, days in zip(CampaignPlan.of(campaign).dated(), DAYS, strict=True):
        ends = begins + timedelta(days=days - 1)
        rows.append(
            {
                "title": planned.title,
                "starts_on": begins,
                "ends_on": ends,
                "goal": planned.goal,
                "conditions": planned.conditions,
            }
        )
        begins = ends + timedelta(days=1)
    rows[1]["conditions"] = (*rows[1]["conditions"], "assignments_done", "summary_filed")
    return rows


def draft_next(stage: "Stage", *, ago: int) -> Campaign:
    """The centre's own campaign after this one: ready, and not yet published."""
    kit = _kit(NEXT_KIT)
    return drafts.start(
        kit,
        title="市交通建设服务中心纪律作风建设年",
        code="ZFJS",
        organization=stage.places["FWZX"],
        starts_on=stage.today + timedelta(days=30),
        participants=[stage.places["FWZX"]],
        made_from=_named(kit),
        by=stage.actor("许晴", ago),
        at=stage.moment(ago, 55),
    )


def _kit(code: str) -> Kit:
    return next(kit for kit in kits.shipped() if kit.code == code)


def _named(kit: Kit) -> str:
    return f"活动套件“{kit.name}”（第{kit.version}版）"
