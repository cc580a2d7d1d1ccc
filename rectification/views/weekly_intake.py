"""What an office waits for in one issue (收报): who has reported, who not; the letter to them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views import View
from django.views.generic import TemplateView

from campaigns.models import BEIJING
from rectification import policy
from rectification.actions import weekly_issues
from rectification.models import Act, Deferral, WeeklyIssue, WeeklyReport
from rectification.models.weekly_board import GONE, Standing, standings
from rectification.reports import weekly_reminder
from rectification.views.weekly_issues import Target, is_whole, target
from reform.actions import trail
from reform.models import Organization
from reform.views.files import WORD, send_bytes

SIZE = 50


class Intake(TemplateView):
    """What an office waits for in one issue: who has reported, who has not, and what to do then."""

    template_name = "rectification/weekly/intake.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, at = self.request.actor, timezone.now()
        found = target(actor, self.kwargs["issue"], self.kwargs["organization"])
        rows = waited_for(found, at=at)
        collates = any(
            policy.may_here(actor, act, found.organization) for act in ("wr.aggregate", "wr.sign")
        )
        closed = {  # what joined from another tree is read by its own and by who collates here
            one.organization.pk
            for one, _ in rows
            if not collates and not policy.may_here(actor, "wr.read", one.organization)
        }
        rows = [
            (one, replace(standing, report=None) if one.organization.pk in closed else standing)
            for one, standing in rows
        ]
        missing = [row for row in rows if not row[1].is_filed and row[1].words != GONE]
        whole = is_whole(actor, found.organization)
        page = Paginator(rows, SIZE).get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {
            "title": f"{found.issue}收报",
            "issue": found.issue,
            "organization": found.organization,
            "rows": page.object_list,
            "closed": closed,
            "page_obj": page,
            "count": len(rows),
            "came": sum(row[1].is_filed for row in rows),
            "missing": missing,
            "waiting": sum(row[1].words == "已报" for row in rows),
            "report": collated(found),
            "may_receive": policy.may_here(actor, "wr.aggregate", found.organization),
            "wording": weekly_reminder.wording(
                found.issue, pressed(rows, at=at), organization=found.organization, at=at
            ),
            "may_say_outage": whole,
            "deferrals": [
                (row, whole if row.organization == found.organization else not row.with_below)
                for row in in_force(found.issue, rows, found.organization)
            ],
        }


def waited_for(found: Target, *, at: datetime) -> list[tuple[weekly_issues.Owing, Standing]]:
    owed = weekly_issues.reporting_to(found.issue, found.organization, at=at)
    stand = standings(
        [found.issue],
        [one.organization for one in owed],
        levels={(found.issue.pk, one.organization.pk): one.level for one in owed},
        at=at,
    )
    return [(one, stand[found.issue.pk, one.organization.pk]) for one in owed]


def pressed(
    rows: list[tuple[weekly_issues.Owing, Standing]], *, at: datetime
) -> list[weekly_issues.Owing]:
    """Return who is asked for a report."""
    return [one for one, standing in rows if standing.is_asked(at)]


def in_force(
    issue: WeeklyIssue,
    rows: list[tuple[weekly_issues.Owing, Standing]],
    organization: Organization,
) -> list[Deferral]:
    """Return the later cut-offs that hold here: of the office's own, and of who reports to it."""
    keys = {organization.pk, *(one.organization.pk for one, _ in rows)}
    found = issue.deferrals.filter(withdrawn_at=None).select_related("organization", "by")
    return [row for row in found if row.organization_id in keys]


def collated(found: Target) -> WeeklyReport | None:
    rows = WeeklyReport.objects.current().filter(collated=True)
    return rows.filter(issue=found.issue, organization=found.organization).first()


class Reminder(View):
    """The letter to who has not reported (催办函), as Word: in the office's name, by the office."""

    def get(self, request: HttpRequest, issue: int, organization: int) -> HttpResponse:
        actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
        found = target(actor, issue, organization)
        if not policy.may_here(actor, "wr.aggregate", found.organization):
            raise PermissionDenied("催办函由汇总单位的活动办出具。")
        missing = pressed(waited_for(found, at=at), at=at)
        if not missing:
            raise Http404("没有需要催办的单位：都已报送，或者经同意缓报。")
        data = weekly_reminder.letter(found.issue, missing, organization=found.organization, at=at)
        say = f"{found}，{len(missing)}个单位"
        trail.record(Act.WEEKLY_URGED, found.issue, by=actor, at=at, say=say)
        day = at.astimezone(BEIJING).date()
        return send_bytes(data, name=f"周报催办函_{found.issue}_{day:%Y%m%d}.docx", kind=WORD)
