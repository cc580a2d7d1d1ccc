"""What a reviewer says of a step (审核意见), and what it must hold to count."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from campaigns.models import ClosingStep
from rectification.models import Decision, Method, ReturnReason, ReviewStep, Standard
from reform.errors import Refused

Kind = ClosingStep.Kind
# Without these three nothing is closed; the other two may not apply (docs/decisions/0006).
MUST_STAND = (Standard.MEASURES, Standard.HANDLED, Standard.RESULT)


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


def check(step: ReviewStep, verdict: Verdict, *, on: date) -> None:
    """Raise Refused, in a sentence, for what is lacking."""
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
