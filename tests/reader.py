"""Reads workbooks that mean harm, each in a process of its own, and says what that cost.

    .venv/bin/python -m tests.reader FOLDER     # one line of JSON a file

A process that never held more than this module tells by `ru_maxrss` what the reading alone took;
pytest's own would tell of everything it ever imported. What runs away is stopped by the kernel.
"""

import json
import os
import resource
import sys
from pathlib import Path

from reform import excel
from reform.errors import Refused

MOST_SECONDS, MOST_BYTES = 60, 2 * 1024**3


def outcome(data: bytes) -> str:
    try:
        sheets = excel.read(data, name="台账.xlsx")
    except Refused as refusal:
        return str(refusal)
    return f"读入{sum(len(row) for sheet in sheets for row in sheet.rows)}格。"


def measured(path: Path) -> dict[str, object]:
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        return json.loads(said or '{"said": "没有答复", "seconds": 999, "megabytes": 9999}')
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    said = outcome(path.read_bytes())
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = {
        "said": said,
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss // 1024,
    }
    os.write(writing, json.dumps(facts).encode())
    os._exit(0)


if __name__ == "__main__":
    for one in sorted(Path(sys.argv[1]).iterdir()):
        sys.stdout.write(json.dumps({"name": one.name} | measured(one)) + "\n")
        sys.stdout.flush()
