"""PostgreSQL's rows: out by pg_dump on an exported snapshot, in by one transaction of our own."""

import gzip
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from reform.errors import Refused

FILE = "database.sql.gz"
Ask = Callable[[str], list[tuple[Any, ...]]]

COPY = re.compile(rb"COPY .+ FROM stdin;\n")
END_OF_COPY = b"\\.\n"
BUSY = (
    "还有{}个连接正在使用数据库，没有恢复。请先停下网页、后台任务和定时任务"
    "（docker compose stop nginx web worker beat）。"
)
LOCK_PATIENCE = "10s"


@contextmanager
def taken(folder: Path) -> Iterator[Ask]:
    """Write the rows of this moment into the folder; give what answers questions about them.

    pg_dump and the questions look at the same snapshot, so counts and names are those of the dump.
    """
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            _dump(cursor.fetchone()[0], folder / FILE)

            def ask(words: str) -> list[tuple[Any, ...]]:
                cursor.execute(words)
                return cursor.fetchall()

            yield ask
    finally:
        own.close()


def _dump(snapshot: str, target: Path) -> None:
    facts = connection.get_connection_params()
    command = ["pg_dump", "--format=plain", "--compress=6", "--no-owner", "--no-privileges"]
    command += ["--no-password", f"--snapshot={snapshot}", f"--file={target}"]
    command += ["--exclude-table-data=django_session", f"--dbname={facts['dbname']}"]
    for option in ("host", "port", "user"):
        if facts.get(option):
            command.append(f"--{'username' if option == 'user' else option}={facts[option]}")
    secret = {"PGPASSWORD": facts["password"]} if facts.get("password") else {}
    try:
        done = subprocess.run(  # noqa: S603 -- our own words, no shell
            command, env=os.environ | secret, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise Refused("没有找到 pg_dump，请安装与数据库同版本的 postgresql-client。") from error
    if done.returncode:
        raise Refused(f"pg_dump 没有完成：{done.stderr.strip()[-500:]}")


def version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return cursor.fetchone()[0].split()[0]


def refuse_company() -> None:
    """Refuse while somebody else is connected: he would go on writing into what was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        if others := cursor.fetchone()[0]:
            raise Refused(BUSY.format(others))


@contextmanager
def replaced(folder: Path, settle: Callable[[], None]) -> Iterator[None]:
    """Within the block our connection sees the rows of the backup; leaving it commits them.

    One transaction from emptying to the last entry in the trail: whatever fails undoes it all.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
                _clear(cursor)
                _load(cursor, folder / FILE)
            settle()
            yield
    except DatabaseError as error:
        raise Refused(f"数据库没有恢复，仍是原样（{str(error).strip()[:300]}）。") from error
    finally:
        connection.close()  # the dump has changed settings of the session


def _clear(cursor: Any) -> None:
    """Take away our tables and functions; the schema and its extensions stay."""
    cursor.execute(
        "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables"
        " WHERE schemaname = 'public'"
    )
    if tables := cursor.fetchone()[0]:
        cursor.execute(f"DROP TABLE {tables} CASCADE")
    cursor.execute(
        "SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f"DROP FUNCTION {function}")


def _load(cursor: Any, path: Path) -> None:
    """Play a plain dump: statements as they stand, rows by COPY."""
    statements: list[bytes] = []
    with gzip.open(path) as lines:
        for line in lines:
            if COPY.fullmatch(line):
                _play(cursor, statements)
                cursor.copy_expert(line.decode(), _Rows(lines))
            elif not line.startswith(b"\\"):  # \restrict is for psql
                statements.append(line)
    _play(cursor, statements)
    cursor.execute("RESET search_path")
    # Everything is here, so what points at it is checked at once: a migration that writes rows of
    # this transaction would leave checks waiting, and no table with such is altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _play(cursor: Any, statements: list[bytes]) -> None:
    """Run what stands between two tables, unless it is comments only."""
    if any(line.strip() and not line.startswith(b"--") for line in statements):
        cursor.execute(b"".join(statements).decode())  # without parameters, a % is a %
    statements.clear()


class _Rows:
    """The lines of one table as a file that ends where they do."""

    def __init__(self, lines: Any) -> None:
        self.lines = lines
        self.rest = b""
        self.is_over = False

    def read(self, size: int) -> bytes:
        parts, length = [self.rest], len(self.rest)
        while length < size and not self.is_over:
            line = self.lines.readline()
            self.is_over = line in {END_OF_COPY, b""}
            if not self.is_over:
                parts.append(line)
                length += len(line)
        whole = b"".join(parts)
        self.rest = whole[size:]
        return whole[:size]
