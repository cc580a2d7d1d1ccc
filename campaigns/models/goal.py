"""Goals of a campaign (活动目标, “五个一批” in domain A3), and which facts count for each.

A goal is a title with codes of FACTS; how each fact is counted is said above, on the floor that
sees all of it. What this system must not hold is a number that the discipline side gives (FIGURES).
"""

from dataclasses import dataclass
from typing import Any, Self

from django.db import models
from django.db.models import Q

from campaigns.models.activity import PHRASES, Kind
from campaigns.models.campaign import Campaign
from reform.models import Actor, User

MOST_GOALS = 10
# Activities of a kind: the code of each, and its kind.
HELD: dict[str, str] = {f"held_{kind}": str(kind) for kind in Kind.values if kind != Kind.OTHER}
# Numbers that are given with their document, never counted here: no clue of a case is entered.
FIGURES: dict[str, str] = {"cases_handled": "查处案件"}
# Code → what it counts, in words.
FACTS: dict[str, str] = {
    **{code: PHRASES[kind] for code, kind in HELD.items()},
    "problems_total": "查摆出的问题",
    "problems_closed": "已销号的问题",
    "closed_ratio": "销号率",
    "problems_overdue": "逾期的问题",
    "problems_of_cases": "由案例引出的问题",
    "lasting_done": "长久立措施已完成的问题",
    **FIGURES,
}


@dataclass(frozen=True)
class Goal:
    title: str
    facts: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """Return a goal as a plan keeps it."""
        return cls(row["title"], tuple(code for code in row["facts"] if code in FACTS))

    @property
    def facts_in_words(self) -> str:
        return "、".join(FACTS[code] for code in self.facts)


class GoalFigureQuerySet(models.QuerySet["GoalFigure"]):
    def visible_to(self, actor: Actor) -> Self:
        seen = Campaign.objects.visible_to(actor)
        return self.filter(campaign__in=seen.order_by().values("pk"))


class GoalFigure(models.Model):
    """A number given by the discipline side: as of which day, after which document, by whom. Rows
    are only added, by trigger; the last one holds."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="goal_figures")
    code = models.CharField("事项", max_length=30, choices=list(FIGURES.items()))
    number = models.PositiveIntegerField("数")
    on = models.DateField("截至")
    document = models.CharField("依据文件", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField("填报人", max_length=40)
    at = models.DateTimeField("填报时间")

    objects = GoalFigureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "目标数据"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(document=""), name="goal_figure_has_a_document"),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()}{self.number}件"
