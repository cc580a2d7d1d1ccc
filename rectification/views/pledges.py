"""Pledges (公开承诺): the list of what became of them, signing, one pledge, its problems."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, Prefetch
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, View

from campaigns import policy
from campaigns.actions import pledges, reviewers
from campaigns.actions.homes import home_in
from campaigns.models import Act, Campaign, Fulfilment, Pledge, PledgeItem
from campaigns.reports.pledge import word_of
from campaigns.views.assignments import campaign_of
from rectification.actions import pledge_links
from rectification.exports import pledges as table
from rectification.forms.pledges import OFFERED, FulfilForm, LinkForm, PledgeFilter, SignForm
from rectification.models.pledge_link import seen_links
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Organization
from reform.models.organization import within
from reform.text import key_of
from reform.views.act import ActView
from reform.views.files import EXCEL, WORD, send_bytes
from reform.views.lists import PagedList

IN_ORDER = (
    "pledge__organization__sequence",
    F("pledge__person").asc(nulls_first=True),
    "pledge",
    "position",
)
TEAMS = 50  # organizations for which one may sign, offered at most


def whole(rows: Any, actor: Actor) -> Any:
    """Add what a list shows of each promise: its pledger, the problems that the actor reads, and
    what the pledger says."""
    said = Prefetch("fulfilments", Fulfilment.objects.order_by("pk"))
    rows = rows.select_related("pledge__organization", "pledge__person")
    return rows.prefetch_related(seen_links(actor), said)


class PledgeList(PagedList):
    """Each promise of the pledges in force that one may read, in official order."""

    template_name = "rectification/pledges/list.html"
    filter_class = PledgeFilter
    title = "公开承诺"

    @cached_property
    def campaign(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    def get_queryset(self) -> Any:
        actor = self.request.actor
        seen = Pledge.objects.visible_to(actor).current().filter(campaign=self.campaign)
        place: Organization | None = self.chosen.get("organization")
        if place:
            seen = seen.filter(within(place.path, "organization__path"))
        if kind := self.chosen.get("kind"):
            seen = seen.filter(person__isnull=kind == "team")
        rows = PledgeItem.objects.filter(pledge__in=seen.order_by().values("pk"))
        return whole(rows, actor).order_by(*IN_ORDER)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        own = Pledge.objects.of(actor).current().filter(campaign=self.campaign).first()
        return super().get_context_data(**kwargs) | {
            "campaign": self.campaign,
            "own": own,
            "may_sign": self.campaign.is_open and actor.holds(*policy.BUSINESS),
            "team": self.team,
            "may_export": actor.holds(*policy.TABLE["pl.export"][1]),
        }

    @property
    def team(self) -> Organization | None:
        """For whose team the actor signs first; the page of signing has the others."""
        held = self.request.actor.holding(*policy.TABLE["pl.sign"][1])
        places = (duty.organization for duty in held if self.campaign.is_open)
        return next((place for place in places if self.campaign.includes(place)), None)


class PledgeTable(View):
    """The public ones within an office's reach, with what the office may read of the problems."""

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        campaign, actor, now = campaign_of(request, pk), request.actor, timezone.now()
        if not actor.holds(*policy.TABLE["pl.export"][1]):
            raise PermissionDenied("公开承诺表由活动办导出；您可以在“公开承诺”中查看。")
        seen = Pledge.objects.visible_to(actor).current().filter(campaign=campaign, is_public=True)
        places = policy.places(actor, "pl.export").order_by().values("pk")
        seen = seen.filter(organization__in=places)
        rows = PledgeItem.objects.filter(pledge__in=seen.order_by().values("pk"))
        items = list(whole(rows, actor).order_by(*IN_ORDER))
        offices = actor.holding(*policy.TABLE["pl.export"][1])
        unit = next((duty.organization for duty in offices), None)
        data = table.write(campaign, items, unit=unit, by=actor.user, at=now)
        trail.record(Act.PLEDGES_EXPORTED, campaign, by=actor, at=now, count=len(items))
        return send_bytes(data, name=f"{campaign}公开承诺.xlsx", kind=EXCEL)


