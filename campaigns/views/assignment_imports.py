"""Importing a table of assignments: upload, what it would add, keep all of it or nothing."""

from datetime import datetime
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from campaigns.actions import assignment_imports
from campaigns.forms.assignments import UploadForm
from campaigns.imports import assignments as papers
from campaigns.models import AssignmentImport, Campaign
from campaigns.views.assignments import campaign_of
from reform.actions import attachments
from reform.errors import Refused
from reform.models import Actor, Attachment
from reform.views.act import ActView

UNTYPED = "application/octet-stream"
SHOWN = 200  # rows of the preview


class UploadAssignments(ActView):
    form_class = UploadForm
    title = "导入任务分解表"
    template_name = "campaigns/assignments/upload.html"

    def load(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    def may(self, actor: Actor, _campaign: Campaign) -> bool:
        return assignment_imports.may_import(actor)

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        """Read it before it is stored: what is no table is refused on the form."""
        file, actor = data.pop("file"), self.request.actor
        content = file.read()
        papers.read(content, name=file.name)
        kept = attachments.keep(
            BytesIO(content), name=file.name, by=actor, at=self.at, kind=UNTYPED
        )
        return data | {"attachment": kept}

    def discard(self, data: dict[str, Any]) -> None:
        if kept := data.get("attachment"):
            attachments.drop(kept)

    def act(
        self, campaign: Campaign, *, attachment: Attachment, by: Actor, at: datetime
    ) -> AssignmentImport:
        return assignment_imports.receive(campaign, attachment=attachment, by=by, at=at)

    def back(self) -> str:
        return reverse("assignments", args=[self.object.pk])

    def next_page(self, result: AssignmentImport) -> AssignmentImport:
        return result

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.object}


class OneImport(View):
    """One's own import; another's does not exist."""

    def row(self, request: HttpRequest, pk: int) -> AssignmentImport:
        rows = AssignmentImport.objects.visible_to(request.actor)  # type: ignore[attr-defined]
        rows = rows.select_related("attachment", "campaign__organization")
        return get_object_or_404(rows, pk=pk)


class AssignmentImportPage(OneImport):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.row(request, pk)
        context: dict[str, Any] = {
            "import": row,
            "campaign": row.campaign,
            "title": f"导入任务分解表：{row}",
        }
        if row.state == AssignmentImport.State.READ:
            checked = papers.look(row, by=request.actor)  # type: ignore[attr-defined]
            context |= {
                "checked": checked,
                "entries": checked.entries[:SHOWN],
                "faults": checked.faults[:SHOWN],
                "more": max(len(checked.entries) - SHOWN, 0),
            }
        return render(request, "campaigns/assignments/import.html", context)


class KeepAssignments(OneImport):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row, actor = self.row(request, pk), request.actor  # type: ignore[attr-defined]
        try:
            kept = papers.keep(row, by=actor, at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(row)
        messages.success(request, f"已全部导入，共{kept.count}项任务。")
        return redirect("assignments", row.campaign_id)


class DiscardAssignments(OneImport):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row, actor = self.row(request, pk), request.actor  # type: ignore[attr-defined]
        try:
            assignment_imports.discard(row, by=actor, at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(row)
        messages.success(request, f"已放弃导入“{row}”，任务分解表没有变化。")
        return redirect("assignments", row.campaign_id)
