"""The problem page, and typing, filling and correcting a problem."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import DetailView

from campaigns.models import Body, ReferenceCase
from rectification import policy
from rectification.actions import (
    case_links,
    chains,
    closures,
    deadlines,
    ladders,
    problems,
    registrations,
    sweep_origins,
)
from rectification.forms.problems import ConfirmForm, ProblemForm, ReasonForm
from rectification.models import (
    ClosureApplication,
    Evidence,
    Instruction,
    Problem,
    ProblemPerson,
    ProgressEntry,
    ReviewStep,
)
from rectification.views.offers import offers
from reform.models import TrailEntry
from reform.views.act import ActView

Status = Problem.Status


class ProblemPage(DetailView):
    """The whole story of one problem on one page, with the acts one may do now."""

    template_name = "rectification/problems/detail.html"

    def get_queryset(self) -> Any:
        rows = Problem.objects.visible_to(self.request.actor)
        return rows.select_related(
            "campaign", "organization", "source", "closing_level", "upload__attachment"
        ).prefetch_related(
            "items",
            Prefetch("people", ProblemPerson.objects.select_related("user")),
            "departments",
            "measures",
            Prefetch("evidence", Evidence.objects.select_related("attachment")),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        problem, actor = self.object, self.request.actor
        problems.read(problem, by=actor, at=timezone.now())
        for measure in problem.measures.all():
            measure.proofs = [
                piece for piece in problem.evidence.all() if piece.measure_id == measure.pk
            ]
        applications = list(
            problem.applications.select_related("applicant", "entered_by").prefetch_related(
                "steps__holder",
                "steps__review__reviewer",
                "steps__review__recorded_by",
                "steps__review__behalf",
                "steps__review__scan",
                "steps__appointments__user",
            )
        )
        entries = list(problem.progress_entries.select_related("entered_by"))
        open_step = next(
            (step for row in applications for step in row.steps.all() if step.state == "open"), None
        )
        return super().get_context_data(**kwargs) | {
            "problem": problem,
            "heir": problem.heir(),
            "on": actor.on,
            "missed_first": problem.missed_first(actor.on),
            "clarities": deadlines.clarities(problem, on=actor.on),
            "lacking": deadlines.lacking(problem, on=actor.on),
            "obstacles": closures.obstacles(problem) if problem.status == "rectifying" else [],
            "offers": offers(actor, problem, open_step),
            "applications": applications,
            "open_step": open_step,
            "seat": seat_words(open_step, on=actor.on) if open_step else "",
            "ahead": chains.look_ahead(problem, on=actor.on) if not open_step else [],
            "may": partial(policy.may, actor),
            "may_progress": policy.may(actor, "pb.progress", problem),
            "may_prove": policy.may(actor, "ev.upload", problem),
            "may_plan": may_plan(actor, problem),
            "loose_evidence": [piece for piece in problem.evidence.all() if not piece.measure_id],
            "progress_entries": entries,
            "may_pause": policy.may(actor, "esc.mute", problem),
            "ladder": ladders.of(
                problem, open_step, last_of(entries, applications), at=timezone.now()
            ),
            "deadline_changes": problem.deadline_changes.select_related("by"),
            "instructions": instructions(actor, problem),
            "task_forces": Body.objects.visible_to(actor).filter(problem_links__problem=problem),
            "cases": ReferenceCase.objects.visible_to(actor).filter(links__problem=problem),
            "may_link": problem.status in case_links.OPEN
            and policy.may(actor, case_links.act_of(problem), problem),
            "may_sweep": sweep_origins.may_ask_from(problem, by=actor),
            "trail": TrailEntry.objects.of(problem),
        }


def last_of(
    entries: list[ProgressEntry], applications: Iterable[ClosureApplication]
) -> datetime | None:
    """Return when its unit last reported, or a review gave the row back to it."""
    back = [row.ended_at for row in applications if row.outcome == "returned" and row.ended_at]
    return max([*(entry.at for entry in entries), *back], default=None)


def instructions(actor: Any, problem: Problem) -> Any:
    """Return the instructions (批示) about the row that the actor may see."""
    if not actor.holds(*policy.scopes("is.read")):
        return []
    return Instruction.objects.visible_to(actor).filter(problem=problem).whole()


def seat_words(step: ReviewStep, *, on: Any) -> str:
    appointed = [row.user.name for row in step.appointments.all() if row.until >= on]
    if appointed:
        return f"指派{'、'.join(appointed)}办理"
    return chains.words(chains.seat(step.application, step, on=on))


def may_plan(actor: Any, problem: Problem) -> bool:
    act = "pb.edit_draft" if problem.status == Status.DRAFT else "pb.plan"
    planning = {Status.DRAFT, Status.REGISTERED, Status.ASSIGNED, Status.RECTIFYING}
    return problem.status in planning and policy.may(actor, act, problem)


class ProblemAct(ActView):
    """An act on a problem: `permit` names the row of PERMISSIONS.md."""

    model = Problem
    permit = ""
    meaning = ""  # what pressing the button means, where there is nothing to fill in
    template_name = "rectification/problems/act.html"

    def may(self, actor: Any, problem: Problem) -> bool:
        return policy.may(actor, self.permit, problem)

    @property
    def problem(self) -> Problem:
        return self.object

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show no form for a row that is final: it would be filled in for nothing."""
        row = getattr(self.object, "problem", self.object)
        if getattr(row, "status", "") == Status.CLOSED:
            raise PermissionDenied("这条问题已销号，内容不能再修改。")
        problems.read(self.problem, by=request.actor, at=self.at)  # the form shows its text
        return super().get(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if isinstance(form, ConfirmForm | ReasonForm):
            form.submit = self.title
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"problem": self.object}


