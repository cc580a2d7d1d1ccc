"""One measurement of bench.exports, in a process of its own; Django is set up already."""

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from django.core.management import call_command
from django.db import connection, transaction
from rustpy_xlsxwriter import write_worksheet

from campaigns.models import Campaign, Item, Source
from rectification.exports import columns, ledger
from rectification.exports.rows import LedgerRow, Walk
from rectification.models import (
    Measure,
    Problem,
    ProblemDepartment,
    ProblemPerson,
    ProgressEntry,
)
from reform.models import Organization, User

PRINTED_ROWS, DATA_ROWS, ORGANIZATIONS, CHUNK = 7_000, 100_000, 1_000, 5_000
AT = datetime(2026, 6, 5, 4, 0, tzinfo=UTC)
ON = date(2026, 6, 5)
TEXTS = (
    "窗口工作人员对企业群众咨询解答不耐心，存在推诿扯皮、态度生硬现象，一次性告知制度落实不到位，群众多跑路。",
    "会议纪要会后一周仍未印发，党委会议定事项传达滞后，个别科室对议定事项跟踪不及时、反馈不闭环，影响推进。",
    "农村公路养护投诉登记后未在两个工作日内回访，抽查十二件有五件超时，台账记录不完整，责任没有落实到人。",
    "制度长期未清理，二〇一五年以前的内部规定仍有九项在用，部分条款与现行规定不一致，执行中各行其是。",
)
TABLES = {"printed": columns.PRINTED, "data": columns.DATA}


def main() -> None:
    what, folder = sys.argv[1:]
    print(json.dumps(ACTS[what](Path(folder) / f"{what}.xlsx")))


def _timed(variant: str, act: Callable[[], int], **more: Any) -> dict[str, Any]:
    before, began = _peak(), time.perf_counter()
    rows = act()
    seconds = time.perf_counter() - began
    figures = {"rows": rows, "seconds": seconds, "before": before, "peak": _peak()}
    return figures | {"columns": len(TABLES[variant])} | more


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _ours(variant: str, target: Path) -> dict[str, Any]:
    cover = ledger.Cover(title="问题整改台账", reporting_unit="市委", on=ON, at=AT, exporter="某")
    figures = _timed(
        variant,
        lambda: ledger.write(_problems(variant), target, variant=variant, cover=cover),
    )
    began = time.perf_counter()
    for _ in _rows(variant):
        pass
    return figures | {"reading": time.perf_counter() - began}


def _bare(variant: str, target: Path) -> dict[str, Any]:
    """The cells are made before the clock starts; only the writing is timed."""
    table = TABLES[variant]
    records = [{column.heading: column.value(row) for column in table} for row in _rows(variant)]

    def write() -> int:
        write_worksheet(records, str(target))
        return len(records)

    return _timed(variant, write)


def _laid_out(target: Path) -> dict[str, Any]:
    """What XlsxWriter takes for the same cells with borders, wrapped text and row heights."""
    table = TABLES["printed"]
    cells = [[column.value(row) for column in table] for row in _rows("printed")]

    def write() -> int:
        book = xlsxwriter.Workbook(target, {"constant_memory": True, "strings_to_formulas": False})
        look = book.add_format({"font_name": "仿宋_GB2312", "border": 1, "text_wrap": True})
        sheet = book.add_worksheet("台账")
        for number, values in enumerate(cells):
            sheet.set_row(number, 48)
            sheet.write_row(number, 0, values, look)
        book.close()
        return len(cells)

    return _timed("printed", write)


def _rows(variant: str) -> Iterator[LedgerRow]:
    return Walk.over(_problems(variant)).rows(on=ON, tell=lambda _done, _total: None)


def _problems(variant: str) -> Any:
    rows = Problem.objects.counted()
    return rows.filter(number__lte=_number(PRINTED_ROWS)) if variant == "printed" else rows


def _number(serial: int) -> str:
    return f"BENCH-2026-{serial:06d}"


# ---------------------------------------------------------------- rows to measure with


def _seed(_target: Path) -> dict[str, Any]:
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
    top = Organization.objects.create(
        name="市委", code="TOP", path="0001", sequence="0001", depth=1
    )
    below = Organization.objects.bulk_create(
        Organization(
            name=f"第{n}党支部",
            code=f"B{n}",
            path=f"0001{n:04d}",
            sequence=f"0001{n:04d}",
            depth=2,
            parent=top,
        )
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


def _text(chance: random.Random, most: int = 48) -> str:
    text, start = chance.choice(TEXTS), chance.randrange(12)
    return text[start : start + chance.randrange(most // 2, most)] + str(chance.randrange(10_000))


def _seed_rows(serials: range, facts: dict[str, Any]) -> None:
    chance = random.Random(serials.start)  # noqa: S311 -- the same rows each time
    problems = Problem.objects.bulk_create(_problem(n, facts, chance) for n in serials)
    for make in CHILDREN:
        children = [make(problem, facts, chance) for problem in problems]
        type(children[0])._base_manager.bulk_create(children)  # noqa: SLF001


def _problem(n: int, facts: dict[str, Any], chance: random.Random) -> Problem:
    place = facts["below"][n % ORGANIZATIONS]
    due = ON + timedelta(days=chance.randrange(-60, 200))
    return Problem(
        number=_number(n),
        campaign=facts["campaign"],
        organization=place,
        path=place.path,
        source=facts["source"],
        source_text="自己查找",
        found_on=ON,
        description=_text(chance),
        cause=_text(chance),
        standard=_text(chance, 30),
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


def _item(problem: Problem, facts: dict[str, Any], chance: random.Random) -> Any:
    return Problem.items.through(problem=problem, item=chance.choice(facts["items"]))


def _person(part: str, name: str) -> Callable[..., ProblemPerson]:
    return lambda problem, *_: ProblemPerson(problem=problem, part=part, name=name)


def _department(problem: Problem, *_: Any) -> ProblemDepartment:
    return ProblemDepartment(problem=problem, part="responsible", name="养护科")


def _measure(problem: Problem, facts: dict[str, Any], chance: random.Random) -> Measure:
    return Measure(
        problem=problem,
        position=chance.randrange(9),
        text=_text(chance, 26),
        entered_by=facts["user"],
    )


def _progress(problem: Problem, facts: dict[str, Any], chance: random.Random) -> ProgressEntry:
    return ProgressEntry(
        problem=problem,
        text=_text(chance),
        progress="under_way",
        on=ON,
        at=AT,
        person_name="马超",
        entered_by=facts["user"],
    )


CHILDREN: tuple[Callable[..., Any], ...] = (
    _item,
    _person("leader", "罗海"),
    _person("responsible", "马超"),
    _department,
    _measure,
    _measure,
    _progress,
)
ACTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "seed": _seed,
    "printed": lambda target: _ours("printed", target),
    "printed-bare": lambda target: _bare("printed", target),
    "printed-laid-out": _laid_out,
    "data": lambda target: _ours("data", target),
    "data-bare": lambda target: _bare("data", target),
}
