"""审批时材料留底: what a decision was taken on, kept with its SHA-256 on the review row."""

import hashlib
import json
from datetime import datetime
from typing import Any

from rectification.models import Act, ClosureApplication, ClosureReview, Decision, ReviewStep
from reform.actions import trail
from reform.models import Actor


def of(application: ClosureApplication) -> dict[str, Any]:
    """Return everything a decision is taken on: texts, people, measures, evidence with hashes."""
    problem = application.problem
    texts = ("number", "description", "cause", "standard", "effect_expected", "effect_achieved")
    return {
        **{name: getattr(problem, name) for name in texts},
        "organization": str(problem.organization),
        "due_text": problem.due_text,
        "due_on": str(problem.due_on),
        "first_due_on": str(problem.first_due_on),
        "people": [f"{person.get_part_display()} {person.name}" for person in problem.people.all()],
        "departments": [place.name for place in problem.departments.all()],
        "measures": [
            {"text": row.text, "done_on": str(row.done_on), "note": row.done_note}
            for row in problem.measures.all()
        ],
        "evidence": [
            {
                "title": row.title,
                "kind": row.kind,
                "text": row.text,
                "number": row.number,
                "sha256": row.attachment.sha256 if row.attachment else "",
            }
            for row in problem.evidence.select_related("attachment")
        ],
        "round": application.round,
        "statement": application.statement,
        "applicant": application.applicant_name,
    }


def digest(kept: dict[str, Any]) -> str:
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def waive(step: ReviewStep, *, by: Actor, at: datetime) -> ClosureReview:
    """Record 本人申请、免审签, in the transaction of the application."""
    kept = of(step.application)
    application = step.application
    trail.record(Act.STEP_WAIVED, application.problem, by=by, at=at)
    return ClosureReview.objects.create(
        application=application,
        step=step,
        decision=Decision.WAIVED,
        reviewer=application.applicant,
        reviewer_name=application.applicant_name,
        decided_at=at,
        kept=kept,
        kept_sha256=digest(kept),
    )
