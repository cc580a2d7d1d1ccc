"""Everything that must hold before a change is kept: `make test`.

Checks of the text first, then the suite on SQLite, then on PostgreSQL with Redis; cells of tests
that say nothing about the database are dealt between the two. What a machine lacks is left out and
said so at the end; where CI is set, leaving out is failing.

    .venv/bin/python -m tests.run            # what `make test` and .ci/run call
    .venv/bin/pytest tests/reform -k trail   # by hand, on SQLite
    .venv/bin/python -m tests.servers pytest tests/reform   # by hand, on PostgreSQL and Redis
"""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.servers import NoServerError, Server, postgres, redis, stop_on_signals

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "var" / "reports"
PYTHON = sys.executable
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

# Addresses of somebody's own work have no place in a test run: it names its servers itself.
OWN = ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT", "SECRET_KEY", "REFORM_ENV", "DEBUG", "DEALT")
# Compiled modules are kept: else both workers, in both passes, and each program that a test starts
# compile all of them anew.
NOT_FOR_US = (*OWN, "PYTHONDONTWRITEBYTECODE")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PROXIES = ("nginx", "/usr/sbin/nginx")  # not everybody has /usr/sbin on PATH
OFFICES = ("soffice", "libreoffice")


@dataclass
class Report:
    lines: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def step(self, name: str, command: list[str], env: dict[str, str] | None = None) -> None:
        print(f"\n── {name}", flush=True)
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=env or base_environment(), check=False)
        seconds = time.monotonic() - began
        if done.returncode:
            self.failed.append(name)
        verdict = "failed" if done.returncode else "ok"
        self.lines.append(f"{name}: {verdict}{counted(env)}, {seconds:.0f} s")

    def leave_out(self, what: str) -> None:
        self.left_out.append(what)

    def close(self) -> int:
        print("\n── what ran")
        for line in self.lines:
            print(f"  {line}")
        for line in self.left_out:
            print(f"  LEFT OUT: {line}")
        if self.left_out and IN_CI:
            self.failed.append("something was left out, and this is CI")
        print(f"  FAILED: {'; '.join(self.failed)}" if self.failed else "  all well")
        return 1 if self.failed else 0


def base_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in NOT_FOR_US}


def counted(env: dict[str, str] | None) -> str:
    """What a run of pytest counted, from the report it wrote."""
    if not env or not (path := Path(env["REPORT"])).exists():
        return ""
    suite = ET.parse(path).getroot().find("testsuite")  # noqa: S314 our own file
    if suite is None:
        return ""
    figures = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    words = [f"{figures['tests']} tests"]
    words += [
        f"{figures[name]} {name}" for name in ("failures", "errors", "skipped") if figures[name]
    ]
    return f" ({', '.join(words)})"


def check_text(report: Report) -> None:
    report.step("ruff check", [PYTHON, "-m", "ruff", "check", "."])
    report.step("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."])
    if pages := sorted(str(path) for path in (ROOT / "templates").rglob("*.html")):
        # djade speaks Django's template language only; bodies under jinja/ are another one.
        pages = [page for page in pages if "/jinja/" not in page]
        djade = [str(Path(PYTHON).parent / "djade"), "--target-version", "5.2", "--check", *pages]
        report.step("djade", djade)
    report.step("mypy", [PYTHON, "-m", "mypy", "reform", "campaigns", "rectification"])


def unavailable(report: Report) -> list[str]:
    """Marks of tests this machine has no program for."""
    marks = []
    for mark, programs, purpose in (
        ("browser", BROWSERS, "pages in Chromium"),
        ("rendering", OFFICES, "files drawn by LibreOffice"),
        ("proxy", PROXIES, "nginx in front"),
        ("faketime", ("faketime",), "a beat at another hour"),
    ):
        program = next((found for name in programs if (found := shutil.which(name))), None)
        if program:
            report.lines.append(f"{purpose}: {version_of(program)}")
        else:
            report.leave_out(f"{purpose}: none of {', '.join(programs)} found")
            marks.append(mark)
    return marks


def version_of(program: str) -> str:
    word = "-v" if program.endswith("nginx") else "--version"
    done = subprocess.run([program, word], capture_output=True, text=True, check=False)
    return ((done.stdout or done.stderr).strip().splitlines() or [program])[0]


def run_suite(report: Report, name: str, without: list[str], **addresses: str) -> None:
    REPORTS.mkdir(parents=True, exist_ok=True)
    path = REPORTS / f"{name.partition(' ')[0].lower()}.xml"
    path.unlink(missing_ok=True)
    command = [PYTHON, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "--create-db"]
    command += ["-rsfE", f"--junitxml={path}"]
    command += ["-m", " and ".join(f"not {mark}" for mark in without)]
    report.step(
        name, command + sys.argv[1:], base_environment() | {"REPORT": str(path)} | addresses
    )


def start_servers(report: Report, stack: ExitStack) -> tuple[str, dict[str, str]]:
    """Return the servers' names and addresses; none where a machine has none."""
    addresses: dict[str, str] = {}
    names = []
    for key, label, start in (
        ("DATABASE_URL", "PostgreSQL", postgres),
        ("REDIS_URL", "Redis", redis),
    ):
        try:
            server: Server = stack.enter_context(start())
        except NoServerError as problem:
            report.leave_out(str(problem))
        else:
            addresses[key] = server.url
            names.append(f"{label} {server.version} ({server.origin})")
    return " with ".join(names), addresses


def run_both(report: Report, without: list[str]) -> None:
    with ExitStack() as stack:
        name, addresses = start_servers(report, stack)
        dealt = {}
        # Named tests run on both; without pg_dump PostgreSQL would skip some of what falls to it.
        if "DATABASE_URL" in addresses and not sys.argv[1:] and shutil.which("pg_dump"):
            seed = os.environ.get("ROUTES_SEED") or str(random.SystemRandom().randrange(2**32))
            dealt = {"DEALT": "1", "ROUTES_SEED": seed}
        run_suite(report, f"SQLite {sqlite3.sqlite_version}", [*without, "served"], **dealt)
        if addresses:
            # What does not depend on the database has run already.
            run_suite(report, name, [*without, "once"], **addresses, **dealt)


def main() -> int:
    stop_on_signals()
    report = Report()
    check_text(report)
    without = unavailable(report)
    run_both(report, without)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
