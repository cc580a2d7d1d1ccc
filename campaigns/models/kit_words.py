"""A kit in words, place by place: so that two of them can be laid side by side (差异)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from campaigns.models.checklist import Checklist
from campaigns.models.closing_level import FITS, ClosingStep
from campaigns.models.goal import FACTS
from campaigns.models.kit import CONDITIONS, REPORTS
from campaigns.models.reminder_rule import Recipient, step_words
from campaigns.models.report_week import Policy
from campaigns.models.weekly_plan import WEEKDAYS

Data = dict[str, Any]  # Kit.data()
SINGLE = {
    "title": "名称",
    "word": "称呼",
    "office_name": "办公室简称",
    "days": "总天数",
    "at_once_days": "立行立改控制天数",
    "standing_review_days": "长期坚持最长复核间隔（天）",
}


class Difference(NamedTuple):
    """What stands at a place in one and in the other; empty where it has nothing there."""

    place: str
    before: str
    after: str


def differences(before: Data, after: Data) -> list[Difference]:
    """Return where two kits differ, in the order of the first, what is only in the second last."""
    was, now = dict(_told(before)), dict(_told(after))
    return [
        Difference(place, was.get(place, ""), now.get(place, ""))
        for place in {**was, **now}
        if was.get(place) != now.get(place)
    ]


def _told(kit: Data) -> Iterator[tuple[str, str]]:
    for key, word in SINGLE.items():
        yield word, str(kit[key])
    for one in kit.get("goals", ()):  # what was kept before there were goals has none
        yield f"目标“{one['title']}”", "、".join(FACTS[code] for code in one["facts"]) or "有"
    for one in kit["stages"]:
        conditions = "、".join(CONDITIONS[code] for code in one["conditions"])
        words = f"第{one['offset'] + 1}天起共{one['days']}天"
        yield f"阶段“{one['title']}”", _joined(words, one["goal"], conditions)
    for one in kit["assignments"]:
        kind = "规定动作" if one["prescribed"] else "自选动作"
        yield f"任务“{one['content']}”", _joined(one["clause"], kind)
    for one in kit["checklists"]:
        yield from _checklist(one)
    yield from _rules(kit)
    yield "周报截止", weekly_words(kit["weekly"])
    for key, (word, usual) in REPORTS.items():
        yield f"{word}的名称", kit["reports"].get(key, usual)


def _rules(kit: Data) -> Iterator[tuple[str, str]]:
    for one in kit["sources"]:
        above = "上级或外部指出" if one["from_above"] else "有"
        yield f"问题来源“{one['name']}”", _joined(above, "、".join(one["also"]))
    for one in kit["levels"]:
        fits = "、".join(FITS[code] for code in one["fits"])
        chain = " → ".join(str(ClosingStep.Kind(code).label) for code in one["chain"])
        yield f"销号层级“{one['name']}”", _joined(fits, chain)
    for one in kit["ladder"]:
        people = "、".join(str(Recipient(code).label) for code in one["recipients"])
        words = step_words(one["cause"], one["workdays"])
        yield f"催办规则“{words}”", _joined(people, one["proposal"])


def _checklist(one: Data) -> Iterator[tuple[str, str]]:
    place = f"清单“{one['title']}”"
    mode, purpose = Checklist.Mode(one["mode"]), Checklist.Purpose(one["purpose"])
    parts = "、".join(one["parts"])
    yield place, _joined(str(purpose.label), str(mode.label), parts, one["guidance"])
    for item in one["items"]:
        yield f"{place}的“{item['name']}”", item["description"] or "有"
    for question in one["questions"]:
        words = "答的是问题" if question["finds"] else "有"
        yield f"{place}的“{question['text']}”", words


def weekly_words(weekly: Data) -> str:
    """Return cut-offs and reminders of the weekly report in a line."""
    days = dict(WEEKDAYS)
    office = f"汇总单位{days[weekly['office_weekday']]}{weekly['office_hour']}"
    branch = f"基层单位{days[weekly['branch_weekday']]}{weekly['branch_hour']}"
    early = f"提前{weekly['remind_workdays']}个工作日、{weekly['remind_minutes']}分钟提醒"
    return _joined(office, branch, str(Policy(weekly["policy"]).label), early)


def _joined(*words: str) -> str:
    return "；".join(word.rstrip("。") for word in words if word)
