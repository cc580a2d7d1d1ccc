"""`make soak`: the state machine of tests/test_soak.py for an hour, on both databases at once.

SOAK_SECONDS says how long (3600), SOAK_SEED where to begin. What each came to stands in
var/reports/soak-*.txt; a failure names the seed that repeats it.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

from tests.run import REPORTS, ROOT, base_environment
from tests.servers import NoServerError, postgres, stop_on_signals

SECONDS = os.environ.get("SOAK_SECONDS", "3600")


def begin(name: str, environment: dict[str, str]) -> subprocess.Popen:
    out = (REPORTS / f"soak-{name}.txt").open("w")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", "tests/test_soak.py"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
    )


def main() -> int:
    stop_on_signals()
    REPORTS.mkdir(parents=True, exist_ok=True)
    common = base_environment() | {"SOAK_SECONDS": SECONDS}
    with ExitStack() as stack:
        running = {"sqlite": begin("sqlite", common)}
        try:
            server = stack.enter_context(postgres())
        except NoServerError as problem:
            print(f"LEFT OUT: {problem}")
        else:
            running["postgresql"] = begin("postgresql", common | {"DATABASE_URL": server.url})
        print(f"{SECONDS} s on {' and '.join(running)} ……", flush=True)
        failed = [name for name, process in running.items() if process.wait()]
    for name in running:
        lines = (REPORTS / f"soak-{name}.txt").read_text().splitlines()
        print(f"\n── {name}")
        print("\n".join(line for line in lines if not line.startswith("SOAK_SEED=")))
    print(f"FAILED: {', '.join(failed)}" if failed else "all well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
