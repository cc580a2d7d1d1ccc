"""Who owes something on problems (催办清单): the list, a text to copy, letters, a workbook."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views import View
from django.views.generic import TemplateView

from campaigns.models import BEIJING, Campaign
from rectification import policy
from rectification.exports import owing as tables
from rectification.exports import scope
from rectification.models import Act, Instruction, Problem, owing, owing_items
from rectification.models.owing import INSTRUCTION, LISTED, OWED, Board, Owing
from rectification.models.problem_queryset import read_scopes
from rectification.reports import owing_letter
from rectification.views.briefs import chosen
from reform.actions import trail
from reform.models import Actor, Duty, Holiday, Organization, Role
from reform.text import key_of
from reform.views.files import EXCEL, WORD, send_bytes

SIZE = 50  # organizations of a page, and letters of a document
ANSWER_DAYS = 3  # working days that are given
ROLES = (Role.LIAISON, Role.SECRETARY, Role.INSPECTOR, Role.OFFICE, Role.LEADER)


def may_look(actor: Actor) -> bool:
    """Return whether the list is for the actor (`rp.dashboard` in PERMISSIONS.md)."""
    return actor.holds(*ROLES)


def offices(actor: Actor) -> list[Duty]:
    """Return the duties by which the actor asks those below, the lowest first."""
    return sorted(actor.holding(Role.OFFICE), key=lambda duty: -duty.organization.depth)


@dataclass
class Asked:
    """What an address asks for: a campaign, a kind, one organization or all, a page of them."""

    actor: Actor
    campaigns: list[Campaign]
    campaign: Campaign | None
    kind: str
    organization: int
    page_asked: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if not may_look(actor):
            raise PermissionDenied("催办清单供支部书记、联络员、纪检、活动办和领导使用。")
        rows = Campaign.objects.visible_to(actor).order_by("-pk")
        campaigns = sorted(rows, key=lambda row: row.status != Campaign.Status.PUBLISHED)
        kind = request.GET.get("kind", "")
        return cls(
            actor,
            campaigns,
            chosen(request, campaigns),
            kind if kind in LISTED else "",
            key_of(request.GET.get("organization", "")),
            request.GET.get("page", ""),
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """The kinds that are asked about: one, or all that is owed already."""
        return (self.kind,) if self.kind else OWED

    @cached_property
    def board(self) -> Board:
        if self.campaign is None:
            return Board([], 0, 0)
        return owing.board(
            Problem.objects.visible_to(self.actor).filter(campaign=self.campaign),
            Instruction.objects.visible_to(self.actor).filter(campaign=self.campaign),
            on=self.actor.on,
        )

    def of_kind(self, kind: str) -> list[Owing]:
        return [row for row in self.board.rows if (row.counts[kind] if kind else row.owes)]

    @cached_property
    def rows(self) -> list[Owing]:
        rows = self.of_kind(self.kind)
        return [row for row in rows if self.organization in (0, row.organization.pk)]

    @cached_property
    def page(self) -> Page:
        return Paginator(self.rows, SIZE).get_page(self.page_asked)

    @cached_property
    def within(self) -> list[Owing]:
        """Those that lie where the actor reads: whoever reviews above is not asked from below."""
        reach = read_scopes(self.actor, key="pk")
        return [row for row in self.rows if reach.holds(row.organization)]

    @cached_property
    def below(self) -> list[Organization]:
        """The organizations of the page that the actor's office may write to."""
        places = [row.organization for row in self.page.object_list]
        return [place for place in places if policy.may_here(self.actor, "pb.urge", place)]

    @cached_property
    def by_day(self) -> date:
        return Holiday.objects.calendar().add_workdays(self.actor.on, ANSWER_DAYS)

    def address(self, name: str, **more: Any) -> str:
        """Return the address of a page about the same."""
        facts = {"campaign": self.campaign.pk if self.campaign else "", "kind": self.kind}
        facts |= {"organization": self.organization or "", "page": self.page.number} | more
        return f"{reverse(name)}?{urlencode({k: v for k, v in facts.items() if v})}"


class OwingPage(TemplateView):
    template_name = "rectification/owing/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = Asked.of(self.request)
        return super().get_context_data(**kwargs) | {
            "title": "催办清单",
            "on": asked.actor.on,
            "asked": asked,
            "campaigns": asked.campaigns,
            "campaign": asked.campaign,
            "chips": _chips(asked),
            "names": [owing.name_of(code) for code in LISTED],
            "definitions": [(owing.name_of(code), owing.definition_of(code)) for code in LISTED],
            "rows": [_row(asked, one) for one in asked.page.object_list],
            "page_obj": asked.page,
            "wording": wording(asked) if asked.campaign else "",
            "outside": len(asked.rows) - len(asked.within),
            "letters": asked.address("owing-letter") if asked.below else "",
            "table": asked.address("owing-table", page="") if asked.rows else "",
            "nobodys": _opened(asked, "review", owing.NOBODY) if asked.board.unasked else "",
            "missed_first": _opened(asked, "missed_first", "") if asked.campaign else "",
        }


