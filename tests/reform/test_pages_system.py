"""The state of the system: each part well or not, and what to do; never hanging, naming nobody."""

import socket
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from reform.actions import jobs, pulses
from reform.celery import app
from reform.models import Pulse
from reform.views import vitals

NOW = timezone.now()


def said(vital):
    return vital.state, vital.fact, bool(vital.advice)


def test_who_looks_after_the_system_sees_each_part(signed_in, bureau):
    pulses.tick(at=timezone.now())

    page = signed_in(bureau.system).get(reverse("system")).content.decode()

    assert [name for name, _ in vitals.VITALS if name not in page] == []
    assert "还没有做过备份" in page
    assert "请查看每日备份的计划任务" in page


def test_nobody_is_named(signed_in, bureau, at):
    jobs.ask("ledger_data", facts={}, by=bureau.secretary, at=at, on=at.date())

    page = signed_in(bureau.system).get(reverse("system")).content.decode()

    assert "最久的已等待" in page
    assert bureau.secretary.user.name not in page


@pytest.mark.parametrize(
    ("age", "state"),
    [(timedelta(minutes=1), "good"), (timedelta(minutes=5), "warn"), (timedelta(hours=1), "stop")],
)
def test_a_clock_that_stands_is_told(age, state):
    pulses.tick(at=NOW - age)

    assert vitals.tick(NOW).state == state


def test_a_clock_that_never_went_is_told():
    assert said(vitals.tick(NOW)) == ("stop", "还没有运行过", True)


@pytest.mark.parametrize(
    ("age", "facts", "state"),
    [
        (timedelta(hours=20), {}, "good"),
        (timedelta(hours=30), {}, "warn"),
        (timedelta(days=8), {}, "stop"),
        (timedelta(hours=1), {"missing": 1}, "warn"),
        (timedelta(days=8), {"damaged": 2}, "stop"),
    ],
)
def test_the_age_of_the_backup_is_told_and_what_it_lacked(age, facts, state):
    Pulse.objects.note(Pulse.Name.BACKUP, at=NOW - age, **facts)

    found = vitals.backup(NOW)
    assert (found.state, bool(found.advice)) == (state, state != "good")


def test_a_job_that_waits_too_long_is_told(bureau):
    assert said(vitals.waiting_jobs(NOW)) == ("good", "没有", False)

    asked = NOW - timedelta(minutes=40)
    jobs.ask("ledger_data", facts={}, by=bureau.secretary, at=asked, on=NOW.date())

    assert said(vitals.waiting_jobs(NOW)) == ("stop", "最久的已等待 40分钟", True)


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("free", "state"), [(50, "good"), (4, "warn"), (0.5, "stop")], ids=["room", "little", "none"]
)
def test_a_disk_that_fills_is_told(monkeypatch, free, state):
    usage = SimpleNamespace(free=int(free * vitals.GB), total=100 * vitals.GB)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)

    assert vitals.disk(NOW).state == state


def test_a_folder_of_files_that_is_not_there_is_said_in_words(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "nothing")
    seen = vitals.disk(NOW)
    assert (seen.state, seen.fact) == (vitals.WARN, "附件目录还没有建立")
    assert "MEDIA_ROOT" in seen.advice


def test_tables_of_another_release_are_told():
    assert vitals.migrations(NOW).state == "good"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'auth' AND name LIKE '0012%'")

    found = vitals.migrations(NOW)
    assert (found.state, found.fact) == (
        "stop",
        "有 1 项更新没有执行：auth.0012_alter_user_first_name_max_length",
    )


@pytest.mark.once
@pytest.mark.parametrize("kind", ["dead", "silent"])
def test_a_broker_that_does_not_answer_does_not_hold_the_page(
    signed_in, bureau, settings, monkeypatch, kind
):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        if kind == "silent":
            deaf.listen(8)
        url = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        settings.REDIS_URL = url
        deaf_app = broken(url)
        monkeypatch.setattr(vitals, "app", deaf_app)
        began = time.monotonic()

        page = signed_in(bureau.system).get(reverse("system")).content.decode()
        took = time.monotonic() - began

    assert took < 12
    assert page.count("没有应答") == 4  # twice among what is to be done, twice in the table


def broken(url):
    from celery import Celery  # noqa: PLC0415

    other = Celery("deaf", set_as_current=False)
    other.conf.update(
        broker_url=url,
        broker_transport_options={
            "max_retries": 1,
            "interval_start": 0,
            "socket_connect_timeout": 1,
            "socket_timeout": 2,
        },
        broker_connection_timeout=1,
    )
    return other


def test_the_timetable_keeps_the_clock():
    task = next(
        entry["task"] for name, entry in app.conf.beat_schedule.items() if "sign of life" in name
    )
    app.loader.import_default_modules()

    app.tasks[task]()

    assert timezone.now() - Pulse.objects.get(name=Pulse.Name.TICK).at < timedelta(seconds=5)
