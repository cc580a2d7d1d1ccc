"""Exporting what others submitted (SOD-20): asked for with a purpose, approved by somebody else,
fetched within a day under a heading that says so, each time in the trail, and its author told.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from campaigns import policy
from campaigns.actions import examination_reviews, part_verdicts
from campaigns.models import Act, CopyLine, CopyRequest, Examination, Reading, answers, parts
from campaigns.models.copy_request import OPEN
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Duty, Event, Organization, Role, User

MOST = 20  # texts at once
Status = CopyRequest.Status


def exportable(actor: Actor) -> QuerySet[Examination]:
    """Return what the actor may ask for: texts of others that an assignment opens to him."""
    if not actor.holds(*policy.EXPORTERS):
        return Examination.objects.none()
    rows = Examination.objects.readable_by(actor).told_to(actor)
    return rows.select_related("author", "organization", "checklist", "campaign").order_by("pk")


@transaction.atomic
def ask(
    examinations: Collection[Examination], *, reason: str, by: Actor, at: datetime
) -> CopyRequest:
    """Ask for the last version of each, as far as the actor reads it; several at once is
    `se.export_bulk`. Raises Forbidden for who may not, Refused where nobody could approve."""
    if not 0 < len(examinations) <= MOST:
        raise Refused(f"一次申请1至{MOST}份，请分次申请。")
    act = "se.export_one" if len(examinations) == 1 else "se.export_bulk"
    rows = list(Examination.to_lock([one.pk for one in examinations]))
    for row in rows:
        policy.require(by, act, row)
        if row.author.person_id == by.user.person_id:
            raise Refused("自己的自查剖析在其页面直接导出，不用申请。")
        if not examination_reviews.is_told(row, by) or not row.standing().exists():
            raise Refused(f"{row}目前不能阅看，不能申请导出。")
    approvers = approvers_of([row.organization for row in rows], rows, by=by)
    if not approvers:
        raise Refused("所选材料没有同一位领导可以批准，请按单位分开申请。")
    made = CopyRequest.objects.create(reason=reason, asked_by=by.user, asked_at=at)
    CopyLine.objects.bulk_create(
        CopyLine(
            request=made,
            submission=row.standing().last(),
            whole=part_verdicts.reads_whole(row, by),
        )
        for row in rows
    )
    say = f"{made}，{len(rows)}份：{'、'.join(row.author.name for row in rows)}"
    trail.record(Act.COPY_ASKED, made, by=by, at=at, say=say, quote=reason)
    notices.post(
        approvers,
        subject=f"{by.user.name}申请导出{len(rows)}份自查剖析，请审批",
        key=_key(made),
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=made.get_absolute_url(),
    )
    return made


def _key(row: CopyRequest) -> str:
    return f"copy:{row.pk}:waiting"


def approvers_of(
    places: Sequence[Organization], rows: Sequence[Examination], *, by: Actor
) -> list[User]:
    """Return the leaders who may approve all of it, the nearest: neither who asks nor an author."""
    barred = {by.user.person_id, *(row.author.person_id for row in rows)}
    held = Duty.objects.in_force(by.on).filter(
        role=Role.LEADER, organization__path__in=places[0].lineage, user__is_active=True
    )
    for path in reversed(places[0].lineage):
        found = {
            duty.user.pk: duty.user
            for duty in held.filter(organization__path=path).select_related("user").order_by("pk")
            if duty.user.person_id not in barred
            and notices.reads(duty.user)
            and _may_all(Actor.of(duty.user, on=by.on), places)
        }
        if found:
            return list(found.values())
    return []


def _may_all(actor: Actor, places: Sequence[Organization]) -> bool:
    return all(policy.may_here(actor, "ex.approve", place) for place in places)


@transaction.atomic
def decide(
    request: CopyRequest, *, approved: bool, words: str, by: Actor, at: datetime
) -> CopyRequest:
    """Approve it for a day, or not; each author is told of an approval, and of the purpose.

    Raises Forbidden for the asker, an author, and who leads not all of it (SOD-01, 16).
    """
    row = request.locked()
    lines = list(row.lines.select_related("submission__examination__author"))
    for line in lines:
        policy.require_here(by, "ex.approve", line.examination.organization)
    if row.asked_by.person_id in by.persons:
        raise Forbidden("不能批准自己的导出申请，也不能批准委托您的人的。")
    if any(line.examination.author.person_id in by.persons for line in lines):
        raise Forbidden("其中有您本人的材料，或委托您的人的，请由其他领导审批。")
    if not approved and not words:
        raise Refused("不批准的，请写明原因。")
    row.move(Status.APPROVED if approved else Status.REFUSED)
    row.decided_by, row.decided_by_name, row.decided_at = by.user, by.user.name, at
    row.words, row.open_until = words, at + OPEN if approved else None
    row.save(
        update_fields=[
            *("status", "decided_by", "decided_by_name", "decided_at"),
            *("words", "open_until"),
        ]
    )
    act = Act.COPY_APPROVED if approved else Act.COPY_REFUSED
    trail.record(act, row, by=by, at=at, say=f"{row}，{len(lines)}份", quote=words)
    notices.settle(_key(row), at=at)
    notices.post(
        [row.asked_by],
        subject=f"{by.user.name}{'批准了' if approved else '没有批准'}您的自查剖析导出申请"
        + ("，请在24小时内下载" if approved else ""),
        key=f"copy:{row.pk}:decided",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
    for line in lines if approved else ():
        _tell_author(row, line, by=by, at=at)
    return row


def _tell_author(row: CopyRequest, line: CopyLine, *, by: Actor, at: datetime) -> None:
    examination = line.examination
    notices.post(
        [examination.author],
        subject=f"经{by.user.name}批准，{row.asked_by.name}导出您的自查剖析，用途：{row.reason}",
        key=f"copy:{row.pk}:author:{examination.pk}",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=examination.get_absolute_url(),
    )


@transaction.atomic
def withdraw(request: CopyRequest, *, by: Actor, at: datetime) -> CopyRequest:
    """Take a request back; one that is approved is shut, by who asked or who approved it."""
    row = request.locked()
    people = {row.asked_by.person_id} | ({row.decided_by.person_id} if row.decided_by else set())
    if by.user.person_id not in people:
        raise Forbidden("只有申请人或批准人能撤回。")
    row.move(Status.WITHDRAWN)
    row.save(update_fields=["status"])
    trail.record(Act.COPY_WITHDRAWN, row, by=by, at=at, say=str(row))
    notices.settle(_key(row), at=at)
    return row


@transaction.atomic
def take(request: CopyRequest, *, by: Actor, at: datetime) -> list[CopyLine]:
    """Return what the file is made of, for the asker, while it is open and he still reads each.

    Every fetch stands in the trail of every text. Raises Refused, in words, when it is not open.
    """
    row = request.locked()
    if row.asked_by.person_id != by.user.person_id:
        raise Forbidden("导出的文件只给申请人。")
    if not row.is_open(at):
        raise Refused(f"{row}{row.state(at)}，不能下载；仍需要的，请重新申请。")
    lines = list(row.lines.select_related("submission__examination__author"))
    for line in lines:
        if not examination_reviews.is_told(line.examination, by):
            name = line.examination.author.name
            raise Refused(f"您已不再阅看{name}的自查剖析，不能下载；请重新申请其余的。")
        if line.submission.is_withdrawn:
            name = line.examination.author.name
            raise Refused(f"{name}已撤回所申请的一版，不能下载；请重新申请其余的。")
    for line in lines:
        # Who fetches it has read it: its author can no longer take it back.
        Reading.objects.get_or_create(
            submission=line.submission, person=by.user, defaults={"at": at}
        )
        say = f"{row}，{line.submission}，经{row.decided_by_name}批准"
        sha256 = line.submission.sha256
        trail.record(
            Act.EXAMINATION_EXPORTED, line.examination, by=by, at=at, say=say, sha256=sha256
        )
    return lines


def sheet_of(line: CopyLine) -> answers.Sheet:
    content = line.submission.content
    return content if line.whole else parts.for_branch(content)
