"""Risk sweeps (风险排查): who has sent one in; the page of one sheet; its papers."""

import uuid
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.views import View
from django.views.generic import DetailView

from campaigns import policy
from campaigns.actions import sweep_requests, sweeps
from campaigns.actions.weekly_plans import taking_part
from campaigns.exports import sweeps as tables
from campaigns.models import Act, Campaign, Sweep, SweepSubmission, sweep_sheet
from campaigns.models.stage import NAMES as NAMES_TOLD
from campaigns.models.sweep import places_read
from campaigns.models.sweep_roll import (
    STATES,
    Sought,
    counts,
    in_state,
    obliged,
    sought,
    with_state,
)
from campaigns.reports import sweep as papers
from campaigns.views.assignments import campaign_of
from reform.actions import once, trail
from reform.errors import Refused, Repeated
from reform.models import Actor, Organization, Role, TrailEntry
from reform.text import key_of
from reform.views.files import EXCEL, WORD, send_bytes
from reform.views.lists import PagedList

WHOLE = ("campaign__organization", "checklist", "request", "organization", "begun_by")
TAKING = (Role.LIAISON, Role.SECRETARY)  # who takes findings onto the ledger, one floor above
NAMES = 50  # of organizations that are named as missing above the list


def named(campaign: Campaign, key: str) -> Sought | None:
    """Return what an address names (`c3`, `r5`) of all that the campaign asks for, or nothing."""
    return next((one for one in sought(campaign) if one.key == key), None)


