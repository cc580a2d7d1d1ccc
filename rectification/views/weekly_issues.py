"""One issue of the weekly report for one organization: beginning, intake, deferral, reminding."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
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
from rectification.forms.weekly_reports import DeferForm, OutageForm
from rectification.models import Act, Deferral, WeeklyIssue, WeeklyReport
from rectification.models.weekly_board import GONE, Standing, standings
from rectification.reports import weekly_reminder
from reform.actions import trail
from reform.models import Actor, Organization
from reform.views.act import ActView
from reform.views.files import WORD, send_bytes

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


class LaterCutOff(IssueAct):
    """Of one organization as the office above says it, or of all that report to one's own."""

    def may(self, actor: Actor, object_: Target) -> bool:
        act = "wr.aggregate" if is_whole(actor, object_.organization) else "wr.receive"
        return policy.may_here(actor, act, object_.organization)

    @property
    def whole(self) -> bool:
        return is_whole(self.request.actor, self.object.organization)

    def next_page(self, result: Any) -> Any:  # noqa: ARG002
        above = weekly_issues.collator_of(self.object.issue, self.object.organization, at=self.at)
        place = self.object.organization if self.whole else above
        return reverse("weekly-intake", args=[self.object.issue.pk, place.pk])


def is_whole(actor: Actor, organization: Organization) -> bool:
    """Whether all that report to an organization are meant: the office says it of its own part."""
    return policy.may_here(actor, "wr.aggregate", organization) and (
        not policy.may_here(actor, "wr.receive", organization)
    )


class Defer(LaterCutOff):
    form_class = DeferForm

    @property
    def title(self) -> str:  # type: ignore[override]
        return "登记系统故障" if self.whole else "同意缓报"

    @property
    def meaning(self) -> str:  # type: ignore[override]
        place = self.object.organization
        if self.whole:
            return f"向“{place}”报送的所有单位都按此缓报，不只是某一个单位；系统会通知各单位。"
        return f"只对“{place}”有效；系统会通知该单位。"

    @property
    def done(self) -> str:  # type: ignore[override]
        whom = "各单位" if self.whole else "该单位"
        return f"已登记，并已通知{whom}。在此之前报来的不计迟报。"

    def get_form_class(self) -> Any:
        return OutageForm if self.whole else DeferForm

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | ({} if self.whole else {"kind": Deferral.Kind.AGREED})

    def act(self, object_: Target, *, by: Actor, at: datetime, **facts: Any) -> Any:
        kind = {"kind": Deferral.Kind.OUTAGE} if self.whole else {}
        return weekly_deferrals.defer(
            object_.issue,
            object_.organization,
            with_below=self.whole,
            by=by,
            at=at,
            **(facts | kind),
        )


class Undefer(LaterCutOff):
    title = "撤销缓报"
    meaning = "撤销后以原定截止时间为准；已报来的，按原定截止时间重新判断是否迟报。"
    done = "缓报已撤销，并已通知有关单位。"

    def act(self, object_: Target, *, by: Actor, at: datetime, **_: Any) -> Any:
        return weekly_deferrals.withdraw(object_.issue, object_.organization, by=by, at=at)


class Intake(TemplateView):
    """What an office waits for in one issue: who has reported, who has not, and what to do then."""

    template_name = "rectification/weekly/intake.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, at = self.request.actor, timezone.now()
        found = target(actor, self.kwargs["issue"], self.kwargs["organization"])
        rows = waited_for(found, at=at)
        closed = {  # who joined from another tree reports here, and is read by its own
            one.organization.pk
            for one, _ in rows
            if not policy.may_here(actor, "wr.read", one.organization)
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
