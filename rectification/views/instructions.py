"""Instructions (批示): their page, writing one, recording one from paper, answering, ending."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.generic import DetailView

from campaigns.models import Campaign
from rectification import policy
from rectification.actions import instructions
from rectification.forms.instructions import (
    AgainForm,
    AnswerForm,
    DoneForm,
    OnProblemForm,
    RecordForm,
    WriteForm,
)
from rectification.models import Act, Instruction, Problem
from rectification.models.instruction import OPEN_FIRST
from rectification.policy.instructions import may_end
from rectification.views.problems import ProblemAct
from reform.actions import trail
from reform.models import Actor, Duty, Role, TrailEntry, User
from reform.text import key_of
from reform.views.act import ActView
from reform.views.files import send
from reform.views.lists import PagedList
from reform.views.scans import ScanAct

Status = Instruction.Status


class InstructionList(PagedList):
    """All one may see: what waits for an answer first."""

    template_name = "rectification/instructions/list.html"
    context_object_name = "instructions"
    title = "批示"

    def get_queryset(self) -> Any:
        actor, address = self.request.actor, self.request.GET
        rows = Instruction.objects.visible_to(actor)
        if "late" in address:  # those of one organization whose answer is overdue (催办清单)
            rows = rows.late(actor.on).filter(organization=key_of(address["late"]))
            rows = rows.filter(campaign=key_of(address.get("campaign", "")))
        return rows.order_by(OPEN_FIRST, "-pk").whole()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        writes, records = actor.holds(Role.LEADER), actor.holds(Role.OFFICE)
        campaigns = Campaign.objects.visible_to(actor).open().order_by("-pk")
        return super().get_context_data(**kwargs) | {
            "on": actor.on,
            "late": "late" in self.request.GET,
            "campaigns": campaigns if writes or records else [],
            "may_write": writes,
            "may_record": records,
        }


class InstructionPage(DetailView):
    template_name = "rectification/instructions/detail.html"
    context_object_name = "instruction"

    def get_queryset(self) -> Any:
        rows = Instruction.objects.visible_to(self.request.actor)
        return rows.select_related("campaign", "scan", "drafted_by").whole()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, actor = self.object, self.request.actor
        seen = Problem.objects.visible_to(actor)
        return super().get_context_data(**kwargs) | {
            "title": str(row),
            "on": actor.on,
            "problem": seen.filter(pk=row.problem_id).first() if row.problem_id else None,
            "may_answer": not row.is_done and may_prepare(actor, row),
            "is_ours": may_prepare(actor, row),
            "may_end": not row.is_done and may_end(actor, row),
            "trail": TrailEntry.objects.of(row),
        }


def may_prepare(actor: Actor, row: Instruction) -> bool:
    return policy.may_here(actor, "is.draft", row.organization)


# ---------------------------------------------------------------- writing


class WriteInstruction(ActView):
    model = Campaign
    form_class = WriteForm
    permit = "is.write"
    title = "批示"
    done = "批示已送达，办理单位已收到提醒。"
    template_name = "rectification/instructions/write.html"

    def may(self, actor: Actor, campaign: Campaign) -> bool:  # noqa: ARG002 -- the form asks where
        return actor.holds(*policy.scopes(self.permit))

    def get_form_kwargs(self) -> dict[str, Any]:
        places = policy.places(self.request.actor, self.permit)
        return super().get_form_kwargs() | {"places": places}

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **facts: Any) -> Instruction:
        return instructions.write(campaign, **facts, by=by, at=at)

    def back(self) -> Any:
        return reverse("instructions")

    def next_page(self, result: Instruction) -> Any:
        return result


class RecordInstruction(ScanAct, WriteInstruction):
    form_class = RecordForm
    permit = "is.record"
    title = "录入纸面批示"
    done = "批示已录入，办理单位已收到提醒。"

    def get_form_kwargs(self) -> dict[str, Any]:
        actor = self.request.actor
        return super().get_form_kwargs() | {"signers": signers(actor), "actor": actor}

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **facts: Any) -> Instruction:
        return instructions.record(campaign, **facts, by=by, at=at)


def signers(actor: Actor) -> Any:
    """Return the leaders for whom an office records: those of its organization and above it."""
    paths = {path for duty in actor.holding(Role.OFFICE) for path in duty.organization.lineage}
    held = Duty.objects.in_force(actor.on).filter(
        organization__path__in=paths, role=Role.LEADER, user__is_active=True
    )
    return User.objects.filter(pk__in=held.values("user")).official_order(actor.on)


class InstructOnProblem(ProblemAct):
    form_class = OnProblemForm
    permit = "is.write"
    title = "批示"
    done = "批示已送达，办理单位已收到提醒。"

    def may(self, actor: Any, problem: Problem) -> bool:
        return problem.status != Problem.Status.DRAFT and super().may(actor, problem)

    def act(self, problem: Problem, *, by: Actor, at: datetime, **facts: Any) -> Instruction:
        return instructions.write(
            problem.campaign,
            organization=problem.organization,
            problem=problem,
            **facts,
            by=by,
            at=at,
        )

    def next_page(self, result: Instruction) -> Any:
        return result


# ---------------------------------------------------------------- what comes after


class InstructionAct(ActView):
    model = Instruction
    template_name = "rectification/instructions/act.html"

    def load(self) -> Instruction:
        rows = Instruction.objects.visible_to(self.request.actor)
        return get_object_or_404(rows.whole(), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "instruction": self.object,
            "on": self.request.actor.on,
        }


class AnswerInstruction(InstructionAct):
    """The liaison keeps a draft, the secretary or the office answers."""

    form_class = AnswerForm
    title = "答复批示"

    def may(self, actor: Actor, instruction: Instruction) -> bool:
        return not instruction.is_done and may_prepare(actor, instruction)

    @property
    def may_answer(self) -> bool:
        return policy.may_here(self.request.actor, "is.answer", self.object.organization)

    @property
    def done(self) -> str:  # type: ignore[override]
        return "已答复，批示的领导已收到提醒。" if self.may_answer else "草稿已保存。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"may_answer": self.may_answer}

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"text": self.object.draft}

    def act(self, instruction: Instruction, *, by: Actor, at: datetime, **facts: Any) -> Any:
        if self.may_answer:
            return instructions.answer(instruction, **facts, by=by, at=at)
        return instructions.prepare(instruction, **facts, by=by, at=at)


class AskAgain(InstructionAct):
    form_class = AgainForm
    title = "再次批示"
    done = "已送达，等待再次答复。"

    def may(self, actor: Actor, instruction: Instruction) -> bool:
        return instruction.status == Status.ANSWERED and may_end(actor, instruction)

    def act(self, instruction: Instruction, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return instructions.ask_again(instruction, **facts, by=by, at=at)


class EndInstruction(InstructionAct):
    form_class = DoneForm
    title = "办结批示"
    done = "已办结。"

    def may(self, actor: Actor, instruction: Instruction) -> bool:
        return not instruction.is_done and may_end(actor, instruction)

    def act(self, instruction: Instruction, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return instructions.end(instruction, **facts, by=by, at=at)


class InstructionScan(View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        rows = Instruction.objects.visible_to(actor).exclude(scan=None).select_related("scan")
        row = get_object_or_404(rows, pk=pk)
        trail.record(Act.SCAN_READ, row, by=actor, at=timezone.now())
        return send(row.scan)
