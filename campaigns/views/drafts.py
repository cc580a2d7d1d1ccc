"""A draft (活动草案): its page with what is lacking, and a page for each of its parts."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import DetailView

from campaigns import policy
from campaigns.actions import drafts, kits, readiness
from campaigns.forms.drafts import (
    AssignmentsForm,
    BasicsForm,
    PapersForm,
    ParticipantsForm,
    SourcesForm,
)
from campaigns.forms.rows import LevelsForm, StagesForm
from campaigns.models import Campaign, CampaignPlan, Goal
from campaigns.models.kit import REPORTS, KitAssignment, KitWeekly
from campaigns.models.kit_words import weekly_words
from reform.forms.act import ActForm
from reform.models import Actor
from reform.views.act import ActView

SHOWN = 200  # participants of a page


def plan_of(campaign: Campaign) -> dict[str, Any]:
    """Return what pages show of a campaign's plan."""
    plan = CampaignPlan.of(campaign)
    return {
        "plan": plan,
        "goals": [Goal.of(row) for row in plan.goals],
        "stages": plan.dated(),
        "assignments": [KitAssignment(**row) for row in plan.assignments],
        "weekly_words": weekly_words(vars(KitWeekly(**plan.weekly))),
    }


class DraftPage(DetailView):
    template_name = "campaigns/drafts/detail.html"
    context_object_name = "campaign"

    def get_queryset(self) -> Any:
        rows = Campaign.objects.drafts_of(self.request.actor).select_related("organization")
        return rows.prefetch_related(
            "checklists__items",
            "checklists__questions",
            "sources",
            "closing_levels__steps",
            "participations__organization",
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, campaign = self.request.actor, self.object
        place = campaign.organization
        missing = [
            {"text": one.text, "url": reverse(one.page, args=[one.pk])}
            for one in readiness.obstacles(campaign, on=actor.on)
        ]
        acts = ("ca.create", "ck.edit", "kit.use", "nt.rules", "ca.publish", "sign.record")
        return (
            super().get_context_data(**kwargs)
            | plan_of(campaign)
            | {
                "obstacles": missing,
                "advice": readiness.advice(campaign),
                "differences": len(kits.changed(campaign)),
                "may": {act.replace(".", "_"): policy.may_here(actor, act, place) for act in acts},
                "rules": campaign.reminder_rules.filter(active=True).count(),
            }
        )


class DraftAct(ActView):
    """Edits a part of a draft; `permit` names the row of PERMISSIONS.md."""

    model = Campaign
    permit = "ca.create"
    done = "已保存。"
    template_name = "campaigns/drafts/act.html"
    extra_context = {"form_wide": True}

    def load(self) -> Campaign:
        rows = Campaign.objects.drafts_of(self.request.actor).select_related("organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, campaign: Campaign) -> bool:
        return policy.may_here(actor, self.permit, campaign.organization)

    @property
    def campaign(self) -> Campaign:
        return self.object

    @property
    def plan(self) -> CampaignPlan:
        return CampaignPlan.of(self.campaign)

    def back(self) -> str:
        return reverse("draft", args=[self.campaign.pk])

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"edition": self.plan.edition}

    def form_valid(self, form: Any) -> Any:
        self.typed = form
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}


class Basics(DraftAct):
    form_class = BasicsForm
    title = "基本信息"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {key: getattr(self.object, key) for key in drafts.BASICS}

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, edition: int, **facts: Any
    ) -> Campaign:
        return drafts.set_basics(campaign, facts=facts, edition=edition, by=by, at=at)


class Participants(DraftAct):
    form_class = ParticipantsForm
    title = "参加单位"

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = self.object.participations.select_related("organization")
        rows = rows.order_by("organization__sequence")[:SHOWN]
        return super().get_form_kwargs() | {"joined": [row.organization for row in rows]}

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, edition: int, **_: Any
    ) -> Campaign:
        facts = self.typed.facts()
        return drafts.set_participants(campaign, **facts, edition=edition, by=by, at=at)

    def next_page(self, result: Campaign) -> str:  # noqa: ARG002 -- often several are added
        if self.typed.cleaned_data["add"]:
            return reverse("draft-participants", args=[self.object.pk])
        return self.back()


