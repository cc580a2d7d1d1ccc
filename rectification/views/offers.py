"""What the problem page offers: the acts one may do now, and why the others are closed."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from campaigns.models import ClosingStep
from rectification import policy
from rectification.actions import closures, conversions, deadlines, reviews
from rectification.models import Conversion, Problem, ReviewStep

Status = Problem.Status


@dataclass(frozen=True)
class Offer:
    """A button: its words, its address, and why it cannot be pressed yet (empty when it can)."""

    label: str
    url: str
    why_not: str = ""
    main: bool = False


# label, name of the page, row of PERMISSIONS.md, statuses, and whether it is the main next act.
OFFERS: tuple[tuple[str, str, str, tuple[str, ...], bool], ...] = (
    ("填写", "problem-edit", "pb.edit_draft", (Status.DRAFT,), False),
    ("入账", "problem-register", "pb.publish", (Status.DRAFT,), True),
    ("删除草稿", "problem-delete", "pb.delete_draft", (Status.DRAFT,), False),
    ("填写", "problem-edit", "pb.amend", (Status.REGISTERED,), False),
    ("下达整改", "problem-issue", "pb.assign", (Status.REGISTERED,), True),
    ("签收", "problem-accept", "pb.accept", (Status.ASSIGNED,), True),
    ("退回交办", "problem-return", "pb.return_assignment", (Status.ASSIGNED,), False),
    ("填报进展", "progress-add", "pb.progress", (Status.RECTIFYING,), False),
    ("申请销号", "closure-apply", "pb.close_request", (Status.RECTIFYING,), True),
    ("更正", "problem-edit", "pb.amend", (Status.ASSIGNED, Status.RECTIFYING), False),
    ("暂停催办", "problem-pause", "esc.mute", (Status.ASSIGNED, Status.RECTIFYING), False),
)


def offers(actor: Any, problem: Problem, step: ReviewStep | None) -> list[Offer]:
    """Return the buttons for this person, this row and this day; every closed one says why."""
    found = [
        Offer(label, reverse(page, args=[problem.pk]), _why_not(page, problem, actor), main)
        for label, page, act, statuses, main in OFFERS
        if problem.status in statuses and policy.may(actor, act, problem)
    ]
    found += _of_step(actor, problem, step) if step else []
    found += _of_turning(actor, problem) if problem.is_personal else []
    if problem.status not in {Status.DRAFT, Status.CLOSED} and policy.may(
        actor, "is.write", problem
    ):
        found.append(Offer("批示", reverse("problem-instruction", args=[problem.pk])))
    return found


def _of_turning(actor: Any, problem: Problem) -> list[Offer]:
    """A personal row becomes the unit's once the person was told (转为单位问题)."""
    if problem.status not in conversions.TURNABLE:
        return []
    told = Conversion.objects.filter(problem=problem).first()
    found = []
    if policy.may(actor, "pb.turn", problem):
        page = "problem-turn" if told else "problem-turning"
        url = reverse(page, args=[problem.pk])
        found.append(Offer("转为单位问题", url, told.obstacle(actor.on) if told else ""))
    if told and not told.agreed_at and conversions.is_his(problem, actor):
        found.append(Offer("同意转为单位问题", reverse("problem-turning-agree", args=[problem.pk])))
    return found


def _why_not(page: str, problem: Problem, actor: Any) -> str:
    if page == "problem-issue":
        lacking = deadlines.lacking(problem, on=actor.on)
        return f"六个明确还缺：{'、'.join(lacking)}。" if lacking else ""
    if page == "closure-apply":
        return "".join(closures.obstacles(problem))
    return ""


def _of_step(actor: Any, problem: Problem, step: ReviewStep) -> list[Offer]:
    kind = ClosingStep.Kind(step.kind)
    found = []
    if policy.may(actor, ClosingStep.ACTS[kind], problem):
        why = reviews.keeps_out(actor, step)
        found.append(Offer(kind.label, reverse("review", args=[step.pk]), why, main=True))
    if policy.may(actor, "sign.record", problem):
        why = reviews.recorder_barred(step.application, actor)
        found.append(Offer("录入线下签批", reverse("review-paper", args=[step.pk]), why))
    if policy.may(actor, "pb.appoint", problem):
        found.append(Offer("指派审核人", reverse("review-appoint", args=[step.pk])))
    found.append(Offer("打印审批表", reverse("review-form", args=[step.pk])))
    return found
