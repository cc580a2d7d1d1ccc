"""Closing problems (销号): what must hold, applying, and appointing reviewers from outside."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction

from campaigns.models import Cause, ClosingStep
from rectification import policy
from rectification.actions import chains, lines, measures, reminders, telling
from rectification.models import (
    Act,
    Appointment,
    ClosureApplication,
    ClosureReview,
    Problem,
    Progress,
    ReviewStep,
)
from rectification.models.reminder import BY_DEADLINE
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor, Attachment, User

Status = Problem.Status


def is_rectifying(problem: Problem) -> str:
    if problem.status == Status.RECTIFYING:
        return ""
    return f"目前为{problem.get_status_display()}，整改中才能申请销号。"


def has_measures(problem: Problem) -> str:
    return "" if problem.measures.all() else "还没有整改措施，请先填写措施。"


def measures_are_done(problem: Problem) -> str:
    open_ones = sum(measure.done_on is None for measure in problem.measures.all())
    return f"还有{open_ones}项措施没有填报完成。" if open_ones else ""


def has_evidence(problem: Problem) -> str:
    """Something checkable a problem, of any kind; never a forced photo (DESIGN §3)."""
    if problem.evidence.all():
        return ""
    return "还没有佐证材料：可上传文件，也可登记存档备查的文号或写明可核实的情况。"


# What must hold before closure may be applied for. Each says what is missing, or nothing.
CONDITIONS: tuple[Callable[[Problem], str], ...] = (
    is_rectifying,
    has_measures,
    measures_are_done,
    has_evidence,
)


def obstacles(problem: Problem) -> list[str]:
    """Return what is still missing, in sentences; the same list stands on the page."""
    return [missing for condition in CONDITIONS if (missing := condition(problem))]


@transaction.atomic
def apply(
    problem: Problem, *, statement: str, effect: str, behalf: str = "", by: Actor, at: datetime
) -> ClosureApplication:
    """Apply for closure: freezes the row, lays the chain and opens its first step."""
    problem = problem.locked()
    policy.require(by, "pb.close_request", problem)
    if missing := obstacles(problem):
        raise Refused("".join(missing))
    if not effect:
        raise Refused("请填写整改成效：整改达到了什么效果。")
    if problem.closing_level is None:
        raise Refused("这条问题没有销号层级，请联系活动办。")

    problem.move(Status.IN_REVIEW)
    problem.effect_achieved, problem.progress = effect, Progress.DONE
    problem.applied_on = by.on
    problem.version += 1
    problem.save()
    problem.evidence.update(submitted=True)
    applicant, applicant_name = measures.named(problem, behalf, by=by)
    application = ClosureApplication.objects.create(
        problem=problem,
        round=problem.applications.count() + 1,
        level=problem.closing_level,
        statement=statement,
        applicant=applicant,
        applicant_name=applicant_name,
        entered_by=by.user,
        applied_at=at,
    )
    trail.record(
        Act.CLOSURE_APPLIED,
        problem,
        by=by,
        at=at,
        behalf=applicant_name,
        say=f"第{application.round}次",
        quote=statement[:60],
        round=application.round,
        statement=statement,
    )
    reminders.answered(problem, *BY_DEADLINE, Cause.NO_PROGRESS, at=at)
    chains.lay(application)
    chains.open_next(application, by=by, at=at)
    return application


@transaction.atomic
def appoint(step: ReviewStep, *, user: User, until: date, by: Actor, at: datetime) -> Appointment:
    """Ask somebody from outside to take a step, until a day (指派).

    Raises Refused when the step is not open or the person must keep out of it.
    """
    problem = step.application.problem.locked()
    policy.require(by, "pb.appoint", problem)
    step = ReviewStep.objects.select_related("application__problem").get(pk=step.pk)
    if step.state != ReviewStep.State.OPEN:
        raise Refused("这一步已经办结，无需指派。")
    if (
        step.kind == ClosingStep.Kind.ENDORSE
        and chains.seat(step.application, step, on=by.on).organization
    ):
        raise Refused("本单位有人可以审签，不另行指派。")
    if until < by.on:
        raise Refused("指派的截止日期不能早于今天。")
    if not user.is_active:
        raise Refused(f"{user}的账号已停用，请另选人员。")
    if why := policy.barred(user, step, step.application, kind=step.kind, on=by.on):
        raise Refused(why)
    if not user.duties.in_force(by.on).filter(role__in=lines.roles(problem, step.kind)).exists():
        raise Refused(f"{user}没有办理“{step.get_kind_display()}”所需的职责，请另选人员。")
    appointment, _ = Appointment.objects.update_or_create(
        step=step, user=user, defaults={"until": until, "appointed_by": by.user, "at": at}
    )
    trail.record(Act.APPOINTED, problem, by=by, at=at, say=f"{step.get_kind_display()} → {user}")
    telling.step_opened(step, [user], by=by, at=at)
    return appointment


def print_form(step: ReviewStep, *, by: Actor, at: datetime) -> None:
    """Note that the form for a step was printed, to be signed by hand."""
    problem = step.application.problem
    policy.require(by, "pb.read", problem)
    trail.record(Act.FORM_PRINTED, problem, by=by, at=at, say=step.get_kind_display())


def read_scan(review: ClosureReview, *, by: Actor, at: datetime) -> Attachment:
    """Hand out the scan of a decision on paper; the download is in the trail."""
    problem = review.application.problem
    policy.require(by, "ev.download", problem)
    if review.scan is None:
        raise Refused("这项意见没有扫描件。")
    trail.record(
        Act.SCAN_READ, problem, by=by, at=at, quote=review.scan.name, sha256=review.scan.sha256
    )
    return review.scan