class Stages(DraftAct):
    form_class = StagesForm
    title = "阶段安排"

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = [vars(stage) | {"conditions": list(stage.conditions)} for stage in self.plan.dated()]
        return super().get_form_kwargs() | {"rows": rows}

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, edition: int, **_: Any
    ) -> Campaign:
        rows = self.typed.facts()
        return drafts.set_stages(campaign, rows=rows, edition=edition, by=by, at=at)


class LinesAct(DraftAct):
    """A part that is written as lines of text."""

    save: Any = None

    lines: Any  # returns them as they stand

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"lines": "\n".join(self.lines())}

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, edition: int, **_: Any
    ) -> Campaign:
        return type(self).save(campaign, rows=self.typed.rows, edition=edition, by=by, at=at)


class Assignments(LinesAct):
    form_class = AssignmentsForm
    title = "任务分解"
    save = drafts.set_assignments

    def lines(self) -> list[str]:
        rows = [KitAssignment(**row) for row in self.plan.assignments]
        return [f"{row.clause}｜{row.content}｜{row.kind}" for row in rows]


class Sources(LinesAct):
    form_class = SourcesForm
    title = "问题来源"
    save = drafts.set_sources

    def lines(self) -> list[str]:
        found = []
        for source in self.object.sources.all():
            name = f"{source.name}（上级）" if source.from_above else source.name
            found.append(f"{name}：{'、'.join(source.also)}" if source.also else name)
        return found


class Levels(DraftAct):
    form_class = LevelsForm
    title = "销号层级和审核链"

    def get_form_kwargs(self) -> dict[str, Any]:
        levels = self.object.closing_levels.prefetch_related("steps")
        rows = [
            {
                "name": level.name,
                "fits": level.fits,
                "chain": [step.kind for step in level.steps.all()],
            }
            for level in levels
        ]
        return super().get_form_kwargs() | {"rows": rows}

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, edition: int, **_: Any
    ) -> Campaign:
        rows = self.typed.facts()
        return drafts.set_levels(campaign, rows=rows, edition=edition, by=by, at=at)


class Papers(DraftAct):
    form_class = PapersForm
    title = "周报截止和报告名称"

    def get_initial(self) -> dict[str, Any]:
        plan = self.plan
        titles = {
            f"report_{key}": plan.reports.get(key, usual) for key, (_, usual) in REPORTS.items()
        }
        return super().get_initial() | vars(KitWeekly(**plan.weekly)) | titles

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, edition: int, **_: Any
    ) -> Campaign:
        return drafts.set_papers(
            campaign,
            weekly=self.typed.weekly(),
            reports=self.typed.reports(),
            edition=edition,
            by=by,
            at=at,
        )


class Drop(DraftAct):
    form_class = ActForm
    title = "删除草案"
    submit = title
    done = "草案已删除。"
    template_name = "campaigns/drafts/drop.html"
    extra_context = None

    def get_initial(self) -> dict[str, Any]:
        return {}

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **_: Any) -> None:
        drafts.drop(campaign, by=by, at=at)

    def next_page(self, result: Any) -> str:  # noqa: ARG002 -- it is gone
        return reverse("campaigns")


class Differences(DetailView):
    """Where a campaign differs from the kit or the campaign it was made from."""

    template_name = "campaigns/drafts/differences.html"
    context_object_name = "campaign"

    def get_queryset(self) -> Any:
        return Campaign.objects.workable_by(self.request.actor).select_related("organization")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "plan": CampaignPlan.of(self.object),
            "differences": kits.changed(self.object),
        }
