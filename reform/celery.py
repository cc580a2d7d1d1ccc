"""The Celery app and the timetable: everything the system does by itself, in one place."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reform.settings")

app = Celery("reform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Hours are Beijing's: CELERY_TIMEZONE says so, and crontab() alone would not.
app.conf.beat_schedule = {
    "run jobs whose call got lost, every minute": {
        "task": "rectification.tasks.run_waiting_exports",
        "schedule": crontab(),
        "options": {"expires": 50},  # after a night without a worker one call is enough
    },
}
