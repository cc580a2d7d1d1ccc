"""One issue of the weekly report for one organization: beginning, intake, deferral, reminding."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.generic import TemplateView

from campaigns.models import BEIJING
from rectification import policy
from rectification.actions import (
    weekly_collations,
    weekly_deferrals,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
)
from rectification.forms.problems import ConfirmForm
from rectification.forms.weekly_reports import DeferForm
from rectification.models import WeeklyIssue, WeeklyReport
from rectification.models.weekly_board import Standing, standings
from rectification.reports import weekly_reminder
from reform.models import Actor, Organization
from reform.views.act import ActView
from reform.views.files import send_bytes

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SIZE = 50


@dataclass(frozen=True)
class Target:
    issue: WeeklyIssue
    organization: Organization

    def __str__(self) -> str:
        return f"{self.organization}{self.issue}周报"


def target(actor: Actor, issue: int, organization: int) -> Target:
    """Return what an address names, where the actor may know of it; 404 otherwise."""
    row = get_object_or_404(
        WeeklyIssue.objects.visible_to(actor).select_related("campaign__organization"), pk=issue
    )
    place = get_object_or_404(Organization, pk=organization)
    if not policy.may_here(actor, "wr.read", place):
        raise Http404("没有这期周报。")
    return Target(row, place)


class IssueAct(ActView):
    """An act on an issue of one organization: `permit` names the row of PERMISSIONS.md."""

    form_class = ConfirmForm
    permit = ""
    meaning = ""
    template_name = "rectification/weekly/act.html"

    def load(self) -> Target:  # type: ignore[override]
        return target(self.request.actor, self.kwargs["issue"], self.kwargs["organization"])

    def may(self, actor: Actor, object_: Target) -> bool:
        return policy.may_here(actor, self.permit, object_.organization)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if isinstance(form, ConfirmForm):
            form.submit = self.title
        return form

    def back(self) -> Any:
        return "weekly"


class BeginReport(IssueAct):
    permit = "wr.draft"
    title = "起草周报"
    meaning = "系统按本期台账的变化起草，您再修改。"

    def act(self, object_: Target, *, by: Actor, at: datetime, **_: Any) -> WeeklyReport:
        return weekly_reports.begin(object_.issue, object_.organization, by=by, at=at)

    def next_page(self, result: WeeklyReport) -> Any:
        return result if result.is_filed else reverse("weekly-edit", args=[result.pk])


class ZeroReport(IssueAct):
    permit = "wr.draft"
    title = "零报告"
    meaning = "零报告（本周无新进展）。书记提交的直接报送，联络员提交的待书记确认。"

    def act(self, object_: Target, *, by: Actor, at: datetime, **_: Any) -> WeeklyReport:
        return weekly_reports.file_zero(object_.issue, object_.organization, by=by, at=at)

    def next_page(self, result: WeeklyReport) -> Any:
        return result


class Collate(IssueAct):
    permit = "wr.aggregate"
    title = "汇总"
    meaning = "把已报的周报汇总成一份，未报的单位也列入。"

    def act(self, object_: Target, *, by: Actor, at: datetime, **_: Any) -> WeeklyReport:
        return weekly_collations.collate(object_.issue, object_.organization, by=by, at=at)

    def next_page(self, result: WeeklyReport) -> Any:
        return result


class ReceiveAll(IssueAct):
    permit = "wr.aggregate"
    title = "全部收下"
    meaning = "把已报、还没有收下的周报全部收下。"

    def act(self, object_: Target, *, by: Actor, at: datetime, **_: Any) -> int:
        return weekly_receipts.receive_all(object_.issue, object_.organization, by=by, at=at)

    def next_page(self, result: int) -> Any:
        words = f"已收下{result}份周报。" if result else "没有待收的周报。"
        messages.success(self.request, words)
        return reverse("weekly-intake", args=[self.object.issue.pk, self.object.organization.pk])


class Defer(IssueAct):
    form_class = DeferForm
    title = "同意缓报"
    done = "已登记。按时限报来的不计迟报。"

    def may(self, actor: Actor, object_: Target) -> bool:
        act = "wr.aggregate" if self.is_whole else "wr.receive"
        return policy.may_here(actor, act, object_.organization)

    @property
    def is_whole(self) -> bool:
        """Whether all that report to the organization are meant: the office says it of its part."""
        return policy.may_here(self.request.actor, "wr.aggregate", self.object.organization) and (
            not policy.may_here(self.request.actor, "wr.receive", self.object.organization)
        )

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"kind": "agreed"}

    def act(self, object_: Target, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return weekly_deferrals.defer(
            object_.issue,
            object_.organization,
            with_below=self.is_whole,
            by=by,
            at=at,
            **facts,
        )

    def next_page(self, result: Any) -> Any:  # noqa: ARG002
        above = weekly_issues.collator_of(self.object.issue, self.object.organization, at=self.at)
        place = self.object.organization if self.is_whole else above
        return reverse("weekly-intake", args=[self.object.issue.pk, place.pk])


class Intake(TemplateView):
    """What an office waits for in one issue: who has reported, who has not, and what to do then."""

    template_name = "rectification/weekly/intake.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, at = self.request.actor, timezone.now()
        found = target(actor, self.kwargs["issue"], self.kwargs["organization"])
        rows = waited_for(found, at=at)
        missing = [row for row in rows if row[1].is_missing or not row[1].is_filed]
        page = Paginator(rows, SIZE).get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {
            "title": f"{found.issue}收报",
            "issue": found.issue,
            "organization": found.organization,
            "rows": page.object_list,
            "page_obj": page,
            "count": len(rows),
            "came": len(rows) - len(missing),
            "missing": missing,
            "waiting": sum(row[1].words == "已报" for row in rows),
            "report": collated(found),
            "may_receive": policy.may_here(actor, "wr.aggregate", found.organization),
            "wording": weekly_reminder.wording(
                found.issue, [one for one, _ in missing], organization=found.organization, at=at
            ),
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


def collated(found: Target) -> WeeklyReport | None:
    rows = WeeklyReport.objects.current().filter(collated=True)
    return rows.filter(issue=found.issue, organization=found.organization).first()


class Reminder(View):
    """The letter to who has not reported (催办函), as Word."""

    def get(self, request: HttpRequest, issue: int, organization: int) -> HttpResponse:
        at = timezone.now()
        found = target(request.actor, issue, organization)  # type: ignore[attr-defined]
        missing = [one for one, standing in waited_for(found, at=at) if not standing.is_filed]
        if not missing:
            raise Http404("各单位都已报送，不需要催办。")
        data = weekly_reminder.letter(found.issue, missing, organization=found.organization, at=at)
        day = at.astimezone(BEIJING).date()
        return send_bytes(data, name=f"周报催办函_{found.issue}_{day:%Y%m%d}.docx", kind=WORD)
