"""Keeping a superior's own workbook or Word form for collated reports (上级模板)."""

from datetime import datetime

from django.db import transaction

from rectification import policy
from rectification.models import Act, WeeklyReport, WeeklyTemplate
from reform.actions import trail
from reform.models import Actor, Attachment


def template_of(report: WeeklyReport) -> WeeklyTemplate | None:
    rows = WeeklyTemplate.objects.filter(
        campaign=report.issue.campaign_id, organization=report.organization_id
    )
    return rows.select_related("attachment").first()


@transaction.atomic
def keep(
    report: WeeklyReport, *, attachment: Attachment, by: Actor, at: datetime
) -> WeeklyTemplate:
    """Keep a template for this campaign's reports of this organization, in place of the last; its
    places have been found."""
    policy.require_here(by, "wr.aggregate", report.organization)
    row, _ = WeeklyTemplate.objects.update_or_create(
        campaign=report.issue.campaign,
        organization=report.organization,
        defaults={"attachment": attachment, "by": by.user, "at": at},
    )
    say = f"{report.organization}，{attachment.name}"
    trail.record(Act.WEEKLY_TEMPLATE, report, by=by, at=at, say=say, sha256=attachment.sha256)
    return row
