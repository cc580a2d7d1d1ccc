"""One weekly report: its page, its texts, its way from the first draft to who receives it."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView

from rectification import policy
from rectification.actions import (
    weekly_collations,
    weekly_counting,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
    weekly_templates,
)
from rectification.forms.problems import ConfirmForm
from rectification.forms.weekly_reports import (
    CollatedForm,
    SeenForm,
    TextsForm,
    WhyForm,
)
from rectification.models import Problem, WeeklyReport
from rectification.models.metric import METRICS, WEEKLY, address
from rectification.models.weekly_report import is_late
from rectification.views.weekly_offers import offers
from reform.errors import Refused
from reform.models import Actor, TrailEntry
from reform.views.act import ActView
from reform.views.lists import CappedPaginator

PARTS = 50


def reports_of(actor: Actor) -> Any:
    return WeeklyReport.objects.visible_to(actor).select_related(
        "issue__campaign__organization",
        "organization",
        "drafted_by",
        "prepared_by",
        "reviewed_by",
        "filed_by",
        "recorded_by",
        "scan",
    )


class ReportPage(DetailView):
    template_name = "rectification/weekly/report.html"
    context_object_name = "report"

    def get_queryset(self) -> Any:
        return reports_of(self.request.actor)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report, actor, at = self.object, self.request.actor, timezone.now()
        receipts = list(report.receipts.select_related("by"))
        versions = reports_of(actor).filter(issue=report.issue, organization=report.organization)
        above = weekly_issues.collator_of(report.issue, report.organization, at=at)
        parts = report.parts.select_related("source").order_by("position")
        page = CappedPaginator(parts, PARTS).get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {
            "title": str(report),
            "figures": figures(report),
            "progress": linked(report, report.progress, actor),
            "plans": linked(report, report.plans, actor),
            "receipts": receipts,
            "receipt": receipts[-1] if receipts else None,
            "versions": versions.order_by("number"),
            "late": was_late(report),
            "due": report.issue.due(report.level),
            "forwardings": report.forwardings.select_related("by"),
            "page_obj": page,
            "parts": page.object_list,
            "missing": report.parts.filter(source=None, position__gt=0) if report.collated else [],
            "above": above if above != report.organization else None,
            "offers": offers(report, actor, receipts),
            "again": again(report, actor),
            "may_collate": policy.may_here(actor, "wr.aggregate", report.organization),
            "has_template": report.collated and weekly_templates.template_of(report) is not None,
            "changed": changed(report),
            "trail": TrailEntry.objects.of(report),
        }


def again(report: WeeklyReport, actor: Actor) -> str:
    """Return the page that begins the next version, for who may; else “”."""
    page, act = "weekly-begin", "wr.draft"
    if report.collated:
        page, act = "weekly-collate", "wr.aggregate"
    mine = report.is_latest and policy.may_here(actor, act, report.organization)
    return page if mine and report.is_filed and weekly_reports.is_returned(report) else ""


def changed(report: WeeklyReport) -> str:
    """Return what has come or gone below since a report at work was collated; “” for others."""
    if not report.collated or report.is_filed:
        return ""
    try:
        weekly_collations.require_current(report, also_new=True)
    except Refused as refusal:
        return str(refusal)
    return ""


def figures(report: WeeklyReport) -> list[tuple[str, int, str, str]]:
    """Return (name, number, definition, the ledger's address) of each figure of a report."""
    span, ground = weekly_counting.span_of(report), weekly_counting.ground_of(report)
    return [
        (
            METRICS[code].name,
            report.figures.get(code, 0),
            METRICS[code].definition,
            f"figure={address(code, span, ground)}",
        )
        for code in WEEKLY
    ]


def was_late(report: WeeklyReport) -> bool:
    """Return whether the first version came late: what was late stays late."""
    first = WeeklyReport.objects.filter(
        issue=report.issue, organization=report.organization, number=1
    ).first()
    if first is None or first.filed_at is None:
        return False
    rows = report.issue.deferrals.select_related("organization")
    put_off = [row for row in rows if row.covers(report.organization)]
    return is_late(first.filed_at, report.issue.due(report.level), put_off)


def linked(report: WeeklyReport, text: str, actor: Actor) -> list[dict[str, Any]]:
    """Return the lines of a text, each with the rows it was made from, if it still says the same.

    Only rows the reader may see are linked.
    """
    known = {sentence["text"]: sentence for sentence in report.basis}
    lines = [(line, known.get(line, {})) for line in text.split("\n") if line.strip()]
    keys = {key for _, sentence in lines for key in sentence.get("rows", [])}
    rows = Problem.objects.visible_to(actor).filter(pk__in=sorted(keys)).only("pk", "number")
    seen = {row.pk: row for row in rows}
    return [
        {
            "text": line,
            "rows": [seen[key] for key in sentence.get("rows", []) if key in seen],
            "query": sentence.get("query", ""),
        }
        for line, sentence in lines
    ]


# ---------------------------------------------------------------- acts


class ReportAct(ActView):
    """An act on a report; `permit` names the row of PERMISSIONS.md."""

    model = WeeklyReport
    form_class = ConfirmForm
    permit = "wr.draft"
    meaning = ""
    template_name = "rectification/weekly/act.html"

    def load(self) -> WeeklyReport:
        return get_object_or_404(reports_of(self.request.actor), pk=self.kwargs["pk"])

    def may(self, actor: Actor, report: WeeklyReport) -> bool:
        return policy.may_here(actor, self.permit, report.organization)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if isinstance(form, ConfirmForm | SeenForm | WhyForm):
            form.submit = self.title
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"report": self.object}


