"""How fast the ledger page comes, against a bare signed-in page and the SQL of the same rows.

    python -m bench ledger_page

100,000 problems in 1,000 organizations; the page is whole: filter form, chips with counts, 50
rows. Page, bare page and SQL take turns, so that a busy machine slows all three alike.
"""

import gc
import json
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

from bench.places import Place, child, postgresql, sqlite

PROBLEMS, ORGANIZATIONS, PEOPLE = 100_000, 1_000, 10_000
ADDRESS = "/problems/?view=overdue&sort=due"
SCOPES = {"whole": "全部", "county": "一县", "branch": "一支部"}
WARM, RUNS = 10, 60
LIMIT, MOST_QUERIES = 4.0, 10


def run() -> list[dict[str, Any]]:
    """Return the figures of both engines: milliseconds at the median, and the queries."""
    figures = []
    for engine in (sqlite, postgresql):
        with tempfile.TemporaryDirectory() as folder, engine(folder) as place:
            accounts = child(place, "bench.ledger_page", "seed")
            measured = child(place, "bench.ledger_page", "measure", json.dumps(accounts))
            figures += [_speed(place, scope, measured[scope]) for scope in SCOPES]
            figures.append(_queries(place, measured))
    return figures


def _speed(place: Place, scope: str, seen: dict[str, Any]) -> dict[str, Any]:
    peer = seen["bare"] + seen["sql"]
    return {
        "name": f"台账页，{place.engine}，{SCOPES[scope]}，毫秒",
        "ours": round(seen["page"], 1),
        "peer": round(peer, 1),
        "ratio": round(seen["page"] / peer, 2),
        "limit": LIMIT,
        "note": f"空白登录页 {seen['bare']:.1f} ＋ 同样 {seen['rows']} 行的 SQL {seen['sql']:.1f}",
    }


def _queries(place: Place, measured: dict[str, Any]) -> dict[str, Any]:
    counts = {scope: measured[scope]["queries"] for scope in SCOPES}
    single = {scope: measured[scope]["queries_at_one"] for scope in SCOPES}
    assert counts == single, f"queries differ: {counts} at a full page, {single} at 1 row"
    most = max(counts.values())
    return {
        "name": f"台账页，{place.engine}，查询数",
        "ours": most,
        "peer": MOST_QUERIES,
        "ratio": round(most / MOST_QUERIES, 2),
        "limit": 1.0,
        "note": "1 行和 50 行相同；含会话、账号和职责",
    }


# ---------------------------------------------------------------- inside a child


def _seed() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    said = StringIO()
    sizes = {"problems": PROBLEMS, "organizations": ORGANIZATIONS, "people": PEOPLE}
    call_command("seed_demo", json=True, stdout=said, **sizes)
    return json.loads(said.getvalue())["bench"]


def _measure(accounts: dict[str, str]) -> dict[str, Any]:
    return {scope: _scope(accounts[scope], accounts["password"]) for scope in SCOPES}


def _scope(username: str, password: str) -> dict[str, Any]:
    browser = Client()
    answer = browser.post("/login/", {"username": username, "password": password})
    assert answer.status_code == 302, answer.status_code
    page, statements = _queries_of(browser, ADDRESS)
    sql, params = next(one for one in statements if "LIMIT 50" in one[0])

    def fetch() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    rows = fetch()
    _, number, *_ = rows[0]
    assert page.content.decode().count("<tr") == len(rows) + 1
    one, at_one = _queries_of(browser, f"{ADDRESS}&q={number}")
    assert one.content.decode().count("<tr") == 2
    return {
        **_in_turns(
            page=lambda: browser.get(ADDRESS), bare=lambda: browser.get("/bare/"), sql=fetch
        ),
        "rows": len(rows),
        "queries": len(statements),
        "queries_at_one": len(at_one),
    }


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
