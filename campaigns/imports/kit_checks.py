"""What must hold of a kit as a whole, beyond what each of its values says."""

from datetime import time

from campaigns.actions import reminder_rules
from campaigns.imports.kit_tables import Taker
from campaigns.models import Kit, ReminderRule, WeeklyPlan
from campaigns.models.closing_level import FITS
from campaigns.models.kit import KitRule, KitWeekly
from reform.errors import Refused
from reform.workdays import Calendar


def too_close(weekly: KitWeekly) -> str:
    """Return why the cut-offs leave no time to collate, or nothing."""
    plan = WeeklyPlan(
        policy=weekly.policy,
        office_weekday=weekly.office_weekday,
        office_hour=time.fromisoformat(weekly.office_hour),
        branch_weekday=weekly.branch_weekday,
        branch_hour=time.fromisoformat(weekly.branch_hour),
    )
    if weekly.office_weekday < weekly.branch_weekday:
        return "基层单位应先于汇总单位报送"
    if not plan.schedule(Calendar()).is_half_a_day_apart():
        return "基层单位与汇总单位的截止时间至少相隔半个工作日"
    return ""


def together(kit: Kit, take: Taker) -> None:
    take.unlike([one.title for one in kit.goals], "目标")
    take.unlike([one.title for one in kit.stages], "阶段")
    take.unlike([one.title for one in kit.checklists], "清单")
    names = [item.name for one in kit.checklists for item in one.items]
    take.unlike(names, "各清单的条目（同一活动内不能同名）")
    for one in kit.checklists:
        take.unlike([question.text for question in one.questions], f"清单“{one.title}”的问题")
    for stage in kit.stages:
        if stage.offset + stage.days > kit.days:
            end = stage.offset + stage.days
            take.fault(f"阶段“{stage.title}”", f"到第{end}天结束，超出活动的{kit.days}天")
    if kit.sources:
        take.unlike([one.name for one in kit.sources], "来源")
        if not any(one.other for one in kit.sources):
            take.fault("来源", "缺“其他”：每项活动都要有一个")
    if kit.levels:
        _levels_together(kit, take)
    try:
        reminder_rules.check(_rule_row(rule) for rule in kit.ladder)
    except Refused as refusal:
        take.fault("催办规则", str(refusal).rstrip("。"))


def _levels_together(kit: Kit, take: Taker) -> None:
    take.unlike([one.name for one in kit.levels], "销号层级")
    marks = [mark for one in kit.levels for mark in one.fits]
    for code, words in FITS.items():
        if marks.count(code) != 1:
            take.fault(
                "销号层级", f"“{words}”（{code}）须由一个层级承担，现有{marks.count(code)}个"
            )


def _rule_row(rule: KitRule) -> ReminderRule:
    return ReminderRule(cause=rule.cause, workdays=rule.workdays, recipients=list(rule.recipients))
