"""Pages of closing: applying, deciding a step, on paper, appointing, the printed form."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views import View

from campaigns.models import ClosingStep
from rectification import policy
from rectification.actions import chains, closures, reviews
from rectification.forms.closures import ApplyForm, AppointForm, PaperForm, VerdictForm
from rectification.models import Problem, ReviewStep
from rectification.models.closure import ClosureReview
from rectification.reports import approval_form
from rectification.views.measures import BehalfAct
from rectification.views.problems import ProblemAct, seat_words
from reform.models import User
from reform.views.files import WORD, send, send_bytes
from reform.views.scans import ScanAct


class ApplyClosure(BehalfAct):
    form_class = ApplyForm
    permit = "pb.close_request"
    title = "申请销号"
    done = "销号申请已提交，审核进度见本页。"
    template_name = "rectification/closures/apply.html"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"effect": self.object.effect_achieved}

    def act(self, problem: Problem, *, by: Any, at: Any, **facts: Any) -> Any:
        return closures.apply(problem, by=by, at=at, **facts)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "obstacles": closures.obstacles(self.object),
            "ahead": chains.look_ahead(self.object, on=self.request.actor.on),
        }


class StepAct(ProblemAct):
    """An act on an open step of a chain."""

    template_name = "rectification/closures/review.html"

    def load(self) -> ReviewStep:
        rows = ReviewStep.objects.visible_to(self.request.actor).select_related(
            "application__problem__organization",
            "application__problem__campaign",
            "application__applicant",
            "application__entered_by",
            "holder",
        )
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def problem(self) -> Problem:
        return self.object.application.problem

    def back(self) -> Problem:
        return self.problem

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"step": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        step, problem, on = self.object, self.problem, self.request.actor.on
        return super().get_context_data(**kwargs) | {
            "problem": problem,
            "step": step,
            "application": step.application,
            "steps": step.application.steps.select_related("holder", "review"),
            "seat": seat_words(step, on=on) if step.state == "open" else "",
            "earlier": problem.applications.exclude(pk=step.application.pk).prefetch_related(
                "reviews__step"
            ),
        }


class Review(StepAct):
    """Take a step: the whole story above, the verdict below."""

    form_class = VerdictForm
    done = "意见已提交。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.object.get_kind_display()

    def may(self, actor: Any, step: ReviewStep) -> bool:
        kind = ClosingStep.Kind(step.kind)
        return policy.may(actor, ClosingStep.ACTS[kind], step.application.problem)

    def act(self, step: ReviewStep, *, by: Any, at: Any, **_: Any) -> ClosureReview:
        return reviews.decide(step, verdict=self.typed.verdict(), by=by, at=at)

    def form_valid(self, form: Any) -> HttpResponse:
        self.typed = form
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        why = reviews.keeps_out(self.request.actor, self.object)
        return super().get_context_data(**kwargs) | {"barred": why}


class RecordPaper(ScanAct, StepAct):
    """Enter a decision that was signed on the printed form (线下签批)."""

    form_class = PaperForm
    done = "线下签批已录入。"
    template_name = "rectification/closures/paper.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"录入线下签批：{self.object.get_kind_display()}"

    def may(self, actor: Any, step: ReviewStep) -> bool:
        return policy.may(actor, "sign.record", step.application.problem)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"signers": self._signers()}

    def _signers(self) -> Any:
        """Those who could take the step here: the seat where it lies, if it lies somewhere."""
        found = chains.seat(self.object.application, self.object, on=self.request.actor.on)
        return User.objects.filter(pk__in=[user.pk for user in found.people])

    def form_valid(self, form: Any) -> HttpResponse:
        self.typed = form
        return super().form_valid(form)

    def act(self, step: ReviewStep, *, by: Any, at: Any, **facts: Any) -> ClosureReview:
        return reviews.record(
            step,
            verdict=self.typed.verdict(),
            signer=facts["signer"],
            signer_name=facts["signer_name"],
            signer_post=facts["signer_post"],
            signed_on=facts["signed_on"],
            scan=facts["scan"],
            by=by,
            at=at,
        )


class AppointReviewer(StepAct):
    form_class = AppointForm
    title = "指派审核人"
    done = "已指派。"
    template_name = "rectification/problems/act.html"

    def may(self, actor: Any, step: ReviewStep) -> bool:
        return policy.may(actor, "pb.appoint", step.application.problem)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("step")
        return kwargs | {"people": User.objects.active()}

    def act(self, step: ReviewStep, *, by: Any, at: Any, user: User, until: Any) -> Any:
        return closures.appoint(step, user=user, until=until, by=by, at=at)


class ApprovalForm(View):
    """The form to be signed by hand, as Word."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = ReviewStep.objects.visible_to(request.actor).select_related("application__problem")
        step = get_object_or_404(rows, pk=pk)
        closures.print_form(step, by=request.actor, at=timezone.now())
        data = approval_form.closure_form(step.application, on=request.actor.on)
        return send_bytes(data, name=f"{step.application.problem}_销号审批表.docx", kind=WORD)


class ReviewScan(View):
    """Send the scan of a paper decision, through the scope of its problem."""

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        problems = Problem.objects.visible_to(request.actor)
        rows = ClosureReview.objects.filter(application__problem__in=problems)
        review = get_object_or_404(rows.exclude(scan=None).select_related("scan"), pk=pk)
        return send(closures.read_scan(review, by=request.actor, at=timezone.now()))
