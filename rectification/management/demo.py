"""The demo (演示数据): a campaign and its ledger, told through the acts as the people would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign
from rectification.actions import closures, evidences, measures, problems, registrations, reviews
from rectification.actions.verdicts import Verdict
from rectification.management import (
    demo_bodies,
    demo_brief,
    demo_campaign,
    demo_cases,
    demo_clock,
    demo_examinations,
    demo_paper,
    demo_plan,
    demo_pledges,
    demo_rows,
    demo_sweeps,
    demo_weekly,
)
from rectification.management.demo_people import ACCOUNTS, PASSWORD, holders, make_people, make_tree
from rectification.management.demo_rows import Proof, Row
from rectification.management.demo_verdicts import AGREED, DECIDED, RECHECKED, VERIFIED
from rectification.models import Decision, Evidence, Measure, Problem, ReviewStep
from reform.models import Actor, Organization, User
from reform.models.trail import SHELL

CODE, HOME = "YACG", "JGDW"
BEGINNING = 120  # days ago the campaign was drafted
# Who keeps the ledger of a branch, and where those sit who review it.
LIAISON, SECRETARY, OFFICE = holders("liaison"), holders("secretary"), holders("office")
INSPECTOR, LEADER = holders("inspector"), holders("leader")
ABOVE = {"ZB": "FWZX", "GL": "JTJ"}


@transaction.atomic
def make(now: datetime, *, examined: bool = True) -> None:
    """Make the whole demo as of `now`, or leave a database that has it as it is; without
    `examined`, no stage begun and nobody's examination: for who tells those himself."""
    if Campaign.objects.filter(code=CODE).exists():
        return
    places = make_tree()
    people = make_people(places)
    stage = Stage(now, places, people)
    stage.campaign = demo_campaign.make(stage, code=CODE, ago=BEGINNING)
    for row in demo_rows.rows():
        Story(stage, row).tell()
    if examined:
        demo_plan.tell(stage)
        demo_examinations.tell(stage)
        demo_campaign.draft_next(stage, ago=5)
    demo_weekly.tell(stage)
    demo_clock.go(stage.moment)
    demo_brief.tell(stage)
    demo_bodies.tell(stage)
    demo_sweeps.tell(stage)
    demo_cases.tell(stage)
    demo_pledges.tell(stage)


def printed() -> dict[str, Any]:
    """Return what a newcomer needs, in the shape of `seed_demo --json` (DESIGN §10)."""
    return {
        "campaign": CODE,
        "organization": HOME,
        "password": PASSWORD,
        "users": {role: username for role, (_, username, _) in ACCOUNTS.items()},
    }


@dataclass
class Stage:
    """Where the stories play: the day of the demo, its organizations and its people."""

    now: datetime
    places: Mapping[str, Organization]
    people: Mapping[str, User]
    campaign: Campaign = field(init=False)
    met: dict[str, Actor] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return timezone.localtime(self.now).date()

    def day(self, ago: int) -> date:
        """Return the day that many days ago, or the last working day before it."""
        day = self.today - timedelta(days=max(ago, 1))
        return day - timedelta(days=max(day.weekday() - 4, 0))

    def moment(self, ago: int, minutes: int = 0) -> datetime:
        begin = datetime.combine(self.day(ago), time(9, 5), timezone.get_current_timezone())
        return begin + timedelta(minutes=minutes)

    def actor(self, name: str, ago: int) -> Actor:
        """Return who acts that day; nobody's duties change in the demo, so they are read once."""
        if name not in self.met:
            self.met[name] = Actor.of(self.people[name], on=self.today, address=SHELL)
        return replace(self.met[name], on=self.day(ago), memo={})


# ---------------------------------------------------------------- the story of one row


