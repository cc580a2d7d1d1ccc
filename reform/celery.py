"""The Celery app and the timetable: everything the system does by itself, in one place."""

import os
import time
import uuid
from json import JSONDecodeError
from pathlib import Path
from queue import Empty
from typing import Any

from celery import Celery
from celery.exceptions import WorkerShutdown
from celery.schedules import crontab
from celery.signals import worker_shutting_down
from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reform.settings")


class Folders(filesystem.Channel):
    """The broker of a desk, with every file whole from the moment it has its name.

    kombu opens a file under its name and writes it then; a worker that looked in between read
    nothing, took that for a broken broker, and ended, and `make run` with it.
    """

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        _write(Path(self.data_folder_out, name), payload)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 -- as kombu asks
        try:
            return super()._get(queue)
        except JSONDecodeError as error:  # of somebody who was killed; a message is but a hint
            raise Empty from error

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str
    ) -> None:
        table = self.get_table(exchange)
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        if bound not in table:
            self.control_folder.mkdir(exist_ok=True)
            file = self._exchange_file(exchange)  # type: ignore[attr-defined]  # newer than its stubs
            _write(file, [bound, *table])


class FolderTransport(filesystem.Transport):
    Channel = Folders


def _write(target: Path, content: Any) -> None:
    part = target.with_name(f"{target.name}.{uuid.uuid4()}.part")
    try:
        part.write_text(dumps(content), encoding="utf-8")
        part.replace(target)
    except OSError as error:
        raise ChannelError(f"Cannot write {target}") from error


TRANSPORT_ALIASES["filesystem"] = "reform.celery:FolderTransport"

app = Celery("reform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Hours are Beijing's: CELERY_TIMEZONE says so, and crontab() alone would not.
app.conf.beat_schedule = {
    "a sign of life for the page of the system's state, every minute": {
        "task": "reform.tasks.tick",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    "tell whoever is to be reminded of a problem or a report, every minute": {
        "task": "rectification.tasks.tick",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    # A hint: `manage.py sweep` does the same by itself, and needs no broker.
    "send what waits in the outbox, every minute": {
        "task": "reform.tasks.sweep",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    "run jobs whose call got lost, every minute": {
        "task": "rectification.tasks.run_waiting_exports",
        "schedule": crontab(),
        "options": {"expires": 50},  # after a night without a worker one call is enough
    },
    "the same for the auditor's jobs, every minute": {
        "task": "reform.tasks.run_waiting_trail_jobs",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    "seal the trail, each night at ten past midnight": {
        "task": "reform.tasks.seal_trail",
        "schedule": crontab(hour=0, minute=10),
    },
    "forget old messages, form tokens and sessions, each night at ten to one": {
        "task": "reform.tasks.tidy",
        "schedule": crontab(hour=0, minute=50),
    },
}


@worker_shutting_down.connect
def leave_the_folders_at_once(**_: object) -> None:
    """At a desk, Ctrl-C ends the worker's wait for files, up to four seconds otherwise.

    A task under way is still finished; a message just taken is a row, which the next minute finds.
    """
    if app.conf.broker_url.startswith("filesystem:"):
        raise WorkerShutdown(0)
