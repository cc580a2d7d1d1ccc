"""Who reads an examination, as rows: by rule when it is submitted, by assignment, by following one
who has left (阅看人). The author is always told first.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from campaigns import policy
from campaigns.actions import reviewers
from campaigns.models import Act, Examination, Reader, Submission, answers
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Duty, Event, Role, User
from reform.models.organization import within

Basis = Reader.Basis
# Whom the author was told of beside the rule: they go on reading.
BESIDE = (Basis.ASSIGNED, Basis.SUCCESSOR, Basis.TEAM)
DAY = timedelta(days=1)
LOOK_BACK = timedelta(days=730)  # SOD-05: 24 months
ASSIGNABLE = (Role.INSPECTOR, Role.LEADER)
LONGEST = timedelta(days=60)  # as an assignment to a review (docs/decisions/0005)


def waiting_key(submission: Submission) -> str:
    return f"examination:{submission.examination_id}:{submission.number}:waiting"


def sheet_of(row: Examination, *, on: date) -> answers.Sheet:
    """Return what is being written as a sheet; nothing is 仅班子 for who leads nothing."""
    sheet = answers.frozen(row.checklist, row.content)
    if sheet["team_only"] and reviewers.team_of(row.author, row.campaign, on=on) is None:
        sheet["team_only"] = []
    return sheet


def promised(row: Examination, seating: reviewers.Seating, *, on: date) -> list[dict[str, str]]:
    """Return who will read it, in words: by rule, and those of whom the author was told before."""
    named = {seat.person.pk for seat in seating.seats}
    others = row.readers.in_force(on).filter(basis__in=BESIDE).exclude(person__in=named)  # type: ignore[attr-defined]
    return [seat.promise for seat in seating.seats] + [
        {"name": one.person.name, "post": one.person.post, "words": one.words}
        | ({"part": "whole" if _reads_whole(one, seating) else "beside"} if seating.team else {})
        for one in others.select_related("person")
    ]


def _reads_whole(reader: Reader, seating: reviewers.Seating) -> bool:
    if reader.basis == Basis.ASSIGNED:
        return reader.whole
    return seating.team is not None and reader.organization_id == seating.team.pk


def seat(row: Examination, seating: reviewers.Seating, *, on: date, at: datetime) -> None:
    """Make the rows by which they read. Who read by rule and is no longer named reads no more;
    whom the author was told of beside the rule goes on, and reads 仅班子 only by the team's seat.
    """
    seats = {one.person.pk: one for one in seating.seats}
    standing = row.readers.filter(until=None)
    standing.exclude(person__in=seats).exclude(basis__in=BESIDE).update(until=on - DAY)
    if seating.team:
        beside = standing.filter(basis__in=BESIDE).exclude(organization=seating.team)
        beside.update(whole=False)
    known = {one.person_id: one for one in row.readers.filter(until=None)}
    for pk, one in seats.items():
        if pk in known:
            known[pk].whole = one.part != "branch"
            known[pk].save(update_fields=["whole"])
    Reader.objects.bulk_create(
        reader_of(row, one, on=on, at=at) for pk, one in seats.items() if pk not in known
    )


def reader_of(row: Examination, seat: reviewers.Seat, *, on: date, at: datetime) -> Reader:
    return Reader(
        examination=row,
        person=seat.person,
        basis=seat.right,
        words=seat.words[:200],
        role=seat.duty.role,
        organization=seat.duty.organization,
        since=on,
        told_at=at,
        whole=seat.part != "branch",
    )


def tell_author(
    row: Examination, readers: Iterable[Reader], *, by: Actor | None, at: datetime
) -> None:
    """Tell the author who is going to read what he has submitted, and why."""
    for one in readers:
        notices.post(
            [row.author],
            subject=f"{one.person.name}（{one.words}）将阅看您已提交的自查剖析",
            key=f"examination:{row.pk}:reader:{one.pk}",
            event=Event.EXAMINATION,
            at=at,
            by=by,
            url=row.get_absolute_url(),
        )


@transaction.atomic
def assign(
    examination: Examination,
    *,
    person: User,
    reason: str,
    until: date,
    whole: bool = False,
    by: Actor,
    at: datetime,
) -> Reader:
    """Let an inspector or a leader read what somebody has submitted, until a day. The author is
    told with the reason; only that opens the text.

    Raises Forbidden outside the leader's part of the tree, for his own text, and for himself.
    """
    row = examination.locked()
    policy.require_here(by, "se.assign", row.organization)
    if row.author.person_id in by.persons:
        raise Forbidden("本人的自查剖析由谁阅看，不能由本人指派，也不能由受其委托的人指派。")
    if not by.on <= until <= by.on + LONGEST:
        raise Refused(f"指派的期限从今天起，最长{LONGEST.days}天。")
    duty = _eligible(person, row, by=by)
    made = Reader.objects.create(
        examination=row,
        person=person,
        basis=Basis.ASSIGNED,
        words=f"{by.user.name}指派：{reason}"[:200],
        role=duty.role,
        organization=duty.organization,
        since=by.on,
        until=until,
        told_at=at,
        whole=whole,
        assigned_by=by.user,
    )
    part = "全文" if whole else "不含仅班子部分"
    say = f"{row}，{person.name}，至{until.month}月{until.day}日，{part}"
    trail.record(Act.EXAMINATION_ASSIGNED, row, by=by, at=at, say=say, quote=reason)
    tell_author(row, [made], by=by, at=at)
    notices.post(
        [person],
        subject=f"{by.user.name}指派您阅看{row.author.name}的自查剖析",
        key=assigned_key(made),
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
    return made


def assigned_key(reader: Reader) -> str:
    return f"examination:{reader.examination_id}:assigned:{reader.pk}"


def _eligible(person: User, row: Examination, *, by: Actor) -> Duty:
    """Return the duty by which he reads, with which the assignment ends; or say why not him."""
    if person.person_id in by.persons:
        raise Forbidden("不能指派自己阅看，也不能指派委托您的人，请由其他领导指派。")
    if person.person_id == row.author.person_id:
        raise Refused("不能指派本人阅看自己的自查剖析（包括本人的其他账号）。")
    if not row.standing().exists():
        raise Refused("这份自查剖析目前没有提交的内容，不能指派阅看。")
    if not notices.reads(person):
        raise Refused(f"“{person}”没有启用的账号，不能阅看，请另选一人。")
    held = Duty.objects.in_force(by.on).filter(user=person, role__in=ASSIGNABLE)
    duties = sorted(held.select_related("organization"), key=_inspectors_first)
    if not duties:
        raise Refused(f"“{person}”不是纪检人员或领导，不能指派阅看自查剖析。")
    if duties[0].role == Role.INSPECTOR:
        _require_outside(person, row, on=by.on)
    running = row.readers.in_force(by.on).filter(person__in=User.objects.of_person(person))  # type: ignore[attr-defined]
    if known := running.first():
        raise Refused(f"{known}已经可以阅看，不需要再指派。")
    return duties[0]


def _inspectors_first(duty: Duty) -> tuple[bool, int]:
    return duty.role != Role.INSPECTOR, duty.pk


def _require_outside(person: User, row: Examination, *, on: date) -> None:
    """SOD-05: no inspector of where he belongs or has belonged in 24 months, over all accounts."""
    served = Duty.objects.filter(
        within(row.organization.path, "organization__path"),
        user__in=User.objects.of_person(person),
        since__lte=on,
    ).exclude(until__lt=on - LOOK_BACK)
    if served.exists():
        raise Refused(f"{person}近24个月内在“{row.organization}”任职，须回避，请另选一人。")


@transaction.atomic
def end(reader: Reader, *, by: Actor, at: datetime) -> Reader:
    """End an assignment before its day: from now on he opens nothing of it."""
    row = reader.examination.locked()
    policy.require_here(by, "se.assign", row.organization)
    if row.author.person_id in by.persons:
        raise Forbidden("本人的自查剖析由谁阅看，不能由本人办理，也不能由受其委托的人办理。")
    now = Reader.objects.get(pk=reader.pk)
    if now.basis != Basis.ASSIGNED:
        raise Refused("按规定阅看的人不能在这里结束。")
    if now.until is not None and now.until < by.on:
        raise Refused("这项指派已经结束。")
    now.until = by.on - DAY
    now.save(update_fields=["until"])
    trail.record(Act.EXAMINATION_ASSIGNMENT_ENDED, row, by=by, at=at, say=f"{row}，{now.person}")
    notices.settle(assigned_key(now), at=at)
    notices.post(
        [row.author],
        subject=f"{now.person.name}不再阅看您的自查剖析（指派已结束）",
        key=f"examination:{row.pk}:assigned:{now.pk}:ended",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
    return now
