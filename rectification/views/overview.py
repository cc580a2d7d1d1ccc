"""One campaign at a glance (活动总览), whom each number counts, its workbook; and for inspectors
what examinations left out (自查未报、检查查出)."""

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from campaigns.actions import weekly_plans
from campaigns.models import BEIJING, Campaign, Checklist, Stage
from campaigns.models.examination_roll import MISSING, RETURNED, WAITING
from campaigns.models.examination_roll import WORDS as STATE_WORDS
from campaigns.views.examination_lists import examining
from rectification.exports import overview as tables
from rectification.models import Act, overview
from rectification.models.metric import Ground, Span, address
from rectification.models.overview import COLUMNS, SCOPES, STATES, Column, Line
from reform.actions import trail
from reform.models import Actor, Organization, Role
from reform.models.organization import OrganizationQuerySet
from reform.text import key_of
from reform.views.files import EXCEL, send_bytes
from reform.views.lists import PagedList

NOT_YOURS = "活动总览由书记、活动办、纪检和领导查看；您自己的在“自查剖析”和“我的查摆问题”中。"
# How a person of `overview.people` stands, in the words of the list of who has submitted.
STATE_OF = {"": MISSING, "submitted": WAITING, "returned": RETURNED}
PEOPLE_WORDS = STATE_WORDS | {overview.EXCUSED: "免计"}


class Asked:
    """What an address asks for: a campaign, a checklist, an organization to look below."""

    def __init__(self, request: HttpRequest, pk: int) -> None:
        self.request, self.actor = request, request.actor  # type: ignore[attr-defined]
        seen = Campaign.objects.visible_to(self.actor).select_related("organization")
        self.campaign = get_object_or_404(seen, pk=pk)
        if not self.actor.holds(*SCOPES):
            raise PermissionDenied(NOT_YOURS)
        self.now = timezone.now()
        self.checklists = list(examining(campaign=self.campaign))

    @cached_property
    def checklist(self) -> Checklist | None:
        wanted = key_of(self.request.GET.get("checklist", ""))
        found = [one for one in self.checklists if one.pk == wanted] or self.checklists
        return found[0] if found else None

    @cached_property
    def stages(self) -> list[Stage]:
        return list(self.campaign.stages.all())

    @cached_property
    def stage(self) -> Stage | None:
        """The stage chosen, for its tasks and who is excused from it."""
        wanted = key_of(self.request.GET.get("stage", ""))
        return next((one for one in self.stages if one.pk == wanted), None)

    @cached_property
    def places(self) -> OrganizationQuerySet:
        taking_part = weekly_plans.taking_part(self.campaign, on=self.actor.on)
        return overview.scope(self.actor, taking_part)

    @cached_property
    def top(self) -> Organization | None:
        """The organization chosen, where it lies in the actor's scope."""
        return self.places.filter(pk=key_of(self.request.GET.get("organization", ""))).first()

    @cached_property
    def span(self) -> Span:
        return Span(self.now, self.now)

    @cached_property
    def lines(self) -> list[Line]:
        lines = overview.lines_of(self.actor, self.places, self.top)
        overview.count(
            lines,
            self.actor,
            self.campaign,
            self.checklist,
            self.places,
            span=self.span,
            stage=self.stage,
        )
        return lines

    def url(self, page: str, **facts: Any) -> str:
        if self.checklist and len(self.checklists) > 1:
            facts = {"checklist": self.checklist.pk, **facts}
        if self.stage:
            facts = {"stage": self.stage.pk, **facts}
        query = f"?{urlencode(facts)}" if facts else ""
        return f"{reverse(page, args=[self.campaign.pk])}{query}"

    def opened(self, line: Line, column: Column) -> str:
        """Return the list that opens exactly the rows of a number; nothing where there is none, or
        where they are not the actor's to read."""
        if not line.counts.get(column.code):
            return ""
        ways = {
            "people": self._people,
            "problems": self._problems,
            "findings": self._findings,
            "tasks": self._tasks,
        }
        return ways[column.opens](line, column.code)

    def _people(self, line: Line, code: str) -> str:
        facts: dict[str, Any] = {"organization": line.organization.pk, "state": code}
        return self.url("overview-people", **facts, **({} if line.whole else {"here": 1}))

    def _problems(self, line: Line, code: str) -> str:
        ground = Ground(self.campaign.pk, line.organization, own=False, here=not line.whole)
        return f"{reverse('problems')}?{urlencode({'figure': address(code, self.span, ground)})}"

    def _tasks(self, line: Line, code: str) -> str:
        """The table of assignments narrows by an organization and all below it, no closer."""
        if not line.whole:
            return ""
        facts: dict[str, Any] = {"organization": line.organization.pk}
        facts |= {"status": "done"} if code == "tasks_done" else {}
        facts |= {"stage": self.stage.pk} if self.stage else {}
        return f"{reverse('assignments', args=[self.campaign.pk])}?{urlencode(facts)}"

    def _findings(self, line: Line, code: str) -> str:
        if not line.is_own or self.checklist is None:
            return ""
        facts: dict[str, Any] = {"state": "taken" if code == "taken" else "all"}
        facts |= {"organization": line.organization.pk, "checklist": self.checklist.pk}
        return f"{reverse('findings')}?{urlencode(facts)}"


