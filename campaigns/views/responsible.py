"""Who answers first for each organization of a campaign, and its leaders' fields (责任分工)."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View

from campaigns import policy
from campaigns.actions import responsible
from campaigns.actions.bodies import NewMember
from campaigns.actions.weekly_plans import taking_part
from campaigns.exports import responsible as tables
from campaigns.forms.bodies import ResponsibleForm, UnnameForm
from campaigns.models import BEIJING, Act, Campaign, FirstResponsible
from campaigns.models.responsible import standings, unclear
from campaigns.views.bodies import campaign_of, page_of
from reform.actions import trail
from reform.models import Actor, Organization
from reform.views.act import ActView
from reform.views.files import EXCEL, send_bytes
from reform.views.lists import PagedList


class ResponsibleList(PagedList):
    """The organizations in official order; `?unclear=1` leaves those with nobody."""

    template_name = "campaigns/responsible/list.html"
    title = "第一责任人和责任分工"

    def get_queryset(self) -> Any:
        on = self.request.actor.on
        self.campaign = campaign_of(self.request, self.kwargs["pk"])
        self.places = taking_part(self.campaign, on=on)
        self.unclear = unclear(self.places, self.campaign, on=on)
        return self.unclear if self.request.GET.get("unclear") else self.places

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, actor = super().get_context_data(**kwargs), self.request.actor
        shown = list(context["page_obj"].object_list)
        is_open = self.campaign.status != Campaign.Status.CLOSED
        rows = standings(shown, self.campaign, on=actor.on)
        for row in rows:
            row.may_name = is_open and policy.may_here(actor, "bd.responsible", row.organization)
        return context | {
            "campaign": self.campaign,
            "back": page_of(self.campaign),
            "rows": rows,
            "unclear_count": self.unclear.order_by().count(),
            "only_unclear": bool(self.request.GET.get("unclear")),
            "may_name": any(row.may_name for row in rows),
        }


class ResponsibleTable(View):
    """The whole list as a workbook, to be printed."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
        campaign = campaign_of(request, pk)
        places = list(taking_part(campaign, on=actor.on))
        data = tables.write(campaign, places, unit=actor.home, on=actor.on, by=actor.user)
        say = f"{campaign}，{len(places)}个单位"
        trail.record(Act.RESPONSIBLE_EXPORTED, campaign, by=actor, at=now, say=say,
                     count=len(places))  # fmt: skip
        day: date = now.astimezone(BEIJING).date()
        return send_bytes(data, name=f"责任分工表_{campaign.code}_{day:%Y%m%d}.xlsx", kind=EXCEL)


class NameResponsible(ActView):
    """For which organizations, the act asks; the form offers those of the actor's office."""

    model: Any = Campaign
    form_class: Any = ResponsibleForm
    template_name = "campaigns/bodies/act.html"
    title = "指定第一责任人"
    done = "已指定。"

    def load(self) -> Any:
        return campaign_of(self.request, self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object

    def may(self, actor: Actor, _row: Any) -> bool:
        return actor.holds(*policy.TABLE["bd.responsible"][1])

    def back(self) -> str:
        return reverse("responsible", args=[self.campaign.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        on = self.request.actor.on
        return super().get_form_kwargs() | {
            "on": on,
            "places": taking_part(self.campaign, on=on).order_by(),
        }

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("organization", "")
        key = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
        return {"since": self.request.actor.on, "organization": key}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}

    def act(
        self,
        campaign: Campaign,
        *,
        organization: Organization,
        person: NewMember,
        since: date,
        by: Actor,
        at: datetime,
    ) -> FirstResponsible:
        return responsible.name(
            campaign, organization=organization, person=person, since=since, by=by, at=at
        )


class UnnameResponsible(NameResponsible):
    form_class = UnnameForm
    done = "已改按职责确定。"

    def load(self) -> FirstResponsible:
        rows = FirstResponsible.objects.visible_to(self.request.actor).current()
        rows = rows.select_related("campaign__organization", "organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object.campaign

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"撤销指定：{self.object}"

    def may(self, actor: Actor, row: Any) -> bool:
        return policy.may_here(actor, "bd.responsible", row.organization)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super(NameResponsible, self).get_form_kwargs()

    def get_initial(self) -> dict[str, Any]:
        return {}

    def act(  # type: ignore[override]
        self, row: FirstResponsible, *, by: Actor, at: datetime
    ) -> FirstResponsible:
        return responsible.unname(row.campaign, organization=row.organization, by=by, at=at)
