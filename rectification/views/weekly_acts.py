"""The acts on one weekly report: writing, handing on, confirming, receiving, returning."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from rectification import policy
from rectification.actions import (
    weekly_counting,
    weekly_receipts,
    weekly_receiving,
    weekly_reports,
)
from rectification.forms.problems import ConfirmForm
from rectification.forms.weekly_reports import CollatedForm, SeenForm, TextsForm, WhyForm
from rectification.models import Problem, WeeklyReport
from rectification.views.weekly_reports import reports_of
from reform.errors import Stale
from reform.models import Actor
from reform.text import key_of
from reform.views.act import ActView


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
        if type(form) in {ConfirmForm, SeenForm, WhyForm}:
            form.submit = self.title
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"report": self.object}


class SeenAct(ReportAct):
    """An act on the text that somebody has read: where it was changed since, he is shown what
    stands there now, and may press again."""

    form_class = SeenForm

    def get_initial(self) -> dict[str, Any]:
        seen = key_of(self.request.GET.get("version", "")) or self.object.edition
        return super().get_initial() | {"version": seen}

    def form_valid(self, form: Any) -> HttpResponse:
        if "version" in form.cleaned_data:
            form.cleaned_data["edition"] = form.cleaned_data.pop("version")
        return super().form_valid(form)

    def conflict(self, form: Any, stale: Stale) -> HttpResponse:
        self.object = self.load()
        form.data = form.data.copy()
        form.data["version"] = stale.version
        form.add_error(None, str(stale))
        context = self.get_context_data(form=form, now=self.object)
        return render(self.request, self.template_name, context, status=409)


def _also(actor: Actor, report: WeeklyReport) -> dict[str, str]:
    """Return the button beside 保存: whoever may file does, others hand it to who may."""
    if policy.may_here(actor, "wr.create", report.organization):
        asks = "保存并报送？报送后不能再改。"
        return {"name": "confirm", "words": "保存并报送", "asks": asks, "yes": "报送"}
    return {"name": "prepare", "words": "保存并送书记确认"}


class EditReport(ReportAct):
    title = "填写周报"
    template_name = "rectification/weekly/edit.html"
    extra_context = {"form_wide": True}

    @property
    def done(self) -> str:  # type: ignore[override]
        if "confirm" in self.request.POST:
            return "已保存并报送。"
        return "已保存，已送书记确认。" if "prepare" in self.request.POST else "已保存。"

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
            "also": None if report.collated else _also(actor, report),
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


class ConfirmReport(SeenAct):
    permit = "wr.create"
    title = "确认报送"
    meaning = "报送后不能再改；需要更正的，由收报单位退回后重报。"
    done = "已报送。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **data: Any) -> WeeklyReport:
        return weekly_reports.confirm(report, **data, by=by, at=at)


class SendBack(SeenAct):
    form_class = WhyForm
    title = "退回修改"
    done = "已退回修改。"

    def may(self, actor: Actor, report: WeeklyReport) -> bool:
        return policy.may_here(actor, report.back_act, report.organization)

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> WeeklyReport:
        return weekly_reports.send_back(report, **facts, by=by, at=at)


class Receiving(SeenAct):
    permit = "wr.receive"

    def may(self, actor: Actor, report: WeeklyReport) -> bool:
        return weekly_receiving.may(actor, report.issue, report.organization, at=self.at)


class ReceiveReport(Receiving):
    title = "收下"
    done = "已收下。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return weekly_receipts.receive(report, **facts, by=by, at=at)


class ReturnReport(Receiving):
    form_class = WhyForm
    title = "退回"
    done = "已退回，原版本保留，等待重报。"

    def act(self, report: WeeklyReport, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return weekly_receipts.give_back(report, **facts, by=by, at=at)