def sums(lines: list[Line]) -> list[tuple[Column, str]]:
    return list(zip(COLUMNS, overview.total(lines), strict=True))


class OverviewPage(PagedList):
    template_name = "rectification/overview/page.html"
    title = "活动总览"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.asked = Asked(request, self.kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> list[Line]:  # type: ignore[override]
        return self.asked.lines

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, context = self.asked, super().get_context_data(**kwargs)
        top = asked.top
        above = list(asked.places.filter(path__in=top.lineage)) if top else []
        return context | {
            "asked": asked,
            "campaign": asked.campaign,
            "checklist": asked.checklist,
            "columns": COLUMNS,
            "rows": [self._row(line) for line in context["page_obj"].object_list],
            "total": sums(asked.lines) if len(asked.lines) > 1 else [],
            "above": [(one, asked.url("overview", organization=one.pk)) for one in above],
            "whole": asked.url("overview"),
            "table": asked.url("overview-table", **({"organization": top.pk} if top else {})),
            "inspects": asked.actor.holds(Role.INSPECTOR),
            "few": overview.FEW,
            "on": asked.actor.on,
        }

    def _row(self, line: Line) -> dict[str, Any]:
        asked, place = self.asked, line.organization
        return {
            "name": tables.name_of(line),
            "url": asked.url("overview", organization=place.pk) if line.may_open else "",
            "cells": [
                (column, line.shown(column.code), asked.opened(line, column)) for column in COLUMNS
            ],
        }


class OverviewTable(View):
    """The page as a workbook: all its lines, to be printed."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = Asked(request, pk)
        actor, campaign = asked.actor, asked.campaign
        data = tables.write(
            campaign,
            asked.checklist,
            asked.lines,
            stage=asked.stage,
            unit=asked.top or actor.home,
            by=actor.user,
            at=asked.now,
        )
        say = f"{campaign}，{len(asked.lines)}个单位"
        trail.record(
            Act.OVERVIEW_EXPORTED, campaign, by=actor, at=asked.now, say=say, count=len(asked.lines)
        )
        day = asked.now.astimezone(BEIJING).date()
        return send_bytes(data, name=f"活动总览_{campaign.code}_{day:%Y%m%d}.xlsx", kind=EXCEL)


class PeopleOf(PagedList):
    """The people whom a number of the overview counts: names and states, nobody's text."""

    template_name = "rectification/overview/people.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.asked = asked = Asked(request, self.kwargs["pk"])
        self.place = None
        if wanted := request.GET.get("organization"):
            self.place = get_object_or_404(asked.places, pk=key_of(wanted))
        self.state = request.GET.get("state", "")
        if self.state not in STATES:
            self.state = "asked"
        return super().get(request, *args, **kwargs)

    @property
    def title(self) -> str:  # type: ignore[override]
        column = next(one for one in COLUMNS if one.code == self.state)
        return f"{self.place}：{column.name}" if self.place else column.name

    def get_queryset(self) -> Any:
        asked, whole = self.asked, "here" not in self.request.GET
        if asked.checklist is None:
            return overview.Duty.objects.none()
        rows = overview.people(asked.checklist, asked.places, on=asked.actor.on, stage=asked.stage)
        rows = rows.filter(STATES[self.state])
        if self.place:
            rows = rows.filter(overview.at(self.place, whole=whole))
        return rows.select_related("user", "organization").order_by(
            "organization__sequence", "place", "user__name", "pk"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for one in context["page_obj"].object_list:
            one.code = STATE_OF.get(one.state, one.state)
            one.words = PEOPLE_WORDS[one.code]
        return context | {
            "campaign": self.asked.campaign,
            "checklist": self.asked.checklist,
            "back": self.asked.url("overview"),
        }


class Unreported(PagedList):
    """自查未报、检查查出: for inspectors, to look closer; in the official order, no totals."""

    template_name = "rectification/overview/unreported.html"
    title = "自查未报、检查查出"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        seen = Campaign.objects.visible_to(actor)
        self.campaign = get_object_or_404(seen, pk=self.kwargs["pk"])
        if not actor.holds(Role.INSPECTOR):
            raise PermissionDenied("这份清单供纪检人员核对。")
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        rows = overview.unreported(self.request.actor, self.campaign)
        rows = rows.select_related("organization", "source").prefetch_related("items")
        return rows.order_by("organization__sequence", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}
