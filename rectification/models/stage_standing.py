"""How a stage stands with the conditions it closes by (结束条件): who is still missing.

One table, code → function. Examinations have theirs on the floor below; whoever evaluates a
condition adds its line to CONDITIONS here. A code without a line is not known, and what is not
known is never fulfilled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from campaigns.models import Assignment, Condition, Stage
from campaigns.models.stage import Excused
from rectification.models.problem import Problem

NOT_KNOWN = "系统还不能核对这一项，须由活动办核实"
NO_TASKS = "本阶段还没有列入任务"
WORDS = dict(Condition.choices)


@dataclass(frozen=True)
class Standing:
    """One condition: how many there are, how many are done, and who or what is missing by name."""

    code: str
    total: int
    done: int
    missing: tuple[str, ...]

    @property
    def words(self) -> str:
        return str(WORDS.get(self.code, self.code))

    @property
    def holds(self) -> bool:
        return not self.missing

    def kept(self) -> dict[str, Any]:
        """Return what a stage keeps of it when it closes without."""
        return {"code": self.code, "words": self.words, "names": list(self.missing)}


def _assignments_done(stage: Stage, excused: Excused) -> Standing:
    """The assignments put into this stage, but for those of who is excused. None at all is not
    done: the office asked for it and forgot to say what."""
    rows = Assignment.objects.filter(stage=stage)
    if not rows.exists():
        return Standing(Condition.ASSIGNMENTS_DONE, 0, 0, (NO_TASKS,))
    counted = rows.exclude(excused.organizations()).exclude(
        excused.persons("person"), person__isnull=False
    )
    total = counted.count()
    left = counted.exclude(status=Assignment.Status.DONE).order_by("position")
    names = left.values_list("organization__name", "position", "task")
    missing = tuple(f"{name}：第{place}项 {task[:40]}" for name, place, task in names)
    return Standing(Condition.ASSIGNMENTS_DONE, total, total - len(missing), missing)


def _problems_closed(stage: Stage, excused: Excused) -> Standing:
    """The problems of the campaign that have a number, by organization. Personal rows are the
    person's and his secretary's, and hold no stage up."""
    rows = Problem.objects.filter(campaign=stage.campaign_id).counted()
    rows = rows.exclude(owner_kind=Problem.OwnerKind.PERSONAL)
    rows = rows.exclude(excused.organizations("path"))
    left = rows.exclude(status=Problem.Status.CLOSED)
    by_place = (
        left.order_by()
        .values("organization__sequence", "organization__name")
        .annotate(n=Count("pk"))
        .order_by("organization__sequence")
        .values_list("organization__name", "n")
    )
    found = list(by_place)
    total, still = rows.count(), sum(number for _, number in found)
    missing = tuple(f"{name}：{number}件未销号" for name, number in found)
    return Standing(Condition.PROBLEMS_CLOSED, total, total - still, missing)


def _summary_filed(stage: Stage, _excused: Excused) -> Standing:
    missing = () if stage.has_summary else ("阶段总结",)
    return Standing(Condition.SUMMARY_FILED, 1, int(stage.has_summary), missing)


CONDITIONS: dict[str, Callable[[Stage, Excused], Standing]] = {
    Condition.ASSIGNMENTS_DONE: _assignments_done,
    Condition.PROBLEMS_CLOSED: _problems_closed,
    Condition.SUMMARY_FILED: _summary_filed,
}


def standings(stage: Stage) -> list[Standing]:
    """Return each condition of the stage as it stands now, in the order the stage names them."""
    excused = Excused(stage)
    return [
        CONDITIONS[code](stage, excused)
        if code in CONDITIONS
        else Standing(code, 0, 0, (NOT_KNOWN,))
        for code in stage.conditions
    ]
