"""The demo's campaign (演示活动): from a kit to published, as an office and a leader would."""

from datetime import date
from typing import TYPE_CHECKING, Any

from campaigns.actions import checklists, drafts
from campaigns.imports import kits
from campaigns.models import Campaign
from rectification.actions import chain_checks, publishings

if TYPE_CHECKING:
    from rectification.management.demo import Stage

TITLE = "交通系统以案促改专项工作"
KIT = "yong-lan-san-man-xu-cu"
LIST = "庸懒散慢虚粗"  # of its lists, the one that the demo's ledger is sorted by


def make(stage: "Stage", *, code: str, ago: int) -> Campaign:
    kit = next(kit for kit in kits.shipped() if kit.code == KIT)
    office: dict[str, Any] = {"by": stage.actor("蔡文", ago), "at": stage.moment(ago)}
    drafted = drafts.start(
        kit,
        title=TITLE,
        code=code,
        organization=stage.places["JTJ"],
        starts_on=date(stage.today.year, 3, 1),
        ends_on=date(stage.today.year, 12, 31),
        participants=[stage.places["JTJ"]],
        made_from=f"活动套件“{kit.name}”（第{kit.version}版）",
        **office,
    )
    for checklist in drafted.checklists.exclude(title=LIST):
        checklists.drop(checklist, **office)
    leader = stage.actor("宋岩", ago - 4)
    gaps = chain_checks.check(drafted, on=leader.on)
    return publishings.publish(
        drafted,
        seen=chain_checks.digest(gaps),
        confirmed=True,
        by=leader,
        at=stage.moment(ago - 4),
    )
