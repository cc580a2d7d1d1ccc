"""`make bench`: what was promised about speed, measured here and now, each against its peer.

    python -m bench                  # everything, an hour
    python -m bench ledger_page      # one of ledger_page, moves, imports, exports, load

Prints a table and, when everything ran, writes it to bench/RESULTS.md.
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

PARTS = ("ledger_page", "moves", "imports", "exports", "load")
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
    where = machine()
    print(where, flush=True)
    figures = []
    for name in names or PARTS:
        print(f"正在测 {name} ……", flush=True)
        figures += import_module(f"bench.{name}").run()
    text = table(figures)
    print(text)
    if not names:
        RESULTS.write_text(f"# `make bench`\n\n{where}\n\n{text}\n", encoding="utf-8")
    return 1 if any(figure["ratio"] > figure["limit"] for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
