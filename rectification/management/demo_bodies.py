"""The demo's leading group, its office and one task force (演示组织领导), with two problems."""

from typing import Any

from campaigns.actions import bodies
from campaigns.actions.bodies import NewMember
from campaigns.imports import body_lines
from campaigns.models import Body
from rectification.actions import task_forces
from rectification.models import Problem

AGO = 100  # days ago they were set up
GROUP = """组长：宋岩（党组书记、局长）
副组长：顾明（中心党委书记、主任）、唐毅（公路中心党委书记、主任）
成员：秦岭（纪检组副组长）、陈立（中心党委委员、副主任）、罗海（中心党委委员、副主任）
杨柳（市委组织部派员）"""
OFFICE = """主任：蔡文（党组办公室副主任）
副主任：许晴（中心专项活动办公室主任）
成员：何静（办公室副主任）"""
FORCE = """组长：罗海（中心党委委员、副主任）
副组长：孙伟（质量安全科科长）
成员：林芳（信访室主任）、马超（养护科科长）、田野（许可科科长）"""
PLAN = "逐单位核对报销单和结算单，月底前列出共性原因，再拿出统一的审核规程，印发后抽查一次。"
SHARED = ("报销单附件缺失", "按旧单价结算")  # words of the rows it works on


def tell(stage: Any) -> None:
    _set_up(
        stage,
        "leading_group",
        name="领导小组",
        members=GROUP,
        purpose="统一领导专项工作，研究决定重大事项。",
    )
    _set_up(
        stage,
        "office",
        name="领导小组办公室",
        members=OFFICE,
        host=stage.places["JTJ"],
        purpose="日常协调、督促检查、汇总报送。",
    )
    force = _set_up(
        stage,
        "task_force",
        name="内部管理整改专班",
        members=FORCE,
        host=stage.places["FWZX"],
        purpose="整改报销、结算等跨单位的内部管理问题。",
        plan=PLAN,
    )
    rows = Problem.objects.filter(campaign=stage.campaign)
    shared = [rows.get(description__contains=words) for words in SHARED]
    task_forces.link(force, problems=shared, by=stage.actor("蔡文", 6), at=stage.moment(6, 200))


def _set_up(stage: Any, kind: str, *, members: str, **facts: Any) -> Body:
    written, _faults = body_lines.read(members)
    found = body_lines.called(one.name for one in written)
    return bodies.create(
        stage.campaign,
        kind=kind,
        facts={"host": None, "purpose": "", "plan": ""} | facts,
        members=[
            NewMember(
                one.title, one.name, one.post, body_lines.meant(one.post, found.get(one.name, ()))
            )
            for one in written
        ],
        since=stage.day(AGO),
        by=stage.actor("蔡文", AGO),
        at=stage.moment(AGO),
    )
