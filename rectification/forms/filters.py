"""The filter of the ledger page: what stands in the address, as boxes to fill in.

Plain data for the table's own fast template; `ledger_filter.narrow` reads the address itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rectification.models import Problem, Progress
from rectification.models.ledger_filter import ORDERS
from rectification.models.owing import KINDS

Choices = Sequence[tuple[str, str]]
DAY, CHOICE = "date", "choice"


@dataclass(frozen=True)
class Box:
    """One condition: its name in the address, its words, and what may be chosen."""

    name: str
    label: str
    value: str
    kind: str = CHOICE
    choices: Choices = field(default_factory=list)


ALL = ("", "全部")
FIXED: dict[str, tuple[str, Choices]] = {
    "severity": ("程度", [ALL, *Problem.Severity.choices]),
    "owner": ("问题归属", [ALL, *Problem.OwnerKind.choices]),
    "progress": ("完成情况", [ALL, *Progress.choices]),
    "owes": ("待办和逾期", [ALL, *((code, kind.name) for code, kind in KINDS.items())]),
}
SORTS: Choices = [(code, words) for code, (words, _) in ORDERS.items()]


def boxes(
    params: Mapping[str, Sequence[str]], found: Mapping[str, Choices]
) -> dict[str, list[Box]]:
    """Return the boxes in front and those behind 更多条件; `found` are choices from the data."""

    def value(name: str) -> str:
        return str((params.get(name) or [""])[-1])[:100]

    def choice(name: str, label: str) -> Box:
        return Box(name, label, value(name), choices=[ALL, *found[name]])

    more = [choice("campaign", "活动")]
    more += [
        Box(name, label, value(name), choices=choices) for name, (label, choices) in FIXED.items()
    ]
    more += [Box("due_from", "时限自", value("due_from"), DAY)]
    more += [Box("due_until", "时限至", value("due_until"), DAY)]
    more += [Box("sort", "排序", value("sort"), choices=SORTS)]
    return {"front": [choice("item", "问题类别"), choice("source", "问题来源")], "more": more}
