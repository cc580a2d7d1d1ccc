"""Deciding a step of the chain: here, or on paper and entered by another (线下签批)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import ClosingStep
from rectification import policy
from rectification.actions import chains, deadlines, keepsakes, telling
from rectification.models import (
    Act,
    ClosureApplication,
    ClosureReview,
    Decision,
    Method,
    Problem,
    Progress,
    ReturnReason,
    ReviewStep,
    Standard,
)
from reform.actions import trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Attachment, User

Kind = ClosingStep.Kind
State = ReviewStep.State
# Without these three nothing is closed; the other two may not apply (docs/decisions/0006).
MUST_STAND = (Standard.MEASURES, Standard.HANDLED, Standard.RESULT)
STATE_AFTER = {Decision.APPROVED: State.APPROVED, Decision.RETURNED: State.RETURNED}


@dataclass(frozen=True)
class Verdict:
    """What a reviewer says; `new_due_on` is the 补改期限 that a return sets."""

    decision: Decision
    opinion: str = ""
    reason: str = ""
    methods: Sequence[str] = field(default_factory=list)
    standards: Sequence[str] = field(default_factory=list)
    new_due_on: date | None = None


def is_review(step: ReviewStep) -> bool:
    """审签 is the organization answering for itself, but for the single step of a personal row."""
    return step.kind != Kind.ENDORSE or step.application.problem.is_personal


@transaction.atomic
def decide(step: ReviewStep, *, verdict: Verdict, by: Actor, at: datetime) -> ClosureReview:
    """Take a step: approve and open the next (or close), or return the problem.

    Raises Forbidden for who may not or must keep out (SOD-01 to 05), Refused for the rest.
    """
    step, problem = _opened(step)
    policy.require(by, ClosingStep.ACTS[Kind(step.kind)], problem)
    if why := policy.barred(by.user, step, step.application, kind=step.kind, on=by.on):
        raise Forbidden(why)
    _check(step, verdict, on=by.on)
    place = _place_of(by, step)
    return _write(
        step,
        verdict,
        by=by,
        at=at,
        reviewer=by.user,
        reviewer_name=by.user.name,
        reviewer_post=by.user.post,
        organization_name=place,
    )


@transaction.atomic
def record(
    step: ReviewStep,
    *,
    verdict: Verdict,
    signer: User | None,
    signer_name: str,
    signer_post: str = "",
    signed_on: date,
    scan: Attachment,
    by: Actor,
    at: datetime,
) -> ClosureReview:
    """Enter a decision signed on paper: who decided, on which day, the opinion as written.

    Separation is judged on the signer; the recorder may not be the applicant (DESIGN §3).
    """
    step, problem = _opened(step)
    policy.require(by, "sign.record", problem)
    application = step.application
    if why := recorder_barred(application, by):
        raise Forbidden(why)
    if signed_on > by.on:
        raise Refused("签批日期不能晚于今天。")
    if signed_on < timezone.localdate(application.applied_at):
        raise Refused("签批日期不能早于提出销号申请的日期。")
    _check_signer(step, signer, signer_name, on=signed_on)
    _check(step, verdict, on=by.on)
    return _write(
        step,
        verdict,
        by=by,
        at=at,
        reviewer=signer,
        reviewer_name=signer.name if signer else signer_name,
        reviewer_post=signer_post or (signer.post if signer else ""),
        organization_name=str(step.holder or ""),
        recorded_by=by.user,
        signed_on=signed_on,
        scan=scan,
    )


# ---------------------------------------------------------------- what must hold


def _opened(step: ReviewStep) -> tuple[ReviewStep, Problem]:
    """Lock the problem, then look again: of two reviewers at once, the second finds it taken."""
    problem = step.application.problem.locked()
    step = ReviewStep.objects.select_related("application", "holder").get(pk=step.pk)
    step.application.problem = problem
    if step.state != State.OPEN or problem.status != Problem.Status.IN_REVIEW:
        raise Refused("这一步已经办结，请刷新页面查看最新情况。")
    return step, problem


def _check(step: ReviewStep, verdict: Verdict, *, on: date) -> None:
    if verdict.decision == Decision.RETURNED:
        _check_return(verdict, on=on)
    elif verdict.decision == Decision.APPROVED:
        _check_approval(step, verdict)
    else:
        raise Refused("请选择“同意”或“退回整改”。")


def _check_return(verdict: Verdict, *, on: date) -> None:
    if not verdict.opinion or verdict.reason not in ReturnReason.values:
        raise Refused("退回整改须选择原因，并写明还需补改什么。")
    if verdict.new_due_on is None or verdict.new_due_on <= on:
        raise Refused("退回整改须给出补改期限，且晚于今天。")


def _check_approval(step: ReviewStep, verdict: Verdict) -> None:
    if is_review(step) and not set(verdict.methods) & set(Method.values):
        raise Refused("请至少选择一种核查方式。")
    if step.must_visit and not {Method.SITE, Method.INTERVIEW} & set(verdict.methods):
        raise Refused("该单位无人可审签，核查须采用实地查看或访谈。")
    if step.kind == Kind.VERIFY:
        missing = [word.label for word in MUST_STAND if word not in verdict.standards]
        if missing:
            raise Refused(f"同意销号前须逐项对照标准，还未勾选：{'、'.join(missing)}。")


def recorder_barred(application: ClosureApplication, by: Actor) -> str:
    """Return why `by` may not enter a paper decision on this application, or nothing."""
    persons = {user.person_id for user in (application.applicant, application.entered_by) if user}
    if by.user.person_id in persons:
        return "销号申请的申请人或录入人不能录入线下签批，请由其他联络员或活动办录入。"
    return ""


def _check_signer(step: ReviewStep, signer: User | None, name: str, *, on: date) -> None:
    """A signer with an account holds the step's role; one without is judged by name."""
    application, kind = step.application, step.kind
    if signer is None:
        if not name:
            raise Refused("请填写签批人。")
        if why := policy.barred_by_name(name, application, kind=kind):
            raise Refused(why)
        if policy.is_known_here(name, application.problem, on=on):
            raise Refused(f"“{name}”有账号，请在“签批人（有账号）”中选择，以便核对职责。")
        return
    if why := policy.barred(signer, step, application, kind=kind, on=on):
        raise Refused(why)
    actor = Actor.of(signer, on=on)
    if not policy.may(actor, ClosingStep.ACTS[Kind(kind)], application.problem):
        word = step.get_kind_display()
        raise Refused(f"{signer}没有对这条问题{word}的职责，请核对签批人。")


