"""Anybody does anything to any row, in any order, with facts good and bad (`make soak`).

Hypothesis picks the acts. After each of them the whole database is looked at: no row is in a state
that it cannot be in, and an act that was refused has left nothing behind. Half a minute
in each pass; SOAK_SECONDS says how long otherwise, SOAK_SEED where to begin, to repeat a failure.
"""

import os
import random
import re
import time
from collections import Counter
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from campaigns.models import Source
from rectification import statistics
from rectification.actions import (
    bulk,
    closures,
    deadlines,
    evidences,
    measures,
    problems,
    registrations,
    reviews,
    uploads,
)
from rectification.actions.reviews import Verdict
from rectification.imports import ledger
from rectification.models import Decision, Evidence, Measure, Problem, ReviewStep, Upload
from rectification.models.ledger_filter import chips
from reform.actions import attachments
from reform.errors import Refused
from reform.models import Actor, Role, TrailEntry
from tests.conftest import SIX
from tests.factories import AT, ON, CampaignFactory, person
from tests.rectification.test_import import workbook
from tests.test_access import tables

SECONDS = float(os.environ.get("SOAK_SECONDS", "30"))
FIRST = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(2**32))
EXAMPLES, STEPS = 10, 60  # a round: this many lives of a bureau, of so many steps
MOST = 10  # rows in one life: the whole database is read after each step

CHINESE = re.compile(r"[\u4e00-\u9fff].*[。：）]?$", re.DOTALL)
CHILDREN = (
    "rectification_measure",
    "rectification_progressentry",
    "rectification_evidence",
    "rectification_problemperson",
    "rectification_problemdepartment",
    "rectification_problem_items",
    "rectification_deadlinechange",
    "rectification_closureapplication",
)
ISSUED = {"assigned", "rectifying", "in_review", "closed"}
STARTED = {"rectifying", "in_review", "closed"}
# Written out: two clerks who copy the same page (DESIGN §3).
ARROWS = {
    ("draft", "registered"),
    ("registered", "assigned"),
    ("registered", "rectifying"),
    ("assigned", "rectifying"),
    ("assigned", "registered"),
    ("rectifying", "in_review"),
    ("in_review", "rectifying"),
    ("in_review", "closed"),
}

PEOPLE = (
    *("member", "colleague", "liaison", "second", "secretary", "deputy", "office", "top_office"),
    *("inspector", "leader", "neighbour", "stranger", "system"),
)
who = st.sampled_from(PEOPLE)
place_in_list = st.integers(0, 60)  # of rows, taken modulo how many there are
wording = st.sampled_from(["已完成。", "", "窗口无人值守", "=1+1", "整改" * 500, "𠮷林路口"])
days = st.sampled_from([-4000, -30, -2, -1, 0, 1, 20, 80, 95, 4000])
right = st.sampled_from([True, True, True, False])
MOVES = (
    problems.delete_draft,
    registrations.register,
    registrations.issue,
    registrations.accept,
    registrations.return_assignment,
)


class Bureau:
    """What every life begins with; made once by the test."""

    made = None


