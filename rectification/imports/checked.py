"""What checking a ledger found: rows with their meaning here, faults, and unknown names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from campaigns.models import Source
from rectification.actions.people import Directory
from rectification.imports.results import Fault, Reading, Row
from rectification.models import Problem, Progress
from reform.models import Organization, User


def leaders_of(row: Row) -> list[str]:
    return row.leader.split("、") if row.leader else []


@dataclass
class CheckedRow:
    """A row with what it means here; `already` is the row that says the same."""

    row: Row
    organization: Organization
    source: Source | None
    already: Problem | None = None
    readable: bool = False  # whether the importer may see that row
    chosen: dict[str, User] = field(default_factory=dict)  # name as written → corrected
    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def called(self, names: Iterable[str]) -> list[str]:
        """Return the names as they will stand on the ledger: a corrected one is the account's."""
        return [self.chosen[name].name if name in self.chosen else name for name in names]

    @property
    def persons(self) -> list[str]:
        return self.called(self.row.persons)

    @property
    def leaders(self) -> list[str]:
        return self.called(leaders_of(self.row))

    @property
    def progress(self) -> str:
        return dict(Progress.choices).get(self.row.progress or "", "")

    @property
    def will_be_kept(self) -> bool:
        return not self.errors and self.already is None


class Stranger(NamedTuple):
    """A name nobody here bears: of a responsible person, or of a leader and likely a slip."""

    name: str
    leader: bool = False


@dataclass
class Checked:
    """The whole reading, checked: rows, every fault, and names nobody here bears."""

    reading: Reading
    rows: list[CheckedRow]
    faults: list[Fault]
    strangers: list[Stranger]
    lacks_source: bool
    lacks_found_on: bool
    directory: Directory  # of the organization that the file is of

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.level == "error"]

    @property
    def unread(self) -> int:
        """How many problems are so faulty that they are no row."""
        read = {row.row.line for row in self.rows}
        return len({fault.line for fault in self.errors} - read)

    @property
    def kept(self) -> list[CheckedRow]:
        return [row for row in self.rows if row.will_be_kept]