def _place_of(by: Actor, step: ReviewStep) -> str:
    roles = chains.roles(step.application.problem, step.kind)
    places = [duty.organization for duty in by.holding(*roles)]
    if step.holder in places:
        return str(step.holder)
    return str(places[0]) if places else ""


# ---------------------------------------------------------------- what it does


def _write(
    step: ReviewStep, verdict: Verdict, *, by: Actor, at: datetime, **who: Any
) -> ClosureReview:
    application = step.application
    kept = keepsakes.of(application)
    review = ClosureReview.objects.create(
        application=application,
        step=step,
        decision=verdict.decision,
        reason=verdict.reason if verdict.decision == Decision.RETURNED else "",
        opinion=verdict.opinion,
        methods=list(verdict.methods),
        standards=list(verdict.standards),
        new_due_on=verdict.new_due_on if verdict.decision == Decision.RETURNED else None,
        decided_at=at,
        kept=kept,
        kept_sha256=keepsakes.digest(kept),
        **who,
    )
    step.state = STATE_AFTER[Decision(verdict.decision)]
    step.save(update_fields=["state"])
    telling.step_taken(step, at=at)
    if verdict.decision == Decision.RETURNED:
        _return(review, by=by, at=at)
    else:
        _approve(review, by=by, at=at)
    return review


def _signed(review: ClosureReview) -> str:
    """“王某某签批（李某代录）”, or the name alone."""
    if review.recorded_by:
        return f"{review.reviewer_name}签批（{review.recorded_by}代录）"
    return review.reviewer_name


def _approve(review: ClosureReview, *, by: Actor, at: datetime) -> None:
    application = review.application
    problem = application.problem
    words = f"{review.step.get_kind_display()}同意 · {_signed(review)}"
    trail.record(Act.STEP_APPROVED, problem, by=by, at=at, say=words, opinion=review.opinion)
    if chains.open_next(application, by=by, at=at) is None:
        _close(application, by=by, at=at)
        return
    problem.version += 1
    problem.save(update_fields=["version"])


def _close(application: ClosureApplication, *, by: Actor, at: datetime) -> None:
    """Server time only (SOD-17); a day on paper stands beside it. Final from here on."""
    problem = application.problem
    _end(application, ClosureApplication.Outcome.CLOSED, at=at)
    problem.move(Problem.Status.CLOSED)
    problem.closed_at = at
    problem.version += 1
    place = problem.organization
    problem.organization_name = place.name
    problem.above_name = place.parent.name if place.parent else ""
    problem.save(
        update_fields=["status", "closed_at", "version", "organization_name", "above_name"]
    )
    trail.record(Act.CLOSED, problem, by=by, at=at)
    telling.ended(application, f"问题{problem}已销号", by=by, at=at)


def _return(review: ClosureReview, *, by: Actor, at: datetime) -> None:
    application = review.application
    problem = application.problem
    assert review.new_due_on is not None  # noqa: S101 -- _check_return has asked
    _end(application, ClosureApplication.Outcome.RETURNED, at=at)
    problem.move(Problem.Status.RECTIFYING)
    problem.progress = Progress.UNDER_WAY  # what was called done is not
    deadlines.returned(problem, new=review.new_due_on, reason=review.opinion, by=by, at=at)
    problem.version += 1
    problem.save()
    words = f"{review.step.get_kind_display()}退回 · {_signed(review)}：{review.opinion}"
    trail.record(
        Act.CLOSURE_RETURNED, problem, by=by, at=at, say=words, due_on=str(review.new_due_on)
    )
    due = review.new_due_on
    telling.ended(application, f"问题{problem}被退回整改，补改期限{due:%Y-%m-%d}", by=by, at=at)


def _end(application: ClosureApplication, outcome: str, *, at: datetime) -> None:
    application.outcome, application.ended_at = outcome, at
    application.save(update_fields=["outcome", "ended_at"])
