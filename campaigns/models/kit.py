"""Kits (活动套件): a campaign's plan without its days, its organizations and its people.

A file under campaigns/kits/ says one, and so does every campaign: it is turned into a kit and back.
Plain values, so that two of them can be compared; `campaigns.imports.kits` reads and checks files.
"""

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from campaigns.models.checklist import PARTS, Checklist
from campaigns.models.report_week import DEFAULT, Level, Policy
from campaigns.models.stage import Condition

MOST_DAYS = 1100  # three years: who plans longer plans another campaign
WORDS = ("工作", "整治", "活动")
# Exit conditions of a stage: code → what is asked.
CONDITIONS: dict[str, str] = {code: str(words) for code, words in Condition.choices}
# What reports of a campaign are called: key → for what, and its usual title.
REPORTS: dict[str, tuple[str, str]] = {
    "weekly": ("工作简报", "{活动}简报"),
    "stage": ("阶段总结", "{活动}阶段性总结"),
    "final": ("全面总结", "{活动}情况报告"),
}


@dataclass(frozen=True)
class KitStage:
    title: str
    offset: int  # days after the campaign's first
    days: int
    goal: str = ""
    conditions: tuple[str, ...] = ()

    def dates(self, starts_on: date) -> tuple[date, date]:
        """Return its first and last day in a campaign that starts on a day."""
        first = starts_on + timedelta(days=self.offset)
        return first, first + timedelta(days=self.days - 1)


@dataclass(frozen=True)
class KitAssignment:
    clause: str
    content: str
    prescribed: bool = True  # 规定动作, else 自选动作

    @property
    def kind(self) -> str:
        return "规定动作" if self.prescribed else "自选动作"


@dataclass(frozen=True)
class KitItem:
    name: str
    description: str = ""


@dataclass(frozen=True)
class KitQuestion:
    text: str
    finds: bool = False


@dataclass(frozen=True)
class KitChecklist:
    title: str
    purpose: str = Checklist.Purpose.EXAMINATION.value
    mode: str = Checklist.Mode.PICK.value
    parts: tuple[str, ...] = PARTS
    guidance: str = ""
    items: tuple[KitItem, ...] = ()
    questions: tuple[KitQuestion, ...] = ()


@dataclass(frozen=True)
class KitSource:
    name: str
    also: tuple[str, ...] = ()
    from_above: bool = False

    @property
    def other(self) -> bool:
        return self.name == "其他"


@dataclass(frozen=True)
class KitLevel:
    name: str
    fits: tuple[str, ...]  # which rows get it: personal, key, from_above, rest
    chain: tuple[str, ...]


@dataclass(frozen=True)
class KitRule:
    cause: str
    workdays: int
    recipients: tuple[str, ...]
    proposal: str = ""


@dataclass(frozen=True)
class KitWeekly:
    """Cut-offs of the weekly report, Monday = 0."""

    policy: str = Policy.PREVIOUS.value
    office_weekday: int = DEFAULT[Level.OFFICE].weekday
    office_hour: str = "12:00"
    branch_weekday: int = DEFAULT[Level.BRANCH].weekday
    branch_hour: str = "17:00"
    remind_workdays: int = 1
    remind_minutes: int = 150


@dataclass(frozen=True)
class KitGoal:
    title: str
    facts: tuple[str, ...] = ()  # codes of FACTS


@dataclass(frozen=True)
class Kit:
    code: str
    name: str
    title: str  # a pattern: {单位} and {年} are put in
    days: int
    version: int = 1
    summary: str = ""
    word: str = "工作"
    office_name: str = "活动办"
    at_once_days: int = 30
    standing_review_days: int = 92
    goals: tuple[KitGoal, ...] = ()
    stages: tuple[KitStage, ...] = ()
    assignments: tuple[KitAssignment, ...] = ()
    checklists: tuple[KitChecklist, ...] = ()
    sources: tuple[KitSource, ...] = ()
    levels: tuple[KitLevel, ...] = ()
    ladder: tuple[KitRule, ...] = ()
    weekly: KitWeekly = field(default_factory=KitWeekly)
    reports: dict[str, str] = field(
        default_factory=lambda: {key: usual for key, (_, usual) in REPORTS.items()}
    )

    def data(self) -> dict[str, Any]:
        """Return it as plain values, the shape of a kit file."""
        return plain(asdict(self))

    @property
    def empty_lists(self) -> list[str]:
        """The lists that the office has to fill: their source names them and says no more."""
        return [one.title for one in self.checklists if not (one.items or one.questions)]


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value