class EditProblem(ProblemAct):
    """Fill a row that is not issued yet, or correct one that is (更正), with a reason."""

    form_class = ProblemForm
    template_name = "rectification/problems/form.html"
    extra_context = {"form_wide": True}
    done = "已保存。"

    def may(self, actor: Any, problem: Problem) -> bool:
        act = "pb.edit_draft" if problem.status == Status.DRAFT else "pb.amend"
        return policy.may(actor, act, problem)

    @property
    def is_amending(self) -> bool:
        return self.object.status not in {Status.DRAFT, Status.REGISTERED}

    @property
    def title(self) -> str:  # type: ignore[override]
        return "更正问题" if self.is_amending else "填写问题"

    def get_form_kwargs(self) -> dict[str, Any]:
        problem, actor = self.object, self.request.actor
        return super().get_form_kwargs() | {
            "campaign": problem.campaign,
            "organization": problem.organization,
            "on": actor.on,
            "amending": self.is_amending,
            "leave_out": ("measures", *self._closed_fields()),
            "initial": self._initial(),
        }

    def _closed_fields(self) -> tuple[str, ...]:
        """The office's fields are not offered to those who may not change them."""
        actor, problem = self.request.actor, self.object
        terms = ("due", "stage_goal", "review_on", "standard", "effect_expected")
        if self.is_amending and not policy.may(actor, "pb.amend_terms", problem):
            return *terms, *problems.GRADES
        if not policy.may(actor, "pb.set_deadline", problem):
            return terms[:3]
        return ()

    def _initial(self) -> dict[str, Any]:
        problem = self.object
        now = problems.written(problem)
        return now | {"due": problem.due_text, "version": problem.version}

    def form_valid(self, form: Any) -> HttpResponse:
        self.typed = form
        return super().form_valid(form)

    def act(self, problem: Problem, *, by: Any, at: Any, **_: Any) -> Problem:
        facts, version = self.typed.facts(), self.typed.cleaned_data["version"] or 0
        if self.is_amending:
            reason = self.typed.cleaned_data["reason"]
            return problems.amend(
                problem, version=version, facts=facts, reason=reason, by=by, at=at
            )
        return problems.fill(problem, version=version, facts=facts, by=by, at=at)


class DeleteDraft(ProblemAct):
    form_class = ConfirmForm
    permit = "pb.delete_draft"
    title = "删除草稿"
    meaning = "草稿删除后不能恢复。"
    done = "草稿已删除。"

    def act(self, problem: Problem, *, by: Any, at: Any, **_: Any) -> None:
        problems.delete_draft(problem, by=by, at=at)

    def next_page(self, result: Any) -> Any:  # noqa: ARG002 -- the row is gone
        return redirect("problems").url


class RegisterProblem(ProblemAct):
    form_class = ConfirmForm
    permit = "pb.publish"
    title = "入账"
    meaning = "入账后得到编号，计入问题总数，不能再删除。六个明确可以入账后再补齐。"
    done = "已入账并编号。"

    def act(self, problem: Problem, *, by: Any, at: Any, **_: Any) -> Problem:
        return registrations.register(problem, by=by, at=at)


class IssueProblem(ProblemAct):
    form_class = ConfirmForm
    permit = "pb.assign"
    title = "下达整改"
    meaning = "下达后通知责任人，按时限计时；最初时限一直保留。"
    done = "已下达。"

    def act(self, problem: Problem, *, by: Any, at: Any, **_: Any) -> Problem:
        return registrations.issue(problem, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = self.request.actor.on
        return super().get_context_data(**kwargs) | {
            "lacking": deadlines.lacking(self.object, on=on),
            "ahead": chains.look_ahead(self.object, on=on),
            "past_due": self.object.due_on if (self.object.due_on or on) < on else None,
        }


class AcceptProblem(ProblemAct):
    form_class = ConfirmForm
    permit = "pb.accept"
    title = "签收"
    meaning = "签收后由本单位按时限整改。"
    done = "已签收，请按时限整改。"

    def act(self, problem: Problem, *, by: Any, at: Any, **_: Any) -> Problem:
        return registrations.accept(problem, by=by, at=at)


class ReturnAssignment(ProblemAct):
    form_class = ReasonForm
    permit = "pb.return_assignment"
    title = "退回交办"
    done = "已退回交办。"

    def act(self, problem: Problem, *, by: Any, at: Any, reason: str, **_: Any) -> Problem:
        return registrations.return_assignment(problem, reason=reason, by=by, at=at)
