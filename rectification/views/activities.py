"""Activities and meetings (活动和会议): the list with its count for reports, one line of entry."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from campaigns import policy
from campaigns.actions import activities
from campaigns.models import Activity, Campaign
from campaigns.models.activity import PHRASES, Kind, sentence
from campaigns.views.assignments import campaign_of
from rectification.actions import activity_links
from rectification.forms.activities import ActivityFilter, ActivityForm
from rectification.models import ActivityProblem, Problem
from reform.forms.act import ActForm
from reform.forms.pickers import wire
from reform.models import Actor, Organization
from reform.views.act import ActView
from reform.views.lists import PagedList


def seen_links(actor: Actor) -> Prefetch:
    """Return the links to problems that the actor may read; of others he learns nothing."""
    seen = Problem.objects.visible_to(actor).order_by().values("pk")
    rows = ActivityProblem.objects.filter(problem__in=seen).select_related("problem")
    return Prefetch("links", rows, to_attr="seen_links")


class ActivityList(PagedList):
    """What the filters leave; the sentence above it counts exactly these rows."""

    template_name = "rectification/activities/list.html"
    filter_class = ActivityFilter
    title = "活动和会议"

    @cached_property
    def campaign(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    @cached_property
    def rows(self) -> Any:
        place: Organization | None = self.chosen.get("organization")
        kind = self.chosen.get("kind")
        return Activity.objects.visible_to(self.request.actor).counted(
            self.campaign,
            under=place.path if place else "",
            kinds=[kind] if kind else [],
            since=self.chosen.get("since"),
            until=self.chosen.get("until"),
        )

    def get_queryset(self) -> Any:
        rows = self.rows.select_related("organization")
        return rows.prefetch_related(seen_links(self.request.actor))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, actor = super().get_context_data(**kwargs), self.request.actor
        counts = self.rows.by_kind()
        for row in context["object_list"]:
            row.may_change = self.campaign.is_open and policy.may_here(
                actor, "ac.enter", row.organization
            )
        may_enter = self.campaign.is_open and actor.holds(*policy.TABLE["ac.enter"][1])
        return context | {
            "campaign": self.campaign,
            "sentence": sentence(counts),
            "counts": [
                (PHRASES[kind], number, f"?{urlencode(self.asked() | {'kind': kind})}")
                for kind, number in counts.items()
            ],
            "kinds": Kind.choices,
            "may_enter": may_enter,
            "form": ActivityForm(**self.new_form()) if may_enter else None,
        }

    def asked(self) -> dict[str, str]:
        """The filters as they stand in the address, but for the page."""
        return {name: self.request.GET[name] for name in self.filter.fields
                if self.request.GET.get(name)}  # fmt: skip

    def new_form(self) -> dict[str, Any]:
        actor = self.request.actor
        return {"campaign": self.campaign, "actor": actor, "initial": beginning(actor)}


def beginning(actor: Actor) -> dict[str, Any]:
    """Today, and where one enters activities as a rule: at home, else where one's duty is."""
    held = list(actor.holding(*policy.TABLE["ac.enter"][1]))
    home = actor.home
    here = [duty.organization for duty in held]
    place = home if home in here else next(iter(here), None)
    return {"on": actor.on, "organization": wire(place) if place else "", "kind": Kind.MEETING}


class ActivityAct(ActView):
    model: Any = Activity
    form_class: Any = ActivityForm
    template_name = "rectification/activities/act.html"

    def load(self) -> Any:
        rows = Activity.objects.visible_to(self.request.actor)
        rows = rows.select_related("campaign", "organization")
        return get_object_or_404(
            rows.prefetch_related(seen_links(self.request.actor)), pk=self.kwargs["pk"]
        )

    @property
    def campaign(self) -> Campaign:
        return self.object.campaign

    def may(self, actor: Actor, row: Activity) -> bool:
        return policy.may_here(actor, "ac.enter", row.organization)

    def back(self) -> str:
        return reverse("activities", args=[self.campaign.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"campaign": self.campaign, "actor": self.request.actor}
        return super().get_form_kwargs() | (more if self.form_class is ActivityForm else {})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}


class EnterActivity(ActivityAct):
    title = "登记活动"
    chosen_decides = True
    done = "已登记。"

    def load(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object

    def may(self, actor: Actor, _campaign: Any) -> bool:
        """For which organizations, the act asks."""
        return actor.holds(*policy.TABLE["ac.enter"][1])

    def get_initial(self) -> dict[str, Any]:
        return beginning(self.request.actor)

    def act(
        self,
        campaign: Campaign,
        *,
        problems: list[Problem],
        by: Actor,
        at: datetime,
        version: Any = None,  # noqa: ARG002 -- there is none yet
        **facts: Any,
    ) -> Activity:
        return activity_links.enter(campaign, facts=facts, problems=problems, by=by, at=at)


class ChangeActivity(ActivityAct):
    done = "已保存。"
    submit = "保存"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"修改活动记录：{self.object}"

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        numbers = [link.problem.number for link in row.seen_links]
        facts: Mapping[str, Any] = {name: getattr(row, name) for name in activities.COLUMNS}
        return {**facts, "version": row.version, "problems": "、".join(numbers)}

    def act(
        self,
        row: Activity,
        *,
        problems: list[Problem],
        version: int | None,
        by: Actor,
        at: datetime,
        **facts: Any,
    ) -> Activity:
        return activity_links.change(
            row, version=version or 0, facts=facts, problems=problems, by=by, at=at
        )


class DropActivity(ActivityAct):
    form_class = ActForm
    done = "记录已删除。"
    submit = "删除这条记录"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"删除活动记录：{self.object}"

    @property
    def meaning(self) -> str:
        row = self.object
        return f"“{row.topic}”（{row.organization}）删除后不再计入“先后几次”；留痕仍记着。"

    def act(self, row: Activity, *, by: Actor, at: datetime, **_: Any) -> None:
        activities.drop(row, by=by, at=at)
