"""Who leads a campaign (组织领导): the chart of its bodies, on paper too, and the acts on them."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.generic import TemplateView

from campaigns import policy
from campaigns.actions import bodies
from campaigns.forms.bodies import (
    BodyForm,
    ChangeBodyForm,
    DissolveForm,
    LeaveForm,
    MembersForm,
    OrderForm,
)
from campaigns.models import BEIJING, Act, Body, BodyMember, Campaign
from campaigns.models.body import in_order
from campaigns.reports import bodies as papers
from reform.actions import trail
from reform.models import Actor
from reform.views.act import ActView
from reform.views.files import WORD, send_bytes

Kind = Body.Kind


def campaign_of(request: HttpRequest, pk: int) -> Campaign:
    """Return a campaign, or a draft, that one sees; else 404."""
    rows = Campaign.objects.workable_by(request.actor)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("organization"), pk=pk)


def page_of(campaign: Campaign) -> str:
    """Where a page of a campaign or of a draft leads back to."""
    name = "draft" if campaign.status == Campaign.Status.DRAFT else "campaign"
    return reverse(name, args=[campaign.pk])


class BodiesPage(TemplateView):
    template_name = "campaigns/bodies/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        campaign = campaign_of(self.request, self.kwargs["pk"])
        rows = list(campaign.bodies.with_members().select_related("host"))
        now = in_order(row for row in rows if row.until is None)
        leading = [row for row in now if row.kind in (Kind.LEADING_GROUP, Kind.OFFICE)]
        is_open = campaign.status != Campaign.Status.CLOSED
        return super().get_context_data(**kwargs) | {
            "title": "组织领导",
            "campaign": campaign,
            "back": page_of(campaign),
            "leading": leading,
            "others": [row for row in now if row not in leading],
            "dissolved": in_order(row for row in rows if row.until),
            "may_edit": is_open and policy.may_here(actor, "bd.edit", campaign.organization),
            "is_published": campaign.status != Campaign.Status.DRAFT,
        }


class BodiesWord(View):
    """组成人员名单, as an annex to the notice that sets them up."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
        campaign = campaign_of(request, pk)
        rows = in_order(campaign.bodies.current().with_members().select_related("host"))
        data = papers.word_of(campaign, rows)
        say = f"{campaign}，{len(rows)}个机构"
        trail.record(Act.BODIES_EXPORTED, campaign, by=actor, at=now, say=say, count=len(rows))
        day = now.astimezone(BEIJING).date()
        return send_bytes(data, name=f"组成人员名单_{campaign.code}_{day:%Y%m%d}.docx", kind=WORD)


# ---------------------------------------------------------------- acts


class NewBody(ActView):
    model: Any = Campaign
    form_class: Any = BodyForm
    template_name = "campaigns/bodies/act.html"
    title = "设立机构"
    done = "已设立。"

    def load(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object

    def may(self, actor: Actor, _row: Any) -> bool:
        return policy.may_here(actor, "bd.edit", self.campaign.organization)

    def back(self) -> str:
        return reverse("bodies", args=[self.campaign.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"on": self.request.actor.on}

    def get_initial(self) -> dict[str, Any]:
        """The kind that is asked for, or the first that the campaign has not got."""
        there = set(self.campaign.bodies.current().values_list("kind", flat=True))
        asked = self.request.GET.get("kind", "")
        missing = next((kind for kind in bodies.ONE_OF if kind not in there), Kind.TASK_FORCE)
        kind = Kind(asked) if asked in Kind.values else missing
        names = {Kind.LEADING_GROUP: "领导小组", Kind.OFFICE: "领导小组办公室"}
        return {"kind": kind, "since": self.request.actor.on, "name": names.get(kind, "")}

    def act(self, campaign: Campaign, *, kind: str, by: Actor, at: datetime, **facts: Any) -> Body:
        members, since = facts.pop("members"), facts.pop("since")
        return bodies.create(
            campaign, kind=kind, facts=facts, members=members, since=since, by=by, at=at
        )


class BodyAct(NewBody):
    """An act on one body; `verb` goes before its name in the title."""

    model: Any = Body
    verb = ""
    done = "已保存。"

    def load(self) -> Any:
        rows = Body.objects.visible_to(self.request.actor).current()
        rows = rows.select_related("campaign__organization", "host")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object.campaign

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"{self.verb}：{self.object}"

    @cached_property
    def rows(self) -> list[BodyMember]:
        return list(self.object.members.current())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super(NewBody, self).get_form_kwargs()

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.request.actor.on, "until": self.request.actor.on}


class ChangeBody(BodyAct):
    verb, form_class = "修改", ChangeBodyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"is_task_force": self.object.is_task_force}

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in (*bodies.COLUMNS, "version")}

    def act(  # type: ignore[override]
        self, body: Body, *, version: int, by: Actor, at: datetime, **facts: Any
    ) -> Body:
        return bodies.change(body, version=version, facts=facts, by=by, at=at)


class AddMembers(BodyAct):
    verb, form_class, done = "登记组成人员", MembersForm, "已登记。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"on": self.request.actor.on}

    def act(self, body: Body, **facts: Any) -> Any:  # type: ignore[override]
        return bodies.add_members(body, **facts)


class EndMembers(BodyAct):
    verb, form_class, done = "登记离任", LeaveForm, "已登记离任。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": self.rows}

    def act(self, body: Body, **facts: Any) -> Any:  # type: ignore[override]
        return bodies.end_members(body, **facts)


class ArrangeMembers(BodyAct):
    verb, form_class, done = "调整次序", OrderForm, "次序已保存。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": self.rows}

    def act(self, body: Body, **facts: Any) -> Any:  # type: ignore[override]
        return bodies.arrange(body, **facts)


class DissolveBody(BodyAct):
    verb, form_class, done = "撤销", DissolveForm, "已撤销。"

    def act(self, body: Body, **facts: Any) -> Any:  # type: ignore[override]
        return bodies.dissolve(body, **facts)
