"""Collated weekly reports: gathering, looking over, signing, sending on; and reports as files."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View

from rectification.actions import weekly_collations, weekly_signings, weekly_templates
from rectification.exports import weekly_reports as workbooks
from rectification.exports import weekly_templates as template
from rectification.forms.weekly_reports import (
    ForwardForm,
    PartForm,
    SignatureForm,
    TemplateForm,
    WhyForm,
)
from rectification.models import Act, WeeklyPart, WeeklyReport
from rectification.models.metric import METRICS, WEEKLY
from rectification.reports import weekly_report as papers
from rectification.views.weekly_acts import ReportAct, SeenAct
from rectification.views.weekly_reports import reports_of
from reform.actions import attachments, trail
from reform.models import Actor
from reform.views.files import EXCEL, WORD, send, send_bytes
from reform.views.scans import ScanAct


class GatherAnew(ReportAct):
    permit = "wr.aggregate"
    title = "重新汇总"
    meaning = "按最新报来的周报重新汇总，改过的段落保留。"
    done = "已重新汇总。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **_: Any) -> WeeklyReport:
        return weekly_collations.gather_anew(report, by=by, at=at)


class EditPart(ReportAct):
    form_class = PartForm
    permit = "wr.aggregate"
    title = "修改段落"
    done = "已保存。"
    extra_context = {"form_wide": True}

    def load(self) -> WeeklyReport:
        mine = WeeklyReport.objects.visible_to(self.request.actor)
        rows = WeeklyPart.objects.filter(report__in=mine).select_related("report__organization")
        self.part = get_object_or_404(rows, pk=self.kwargs["pk"])
        return get_object_or_404(reports_of(self.request.actor), pk=self.part.report_id)

    def get_initial(self) -> dict[str, Any]:
        part = self.part
        return {"progress": part.progress, "plans": part.plans, "version": part.edition}

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> WeeklyPart:  # noqa: ARG002 -- its part is what changes
        edition = facts.pop("version")
        return weekly_collations.edit_part(self.part, edition=edition, **facts, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"part": self.part}


class SubmitReport(ReportAct):
    permit = "wr.aggregate"
    title = "送审核"
    done = "已送出。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **_: Any) -> WeeklyReport:
        return weekly_signings.submit(report, by=by, at=at)


class ReviewReport(SeenAct):
    permit = "wr.aggregate"
    title = "审核通过"
    done = "已审核，等待签发。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> WeeklyReport:
        return weekly_signings.review(report, **facts, by=by, at=at)


class SignReport(SeenAct):
    permit = "wr.sign"
    title = "签发"
    meaning = "签发后即报送，不能再改。"
    done = "已签发。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> WeeklyReport:
        return weekly_signings.sign(report, **facts, by=by, at=at)


class RecordSignature(ScanAct, SeenAct):
    form_class = SignatureForm
    permit = "sign.record"
    title = "录入线下签批"
    done = "线下签批已录入，即已报送。"

    def get_form_kwargs(self) -> dict[str, Any]:
        people = weekly_signings.signers(self.object, on=self.request.actor.on)
        return super().get_form_kwargs() | {"signers": people}

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> WeeklyReport:
        return weekly_signings.record_signature(report, **facts, by=by, at=at)


class ForwardReport(ReportAct):
    form_class = ForwardForm
    permit = "wr.forward"
    title = "登记报送"
    done = "已登记。"

    def get_initial(self) -> dict[str, Any]:
        above = self.object.organization.parent
        return {"sent_at": self.at, "to": above.name if above else ""}

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return weekly_signings.forward(report, **facts, by=by, at=at)


class ReturnedFromOutside(ReportAct):
    form_class = WhyForm
    permit = "wr.forward"
    title = "登记上级退回"
    done = "已登记，下一版已经开始。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> WeeklyReport:
        return weekly_signings.returned_from_outside(report, reason=facts["reason"], by=by, at=at)

    def next_page(self, result: WeeklyReport) -> Any:
        return result


# ---------------------------------------------------------------- files


class KeepTemplate(ReportAct):
    """The superior's own workbook or Word form: kept once, filled each week."""

    form_class = TemplateForm
    permit = "wr.aggregate"
    title = "上级模板"
    done = "模板已存入，可以按模板导出。"
    template_name = "rectification/weekly/template.html"

    def load(self) -> WeeklyReport:
        return get_object_or_404(
            reports_of(self.request.actor).filter(collated=True), pk=self.kwargs["pk"]
        )

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        file = data["file"]
        # Filled once to see that it can be: an answer that is a file has no place for a refusal.
        template.fill(file.read(), name=file.name, report=self.object)
        file.seek(0)
        self.kept = attachments.keep(
            file, name=file.name, by=self.request.actor, at=self.at, endings=template.ENDINGS
        )
        return {"attachment": self.kept}

    def discard(self, data: dict[str, Any]) -> None:  # noqa: ARG002 -- also when prepare stopped
        if kept := getattr(self, "kept", None):
            attachments.drop(kept)

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return weekly_templates.keep(report, **facts, by=by, at=at)

    def back(self) -> str:
        return reverse("weekly-template", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = weekly_templates.template_of(self.object)
        is_word = known is not None and template.ending_of(str(known)) == "docx"
        return super().get_context_data(**kwargs) | {
            "known": known,
            "known_icon": "file-earmark-word" if is_word else "file-earmark-excel",
            "figure_names": "、".join(METRICS[code].name for code in WEEKLY),
        }


class FilledTemplate(View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
        report = get_object_or_404(reports_of(actor).filter(collated=True), pk=pk)
        known = weekly_templates.template_of(report)
        if known is None:
            raise Http404("还没有存入上级模板。")
        name = known.attachment.name
        with known.attachment.file.open("rb") as file:
            data = template.fill(file.read(), name=name, report=report)
        trail.record(Act.WEEKLY_EXPORTED, report, by=actor, at=at)
        ending = template.ending_of(name)
        kind = WORD if ending == "docx" else EXCEL
        return send_bytes(data, name=workbooks.name_of(report, ending), kind=kind)


class ReportWord(View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
        report = get_object_or_404(reports_of(actor), pk=pk)
        trail.record(Act.WEEKLY_EXPORTED, report, by=actor, at=at)
        data = papers.word_of(report, at=at)
        return send_bytes(data, name=workbooks.name_of(report, "docx"), kind=WORD)


class ReportExcel(View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
        report = get_object_or_404(reports_of(actor).filter(collated=True), pk=pk)
        trail.record(Act.WEEKLY_EXPORTED, report, by=actor, at=at)
        data = workbooks.write(report, by=actor.user, at=at)
        return send_bytes(data, name=workbooks.name_of(report, "xlsx"), kind=EXCEL)


class ReportScan(View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        report = get_object_or_404(reports_of(actor).exclude(scan=None), pk=pk)
        trail.record(Act.SCAN_READ, report, by=actor, at=timezone.now())
        return send(report.scan)
