"""One weekly report: its page, its texts, its way from the first draft to who receives it."""

from typing import Any

from django.utils import timezone
from django.views.generic import DetailView

from rectification import policy
from rectification.actions import (
    weekly_collations,
    weekly_counting,
    weekly_issues,
    weekly_reports,
    weekly_templates,
)
from rectification.models import Problem, WeeklyReport
from rectification.models.metric import METRICS, WEEKLY, address
from rectification.models.weekly_report import is_late
from rectification.views.weekly_offers import offers
from reform.errors import Refused
from reform.models import Actor, TrailEntry
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
            "figures": figures(report, actor),
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
            "offers": offers(report, actor, receipts, at=at),
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


def figures(report: WeeklyReport, actor: Actor) -> list[tuple[str, int, str, str]]:
    """Return (name, number, definition, the ledger's address) of each figure of a report; of an
    organization of another tree the ledger is not the reader's."""
    opens = policy.may_here(actor, "wr.read", report.organization)
    span, ground = weekly_counting.span_of(report), weekly_counting.ground_of(report)
    return [
        (
            METRICS[code].name,
            report.figures.get(code, 0),
            METRICS[code].definition,
            f"figure={address(code, span, ground)}" if opens else "",
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
    opens = policy.may_here(actor, "wr.read", report.organization)
    return [
        {
            "text": line,
            "rows": [seen[key] for key in sentence.get("rows", []) if key in seen],
            "query": sentence.get("query", "") if opens else "",
        }
        for line, sentence in lines
    ]
