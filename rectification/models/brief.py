"""One page for a leader (呈阅件): what stands on it, for the page and for the paper alike."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import BEIJING, Campaign
from rectification.models.instruction import Instruction
from rectification.models.stuck import Stuck
from reform.models import User

# The five figures, in this order, and which of them is the worse the more there are.
FIGURES = ("total", "closed", "under_way", "in_review", "overdue")


@dataclass(frozen=True)
class Figure:
    code: str
    name: str
    definition: str
    number: int
    change: int | None  # since the same moment a week ago; None where that is not known
    query: str  # the ledger's address of the rows it counts

    @property
    def change_words(self) -> str:
        if self.change is None:
            return "—"
        return f"{self.change:+d}" if self.change else "持平"


@dataclass(frozen=True)
class Decision:
    """Something that waits for the leader: what, and where it is decided."""

    words: str
    url: str
    about: str = ""


@dataclass(frozen=True)
class Brief:
    campaign: Campaign
    leader: User
    place: str  # the organization that he leads
    scope: str  # what he answers for, in words
    at: datetime
    figures: list[Figure]
    stuck: list[Stuck]
    stuck_in_all: int
    stuck_query: str
    decisions: list[Decision]
    more_decisions: bool  # whether more wait than were looked at
    instructions: list[Instruction]
    more_instructions: int

    @property
    def title(self) -> str:
        about = str(self.campaign).removeprefix("关于")
        return f"关于{about}进展情况的呈阅件"

    @property
    def until(self) -> str:
        at = self.at.astimezone(BEIJING)
        return f"{at.year}年{at.month}月{at.day}日{at.hour}时{at:%M}分"

    @property
    def more_stuck(self) -> int:
        return self.stuck_in_all - len(self.stuck)

    @property
    def unknown(self) -> bool:
        """Whether the change of a figure is not known."""
        return any(figure.change is None for figure in self.figures)

    def number(self, code: str) -> int:
        return next(figure.number for figure in self.figures if figure.code == code)
