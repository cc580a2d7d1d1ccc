"""How fast a campaign at a glance (活动总览) comes, against a bare page and its own statements.

    python -m bench overview
    BENCH_OVERVIEW=1000 python -m bench overview     # organizations: a tenth

10,000 organizations, 100,000 people of whom two in three have submitted, a third with a finding,
100,000 problems: the page of the whole tree. Page, bare page and the statements that count take
turns. The number of statements is the same for the whole tree, a county and a branch.
"""

import json
import os
import sys
import tempfile
import time
from io import StringIO
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.ledger_page import SCOPES, _in_turns, _queries_of
from bench.places import Place, child, postgresql, sqlite

ORGANIZATIONS = int(os.environ.get("BENCH_OVERVIEW", "10000"))
PEOPLE = PROBLEMS = ORGANIZATIONS * 10
LIMIT, MOST_QUERIES = 4.0, 20
COUNTS = " GROUP BY "  # what the statements that count have in common


def run() -> list[dict[str, Any]]:
    """Return the figures of both engines: milliseconds at the median, and the statements."""
    figures = []
    for engine in (sqlite, postgresql):
        with tempfile.TemporaryDirectory() as folder, engine(folder) as place:
            seeded = child(place, "bench.overview", "seed")
            seen = child(place, "bench.overview", "measure", json.dumps(seeded))
            figures += [_speed(place, seen["whole"]), _queries(place, seen)]
    return figures


def _speed(place: Place, seen: dict[str, float]) -> dict[str, Any]:
    peer = seen["bare"] + seen["sql"]
    return {
        "name": f"活动总览，{ORGANIZATIONS:,} 个党组织，{place.engine}，毫秒",
        "ours": round(seen["page"], 1),
        "peer": round(peer, 1),
        "ratio": round(seen["page"] / peer, 2),
        "limit": LIMIT,
        "note": f"空白登录页 {seen['bare']:.1f} ＋ 它自己计数的 SQL {seen['sql']:.1f}",
    }


def _queries(place: Place, seen: dict[str, dict[str, float]]) -> dict[str, Any]:
    counts = {scope: int(one["queries"]) for scope, one in seen.items()}
    most = max(counts.values())
    return {
        "name": f"活动总览的查询数，{place.engine}",
        "ours": most,
        "peer": MOST_QUERIES,
        "ratio": round(most / MOST_QUERIES, 2),
        "limit": 1.0,
        "note": "、".join(f"{SCOPES[scope]} {number}" for scope, number in counts.items()),
    }


# ---------------------------------------------------------------- inside a child


def _seed() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    said = StringIO()
    sizes = {"problems": PROBLEMS, "organizations": ORGANIZATIONS, "people": PEOPLE}
    call_command("seed_demo", json=True, stdout=said, **sizes)
    return json.loads(said.getvalue())["bench"] | {"campaign": _examine()}


def _examine() -> int:
    """Let two in three have submitted, and a third be accepted with a finding; return the key of
    the campaign."""
    from campaigns.models import Campaign, Checklist, Examination, Finding, Submission  # noqa: PLC0415
    from campaigns.models.examination_roll import belonging  # noqa: PLC0415

    campaign, now = Campaign.objects.get(code="BULK"), timezone.now()
    checklist = Checklist.objects.filter(campaign=campaign).order_by("pk").first()
    assert checklist is not None
    item = checklist.items.first()
    states = ("accepted", "submitted", "draft")
    people = belonging(timezone.localdate()).order_by("pk").values_list("user", "organization")
    rows = Examination.objects.bulk_create(
        (
            Examination(
                campaign=campaign,
                checklist=checklist,
                author_id=person,
                organization_id=place,
                status=states[number % 3],
                begun_at=now,
                saved_at=now,
            )
            for number, (person, place) in enumerate(people.iterator())
        ),
        batch_size=2000,
        ignore_conflicts=True,
    )
    accepted = Examination.objects.filter(checklist=checklist, status="accepted")
    sent = Submission.objects.bulk_create(
        (
            Submission(examination=row, number=1, content={}, sha256="0" * 64, submitted_at=now)
            for row in accepted.iterator()
        ),
        batch_size=2000,
    )
    Finding.objects.bulk_create(
        (Finding(submission=one, position=1, item=item, manifestation="办件超时") for one in sent),
        batch_size=2000,
    )
    assert rows
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return campaign.pk


def _measure(seeded: dict[str, Any]) -> dict[str, Any]:
    address = f"/campaigns/{seeded['campaign']}/overview/"
    return {scope: _scope(seeded[scope], seeded["password"], address) for scope in SCOPES}


def _scope(username: str, password: str, address: str) -> dict[str, Any]:
    browser = Client()
    answer = browser.post("/login/", {"username": username, "password": password})
    assert answer.status_code == 302, answer.status_code
    began = time.perf_counter()
    _, statements = _queries_of(browser, address)
    counting = [one for one in statements if COUNTS in one[0]]
    assert counting, "no statement counts"

    def fetch() -> None:
        with connection.cursor() as cursor:
            for sql, params in counting:
                cursor.execute(sql, params)
                cursor.fetchall()

    turns = _in_turns(
        page=lambda: browser.get(address), bare=lambda: browser.get("/bare/"), sql=fetch
    )
    return turns | {"queries": len(statements), "took": time.perf_counter() - began}


def main(what: str, *arguments: str) -> None:
    settings.ROOT_URLCONF = "bench.urls"
    django.setup()
    print(json.dumps(_seed() if what == "seed" else _measure(json.loads(arguments[0]))))


if __name__ == "__main__":
    main(*sys.argv[1:])
