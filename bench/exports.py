"""How fast the ledger is written, against the fastest writer on the same cells.

    python -m bench.exports    # seeds an SQLite file of its own; some three minutes

Each figure comes from processes of its own, so that its peak memory is its own. Of three runs the
best counts, ours and the peer's in turn: a neighbour on the machine disturbs both or neither.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TIMES, MEMORY = 4.0, 200  # issue 2
RUNS = 3
CHILD = "import django; django.setup(); from bench import export_child; export_child.main()"


def run() -> list[dict[str, Any]]:
    """Return the figures: ours, the peer's, their ratio, and what the ratio should not pass."""
    with tempfile.TemporaryDirectory() as folder:
        _child("seed", folder)
        found = _best(("printed", "printed-bare", "printed-laid-out", "data", "data-bare"), folder)
    printed, data = found["printed"], found["data"]
    return [
        _speed(
            "台账打印版，对照只写同样单元格的 rustpy-xlsxwriter", printed, found["printed-bare"]
        ),
        _speed("台账打印版，对照写出同样版式的 XlsxWriter", printed, found["printed-laid-out"]),
        _memory("台账打印版", printed),
        _speed("台账数据版，对照只写同样单元格的 rustpy-xlsxwriter", data, found["data-bare"]),
        _memory("台账数据版", data),
    ]


def _best(kinds: tuple[str, ...], folder: str) -> dict[str, dict[str, Any]]:
    runs = [{kind: _child(kind, folder) for kind in kinds} for _ in range(RUNS)]
    return {
        kind: min((one[kind] for one in runs), key=lambda figures: figures["seconds"])
        for kind in kinds
    }


def _speed(name: str, ours: dict[str, Any], peer: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"{name}：{ours['rows']:,} 行 × {ours['columns']} 列，秒",
        "ours": round(ours["seconds"], 2),
        "peer": round(peer["seconds"], 2),
        "ratio": round(ours["seconds"] / peer["seconds"], 2),
        "limit": TIMES,
        "note": f"我们的含读库 {ours['reading']:.2f} 秒；对照的单元格已在内存里",
    }


def _memory(name: str, ours: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"{name}：峰值内存，MB",
        "ours": ours["peak"],
        "peer": MEMORY,
        "ratio": round(ours["peak"] / MEMORY, 2),
        "limit": 1.0,
        "note": f"其中 Django 本身 {ours['before']} MB",
    }


def _child(what: str, folder: str) -> dict[str, Any]:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "MEDIA_ROOT": f"{folder}/media",
        "DJANGO_SETTINGS_MODULE": "reform.settings",
        "REFORM_ENV": "development",
    }
    done = subprocess.run(
        [sys.executable, "-c", CHILD, what, folder],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    print(f"{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}")
    for figure in run():
        print("{name}：{ours}，对照 {peer}，{ratio} 倍（目标 {limit}）。{note}".format(**figure))