class SignPledge(ActView):
    """One's own, or with ?team= that of a leading team; what stands now is the beginning."""

    form_class = SignForm
    done = "已签署。"
    template_name = "rectification/pledges/sign.html"

    def load(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    def may(self, actor: Actor, _campaign: Any) -> bool:
        if not actor.holds(*policy.BUSINESS):
            return False
        return self.team is None or policy.may_here(actor, "pl.sign", self.team)

    @property
    def title(self) -> str:  # type: ignore[override]
        return "另签新版" if self.before else "作出承诺"

    @cached_property
    def teams(self) -> list[Organization]:
        """The organizations of this campaign for whose team the actor may sign."""
        actor = self.request.actor
        if not actor.holds(*policy.TABLE["pl.sign"][1]):
            return []
        places = policy.places(actor, "pl.sign")[:TEAMS]
        return [place for place in places if self.object.includes(place)]

    @cached_property
    def team(self) -> Organization | None:
        words = self.request.GET.get("team", "")
        if not words:
            return None
        key = key_of(words)
        found = next((place for place in self.teams if place.pk == key), None)
        if found is None:
            raise Http404("没有这个可以由您签署承诺的单位。")
        return found

    @cached_property
    def before(self) -> Pledge | None:
        return pledges.latest_of(self.object, self.team, by=self.request.actor)

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {"promise": self.expected()["promise"]}
        if self.before:
            initial["is_public"] = "yes" if self.before.is_public else "no"
            for n, item in enumerate(self.before.items.all()):
                initial |= {f"text_{n}": item.text, f"due_{n}": item.due_text}
        return initial

    def expected(self) -> dict[str, Any]:
        """Who reads it if it is not public."""
        actor = self.request.actor
        if self.team:
            return {"promise": ""}
        try:
            place = home_in(self.object, by=actor)
        except Refused as refusal:
            return {"nowhere": str(refusal), "promise": ""}
        seats = reviewers.of(actor.user, place, on=actor.on)
        return {
            "readers": [seat.promise for seat in seats],
            "promise": reviewers.key_of(seats),
            "place": place,
        }

    def form_invalid(self, form: Any) -> Any:
        form.data = form.data.copy()
        form.data["promise"] = self.expected()["promise"]  # as the page says now
        return super().form_invalid(form)

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **facts: Any) -> Pledge:
        return pledge_links.sign(campaign, team=self.team, by=by, at=at, **facts)

    def back(self) -> str:
        return reverse("pledges", args=[self.object.pk])

    def next_page(self, pledge: Pledge) -> Any:
        return pledge

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"campaign": self.object, "team": self.team, "teams": self.teams}
        return super().get_context_data(**kwargs) | self.expected() | more | {"before": self.before}


class PledgePage(DetailView):
    model = Pledge
    template_name = "rectification/pledges/page.html"
    context_object_name = "pledge"

    def get_queryset(self) -> Any:
        rows = Pledge.objects.visible_to(self.request.actor)
        return rows.select_related("campaign", "organization", "person", "replaced_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, actor = self.object, self.request.actor
        versions = Pledge.objects.visible_to(actor).filter(campaign=row.campaign)
        same = {"person": row.person} if row.person else {"organization": row.organization}
        if row.is_teams:
            same["person"] = None
        own = pledges.is_pledgers(row, actor)
        now = not hasattr(row, "replaced_by")
        return super().get_context_data(**kwargs) | {
            "title": str(row),
            "items": whole(row.items.all(), actor),
            "versions": versions.filter(**same).order_by("-number"),
            "is_now": now,
            "own": own,
            "may_act": own and now and row.campaign.is_open,
            "readers": row.readers.select_related("person") if own else (),
        }


class PledgeWord(View):
    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        rows = Pledge.objects.visible_to(request.actor).select_related("campaign", "organization")
        pledge = get_object_or_404(rows, pk=pk)
        trail.record(Act.PLEDGE_PRINTED, pledge, by=request.actor, at=timezone.now())
        return send_bytes(word_of(pledge), name=f"{pledge}.docx", kind=WORD)


class ItemAct(ActView):
    """An act on one promise, by its pledger."""

    template_name = "rectification/pledges/act.html"

    def load(self) -> Any:
        seen = Pledge.objects.visible_to(self.request.actor).order_by().values("pk")
        rows = PledgeItem.objects.filter(pledge__in=seen)
        rows = rows.select_related("pledge__campaign", "pledge__organization")
        found = rows.prefetch_related(seen_links(self.request.actor))
        return get_object_or_404(found, pk=self.kwargs["pk"])

    def may(self, actor: Actor, item: Any) -> bool:
        return pledges.is_pledgers(item.pledge, actor)

    def back(self) -> Any:
        return self.object.pledge.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"item": self.object}


class LinkProblems(ItemAct):
    form_class: Any = LinkForm
    title = "关联问题"
    done = "已保存。"

    def get_form_kwargs(self) -> dict[str, Any]:
        """What is linked stands first, so that saving the form lets go of none unseen."""
        linked = [link.problem for link in self.object.seen_links]
        rows = pledge_links.linkable(self.object.pledge, by=self.request.actor)
        others = [row for row in rows if row not in linked][:OFFERED]
        return super().get_form_kwargs() | {"problems": [*linked, *others]}

    def get_initial(self) -> dict[str, Any]:
        return {"problems": [str(link.problem_id) for link in self.object.seen_links]}

    def act(self, item: PledgeItem, *, by: Actor, at: datetime, **facts: Any) -> PledgeItem:
        return pledge_links.link(item, by=by, at=at, **facts)


class FulfilPledge(ItemAct):
    form_class: Any = FulfilForm
    title = "填报兑现"
    done = "已填报。"

    def get_initial(self) -> dict[str, Any]:
        return {"done_on": self.request.actor.on}

    def act(self, item: PledgeItem, *, by: Actor, at: datetime, **facts: Any) -> Fulfilment:
        return pledge_links.fulfil(item, by=by, at=at, **facts)
