"""Jobs (后台任务): how far one is, and the file it ends in."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.generic import DetailView

from reform import policy
from reform.actions import trail
from reform.models import Act, Job
from reform.views.files import send
from reform.views.lists import PagedList


class Jobs(PagedList):
    """What one has asked for (我的导出), newest first: a page left early leads back to its file."""

    template_name = "reform/jobs/list.html"
    title = "我的导出"

    def get_queryset(self) -> QuerySet:
        rows = Job.objects.visible_to(self.request.actor).select_related("result")
        return rows.order_by("-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for job in context["page_obj"]:
            job.withheld = policy.withheld(self.request.actor, job)
        return context


class JobPage(DetailView):
    """How far it is. htmx asks for the middle each second, a browser without it reloads."""

    context_object_name = "job"

    def get_queryset(self) -> QuerySet:
        return Job.objects.visible_to(self.request.actor).select_related("result")

    def get_template_names(self) -> list[str]:
        return ["reform/jobs/_state.html" if self.request.htmx else "reform/jobs/detail.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": self.object.get_kind_display(),
            "withheld": policy.withheld(self.request.actor, self.object),
        }


@require_GET
def job_file(request: HttpRequest, pk: int) -> HttpResponse:
    jobs = Job.objects.visible_to(request.actor).select_related("result")
    job = get_object_or_404(jobs, pk=pk)
    if job.state == Job.State.SWEPT:
        return redirect(job)  # whose page says so
    if job.state != Job.State.DONE:
        raise Http404("文件还没有生成。")
    if why := policy.withheld(request.actor, job):
        raise PermissionDenied(why)
    try:
        response = send(job.result)
    except FileNotFoundError as error:
        raise Http404("结果文件已清理，请重新生成。") from error
    trail.record(
        Act.RESULT_READ,
        job,
        by=request.actor,
        at=timezone.now(),
        say=job.result.name,
        sha256=job.result.sha256,
    )
    return response
