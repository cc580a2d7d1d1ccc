"""One tick of the clock over a million problems, against the plain SQL that finds and inserts the
same rows.

    python -m bench reminders

Of 1,000,000 problems 100,000 are open. All that is owed has been told; then 10,000 rows turn
overdue, and a tick tells the person responsible and the secretary of each. The peer is three
INSERT … SELECT: the steps, whom each tells, and a notice a person. Both are rolled back, in turns,
in one process that has run each once before. A tick that has nothing to do is timed last.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from bench.places import Place, child, postgresql, sqlite

PROBLEMS = int(os.environ.get("BENCH_PROBLEMS", "1000000"))
ORGANIZATIONS, PEOPLE = max(PROBLEMS // 100, 30), max(PROBLEMS // 10, 300)
NEW = PROBLEMS // 100
RUNS = int(os.environ.get("BENCH_RUNS", "7"))
MEMORY = 200  # megabytes
ENGINES = {"sqlite": sqlite, "postgresql": postgresql}


def run() -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = []
    for name in os.environ.get("BENCH_ENGINES", "sqlite,postgresql").split(","):
        with tempfile.TemporaryDirectory() as folder, ENGINES[name](folder) as place:
            child(place, "bench.reminders", "seed")
            child(place, "bench.reminders", "turn")
            figures += _figures(place, child(place, "bench.reminders", "measure"))
    return figures


def _figures(place: Place, seen: dict[str, Any]) -> list[dict[str, Any]]:
    what = f"{seen['open']:,} 条未销号（共 {seen['problems']:,}），新应催办 {seen['new']:,} 条"
    return [
        {
            "name": f"催办一次，{place.engine}，秒",
            "ours": round(seen["tick"], 2),
            "peer": round(seen["plain"], 2),
            "ratio": round(seen["tick"] / seen["plain"], 2),
            "limit": 3.0,
            "note": f"{what}；对照是查找并写入同样各行的 INSERT … SELECT；{seen['people']:,} 人",
        },
        {
            "name": f"无事可做的一次，{place.engine}，秒",
            "ours": round(seen["idle"], 2),
            "peer": round(seen["tick"], 2),
            "ratio": round(seen["idle"] / seen["tick"], 2),
            "limit": 0.8,
            "note": f"对照是上一行；写入 {seen['written']} 行",
        },
        {
            "name": f"催办进程的内存，{place.engine}，MB",
            "ours": seen["memory"],
            "peer": MEMORY,
            "ratio": round(seen["memory"] / MEMORY, 2),
            "limit": 1.0,
            "note": "进程全程最高",
        },
    ]


# ---------------------------------------------------------------- inside a child

# Three of four open rows are closed; what is left owes what it owes by its days.
CLOSE = """
UPDATE rectification_problem SET status = 'closed', closed_at = registered_at,
    due_on = COALESCE(due_on, found_on), first_due_on = COALESCE(first_due_on, due_on, found_on)
WHERE status IN ('registered', 'assigned', 'rectifying', 'in_review') AND id % 4 <> 0
"""
TURN = """
UPDATE rectification_problem SET due_on = %s WHERE id IN (
    SELECT id FROM rectification_problem
    WHERE status = 'rectifying' AND due_on > %s AND owner_kind = 'unit' ORDER BY id LIMIT %s)
"""
FIND = """
INSERT INTO rectification_reminderstep
    (problem_id, rule_id, cause, workdays, anchor, fires_on, told_at, late)
SELECT p.id, r.id, r.cause, r.workdays, p.due_on, %s, %s, %s
FROM rectification_problem p
JOIN campaigns_reminderrule r ON r.campaign_id = p.campaign_id
    AND r.cause = 'overdue' AND r.workdays = %s AND r.active
WHERE p.is_timed AND p.due_on < %s AND NOT EXISTS (
    SELECT 1 FROM rectification_reminderstep s
    WHERE s.problem_id = p.id AND s.cause = 'overdue' AND s.anchor = p.due_on
        AND s.workdays >= r.workdays AND s.withdrawn_at IS NULL)
"""
TELL = """
INSERT INTO rectification_reminder (step_id, person_id, folded)
SELECT s.id, a.user_id, %s FROM rectification_reminderstep s
JOIN rectification_problemperson a ON a.problem_id = s.problem_id AND a.part = 'responsible'
JOIN reform_user u ON u.id = a.user_id AND u.is_active AND u.username IS NOT NULL
WHERE s.id > %s
UNION SELECT s.id, d.user_id, %s FROM rectification_reminderstep s
JOIN rectification_problem p ON p.id = s.problem_id
JOIN reform_duty d ON d.organization_id = p.organization_id AND d.role = 'secretary'
    AND (d.until IS NULL OR d.until >= %s) AND d.since <= %s
