"""Collating the reports from below into one (周报汇总).

A collating office's report is what came in from below, paragraph by paragraph, with who is missing,
above it the figures of the whole. How it is signed and goes out: `weekly_signings`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import prefetch_related_objects

from campaigns.models import Level
from rectification import policy
from rectification.actions import (
    weekly_counting,
    weekly_drafts,
    weekly_issues,
    weekly_reports,
)
from rectification.models import Act, WeeklyIssue, WeeklyPart, WeeklyReport
from rectification.models.metric import Ground
from rectification.models.weekly_board import standings
from rectification.models.weekly_report import missing_words
from reform.actions import trail
from reform.errors import Refused, Stale
from reform.models import Actor, Organization


@transaction.atomic
def collate(
    issue: WeeklyIssue, organization: Organization, *, by: Actor, at: datetime
) -> WeeklyReport:
    """Begin an office's collated report; return the one that is there already, if it is.

    Raises Refused where the organization collates nothing in this campaign.
    """
    policy.require_here(by, "wr.aggregate", organization)
    if not may_collate(issue, organization, at=at):
        raise Refused(f"“{organization}”不是汇总单位；有疑问请联系牵头单位的活动办。")
    report = weekly_reports.start(
        issue, organization, level=Level.OFFICE, collated=True, by=by, at=at
    )
    if not report.is_filed and not report.parts.exists():
        _gather(report, at=at)
        trail.record(Act.WEEKLY_COLLATED, report, by=by, at=at)
    return report


def may_collate(issue: WeeklyIssue, organization: Organization, *, at: datetime) -> bool:
    """Return whether an organization collates: it leads the campaign, or owes as an office."""
    if organization.pk == issue.campaign.organization_id:
        return True
    return weekly_issues.level_of(issue, organization, at=at) == Level.OFFICE


@transaction.atomic
def gather_anew(report: WeeklyReport, *, by: Actor, at: datetime) -> WeeklyReport:
    """Take in what has come since. A paragraph somebody changed keeps his words, unless a newer
    version of its report is there."""
    report = at_work(report, by=by)
    _gather(report, at=at)
    weekly_reports.reopen(report)
    report.save()
    trail.record(Act.WEEKLY_COLLATED, report, by=by, at=at)
    return report


def at_work(report: WeeklyReport, *, by: Actor, act: str = "wr.aggregate") -> WeeklyReport:
    """Return a collated report locked, for somebody who may, while it is not signed."""
    report = report.locked()
    policy.require_here(by, act, report.organization)
    if report.is_filed:
        raise Refused("这期汇总已经签发，不能再改；需要更正的，在上级退回后重报。")
    if not report.collated:
        raise Refused("这不是汇总的周报。")
    weekly_reports.require_open(report.issue)
    return report


def _gather(report: WeeklyReport, *, at: datetime) -> None:
    """Write the paragraphs, in the same few statements however many report.

    Changed paragraphs keep their words as long as they are of the same report, also from a version
    that was returned to this one.
    """
    issue, place = report.issue, report.organization
    weekly_counting.count(report, at=at)
    known = {part.organization_id: part for part in report.parts.all()}
    before = _changed_before(report)
    filed = sources(issue)
    prefetch_related_objects([row for row in filed.values() if row.collated], "parts")
    reporting = weekly_issues.reporting_to(issue, place, at=at)
    stand = standings(
        [issue],
        [owing.organization for owing in reporting],
        levels={(issue.pk, owing.organization.pk): owing.level for owing in reporting},
        at=at,
    )
    parts = [_own_part(report, known.get(place.pk), before.get(place.pk))]
    for owing in reporting:
        key = owing.organization.pk
        source = filed.get(key)
        part = known.get(key) or WeeklyPart(report=report, organization=owing.organization)
        part.name = owing.name
        if source and part.source_id != source.pk:
            _take(part, source, before.get(key))
        elif source is None and not part.edited:
            part.progress = part.plans = ""
        part.source, part.figures = source, source.figures if source else {}
        part.note = stand[issue.pk, key].note(at)
        parts.append(part)
    _keep(report, parts)


def sources(issue: WeeklyIssue) -> dict[int, WeeklyReport]:
    """Return by organization what was filed and not returned."""
    filed: dict[int, WeeklyReport] = {}
    versions = WeeklyReport.objects.filed().filter(issue=issue).order_by("number")
    for row in versions.prefetch_related("receipts"):
        filed.pop(row.organization_id, None)
        if not weekly_reports.is_returned(row):
            filed[row.organization_id] = row
    return filed


def require_current(report: WeeklyReport, *, also_new: bool) -> None:
    """Raise Refused where a paragraph is no longer what its organization has filed: returned, or
    filed anew; with `also_new` also where one that was missing has reported since.

    Nobody signs that an organization has not reported which has, or a text that was taken back.
    """
    filed = sources(report.issue)
    parts = report.parts.filter(position__gt=0).values_list("organization", "source", "name")
    gone, new = [], []
    for key, source, name in parts:
        now = filed.get(key)
        if source and (now is None or now.pk != source):
            gone.append(name)
        elif not source and now:
            new.append(name)
    changed = [*gone, *(new if also_new else ())]
    if changed:
        names = "、".join(changed[:5]) + (f"等{len(changed)}个单位" if len(changed) > 5 else "")
        raise Refused(f"汇总之后，{names}又有报送或退回，请先“重新汇总”，核对后再办理。")


def _changed_before(report: WeeklyReport) -> dict[int, WeeklyPart]:
    """Return the paragraphs that the office had changed in the version before this one."""
    rows = WeeklyPart.objects.filter(
        report__issue=report.issue_id,
        report__organization=report.organization_id,
        report__number=report.number - 1,
        edited=True,
    )
    return {part.organization_id: part for part in rows}


def _take(part: WeeklyPart, source: WeeklyReport, before: WeeklyPart | None) -> None:
    if before and before.source_id == source.pk:
        part.progress, part.plans, part.edited = before.progress, before.plans, True
    else:
        part.progress, part.plans, part.edited = _told(source), _planned(source), False


def _told(source: WeeklyReport) -> str:
    """Return what a report tells, without the sentence of its figures: these stand in the table.

    One that was collated itself tells what its units told, and who was missing there.
    """
    overview = weekly_counting.overview_of(source)
    lines = [line for line in source.progress.split("\n") if line != overview]
    if source.collated:
        parts = list(source.parts.all())
        lines += _by_unit((part.name, part.progress) for part in parts)
        lines += missing_words(parts)
    return "\n".join(lines).strip()


def _planned(source: WeeklyReport) -> str:
    if not source.collated:
        return source.plans
    units = _by_unit((part.name, part.plans) for part in source.parts.all())
    return "\n".join([source.plans, *units]).strip()


def _by_unit(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Return a line a unit, of those that have something to tell."""
    for name, text in texts:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        if lines and lines != [weekly_reports.ZERO]:
            said = (
                line if line.endswith(("。", "；", "！", "？")) else f"{line}；" for line in lines
            )
            yield f"{name}：{''.join(said)}"


