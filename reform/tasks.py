from celery import shared_task
from django.utils import timezone

from reform.actions import pulses


@shared_task
def tick() -> None:
    pulses.tick(at=timezone.now())