JOIN reform_user u ON u.id = d.user_id AND u.is_active AND u.username IS NOT NULL
WHERE s.id > %s
"""
POST = """
WITH told AS (
    SELECT r.person_id, s.id, s.told_at, p.number, p.due_on,
        COUNT(*) OVER (PARTITION BY r.person_id) AS many
    FROM rectification_reminder r JOIN rectification_reminderstep s ON s.id = r.step_id
    JOIN rectification_problem p ON p.id = s.problem_id
    WHERE s.id > %s)
INSERT INTO reform_notice
    (recipient_id, subject, url, key, event, timing, due_at, late, created_at)
SELECT person_id, '问题' || number || '已逾期，时限是' || due_on, '/problems/' || id || '/',
    'plain:' || id, 'overdue', 'digest', told_at, %s, told_at
FROM told WHERE many <= 3
UNION ALL SELECT person_id, '有' || COUNT(*) || '条问题逾期', '/problems/?view=overdue',
    'plain:' || MIN(id), 'overdue', 'digest', MIN(told_at), %s, MIN(told_at)
FROM told WHERE many > 3 GROUP BY person_id
"""


def _seed() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    sizes = {"problems": PROBLEMS, "organizations": ORGANIZATIONS, "people": PEOPLE}
    call_command("seed_demo", stdout=StringIO(), **sizes)
    with connection.cursor() as cursor:
        cursor.execute(CLOSE)
    _settle()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {}


def _settle() -> None:
    """Tell all that is owed so far, in the real way."""
    from rectification.actions import clock  # noqa: PLC0415 -- models, once set up

    while clock.tick(at=timezone.now(), most=20_000).steps:
        pass


def _turn() -> dict[str, Any]:
    from rectification.models.reminders_owed import Hand  # noqa: PLC0415
    from reform.models import Holiday  # noqa: PLC0415

    hand = Hand.of(timezone.now(), Holiday.objects.calendar())
    with connection.cursor() as cursor:
        cursor.execute(TURN, [hand.calendar.add_workdays(hand.last, -1), hand.ahead(60), NEW])
    return {}


def _measure() -> dict[str, Any]:
    from rectification.actions import clock  # noqa: PLC0415
    from rectification.models import Problem, Reminder, ReminderStep  # noqa: PLC0415
    from rectification.models.reminders_owed import Hand  # noqa: PLC0415
    from reform.models import Holiday, Notice  # noqa: PLC0415

    at = timezone.now()
    hand = Hand.of(at, Holiday.objects.calendar())
    last = ReminderStep.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def tick() -> None:
        clock.tick(at=at, most=NEW + 1)

    def plain() -> None:
        with connection.cursor() as cursor:
            for days in (1, 3, 5):
                values = [hand.last, at, False, days, hand.waited(days)]
                cursor.execute(FIND, values)
            cursor.execute(TELL, [False, last, False, hand.today, hand.today, last])
            cursor.execute(POST, [last, False, False])

    def counted() -> list[int]:
        return [table.objects.count() for table in (ReminderStep, Reminder, Notice)]

    spent = _in_turns(counted, tick=tick, plain=plain)
    told = clock.tick(at=at, most=NEW + 1)
    assert len(told.steps) == NEW, len(told.steps)
    before = ReminderStep.objects.count()
    idle = min(_timed(lambda: clock.tick(at=at)) for _ in range(RUNS))
    return {
        **{name: min(times) for name, times in spent.items()},
        "median": {name: median(times) for name, times in spent.items()},
        "idle": idle,
        "written": ReminderStep.objects.count() - before,
        "people": len({user for step in told.steps for user in step.told}),
        "open": Problem.objects.filter(is_open=True).count(),
        "problems": PROBLEMS,
        "new": NEW,
        "memory": _memory(),
    }


def _memory() -> int:
    """The most it has held so far, in megabytes; `getrusage` would count what it was forked off."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _in_turns(
    counted: Callable[[], list[int]], **acts: Callable[[], None]
) -> dict[str, list[float]]:
    """Both must come to as many rows. The first round is thrown away: it fills caches and loads
    what is loaded once."""
    spent: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(RUNS + 1):
        counts = {}
        for name, act in acts.items():
            with transaction.atomic():
                spent[name].append(_timed(act))
                counts[name] = counted()
                transaction.set_rollback(True)
        assert len({str(count) for count in counts.values()}) == 1, counts
    return {name: times[1:] for name, times in spent.items()}


def main(what: str) -> None:
    django.setup()
    print(json.dumps({"seed": _seed, "turn": _turn, "measure": _measure}[what]()))


if __name__ == "__main__":
    main(*sys.argv[1:])