def _own_part(
    report: WeeklyReport, known: WeeklyPart | None, before: WeeklyPart | None
) -> WeeklyPart:
    """The office's own week, drafted from what lies with no organization that reports itself."""
    place = report.organization
    part = known or WeeklyPart(report=report, organization=place)
    ground = Ground(report.issue.campaign_id, place, own=True)
    draft = weekly_drafts.write(ground, weekly_counting.span_of(report), until=report.issue.due_at)
    part.name, part.note, part.figures = f"{place.name}（本级）", "", draft.figures
    if before and known is None:
        part.progress, part.plans, part.edited = before.progress, before.plans, True
    elif not part.edited:
        told = [sentence.text for sentence in draft.progress[1:]] if draft.happened else []
        part.progress, part.plans = "\n".join(told), draft.plans_text
    return part


def _keep(report: WeeklyReport, parts: list[WeeklyPart]) -> None:
    for position, part in enumerate(parts):
        part.position = position
    new = [part for part in parts if part.pk is None]
    old = [part for part in parts if part.pk is not None]
    report.parts.exclude(organization__in=[part.organization_id for part in parts]).delete()
    WeeklyPart.objects.bulk_create(new, batch_size=200)
    columns = ("name", "position", "source", "progress", "plans", "edited", "note", "figures")
    WeeklyPart.objects.bulk_update(old, columns, batch_size=200)


@transaction.atomic
def edit_part(
    part: WeeklyPart, *, edition: int, progress: str, plans: str, by: Actor, at: datetime
) -> WeeklyPart:
    """Change one paragraph; what its organization filed stays as it is. Raises Stale where somebody
    else changed the paragraph since `edition`."""
    report = at_work(part.report, by=by)
    part = WeeklyPart.objects.select_for_update().get(pk=part.pk)
    if edition != part.edition:
        now = {"progress": part.progress, "plans": part.plans}
        raise Stale("这一段刚在别处改过。", now, part.edition)
    part.progress, part.plans, part.edited = progress, plans, True
    part.edition += 1
    part.save()
    weekly_reports.reopen(report)
    report.save()
    trail.record(Act.WEEKLY_WRITTEN, report, by=by, at=at, say=f"{report}，{part.name}一段")
    return part