class EditReport(ReportAct):
    title = "填写周报"
    done = "已保存。"
    template_name = "rectification/weekly/edit.html"
    extra_context = {"form_wide": True}

    def may(self, actor: Actor, report: WeeklyReport) -> bool:
        act = "wr.aggregate" if report.collated else "wr.draft"
        return policy.may_here(actor, act, report.organization)

    def get_form_class(self) -> Any:
        return CollatedForm if self.object.collated else TextsForm

    def get_initial(self) -> dict[str, Any]:
        return weekly_reports.written(self.object) | {"version": self.object.edition}

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **data: Any) -> WeeklyReport:
        edition = data.pop("version")
        report = weekly_reports.write(report, edition=edition, texts=data, by=by, at=at)
        if "confirm" in self.request.POST:
            report = weekly_reports.confirm(report, by=by, at=at)
        elif "prepare" in self.request.POST:
            report = weekly_reports.prepare(report, by=by, at=at)
        return report

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report = self.object
        draft = weekly_counting.fresh(report, at=self.at) if not report.is_filed else None
        texts = {*report.progress.split("\n"), *report.plans.split("\n")}
        sides = [("progress", draft.progress), ("plans", draft.plans)] if draft else []
        actor = self.request.actor
        keys = {key for _, part in sides for sentence in part for key in sentence.rows}
        rows = Problem.objects.visible_to(actor).filter(pk__in=sorted(keys)).only("pk", "number")
        known = {row.pk: row for row in rows}
        return super().get_context_data(**kwargs) | {
            "basis": [
                {
                    "name": name,
                    "text": sentence.text,
                    "query": sentence.query,
                    "rows": [known[key] for key in sentence.rows if key in known],
                    "is_in": sentence.text in texts,
                }
                for name, part in sides
                for sentence in part
            ],
            "may_confirm": not report.collated
            and policy.may_here(actor, "wr.create", report.organization),
        }


class Redraft(ReportAct):
    title = "重新起草"
    meaning = "按现在的台账重新起草，已经填写的内容会被替换。"
    done = "已按现在的台账重新起草。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **_: Any) -> WeeklyReport:
        return weekly_reports.redraft(report, by=by, at=at)

    def next_page(self, result: WeeklyReport) -> Any:
        return reverse("weekly-edit", args=[result.pk])


class PrepareReport(ReportAct):
    title = "送书记确认"
    done = "已送书记确认。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **_: Any) -> WeeklyReport:
        return weekly_reports.prepare(report, by=by, at=at)


class ConfirmReport(ReportAct):
    form_class = SeenForm
    permit = "wr.create"
    title = "确认报送"
    meaning = "报送后不能再改；需要更正的，由收报单位退回后重报。"
    done = "已报送。"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"version": self.object.edition}

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **data: Any) -> WeeklyReport:
        return weekly_reports.confirm(report, by=by, at=at, edition=data["version"])


class SendBack(ReportAct):
    form_class = WhyForm
    title = "退回修改"
    done = "已退回修改。"

    def may(self, actor: Actor, report: WeeklyReport) -> bool:
        return policy.may_here(actor, report.back_act, report.organization)

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> WeeklyReport:
        return weekly_reports.send_back(report, reason=facts["reason"], by=by, at=at)


class ReceiveReport(ReportAct):
    permit = "wr.receive"
    title = "收下"
    done = "已收下。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **_: Any) -> Any:
        return weekly_receipts.receive(report, by=by, at=at)


class ReturnReport(ReportAct):
    form_class = WhyForm
    permit = "wr.receive"
    title = "退回"
    done = "已退回，原版本保留，等待重报。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return weekly_receipts.give_back(report, reason=facts["reason"], by=by, at=at)
