"""How each fact of a goal is counted (活动目标的计数): from the ledger and from activities.

The codes are those of `campaigns.models.goal.FACTS`; a test holds both tables equal. A number that
is not known is None, and pages say so: what this system must not hold is given, never counted.
"""

from dataclasses import dataclass
from datetime import date

from campaigns.models import Activity, Campaign, Goal, GoalFigure
from campaigns.models.activity import PHRASES
from campaigns.models.goal import FACTS, FIGURES, HELD
from reform.models import Actor, Organization

# Fact → the metric of the registry (models/metric.py) that counts it and opens its rows.
BY_METRIC: dict[str, str] = {
    "problems_total": "total",
    "problems_closed": "closed",
    "problems_overdue": "overdue",
    "problems_of_cases": "of_cases",
    "lasting_done": "lasting",
}
# Ratio → the metrics above and below the line; it opens the rows above it.
RATIOS: dict[str, tuple[str, str]] = {"closed_ratio": ("closed", "total")}
NOUGHT = "—"  # 0/0
METRICS = tuple(
    dict.fromkeys([*BY_METRIC.values(), *(one for pair in RATIOS.values() for one in pair)])
)
# What a sentence says of a fact: {n} stands for the number.
SENTENCES: dict[str, str] = {
    **{code: f"{PHRASES[kind]}{{n}}次" for code, kind in HELD.items()},
    "problems_total": "查摆问题{n}个",
    "problems_closed": "销号{n}个",
    "closed_ratio": "销号率{n}",
    "problems_overdue": "逾期{n}个",
    "problems_of_cases": "由案例引出问题{n}个",
    "lasting_done": "{n}个问题的长久立措施已完成",
    "cases_handled": "查处案件{n}件",
}
UNITS: dict[str, str] = {
    **dict.fromkeys(HELD, "次"),
    **dict.fromkeys(BY_METRIC, "个"),
    **dict.fromkeys(FIGURES, "件"),
}


@dataclass
class Count:
    """A fact as a page shows it: its number in words (None: not known), what it means, its rows."""

    code: str
    shown: str | None
    definition: str
    url: str = ""
    given: GoalFigure | None = None

    @property
    def name(self) -> str:
        return FACTS[self.code]

    @property
    def unit(self) -> str:
        return UNITS.get(self.code, "") if self.shown is not None else ""

    @property
    def sentence(self) -> str:
        if self.shown is None:
            return f"{self.name}数未提供" if self.code in FIGURES else ""
        if self.shown == NOUGHT or (self.code in HELD and self.shown == "0"):
            return ""  # a report says what was held, and no ratio of nothing
        words = SENTENCES[self.code].format(n=self.shown)
        if self.given:
            words += f"（依据{self.given.document}，截至{day_in_words(self.given.on)}）"
        return words


def ratio(above: int, below: int) -> str:
    """Return a percentage with two decimals, cut, not rounded: 100 only when all (§2.6)."""
    if not below:
        return NOUGHT
    hundredths = above * 10_000 // below
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def held(actor: Actor, campaign: Campaign, place: Organization) -> dict[str, int]:
    """Return how many activities of each kind the organization and those below held, of what the
    actor sees: the list of activities opens the same rows."""
    return Activity.objects.visible_to(actor).counted(campaign, under=place.path).by_kind()


def given(campaign: Campaign) -> dict[str, GoalFigure]:
    """Return the number that holds of each fact that is given, the last one."""
    rows = GoalFigure.objects.filter(campaign=campaign).order_by("pk")
    return {row.code: row for row in rows}


def day_in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def paragraph(
    place: Organization, goals: list[tuple[Goal, list[Count]]], *, on: date, campaign: Campaign
) -> str:
    """Return the numbers in one paragraph, for a report."""
    parts = []
    for goal, counts in goals:
        said = "、".join(filter(None, (count.sentence for count in counts)))
        if said:
            parts.append(f"{goal.title}方面，{said}")
    body = "；".join(parts)
    return f"截至{day_in_words(on)}，{place}开展{campaign}，{body}。" if body else ""
