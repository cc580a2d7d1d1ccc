"""What bench/notices.py is measured against: one Celery task a notice, each recording and handing
over its own, as one would write it first."""

import os
import uuid
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402 -- models, once set up

from reform.celery import app  # noqa: E402
from reform.models import Event, Notice, User  # noqa: E402


@app.task(name="bench.tell")
def tell(person: int, subject: str, key: str, url: str) -> None:
    user = User.objects.get(pk=person)
    Notice.objects.create(
        recipient=user,
        subject=subject,
        key=key,
        url=url,
        event=Event.OVERDUE,
        created_at=timezone.now(),
    )
    line = f"{key},{user.phone},{subject}\n"
    Path(os.environ["SMS_FOLDER"], f"task-{uuid.uuid4().hex}.csv").write_text(line)
