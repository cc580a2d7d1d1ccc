from celery import shared_task
from django.utils import timezone

from rectification.actions import clock
from rectification.exports import jobs


@shared_task
def run_export(job_id: int) -> None:
    jobs.run(job_id, at=timezone.now())


@shared_task
def run_waiting_exports() -> None:
    jobs.run_waiting(at=timezone.now())


@shared_task
def tick() -> None:
    clock.tick(at=timezone.now())
