"""Reading and reviewing what somebody else submitted (阅看、审阅自查剖析).

Nobody opens a text before its author knows that he reads it, and the author sees who has.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from campaigns import policy
from campaigns.actions import part_verdicts
from campaigns.actions.examination_readers import assigned_key, tell_author, waiting_key
from campaigns.models import (
    Act,
    Examination,
    Finding,
    PartVerdict,
    Reader,
    Reading,
    Submission,
    Verdict,
    answers,
)
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Event, Role, User

Status = Examination.Status
Decision = Verdict.Decision


def is_told(examination: Examination, actor: Actor) -> bool:
    """Whether the author knows that the actor reads it."""
    return Reader.objects.for_actor(actor).filter(examination=examination).exists()


@transaction.atomic
def tell(examination: Examination, *, by: Actor, at: datetime) -> Reader:
    """Tell the author that the actor, his secretary by now, is going to read it, and why; only
    then the text opens. What was promised at submission stays as it was."""
    row = examination.locked()
    policy.require(by, "se.read", row)
    if row.author.person_id == by.user.person_id:
        raise Refused("这是您自己的自查剖析。")
    if not row.standing().exists():
        raise Refused("这份自查剖析目前没有提交的内容。")
    if known := Reader.objects.for_actor(by).filter(examination=row).first():
        return known
    held = [duty for duty in by.holding(Role.SECRETARY) if _is_at(duty.organization_id, row)]
    team = [duty for duty in held if _is_of_team(duty.organization_id, row)]
    duty = next(iter(team or held))
    why = f"受{duty.behalf.name}委托代行书记职责" if duty.behalf else "现任书记"
    row.readers.filter(person=by.user, until=None).update(until=by.on)  # by another duty, before
    made = Reader.objects.create(
        examination=row,
        person=by.user,
        basis=Reader.Basis.TEAM if team else Reader.Basis.SUCCESSOR,
        words=f"{duty.organization}{why}"[:200],
        role=duty.role,
        organization=duty.organization,
        since=by.on,
        told_at=at,
        whole=bool(team),
    )
    trail.record(Act.EXAMINATION_READER_TOLD, row, by=by, at=at, say=f"{row}，{made.words}")
    tell_author(row, [made], by=by, at=at)
    return made


def _is_at(place: int, row: Examination) -> bool:
    home = {row.organization_id, row.organization.succeeded_by_id}
    return place in home or _is_of_team(place, row)


def _is_of_team(place: int, row: Examination) -> bool:
    return row.team is not None and place in {row.team_id, row.team.succeeded_by_id}


@transaction.atomic
def read(submission: Submission, *, by: Actor, at: datetime) -> None:
    """Note that the actor opens a submission of somebody else's: the first time for the author to
    see, each time in the trail. It can no longer be taken back then.

    Raises Forbidden for who may not, Refused before the author was told, or when it was withdrawn.
    """
    row = submission.examination.locked()
    policy.require(by, "se.read", row)
    if row.author.person_id == by.user.person_id:
        return
    if not is_told(row, by):
        raise Refused("系统须先告知本人，再打开正文。")
    if not row.standing().filter(pk=submission.pk).exists():
        raise Refused("这一版已由本人撤回。")
    Reading.objects.get_or_create(submission=submission, person=by.user, defaults={"at": at})
    assigned = Reader.objects.for_actor(by).filter(examination=row, basis=Reader.Basis.ASSIGNED)
    for one in assigned:
        notices.settle(assigned_key(one), at=at)
    trail.record(Act.EXAMINATION_READ, row, by=by, at=at, say=str(submission))


def require_waiting(row: Examination) -> Submission:
    """Return what waits for a decision."""
    if row.status != Status.SUBMITTED:
        raise Refused(f"这份自查剖析{row.get_status_display()}，没有等待审阅的内容，请刷新页面。")
    last = row.submissions.order_by("number").last()
    assert last is not None  # noqa: S101 -- it is submitted
    return last


@transaction.atomic
def decide(
    examination: Examination,
    *,
    number: int,
    decision: Decision,
    comment: str,
    ticks: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Verdict | PartVerdict:
    """Accept what was submitted, or return it with a comment; `number` is the version that was on
    the page. Of two who read a split text the first to accept leaves a PartVerdict.

    Raises Forbidden for who may not, or reviews himself (SOD-01, 16); Refused for the rest.
    """
    row = examination.locked()
    if row.author.person_id == by.user.person_id:
        raise Forbidden("不能审阅自己的自查剖析（包括本人的其他账号）。")
    policy.require(by, "se.review", row)
    last = require_waiting(row)
    if last.number != number:
        raise Refused(f"本人已提交第{last.number}版，请看过以后再审阅。")
    if last.signed_on and last.recorded_by and last.recorded_by.person_id in by.persons:
        raise Forbidden("这份材料由您或委托您的人代录，不能由您审阅。")
    read(last, by=by, at=at)
    whole = part_verdicts.reads_whole(row, by)
    if decision == Decision.ACCEPTED and part_verdicts.waits(last, whole=whole):
        return part_verdicts.give(last, whole=whole, comment=comment, ticks=ticks, by=by, at=at)
    return write(
        last,
        decision=decision,
        comment=comment,
        ticks=ticks,
        by=by,
        at=at,
        reviewer=by.user,
        by_name=by.user.name,
        by_post=by.user.post,
    )


def write(
    last: Submission,
    *,
    decision: Decision,
    comment: str,
    ticks: Sequence[str],
    by: Actor,
    at: datetime,
    reviewer: User | None = None,
    **signed: Any,
) -> Verdict:
    """Keep what was decided, and what follows from it. Asks nobody: the acts have."""
    row = last.examination.locked()
    if decision == Decision.RETURNED:
        _require_returnable(row, comment)
    made = Verdict.objects.create(
        submission=last,
        decision=decision,
        comment=comment,
        ticks=list(ticks),
        by=reviewer,
        author=row.author,
        at=at,
        **signed,
    )
    row.move(Status.ACCEPTED if decision == Decision.ACCEPTED else Status.RETURNED)
    row.save(update_fields=["status"])
    accepted = decision == Decision.ACCEPTED
    if accepted:
        _find(last)
    act = Act.EXAMINATION_ACCEPTED if accepted else Act.EXAMINATION_RETURNED
    trail.record(act, row, by=by, at=at, say=f"{last}，{made.signed}")
    notices.settle(waiting_key(last), at=at)
    words = "已审阅您的自查剖析" if accepted else "请您修改自查剖析"
    told, url = [row.author], row.get_absolute_url()
    if last.signed_on and last.recorded_by and not notices.reads(row.author):
        told, words = [last.recorded_by], f"{words}，请转告{row.author.name}"  # who typed it
        url = reverse("examination-status", args=[row.campaign_id])
    notices.post(
        told,
        subject=f"{made.by_name}{words}",
        key=f"examination:{row.pk}:{last.number}:decided",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=url,
    )
    return made


def _require_returnable(row: Examination, comment: str) -> None:
    """Nothing goes back to somebody who is gone: nobody would ever send it again."""
    if not comment:
        raise Refused("退回时请写明需要修改什么。")
    if not row.author.is_active:
        raise Refused(
            f"{row.author.name}的账号已停用，退回后无人修改；请按已提交的内容审阅，在意见中写明情况。"
        )


def _find(submission: Submission) -> None:
    """What he found in himself, a row each, for the ledger to draw from."""
    Finding.objects.bulk_create(
        Finding(
            submission=submission,
            position=place,
            item_id=found.item,
            question_id=found.question,
            manifestation=found.manifestation,
            cause=found.cause,
            measures=list(found.measures),
            team_only=found.team_only,
        )
        for place, found in enumerate(answers.findings(submission.content), start=1)
    )
