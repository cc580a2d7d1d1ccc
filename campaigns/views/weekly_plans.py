"""Pages of the weekly plan (周报安排): by when reports are due, and who owes one."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse

from campaigns import policy
from campaigns.actions import weekly_plans
from campaigns.forms.weekly_plans import ObligeForm, PlanForm
from campaigns.models import Campaign, CampaignPlan, Level, Obligation, WeeklyPlan
from campaigns.models.kit import KitWeekly
from reform.forms.act import ActForm
from reform.models import Actor, Holiday
from reform.views.act import ActView

SIZE = 50
AHEAD = 6  # weeks that the page shows


class PlanAct(ActView):
    model = Campaign
    title = "周报安排"
    template_name = "campaigns/weekly_plans/plan.html"

    def may(self, actor: Actor, campaign: Campaign) -> bool:
        return policy.may_here(actor, "nt.rules", campaign.organization)

    def back(self) -> str:
        return reverse("weekly-plan", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.object}


class Plan(PlanAct):
    form_class = PlanForm
    done = "周报安排已保存。"

    @property
    def plan(self) -> WeeklyPlan | None:
        return WeeklyPlan.objects.filter(campaign=self.object).first()

    def get_initial(self) -> dict[str, Any]:
        if plan := self.plan:
            return {name: getattr(plan, name) for name in weekly_plans.COLUMNS}
        # What its kit says, until it is set.
        kit = KitWeekly(**CampaignPlan.of(self.object).weekly)
        return vars(kit) | {"starts_on": max(self.request.actor.on, self.object.starts_on)}

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **facts: Any) -> WeeklyPlan:
        return weekly_plans.plan(campaign, facts=facts, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, on = self.plan, self.request.actor.on
        rows = Obligation.objects.in_force(on).filter(campaign=self.object)
        calendar = Holiday.objects.calendar()
        weeks = []
        if plan:
            week = plan.schedule(calendar).week_of(self.at)
            found = plan.weeks(calendar, week.friday, plan.last_friday)
            weeks = [one for _, one in zip(range(AHEAD), found, strict=False)]
        last = weeks[-1].last_day(Level.OFFICE) if weeks else on
        return super().get_context_data(**kwargs) | {
            "plan": plan,
            "weeks": [(one.due[Level.BRANCH], one.due[Level.OFFICE]) for one in weeks],
            "unknown": calendar.unknown(on, last),
            "counts": Counter(rows.values_list("level", flat=True)),
            "proposed": self._proposed() if plan else 0,
        }

    def _proposed(self) -> int:
        found, _left_out = weekly_plans.proposed(self.object, by=self.request.actor)
        return len(found)


class Oblige(PlanAct):
    """Who owes a report, 50 organizations a page."""

    form_class = ObligeForm
    title = "周报填报单位"
    template_name = "campaigns/weekly_plans/oblige.html"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        places = weekly_plans.settable(self.object, by=request.actor).select_related("parent")
        self.page = Paginator(places, SIZE).get_page(request.GET.get("page"))

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = Obligation.objects.filter(campaign=self.object, until=None)
        return super().get_form_kwargs() | {
            "places": list(self.page.object_list),
            "levels": dict(rows.values_list("organization", "level")),
        }

    def form_valid(self, form: Any) -> Any:
        self.typed = form
        return super().form_valid(form)

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **_: Any) -> int:
        return weekly_plans.oblige(campaign, levels=self.typed.levels(), by=by, at=at)

    done = "已保存。"

    def next_page(self, result: int) -> str:  # noqa: ARG002 -- one goes on with the next page
        number = self.page.next_page_number() if self.page.has_next() else self.page.number
        return f"{reverse('weekly-oblige', args=[self.object.pk])}?page={number}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"page_obj": self.page}


class TakeProposed(PlanAct):
    """All at once, as the tree suggests; afterwards single ones are changed by hand."""

    form_class = ActForm
    title = "按组织架构生成填报单位"
    template_name = "campaigns/weekly_plans/proposed.html"
    done = "填报单位已生成，可以逐个调整。"

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **_: Any) -> int:
        found, _left_out = weekly_plans.proposed(campaign, by=by)
        levels: dict[Any, Any] = found
        return weekly_plans.oblige(campaign, levels=levels, by=by, at=at)

    def next_page(self, result: int) -> str:  # noqa: ARG002
        return reverse("weekly-oblige", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found, left_out = weekly_plans.proposed(self.object, by=self.request.actor)
        return super().get_context_data(**kwargs) | {
            "found": list(found.items())[:SIZE],
            "total": len(found),
            "left_out": left_out,
        }
