"""What comes on paper: a sheet written by hand and typed in (代录), a review signed on paper."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from campaigns import policy
from campaigns.actions import examination_readers, examination_reviews, examinations, reviewers
from campaigns.models import BEIJING, Act, Checklist, Examination, Submission, Verdict, answers
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Attachment, Event, Organization, User
from reform.text import fold


@transaction.atomic
def record(
    checklist: Checklist,
    *,
    author: User,
    content: dict[str, Any],
    scan: Attachment,
    by: Actor,
    at: datetime,
) -> Examination:
    """Type in what somebody wrote by hand (代录). It is his draft from then on, closed to who typed
    it; it counts when he has looked at it and submitted it himself.

    Raises Refused for whoever cannot confirm, or has begun himself.
    """
    examinations.require_open(checklist)
    place = _place_of(author, checklist, by=by)
    policy.require_here(by, "se.record", place)
    if author.person_id == by.user.person_id:
        raise Refused("自己的请在“自查剖析”中直接填写，不用代录。")
    if not notices.reads(author):
        raise Refused(
            f"“{author}”没有启用的账号，无法在系统中确认；请选“本人已在纸面签字确认”，"
            "并填写签字日期，或先为其开通账号。"
        )
    if checklist.is_empty or checklist.purpose != Checklist.Purpose.EXAMINATION:
        raise Refused(f"“{checklist}”不能代录，请选择有条目的自查剖析清单。")
    theirs = Examination.objects.filter(author__in=User.objects.of_person(author))
    if theirs.filter(checklist=checklist).exists():
        raise Refused(f"{author}已经在系统中填写这份清单，不能再代录；请本人自行办理。")
    row = Examination.objects.create(
        campaign=checklist.campaign,
        checklist=checklist,
        author=author,
        organization=place,
        content=content,
        begun_at=at,
        saved_at=at,
        recorded_by=by.user,
        scan=scan,
    )
    trail.record(Act.EXAMINATION_RECORDED, row, by=by, at=at, behalf=author)
    notices.post(
        [author],
        subject=f"{by.user.name}代录了您手写的自查剖析，请核对后提交",
        key=f"examination:{row.pk}:recorded",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
    return row


@transaction.atomic
def record_signed(
    checklist: Checklist,
    *,
    author: User,
    content: dict[str, Any],
    scan: Attachment,
    signed_on: date,
    by: Actor,
    at: datetime,
) -> Submission:
    """Type in and submit what somebody without an account wrote and signed on paper: the scan
    carries his signature, and its day is entered. Who typed it neither reads nor reviews it
    (SOD-01). After a return it is typed in again, as another version.

    Raises Refused for who has an account: he confirms it himself.
    """
    place = _place_of(author, checklist, by=by)
    policy.require_here(by, "se.record", place)
    if author.person_id == by.user.person_id:
        raise Refused("自己的请在“自查剖析”中直接填写，不用代录。")
    if not author.is_active:
        raise Refused(f"“{author}”已停用，不能代录。")
    if any(map(notices.reads, User.objects.of_person(author))):
        raise Refused(f"“{author}”有账号，请选“由本人在系统中核对后提交”。")
    if checklist.is_empty or checklist.purpose != Checklist.Purpose.EXAMINATION:
        raise Refused(f"“{checklist}”不能代录，请选择有条目的自查剖析清单。")
    if signed_on > by.on:
        raise Refused("本人签字日期不能晚于今天。")
    row = _begun_on_paper(checklist, author, place, at=at)
    again = row.status == Examination.Status.RETURNED
    examinations.require_open(checklist, again=again)
    row.organization, row.content, row.saved_at = place, content, at
    row.recorded_by, row.scan = by.user, scan
    row.version += 1
    row.save(
        update_fields=["organization", "content", "saved_at", "recorded_by", "scan", "version"]
    )
    sheet = examination_readers.sheet_of(row, on=by.on)
    if lacking := answers.missing(sheet):
        raise Refused("；".join(one.rstrip("。") for one in lacking) + "。")
    seating = reviewers.seating(
        author, place, sheet, campaign=checklist.campaign, on=by.on, but=by.user
    )
    return examinations.send(row, sheet, seating, signed_on=signed_on, by=by, at=at)


def _place_of(author: User, checklist: Checklist, *, by: Actor) -> Organization:
    place = Actor.of(author, on=by.on).home
    if place is None or not checklist.campaign.includes(place):
        raise Refused(f"“{author}”不在参加“{checklist.campaign}”的单位，请核对。")
    return place


def _begun_on_paper(
    checklist: Checklist, author: User, place: Organization, *, at: datetime
) -> Examination:
    known = Examination.objects.filter(
        checklist=checklist, author__in=User.objects.of_person(author)
    ).first()
    if known is None:
        return Examination.objects.create(
            campaign=checklist.campaign,
            checklist=checklist,
            author=author,
            organization=place,
            begun_at=at,
            saved_at=at,
        )
    row = known.locked()
    if row.status == Examination.Status.RETURNED:
        return row
    raise Refused(f"{author}的这份自查剖析{row.get_status_display()}，不能再代录。")


def _require_paper(row: Examination, last: Submission, decision: Verdict.Decision) -> None:
    """What somebody here reviews is not decided on paper; of a split text the branch is first."""
    if not (last.on_paper or row.paper_since):
        who = "、".join(one["name"] for one in last.readers)
        raise Refused(f"这份自查剖析由{who}在系统中审阅，不办理线下审阅。")
    branch = [one["name"] for one in last.readers if one.get("part") == "branch"]
    is_open = branch and not row.paper_since and not last.part_verdicts.exists()
    if is_open and decision == Verdict.Decision.ACCEPTED:
        raise Refused(f"请先由{'、'.join(branch)}在系统中审阅党支部部分，再录入班子部分的结果。")


@transaction.atomic
def sign(
    examination: Examination,
    *,
    decision: Verdict.Decision,
    comment: str,
    signer_name: str,
    signer_post: str,
    signed_on: date,
    scan: Attachment,
    by: Actor,
    at: datetime,
) -> Verdict:
    """Enter what was decided on paper about an examination that nobody reviews here: the top's.

    Whoever enters it sees who and when, never the text; the author neither signs nor enters.
    """
    row = examination.locked()
    policy.require_here(by, "se.record", row.organization)
    last = examination_reviews.require_waiting(row)
    _require_paper(row, last, decision)
    if row.author.person_id == by.user.person_id:
        raise Forbidden("自己的自查剖析，线下审阅结果须由他人录入。")
    if fold(signer_name) == fold(row.author.name):
        raise Refused("审阅人不能是本人。")
    if not last.submitted_at.astimezone(BEIJING).date() <= signed_on <= by.on:
        raise Refused("签批日期应在提交之日至今天之间。")
    return examination_reviews.write(
        last,
        decision=decision,
        comment=comment,
        ticks=(),
        by=by,
        at=at,
        by_name=signer_name,
        by_post=signer_post,
        recorded_by=by.user,
        signed_on=signed_on,
        scan=scan,
    )
