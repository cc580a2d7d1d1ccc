"""Where measurements run: a SQLite file and a PostgreSQL database of our own, and child processes.

Each child has production settings (DEBUG off, cached templates, hashed static files): what is
measured is what would run.
"""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.servers import postgres

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Place:
    """An engine with its version, the address of an empty database, and a folder for files."""

    engine: str
    url: str
    folder: str


@contextmanager
def sqlite(folder: str) -> Iterator[Place]:
    yield Place(f"SQLite {sqlite3.sqlite_version}", f"sqlite:///{folder}/db.sqlite3", folder)


@contextmanager
def postgresql(folder: str) -> Iterator[Place]:
    """A database of our own on a server found or started, taken away afterwards."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):  # `python -m tests.servers` has started one already
        os.environ.setdefault("TEST_DATABASE_URL", given)
    with postgres() as server:
        name = f"reform_bench_{os.getpid()}"
        _command(server.url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            url = urlsplit(server.url)._replace(path=f"/{name}").geturl()
            yield Place(f"PostgreSQL {server.version}", url, folder)
        finally:
            _command(server.url, f"DROP DATABASE {name} WITH (FORCE)")


def _command(url: str, words: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(words)
    connection.close()


def child(place: Place, *arguments: str) -> dict[str, Any]:
    """Run `python -m` with the arguments under production settings; return the JSON it prints."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "reform.settings",
        "REFORM_ENV": "production",
        "SECRET_KEY": "measured-for-a-minute-and-then-thrown-away-with-its-database",
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_URL": place.url,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nothing here sends a task
        "MEDIA_ROOT": f"{place.folder}/media",
        "STATIC_ROOT": f"{place.folder}/static",
        "HTTPS": "0",
    }
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
