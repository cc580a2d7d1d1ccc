"""A backup or a restore that is killed half way (kill -9): the old or the new, never half."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, connections

from rectification.models import Problem
from reform.actions import seal_checks, seals
from reform.actions.backups import folder
from reform.models import Act, TrailEntry
from tests.factories import OrganizationFactory
from tests.reform.test_backups import TOUCHED, backup, code_of, house, restore, rows  # noqa: F401

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not shutil.which("pg_dump"),
        reason="no pg_dump on PATH",
    ),
]
ROOT = Path(__file__).resolve().parents[2]

# The command runs as it is, up to the function named: there the process dies.
SCRIPT = """
import os, signal, sqlite3, sys
from importlib import import_module

import django

django.setup()
from django.core.management import call_command

module, name, *command = sys.argv[1:]


def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)


def die_half_way(ready, live):
    copy, target = sqlite3.connect(ready), sqlite3.connect(live)
    copy.backup(target, pages=20, progress=die)


setattr(import_module(module), name, die_half_way if name == "_put" else die)
call_command(*command)
"""
RESTORING, FOLDER = "reform.actions.backups.restoring", "reform.actions.backups.folder"


def address():
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    who = f"{quote(facts['USER'])}:{quote(facts['PASSWORD'])}"
    return f"postgres://{who}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


def killed_at(where, *command):
    """Run a command of manage.py that dies there; return when its connection is gone as well."""
    connections.close_all()
    environment = os.environ | {
        "DATABASE_URL": address(),
        "DJANGO_SETTINGS_MODULE": "reform.settings",
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "TRAIL_ANCHOR": str(settings.TRAIL_ANCHOR),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *where, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    while company():
        time.sleep(0.05)


def company():
    if connection.vendor == "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0] > 0


def restoring(house, made):  # noqa: F811 -- the fixture above, as an argument
    witness = ("--witness", house.auditor.username, "--code", code_of(house))
    return ("restore", str(made), "--as", house.system.username, *witness)


def change(house):  # noqa: F811
    """Enough that the next backup has other pages, and more of them."""
    Problem.objects.filter(pk=house.row.pk).update(description="备份以后改的" * 20_000)
    OrganizationFactory(name="备份以后才有的支部")


PLACES = [(RESTORING, "_calm")]
if connection.vendor == "sqlite":
    PLACES.append(("reform.actions.backups.sqlite", "_put"))


@pytest.mark.parametrize("where", PLACES)
def test_a_restore_that_is_killed_has_not_happened_and_the_next_one_does(house, where):  # noqa: F811
    old = backup(house)
    change(house)
    now = rows(*TOUCHED)
    time.sleep(1)  # a folder is named by its second
    new = backup(house)
    Problem.objects.filter(pk=house.row.pk).update(description="又改了一次")
    before = rows(*TOUCHED)

    killed_at(where, *restoring(house, old))

    assert rows(*TOUCHED) == before
    assert not TrailEntry.objects.filter(act=Act.RESTORED).exists()
    # What the killed one left beside the database does not get into the next one's rows.
    restore(house, new)
    assert rows(*TOUCHED) == now
    assert [path.name for path in house.backups.parent.glob("*.restoring*")] == []


def test_a_restore_that_is_killed_after_its_rows_came_only_lacks_its_anchor(house):  # noqa: F811
    seals.seal_all(at=house.now)
    was = rows(*TOUCHED)
    made = backup(house)
    change(house)
    seals.seal_all(at=house.now)

    killed_at((RESTORING, "_renew_anchor"), *restoring(house, made))

    assert rows(*TOUCHED) == was
    assert TrailEntry.objects.filter(act=Act.RESTORED).count() == 1
    assert seal_checks.check(at=house.now).faults == [
        "锚文件记有第2号封存，数据库中没有：封存记录被删除。"
    ]
    seal_checks.renew_anchor(at=house.now)
    assert seal_checks.check(at=house.now).faults == []


def test_a_backup_that_is_killed_is_none_and_the_next_one_is_whole(house):  # noqa: F811
    house.backups.mkdir()

    killed_at((FOLDER, "write"), "backup", str(house.backups))

    assert folder.dated(house.backups) == []
    assert not TrailEntry.objects.filter(act=Act.BACKED_UP).exists()
    time.sleep(1)
    assert list(folder.faults(backup(house))) == []
