"""Many people at once: does anybody meet an error, is anything lost that was said to be kept?

    python -m bench load          # 50 a second on PostgreSQL, 15 on SQLite, five minutes each
    python -m bench.load 30       # the same for 30 seconds, for trying
    python -m bench.load 300 postgresql

gunicorn by compose's own command line under production settings; 10,000 problems. Twenty-four
people of several roles are signed in, and read and write through the pages: of all requests 15 in
100 are forms sent, with their tokens, filled in from the page that was opened for it. Requests
leave at their hour whether or not those before have come back, and are timed from that hour: a
server that stalls does not get a rest. Afterwards each acknowledged write is looked for among rows.
"""

import json
import os
import random
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.places import Place, postgresql, sqlite
from tests.production import environment, free_port, manage, web
from tests.visitor import Visitor

SECONDS = 300
RATES = {"postgresql": 50, "sqlite": 15}
ENGINES = {"postgresql": postgresql, "sqlite": sqlite}
SIZES = ("--problems", "10000", "--organizations", "200", "--people", "1000")
AIM = 1000  # milliseconds at the 95th of 100: a page that one still calls quick

SECRETARIES, OFFICES = 18, 3
READERS = ("guming", "fengzheng", "xuqing")  # leader, inspector and office of the demo
# A form that is opened is sent next, so of a writer's requests FORM / (1 + FORM) are sent.
FORM = 0.207
READS = (
    (3, "/"),
    (2, "/problems/"),
    (2, "/problems/?view=overdue&sort=due"),
    (2, "/problems/?view=rectifying"),
    (1, "/problems/?view=closed"),
    (2, "/problems/?q=回访"),
    (1, "/problems/?q=制度&sort=due"),
    (1, "/problems/?page=2"),
    (1, "/inbox/"),
    (1, "/people/?q=王"),
    (1, "/organizations/"),
    (6, "problem"),
)

# Whom to sign in, and which rows are theirs to write on: nobody writes on another's.
WHO = """
import json
from rectification.models import Problem
from reform.models import Duty
from django.utils import timezone
on = timezone.localdate()
found = []
for role, most in (("secretary", {secretaries}), ("office", {offices})):
    duties = Duty.objects.in_force(on).filter(role=role, organization__code__startswith="BULK-")
    for duty in duties.select_related("user", "organization").order_by("pk")[:most]:
        own = Problem.objects.filter(organization=duty.organization, owner_kind="unit")
        rows = own.filter(status="rectifying").values_list("pk", flat=True)
        campaign = Problem.objects.filter(path__startswith=duty.organization.path).first().campaign
        source = campaign.sources.order_by("pk").first().pk
        found.append(dict(username=duty.user.username, rows=list(rows[:40]),
            place=[campaign.pk, duty.organization.pk], source=source))
print(json.dumps(found))
"""
KEPT = """
import json
from rectification.models import Measure, Problem, ProgressEntry
from reform.models import Suggestion
texts = [*ProgressEntry.objects.filter(text__startswith="{mark}").values_list("text", flat=True)]
texts += Measure.objects.filter(text__startswith="{mark}").values_list("text", flat=True)
drafts = Problem.objects.filter(description__startswith="{mark}")
texts += drafts.values_list("description", flat=True)
texts += Suggestion.objects.filter(text__startswith="{mark}").values_list("text", flat=True)
print(json.dumps(texts))
"""


@dataclass
class Tally:
    """What all of them met; a list's append is safe among threads."""

    reads: list[float] = field(default_factory=list)  # seconds
    writes: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    late: list[float] = field(default_factory=list)  # seconds before a request could leave
    kinds: Counter = field(default_factory=Counter)

    @property
    def times(self) -> list[float]:
        return self.reads + self.writes


