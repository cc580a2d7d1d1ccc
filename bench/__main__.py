"""`make bench`: what was promised about speed, measured here and now, each against its peer.

    python -m bench                  # everything, an hour
    python -m bench ledger_page      # one of the PARTS below

Prints a table a part and keeps it in bench/RESULTS.md, with the machine and the moment it began.
"""

import os
import platform
import sqlite3
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.servers import stop_on_signals

PARTS = (
    "ledger_page",
    "moves",
    "imports",
    "exports",
    "notices",
    "reminders",
    "weekly",
    "likeness",
    "overview",
    "load",
)
RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = ("测什么", "本系统", "对照", "倍数", "目标", "", "说明")


def machine() -> str:
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    return (
        f"{_processor()}，{cores} 核（开始时负载 {load:.1f}），Python {platform.python_version()}，"
        f"SQLite {sqlite3.sqlite_version}，{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    )


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def table(figures: list[dict[str, Any]]) -> str:
    rows = [
        (
            figure["name"],
            str(figure["ours"]),
            str(figure["peer"]),
            f"{figure['ratio']:.2f}",
            f"≤ {figure['limit']:g}",
            "达到" if figure["ratio"] <= figure["limit"] else "未达到",
            figure["note"],
        )
        for figure in figures
    ]
    lines = [HEAD, ("---", "--:", "--:", "--:", "--:", "---", "---"), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(*names: str) -> int:
    stop_on_signals()
    unknown = set(names) - set(PARTS)
    if unknown:
        sys.exit(f"没有 {'、'.join(sorted(unknown))}，可测：{'、'.join(PARTS)}。")
    figures = []
    for name in names or PARTS:
        where = machine()
        print(f"正在测 {name} …… {where}", flush=True)
        seen = import_module(f"bench.{name}").run()
        text = table(seen)
        print(text, flush=True)
        keep(name, f"{where}\n\n{text}")
        figures += seen
    return 1 if any(figure["ratio"] > figure["limit"] for figure in figures) else 0


def keep(name: str, text: str) -> None:
    """Put what a part said in its place in RESULTS.md; the other parts stay as they were."""
    kept = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    sections = {
        heading: body.strip()
        for heading, _, body in (part.partition("\n") for part in kept.split("\n## ")[1:])
    }
    sections[name] = text
    parts = [f"## {part}\n\n{sections[part]}\n" for part in PARTS if part in sections]
    RESULTS.write_text("\n".join(["# `make bench`\n", *parts]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
