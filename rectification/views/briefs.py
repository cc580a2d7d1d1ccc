"""One page for a leader (呈阅件): where his field stands, what is stuck, what he is to decide."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.generic import TemplateView

from campaigns.models import Campaign, ClosingStep
from rectification import statistics
from rectification.models import (
    Act,
    EarlierDeadline,
    Instruction,
    Problem,
    WeeklyReport,
    past_figures,
    stuck,
)
from rectification.models.brief import FIGURES, Brief, Decision, Figure
from rectification.models.instruction import OPEN_FIRST
from rectification.models.metric import METRICS, Field, Span, address
from rectification.reports import brief as papers
from rectification.views.desk import my_steps
from reform.actions import trail
from reform.models import Actor, Role
from reform.text import key_of
from reform.views.files import WORD, send_bytes

WEEK = timedelta(days=7)
SHOWN = 20  # instructions
DECIDED = (ClosingStep.Kind.ENDORSE, ClosingStep.Kind.APPROVE)


def campaigns_of(actor: Actor) -> list[Campaign]:
    """Return the campaigns a leader has a page of, the newest first; those that are open before."""
    if not actor.holds(Role.LEADER):
        raise PermissionDenied("呈阅件供领导查阅，您没有领导职责。")
    rows = Campaign.objects.visible_to(actor).order_by("-pk")
    return sorted(rows, key=lambda row: row.status != Campaign.Status.PUBLISHED)


def chosen(request: HttpRequest, campaigns: list[Campaign]) -> Campaign | None:
    key = key_of(request.GET.get("campaign", ""))
    return next((one for one in campaigns if one.pk == key), None) or next(iter(campaigns), None)


class BriefPage(TemplateView):
    template_name = "rectification/brief/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, campaigns = self.request.actor, campaigns_of(self.request.actor)
        campaign = chosen(self.request, campaigns)
        return super().get_context_data(**kwargs) | {
            "title": "呈阅件",
            "on": actor.on,
            "campaigns": campaigns,
            "campaign": campaign,
            "brief": brief_of(actor, campaign, at=timezone.now()) if campaign else None,
        }


class BriefWord(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
        campaign = chosen(request, campaigns_of(actor))
        if campaign is None:
            raise Http404("没有您可以查看的活动。")
        brief = brief_of(actor, campaign, at=at)
        trail.record(Act.BRIEF_EXPORTED, campaign, by=actor, at=at)
        data = papers.word_of(brief)
        return send_bytes(data, name=f"呈阅件_{campaign.code}_{actor.on:%Y%m%d}.docx", kind=WORD)


# ---------------------------------------------------------------- what stands on it


def brief_of(actor: Actor, campaign: Campaign, *, at: datetime) -> Brief:
    """Gather the page, with as many statements for a county as for a branch."""
    span, field = Span(at - WEEK, at), Field(campaign.pk, actor.user)
    ground = field.rows(span.on)
    counted, in_all = figures(span, field)
    found = stuck.worst(Problem.objects.filter(ground), on=actor.on) if in_all else []
    decisions, more = decisions_of(actor, campaign)
    mine = Instruction.objects.visible_to(actor).filter(campaign=campaign).recent(actor.on)
    told = list(mine.order_by(OPEN_FIRST, "-pk").whole()[:SHOWN])
    duties = list(actor.holding(Role.LEADER))
    return Brief(
        campaign=campaign,
        leader=actor.user,
        place=str(duties[0].organization),
        scope=scope_words(actor),
        at=at,
        figures=counted,
        stuck=found,
        stuck_in_all=in_all,
        stuck_query=f"figure={address('stuck', span, field)}&sort=due",
        decisions=decisions,
        more_decisions=more,
        instructions=told,
        more_instructions=mine.count() - len(told),
    )


def figures(span: Span, field: Field) -> tuple[list[Figure], int]:
    """Return the five figures with their change in a week, and how many rows are stuck."""
    before = {f"{code}_then": one for code, one in past_figures.at(span.since).items()}
    counts = statistics.figures(field, span, (*FIGURES, "stuck"), **before)
    found = []
    for code in FIGURES:
        unsure = code == "overdue" and counts["unsure_then"]
        change = None if unsure else counts[code] - counts[f"{code}_then"]
        metric, query = METRICS[code], f"figure={address(code, span, field)}"
        found.append(Figure(code, metric.name, metric.definition, counts[code], change, query))
    return found, counts["stuck"]


def scope_words(actor: Actor) -> str:
    """Return what the leader answers for: all below him, or the organizations of his field."""
    words: list[str] = []
    for duty in actor.holding(Role.LEADER):
        place = str(duty.organization)
        if not duty.has_field:
            words.append(f"{place}及所属单位")
        else:
            words += [place, *(f"{one}及所属单位" for one in duty.field)]
    return "、".join(dict.fromkeys(words))


def decisions_of(actor: Actor, campaign: Campaign) -> tuple[list[Decision], bool]:
    """Return what waits for the leader: steps to sign, deadlines to bring forward, reports."""
    leader = actor.only(*actor.holding(Role.LEADER))
    steps, _, more = my_steps(leader)
    found = [
        Decision(
            f"{step.get_kind_display()}：{step.application.problem}",
            reverse("review", args=[step.pk]),
            f"{step.application.problem.unit_name}　{step.application.problem.description}",
        )
        for step in steps
        if step.kind in DECIDED and step.application.problem.campaign_id == campaign.pk
    ]
    earlier = EarlierDeadline.objects.waiting().to_decide(leader).filter(problem__campaign=campaign)
    if number := earlier.count():
        words = f"{number}件按工作日计算的时限是否提前"
        found.append(Decision(words, reverse("calendar-earlier"), "工作日历有变化"))
    reports = (
        WeeklyReport.objects.visible_to(leader)
        .current()
        .filter(
            status=WeeklyReport.Status.REVIEWED,
            issue__campaign=campaign,
            organization__in=[duty.organization_id for duty in leader.holding(Role.LEADER)],
        )
    )
    found += [
        Decision(f"签发：{report}", report.get_absolute_url())
        for report in reports.select_related("issue", "drafted_by", "prepared_by").order_by("pk")
        if actor.user.person_id not in _wrote(report)
    ]
    return found, more


def _wrote(report: WeeklyReport) -> set[int]:
    """Return the persons who may not sign it (SOD-01, SOD-16)."""
    return {user.person_id for user in (report.drafted_by, report.prepared_by) if user}