class Person:
    """One signed in, who reads, opens a form and sends it."""

    def __init__(self, port: int, facts: dict[str, Any], mark: str, seed: int) -> None:
        self.browser = Visitor(port)
        self.facts, self.mark = facts, mark
        self.chance = random.Random(seed)  # noqa: S311 -- the same run again
        self.pending: tuple[str, str, dict[str, Any], str] | None = None
        self.seen: list[int] = list(facts["rows"])

    def sign_in(self, password: str) -> None:
        page = self.browser.sign_in(self.facts["username"], password)
        assert page.status == 302, (self.facts["username"], page.status)

    def step(self, tally: Tally, due: float) -> None:
        if self.pending:
            self._send(tally, due)
        elif self.facts["place"] and self.chance.random() < FORM:
            self._open(tally, due)
        else:
            self._read(tally, due)

    def _read(self, tally: Tally, due: float) -> None:
        weights, paths = zip(*READS, strict=True)
        path = self.chance.choices(paths, weights)[0]
        if path == "problem":
            path = f"/problems/{self.chance.choice(self.seen)}/" if self.seen else "/problems/"
        page = self.browser.get(_quoted(path))
        tally.reads.append(time.monotonic() - due)
        tally.kinds[path.partition("?")[0] if "problems/" not in path else "/problems/…"] += 1
        if page.status != 200:
            tally.faults.append(f"GET {path}: {page.status}")
        if "/problems/?" in path and not self.facts["rows"]:
            self._notice(page.text)

    def _notice(self, text: str) -> None:
        """Who has no rows of his own opens those he has seen in a list."""
        parts = text.split('href="/problems/')[1:]
        numbers = [part.partition("/")[0] for part in parts]
        self.seen = [int(number) for number in numbers if number.isdecimal()][:20] or self.seen

    def _open(self, tally: Tally, due: float) -> None:
        kind = self.chance.choice(self._kinds())
        text = f"{self.mark}{kind}-{uuid.uuid4().hex}"
        path, changes = getattr(self, f"_{kind}")(text)
        page = self.browser.get(path)
        tally.reads.append(time.monotonic() - due)
        if page.status != 200:
            tally.faults.append(f"GET {path}: {page.status}")
            return
        self.pending = (page.form.action or path, text, page.form.fields | changes, kind)

    def _kinds(self) -> tuple[str, ...]:
        alone = ("draft", "suggestion")
        return ("progress", "progress", "measure", *alone) if self.facts["rows"] else alone

    def _progress(self, text: str) -> tuple[str, dict[str, str]]:
        row = self.chance.choice(self.facts["rows"])
        return f"/problems/{row}/progress/", {"progress": "under_way", "text": text}

    def _measure(self, text: str) -> tuple[str, dict[str, str]]:
        row = self.chance.choice(self.facts["rows"])
        return f"/problems/{row}/measures/new/", {"text": text}

    def _draft(self, text: str) -> tuple[str, dict[str, str]]:
        campaign, place = self.facts["place"]
        own = {"description": text, "source": str(self.facts["source"])}
        return f"/problems/new/{campaign}/{place}/", own

    def _suggestion(self, text: str) -> tuple[str, dict[str, str]]:
        return "/suggest/", {"text": text, "page": "/"}

    def _send(self, tally: Tally, due: float) -> None:
        path, text, data, kind = self.pending
        self.pending = None
        page = self.browser.post(path, data)
        tally.writes.append(time.monotonic() - due)
        tally.kinds[f"写：{kind}"] += 1
        if page.status == 302:
            tally.acknowledged.append(text)
        else:
            tally.faults.append(f"POST {path}: {page.status} {_said(page.text)}")


def _quoted(path: str) -> str:
    return "".join(
        letter if letter.isascii() else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in path
    )


def _said(text: str) -> str:
    return text.partition('class="invalid-feedback')[2][:200] or text.partition("alert")[2][:200]


def _drive(people: list[Person], rate: int, seconds: float) -> Tally:
    """Let a request leave every 1/rate seconds, by whoever is free."""
    tally, lock, began = Tally(), threading.Lock(), time.monotonic() + 0.5
    total, taken = int(rate * seconds), iter(range(int(rate * seconds)))

    def go(person: Person) -> None:
        while True:
            with lock:
                slot = next(taken, None)
            if slot is None:
                return
            due = began + slot / rate
            time.sleep(max(0.0, due - time.monotonic()))
            tally.late.append(time.monotonic() - due)
            try:
                person.step(tally, due)
            except (OSError, HTTPException) as error:
                tally.faults.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=go, args=[person], daemon=True) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tally.late) == total
    return tally


