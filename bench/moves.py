"""How long it takes to hang a large part of the tree elsewhere, against the two UPDATEs it needs.

    python -m bench moves

A bureau of 1,000 organizations with 100,000 problems moves below a new one. The peer is one UPDATE
of the paths of organizations and one of the paths of problems, timed on the same rows in the same
run. Both are rolled back, in turns.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from io import StringIO
from statistics import median
from typing import Any

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from bench.places import Place, child, postgresql, sqlite

PROBLEMS = int(os.environ.get("BENCH_MOVED", "100000"))
ORGANIZATIONS = max(PROBLEMS // 100, 30)
LIMIT, RUNS = 5.0, int(os.environ.get("BENCH_RUNS", "5"))
UPDATES = (
    "UPDATE reform_organization SET path = %s || substr(path, %s) WHERE path >= %s AND path < %s",
    "UPDATE rectification_problem SET path = %s || substr(path, %s) WHERE path >= %s AND path < %s",
)


def run() -> list[dict[str, Any]]:
    """Return one figure an engine: seconds at the median."""
    figures = []
    for engine in (sqlite, postgresql):
        with tempfile.TemporaryDirectory() as folder, engine(folder) as place:
            child(place, "bench.moves", "seed")
            figures.append(_figure(place, child(place, "bench.moves", "measure")))
    return figures


def _figure(place: Place, seen: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"移动 {seen['organizations']:,} 个党组织和 {seen['problems']:,} 条问题，"
        f"{place.engine}，秒",
        "ours": round(seen["move"], 2),
        "peer": round(seen["updates"], 2),
        "ratio": round(seen["move"] / seen["updates"], 2),
        "limit": LIMIT,
        "note": "对照是改路径的两条 UPDATE，同样的行，各在回滚的事务里",
    }


# ---------------------------------------------------------------- inside a child


def _seed() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    sizes = {"problems": PROBLEMS, "organizations": ORGANIZATIONS, "people": ORGANIZATIONS * 10}
    call_command("seed_demo", stdout=StringIO(), **sizes)
    return {}


def _measure() -> dict[str, Any]:
    """Time the act and the two UPDATEs in turns; nothing of either stays."""
    from rectification.actions import reorganizations  # noqa: PLC0415 -- models, once set up
    from rectification.models import Problem  # noqa: PLC0415
    from reform.actions import organizations  # noqa: PLC0415
    from reform.models import Actor, Organization, User  # noqa: PLC0415
    from reform.models.organization import STEP, successor, within  # noqa: PLC0415

    bureau = Organization.objects.get(code="JTJ")
    under = organizations.create(name="新设的委员会", code="ABOVE", kind="committee")
    by = Actor.of(User.objects.get(username="sysadmin"), on=timezone.localdate())
    new = f"{under.path}{under.steps_given + 1:0{STEP}}"
    values: list[str | int] = [new, len(bureau.path) + 1, bureau.path, successor(bureau.path)]

    def move() -> None:
        reorganizations.move(
            Organization.objects.get(pk=bureau.pk), under=under, by=by, at=timezone.now()
        )

    def updates() -> None:
        with connection.cursor() as cursor:
            for statement in UPDATES:
                cursor.execute(statement, values)

    sizes = {
        "organizations": Organization.objects.filter(within(bureau.path)).count(),
        "problems": Problem.objects.filter(within(bureau.path)).count(),
    }
    return {**_in_turns(move=move, updates=updates), **sizes}


def _in_turns(**acts: Callable[[], None]) -> dict[str, float]:
    spent: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(RUNS):
        for name, act in acts.items():
            with transaction.atomic():
                began = time.perf_counter()
                act()
                spent[name].append(time.perf_counter() - began)
                transaction.set_rollback(True)
    return {name: median(times) for name, times in spent.items()}


def main(what: str) -> None:
    django.setup()
    print(json.dumps(_seed() if what == "seed" else _measure()))


if __name__ == "__main__":
    main(*sys.argv[1:])
