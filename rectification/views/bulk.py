"""Acts on the rows chosen in the ledger: each by itself, with a result of its own (SOD-19)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views import View

from rectification.actions import bulk, deadlines
from rectification.forms.problems import FillForm
from rectification.models import Problem
from rectification.views.ledger_page import SIZE
from reform.models import Actor
from reform.text import key_of

FILL = "fill"


def chosen(actor: Actor, values: list[str]) -> list[Problem]:
    """Return the chosen rows that the actor may read, at most a page of them."""
    pks = [key_of(value) for value in values[:SIZE]]
    rows = Problem.objects.visible_to(actor).filter(pk__in=pks)
    return list(
        rows.select_related("campaign", "organization", "source")
        .prefetch_related("people", "departments")
        .order_by("pk")
    )


class BulkAct(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        actor, act = request.actor, request.POST.get("act", "")
        pks = request.POST.getlist("pk")
        rows = chosen(actor, pks)
        if act == FILL and rows:
            query = urlencode({"pk": [row.pk for row in rows]}, doseq=True)
            return redirect(f"{reverse('problems-fill')}?{query}")
        if act not in bulk.ACTS or not rows:
            return redirect("problems")
        results = bulk.do(act, rows, by=actor, at=timezone.now())
        return show(request, results, bulk.ACTS[act].label)


class BulkFill(View):
    """补齐: what the chosen rows lack, typed once; what they say already stays."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.rows = chosen(request.actor, request.GET.getlist("pk"))
        if not self.rows:
            raise Http404("没有选中可以补齐的问题。")
        return super().dispatch(request, *args, **kwargs)

    def form(self, data: Any = None) -> FillForm:
        first, on = self.rows[0], self.request.actor.on
        return FillForm(data, campaign=first.campaign, organization=first.organization, on=on)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(request, form, status=422)
        results = bulk.fill(self.rows, facts=form.facts(), by=request.actor, at=timezone.now())
        return show(request, results, "补齐")

    def page(self, request: HttpRequest, form: FillForm, status: int = 200) -> HttpResponse:
        on = request.actor.on
        rows = [(row, deadlines.lacking(row, on=on)) for row in self.rows]
        context = {"form": form, "rows": rows, "title": "批量补齐"}
        return render(request, "rectification/problems/fill.html", context, status=status)


def show(request: HttpRequest, results: list[bulk.Result], label: str) -> HttpResponse:
    on = request.actor.on
    context = {
        "results": [
            (result, deadlines.lacking(result.problem, on=on) if label == "补齐" else [])
            for result in results
        ],
        "label": label,
        "filled": label == "补齐",
    }
    return render(request, "rectification/problems/bulk.html", context)
