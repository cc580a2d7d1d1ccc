"""Deciding a step of the chain: here, or on paper and entered by another (线下签批)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import ClosingStep
from rectification import policy
from rectification.actions import chains, deadlines, keepsakes, lines, telling, verdicts
from rectification.actions.verdicts import Verdict
from rectification.models import (
    Act,
    ClosureApplication,
    ClosureReview,
    Decision,
    Problem,
    Progress,
    ReviewStep,
)
from reform.actions import trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Attachment, User
from reform.text import fold

Kind = ClosingStep.Kind
State = ReviewStep.State
STATE_AFTER = {Decision.APPROVED: State.APPROVED, Decision.RETURNED: State.RETURNED}


@transaction.atomic
def decide(step: ReviewStep, *, verdict: Verdict, by: Actor, at: datetime) -> ClosureReview:
    """Take a step: approve and open the next (or close), or return the problem.

    Raises Forbidden for who may not or must keep out (SOD-01 to 05), Refused for the rest.
    """
    step, problem = _opened(step)
    policy.require(by, ClosingStep.ACTS[Kind(step.kind)], problem)
    if why := keeps_out(by, step):
        raise Forbidden(why)
    verdicts.check(step, verdict, on=by.on)
    place = _place_of(by, step)
    return _write(
        step,
        verdict,
        by=by,
        at=at,
        reviewer=by.user,
        behalf=by.behalf,
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
    behalf = _check_signer(step, signer, signer_name, on=signed_on)
    verdicts.check(step, verdict, on=by.on)
    return _write(
        step,
        verdict,
        by=by,
        at=at,
        reviewer=signer,
        behalf=behalf,
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


def keeps_out(by: Actor, step: ReviewStep) -> str:
    """Return why the actor may not take the step, for himself or in another's place, or nothing.

    Conflicts of both count (SOD-14): nobody signs through his delegate what he may not sign.
    """
    application, on = step.application, by.on
    act = ClosingStep.ACTS[Kind(step.kind)]
    problem = application.problem
    for person in (by.user, policy.in_place_of(by, lambda one: policy.may(one, act, problem))):
        if person is None:
            continue
        if why := policy.barred(person, step, application, kind=step.kind, on=on):
            return why if person == by.user else f"受{person}委托代行，而{why}"
    return ""


def recorder_barred(application: ClosureApplication, by: Actor) -> str:
    """Return why `by` may not enter a paper decision on this application, or nothing.

    The applicant may not; who typed for another (代填) may, or a bureau could not run with one
    account (DESIGN §3).
    """
    applicant = application.applicant
    act, problem = "sign.record", application.problem
    delegator = policy.in_place_of(by, lambda one: policy.may(one, act, problem))
    recorders = {user.person_id for user in (by.user, delegator) if user}
    applicants = {applicant.person_id} if applicant else set()
    if applicant == application.entered_by:  # for himself: so it was for whom he stood in, too
        asked = policy.Involved.of(problem).asked_for(application)
        applicants |= {user.person_id for user in asked}
    if applicants & recorders:
        return "销号申请的申请人不能录入线下签批，请由其他联络员或活动办录入。"
    if applicant is None and fold(application.applicant_name) == fold(by.user.name):
        return f"申请人“{application.applicant_name}”与您同名，请由其他联络员或活动办录入。"
    return ""


def _check_signer(step: ReviewStep, signer: User | None, name: str, *, on: date) -> User | None:
    """A signer on the register holds the step's role, with an account or without; one who is not
    is judged by name. Returns in whose place he signed, if in anybody's."""
    application, kind = step.application, Kind(step.kind)
    if signer is None:
        if not name:
            raise Refused("请填写签批人。")
        if why := policy.barred_by_name(name, application, kind=kind):
            raise Refused(why)
        if policy.is_known_here(name, application.problem, on=on):
            raise Refused(f"“{name}”在人员名册中，请在“签批人（在册）”中选择，以便核对职责。")
        return None
    actor = Actor.of(signer, on=on)
    if why := keeps_out(actor, step):
        raise Refused(why)
    act, problem = ClosingStep.ACTS[kind], application.problem
    if not policy.may(actor, act, problem):
        word = step.get_kind_display()
        raise Refused(f"{signer}没有对这条问题{word}的职责，请核对签批人。")
    return policy.in_place_of(actor, lambda one: policy.may(one, act, problem))


def _place_of(by: Actor, step: ReviewStep) -> str:
    roles = lines.roles(step.application.problem, step.kind)
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


def _approve(review: ClosureReview, *, by: Actor, at: datetime) -> None:
    application = review.application
    problem = application.problem
    words = f"{review.step.get_kind_display()}同意 · {review.signed}"
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
    names = problem.keep_names()
    problem.save(update_fields=["status", "closed_at", "version", *names])
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
    words = f"{review.step.get_kind_display()}退回 · {review.signed}"
    trail.record(
        Act.CLOSURE_RETURNED,
        problem,
        by=by,
        at=at,
        say=words,
        quote=review.opinion,
        due_on=str(review.new_due_on),
    )
    due = review.new_due_on
    telling.ended(application, f"问题{problem}被退回整改，补改期限{due:%Y-%m-%d}", by=by, at=at)


def _end(application: ClosureApplication, outcome: str, *, at: datetime) -> None:
    application.outcome, application.ended_at = outcome, at
    application.save(update_fields=["outcome", "ended_at"])
