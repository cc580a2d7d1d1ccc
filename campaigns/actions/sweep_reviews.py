"""Reviewing what an organization below has swept (审阅风险排查表): returned, or accepted."""

from datetime import datetime

from django.db import transaction

from campaigns import policy
from campaigns.actions.sweep_submissions import waiting_key
from campaigns.models import (
    Act,
    Sweep,
    SweepFinding,
    SweepSubmission,
    SweepVerdict,
    sweep_sheet,
)
from campaigns.models.sweep import FILL
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Duty, Event, User

Status = Sweep.Status
Decision = SweepVerdict.Decision


@transaction.atomic
def decide(
    sweep: Sweep, *, number: int, decision: str, comment: str, by: Actor, at: datetime
) -> SweepVerdict:
    """Accept what was submitted, or return it with a comment; `number` is the version that was on
    the page.

    Raises Forbidden for who may not, or submitted it himself (SOD-01, 16); Refused for the rest.
    """
    row = sweep.locked()
    policy.require_review_sweep(by, row)
    last = row.submissions.order_by("number").select_related("by").last()
    if row.status != Status.SUBMITTED or last is None:
        raise Refused(f"这份风险排查表{row.get_status_display()}，没有等待审阅的内容，请刷新页面。")
    if last.number != number:
        raise Refused(f"填报单位已报送第{last.number}版，请看过以后再审阅。")
    if last.by.person_id in by.persons:
        raise Forbidden("不能审阅自己报送的风险排查表（包括本人的其他账号）。")
    if decision == Decision.RETURNED and not comment:
        raise Refused("退回时请写明需要修改什么。")
    made = SweepVerdict.objects.create(
        submission=last,
        decision=decision,
        comment=comment,
        by=by.user,
        by_name=by.user.name,
        submitted_by=last.by,
        at=at,
    )
    accepted = decision == Decision.ACCEPTED
    row.move(Status.ACCEPTED if accepted else Status.RETURNED)
    row.save(update_fields=["status"])
    if accepted:
        _find(last)
    act = Act.SWEEP_ACCEPTED if accepted else Act.SWEEP_RETURNED
    trail.record(act, row, by=by, at=at, say=str(last))
    _tell(made, row, last, by=by, at=at)
    return made


def _find(submission: SweepSubmission) -> None:
    """What was found, a row each, for the ledger to draw from."""
    SweepFinding.objects.bulk_create(
        SweepFinding(
            submission=submission,
            position=place,
            item_id=int(key[1:]) if key.startswith("i") else None,
            question_id=int(key[1:]) if key.startswith("q") else None,
            asked=asked,
            swept=swept,
            manifestation=line["what"],
            cause=line.get("cause", ""),
            severity=line.get("severity") or SweepFinding.Severity.ORDINARY,
            measure=line.get("measure", ""),
            who=line.get("who", ""),
            due_text=line.get("due", ""),
        )
        for place, (key, asked, swept, line) in enumerate(
            sweep_sheet.problems(submission.content), start=1
        )
    )


def _tell(
    made: SweepVerdict, row: Sweep, last: SweepSubmission, *, by: Actor, at: datetime
) -> None:
    """Tell who fills it in there, and who sent it."""
    notices.settle(waiting_key(last), at=at)
    here = Duty.objects.in_force(by.on).filter(organization=row.organization, role__in=FILL)
    people = User.objects.filter(pk__in=here.order_by().values("user"), is_active=True)
    accepted = made.decision == Decision.ACCEPTED
    words = "已审阅通过" if accepted else "退回修改"
    notices.post(
        [*people, last.by] if last.by not in people else list(people),
        subject=f"{row.organization}的风险排查表{words}",
        key=f"sweep:{row.pk}:{last.number}:decided",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
