"""Reference cases for tests: facts, and what other worlds hold of them."""

from campaigns.actions import reference_cases
from campaigns.models import CampaignPlan
from tests.factories import AT, actor, person

GOALS = [
    {"title": "教育", "facts": ["held_warning", "held_meeting"]},
    {"title": "问题", "facts": ["problems_total", "problems_closed", "closed_ratio"]},
    {"title": "制度", "facts": ["lasting_done"]},
    {"title": "案件", "facts": ["cases_handled"]},
    {"title": "效能", "facts": ["problems_overdue", "problems_of_cases"]},
]


def facts(**other):
    """COLUMNS of a case that names nobody."""
    return {
        "name": "某窗口岗位收礼案",
        "level": "city",
        "document": "关于一起典型案例的通报",
        "document_number": "市纪通〔2026〕6号",
        "document_on": None,
        "summary": "一名窗口工作人员对材料齐全的申请反复要求补正，收受礼品。",
        "loopholes": "退件不留记录",
        "common": "补正没有一次性告知",
        "lessons": "",
    } | other


def typed(case=None, **other):
    """What the form of a case sends."""
    sent = {name: value or "" for name, value in facts(**other).items()}
    return sent | ({"version": case.version} if case else {})


def written(campaign, *, by, **other):
    deidentified = other.pop("deidentified", False)
    return reference_cases.write(
        campaign, facts=facts(**other), deidentified=deidentified, by=by, at=AT
    )


def shown(campaign, *, writer, publisher, **other):
    """A case that everybody reads."""
    case = written(campaign, by=writer, **other)
    return reference_cases.publish(case, version=1, by=publisher, at=AT)


def aim(campaign):
    """Give a campaign the five goals, as a kit would."""
    CampaignPlan.objects.filter(campaign=campaign).update(goals=GOALS)


def furnish(world):
    """A case that is published, one that waits, one of the campaign above; goals."""
    planner, leader = actor(world.planner), world.by["leader"]
    world.case = shown(world.local, writer=planner, publisher=leader)
    world.fresh_case = written(world.local, by=planner, name="某单位虚列维修费案")
    other = actor(person("文印员", world.top, "office"))
    world.top_case = shown(world.campaign, writer=planner, publisher=other)
    for campaign in (world.local, world.campaign):
        aim(campaign)
