"""The broker that is there: folders on the SQLite pass, a real Redis on the PostgreSQL pass."""

import json
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).resolve().parent.parent
PUBLISH = """
import time
from kombu.exceptions import OperationalError
from reform.celery import app
began = time.monotonic()
try:
    app.send_task("rectification.tasks.run_waiting_exports")
except OperationalError:
    print(time.monotonic() - began)
"""


@pytest.fixture
def app(tmp_path):
    """Our settings with a queue of our own, so that nobody takes our messages nor we theirs."""
    probe = Celery("probe", set_as_current=False)
    probe.config_from_object("django.conf:settings", namespace="CELERY")
    probe.conf.task_default_queue = f"test-{uuid.uuid4().hex}"
    if probe.conf.broker_url.startswith("filesystem"):
        folders = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), tmp_path)
        probe.conf.broker_transport_options |= {key: str(path) for key, path in folders.items()}
    yield probe
    probe.close()


def test_what_one_publishes_the_worker_does(app):
    done = threading.Event()

    @app.task(name="probe.report")
    def report(word):
        if word == "到了":
            done.set()

    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
        report.delay("到了")
        assert done.wait(timeout=20)


@pytest.mark.once
def test_a_worker_outlives_what_somebody_killed_left_half_written(app, tmp_path):
    if not app.conf.broker_url.startswith("filesystem"):
        pytest.skip("a file broker's own trouble")
    (tmp_path / f"0_{uuid.uuid4()}.{app.conf.task_default_queue}.msg").touch()
    done = threading.Event()
    app.task(name="probe.after")(done.set)

    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
        app.send_task("probe.after")
        assert done.wait(timeout=20)


@pytest.mark.once
def test_a_message_has_its_name_only_when_it_is_whole(app, tmp_path):
    if not app.conf.broker_url.startswith("filesystem"):
        pytest.skip("a file broker's own trouble")
    with app.connection() as connection, connection.SimpleQueue("q") as queue:
        writer = threading.Thread(
            target=lambda: [queue.put({"words": "长" * 100_000}) for _ in range(60)]
        )
        writer.start()
        seen = set()
        while writer.is_alive() or len(seen) < 60:
            for message in set(tmp_path.glob("*.q.msg")) - seen:
                assert json.loads(message.read_text())["body"]
                seen.add(message)
        writer.join()

        assert queue.qsize() == 60


@pytest.mark.once
@pytest.mark.parametrize("kind", ["dead", "silent"])
def test_a_page_does_not_wait_for_a_broker_that_does_not_answer(kind):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # bound: nobody else can answer there
        if kind == "silent":
            deaf.listen(8)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", PUBLISH],
            cwd=ROOT,
            env={"REDIS_URL": f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert float(done.stdout) < 4, done.stderr
    assert time.monotonic() - began < 15
