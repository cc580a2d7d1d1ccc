"""Thousands of branches file on the last afternoon: how long, and whether each is kept once.

    python -m bench weekly

3,000 organizations with 30,000 problems, through the web application's own requests: the secretary
begins the drafted report and files it, two processes over the same list, so that each report is
begun and filed twice at nearly the same moment. The limit is ten minutes (issue 4).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from io import StringIO
from itertools import pairwise
from typing import Any

import django
from django.core.management import call_command
from django.utils import timezone

from bench.places import Place, child, postgresql, sqlite

REPORTS = int(os.environ.get("BENCH_REPORTS", "3000"))
PROBLEMS = REPORTS * 10
LIMIT = 600.0  # seconds
COLLATED = 30.0  # seconds that a page may take before a proxy gives up
PROCESSES = 2


def run() -> list[dict[str, Any]]:
    """Return one figure an engine: seconds until the last report is kept."""
    figures = []
    for engine in (sqlite, postgresql):
        with tempfile.TemporaryDirectory() as folder, engine(folder) as place:
            child(place, "bench.weekly", "seed")
            seen = child(place, "bench.weekly", "measure")
            figures += [_figure(place, seen), _collated(place, seen)]
    return figures


def _figure(place: Place, seen: dict[str, Any]) -> dict[str, Any]:
    kept = f"{seen['filed']:,} 份各存一份" if seen["once"] else "有重复或缺失"
    return {
        "name": f"{seen['asked']:,} 份周报起草并报送，{place.engine}，秒",
        "ours": round(seen["took"], 1),
        "peer": LIMIT,
        "ratio": round(seen["took"] / LIMIT, 3) if seen["once"] else float("inf"),
        "limit": 1.0,
        "note": f"两个进程各报一遍全部单位，{kept}；对照是十分钟",
    }


def _collated(place: Place, seen: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"一个单位汇总 {seen['parts']:,} 份周报，{place.engine}，秒",
        "ours": round(seen["collate"], 2),
        "peer": COLLATED,
        "ratio": round(seen["collate"] / COLLATED, 2),
        "limit": 1.0,
        "note": f"一次请求；Word {seen['word']:.1f} 秒、Excel {seen['excel']:.1f} 秒",
    }


# ---------------------------------------------------------------- inside a child


def _seed() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    sizes = {"problems": PROBLEMS, "organizations": REPORTS + 50, "people": (REPORTS + 50) * 4}
    call_command("seed_demo", stdout=StringIO(), **sizes)
    from campaigns.models import Campaign, Level, Obligation, WeeklyPlan  # noqa: PLC0415
    from rectification.actions import weekly_issues  # noqa: PLC0415
    from reform.models import Duty, Organization, Role, User  # noqa: PLC0415

    demo = Campaign.objects.get(code="YACG")
    held = Duty.objects.filter(role=Role.SECRETARY).values("organization")
    places = Organization.objects.filter(pk__in=held).exclude(
        pk__in=Obligation.objects.values("organization")
    )
    rows = places.exclude(kind="committee").order_by("pk")[:REPORTS]
    today = timezone.localdate()
    Obligation.objects.filter(campaign=demo).delete()
    Obligation.objects.bulk_create(
        Obligation(campaign=demo, organization=place, level=Level.BRANCH, since=today)
        for place in rows
    )
    assert WeeklyPlan.objects.exists()
    weekly_issues.open_due(at=timezone.now())
    return {"users": User.objects.count()}


def _measure() -> dict[str, Any]:
    """File all, by two processes at once, and count what was kept."""
    from campaigns.models import Obligation  # noqa: PLC0415
    from rectification.models import WeeklyReport  # noqa: PLC0415

    issue = _issue()
    asked = Obligation.objects.filter(level="branch").count()
    began = time.perf_counter()
    files = [
        subprocess.Popen([sys.executable, "-m", "bench.weekly", "file", str(issue.pk), str(number)])
        for number in range(PROCESSES)
    ]
    if any(one.wait() for one in files):
        raise SystemExit("a process that filed has failed")
    took = time.perf_counter() - began
    rows = WeeklyReport.objects.filter(issue=issue)
    filed = rows.filter(status="filed").count()
    once = filed == rows.count() == asked
    return {"took": took, "filed": filed, "asked": asked, "once": once} | _collating(issue)


def _collating(issue: Any) -> dict[str, Any]:
    from rectification.actions import weekly_collations  # noqa: PLC0415
    from rectification.exports import weekly_reports  # noqa: PLC0415
    from rectification.reports import weekly_report  # noqa: PLC0415
    from reform.models import Actor, User  # noqa: PLC0415

    lead = issue.campaign.organization
    now = max(timezone.now(), issue.since + timedelta(minutes=1))
    by = Actor.of(User.objects.get(username="caiwen"), on=timezone.localdate())
    spent = [time.perf_counter()]
    report = weekly_collations.collate(issue, lead, by=by, at=now)
    spent.append(time.perf_counter())
    weekly_report.word_of(report, at=now)
    spent.append(time.perf_counter())
    weekly_reports.write(report, by=by.user, at=now)
    spent.append(time.perf_counter())
    collate, word, excel = (after - before for before, after in pairwise(spent))
    return {"parts": report.parts.count(), "collate": collate, "word": word, "excel": excel}


def _issue() -> Any:
    from rectification.models import WeeklyIssue  # noqa: PLC0415

    return WeeklyIssue.objects.filter(branch_since__lte=timezone.now()).latest("number")


def _file(issue: int, number: int) -> None:
    """As one of the processes: begin and confirm each report by requests of its secretary."""
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from campaigns.models import Obligation  # noqa: PLC0415
    from rectification.models import WeeklyReport  # noqa: PLC0415
    from reform.models import Duty, Role  # noqa: PLC0415

    places = Obligation.objects.filter(level="branch").order_by("pk")
    heads = Duty.objects.filter(role=Role.SECRETARY).select_related("user")
    by_place = {duty.organization_id: duty.user for duty in heads}
    for place in places.values_list("organization", flat=True):
        client = Client()
        client.force_login(by_place[place], backend=settings.AUTHENTICATION_BACKENDS[-1])
        begin = reverse("weekly-begin", args=[issue, place])
        client.post(begin)
        report = WeeklyReport.objects.get(issue=issue, organization=place)
        edit = reverse("weekly-edit", args=[report.pk])
        texts = {
            "version": report.edition,
            "progress": report.progress,
            "plans": report.plans or f"继续推进（{number}）。",
            "confirm": "1",
        }
        client.post(edit, texts)


def main(what: str, *rest: str) -> None:
    django.setup()
    if what == "file":
        _file(*map(int, rest))
        return
    print(json.dumps(_seed() if what == "seed" else _measure()))


if __name__ == "__main__":
    main(*sys.argv[1:])
