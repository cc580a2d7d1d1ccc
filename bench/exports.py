"""How fast the ledger is written, against the fastest writer we know on the same cells.

    python -m bench.exports          # seeds its own SQLite file, some two minutes

Each figure is taken in a process of its own, so that its peak memory is its own.
"""

import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PRINTED_ROWS, DATA_ROWS, ORGANIZATIONS = 7_000, 100_000, 1_000
TIMES, MEMORY = 4.0, 200  # what DESIGN and issue 2 aim at
AT = datetime(2026, 6, 5, 4, 0, tzinfo=UTC)
ON = date(2026, 6, 5)
CHUNK = 5_000

TEXTS = (
    "窗口工作人员对企业群众咨询解答不耐心，存在推诿扯皮、态度生硬现象，一次性告知制度落实不到位，群众多跑路。",
    "会议纪要会后一周仍未印发，党委会议定事项传达滞后，个别科室对议定事项跟踪不及时、反馈不闭环，影响工作推进。",
    "农村公路养护投诉登记后未在两个工作日内回访，抽查十二件有五件超时，台账记录不完整，责任没有落实到人。",
    "制度长期未清理，二〇一五年以前的内部规定仍有九项在用，部分条款与现行规定不一致，执行中各行其是。",
)


def run() -> list[dict[str, Any]]:
    """Return the figures: ours and the peer's seconds, their ratio and what it should be."""
    with tempfile.TemporaryDirectory() as folder:
        _child("seed", folder)
        printed, printed_peer = _child("printed", folder), _child("printed-peer", folder)
        data, data_peer = _child("data", folder), _child("data-peer", folder)
    return [
        _speed("台账打印版", printed, printed_peer),
        _memory("台账打印版", printed),
        _speed("台账数据版", data, data_peer),
        _memory("台账数据版", data),
    ]


def _speed(name: str, ours: dict[str, Any], peer: dict[str, Any]) -> dict[str, Any]:
    cells = f"{ours['rows']:,} 行 × {ours['columns']} 列"
    return {
        "name": f"{name}：{cells}，秒",
        "ours": round(ours["seconds"], 2),
        "peer": round(peer["seconds"], 2),
        "ratio": round(ours["seconds"] / peer["seconds"], 2),
        "limit": TIMES,
        "note": "读库、成文、写盘；对照只用 rustpy-xlsxwriter 写同样的单元格",
    }


def _memory(name: str, ours: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"{name}：峰值内存，MB",
        "ours": ours["peak"],
        "peer": MEMORY,
        "ratio": round(ours["peak"] / MEMORY, 2),
        "limit": 1.0,
        "note": f"含 Django 本身的 {ours['before']} MB",
    }


def _child(what: str, folder: str) -> dict[str, Any]:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "MEDIA_ROOT": f"{folder}/media",
        "DJANGO_SETTINGS_MODULE": "reform.settings",
        "REFORM_ENV": "development",
    }
    command = [sys.executable, "-m", "bench.exports", what, folder]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


# ---------------------------------------------------------------- inside a child


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _timed(act: Callable[[], int], *, columns: int) -> dict[str, Any]:
    before, began, cpu = _peak(), time.perf_counter(), time.process_time()
    rows = act()
    seconds = time.perf_counter() - began
    return {
        "rows": rows, "columns": columns, "seconds": seconds, "cpu": time.process_time() - cpu, "before": before, "peak": _peak()
    }  # fmt: skip


def _ours(variant: str, target: Path) -> dict[str, Any]:
    from rectification.exports import columns, ledger

    cover = ledger.Cover(title="问题整改台账", reporting_unit="市委", on=ON, at=AT, exporter="某")
    table = {"printed": columns.PRINTED, "data": columns.DATA}[variant]
    return _timed(
        lambda: ledger.write(_problems(variant), target, variant=variant, cover=cover),
        columns=len(table),
    )


def _peer(variant: str, target: Path) -> dict[str, Any]:
    """The cells are made before the clock starts; only the writing is timed."""
    from rustpy_xlsxwriter import write_worksheet

    from rectification.exports import columns
    from rectification.exports.rows import Walk

    table = {"printed": columns.PRINTED, "data": columns.DATA}[variant]
    walk = Walk.over(_problems(variant))
    records = [
        {column.heading: column.value(row) for column in table}
        for row in walk.rows(on=ON, tell=lambda _done, _total: None)
    ]

    def write() -> int:
        write_worksheet(records, str(target))
        return len(records)

    return _timed(write, columns=len(table))


