"""Pages of the import of people: upload, what it would do, keep, and the first codes."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from reform import policy
from reform.actions import attachments, people_imports, people_undoing
from reform.errors import Refused
from reform.exports import people as papers
from reform.forms.people_imports import PeopleUploadForm, UndoForm
from reform.imports import people
from reform.models import Actor, Attachment, Duty, PeopleImport
from reform.views.act import ActView
from reform.views.files import send_bytes
from reform.views.lists import PagedList

UNTYPED = "application/octet-stream"
SHOWN = 200  # rows of the preview; a longer workbook is told in figures


def require(actor: Actor) -> None:
    if not policy.may(actor, "user.import"):
        raise PermissionDenied("导入人员由系统管理员办理。")


class PeopleImports(PagedList):
    title = "导入人员"
    template_name = "reform/people_imports/list.html"

    def get_queryset(self) -> Any:
        require(self.request.actor)
        rows = PeopleImport.objects.visible_to(self.request.actor)
        return rows.select_related("attachment").order_by("-pk")


class UploadPeople(ActView):
    form_class = PeopleUploadForm
    title = "上传人员表"
    template_name = "reform/people_imports/new.html"

    def load(self) -> None:
        return None

    def may(self, actor: Actor, _object: None) -> bool:
        return policy.may(actor, "user.import")

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        """Read it before it is stored: what is no table is refused on the form."""
        file, actor = data.pop("file"), self.request.actor
        content = file.read()
        people.read(content, name=file.name)
        kept = attachments.keep(
            BytesIO(content), name=file.name, by=actor, at=self.at, kind=UNTYPED
        )
        return data | {"attachment": kept}

    def discard(self, data: dict[str, Any]) -> None:
        if kept := data.get("attachment"):
            attachments.drop(kept)

    def act(self, _object: None, *, attachment: Attachment, by: Actor, at: Any) -> PeopleImport:
        return people_imports.receive(attachment, by=by, at=at)

    def back(self) -> str:
        return reverse("people-imports")

    def next_page(self, result: PeopleImport) -> PeopleImport:
        return result


class OneImport(View):
    """One's own import; another's does not exist."""

    def row(self, request: HttpRequest, pk: int) -> PeopleImport:
        rows = PeopleImport.objects.visible_to(request.actor).select_related("attachment")
        row = get_object_or_404(rows, pk=pk)
        require(request.actor)
        return row


class PeopleImportPage(OneImport):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.row(request, pk)
        context: dict[str, Any] = {"import": row, "title": f"导入人员：{row}"}
        if row.state == PeopleImport.State.READ:
            checked = people.look(row, by=request.actor)
            context |= {
                "checked": checked,
                "entries": checked.entries[:SHOWN],
                "faults": checked.faults[:SHOWN],
                "more": max(len(checked.entries) - SHOWN, 0),
            }
        else:
            context["waiting"] = row.codes_at is None and row.newcomers.exists()
        return render(request, "reform/people_imports/detail.html", context)


class KeepPeople(OneImport):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.row(request, pk)
        try:
            people.keep(row, by=request.actor, at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "已全部导入。")
        return redirect(row)


class DiscardPeople(OneImport):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.row(request, pk)
        try:
            people_imports.discard(row, by=request.actor, at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(row)
        messages.success(request, f"已放弃导入“{row}”，人员名册没有变化。")
        return redirect("people-imports")


class UndoPeople(ActView):
    """Take back an import that was kept, as long as nothing has come of it."""

    form_class = UndoForm
    title = "撤销导入"
    template_name = "reform/people_imports/undo.html"

    def load(self) -> PeopleImport:
        rows = PeopleImport.objects.visible_to(self.request.actor).select_related("attachment")
        return get_object_or_404(rows, pk=self.kwargs["pk"], state=PeopleImport.State.KEPT)

    def may(self, actor: Actor, _row: PeopleImport) -> bool:
        return policy.may(actor, "user.import")

    def act(self, row: PeopleImport, *, reason: str, by: Actor, at: Any) -> None:
        people_undoing.undo(row, reason=reason, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        against = people_undoing.obstacles(self.object) if self.request.method == "GET" else []
        return super().get_context_data(**kwargs) | {
            "against": against[:SHOWN],
            "more": max(len(against) - SHOWN, 0),
        }

    def next_page(self, _result: None) -> str:
        words = f"已撤销导入“{self.object}”，人员名册恢复原样，上传的文件已删除。"
        messages.success(self.request, words)
        return reverse("people-imports")


class ImportCodes(OneImport):
    """The first codes of the new accounts as a workbook, this once."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row, actor = self.row(request, pk), request.actor
        try:
            slips = people_imports.hand_codes(row, by=actor, at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(row)
        homes = Duty.objects.in_force(actor.on).filter(user__in=row.newcomers.all(), home=True)
        places = dict(homes.values_list("user", "organization__name"))
        address = request.build_absolute_uri(reverse("login"))
        data = papers.codes(slips, places=places, address=address)
        return send_bytes(data, name="一次性登录码.xlsx", kind=papers.XLSX)


class PeopleTemplate(View):
    def get(self, request: HttpRequest) -> FileResponse:
        require(request.actor)
        return send_bytes(papers.template(), name="人员导入模板.xlsx", kind=papers.XLSX)
