"""The acts of all three floors, in groups, for the search of the trail."""

from itertools import groupby

from django import forms

from campaigns.models.act import Act as CampaignAct
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
    ("活动", ("campaign",)),
    ("登录与会话", ("session", "second_step")),
    ("账号与人员", ("user", "people")),
    ("职责与委托", ("duty", "delegation")),
    ("组织", ("organization", "relation")),
    ("系统", ("system",)),
    ("留痕审计", ("trail",)),
    ("意见建议", ("suggestion",)),
)
OTHER = "其他"
ORDER = [name for name, _ in GROUPS] + [OTHER]


def group_of(code: str) -> str:
    head = code.partition(".")[0]
    return next((name for name, heads in GROUPS if head in heads), OTHER)


def choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return all acts grouped, as a <select> takes them."""
    acts = [*Act.choices, *CampaignAct.choices, *GroundAct.choices]
    acts.sort(key=lambda act: ORDER.index(group_of(act[0])))
    groups = groupby(acts, key=lambda act: group_of(act[0]))
    return [("", "全部"), *((name, [(c, str(w)) for c, w in found]) for name, found in groups)]


class WholeTrailFilter(TrailFilter):
    act = forms.ChoiceField(label="事项", choices=choices, required=False)
