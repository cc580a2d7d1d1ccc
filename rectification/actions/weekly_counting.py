"""What a weekly report counts and tells (周报口径): its period, its figures, its draft.

Asks nobody and saves nothing: the acts do.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from rectification import statistics
from rectification.actions import weekly_drafts
from rectification.models import WeeklyReport
from rectification.models.metric import Ground, Span

TEXTS = ("progress", "plans", "practices", "troubles")
WEEK = timedelta(days=7)


def ground_of(report: WeeklyReport) -> Ground:
    return Ground(report.issue.campaign_id, report.organization, own=not report.collated)


def span_of(report: WeeklyReport) -> Span:
    return Span(report.since, report.until, report.counted_at)


# ---------------------------------------------------------------- the period


def _set_period(report: WeeklyReport, before: WeeklyReport | None) -> None:
    """Say from when on the report tells; a next version tells of what the one before told of."""
    report.since = before.since if before else _told_until(report)
    _end_period(report)


def _told_until(report: WeeklyReport) -> datetime:
    """Return where the last report that was filed had ended: what came between its filing and its
    cut-off is told now, and nothing twice."""
    begins = report.issue.begins(report.level)
    filed = WeeklyReport.objects.filed().filter(
        organization=report.organization_id,
        issue__campaign=report.issue.campaign_id,
        issue__number=report.issue.number - 1,
    )
    ended = filed.aggregate(last=Max("until"))["last"]
    return min(begins, ended) if ended else begins


def _end_period(report: WeeklyReport) -> None:
    """It ends where it is counted, at its cut-off at the latest: what comes then is the next's."""
    report.until = _end(report, report.counted_at)


def _end(report: WeeklyReport, at: datetime) -> datetime:
    until = min(at, report.issue.due(report.level))
    return max(until, report.since + timedelta(seconds=1))


# ---------------------------------------------------------------- draft and figures


def draft(report: WeeklyReport, *, at: datetime, before: WeeklyReport | None = None) -> None:
    """Write what the ledger says into a report; a next version keeps the texts of the one before,
    but for the sentence of the figures."""
    report.counted_at = at
    _set_period(report, before)
    made = fresh(report, at=at)
    report.figures, report.basis = made.figures, made.basis()
    if before is None:
        report.progress, report.plans = made.progress_text, made.plans_text
        return
    report.zero, report.basis = before.zero, joined(report.basis, before.basis)
    for name in TEXTS:
        setattr(report, name, getattr(before, name))
    _replace(report, overview_of(before), overview_of(report))


def fresh(report: WeeklyReport, *, at: datetime) -> weekly_drafts.Draft:
    """Return what the ledger says now, for whoever writes: not all may be in the text yet."""
    span = Span(report.since, _end(report, at), at)
    until = max(report.issue.due(report.level), at) + WEEK
    return weekly_drafts.write(ground_of(report), span, until=until, brief=report.collated)


def count(report: WeeklyReport, *, at: datetime) -> None:
    """Bring the figures up to this moment, and the sentence that says them."""
    report.counted_at = at
    _end_period(report)
    span, said = span_of(report), overview_of(report)
    report.figures = statistics.figures(ground_of(report), span)
    new = weekly_drafts.overview(report.figures, ground_of(report), span)
    if _replace(report, said, new.text):
        report.basis = [new.kept(), *report.basis[1:]]


def overview_of(report: WeeklyReport) -> str:
    """Return the sentence of the figures as it was proposed."""
    return str(report.basis[0]["text"]) if report.basis else ""


def _replace(report: WeeklyReport, said: str, new: str) -> bool:
    """Put the sentence of the figures as it is now in the place of the old one, unless somebody has
    changed it: figures and text must not disagree."""
    lines = report.progress.split("\n")
    report.progress = "\n".join(new if line == said else line for line in lines)
    return said in lines


def joined(basis: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {sentence["text"] for sentence in basis}
    return [*basis, *(sentence for sentence in more if sentence["text"] not in known)]