def _chips(asked: Asked) -> list[dict[str, Any]]:
    """Return the kinds, each with how many organizations owe it."""
    words = {"": "全部应办", **{code: owing.name_of(code) for code in LISTED}}
    return [
        {
            "words": name,
            "count": len(asked.of_kind(code)),
            "url": asked.address("owing", kind=code, organization="", page=""),
            "current": code == asked.kind,
        }
        for code, name in words.items()
    ]


def _row(asked: Asked, row: Owing) -> dict[str, Any]:
    place = row.organization
    alone: dict[str, Any] = {"organization": place.pk, "page": ""}
    return {
        "name": place.name,
        "longest": row.longest,
        "cells": [
            (owing.name_of(code), number, _opened(asked, code, place.pk))
            for code, number in row.counts.items()
        ],
        "alone": asked.address("owing", **alone),
        "letter": asked.address("owing-letter", **alone) if place in asked.below else "",
    }


def _opened(asked: Asked, code: str, organization: int | str) -> str:
    """Return the list that opens exactly the rows of a number."""
    campaign = asked.campaign.pk if asked.campaign else ""
    if code == INSTRUCTION:
        facts = {"campaign": campaign, "late": organization}
        return f"{reverse('instructions')}?{urlencode(facts)}"
    facts = {"owes": owing.address(code, organization), "campaign": campaign, "sort": "due"}
    return f"{reverse('problems')}?{urlencode(facts)}"


def wording(asked: Asked) -> str:
    """Return the text to copy to whom the list shows, on all its pages."""
    campaign = asked.campaign
    assert campaign  # noqa: S101 -- for the types: asked where there is one
    seats = offices(asked.actor)
    counts = asked.within[0].counts if len(asked.within) == 1 else {}
    return owing_letter.wording(
        campaign,
        [row.organization.name for row in asked.within],
        [code for code in asked.codes if any(row.counts[code] for row in asked.within)],
        counts=counts,
        organization=seats[0].organization if seats else campaign.organization,
        by_day=asked.by_day,
    )


class OwingLetter(View):
    """The letters to those of a page (催办函), as Word: by the office above them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked, at = Asked.of(request), timezone.now()
        actor, campaign = asked.actor, asked.campaign
        if not actor.holds(*policy.scopes("pb.urge")):
            raise PermissionDenied("催办函由上级活动办出具。")
        if campaign is None or not asked.below:
            raise Http404("没有需要催办的下级单位：都已办理，或者不归您的活动办催办。")
        data = owing_letter.letters(
            campaign, _letters(asked), asked.codes, by_day=asked.by_day, at=at
        )
        self._record(asked, campaign, at=at)
        whom = asked.below[0].name if len(asked.below) == 1 else f"{len(asked.below)}个单位"
        day = at.astimezone(BEIJING).date()
        return send_bytes(data, name=f"催办函_{whom}_{day:%Y%m%d}.docx", kind=WORD)

    @staticmethod
    def _record(asked: Asked, campaign: Campaign, *, at: datetime) -> None:
        actor, places = asked.actor, asked.below
        actor.acts_for(
            policy.in_place_of(
                actor, lambda alone: all(policy.may_here(alone, "pb.urge", one) for one in places)
            )
        )
        whom = "、".join(place.name for place in places[: owing_letter.asking.NAMED])
        say = f"{campaign}，{whom}" + (f"等{len(places)}个单位" if len(places) > 1 else "")
        trail.record(Act.URGED, campaign, by=actor, at=at, say=say, count=len(places))


def _letters(asked: Asked) -> list[owing_letter.Letter]:
    found = owing_items.listed(
        scope.exportable(asked.actor).filter(campaign=asked.campaign),
        Instruction.objects.visible_to(asked.actor).filter(campaign=asked.campaign),
        asked.below,
        codes=asked.codes,
        on=asked.actor.on,
    )
    return [
        owing_letter.Letter(place, _office_above(asked.actor, place), found[place.pk])
        for place in asked.below
    ]


def _office_above(actor: Actor, place: Organization) -> Organization:
    """Return the lowest organization above, at which the actor holds the office."""
    return next(
        duty.organization
        for duty in offices(actor)
        if duty.organization.covers(place.path) and duty.organization_id != place.pk
    )


class OwingTable(View):
    """The list as a workbook, as far as it is filtered."""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked, at = Asked.of(request), timezone.now()
        campaign = asked.campaign
        if campaign is None:
            raise Http404("没有您可以查看的活动。")
        data = tables.write(campaign, asked.rows, unit=asked.actor.home, by=asked.actor.user, at=at)
        say = f"{campaign}，{len(asked.rows)}个单位"
        trail.record(
            Act.OWING_EXPORTED, campaign, by=asked.actor, at=at, say=say, count=len(asked.rows)
        )
        day = at.astimezone(BEIJING).date()
        return send_bytes(data, name=f"催办清单_{campaign.code}_{day:%Y%m%d}.xlsx", kind=EXCEL)
