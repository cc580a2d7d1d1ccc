"""How fast the ledger page comes, against a bare signed-in page and the SQL of the same rows.

    python -m bench ledger_page
    BENCH_PROBLEMS=100000 python -m bench ledger_page     # a tenth, in a tenth of the time

1,000,000 problems in 10,000 organizations; the page is whole: filter form, chips with counts, 50
rows. Each case is asked for the whole tree, a county and a branch; the desk, which opens first,
is measured beside its own SQL. Page, bare page and SQL take
turns, so that a busy machine slows all three alike. No plan may read the table of problems from
end to end, neither for the rows nor for the counts; a bench that sees one stops.
"""

import gc
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from io import StringIO
from statistics import median
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from bench.ledger_cases import CASES
from bench.places import Place, child, postgresql, sqlite

PROBLEMS = int(os.environ.get("BENCH_PROBLEMS", "1000000"))
ORGANIZATIONS, PEOPLE = max(PROBLEMS // 100, 100), max(PROBLEMS // 10, 1_000)
SEED_SECONDS = 600  # for a million
SCOPES = {"whole": "全部", "county": "一县", "branch": "一支部"}
WARM, RUNS = 3, int(os.environ.get("BENCH_RUNS", "15"))
LIMIT, WORST_TO_BEST, MOST_QUERIES = 4.0, 3.0, 10
DESK_LIMIT = 6.0  # five lists and the figures
ENGINES = {"sqlite": sqlite, "postgresql": postgresql}

DEEP, SIZE = "第200页", 50


def run() -> list[dict[str, Any]]:
    """Return the figures of both engines: milliseconds at the median, and the queries."""
    figures = []
    chosen = os.environ.get("BENCH_ENGINES", "sqlite,postgresql").split(",")
    for engine in (ENGINES[name] for name in chosen):
        with tempfile.TemporaryDirectory() as folder, engine(folder) as place:
            seeded = child(place, "bench.ledger_page", "seed")
            figures.append(_seeding(place, seeded["seconds"]))
            measured = child(place, "bench.ledger_page", "measure", json.dumps(seeded["accounts"]))
            for case in CASES:
                seen = {scope: measured[scope][case] for scope in SCOPES}
                figures += [_speed(place, case, scope, seen[scope]) for scope in SCOPES]
                figures.append(_spread(place, case, seen))
            figures += [_desk_speed(place, scope, measured[scope]["desk"]) for scope in SCOPES]
            figures.append(_queries(place, measured))
    return figures


def _seeding(place: Place, seconds: float) -> dict[str, Any]:
    limit = round(SEED_SECONDS * max(PROBLEMS / 1_000_000, 0.2))
    return {
        "name": f"装入 {PROBLEMS:,} 条问题，{place.engine}，秒",
        "ours": round(seconds),
        "peer": limit,
        "ratio": round(seconds / limit, 2),
        "limit": 1.0,
        "note": f"{ORGANIZATIONS:,} 个党组织，{PEOPLE:,} 人",
    }


def _speed(place: Place, case: str, scope: str, seen: dict[str, Any]) -> dict[str, Any]:
    name, sql = f"台账页，{case}", f"同样 {seen['rows']} 行的 SQL"
    return _beside_bare(place, name, scope, seen, sql=sql, limit=LIMIT)


def _desk_speed(place: Place, scope: str, seen: dict[str, float]) -> dict[str, Any]:
    return _beside_bare(place, "工作台", scope, seen, sql="它自己问台账的 SQL", limit=DESK_LIMIT)


def _beside_bare(
    place: Place, name: str, scope: str, seen: dict[str, Any], *, sql: str, limit: float
) -> dict[str, Any]:
    """A page beside the bare page of its turns and the statements that its rows need."""
    peer = seen["bare"] + seen["sql"]
    return {
        "name": f"{name}，{place.engine}，{SCOPES[scope]}，毫秒",
        "ours": round(seen["page"], 1),
        "peer": round(peer, 1),
        "ratio": round(seen["page"] / peer, 2),
        "limit": limit,
        "note": f"空白登录页 {seen['bare']:.1f} ＋ {sql} {seen['sql']:.1f}",
    }


def _spread(place: Place, case: str, seen: dict[str, Any]) -> dict[str, Any]:
    """The worst scope beside the best, each set off by the bare page of its turn. A scope without
    the page that is asked for (a branch has no 200th) shows another, and stays out."""
    scopes = [scope for scope in SCOPES if case != DEEP or seen[scope]["rows"] == SIZE]
    pages = {scope: seen[scope]["page"] / seen[scope]["bare"] for scope in scopes}
    worst, best = max(pages, key=pages.__getitem__), min(pages, key=pages.__getitem__)
    return {
        "name": f"台账页，{case}，{place.engine}，最慢范围对最快范围，毫秒",
        "ours": round(seen[worst]["page"], 1),
        "peer": round(seen[best]["page"], 1),
        "ratio": round(pages[worst] / pages[best], 2),
        "limit": WORST_TO_BEST,
        "note": f"{SCOPES[worst]}对{SCOPES[best]}，各按当时的空白登录页折算",
    }


def _queries(place: Place, measured: dict[str, Any]) -> dict[str, Any]:
    most = max(measured[scope][case]["queries"] for scope in SCOPES for case in CASES)
    first = {scope: measured[scope][next(iter(CASES))] for scope in SCOPES}
    counts = {scope: (seen["queries"], seen["queries_at_one"]) for scope, seen in first.items()}
    assert all(full == one for full, one in counts.values()), f"queries differ: {counts}"
    return {
        "name": f"台账页，{place.engine}，查询数",
        "ours": most,
        "peer": MOST_QUERIES,
        "ratio": round(most / MOST_QUERIES, 2),
        "limit": 1.0,
        "note": "1 行和 50 行相同；含会话、账号和职责；没有一条通读问题表",
    }


# ---------------------------------------------------------------- inside a child


def _seed() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    said = StringIO()
    sizes = {"problems": PROBLEMS, "organizations": ORGANIZATIONS, "people": PEOPLE}
    began = time.perf_counter()
    call_command("seed_demo", json=True, stdout=said, **sizes)
    return {
        "seconds": time.perf_counter() - began,
        "accounts": json.loads(said.getvalue())["bench"],
    }


def _measure(accounts: dict[str, str]) -> dict[str, Any]:
    facts = _facts()
    return {scope: _scope(accounts[scope], accounts["password"], facts) for scope in SCOPES}


def _facts() -> dict[str, Any]:
    """Return what the addresses name, of the campaign that was loaded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, MIN(i.id), (SELECT MIN(s.id) FROM campaigns_source s WHERE"
            " s.campaign_id = c.id AND NOT s.from_above), (SELECT MIN(l.id) FROM"
            " campaigns_closinglevel l JOIN rectification_problem p ON p.closing_level_id = l.id"
            " WHERE l.campaign_id = c.id), (SELECT id FROM reform_organization WHERE"
            " code = 'BULK-01'), (SELECT MAX(applied_on) FROM rectification_problem)"
            " FROM campaigns_campaign c JOIN campaigns_item i ON i.campaign_id = c.id"
            " WHERE c.code = 'BULK' GROUP BY c.id"
        )
        campaign, item, source, level, place, day = cursor.fetchone()
    return {
        "campaign": campaign,
        "item": item,
        "source": source,
        "level": level,
        "place": place,
        "since": f"{str(day)[:8]}01",
        "until": str(day),
    }


def _scope(username: str, password: str, facts: dict[str, Any]) -> dict[str, Any]:
    browser = Client()
    answer = browser.post("/login/", {"username": username, "password": password})
    assert answer.status_code == 302, answer.status_code
    seen = {case: _case(browser, f"/problems/?{CASES[case].format(**facts)}") for case in CASES}
    return seen | {"desk": _desk(browser)}


def _desk(browser: Client) -> dict[str, float]:
    asked = [one for one in _queries_of(browser, "/")[1] if "rectification_" in one[0]]
    for sql, params in asked:
        _refuse_scan(sql, params)

    def fetch() -> None:
        with connection.cursor() as cursor:
            for sql, params in asked:
                cursor.execute(sql, params)
                cursor.fetchall()

    return _in_turns(page=lambda: browser.get("/"), bare=lambda: browser.get("/bare/"), sql=fetch)


def _case(browser: Client, address: str) -> dict[str, Any]:
    page, statements = _queries_of(browser, address)
    asked = [one for one in statements if "rectification_problem" in one[0]]
    for sql, params in asked:
        _refuse_scan(sql, params)
    rows_of = next(one for one in asked if "description" in one[0])
    # A search first looks its text up: the same rows cannot be had without.
    needed = [one for one in asked if one[0].startswith("WITH likely")] + [rows_of]

    def fetch() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            for sql, params in needed:
                cursor.execute(sql, params)
                rows = cursor.fetchall()
            return rows

    rows = fetch()[:50]
    assert page.content.decode().count("<tr") == (len(rows) + 1 if rows else 0)
    at_one = len(statements)
    if rows and "view=overdue&sort=due" in address:
        day = next(value for value in rows[0] if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)))
        at_one = len(_queries_of(browser, f"{address}&due_from={day}&due_until={day}")[1])
    return {
        **_in_turns(
            page=lambda: browser.get(address), bare=lambda: browser.get("/bare/"), sql=fetch
        ),
        "rows": len(rows),
        "queries": len(statements),
        "queries_at_one": at_one,
    }


def _refuse_scan(sql: str, params: Any) -> None:
    """Stop where a plan reads the whole table. SQLite calls a walk up to a LIMIT a scan too."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN {sql}", params)
            plan = [line for (line,) in cursor.fetchall()]
            bad = [line for line in plan if re.search(r"Seq Scan on rectification_problem\b", line)]
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plan = [line for *_, line in cursor.fetchall()]
            names = re.findall(r'(?:FROM|JOIN) "rectification_problem" ([A-Z]\d+)\b', sql)
            tables = {"rectification_problem", *names}
            bad = [line for line in plan if line.removeprefix("SCAN ") in tables]
            if f'ORDER BY "{"U0" if "U0" in tables else "rectification_problem"}"."id"' in sql or (
                "ORDER BY 1" in sql
            ):
                bad = []
    assert not bad, f"{bad} in {sql} {params}\n" + "\n".join(plan)


def _queries_of(browser: Client, address: str) -> tuple[Any, list[tuple[str, Any]]]:
    """Return the page as it comes the second time, and the statements it asked for."""
    seen: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, *more: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, *more)

    browser.get(address)
    with connection.execute_wrapper(note):
        answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer, seen


def _in_turns(**acts: Callable[[], object]) -> dict[str, float]:
    """Return milliseconds at the median; the acts take turns."""
    spent: dict[str, list[float]] = {name: [] for name in acts}
    gc.collect()
    for turn in range(WARM + RUNS):
        for name, act in acts.items():
            began = time.perf_counter()
            act()
            if turn >= WARM:
                spent[name].append((time.perf_counter() - began) * 1000)
    return {name: median(times) for name, times in spent.items()}


def main(what: str, *arguments: str) -> None:
    settings.ROOT_URLCONF = "bench.urls"
    django.setup()
    said = _seed() if what == "seed" else _measure(json.loads(arguments[0]))
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
