"""One issue of the weekly report for one organization: beginning, intake, deferral, reminding."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from rectification import policy
from rectification.actions import (
    weekly_collations,
    weekly_deferrals,
    weekly_issues,
    weekly_receipts,
    weekly_receiving,
    weekly_reports,
)
from rectification.forms.problems import ConfirmForm
from rectification.forms.weekly_reports import DeferForm, OutageForm
from rectification.models import Deferral, WeeklyIssue, WeeklyReport
from reform.models import Actor, Organization
from reform.views.act import ActView


@dataclass(frozen=True)
class Target:
    issue: WeeklyIssue
    organization: Organization

    def __str__(self) -> str:
        return f"{self.organization}{self.issue}周报"


def target(actor: Actor, issue: int, organization: int, *, at: datetime | None = None) -> Target:
    """Return what an address names, where the actor may know of it; 404 otherwise. With the moment
    `at` also what an organization of another tree reports to the one that leads."""
    row = get_object_or_404(
        WeeklyIssue.objects.visible_to(actor).select_related("campaign__organization"), pk=issue
    )
    place = get_object_or_404(Organization, pk=organization)
    if not policy.may_here(actor, "wr.read", place) and not (
        at and weekly_receiving.may(actor, row, place, at=at)
    ):
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

    def load(self) -> Target:  # type: ignore[override]
        return target(
            self.request.actor, self.kwargs["issue"], self.kwargs["organization"], at=self.at
        )

    def may(self, actor: Actor, object_: Target) -> bool:
        place = object_.organization
        return is_whole(actor, place) or weekly_receiving.may(
            actor, object_.issue, place, at=self.at
        )

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
