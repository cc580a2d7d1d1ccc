"""The acts of all three floors, in groups, for the search of the trail."""

from itertools import groupby

from django import forms

from rectification.models.act import Act
from reform.forms.trail import TrailFilter
from reform.models import Act as GroundAct

# What an act begins with → the group it stands in. A word that is not here stands under 其他.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("问题", ("problem",)),
    ("措施与进展", ("measure", "progress")),
    ("佐证材料", ("evidence",)),
    ("销号审核", ("closure",)),
    ("导入导出", ("import", "ledger", "job")),
    ("登录与会话", ("session", "second_step")),
    ("账号与人员", ("user", "people")),
    ("职责与委托", ("duty", "delegation")),
    ("组织", ("organization", "relation")),
    ("系统", ("system",)),
    ("留痕审计", ("trail",)),
    ("意见建议", ("suggestion",)),
)
# Acts about campaigns are many, and asked for by what they are about: the word an act begins with.
WHOLE: dict[str, str] = {
    "campaign": "活动方案、发布、变更",
    "body": "领导小组、专班",
    "responsible": "第一责任人",
    "reference_case": "通报案例",
    "goal": "活动目标",
    "stage": "阶段、免计",
    "assignment": "任务分解",
    "clause": "方案条款",
    "superior_request": "上级要求",
    "activity": "活动和会议",
    "examination": "自查剖析",
    "given_text": "比对材料",
    "portrait": "画像比对",
    "talk": "提醒谈话",
    "sweep": "风险排查",
    "pledge": "公开承诺",
    "reflection": "心得体会",
    "showcase": "心得展示",
    "weekly": "周报安排",
}
OTHER = "其他"
CAMPAIGN = "活动（按事项类别）"
ORDER = [name for name, _ in GROUPS] + [OTHER]


def group_of(code: str) -> str:
    head = code.partition(".")[0]
    return next((name for name, heads in GROUPS if head in heads), OTHER)


def choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return all acts grouped, as a <select> takes them; those about campaigns by their word."""
    acts = [*Act.choices, *GroundAct.choices]
    acts.sort(key=lambda act: ORDER.index(group_of(act[0])))
    groups = groupby(acts, key=lambda act: group_of(act[0]))
    campaign = [(f"{head}.", words) for head, words in WHOLE.items()]
    return [
        ("", "全部"),
        *((name, [(code, str(words)) for code, words in found]) for name, found in groups),
        (CAMPAIGN, campaign),
    ]


class WholeTrailFilter(TrailFilter):
    act = forms.ChoiceField(label="事项", choices=choices, required=False)
