"""The trail (操作留痕): searching it, one entry, its Excel; the seals and their check."""

import logging
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.views import View
from kombu.exceptions import OperationalError

from reform import policy, tasks
from reform.actions import trail
from reform.exports import trail_jobs
from reform.exports.trail import capacity
from reform.forms.trail import TrailFilter
from reform.models import Act, Actor, Job, TrailEntry, TrailSeal
from reform.models.trail_detail import facts, kind_of
from reform.models.trail_search import WINDOW
from reform.views.files import send
from reform.views.lists import PagedList

logger = logging.getLogger(__name__)


def require_reader(actor: Actor) -> None:
    """Auditors read what others did, the security administrator what auditors did."""
    if not any(policy.may(actor, act) for act in ("au.read", "au.read_auditor")):
        raise PermissionDenied("操作留痕由审计管理员查看。")


class Trail(PagedList):
    """The list, newest first. Looking at it is in the trail itself: one entry a search."""

    title = "操作留痕"
    template_name = "reform/trail/list.html"
    filter_class = TrailFilter

    @cached_property
    def search(self) -> Any:
        return self.filter.search()

    def get_queryset(self) -> QuerySet:
        # What is shown and nothing else: texts of business rows do not even come this far.
        rows = self.search.rows(self.request.actor).select_related("organization")
        return rows.defer("quote", "detail")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_reader(request.actor)
        response = super().get(request, *args, **kwargs).render()
        if self.page_kwarg not in request.GET:  # turning pages is the same search
            actor = request.actor
            say = self.search.in_words()
            trail.record(Act.TRAIL_SEARCHED, actor.user, by=actor, at=timezone.now(), say=say)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, actor = super().get_context_data(**kwargs), self.request.actor
        entries = list(context["page_obj"])
        for entry in entries:
            entry.capacity = capacity(entry)
        oldest = self.search.oldest_read(actor)
        return context | {
            "entries": entries,
            "oldest": oldest,
            "window": f"{WINDOW // 10_000}万",
            "may_export": policy.may(actor, "au.export"),
            "may_verify": policy.may(actor, "au.verify"),
            "of_auditors": not policy.may(actor, "au.read"),
        }


class TrailEntryPage(View):
    """One entry, its detail in words; whether it is sealed yet."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = TrailEntry.objects.visible_to(request.actor).select_related("organization", "by")
        entry = get_object_or_404(rows, pk=pk)
        seals = TrailSeal.objects.defer("leaves").filter(last_id__gte=entry.pk)
        context = {
            "title": f"留痕第{entry.pk}条",
            "entry": entry,
            "facts": _facts(entry),
            "detail": facts(entry),
            "seal": seals.order_by("number").first(),
            "may_verify": policy.may(request.actor, "au.verify"),
        }
        return render(request, "reform/trail/detail.html", context)


def _facts(entry: TrailEntry) -> list[tuple[str, Any]]:
    kind = kind_of(entry.target)
    who = f"{entry.by_name}（账号 {entry.by.username}）" if entry.by else entry.by_name
    pairs = [
        ("时间", f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}"),
        ("事项", entry.act_in_words),
        ("说明", entry.for_audit),
        ("对象", f"{kind} {entry.subject}".strip()),
        ("操作人", who or "—"),
        ("身份", capacity(entry)),
        ("操作人单位", str(entry.organization or "—")),
        ("代谁", entry.behalf_name),
        ("来源地址", entry.address or "—"),
    ]
    return [pair for pair in pairs if pair[1]]


class ExportTrail(View):
    """The found entries as Excel: at once when there are few, by the worker otherwise."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        actor, at = request.actor, timezone.now()
        if not policy.may(actor, "au.export"):
            raise PermissionDenied("您没有导出操作留痕的权限。")
        search = TrailFilter(request.GET).search()
        job, is_short = trail_jobs.ask_export(search, by=actor, at=at)
        if not is_short:
            _call_worker(job)
            return redirect("job", job.pk)
        _run_now(job, at=at)
        if job.state == Job.State.DONE and job.result:
            return send(job.result)
        return redirect("job", job.pk)


class Seals(PagedList):
    """The seals (留痕封存), newest first, and what the last check said."""

    title = "留痕封存与校验"
    template_name = "reform/trail/seals.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may(request.actor, "au.verify"):
            raise PermissionDenied("您没有校验操作留痕的权限。")
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet:
        return TrailSeal.objects.defer("leaves").order_by("-number")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        newest = TrailSeal.objects.defer("leaves").order_by("-number").first()
        unsealed = TrailEntry.objects.filter(pk__gt=newest.last_id if newest else 0)
        check = trail_jobs.last_check()
        said = check.detail.get("result", []) if check else []
        return context | {
            "newest": newest,
            "unsealed": unsealed.order_by()[: self.paginator_class.CAP + 1].count(),
            "cap": self.paginator_class.CAP,
            "check": check,
            "verdict": said[0] if said else "",
            "said": said[1:],
            "passed": bool(said) and said[0].startswith("校验通过"),
        }


class CheckTrail(View):
    """校验: now when little is sealed, by the worker otherwise."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        actor, at = request.actor, timezone.now()
        if not policy.may(actor, "au.verify"):
            raise PermissionDenied("您没有校验操作留痕的权限。")
        job, is_short = trail_jobs.ask_check(by=actor, at=at)
        if not is_short:
            _call_worker(job)
            return redirect("job", job.pk)
        _run_now(job, at=at)
        if job.state != Job.State.DONE:
            messages.error(request, job.fault or "校验没有完成，请重试。")
        return redirect("trail-seals")


def _run_now(job: Job, *, at: Any) -> None:
    """A disk that takes no file is told on the job's page; the row says that it failed."""
    try:
        trail_jobs.run(job.pk, at=at)
    except OSError:
        logger.exception("Job %s could not write its file", job.pk)
    job.refresh_from_db()


def _call_worker(job: Job) -> None:
    """Tell the worker. The row is what counts: a lost call is found by the next minute's tick."""
    try:
        tasks.run_trail_job.delay(job.pk)
    except (OperationalError, OSError) as error:
        logger.warning(
            "The broker does not answer; job %s waits for the timetable: %s", job.pk, error
        )
