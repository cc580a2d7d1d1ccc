"""Downloading the ledger: at once when it is short, by the worker with progress when it is long."""

import logging
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views import View
from kombu.exceptions import OperationalError

from rectification import tasks
from rectification.exports import jobs, scope
from rectification.models.ledger_filter import FILTERS
from reform.models import Job
from reform.text import clean
from reform.views.files import send

logger = logging.getLogger(__name__)
AT_ONCE = 300  # rows that are written while one waits; more go to the worker


class ExportLedger(View):
    def post(self, request: HttpRequest) -> HttpResponseBase:
        actor, at = request.actor, timezone.now()
        if not scope.may_export(actor):
            raise PermissionDenied("您没有导出台账的权限。")
        variant = "data" if request.POST.get("variant") == "data" else "printed"
        params = {
            name: [clean(value, multiline=False)[:100] for value in values]
            for name, values in request.GET.lists()
            if name in FILTERS or name in {"view", "sort"}
        }
        job = jobs.ask(variant, params=params, by=actor, at=at)
        if scope.asked_for(actor, params)[: AT_ONCE + 1].count() <= AT_ONCE:
            _make_now(job, at=at)
            job.refresh_from_db()
            if job.state == Job.State.DONE and job.result:
                return send(job.result)
        else:
            _call_worker(job)
        return redirect("job", job.pk)


def _make_now(job: Job, *, at: datetime) -> None:
    """A disk that takes no file is told on the job's page; the row says that it failed."""
    try:
        jobs.run(job.pk, at=at)
    except OSError:
        logger.exception("Job %s could not write its file", job.pk)


def _call_worker(job: Job) -> None:
    """Tell the worker. The row is what counts: a lost call is found by the next minute's tick."""
    try:
        tasks.run_export.delay(job.pk)
    except (OperationalError, OSError) as error:
        logger.warning(
            "The broker does not answer; job %s waits for the timetable: %s", job.pk, error
        )
