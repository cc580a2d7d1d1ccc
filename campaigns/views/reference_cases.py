"""Writing, publishing and taking down reference cases (通报案例), and their paper."""

from datetime import datetime
from typing import Any

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View

from campaigns import policy
from campaigns.actions import reference_cases
from campaigns.forms.reference_cases import CaseForm, PublishForm, SummaryForm, WithdrawForm
from campaigns.models import Act, Campaign, ReferenceCase
from campaigns.models.reference_case import COLUMNS, SUMMARY
from campaigns.reports.reference_case import word_of
from reform.actions import trail
from reform.models import Actor
from reform.views.act import ActView
from reform.views.files import WORD, send_bytes


def case_of(request: HttpRequest, pk: int) -> ReferenceCase:
    """Return a case that one sees, or none (404)."""
    rows = ReferenceCase.objects.visible_to(request.actor)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("campaign__organization"), pk=pk)


class CaseAct(ActView):
    """An act on a case; `permit` names the row of PERMISSIONS.md."""

    model: Any = ReferenceCase
    permit = "cs.write"
    template_name = "campaigns/reference_cases/act.html"

    def load(self) -> Any:
        return case_of(self.request, self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object.campaign

    def may(self, actor: Actor, _case: Any) -> bool:
        return policy.may_here(actor, self.permit, self.campaign.organization)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}


class NewCase(CaseAct):
    form_class: Any = CaseForm
    title: Any = "写入通报案例"
    done = "案例已保存，请由其他人核对后发布。"
    extra_context = {"form_wide": True, "writing": True}

    def load(self) -> Campaign:
        rows = Campaign.objects.workable_by(self.request.actor).select_related("organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object

    def act(
        self,
        campaign: Campaign,
        *,
        by: Actor,
        at: datetime,
        version: Any = None,  # noqa: ARG002 -- there is none yet
        deidentified: bool,
        **facts: Any,
    ) -> ReferenceCase:
        return reference_cases.write(campaign, facts=facts, deidentified=deidentified, by=by, at=at)

    def back(self) -> Any:
        return reverse("reference-cases", args=[self.campaign.pk])

    def next_page(self, result: Any) -> Any:
        return result


class EditCase(CaseAct):
    """Whoever writes cases gets the whole text, the discipline side what it sums up."""

    done = "已保存；发布后其他人才能看到修改后的内容。"
    extra_context = {"form_wide": True, "writing": True}

    def may(self, actor: Actor, _case: Any) -> bool:
        place = self.campaign.organization
        return any(policy.may_here(actor, act, place) for act in ("cs.write", "cs.summarize"))

    @property
    def is_whole(self) -> bool:
        return policy.may_here(self.request.actor, "cs.write", self.campaign.organization)

    @property
    def title(self) -> str:  # type: ignore[override]
        return "修改案例" if self.is_whole else "一案一总结"

    def get_form_class(self) -> Any:
        return CaseForm if self.is_whole else SummaryForm

    def get_initial(self) -> dict[str, Any]:
        texts = self.object.newest()
        names = COLUMNS if self.is_whole else SUMMARY
        return {name: texts[name] for name in names} | {"version": self.object.version}

    def act(
        self,
        case: ReferenceCase,
        *,
        by: Actor,
        at: datetime,
        version: int | None,
        deidentified: bool,
        **facts: Any,
    ) -> ReferenceCase:
        return reference_cases.amend(
            case, version=version or 0, facts=facts, deidentified=deidentified, by=by, at=at
        )


class PublishCase(CaseAct):
    form_class = PublishForm
    permit = "cs.publish"
    title = "发布通报案例"
    done = "已发布，能查看这项活动的人都能看到。"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def act(
        self, case: ReferenceCase, *, version: int, by: Actor, at: datetime, **_: Any
    ) -> ReferenceCase:
        return reference_cases.publish(case, version=version, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = self.object.versions.get(number=self.object.version)
        return super().get_context_data(**kwargs) | {"newest": newest}


class WithdrawCase(CaseAct):
    form_class = WithdrawForm
    permit = "cs.withdraw"
    title = "撤下通报案例"
    done = "已撤下。"
    extra_context = {"withdrawing": True}

    def act(
        self, case: ReferenceCase, *, reason: str, by: Actor, at: datetime, **_: Any
    ) -> ReferenceCase:
        return reference_cases.withdraw(case, reason=reason, by=by, at=at)


class CaseWord(View):
    """One case as a paper (一案一总结)."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        case = case_of(request, pk)
        trail.record(Act.CASE_EXPORTED, case, by=request.actor, at=timezone.now())  # type: ignore[attr-defined]
        return send_bytes(word_of(case), name=f"一案一总结_{case}.docx", kind=WORD)
