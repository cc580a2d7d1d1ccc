"""Filling in a risk sweep, sending it in, reviewing it, asking for one."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from campaigns import policy
from campaigns.actions import sweep_requests, sweep_reviews, sweep_submissions, sweeps
from campaigns.forms.sweeps import AskForm, DecideForm, ObjectForm, SendForm, TableForm
from campaigns.imports import sweeps as readings
from campaigns.models import (
    Campaign,
    Sweep,
    SweepObject,
    SweepRequest,
    SweepSubmission,
    sweep_sheet,
)
from campaigns.views.assignments import campaign_of
from campaigns.views.sweeps import WHOLE
from reform.errors import Refused, Stale
from reform.models import Actor
from reform.views.act import ActView

SHOWN = 200  # faults of a table


class SweepAct(ActView):
    """An act on a sheet; `permit` says who."""

    model: Any = Sweep
    template_name = "campaigns/sweeps/act.html"
    permit = "sw.prepare"

    def load(self) -> Any:
        rows = Sweep.objects.visible_to(self.request.actor).select_related(*WHOLE)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def sweep(self) -> Sweep:
        return self.object

    def may(self, actor: Actor, _row: Any) -> bool:
        return policy.may_here(actor, self.permit, self.sweep.organization)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is sent in already has its page."""
        if not self.sweep.is_writable:
            return redirect(self.sweep)
        return super().get(request, *args, **kwargs)

    def back(self) -> str:
        return self.sweep.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sweep": self.sweep}


class NewObject(SweepAct):
    form_class: Any = ObjectForm
    title = "新增排查对象"
    template_name = "campaigns/sweeps/object.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"asks": sweep_sheet.asks(self.sweep), "parts": self.sweep.parts}
        return super().get_form_kwargs() | more

    def form_valid(self, form: ObjectForm) -> HttpResponse:
        self.typed = form
        return super().form_valid(form)

    @property
    def facts(self) -> dict[str, Any]:
        data = self.typed.cleaned_data
        lines = self.typed.lines(nothing="nothing" in self.request.POST)
        return {"kind": data["kind"], "name": data["name"], "lines": lines}

    def act(self, sweep: Any, *, by: Actor, at: datetime, **_: Any) -> Any:
        return sweeps.add_object(sweep, **self.facts, by=by, at=at)

    def next_page(self, _result: Any) -> str:
        messages.success(self.request, "已保存。")
        if "more" in self.request.POST:
            return reverse("sweep-object-new", args=[self.sweep.pk])
        return self.back()


class ChangeObject(NewObject):
    title = "排查对象"

    def load(self) -> Any:
        sheets = Sweep.objects.visible_to(self.request.actor).order_by().values("pk")
        rows = SweepObject.objects.filter(sweep__in=sheets)
        rows = rows.select_related(*(f"sweep__{name}" for name in WHOLE))
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def sweep(self) -> Sweep:
        return self.object.sweep

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        return ObjectForm.initial_of(row.kind, row.name, row.lines) | {"version": row.version}

    def act(self, one: Any, *, by: Actor, at: datetime, version: Any, **_: Any) -> Any:
        if "drop" in self.request.POST:
            return sweeps.drop_object(one, version=version or 0, by=by, at=at)
        return sweeps.change_object(one, version=version or 0, **self.facts, by=by, at=at)

    def conflict(self, form: Any, stale: Stale) -> HttpResponse:
        empty = {name: "" for name in form.fields if name not in {"token", "version"}}
        form.name_questions()
        stale.now = empty | ObjectForm.initial_of(**stale.now)
        return super().conflict(form, stale)

    def next_page(self, result: Any) -> str:
        if "drop" in self.request.POST:
            messages.success(self.request, "已删除这个排查对象。")
            return self.back()
        return super().next_page(result)


