"""The demo's reference cases (通报案例), a problem that came of one, and a number for the goals."""

from typing import Any

from campaigns.actions import activities, goals, reference_cases
from campaigns.models import ReferenceCase
from rectification.actions import case_links
from rectification.management.demo_people import holders
from rectification.models import Problem

SECRETARY = holders("secretary")
WRITTEN = 100  # days ago
CASES: tuple[dict[str, Any], ...] = (
    {
        "name": "某县窗口岗位吃拿卡要案",
        "level": ReferenceCase.Level.CITY,
        "document": "关于一起窗口岗位违纪案件的通报",
        "document_number": "市纪通〔2026〕6号",
        "summary": "一名窗口工作人员利用经办许可事项的便利，对材料齐全的申请反复要求补正，"
        "多次收受申请人礼品礼金，受到党纪政务处分。其所在科室两年内没有抽查过退件。",
        "loopholes": "退件不写理由、不留记录，科室负责人无从发现\n"
        "许可各环节没有时限提示，超期不亮灯\n窗口人员同一岗位超过六年没有轮换",
        "common": "材料补正没有一次性告知\n超期办件没有人过问\n投诉转办后没有回访",
        "lessons": "小事不拘，终成大错。岗位越普通，越要把权力放在流程里；负责人管业务也要管人。",
    },
    {
        "name": "某单位公车私用、虚列维修费案",
        "level": ReferenceCase.Level.OWN,
        "document": "关于公务用车问题的通报",
        "document_number": "",
        "summary": "一名后勤负责人在节假日多次将公务用车用于家庭出行，并以维修名义虚列费用，"
        "受到党内警告处分，费用已追缴。",
        "loopholes": "派车单事后补签\n维修费用一人经办、一人验收",
        "common": "派车、维修、加油三本账对不上",
        "lessons": "",
    },
)
LATE = "企业咨询转办后无人跟踪"
HELD = (("warning", 62, "观看警示教育片并讨论", "FWZX"), ("warning", 30, "到法院旁听庭审", "JTJ"))


def tell(stage: Any) -> None:
    """Two cases, written by the office and published by the leader; what they led to."""
    for number, texts in enumerate(CASES):
        facts = texts | {"document_on": stage.day(WRITTEN + 20)}
        office = {"by": stage.actor("蔡文", WRITTEN), "at": stage.moment(WRITTEN, number)}
        case = reference_cases.write(stage.campaign, facts=facts, **office)
        leader = {"by": stage.actor("宋岩", WRITTEN - 3), "at": stage.moment(WRITTEN - 3, number)}
        reference_cases.publish(case, version=1, **leader)
    _link(stage)
    held = [row for row in HELD if stage.day(row[1]) >= stage.campaign.starts_on]
    for kind, ago, topic, place in held:
        facts = {
            "organization": stage.places[place],
            "kind": kind,
            "other": "",
            "on": stage.day(ago),
            "place": "",
            "leader": "",
            "topic": topic,
        }
        who = {"by": stage.actor("蔡文", ago), "at": stage.moment(ago, 30)}
        activities.enter(stage.campaign, facts=facts, **who)
    goals.give(
        stage.campaign,
        code="cases_handled",
        number=1,
        on=stage.day(12),
        document="驻局纪检组三季度工作情况通报",
        by=stage.actor("秦岭", 10),
        at=stage.moment(10, 15),
    )


def _link(stage: Any) -> None:
    row = Problem.objects.get(campaign=stage.campaign, description__contains=LATE)
    secretary = stage.actor(SECRETARY[row.organization.code], 5)
    case = ReferenceCase.objects.get(campaign=stage.campaign, position=1)
    case_links.choose(row, cases=[case], by=secretary, at=stage.moment(5, 50))
