"""The outbox on real processes, killed by pid: none lost, none twice, whatever falls over.

A mail server on our own machine takes what is sent; Redis is a real one of our own, to be flushed
and stopped. What is told here goes at its own minute, so that the hour of the test does not matter.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from email.utils import parseaddr
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.db import connection
from django.utils import timezone

from reform.actions import notices
from reform.actions.notices import Letter
from reform.models import Delivery, Event, Notice, Preference, User
from tests.factories import OrganizationFactory, UserFactory, person
from tests.reform.postbox import postbox
from tests.reform.test_killed import address
from tests.servers import _free_port as free_port
from tests.servers import _redis_program as redis_program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

ROOT = Path(__file__).resolve().parents[2]
WORKER = "-m celery -A reform worker --pool solo --loglevel warning --without-gossip"
SWEEPER = "manage.py sweep"
PERIOD = 5  # seconds between two rounds; a minute in production


@pytest.fixture
def box():
    with postbox() as box:
        yield box


@pytest.fixture
def env(box, tmp_path):
    """What a process of ours is given: the rows of this test, and its mail server."""
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "DATABASE_URL": address(),
        "MEDIA_ROOT": str(tmp_path / "media"),
        "EMAIL_URL": box.url,
        "SWEEP_SECONDS": str(PERIOD),
    }


@contextmanager
def redis_server(port, folder):
    program, _ = redis_program()
    words = f"--port {port} --bind 127.0.0.1 --save '' --appendonly no --dir {folder}"
    process = subprocess.Popen([program, *shlex.split(words)], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    try:
        until(lambda: answers(client))
        yield client
    finally:
        client.close()
        process.kill()
        process.wait()


def answers(client):
    try:
        return client.ping()
    except redis.ConnectionError:
        return False


@contextmanager
def running(words, env):
    process = subprocess.Popen(
        [sys.executable, *shlex.split(words)], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def sweep_once(env):
    done = subprocess.run(
        [sys.executable, *SWEEPER.split(), "--once"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(true, patience=40):
    """Wait for something to become true; return how many seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < patience
        time.sleep(0.05)
    return time.monotonic() - began


def told(count):
    """Tell so many people of one thing each."""
    people = [UserFactory(name=f"干部{n}") for n in range(count)]
    Preference.objects.bulk_create(
        Preference(user=one, email=f"u{n}@example.cn") for n, one in enumerate(people)
    )
    letter = Letter(people, "请报送周报", "k", "/", Event.WEEKLY, Notice.Timing.DIRECT)
    notices.post_each([letter], at=timezone.now(), by=None)


def sent():
    return Delivery.objects.filter(state="sent").count()


def hint(url, count=1):
    """What beat does each minute."""
    with Celery(broker=url, set_as_current=False) as app:
        for _ in range(count):
            app.send_task("reform.tasks.sweep")


@contextmanager
def hints(url):
    """A beat whose minute is five seconds long."""
    over = threading.Event()

    def beat():
        hint(url)
        while not over.wait(PERIOD):
            hint(url)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def each_once(box, count):
    """Everybody was written to, and at most one mail came twice, known by its Message-ID."""
    came = Counter(box.ids())
    assert len(came) == count
    assert sum(came.values()) <= count + 1, came.most_common(5)
    assert {parseaddr(mail["To"])[1] for mail in box.taken} == {
        f"u{n}@example.cn" for n in range(count)
    }


# ---------------------------------------------------------------- killed


def killed_half_way(words, env, box):
    box.pause = 0.02
    with running(words, env) as first:
        until(lambda: len(box.taken) >= 60)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert 59 <= sent() < 200  # of the sixtieth the server may know, and we not yet
    with running(words, env):
        return until(lambda: sent() == 200)


