"""What was read out of a ledger, before anything is kept; it also lives in a JSON field."""

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Literal, Self

Level = Literal["error", "warning"]


@dataclass(slots=True)
class MeasureRow:
    """One measure; persons and day are empty where the ledger has them for the whole problem."""

    text: str
    persons: list[str] = field(default_factory=list)
    due_on: date | None = None


@dataclass(slots=True)
class Row:
    """One problem. `line` is that of its first row in the sheet."""

    line: int
    no: str | None = None
    problem: str = ""
    section: str | None = None
    unit: str | None = None
    items: list[str] = field(default_factory=list)
    source: str | None = None
    measures: list[MeasureRow] = field(default_factory=list)
    leader: str | None = None
    departments: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    due_text: str | None = None
    due_kind: str = "undetermined"
    due_on: date | None = None
    then_standing: bool = False
    standard: str | None = None
    effect: str | None = None
    progress: str | None = None
    claimed_closed: bool = False
    closed_on: date | None = None
    remark: str | None = None
    # Beyond what the command prints in its documented shape:
    cause: str | None = None
    found_on: date | None = None
    cooperating: list[str] = field(default_factory=list)
    superior_number: str | None = None
    severity: str | None = None
    owner_kind: str | None = None
    category: str | None = None  # as written, when it names none of the campaign's items
    progress_text: str | None = None
    schedule: str | None = None  # 序时进度: on_track or behind
    effect_achieved: str | None = None
    evidence: str | None = None
    due_days: int | None = None
    due_workdays: int | None = None
    review_on: date | None = None


@dataclass(slots=True)
class Fault:
    """One thing wrong, and where: a row with an error is not kept, one with a warning is."""

    level: Level
    line: int
    column: str
    value: str
    message: str

    @property
    def told(self) -> str:
        """The message without its place, for a table where that stands beside it."""
        place, _, words = self.message.partition("：")
        return words if words and place.startswith(f"第{self.line}行") else self.message


@dataclass(slots=True)
class Skipped:
    """A line that is no problem, and why; line 0 is a whole sheet."""

    line: int
    reason: str


@dataclass(slots=True)
class Column:
    """One column and the field it was taken for; empty when nobody knows."""

    index: int
    letter: str
    heading: str
    field: str
    samples: list[str]


@dataclass(slots=True)
class Reading:
    """All that a file says and all that is wrong with it."""

    sheet: str
    sheets: list[str]
    header_line: int
    title: str | None
    reporting_unit: str | None
    reported_on: date | None
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.level == "error"]

    def to_json(self) -> dict[str, Any]:
        """Return plain values, days in ISO form."""
        return _plain(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Return the reading that `to_json` wrote; keys of a later version are passed over."""
        facts = _known(cls, stored)
        parts: tuple[tuple[str, type[Any]], ...] = (
            ("columns", Column), ("faults", Fault), ("skipped", Skipped),
        )  # fmt: skip
        for name, kind in parts:
            facts[name] = [kind(**_known(kind, one)) for one in stored.get(name, ())]
        facts["rows"] = [_row(one) for one in stored.get("rows", ())]
        return cls(**facts)


DAYS = frozenset(("due_on", "closed_on", "found_on", "review_on", "reported_on"))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def _known(kind: type, stored: dict[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {
        name: date.fromisoformat(value) if value and name in DAYS else value
        for name, value in stored.items()
        if name in names
    }


def _row(stored: dict[str, Any]) -> Row:
    facts = _known(Row, stored)
    facts["measures"] = [MeasureRow(**_known(MeasureRow, one)) for one in facts.get("measures", ())]
    return Row(**facts)
