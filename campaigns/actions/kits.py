"""A campaign out of a kit (活动套件), and a kit out of a campaign."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from campaigns import policy
from campaigns.actions import reminder_rules
from campaigns.models import (
    Act,
    Campaign,
    CampaignPlan,
    Checklist,
    ClosingLevel,
    ClosingStep,
    Item,
    Kit,
    Question,
    ReminderRule,
    Source,
)
from campaigns.models.closing_level import FITS
from campaigns.models.kit import (
    REPORTS,
    KitAssignment,
    KitChecklist,
    KitGoal,
    KitItem,
    KitLevel,
    KitQuestion,
    KitRule,
    KitSource,
    KitStage,
    KitWeekly,
    plain,
)
from campaigns.models.kit_words import Difference, differences
from campaigns.models.reminder_rule import DEFAULTS
from reform.actions import trail
from reform.models import Actor

# Sources a campaign begins with: name, other words for it, from above or outside (DESIGN §3).
SOURCES: tuple[KitSource, ...] = (
    KitSource("自己找", ("自己查找", "自查", "自我查摆", "自己查摆")),
    KitSource("上级点", ("上级点评", "领导点")),
    KitSource("互相提", ("相互提", "互提", "征求意见")),
    KitSource("集体议", ("集体研究", "集体查摆")),
    KitSource("督导检查", ("纪委抽查", "督导", "检查发现", "抽查")),
    KitSource("上级反馈", ("督察反馈", "上级督察", "上级指出", "反馈意见"), from_above=True),
    KitSource("巡视巡察", ("巡察", "巡视"), from_above=True),
    KitSource("审计", ("审计发现", "审计反馈"), from_above=True),
    KitSource("信访", ("群众信访", "群众反映", "来信来访", "投诉")),
    KitSource("暗访", ("交叉暗访", "明察暗访"), from_above=True),
    KitSource("民主生活会", ("组织生活会", "专题民主生活会")),
    KitSource("领导交办", ("领导批示", "交办"), from_above=True),
    KitSource("由案例引出", ("案例", "以案促改")),
    KitSource("其他"),
)
# Closing levels a campaign begins with: name, which rows get it, its chain (DESIGN §3).
LEVELS: tuple[KitLevel, ...] = (
    KitLevel("个人问题", ("personal",), ("endorse",)),
    KitLevel(
        "重点及上级指出问题", ("key", "from_above"), ("endorse", "verify", "recheck", "approve")
    ),
    KitLevel("单位一般问题", ("rest",), ("endorse", "verify")),
)


def completed(kit: Kit) -> Kit:
    """Return the kit with what campaigns usually begin with where it says nothing."""
    ladder = tuple(KitRule(*rule) for rule in DEFAULTS)
    return replace(
        kit,
        sources=kit.sources or SOURCES,
        levels=kit.levels or LEVELS,
        ladder=kit.ladder or ladder,
    )


def lay(campaign: Campaign, kit: Kit, *, made_from: str, at: datetime) -> None:
    """Give a new draft everything a kit says."""
    kit = completed(kit)
    for place, one in enumerate(kit.checklists, start=1):
        checklist = Checklist.objects.create(
            campaign=campaign,
            position=place,
            title=one.title,
            purpose=one.purpose,
            mode=one.mode,
            parts=list(one.parts),
            guidance=one.guidance,
        )
        fill(checklist, one.items, one.questions)
    lay_sources(campaign, kit.sources)
    lay_levels(campaign, kit.levels)
    reminder_rules.lay(campaign, kit.ladder, at=at)
    CampaignPlan.objects.create(
        campaign=campaign,
        stages=[plain(stage.__dict__) for stage in kit.stages],
        assignments=[plain(one.__dict__) for one in kit.assignments],
        weekly=plain(kit.weekly.__dict__),
        reports=kit.reports,
        goals=[plain(one.__dict__) for one in kit.goals],
        kit=kit.code,
        kit_version=kit.version,
        made_from=made_from,
        origin=kit.data() if made_from else {},
    )


def fill(
    checklist: Checklist, items: tuple[KitItem, ...], questions: tuple[KitQuestion, ...]
) -> None:
    """Write the items and questions of an empty checklist, in their order."""
    Item.objects.bulk_create(
        Item(
            campaign=checklist.campaign,
            checklist=checklist,
            position=checklist.position * 1000 + place,
            name=one.name,
            description=one.description,
        )
        for place, one in enumerate(items, start=1)
    )
    Question.objects.bulk_create(
        Question(checklist=checklist, position=place, text=one.text, finds=one.finds)
        for place, one in enumerate(questions, start=1)
    )


def lay_sources(campaign: Campaign, sources: tuple[KitSource, ...]) -> None:
    Source.objects.bulk_create(
        Source(
            campaign=campaign,
            position=place,
            name=one.name,
            also=list(one.also),
            from_above=one.from_above,
            other=one.other,
        )
        for place, one in enumerate(sources, start=1)
    )


def lay_levels(campaign: Campaign, levels: tuple[KitLevel, ...]) -> None:
    for place, one in enumerate(levels, start=1):
        level = ClosingLevel.objects.create(
            campaign=campaign,
            position=place,
            name=one.name,
            **{f"for_{code}": code in one.fits for code in FITS},
        )
        ClosingStep.objects.bulk_create(
            ClosingStep(level=level, position=position, kind=kind)
            for position, kind in enumerate(one.chain, start=1)
        )


# ---------------------------------------------------------------- and back


def of_campaign(campaign: Campaign) -> Kit:
    """Turn a campaign into a kit: what it says without its days, organizations and people."""
    plan = CampaignPlan.of(campaign)
    return Kit(
        code=campaign.code.lower().replace("_", "-").strip("-") or "campaign",
        name=campaign.title[:60],
        title=pattern(campaign)[:120],
        days=(campaign.ends_on - campaign.starts_on).days + 1,
        version=plan.kit_version + 1,
        word=campaign.word,
        office_name=campaign.office_name,
        at_once_days=campaign.at_once_days,
        standing_review_days=campaign.standing_review_days,
        goals=tuple(KitGoal(one["title"], tuple(one["facts"])) for one in plan.goals),
        stages=tuple(map(_stage, plan.stages)),
        assignments=tuple(KitAssignment(**one) for one in plan.assignments),
        checklists=tuple(
            map(_checklist, campaign.checklists.prefetch_related("items", "questions"))
        ),
        sources=tuple(
            KitSource(one.name, tuple(one.also), one.from_above) for one in campaign.sources.all()
        ),
        levels=tuple(
            KitLevel(one.name, tuple(one.fits), tuple(step.kind for step in one.steps.all()))
            for one in campaign.closing_levels.prefetch_related("steps")
        ),
        ladder=tuple(
            KitRule(one.cause, one.workdays, tuple(one.recipients), one.proposal)
            for one in sorted(campaign.reminder_rules.filter(active=True), key=ReminderRule.place)
        ),
        weekly=KitWeekly(**plan.weekly),
        reports={key: plan.reports.get(key, usual) for key, (_, usual) in REPORTS.items()},
    )


def pattern(campaign: Campaign) -> str:
    """Return the title with organization and year taken out again."""
    title = campaign.title.replace(campaign.organization.name, "{单位}")
    return title.replace(str(campaign.year), "{年}")


def _stage(row: dict[str, Any]) -> KitStage:
    return KitStage(row["title"], row["offset"], row["days"], row["goal"], tuple(row["conditions"]))


def _checklist(one: Checklist) -> KitChecklist:
    return KitChecklist(
        one.title,
        one.purpose,
        one.mode,
        tuple(one.parts),
        one.guidance,
        tuple(KitItem(item.name, item.description) for item in one.items.all()),
        tuple(KitQuestion(question.text, question.finds) for question in one.questions.all()),
    )


def changed(campaign: Campaign) -> list[Difference]:
    """Return where a campaign differs from the kit or campaign it was made from."""
    plan = CampaignPlan.of(campaign)
    if not plan.origin:
        return []
    return differences(plan.origin, of_campaign(campaign).data())


def export(campaign: Campaign, *, by: Actor, at: datetime) -> Kit:
    """Hand a campaign out as a kit; that is in the trail."""
    policy.require_here(by, "kit.use", campaign.organization)
    trail.record(Act.KIT_EXPORTED, campaign, by=by, at=at)
    return of_campaign(campaign)