def test_a_sweeper_killed_in_the_middle_of_200_mails_loses_none(env, box):
    told(200)

    took = killed_half_way(SWEEPER, env, box)

    each_once(box, 200)
    assert took < 30


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the worker of production")
def test_a_worker_killed_in_the_middle_of_200_mails_loses_none(env, box, tmp_path):
    told(200)
    port = free_port()
    env["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"

    with redis_server(port, tmp_path), hints(env["REDIS_URL"]):
        took = killed_half_way(WORKER, env, box)

    each_once(box, 200)
    assert took < 30


@pytest.mark.served
def test_two_sweepers_at_once_send_each_once(env, box):
    told(200)
    env["SWEEP_SECONDS"] = "1"

    with running(SWEEPER, env), running(SWEEPER, env), running(SWEEPER, env):
        until(lambda: sent() == 200)
        time.sleep(2)  # and nothing comes after

    assert max(Counter(box.ids()).values()) == 1
    assert len(box.taken) == 200


@pytest.mark.served
def test_a_sweeper_that_is_told_to_stop_does_so_soon_and_lets_go(env, box):
    told(200)
    box.pause = 0.02

    with running(f"{SWEEPER} --alive {env['MEDIA_ROOT']}-alive", env) as process:
        until(lambda: len(box.taken) >= 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0

    assert Delivery.objects.filter(state="waiting", claimed_by="").count() == 200 - sent()
    assert sent() == len(box.taken)  # nothing will come twice
    assert Path(f"{env['MEDIA_ROOT']}-alive").exists()


# ---------------------------------------------------------------- a mail server with faults


def later():
    """The time until the next try has gone by."""
    Delivery.objects.update(next_at=timezone.now())


@pytest.mark.once
def test_a_server_that_refuses_costs_nobody_his_mail(env, box):
    told(50)
    port = free_port()

    said = sweep_once(env | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"})

    assert "发出0条，未成0条；连不上邮件服务器。" in said
    assert set(Delivery.objects.values_list("state", "attempts")) == {("waiting", 0)}
    later()
    assert "发出50条" in sweep_once(env)
    assert len(box.taken) == 50


@pytest.mark.once
def test_a_slow_server_is_given_up_for_the_moment(env, box):
    told(1)
    box.slow = 25
    began = time.monotonic()

    sweep_once(env)

    assert time.monotonic() - began < 20
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.error) == ("waiting", 1, "邮件服务器没有及时应答。")
    box.slow = 0
    later()
    sweep_once(env)
    assert box.ids() == [row.message_id]


@pytest.mark.once
def test_a_line_cut_after_the_text_is_repeated_under_the_same_message_id(env, box):
    told(50)
    box.drops = 1

    assert "发出49条，未成1条" in sweep_once(env)
    later()
    assert "发出1条" in sweep_once(env)

    assert sorted(Counter(box.ids()).values()) == [1] * 49 + [2]
    each_once(box, 50)


@pytest.mark.once
def test_one_bad_recipient_among_fifty_holds_up_nobody(env, box):
    told(50)
    box.refuses = {"u7@example.cn"}

    assert "发出49条，未成1条" in sweep_once(env)
    dead = Delivery.objects.dead().get()
    assert (dead.recipient.preference.email, dead.attempts) == ("u7@example.cn", 1)
    later()
    assert "发出0条" in sweep_once(env)
    assert len(box.taken) == 49


# ---------------------------------------------------------------- Redis


@pytest.mark.once
def test_a_flushed_redis_with_1000_hints_loses_nothing_and_repeats_nothing(env, box, tmp_path):
    told(100)
    port = free_port()
    env["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"

    with redis_server(port, tmp_path) as client:
        hint(env["REDIS_URL"], 1_000)
        assert client.llen("celery") == 1_000
        client.flushall()
        assert "发出100条" in sweep_once(env)
        hint(env["REDIS_URL"], 20)
        with running(WORKER, env):
            until(lambda: client.llen("celery") == 0)
            time.sleep(1)

    assert max(Counter(box.ids()).values()) == 1
    assert len(box.taken) == 100


ASK = """
import django
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse
from reform.models import User
client = Client(headers={"host": "localhost"})
client.force_login(
    User.objects.get(name="马超"), backend="django.contrib.auth.backends.ModelBackend"
)
for name, data in (
    ("suggest", {"text": "导入很方便", "page": "/"}),
    ("problems", None),
    ("inbox", None),
):
    answer = client.get(reverse(name)) if data is None else client.post(reverse(name), data)
    print(name, answer.status_code)
client.force_login(
    User.objects.get(name="审计员"), backend="django.contrib.auth.backends.ModelBackend"
)
print("export", client.post(reverse("trail-check"), {}).status_code)
"""


@pytest.mark.once
def test_while_redis_is_down_pages_go_on_and_all_is_told_later_once(env, box):
    from reform.models import Role  # noqa: PLC0415

    top = OrganizationFactory(name="市交通局党组", kind="committee")
    person("马超", top)
    person("审计员", top, Role.AUDIT)
    office = person("田野", top, Role.OFFICE)
    Preference.objects.create(user=office, email="u0@example.cn")
    env["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"  # nobody is there

    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=env | {"DJANGO_SETTINGS_MODULE": "reform.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert re.findall(r"\d{3}", done.stdout) == ["302", "200", "200", "302"], done.stderr
    Notice.objects.update(timing=Notice.Timing.DIRECT)  # a digest would wait for the morning
    sweep_once(env)
    sweep_once(env)
    each_once(box, 1)
    assert User.objects.get(name="田野").notices.count() == 1