class Life(RuleBasedStateMachine):
    """One life of a bureau: its rows, who acts on them, and what was seen of them before."""

    @initialize()
    def begin(self):
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.bureau, self.day, self.done, self.said = Bureau.made, ON, Counter(), 0
        self.seen, self.refused, self.dump = {}, {}, everything()
        for _ in range(2):
            self.type(
                "secretary", "branch", wording="服务窗口有人离岗。", whole=True, personal=False
            )
        self.go_on(0, 2)

    # ------------------------------------------------------------ doing

    @property
    def at(self):
        return AT + (self.day - ON)

    def by(self, name):
        return Actor.of(self.bureau.users[name], on=self.day, address="127.0.0.1")

    def do(self, act, *args, who, **facts):
        """Do it; whether or not it was refused, the whole database must be in order."""
        name = f"{act.__module__.rpartition('.')[2]}.{act.__name__}"
        try:
            result = act(*args, by=self.by(who), at=self.at, **facts)
        except Refused as refusal:
            self.refused[str(refusal)] = name
            assert everything() == self.dump, f"{name} was refused and left something behind"
            self.done[f"{name}, refused"] += 1
            return None
        self.done[name] += 1
        self.look(name)
        return result

    def teardown(self):
        if not hasattr(self, "undo"):
            return
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)
        TALLY.update(self.done)
        assert {said: name for said, name in self.refused.items() if not CHINESE.search(said)} == {}

    def with_file(self, act, *args, who, key, **facts):
        """As views do: the file is kept before the act, and goes when the act was refused."""
        file = attachments.keep(
            BytesIO(b"%PDF-1.4 scan"), name="扫描件.pdf", by=self.by(who), at=self.at
        )
        try:
            result = act(*args, by=self.by(who), at=self.at, **{key: file}, **facts)
        except Refused:
            attachments.drop(file)
            assert everything() == self.dump
            self.done[f"{act.__name__} with a file, refused"] += 1
            return None
        self.done[f"{act.__name__} with a file"] += 1
        self.look(act.__name__)
        return result

    def pick(self, rows, place):
        rows = list(rows.order_by("pk"))
        return rows[place % len(rows)] if rows else None

    def problem(self, place):
        return self.pick(Problem.objects.all(), place)

    def open_step(self, place):
        return self.pick(ReviewStep.objects.exclude(state="waiting"), place)

    # ------------------------------------------------------------ anybody, anything

    @rule(days=st.sampled_from([1, 1, 7, 40]))
    def days_pass(self, days):
        if self.day < date(2026, 11, 1):
            self.day += timedelta(days)

    @rule(
        who=who,
        place=st.sampled_from(["branch", "branch", "sibling", "center", "elsewhere"]),
        wording=wording,
        whole=right,
        personal=st.sampled_from([False, False, False, True]),
    )
    def type(self, who, place, wording, whole, personal):
        if Problem.objects.count() >= MOST:
            return
        facts = {"description": wording, "source": self.bureau.source, "found_on": date(2026, 5, 2)}
        facts |= SIX if whole else {}
        facts |= {"owner_kind": "personal"} if personal else {}
        self.do(
            problems.draft,
            self.bureau.campaign,
            organization=getattr(self.bureau, place),
            facts=facts,
            measures=["建立台账"] if whole else [],
            who=who,
        )

    @rule(
        who=who,
        place=place_in_list,
        version=right,
        amend=st.booleans(),
        what=st.sampled_from(
            ["cause", "standard", "due", "severity", "owner", "found", "source", "persons", "other"]
        ),
        wording=wording,
        days=days,
    )
    def rewrite(self, who, place, version, amend, what, wording, days):
        row = self.problem(place)
        facts = {
            "cause": {"cause": wording},
            "standard": {"standard": wording},
            "due": {"due_kind": "dated", "due_on": self.day + timedelta(days), "due_text": "另定"},
            "severity": {"severity": "key"},
            "owner": {"owner_kind": "personal"},
            "found": {"found_on": self.day + timedelta(days)},
            "source": {"source": None},
            "persons": {"persons": ["林芳"], "leaders": [wording[:20]] if wording else []},
            "other": {"source": self.bureau.other_source},
        }[what]
        version = row.version if version else row.version - 1
        if amend:
            self.do(problems.amend, row, version=version, facts=facts, reason=wording, who=who)
        else:
            self.do(problems.fill, row, version=version, facts=facts, who=who)

    @rule(
        who=who,
        place=place_in_list,
        act=st.sampled_from(MOVES),
    )
    def move(self, who, place, act):
        facts = {"reason": "不属我支部"} if act is registrations.return_assignment else {}
        self.do(act, self.problem(place), who=who, **facts)

    @rule(
        who=who, place=place_in_list, wording=wording, behalf=st.sampled_from(["", "马超", "某某"])
    )
    def plan(self, who, place, wording, behalf):
        row = self.problem(place)
        self.do(measures.plan, row, facts={"text": wording}, behalf=behalf, who=who)

    @rule(
        who=who,
        place=place_in_list,
        what=st.sampled_from(["change", "drop", "finish", "finish", "unfinish"]),
        version=right,
        wording=wording,
        days=days,
    )
    def measure(self, who, place, what, version, wording, days):
        row = self.pick(Measure.objects.select_related("problem"), place)
        if row is None:
            return
        day = self.day + timedelta(days)
        now = row.problem.version if version else row.problem.version + 1
        facts = {
            "change": {"version": now, "facts": {"text": wording}},
            "drop": {},
            "finish": {"done_on": day, "note": wording},
            "unfinish": {"reason": wording},
        }[what]
        self.do(getattr(measures, what), row, who=who, **facts)

    @rule(who=who, place=place_in_list, wording=wording, days=days, effect=wording)
    def report(self, who, place, wording, days, effect):
        self.do(
            measures.report,
            self.problem(place),
            text=wording,
            progress="mostly_done",
            on=self.day + timedelta(days),
            effect=effect,
            who=who,
        )

    @rule(who=who, place=place_in_list, other=place_in_list, kind=st.sampled_from(["note", "file"]))
    def prove(self, who, place, other, kind):
        row, measure = self.problem(place), self.pick(Measure.objects.all(), other)
        facts = {"kind": kind, "title": "会议记录", "measure": measure}
        if kind == "file":
            self.with_file(evidences.prove, row, facts=facts, key="attachment", who=who)
        else:
            self.do(evidences.prove, row, facts=facts | {"text": "可查"}, who=who)

    @rule(who=who, place=place_in_list)
    def unprove(self, who, place):
        row = self.pick(Evidence.objects.select_related("problem", "attachment"), place)
        if row is not None:
            self.do(evidences.unprove, row, who=who)

    @rule(who=who, place=place_in_list, wording=wording, effect=wording)
    def apply(self, who, place, wording, effect):
        self.do(closures.apply, self.problem(place), statement=wording, effect=effect, who=who)

    @rule(
        who=who,
        place=place_in_list,
        decision=st.sampled_from(["approved", "approved", "returned", "waived"]),
        wording=wording,
        whole=right,
        days=days,
    )
    def decide(self, who, place, decision, wording, whole, days):
        step = self.open_step(place)
        if step is not None:
            self.do(
                reviews.decide,
                step,
                verdict=self.verdict(decision, wording, whole, days),
                who=who,
            )

    def verdict(self, decision, wording, whole, days):
        return Verdict(
            decision=decision,
            opinion=wording,
            reason="evidence" if whole else "",
            methods=["site", "papers"] if whole else [],
            standards=["measures", "handled", "result"] if whole else ["measures"],
            new_due_on=self.day + timedelta(days),
        )

    @rule(
        who=who,
        place=place_in_list,
        signer=st.sampled_from(
            ["secretary", "deputy", "office", "inspector", "leader", "", "林芳"]
        ),
        decision=st.sampled_from(["approved", "approved", "returned"]),
        whole=right,
        days=days,
    )
    def sign_on_paper(self, who, place, signer, decision, whole, days):
        step = self.open_step(place)
        if step is not None:
            self.with_file(
                reviews.record,
                step,
                verdict=self.verdict(decision, "同意", whole, 20),
                signer=self.bureau.users.get(signer),
                signer_name="" if signer in self.bureau.users else signer,
                signed_on=self.day + timedelta(days),
                key="scan",
                who=who,
            )

    @rule(who=who, whom=who, place=place_in_list, days=days)
    def appoint(self, who, whom, place, days):
        step = self.open_step(place)
        if step is not None:
            user, until = self.bureau.users[whom], self.day + timedelta(days)
            self.do(closures.appoint, step, user=user, until=until, who=who)

    @rule(who=who, act=st.sampled_from(["register", "issue", "accept", "fill"]))
    def bulk(self, who, act):
        """Of many rows each by itself: one that was refused is as it was (SOD-19)."""
        rows = list(Problem.objects.order_by("pk"))
        was = {row.pk: row.version for row in rows}
        if act == "fill":
            facts = {"standard": "长期保持", "leaders": ["罗海"]}
            results = bulk.fill(rows, facts=facts, by=self.by(who), at=self.at)
        else:
            results = bulk.do(act, rows, by=self.by(who), at=self.at)
        now = dict(Problem.objects.values_list("pk", "version"))
        assert len(results) == len(rows)
        refused = {one.problem.pk for one in results if one.refused}
        assert {pk for pk in refused if now[pk] != was[pk]} == set()
        self.done[f"bulk.{act}"] += 1
        self.look("bulk", must_say=any(not one.refused for one in results))

    @rule(
        who=who,
        place=st.sampled_from(["branch", "sibling", "elsewhere"]),
        wording=wording,
        due=st.sampled_from(["2026年6月30日", "2026年13月1日", "立行立改", "长期坚持", ""]),
    )
    def send(self, who, place, wording, due):
        if Upload.objects.count() < 4:
            self.do(
                ledger.receive,
                workbook((1, wording, "改", "马超", due), (2, "第二条。", "改", "马超", due)),
                name="台账.xlsx",
                campaign=self.bureau.campaign,
                organization=getattr(self.bureau, place),
                who=who,
            )

    @rule(
        who=who,
        place=place_in_list,
        what=st.sampled_from(["keep", "keep", "register", "discard"]),
        good=st.booleans(),
        days=days,
    )
    def take_in(self, who, place, what, good, days):
        upload = self.pick(Upload.objects.all(), place)
        if upload is None or Problem.objects.count() >= MOST:
            return
        if what == "discard":
            self.do(uploads.discard, upload, who=who)
        elif what == "register":
            done, _ = uploads.register_all(upload, by=self.by(who), at=self.at)
            self.done["uploads.register_all"] += 1
            self.look("uploads.register_all", must_say=bool(done))
        else:
            found_on = self.day + timedelta(days)
            source = self.bureau.source
            self.do(ledger.keep, upload, good_rows=good, source=source, found_on=found_on, who=who)

    # ------------------------------------------------------------ the right one, the next thing

    @rule(place=place_in_list, times=st.sampled_from([1, 1, 2, 4, 8]))
    def go_on(self, place, times):
        """What comes next for a row, by somebody who may: chance alone closes nothing."""
        for _ in range(times):
            row = self.problem(place)
            getattr(self, f"after_{row.status}")(row)

    def after_draft(self, row):
        if not deadlines.lacking(row, on=self.day):
            self.do(registrations.register, row, who="secretary")

    def after_registered(self, row):
        self.do(registrations.issue, row, who="secretary" if row.pk % 2 else "office")

    def after_assigned(self, row):
        self.do(registrations.accept, row, who="liaison")

    def after_rectifying(self, row):
        if not row.measures.exists():
            self.do(measures.plan, row, facts={"text": "补齐"}, who="member")
        elif undone := row.measures.filter(done_on=None).first():
            self.do(measures.finish, undone, done_on=self.day, note="", who="member")
        elif not row.evidence.exists():
            facts = {"kind": "note", "title": "说明", "text": "可查"}
            self.do(evidences.prove, row, facts=facts, who="member")
        else:
            self.do(closures.apply, row, statement="已整改。", effect="好转", who="member")

    def after_in_review(self, row):
        step = ReviewStep.objects.get(application__problem=row, state="open")
        who = {
            "endorse": "secretary",
            "verify": "office",
            "recheck": "inspector",
            "approve": "leader",
        }[step.kind]
        self.do(
            reviews.decide,
            step,
            verdict=self.verdict(Decision.APPROVED, "同意", whole=True, days=9),
            who=who,
        )

    def after_closed(self, row):
        """Everything there is to a closed row is refused."""
        self.do(problems.amend, row, version=row.version, facts={"cause": "改写"}, reason="改",
                who="office")  # fmt: skip

    # ------------------------------------------------------------ what must hold

    def look(self, name, *, must_say=True):
        self.dump = everything()
        rows = {row.pk: row for row in Problem.objects.select_related("campaign")}
        trails = Counter(TrailEntry.objects.values_list("target", flat=True))
        now = {pk: self.sight(row, trails) for pk, row in rows.items()}
        for pk, before in self.seen.items():
            self.compare(name, before, now.get(pk), trails, pk)
        for row in rows.values():
            self.in_order(row)
        total = sum(trails.values())
        assert total > self.said or not must_say, f"{name} stands in no trail"
        self.numbers_once(rows)
        self.counts_are_rows(rows)
        self.seen, self.said = now, total

    def sight(self, row, trails):
        return {
            "row": self.dump["rectification_problem"][row.pk],
            "children": tuple(
                tuple(sorted(values.items()))
                for table in CHILDREN
                for values in self.dump[table].values()
                if values["problem_id"] == row.pk
            ),
            "trail": trails[f"rectification.problem:{row.pk}"],
            "status": row.status,
            "version": row.version,
            "number": row.number,
        }

    def compare(self, name, was, now, trails, pk):
        if now is None:
            assert was["status"] == "draft", f"{name} took a counted row away"
            assert trails[f"rectification.problem:{pk}"] == was["trail"] + 1
            return
        if was["status"] != now["status"]:
            arrow = (was["status"], now["status"])
            assert arrow in ARROWS, f"{name}: {arrow}"
        if was["status"] == "closed":
            assert was == now, f"{name} changed a closed row"
        if was["number"]:
            assert was["number"] == now["number"], f"{name} changed a number"
        assert now["trail"] >= was["trail"]
        if (was["row"], was["children"]) != (now["row"], now["children"]):
            assert now["version"] > was["version"], f"{name} changed a row and not its version"
            assert now["trail"] > was["trail"], f"{name} changed a row and said nothing"
            for column in ("original_text", "first_due_on", "registered_at", "drafted_by_id"):
                if was["row"][column]:
                    assert was["row"][column] == now["row"][column], f"{name}: {column}"

    def in_order(self, row):
        status = row.status
        applications = [
            values
            for values in self.dump["rectification_closureapplication"].values()
            if values["problem_id"] == row.pk
        ]
        under_way = [values["id"] for values in applications if values["outcome"] == ""]
        steps = [
            values["state"]
            for values in self.dump["rectification_reviewstep"].values()
            if values["application_id"] in under_way
        ]
        assert len(under_way) == (status == "in_review"), status
        assert steps.count("open") == (status == "in_review"), steps
        assert (row.number is None, row.registered_at is None) == (status == "draft",) * 2
        assert bool(row.closed_at) is (status == "closed")
        if status in ISSUED:
            lacking = [word for word in deadlines.lacking(row, on=self.day) if "时限" not in word]
            assert lacking == []
            assert row.due_on
            assert row.first_due_on
            assert row.issued_at
            assert row.original_text
            assert row.closing_level_id
        if status in STARTED - {"rectifying"}:
            assert closures.obstacles(row)[1:] == []
            assert not row.evidence.filter(submitted=False).exists()
        if status == "closed":
            last = max(applications, key=lambda values: values["round"])
            assert last["outcome"] == "closed"
            states = ReviewStep.objects.filter(application=last["id"]).values_list("state")
            assert {state for (state,) in states} <= {"approved", "waived"}

    def numbers_once(self, rows):
        numbers = [row.number for row in rows.values() if row.number]
        assert len(numbers) == len(set(numbers))

    def counts_are_rows(self, rows):
        """The chips of somebody who sees all unit rows count what the chips' own filter finds."""
        mine = Problem.objects.visible_to(self.by("top_office"))
        counts = statistics.chip_counts(mine, on=self.day, chosen="all")
        found = {
            code: mine.filter(condition(self.day)).count()
            for code, (_, condition) in chips().items()
        }
        assert counts == found
        by_hand = sum(
            row.status != "draft" and not row.is_personal and row.path[:4] == self.bureau.top.path
            for row in rows.values()
        )
        assert counts["all"] == by_hand


