from celery import shared_task
from django.utils import timezone

from reform.actions import pulses, seals, tidying
from reform.exports import outbox, trail_jobs


@shared_task
def tick() -> None:
    pulses.tick(at=timezone.now())


@shared_task
def sweep() -> None:
    outbox.sweep(at=timezone.now())


@shared_task
def seal_trail() -> None:
    seals.seal_all(at=timezone.now())


@shared_task
def tidy() -> None:
    tidying.tidy(at=timezone.now())


@shared_task
def run_trail_job(job_id: int) -> None:
    trail_jobs.run(job_id, at=timezone.now())


@shared_task
def run_waiting_trail_jobs() -> None:
    trail_jobs.run_waiting(at=timezone.now())
