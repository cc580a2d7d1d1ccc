"""10,000 notices recorded and handed over, against one Celery task each.

    python -m bench notices

Ours is the whole way: the rows in the inboxes, the messages made of them, and these in the hands
of a gateway for short messages (files), each marked as sent. Two peers, on a real Redis: one task
a notice that does as much, till two worker processes have done the last; and only `delay()` 10,000
times, where nothing is recorded and nobody has done a task yet.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.utils import timezone

from bench.places import Place, child, postgresql, sqlite
from tests.servers import redis

NOTICES, PEOPLE = 10_000, 1_000
RUNS, LIMIT = int(os.environ.get("BENCH_RUNS", "3")), 0.1  # at least ten times faster


def run() -> list[dict[str, Any]]:
    figures = []
    with redis() as server:
        os.environ["BENCH_REDIS"] = server.url
        for engine in (sqlite, postgresql):
            with tempfile.TemporaryDirectory() as folder, engine(folder) as place:
                figures += _figures(place, child(place, "bench.notices"), server.version)
    return figures


def _figures(place: Place, seen: dict[str, float], version: str) -> list[dict[str, Any]]:
    what = f"{NOTICES:,} 条提醒给 {PEOPLE:,} 人，记入收件箱、整理、交给短信网关，{place.engine}，秒"
    ways = f"记入 {seen['record']:.2f}、整理 {seen['sort']:.2f}、交出 {seen['hand']:.2f} 秒"
    ours = seen["record"] + seen["sort"] + seen["hand"]
    return [
        {
            "name": what,
            "ours": round(ours, 2),
            "peer": round(seen[peer], 1),
            "ratio": ours / seen[peer],
            "limit": LIMIT,
            "note": f"快 {seen[peer] / ours:.0f} 倍；{words}；{ways}",
        }
        for peer, words in (
            ("done", f"对照每条一个 Celery 任务（Redis {version}，两个进程），记入并写出一个文件"),
            ("queued", "对照只把 10,000 个任务放进队列，不记入，也没有人做"),
        )
    ]


# ---------------------------------------------------------------- inside a child


def _measure() -> dict[str, float]:
    """Return seconds, of each the least of some runs over the same 10,000 things to tell."""
    from django.core.management import call_command  # noqa: PLC0415 -- once set up

    call_command("migrate", verbosity=0)
    people = _people()
    seen: dict[str, list[float]] = {}
    with _worker():
        for turn in range(RUNS):
            for name, spent in (_ours(people, turn) | _tasks(people, turn)).items():
                seen.setdefault(name, []).append(spent)
    return {name: min(times) for name, times in seen.items()}


def _people() -> list[Any]:
    from reform.models import User  # noqa: PLC0415

    rows = [
        User(username=f"u{n}", name=f"干部{n}", phone=f"138{n:08}", password="!")
        for n in range(PEOPLE)
    ]
    return User.objects.bulk_create(rows)


def _things(people: list[Any], key: str) -> Iterator[tuple[Any, str, str, str]]:
    """Return to whom, in which words, under which key, leading where."""
    for n in range(NOTICES):
        subject = f"问题YACG-2026-{n:05}已逾期3个工作日，请尽快办理"
        yield people[n % PEOPLE], subject, f"{key}:{n}", f"/problems/{n}/"


def _ours(people: list[Any], turn: int) -> dict[str, float]:
    from reform.actions import notices, outbox, sorting  # noqa: PLC0415
    from reform.actions.notices import Letter  # noqa: PLC0415
    from reform.exports.channels.file_drop import FileDrop  # noqa: PLC0415
    from reform.models import Event, Notice  # noqa: PLC0415

    at, channel, sweep = timezone.now(), FileDrop(), outbox.Sweep(timezone.now())
    letters = [
        Letter([person], subject, key, url, Event.OVERDUE, Notice.Timing.DIRECT)
        for person, subject, key, url in _things(people, f"ours:{turn}")
    ]
    spent = {
        "record": _timed(lambda: notices.post_each(letters, at=at, by=None)),
        "sort": _timed(lambda: sorting.sort({"file": channel}, at=at)),
        "hand": _timed(lambda: outbox.hand_over("file", channel, sweep)),
    }
    assert sweep.sent == PEOPLE
    return spent


def _tasks(people: list[Any], turn: int) -> dict[str, float]:
    from reform.celery import app  # noqa: PLC0415
    from reform.models import Notice  # noqa: PLC0415

    def queue() -> None:
        for person, *words in _things(people, f"task:{turn}"):
            app.send_task("bench.tell", args=[person.pk, *words])

    def wait() -> None:
        while told.count() < NOTICES:
            time.sleep(0.5)

    told = Notice.objects.filter(key__startswith=f"task:{turn}:")
    queued = _timed(queue)
    spent = {"queued": queued, "done": queued + _timed(wait)}
    told.update(sorted_at=timezone.now())
    return spent


@contextmanager
def _worker() -> Iterator[None]:
    command = "celery -A bench.notices_peer worker --concurrency 2 --loglevel error"
    process = subprocess.Popen([sys.executable, "-m", *command.split()], stdout=subprocess.DEVNULL)
    time.sleep(8)  # it starts
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REDIS_URL"], os.environ["SMS_FOLDER"] = os.environ["BENCH_REDIS"], folder
        django.setup()
        print(json.dumps(_measure()))
        assert len(list(Path(folder).glob("sms-*.csv"))) == RUNS * PEOPLE // 500


if __name__ == "__main__":
    sys.exit(main())