def _run(place: Place, name: str, seconds: float) -> dict[str, Any]:
    folder, port, mark = Path(place.folder), free_port(), f"负载-{uuid.uuid4().hex[:6]}-"
    redis = os.environ.get("REDIS_URL") or "redis://127.0.0.1:1/0"  # nothing here sends a task
    env = environment("web", folder, database=place.url, redis=redis, HTTPS="0")
    manage(env, "migrate", "--no-input")
    manage(env, "collectstatic", "--no-input")
    said = json.loads(manage(env, "seed_demo", "--json", *SIZES))
    ask = WHO.format(secretaries=SECRETARIES, offices=OFFICES)
    facts = json.loads(manage(env, "shell", "--no-imports", "-c", ask))
    facts += [{"username": name, "rows": [], "place": None} for name in READERS]
    with web(env, folder, port):
        people = [Person(port, one, mark, seed) for seed, one in enumerate(facts)]
        for person in people:
            person.sign_in(said["password"])
        tally = _drive(people, RATES[name], seconds)
    kept = json.loads(manage(env, "shell", "--no-imports", "-c", KEPT.format(mark=mark)))
    locked = (folder / "web.log").read_text(errors="replace").count("database is locked")
    retries = sum(person.browser.retries for person in people)
    words = f"{place.engine}，每秒 {RATES[name]} 次，{seconds / 60:g} 分钟"
    return _figures(words, tally, kept=kept, locked=locked, retries=retries)


def _figures(
    words: str, tally: Tally, *, kept: list[str], locked: int, retries: int
) -> dict[str, Any]:
    lost = set(tally.acknowledged) - set(kept)
    twice = len(kept) - len(set(kept))
    share = len(tally.writes) / max(len(tally.times), 1)
    for fault, count in Counter(tally.faults).most_common(5):
        print(f"  {count} × {fault}")
    print(f"  {dict(tally.kinds.most_common())}")
    p95 = {
        kind: round(quantiles(times, n=20)[18] * 1000)
        for kind, times in (("all", tally.times), ("read", tally.reads), ("write", tally.writes))
    }
    note = (
        f"{len(tally.times)} 次，写 {share:.0%}；中位 {median(tally.times) * 1000:.0f}，"
        f"读 p95 {p95['read']}，写 p95 {p95['write']}，最长 {max(tally.times) * 1000:.0f}；"
        f"24 人登录，10,000 个问题"
    )
    bad = len(tally.faults) + len(lost) + twice + locked
    said = (
        f"错误 {len(tally.faults)}，确认写入 {len(tally.acknowledged)} 次、丢失 {len(lost)}、"
        f"重复 {twice}，database is locked {locked} 次；进程更替时重连 {retries} 次"
    )
    return {"words": words, "p95": p95["all"], "note": note, "bad": bad, "said": said}


def run(seconds: float = SECONDS, engines: tuple[str, ...] = tuple(ENGINES)) -> list[dict]:
    """Return the figures of both engines: p95, and how many errors and losses."""
    figures = []
    for name in engines:
        with tempfile.TemporaryDirectory() as folder, ENGINES[name](folder) as place:
            seen = _run(place, name, seconds)
        figures += [
            {
                "name": f"混合负载，{seen['words']}，p95 毫秒",
                "ours": seen["p95"],
                "peer": AIM,
                "ratio": round(seen["p95"] / AIM, 2),
                "limit": 1.0,
                "note": seen["note"],
            },
            {
                "name": f"混合负载，{seen['words']}，错误和丢失",
                "ours": seen["bad"],
                "peer": 0,
                "ratio": float(seen["bad"]),
                "limit": 0.0,
                "note": seen["said"],
            },
        ]
    return figures


if __name__ == "__main__":
    for figure in run(float(sys.argv[1]), tuple(sys.argv[2:]) or tuple(ENGINES)):
        print(json.dumps(figure, ensure_ascii=False))
