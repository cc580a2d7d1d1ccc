"""The demo's self-examinations (演示自查剖析): who writes what, who reads it, what of it is on the
ledger. The words are in demo_examinations.toml."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaigns.actions import examination_records, examination_reviews, examinations, reviewers
from campaigns.models import Checklist, Examination, Finding, Verdict
from rectification.actions import conversions, findings
from rectification.management import demo_paper
from rectification.management.demo_people import PEOPLE, holders
from rectification.models import Conversion

if TYPE_CHECKING:
    from rectification.management.demo import Stage

FILE = Path(__file__).with_suffix(".toml")
HOMES = {person.name: person.home for person in PEOPLE}
SECRETARY = holders("secretary")
# What is still to be done is promised for so many days from now.
PROMISED = 21


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What somebody wrote and what became of it; the keys of the file."""

    person: str
    items: str
    until: str
    begun: int
    sent: int = 0
    what: str = ""
    when: str = ""
    result: str = ""
    cause: str = ""
    measures: str = ""
    lesson: str = ""
    reader: str = ""  # where it is not his secretary
    comment: str = ""
    ticks: tuple[str, ...] = ()
    back: str = ""  # why it came back once,
    mended: str = ""  # and what he wrote then
    takes: int = 0  # how many of the findings are taken onto the ledger; all where it is `taken`
    turning: str = ""  # why it is to become the unit's
    clerk: str = ""  # who typed it in
    signer: str = ""
    post: str = ""


@cache
def sheets() -> tuple[Sheet, ...]:
    """Return the sheets in the order in which they were begun."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["sheets"]
    made = [Sheet(**row | {"ticks": tuple(row.get("ticks", ()))}) for row in found]
    return tuple(sorted(made, key=lambda sheet: -sheet.begun))


def tell(stage: "Stage") -> None:
    """Tell of everybody's sheet; whoever is not in the file has not begun."""
    checklist = stage.campaign.checklists.get()
    for sheet in sheets():
        _Story(stage, checklist, sheet).tell()


class _Story:
    """One sheet from its beginning to where `until` says; every line of it is an act."""

    def __init__(self, stage: "Stage", checklist: Checklist, sheet: Sheet) -> None:
        self.stage, self.checklist, self.sheet = stage, checklist, sheet
        self.reader = sheet.reader or SECRETARY.get(HOMES[sheet.person], "")

    def tell(self) -> None:
        if self.sheet.until == "recorded":
            self._record()
            return
        own = self._who(self.sheet.person, self.sheet.begun)
        self.row = examinations.begin(self.checklist, **own)
        self._write(own)
        self._send(self._who(self.sheet.person, self.sheet.sent, 30))
        getattr(self, f"_{self.sheet.until}")()

    def _who(self, name: str, ago: int, minutes: int = 0) -> dict[str, Any]:
        return {"by": self.stage.actor(name, ago), "at": self.stage.moment(ago, minutes)}

    def _content(self, **texts: str) -> dict[str, Any]:
        sheet, items = self.sheet, {item.name: item.pk for item in self.checklist.items.all()}
        day = self.stage.today + timedelta(days=PROMISED)
        written = {
            "case_what": sheet.what,
            "case_when": sheet.when,
            "case_result": sheet.result,
            "cause": sheet.cause,
            "measures": sheet.measures.replace("{day}", f"{day.month}月{day.day}日"),
            "lesson": sheet.lesson,
        }
        return {
            "picked": [items[name] for name in sheet.items],
            "absent": [] if sheet.items else ["all"],
            "team_only": [],
            "texts": {name: words for name, words in (written | texts).items() if words},
        }

    def _write(self, who: dict[str, Any], **texts: str) -> None:
        content = self._content(**texts)
        self.row = examinations.save(self.row, content=content, version=self.row.version, **who)

    def _send(self, who: dict[str, Any]) -> None:
        seats = reviewers.of(self.row.author, self.row.organization, on=who["by"].on)
        promise = reviewers.key_of(seats)
        examinations.submit(self.row, version=self.row.version, promise=promise, **who)
        self.row = Examination.objects.get(pk=self.row.pk)

    def _record(self) -> None:
        sheet = self.sheet
        clerk = self._who(sheet.clerk, sheet.begun)
        examination_records.record(
            self.checklist,
            author=self.stage.people[sheet.person],
            content=self._content(),
            scan=demo_paper.keep(f"{sheet.person}手写自查剖析.pdf", **clerk),
            **clerk,
        )

    def _decide(self, ago: int, decision: Verdict.Decision, comment: str) -> None:
        examination_reviews.decide(
            self.row,
            number=self.row.submissions.count(),
            decision=decision,
            comment=comment,
            ticks=self.sheet.ticks if decision == Verdict.Decision.ACCEPTED else (),
            **self._who(self.reader, ago, 180),
        )

    # ---------------------------------------------------------------- where they end

    def _sent(self) -> None:
        """It waits for its reader, or for somebody to enter what was signed."""

    def _returned(self) -> None:
        self._decide(self.sheet.sent - 2, Verdict.Decision.RETURNED, self.sheet.comment)

    def _accepted(self) -> None:
        self._decide(self.sheet.sent - 2, Verdict.Decision.ACCEPTED, self.sheet.comment)
        self._take(self.sheet.takes)

    def _again(self) -> None:
        sheet = self.sheet
        self._decide(sheet.sent - 1, Verdict.Decision.RETURNED, sheet.back)
        self.row = Examination.objects.get(pk=self.row.pk)
        own = self._who(sheet.person, sheet.sent - 4)
        self._write(own, case_result=sheet.mended)
        self._send(own)
        self._decide(sheet.sent - 6, Verdict.Decision.ACCEPTED, sheet.comment)

    def _taken(self) -> None:
        self._decide(self.sheet.sent - 2, Verdict.Decision.ACCEPTED, self.sheet.comment)
        for result in self._take(len(self.sheet.items)):
            if self.sheet.turning and result.problem:
                conversions.tell(
                    result.problem,
                    becomes=Conversion.Becomes.UNIT,
                    reason=self.sheet.turning,
                    **self._who(self.reader, 1, 60),
                )

    def _take(self, number: int) -> list[findings.Result]:
        if not number:
            return []
        found = Finding.objects.filter(submission__examination=self.row).order_by("position")
        return findings.take_in(
            list(found[:number]), **self._who(self.reader, self.sheet.sent - 5, 30)
        )

    def _signed(self) -> None:
        sheet = self.sheet
        office = self._who("蔡文", sheet.sent - 9)
        examination_records.sign(
            self.row,
            decision=Verdict.Decision.ACCEPTED,
            comment=sheet.comment,
            signer_name=sheet.signer,
            signer_post=sheet.post,
            signed_on=self.stage.day(sheet.sent - 7),
            scan=demo_paper.keep(f"{sheet.person}自查剖析审阅签批.pdf", **office),
            **office,
        )
