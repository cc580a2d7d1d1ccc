"""What pages say of a problem: what it is called, what sent it back, what a reviewer ticked."""

from collections.abc import Iterable, Sequence
from datetime import date

from django import template

from rectification.models import (
    ClosureApplication,
    ClosureReview,
    Decision,
    Instruction,
    Method,
    Problem,
    Standard,
)
from rectification.models.deadline_change import DeadlineChange
from reform.templatetags.reform import day as long_day

register = template.Library()

FIRST_WORDS = 12


@register.filter
def called(problem: Problem) -> str:
    """The number; a draft has none yet and goes by its first words."""
    if problem.number:
        return problem.number
    words = shortened(" ".join(problem.description.split()), FIRST_WORDS)
    return f"草稿“{words}”" if words else "草稿"


@register.filter
def shortened(text: str, most: int) -> str:
    """The first `most` characters, and … when there are more."""
    return f"{text[:most]}…" if len(text) > most else text


@register.filter
def last_return(applications: Sequence[ClosureApplication]) -> ClosureReview | None:
    """The review that sent the newest application back; none while it waits or when it passed."""
    steps = applications[-1].steps.all() if applications else ()
    reviews = (getattr(step, "review", None) for step in steps)
    return next((one for one in reviews if one and one.decision == Decision.RETURNED), None)


@register.filter
def is_return(changes: Iterable[DeadlineChange]) -> bool:
    """Whether the deadline that holds now was set by a return (补改期限)."""
    return any(change.cause == DeadlineChange.Cause.RETURN for change in list(changes)[-1:])


@register.filter
def deadline(problem: Problem, day: date | None) -> str:
    """The deadline as it was written, and the day it means where the words do not name it."""
    written, named = problem.due_text, long_day(day)
    if day and written == day.isoformat():
        return named
    words = (written, "" if named in written else named)
    return "，".join(word for word in words if word)


@register.filter
def method_words(codes: Iterable[str]) -> str:
    return _words(Method, codes)


@register.filter
def standard_words(codes: Iterable[str]) -> str:
    return _words(Standard, codes)


def _words(choices: type[Method] | type[Standard], codes: Iterable[str]) -> str:
    return "、".join(str(choices(code).label) for code in codes if code in choices.values)


@register.filter
def waits(instruction: Instruction, on: date) -> int:
    """For how many days an answer to an instruction (批示) has been waited for."""
    return instruction.days_open(on)


@register.filter
def overdue(instruction: Instruction, on: date) -> bool:
    """Whether the answer should have come by now."""
    return instruction.is_late(on)
