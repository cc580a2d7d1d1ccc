"""Goals of a campaign in numbers (活动目标): each opens what it counts; a paragraph of them."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from campaigns import policy
from campaigns.actions import goals as acts
from campaigns.actions import weekly_plans
from campaigns.forms.goals import FigureForm
from campaigns.models import Campaign, Goal, GoalFigure
from campaigns.models.goal import FIGURES, HELD
from campaigns.views.assignments import campaign_of
from rectification import statistics
from rectification.forms.goals import GoalsFilter
from rectification.models import Problem, goals, metric, overview
from rectification.models.goals import BY_METRIC, RATIOS, Count
from rectification.models.metric import Ground, Span
from reform.forms.pickers import wire
from reform.models import Actor, Organization
from reform.views.act import ActView

NOT_YOURS = "活动目标的数据由书记、活动办、纪检和领导查看。"


class GoalsPage(View):
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.actor: Actor = request.actor  # type: ignore[attr-defined]
        self.campaign = campaign_of(request, pk)
        if not self.actor.holds(*overview.SCOPES):
            raise PermissionDenied(NOT_YOURS)
        self.now = timezone.now()
        counted = [(goal, self.counts(goal)) for goal in acts.of(self.campaign)]
        place, on = self.place, self.actor.on
        said = goals.paragraph(place, counted, on=on, campaign=self.campaign) if place else ""
        return render(
            request,
            "rectification/goals/page.html",
            {
                "campaign": self.campaign,
                "goals": counted,
                "place": place,
                "filter": self.filter,
                "several": len(self.places[:2]) > 1,
                "on": on,
                "paragraph": said,
                "may_give": may_give(self.actor, self.campaign),
            },
        )

    @cached_property
    def places(self) -> Any:
        taking_part = weekly_plans.taking_part(self.campaign, on=self.actor.on)
        return overview.scope(self.actor, taking_part)

    @cached_property
    def filter(self) -> GoalsFilter:
        return GoalsFilter(self.request.GET, places=self.places)

    @cached_property
    def place(self) -> Organization | None:
        """The organization asked for; else the highest that one is told about."""
        if self.filter.is_valid() and (asked := self.filter.cleaned_data["organization"]):
            return asked
        return self.places.order_by("depth", "sequence").first()

    @cached_property
    def span(self) -> Span:
        return Span(self.now, self.now)

    @cached_property
    def ground(self) -> Ground | None:
        return Ground(self.campaign.pk, self.place, own=False) if self.place else None

    @cached_property
    def figures(self) -> dict[str, int]:
        if self.ground is None:
            return {}
        among = Problem.objects.visible_to(self.actor)
        return statistics.figures(self.ground, self.span, goals.METRICS, among=among)

    @cached_property
    def held(self) -> dict[str, int]:
        return goals.held(self.actor, self.campaign, self.place) if self.place else {}

    @cached_property
    def given(self) -> dict[str, GoalFigure]:
        return goals.given(self.campaign)

    def counts(self, goal: Goal) -> list[Count]:
        ways = ((HELD, self._held), (BY_METRIC, self._metric), (RATIOS, self._ratio))
        found = []
        for code in goal.facts:
            way = next((way for codes, way in ways if code in codes), self._given)
            found.append(way(code))
        return found

    def _held(self, code: str) -> Count:
        words = "已登记的活动记录，本单位及下级的，您能看到的。"
        if self.place is None:
            return Count(code, None, words)
        asked = {"kind": HELD[code], "organization": wire(self.place)}
        url = f"{reverse('activities', args=[self.campaign.pk])}?{urlencode(asked)}"
        return Count(code, str(self.held.get(HELD[code], 0)), words, url)

    def _metric(self, code: str) -> Count:
        one = metric.METRICS[BY_METRIC[code]]
        if self.ground is None:
            return Count(code, None, one.definition)
        return Count(code, str(self.figures[one.code]), one.definition, self._rows(one.code))

    def _ratio(self, code: str) -> Count:
        above, below = (metric.METRICS[one] for one in RATIOS[code])
        words = f"{above.name}÷{below.name}，没有问题时不计；未全部销号不写100%。"
        if self.ground is None:
            return Count(code, None, words)
        shown = goals.ratio(self.figures[above.code], self.figures[below.code])
        return Count(code, shown, words, self._rows(above.code))

    def _given(self, code: str) -> Count:
        words = "由纪检提供，全活动一个数，系统不统计案件。"
        row = self.given.get(code)
        return Count(code, str(row.number) if row else None, words, given=row)

    def _rows(self, code: str) -> str:
        assert self.ground  # noqa: S101 -- for the types: asked before
        asked = {"figure": metric.address(code, self.span, self.ground)}
        return f"{reverse('problems')}?{urlencode(asked)}"


def asked_of(campaign: Campaign) -> list[str]:
    """Return the facts of the campaign's goals that are given."""
    return [code for code in FIGURES if any(code in goal.facts for goal in acts.of(campaign))]


def may_give(actor: Actor, campaign: Campaign) -> bool:
    """Whether there is a number that the actor gives."""
    here = policy.may_here(actor, "gl.give", campaign.organization)
    return here and campaign.is_open and bool(asked_of(campaign))


class GiveFigure(ActView):
    """The discipline side gives a number, as of a day, after a document."""

    model: Any = Campaign
    form_class = FigureForm
    template_name = "rectification/goals/act.html"
    title = "提供目标数据"
    done = "已保存，页面显示最近一次提供的数。"

    def load(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    def may(self, actor: Actor, campaign: Campaign) -> bool:
        return policy.may_here(actor, "gl.give", campaign.organization)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"codes": asked_of(self.object)}

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.request.actor.on}

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **facts: Any) -> GoalFigure:
        return acts.give(campaign, by=by, at=at, **facts)

    def back(self) -> str:
        return reverse("goals", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier = GoalFigure.objects.filter(campaign=self.object)[:10]
        return super().get_context_data(**kwargs) | {"campaign": self.object, "earlier": earlier}
