"""How a stage stands with the conditions it closes by (结束条件): who is still missing.

One table, code → function. A code without a line is not known, and what is not known is never
fulfilled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from campaigns.actions.weekly_plans import taking_part
from campaigns.models import Assignment, Checklist, Condition, Examination, Finding, Stage
from campaigns.models.examination_roll import belonging
from campaigns.models.stage import Excused
from campaigns.models.sweep_roll import SENT, obliged, sought, with_state
from rectification.models.problem import Problem

NOT_KNOWN = "系统还不能核对这一项，须由活动办核实"
NO_TASKS = "本阶段还没有列入任务"
NO_SWEEP = "活动没有风险排查的清单"
NO_CHECKLIST = "活动没有自查剖析的清单"
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


def _swept(stage: Stage, excused: Excused, on: date) -> Standing:
    """Every organization that answers a list of the campaign for sweeps, once for each. What an
    office asks for beside them goes by its own day, and one that came back is still to come."""
    places = taking_part(stage.campaign, on=on).exclude(excused.organizations("path"))
    lists = [one for one in sought(stage.campaign) if one.checklist]
    total, missing = 0, list[str]()
    for one in lists:
        asked = with_state(obliged(one, places, on=on), one)
        rows = [(place.name, place.sweep_status) for place in asked]  # type: ignore[attr-defined]
        title = f"（{one.title}）" if len(lists) > 1 else ""
        total += len(rows)
        missing += [f"{name}{title}" for name, status in rows if status not in SENT]
    if not lists:
        return Standing(Condition.SWEEPS, 0, 0, (NO_SWEEP,))
    return Standing(Condition.SWEEPS, total, total - len(missing), tuple(missing))


def _assignments_done(stage: Stage, excused: Excused, _on: date) -> Standing:
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


def _problems_closed(stage: Stage, excused: Excused, _on: date) -> Standing:
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


def _summary_filed(stage: Stage, _excused: Excused, _on: date) -> Standing:
    missing = () if stage.has_summary else ("阶段总结",)
    return Standing(Condition.SUMMARY_FILED, 1, int(stage.has_summary), missing)


def _submitted(stage: Stage, excused: Excused, on: date) -> Standing:
    """What was sent in and waits for its reader, or came back once, has been submitted: a return
    is between the two of them."""
    states = [Examination.Status.SUBMITTED, Examination.Status.RETURNED]
    return _examined(
        stage, excused, on, Condition.EXAMINATIONS_SUBMITTED, [*states, Examination.Status.ACCEPTED]
    )


def _accepted(stage: Stage, excused: Excused, on: date) -> Standing:
    code = Condition.EXAMINATIONS_ACCEPTED
    return _examined(stage, excused, on, code, [Examination.Status.ACCEPTED])


def _examined(
    stage: Stage, excused: Excused, on: date, code: Condition, states: list[Examination.Status]
) -> Standing:
    """Everybody who belongs to an organization of the campaign, once for each of its checklists."""
    lists = stage.campaign.checklists.filter(purpose=Checklist.Purpose.EXAMINATION)
    places = taking_part(stage.campaign, on=on).order_by().values("pk")
    members = belonging(on).filter(organization__in=places)
    asked = members.exclude(excused.organizations()).exclude(excused.persons("user"))
    rows = asked.order_by("organization__sequence", "organization__path", "place", "user__name")
    people = list(rows.values_list("user", "user__name", "organization__name"))
    missing: list[str] = []
    for checklist in lists:
        found = Examination.objects.filter(checklist=checklist, status__in=states)
        keys = found.values_list("author", "author__same_as")
        done = {first or author for author, first in keys.order_by()}
        title = f"（{checklist}）" if len(lists) > 1 else ""
        missing += [f"{place}：{name}{title}" for key, name, place in people if key not in done]
    if not lists:
        return Standing(code, 0, 0, (NO_CHECKLIST,))
    total = len(people) * len(lists)
    return Standing(code, total, total - len(missing), tuple(missing))


def _findings_listed(stage: Stage, excused: Excused, _on: date) -> Standing:
    """By organization and without numbers: findings are personal, and of those nobody above is
    told how many where they are few."""
    of = "submission__examination__organization"
    rows = Finding.objects.filter(submission__examination__campaign=stage.campaign_id)
    rows = rows.exclude(excused.organizations(f"{of}__path"))
    names = [f"{of}__sequence", f"{of}__path", f"{of}__name"]
    every = rows.order_by(*names).values_list(*names).distinct()
    left = every.filter(problem=None)
    missing = tuple(f"{name}：还有查摆问题未入账" for *_, name in left)
    total = every.count()
    return Standing(Condition.FINDINGS_LISTED, total, total - len(missing), missing)


CONDITIONS: dict[str, Callable[[Stage, Excused, date], Standing]] = {
    Condition.EXAMINATIONS_SUBMITTED: _submitted,
    Condition.EXAMINATIONS_ACCEPTED: _accepted,
    Condition.FINDINGS_LISTED: _findings_listed,
    Condition.SWEEPS: _swept,
    Condition.ASSIGNMENTS_DONE: _assignments_done,
    Condition.PROBLEMS_CLOSED: _problems_closed,
    Condition.SUMMARY_FILED: _summary_filed,
}


def standings(stage: Stage, *, on: date) -> list[Standing]:
    """Return each condition of the stage as it stands that day, in the order the stage names
    them."""
    excused = Excused(stage)
    return [
        CONDITIONS[code](stage, excused, on)
        if code in CONDITIONS
        else Standing(code, 0, 0, (NOT_KNOWN,))
        for code in stage.conditions
    ]