class SweepList(PagedList):
    """Organizations in official order, and how each stands with one list: all that one reads."""

    template_name = "campaigns/sweeps/list.html"
    title = "风险排查"

    @cached_property
    def campaign(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    @cached_property
    def every(self) -> list[Sought]:
        return sought(self.campaign)

    @cached_property
    def one(self) -> Sought | None:
        key = self.request.GET.get("list", "")
        found = [one for one in self.every if one.key == key] or self.every
        return found[0] if found else None

    @cached_property
    def state(self) -> str:
        state = self.request.GET.get("state", "")
        return state if state in STATES else "all"

    @cached_property
    def scope(self) -> QuerySet:
        actor = self.request.actor
        if self.one is None:
            return Organization.objects.none()
        places = taking_part(self.campaign, on=actor.on).filter(places_read(actor))
        return with_state(obliged(self.one, places, on=actor.on), self.one)

    def get_queryset(self) -> QuerySet:
        return in_state(self.scope, self.state)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, actor = super().get_context_data(**kwargs), self.request.actor
        context |= {
            "campaign": self.campaign,
            "every": self.every,
            "one": self.one,
            "takes": actor.holds(*TAKING),
            "may_ask": sweep_requests.may_ask(actor, self.campaign),
        }
        if self.one is None:
            return context
        for place in context["object_list"]:
            place.may_prepare = policy.may_here(actor, "sw.prepare", place)
            place.word = dict(Sweep.Status.choices).get(place.sweep_status, "未开始")
            place.is_shown = place.may_prepare or place.sweep_status not in {"", "draft"}
        names = self._missing() if actor.holds(*NAMES_TOLD) else []
        return context | {
            "chips": self._chips(),
            "missing": names[:NAMES],
            "more": max(len(names) - NAMES, 0),
            "late": self._is_late(),
            "token": uuid.uuid4(),
        }

    def _missing(self) -> list[str]:
        return list(in_state(self.scope, "missing").values_list("name", flat=True))

    def _is_late(self) -> bool:
        request = self.one.request if self.one else None
        return request is not None and request.due_on < self.request.actor.on

    def _chips(self) -> list[dict[str, Any]]:
        assert self.one is not None  # noqa: S101 -- asked before
        numbers = counts(self.scope)
        return [
            {
                "words": words,
                "count": numbers[code],
                "url": f"?{urlencode({'list': self.one.key, 'state': code})}",
                "current": code == self.state,
            }
            for code, (words, _) in STATES.items()
        ]


class BeginSweep(View):
    """Begin the sheet of one's organization for a list (`list` and `organization` in the form)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        campaign = campaign_of(request, pk)
        places = Organization.objects.filter(places_read(actor))
        place = get_object_or_404(places, pk=key_of(request.POST.get("organization", "")))
        if not policy.may_here(actor, "sw.prepare", place):
            raise PermissionDenied("风险排查表由本单位联络员、书记或负责人填写。")
        one = named(campaign, request.POST.get("list", ""))
        if one is None:
            messages.error(request, "请先选择要排查的清单，再开始填写。")
            return redirect("sweeps", campaign.pk)
        now = timezone.now()
        try:
            row = once.run(
                _token(request),
                lambda: sweeps.begin(one, organization=place, by=actor, at=now),
                by=actor,
                at=now,
            )
        except Repeated:
            return redirect("sweeps", campaign.pk)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("sweeps", campaign.pk)
        return redirect(row)


def _token(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        return uuid.uuid4()


# ---------------------------------------------------------------- one sheet


def sheet_of(sweep: Sweep, actor: Actor, number: str = "") -> tuple[dict, SweepSubmission | None]:
    """Return what the actor reads of a sheet, and which version that is: what is being filled in
    for who fills it in, else what was sent in last, or the version an address names."""
    sent = list(sweep.submissions.order_by("number"))
    wanted = next((one for one in sent if str(one.number) == number), None)
    if (
        wanted is None
        and sweep.is_writable
        and policy.may_here(actor, "sw.prepare", sweep.organization)
    ):
        return sweep_sheet.frozen(sweep, list(sweep.swept.all())), None
    shown = wanted or sent[-1]
    return shown.content, shown


class SweepPage(DetailView):
    template_name = "campaigns/sweeps/page.html"
    context_object_name = "sweep"

    def get_queryset(self) -> QuerySet:
        return Sweep.objects.visible_to(self.request.actor).select_related(*WHOLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, actor = self.object, self.request.actor
        sheet, shown = sheet_of(row, actor, self.request.GET.get("version", ""))
        may_fill = row.is_writable and policy.may_here(actor, "sw.prepare", row.organization)
        versions = list(row.submissions.select_related("verdict"))
        last = getattr(versions[-1], "verdict", None) if versions else None
        return super().get_context_data(**kwargs) | {
            "title": f"{row.organization}风险排查表",
            "campaign": row.campaign,
            "sheet": sheet,
            "shown": shown,
            "lines": sweep_sheet.rows(sheet),
            "objects": row.swept.all() if shown is None else [],
            "may_fill": may_fill and shown is None,
            "may_submit": row.is_writable and policy.may_here(actor, "sw.submit", row.organization),
            "may_review": row.status == Sweep.Status.SUBMITTED
            and policy.may_review_sweep(actor, row),
            "versions": versions,
            "verdict": last,
            "may_take": any(
                duty.organization_id == row.organization_id for duty in actor.holding(*TAKING)
            ),
            "token": uuid.uuid4(),
            "trail": TrailEntry.objects.of(row),
        }


class SweepPaper(View):
    """The sheet as a file: `table` (Excel) or `word`."""

    kind = ""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        rows = Sweep.objects.visible_to(actor).select_related(*WHOLE)
        row = get_object_or_404(rows, pk=pk)
        sheet, shown = sheet_of(row, actor, request.GET.get("version", ""))
        now = timezone.now()
        trail.record(Act.SWEEP_EXPORTED, row, by=actor, at=now, say=str(shown or row))
        signed = _signed(row, shown)
        on = _day(shown, now)
        if self.kind == "word":
            version = f"第{shown.number}版" if shown else "未报送"
            data = papers.word_of(row, sheet, signed=signed, version=version, on=on)
            return send_bytes(data, name=f"{row}.docx", kind=WORD)
        data = tables.write(row, sheet, signed=signed, on=on)
        return send_bytes(data, name=tables.name_of(row, on), kind=EXCEL)


def _signed(row: Sweep, shown: SweepSubmission | None) -> str:
    by = shown.by_name if shown else ""
    typed = row.begun_by.name
    return f"单位负责人：　　　　　　审核人：{by}　　　　填表人：{typed}　　　　联系电话："


def _day(shown: SweepSubmission | None, now: datetime) -> Any:
    return timezone.localdate(shown.at if shown else now)