class FillFromTable(SweepAct):
    """Rows pasted or uploaded: read, checked, and only then kept."""

    form_class: Any = TableForm
    title = "由表格填入"
    template_name = "campaigns/sweeps/table.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """First what the table says and where it is wrong; `keep` puts it in."""
        data = form.cleaned_data
        try:
            if file := data.pop("file", None):
                data["text"] = readings.text_of(file.read(), name=file.name)
            self.checked = readings.check(data.pop("text"), self.sweep)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        if "keep" not in self.request.POST or file or self.checked.faults:
            return self._look()
        return super().form_valid(form)

    def _look(self) -> HttpResponse:
        """The text of a file goes on as text: what was read stands where it can be mended."""
        form = TableForm(initial={"text": self.checked.text})
        context = {
            "checked": self.checked,
            "faults": self.checked.faults[:SHOWN],
            "more": max(len(self.checked.faults) - SHOWN, 0),
        }
        page = self.get_context_data(form=form, **context)
        return render(self.request, self.template_name, page)

    def act(self, sweep: Sweep, *, by: Actor, at: datetime, **_: Any) -> int:
        return sweeps.add_table(sweep, self.checked.entries, by=by, at=at)

    def next_page(self, new: int) -> str:
        words = f"已填入{new}项。" if new else "这些内容排查表中都已有，没有重复填入。"
        messages.success(self.request, words)
        return self.back()


class SendSweep(SweepAct):
    """The sheet as it will be read, and the one button; `nothing` sends 整表未发现问题."""

    form_class: Any = SendForm
    permit = "sw.submit"
    title = "核对并报送"
    done = "已报送，由上级审阅。"
    template_name = "campaigns/sweeps/submit.html"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.sweep.version}

    def act(self, sweep: Sweep, *, version: int, by: Actor, at: datetime) -> SweepSubmission:
        nothing = "nothing" in self.request.POST
        return sweep_submissions.submit(sweep, version=version, nothing=nothing, by=by, at=at)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self._again(form)

    def conflict(self, form: Any, stale: Stale) -> HttpResponse:
        form.add_error(None, str(stale))
        return self._again(form, status=409)

    def _again(self, form: Any, status: int = 200) -> HttpResponse:
        """Refused: what the page says now is what the next press sends."""
        self.object = self.load()
        words = form.non_field_errors() or ["页面已过期，请核对后再报送。"]
        fresh = SendForm(initial=self.get_initial())
        context = self.get_context_data(form=fresh, refused=words)
        return render(self.request, self.template_name, context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sheet = sweep_sheet.frozen(self.sweep, list(self.sweep.swept.all()))
        lines = sweep_sheet.rows(sheet)
        return super().get_context_data(**kwargs) | {
            "sheet": sheet,
            "lines": lines,
            "found": sum(row.is_problem for row in lines),
            "is_empty": not sheet["objects"],
            "obstacles": sweep_sheet.missing(sheet),
        }


class ReviewSweep(SweepAct):
    form_class: Any = DecideForm
    title = "审阅风险排查表"
    done = "审阅意见已提交，并告知填报单位。"
    template_name = "campaigns/sweeps/review.html"

    def may(self, actor: Actor, sweep: Sweep) -> bool:
        return policy.may_review_sweep(actor, sweep)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.sweep.status != Sweep.Status.SUBMITTED:
            return redirect(self.sweep)
        return super(SweepAct, self).get(request, *args, **kwargs)

    @property
    def last(self) -> SweepSubmission | None:
        return self.sweep.submissions.order_by("number").last()

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.last.number if self.last else 1}

    def act(self, sweep: Sweep, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return sweep_reviews.decide(sweep, by=by, at=at, **facts)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        last = self.last
        sheet = last.content if last else {"asks": [], "objects": [], "parts": []}
        more = {"shown": last, "sheet": sheet, "lines": sweep_sheet.rows(sheet)}
        return super().get_context_data(**kwargs) | more


class AskForSweep(ActView):
    """对照排查: one question, to all below or to some."""

    form_class = AskForm
    title = "发起对照排查"
    chosen_decides = True
    done = "已发出，并通知各排查单位。"
    template_name = "campaigns/sweeps/ask.html"

    def load(self) -> Any:
        return campaign_of(self.request, self.kwargs["pk"])

    def may(self, actor: Actor, campaign: Campaign) -> bool:
        return sweep_requests.may_ask(actor, campaign)

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **facts: Any) -> SweepRequest:
        return sweep_requests.ask(campaign, by=by, at=at, **facts)

    def back(self) -> Any:
        return reverse("sweeps", args=[self.object.pk])

    def next_page(self, result: SweepRequest) -> str:
        return result.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.object}
