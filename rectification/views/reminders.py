"""The reminder rules of a campaign with their rehearsal, and pausing reminders."""

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns import policy as campaign_policy
from campaigns.actions import reminder_rules
from campaigns.models import Campaign, Cause, ReminderRule
from rectification import policy
from rectification.actions import ladders, pauses
from rectification.forms.problems import ConfirmForm
from rectification.forms.reminders import PauseForm, RehearsalForm, RuleForm
from rectification.models import Problem, ReminderPause
from rectification.views.problems import ProblemAct
from reform.models import Actor, Holiday
from reform.models.organization import within
from reform.views.act import ActView
from reform.views.lists import PagedList

PAUSES = 50  # shown
# As time goes by for a row; `ReminderRule.place` has the gravest first.
IN_TIME = (
    *(Cause.DUE_SOON, Cause.DUE_TODAY, Cause.OVERDUE),
    *(Cause.REVIEW_WAITING, Cause.NO_PROGRESS),
)


def _in_time(rule: ReminderRule) -> tuple[int, int]:
    return IN_TIME.index(Cause(rule.cause)), rule.place()[1]


def may_set(actor: Actor, campaign: Campaign) -> bool:
    return campaign_policy.may_here(actor, "nt.rules", campaign.organization)


class Rules(PagedList):
    """The rules of a campaign, and whom they will tell on a day to come: nothing is written."""

    template_name = "rectification/reminders/rules.html"
    title = "催办规则"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Campaign.objects.workable_by(request.actor).select_related("organization")
        self.campaign = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not may_set(request.actor, self.campaign):
            raise PermissionDenied("催办规则由牵头单位的活动办设置和预演。")
        return super().get(request, *args, **kwargs)

    @cached_property
    def filter(self) -> RehearsalForm:
        """The form shows the day that is rehearsed, also where none was asked for."""
        if self.request.GET.get("day"):
            return RehearsalForm(self.request.GET)
        day = ladders.next_day(Holiday.objects.calendar(), on=self.request.actor.on)
        return RehearsalForm({"day": day})

    @cached_property
    def rehearsal(self) -> ladders.Rehearsal:
        """A day that has passed is no rehearsal: then, and without one, the next working day."""
        actor = self.request.actor
        day = self.chosen.get("day")
        if day is None or day <= actor.on:
            day = ladders.next_day(Holiday.objects.calendar(), on=actor.on)
        return ladders.rehearse(self.campaign, day, by=actor)

    def get_queryset(self) -> Any:
        return self.rehearsal.lines

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules = sorted(self.campaign.reminder_rules.all(), key=_in_time)
        return super().get_context_data(**kwargs) | {
            "campaign": self.campaign,
            "rules": rules,
            "rehearsal": self.rehearsal,
            "pauses": self.pauses(),
            "is_open": self.campaign.is_open,
            "changeable": self.campaign.status != Campaign.Status.CLOSED,
        }

    def pauses(self) -> Any:
        """Return where the clock keeps silent in this campaign, as far as the actor sees it: the
        rehearsal leaves that out."""
        rows = ReminderPause.objects.visible_to(self.request.actor).in_force(self.request.actor.on)
        here = within(self.campaign.organization.path, "organization__path")
        rows = rows.filter(Q(problem__campaign=self.campaign) | here)
        return rows.select_related("problem", "organization", "by").order_by("until", "pk")[:PAUSES]


class RuleAct(ActView):
    form_class = RuleForm
    template_name = "rectification/reminders/rule.html"
    done = "已保存，下一次催办起按新规则执行。"

    def back(self) -> str:
        return reverse("reminder-rules", args=[self.campaign.pk])

    @property
    def campaign(self) -> Campaign:
        return getattr(self.object, "campaign", self.object)

    def may(self, actor: Actor, _object: Any) -> bool:
        return may_set(actor, self.campaign)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}


class NewRule(RuleAct):
    title = "新增催办规则"

    def load(self) -> Campaign:
        rows = Campaign.objects.workable_by(self.request.actor).select_related("organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def act(self, campaign: Campaign, *, by: Actor, at: Any, **data: Any) -> ReminderRule:
        return reminder_rules.add(campaign, **data, by=by, at=at)


class ChangeRule(RuleAct):
    model = ReminderRule

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"修改规则：{self.object}"

    def get_form_kwargs(self) -> dict[str, Any]:
        names = ("workdays", "recipients", "proposal", "active")
        initial = {name: getattr(self.object, name) for name in names}
        return super().get_form_kwargs() | {"changing": True, "initial": initial}

    def act(self, rule: ReminderRule, *, by: Actor, at: Any, **data: Any) -> ReminderRule:
        return reminder_rules.change(rule, **data, by=by, at=at)


class PauseProblem(ProblemAct):
    form_class = PauseForm
    permit = "esc.mute"
    title = "暂停催办"
    meaning = "暂停期间不发到期、逾期和无进展提醒；问题仍按时限计算逾期，审核超时提醒照常。"
    done = "已暂停催办。"

    def act(
        self, problem: Problem, *, by: Actor, at: Any, scope: str, **data: Any
    ) -> ReminderPause:
        if scope == "place":
            return pauses.pause_place(problem.organization, **data, by=by, at=at)
        return pauses.pause(problem, **data, by=by, at=at)

    def next_page(self, result: Any) -> Any:  # noqa: ARG002 -- back to the row
        return self.object


class EndPause(ActView):
    model = ReminderPause
    form_class = ConfirmForm
    title = "恢复催办"
    done = "已恢复催办，仍应提醒的由下一次催办发出。"
    template_name = "rectification/reminders/resume.html"

    def load(self) -> ReminderPause:
        rows = ReminderPause.objects.visible_to(self.request.actor)
        rows = rows.select_related("problem__organization", "organization", "by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, row: ReminderPause) -> bool:
        if row.problem:
            return policy.may(actor, "esc.mute", row.problem)
        return row.organization is not None and policy.may_here(actor, "esc.mute", row.organization)

    def act(self, row: ReminderPause, *, by: Actor, at: Any, **_: Any) -> None:
        pauses.resume(row, by=by, at=at)

    def back(self) -> Any:
        return self.object.problem or self.object.organization

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.submit = self.title
        return form