TALLY = Counter()


def everything():
    """Return every row of the three floors by table and key."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608 -- our own names
            names = [column[0] for column in cursor.description]
            rows = (dict(zip(names, values, strict=True)) for values in cursor.fetchall())
            found[table] = {row[names[0]]: row for row in rows}
    return found


@pytest.fixture
def lives(bureau):
    """The bureau of the tests with two more at the branch, and a campaign beside it."""
    for name, words, role in (("second", "钱进", Role.LIAISON), ("deputy", "孙平", Role.SECRETARY)):
        bureau.users[name] = person(words, bureau.branch, role, Role.MEMBER)
    bureau.source = bureau.campaign.sources.get(name="自己找")
    other = CampaignFactory(organization=bureau.sibling, code="OTHER", title="另一活动")
    bureau.other_source = Source.objects.filter(campaign=other).first()
    Bureau.made = bureau


@pytest.mark.long
def test_no_row_is_ever_in_a_state_it_cannot_be_in(lives):
    """Rounds of their own seed until the time is over; the seed of a failure is printed."""
    end, number = time.monotonic() + SECONDS, FIRST
    how = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    TALLY.clear()
    rounds = 0
    while time.monotonic() < end:
        print(f"SOAK_SEED={number}")
        run_state_machine_as_test(seed(number)(Life), settings=how)
        number, rounds = (number + 1) % 2**32, rounds + 1
    print(f"{rounds} rounds on {connection.vendor}, {sum(TALLY.values())} acts from {FIRST}:")
    for name, times in sorted(TALLY.items()):
        print(f"  {times:7} {name}")

    closed, refusals = TALLY["reviews.decide"], sum(n for s, n in TALLY.items() if "refused" in s)
    assert min(closed, refusals, TALLY["closures.apply"]) > 0
