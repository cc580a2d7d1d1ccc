"""Pages of the import: upload, what was understood, corrections, keep, register all."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views import View

from campaigns.models import Campaign
from rectification import policy
from rectification.actions import uploads
from rectification.actions.people import Directory
from rectification.forms.imports import KeepForm, MappingForm, UploadForm, Whom
from rectification.forms.problems import ConfirmForm
from rectification.imports import ledger
from rectification.imports.checked import Stranger
from rectification.imports.headings import FIELDS
from rectification.models import Upload
from reform.actions import attachments
from reform.errors import Refused
from reform.models import User
from reform.views.act import ActView
from reform.views.files import send
from reform.views.lists import PagedList

CHOICES = 200  # organizations in a list; more than that are searched for


class ImportList(PagedList):
    template_name = "rectification/imports/list.html"
    context_object_name = "uploads"

    def get_queryset(self) -> Any:
        rows = Upload.objects.visible_to(self.request.actor)
        registered = Count("problems", filter=~Q(problems__status="draft"))
        rows = rows.annotate(count=Count("problems"), registered=registered)
        return rows.select_related("attachment", "organization", "campaign").order_by("-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_import": may_import(self.request.actor)}


def may_import(actor: Any) -> bool:
    return any(duty.role in policy.TABLE["pb.import"][1] for duty in actor.duties)


class UploadLedger(ActView):
    form_class = UploadForm
    title = "上传表格"
    template_name = "rectification/imports/new.html"

    def load(self) -> None:
        return None

    def may(self, actor: Any, _object: None) -> bool:
        return may_import(actor)

    def get_form_kwargs(self) -> dict[str, Any]:
        actor = self.request.actor
        return super().get_form_kwargs() | {
            "campaigns": Campaign.objects.visible_to(actor).open(),
            "places": list(policy.places(actor, "pb.import")[:CHOICES]),
            "initial": {"organization": actor.home.pk if actor.home else None},
        }

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        """Read and store the workbook before the transaction: nobody waits for it meanwhile."""
        file, actor = data.pop("file"), self.request.actor
        content = file.read()
        understood = ledger.understand(
            content, name=file.name, campaign=data["campaign"], on=actor.on
        )
        self.kept = attachments.keep(
            BytesIO(content), name=file.name, by=actor, at=self.at, kind=ledger.UNTYPED
        )
        return data | {"attachment": self.kept, "reading": understood.to_json()}

    def discard(self, data: dict[str, Any]) -> None:  # noqa: ARG002 -- the file is all there is
        if kept := getattr(self, "kept", None):
            attachments.drop(kept)

    def act(self, _object: None, *, by: Any, at: Any, campaign: Campaign, **data: Any) -> Upload:
        return uploads.receive(campaign, by=by, at=at, **data)

    def back(self) -> Any:
        return redirect("imports").url

    def next_page(self, result: Upload) -> Any:
        return result


class OneImport(View):
    """One's own import; another's does not exist."""

    def upload(self, request: HttpRequest, pk: int) -> Upload:
        rows = Upload.objects.visible_to(request.actor)
        return get_object_or_404(
            rows.select_related("campaign", "organization", "attachment"), pk=pk
        )

    def show(self, request: HttpRequest, upload: Upload, **more: Any) -> HttpResponse:
        actor = request.actor
        checked = ledger.check(upload, by=actor)
        drafts = upload.problems.filter(status="draft").count()
        context = {
            "upload": upload,
            "checked": checked,
            "reading": checked.reading,
            "columns": [
                (column.heading or f"{column.letter}列", FIELDS.get(column.field, ""))
                for column in checked.reading.columns
                if column.heading or column.samples
            ],
            "before": uploads.kept_before(upload),
            "mapping": self.mapping(upload, checked, actor),
            "keep_form": self.keep_form(upload, checked, actor),
            "drafts": drafts,
            "registered": upload.problems.exclude(status="draft").count(),
            "register_form": ConfirmForm(),
            "line_errors": {fault.line for fault in checked.errors},
            "on": actor.on,
        }
        status = more.pop("status", 200)
        return render(request, "rectification/imports/detail.html", context | more, status=status)

    def mapping(self, upload: Upload, checked: Any, actor: Any, data: Any = None) -> MappingForm:
        people = upload.corrections.get("people", {})
        initial = {
            f"person_{place}": str(people.get(stranger.name, ""))
            for place, stranger in enumerate(checked.strangers)
        }
        directory = Directory.of(upload.organization, on=actor.on)
        return MappingForm(
            data,
            reading=checked.reading,
            strangers=[whom(stranger, directory) for stranger in checked.strangers],
            initial=initial,
        )

    def keep_form(self, upload: Upload, checked: Any, actor: Any, data: Any = None) -> KeepForm:
        return KeepForm(
            data,
            campaign=upload.campaign,
            lacks_source=checked.lacks_source,
            lacks_found_on=checked.lacks_found_on,
            on=actor.on,
            initial={"found_on": checked.reading.reported_on or actor.on},
        )


def whom(stranger: Stranger, directory: Directory) -> Whom:
    """Return the accounts a name may mean, likely ones first, in a list of at most 200."""
    name, leader = stranger
    pool = directory.leaders if leader else directory.members
    users = {user.pk: user for users in pool.values() for user in users}
    rows = sorted(users.values(), key=lambda user: (user.name, user.pk))[:CHOICES]
    return Whom(name, labelled(directory.near(name, leader=leader)), labelled(rows), leader)


def labelled(users: list[User]) -> list[tuple[str, str]]:
    return [(str(user.pk), f"{user.name} {user.post}".strip()) for user in users]


class ImportPage(OneImport):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.upload(request, pk))


class CorrectImport(OneImport):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self.upload(request, pk)
        checked = ledger.check(upload, by=request.actor)
        form = self.mapping(upload, checked, request.actor, request.POST)
        if not form.is_valid():
            return self.show(request, upload, mapping=form, status=422)
        try:
            ledger.correct(
                upload,
                corrections=form.corrections(upload.corrections),
                by=request.actor,
                at=timezone.now(),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "已按您的更正重新读取。")
        return redirect(upload)


class KeepImport(OneImport):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload, actor = self.upload(request, pk), request.actor
        checked = ledger.check(upload, by=actor)
        form = self.keep_form(upload, checked, actor, request.POST)
        if not form.is_valid():
            return self.show(request, upload, keep_form=form, status=422)
        data = form.cleaned_data
        try:
            made = ledger.keep(
                upload,
                good_rows=data["good_rows"],
                source=data.get("source"),
                found_on=data.get("found_on"),
                by=actor,
                at=timezone.now(),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"已保存{len(made)}条草稿，核对后点“全部入账”。")
        return redirect(upload)


class DiscardImport(OneImport):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self.upload(request, pk)
        try:
            uploads.discard(upload, by=request.actor, at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(upload)
        messages.success(request, f"已放弃导入“{upload}”，台账没有变化。")
        return redirect("imports")


class RegisterImport(OneImport):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload, actor = self.upload(request, pk), request.actor
        if not policy.may_here(actor, "pb.publish", upload.organization):
            raise PermissionDenied("您没有入账的权限。")
        done, refused = uploads.register_all(upload, by=actor, at=timezone.now())
        if done:
            first, last = done[0].number, done[-1].number
            messages.success(request, f"已入账{len(done)}条，编号{first}至{last}。")
        for problem, why in refused:
            messages.error(request, f"第{problem.upload_line}行没有入账：{why}")
        return redirect(upload)


class ImportFile(OneImport):
    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        upload = self.upload(request, pk)
        return send(uploads.read(upload, by=request.actor, at=timezone.now()))