class Story:
    """One row from its finding to where `row.until` says; every line of it is an act."""

    def __init__(self, stage: Stage, row: Row) -> None:
        self.stage, self.row = stage, row
        self.minutes = 0
        self.above = ABOVE[row.place[:2]]
        self.from_above = row.until in {"assigned", "accepted"}

    def tell(self) -> None:
        self.problem = self._draft()
        for act in ENDINGS[self.row.until]:
            act(self)

    def _by(self, name: str, ago: int) -> dict[str, Any]:
        """Return who and when, a few minutes after the act before."""
        self.minutes += 7
        return {
            "by": self.stage.actor(name, ago),
            "at": self.stage.moment(ago, self.minutes),
        }

    def _draft(self) -> Problem:
        row, campaign = self.row, self.stage.campaign
        clerk = OFFICE[self.above] if self.from_above else LIAISON[row.place]
        facts: dict[str, Any] = {
            "description": row.text,
            "cause": row.cause,
            "source": campaign.sources.get(name=row.source),
            "source_text": row.source,
            "found_on": self.stage.day(row.found),
            "owner_kind": row.owner,
            "severity": row.severity,
            "standard": row.standard,
            "effect_expected": row.effect,
            "items": list(campaign.items.filter(name__in=list(row.items))),
            "leaders": [row.leader] if row.leader else [],
            "persons": [row.person] if row.person else [],
            "departments": [row.department] if row.department else [],
            **self._deadline(),
        }
        split = len(row.measures) - row.lasting
        problem = problems.draft(
            campaign,
            organization=self.stage.places[row.place],
            facts=facts,
            measures=row.measures[:split],
            **self._by(clerk, row.found - 1),
        )
        for text in row.measures[split:]:
            lasts = {"text": text, "kind": Measure.Kind.LASTING}
            measures.plan(problem, facts=lasts, behalf=row.person, **self._by(clerk, row.found - 1))
        return problem

    def _deadline(self) -> dict[str, Any]:
        row = self.row
        day = self.stage.today + timedelta(days=row.due or 0)
        match row.due_kind, row.due:
            case "at_once", _:
                return {"due_kind": "at_once", "due_text": "立行立改"}
            case "standing", _:
                words = {"due_kind": "standing", "due_text": "长期坚持"}
                return {**words, "stage_goal": row.goal, "review_on": day}
            case _, None:
                return {}
        return {
            "due_kind": "dated",
            "due_text": f"{day.year}年{day.month}月{day.day}日前",
            "due_on": day,
        }

    def register(self) -> None:
        name = OFFICE[self.above] if self.from_above else SECRETARY[self.row.place]
        self.problem = registrations.register(self.problem, **self._by(name, self.row.found - 2))

    def issue(self) -> None:
        name = OFFICE[self.above] if self.from_above else SECRETARY[self.row.place]
        self.problem = registrations.issue(self.problem, **self._by(name, self.row.found - 4))

    def accept(self) -> None:
        name = LIAISON[self.row.place]
        self.problem = registrations.accept(self.problem, **self._by(name, self.row.found - 6))

    def work(self) -> None:
        """The responsible person finishes measures, reports, and supplies evidence."""
        row = self.row
        begin, end = row.found - 6, row.applied
        step = max((begin - end) // (row.done + 2), 1)
        for place, measure in enumerate(self.problem.measures.all()[: row.done], start=1):
            ago = begin - step * place
            done_on = self.stage.day(ago)
            measures.finish(measure, done_on=done_on, note="", **self._by(row.person, ago))
        ago = begin - step * (row.done + 1)
        measures.report(
            self.problem,
            text=row.report,
            progress=row.stand,
            on=self.stage.day(ago),
            effect=row.achieved,
            **self._by(row.person, ago),
        )
        for proof in row.proofs:
            self._prove(proof, ago)
        self.problem.refresh_from_db()

    def _prove(self, proof: Proof, ago: int) -> None:
        who = self._by(self.row.person, ago)
        kind = Evidence.Kind.NOTE if proof.text else Evidence.Kind.REFERENCE
        file = demo_paper.keep(f"{proof.title}.{proof.file}", **who) if proof.file else None
        facts = {
            "kind": Evidence.Kind.FILE if file else kind,
            "title": proof.title,
            "text": proof.text,
            "number": proof.number,
            "place": proof.place,
            "keeper": proof.keeper,
        }
        evidences.prove(self.problem, facts=facts, attachment=file, **who)

    def apply(self) -> None:
        row = self.row
        closures.apply(
            self.problem,
            statement=row.report,
            effect=row.achieved,
            **self._by(row.person, row.applied),
        )

    def _decide(self, name: str, verdict: Verdict, days: int) -> None:
        who = self._by(name, self.row.applied - days)
        reviews.decide(_open_step(self.problem), verdict=verdict, **who)

    def endorse(self) -> None:
        self._decide(SECRETARY[self.row.place], AGREED, 1)

    def verify(self) -> None:
        self._decide(OFFICE[self.above], VERIFIED, 4)

    def recheck(self) -> None:
        self._decide(INSPECTOR[self.above], RECHECKED, 7)

    def send_back(self) -> None:
        verdict = Verdict(
            decision=Decision.RETURNED,
            opinion=self.row.opinion,
            reason="evidence",
            new_due_on=self.stage.today + timedelta(days=self.row.again),
        )
        self._decide(OFFICE[self.above], verdict, 4)

    def approve_on_paper(self) -> None:
        """线下签批: the leader signed a printed form, the branch's liaison enters it."""
        who = self._by(LIAISON[self.row.place], self.row.applied - 12)
        reviews.record(
            _open_step(self.problem),
            verdict=DECIDED,
            signer=self.stage.people[LEADER[self.above]],
            signer_name="",
            signed_on=self.stage.day(self.row.applied - 10),
            scan=demo_paper.keep("销号审批表（领导签批）.pdf", **who),
            **who,
        )


_ISSUED = (Story.register, Story.issue)
_APPLIED = (*_ISSUED, Story.work, Story.apply)
# How far a story goes → the acts that make it, in their order.
ENDINGS: dict[str, tuple[Callable[[Story], None], ...]] = {
    "draft": (),
    "registered": (Story.register,),
    "assigned": _ISSUED,
    "accepted": (*_ISSUED, Story.accept, Story.work),
    "rectifying": (*_ISSUED, Story.work),
    "applied": _APPLIED,
    "returned": (*_APPLIED, Story.endorse, Story.send_back),
    "endorsed": (*_APPLIED, Story.endorse),
    "signed": (*_APPLIED, Story.endorse),
    "verified": (*_APPLIED, Story.endorse, Story.verify),
    "rechecked": (*_APPLIED, Story.endorse, Story.verify, Story.recheck),
    "approved": (*_APPLIED, Story.endorse, Story.verify, Story.recheck, Story.approve_on_paper),
}


def _open_step(problem: Problem) -> ReviewStep:
    return ReviewStep.objects.open().get(application__problem=problem)