def _problems(variant: str) -> Any:
    from rectification.models import Problem

    rows = Problem.objects.counted()
    return rows.filter(serial_of_bench(PRINTED_ROWS)) if variant == "printed" else rows


def serial_of_bench(most: int) -> Any:
    from django.db.models import Q

    return Q(number__lte=f"BENCH-2026-{most:06d}")


def _seed() -> dict[str, Any]:
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    with transaction.atomic():
        facts = _frame()
        for first in range(1, DATA_ROWS + 1, CHUNK):
            _seed_rows(range(first, first + CHUNK), facts)
    return {"rows": DATA_ROWS}


def _frame() -> dict[str, Any]:
    """Return a campaign with a thousand organizations below one."""
    from campaigns.models import Campaign, Item, Source
    from reform.models import Organization, User

    top = Organization.objects.create(name="市委", code="TOP", path="0001", depth=1)
    below = Organization.objects.bulk_create(
        Organization(name=f"第{n}党支部", code=f"B{n}", path=f"0001{n:04d}", depth=2, parent=top)
        for n in range(1, ORGANIZATIONS + 1)
    )
    campaign = Campaign.objects.create(
        title="以案促改", code="BENCH", organization=top, starts_on=ON, ends_on=ON
    )
    items = Item.objects.bulk_create(
        Item(campaign=campaign, position=n, name=word) for n, word in enumerate("庸懒散慢虚粗")
    )
    source = Source.objects.create(campaign=campaign, position=1, name="自己找")
    user = User.objects.create_user("bench", name="联络员")
    return {"below": below, "campaign": campaign, "items": items, "source": source, "user": user}


def _text(chance: random.Random) -> str:
    text = chance.choice(TEXTS)
    start = chance.randrange(12)
    return text[start : start + chance.randrange(24, 48)] + str(chance.randrange(10_000))


def _seed_rows(serials: range, facts: dict[str, Any]) -> None:
    from rectification.models import Problem

    chance = random.Random(serials.start)  # noqa: S311 -- the same rows each time
    problems = Problem.objects.bulk_create(_problem(n, facts, chance) for n in serials)
    for children in _children(problems, facts, chance):
        rows = list(children)
        type(rows[0])._base_manager.bulk_create(rows)  # noqa: SLF001 -- the plain manager


def _problem(n: int, facts: dict[str, Any], chance: random.Random) -> Any:
    from rectification.models import Problem

    place = facts["below"][n % ORGANIZATIONS]
    due = ON + timedelta(days=chance.randrange(-60, 200))
    return Problem(
        number=f"BENCH-2026-{n:06d}",
        campaign=facts["campaign"],
        organization=place,
        path=place.path,
        source=facts["source"],
        source_text="自己查找",
        found_on=ON,
        description=_text(chance),
        cause=_text(chance),
        standard=_text(chance)[:30],
        effect_expected="群众满意",
        due_text="6月底前",
        due_kind="dated",
        due_on=due,
        first_due_on=due,
        progress="under_way",
        status="rectifying",
        drafted_by=facts["user"],
        drafted_at=AT,
        registered_at=AT,
        issued_at=AT,
    )


def _children(
    problems: list[Any], facts: dict[str, Any], chance: random.Random
) -> Iterator[Iterator[Any]]:
    from rectification.models import (
        Measure,
        Problem,
        ProblemDepartment,
        ProblemPerson,
        ProgressEntry,
    )

    user, items = facts["user"], facts["items"]
    link = Problem.items.through
    yield (link(problem=row, item=chance.choice(items)) for row in problems)
    for part, name in (("leader", "罗海"), ("responsible", "马超")):
        yield (ProblemPerson(problem=row, part=part, name=name) for row in problems)
    yield (ProblemDepartment(problem=row, part="responsible", name="养护科") for row in problems)
    for place in (1, 2):
        yield (
            Measure(problem=row, position=place, text=_text(chance)[:25], entered_by=user)
            for row in problems
        )
    yield (
        ProgressEntry(
            problem=row,
            text=_text(chance),
            progress="under_way",
            on=ON,
            at=AT,
            person_name="马超",
            entered_by=user,
        )
        for row in problems
    )


def _main(what: str, folder: Path) -> dict[str, Any]:
    import django

    django.setup()
    variant, _, peer = what.partition("-")
    if what == "seed":
        return _seed()
    return (_peer if peer else _ours)(variant, folder / f"{what}.xlsx")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(_main(sys.argv[1], Path(sys.argv[2]))))
    else:
        print(f"{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}")
        for figure in run():
            print(
                "{name}：{ours}，对照 {peer}，{ratio} 倍（目标 {limit}）。{note}".format(**figure)
            )
