"""Nobody's text waits for a person who is gone (审阅人变动): what was submitted and is not decided
goes to whoever the rule names now. The author is told first; what he was promised stays written.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.actions import reviewers
from campaigns.actions.examination_readers import DAY, reader_of, waiting_key
from campaigns.models import Act, Campaign, Examination, PartVerdict, Reader, Submission
from reform.actions import notices, trail
from reform.models import Delegation, Duty, Event
from reform.models.trail import WORKER

MOST = 500  # in one tick; the rest with the next
SYSTEM = "系统（定时任务）"
WITHOUT = {True: "转线下审阅", False: "由全文审阅人一并审阅"}
Part = PartVerdict.Part


def gone(on: date) -> QuerySet[Reader]:
    """Return the readers by rule who cannot decide any more: the duty they read by is over, or the
    account is closed. Whom a leader assigned is not waited for."""
    held = Duty.objects.in_force(on).filter(
        user=OuterRef("person"), role=OuterRef("role"), organization=OuterRef("organization")
    )
    lent = Delegation.objects.in_force(on).filter(
        delegate=OuterRef("person"),
        duty__in=Duty.objects.in_force(on).order_by().values("pk"),
        duty__role=OuterRef("role"),
        duty__organization=OuterRef("organization"),
    )
    rows = Reader.objects.filter(until=None).exclude(basis=Reader.Basis.ASSIGNED)
    closed = Q(person__is_active=False) | Q(person__username=None)
    return rows.filter(closed | ~Exists(held) & ~Exists(lent))


def waiting(on: date) -> QuerySet[Examination]:
    """Return what waits for a verdict, and a reader of which is gone; of open campaigns."""
    rows = Examination.objects.filter(
        status=Examination.Status.SUBMITTED, campaign__in=Campaign.objects.open()
    )
    return rows.filter(Exists(gone(on).filter(examination=OuterRef("pk")))).order_by("pk")


def follow_all(*, at: datetime, on: date) -> int:
    """Give each to those who follow; return how many there were. Run again, it changes nothing."""
    rows = list(waiting(on)[:MOST])
    for row in rows:
        follow(row, at=at, on=on)
    return len(rows)


@dataclass(frozen=True)
class Open:
    """Which part of a text nobody is left for."""

    whole: bool
    branch: bool

    @classmethod
    def of(cls, row: Examination, last: Submission) -> "Open":
        given = set(last.part_verdicts.values_list("part", flat=True))
        left = set(row.readers.filter(until=None).values_list("whole", flat=True))
        on_paper = last.on_paper or row.paper_since is not None
        return cls(
            whole=Part.WHOLE not in given and True not in left and not on_paper,
            branch=last.is_split and Part.BRANCH not in given and False not in left,
        )


@transaction.atomic
def follow(examination: Examination, *, at: datetime, on: date) -> list[Reader]:
    """End the readers who are gone, and name those who follow; where nobody does, it goes the
    paper way. Returns who was named."""
    row = examination.locked()
    last = row.standing().last()
    if row.status != Examination.Status.SUBMITTED or last is None:
        return []
    left = list(gone(on).filter(examination=row).select_related("person"))
    Reader.objects.filter(pk__in=[one.pk for one in left]).update(until=on - DAY)
    lacks = Open.of(row, last)
    if not (lacks.whole or lacks.branch):
        return []
    names = "、".join(one.person.name for one in left)
    seats = [one for one in _seating(row, last, on=on).seats if _is_wanted(one, lacks)]
    made = [_seated(row, seat, at=at, on=on) for seat in seats]
    for one in made:
        _tell(row, last, one, names, at=at)
    if lacks.whole and not any(one.whole for one in made):
        row.paper_since = at
        row.save(update_fields=["paper_since"])
        _tell_paper(row, names, at=at)
    elif not made:
        _ask_again(row, last, at=at)
    who = "、".join(one.person.name for one in made)
    now = f"改由{who}审阅" if made else WITHOUT[lacks.whole]
    say = f"{row}，{names}不再履职，{now}"
    trail.record(
        Act.EXAMINATION_RESEATED, row, by=None, at=at, unknown=SYSTEM, address=WORKER, say=say
    )
    return made


def _seated(row: Examination, seat: reviewers.Seat, *, at: datetime, on: date) -> Reader:
    """Return his row, kept: a new one, or the one he has, by which he reads that part from now."""
    known = row.readers.filter(until=None, person=seat.person).first()
    one = known or reader_of(row, seat, on=on, at=at)
    one.whole = one.whole or seat.part != Part.BRANCH
    one.save()
    return one


def _seating(row: Examination, last: Submission, *, on: date) -> reviewers.Seating:
    place = row.organization.succeeded_by or row.organization
    return reviewers.seating(
        row.author,
        place,
        last.content,
        campaign=row.campaign,
        on=on,
        but=last.recorded_by if last.signed_on else None,
    )


def _is_wanted(seat: reviewers.Seat, lacks: Open) -> bool:
    return lacks.branch if seat.part == Part.BRANCH else lacks.whole


def _tell(row: Examination, last: Submission, one: Reader, gone: str, *, at: datetime) -> None:
    notices.post(
        [row.author],
        subject=f"{gone}不再履职，改由{one.person.name}（{one.words}）审阅您已提交的自查剖析",
        key=f"examination:{row.pk}:reader:{one.pk}",
        event=Event.EXAMINATION,
        at=at,
        by=None,
        url=row.get_absolute_url(),
    )
    notices.post(
        [one.person],
        subject=f"{row.author.name}提交的自查剖析改由您审阅",
        key=waiting_key(last),
        event=Event.EXAMINATION,
        at=at,
        by=None,
        url=row.get_absolute_url(),
    )


def _ask_again(row: Examination, last: Submission, *, at: datetime) -> None:
    """The branch's seat is now his who reads the whole: only his acceptance is waited for."""
    whole = row.readers.filter(until=None, whole=True).select_related("person")
    notices.post(
        [one.person for one in whole],
        subject=f"{row.author.name}的自查剖析，党支部部分也由您审阅，请办理",
        key=f"{waiting_key(last)}:again",
        event=Event.EXAMINATION,
        at=at,
        by=None,
        url=row.get_absolute_url(),
    )


def _tell_paper(row: Examination, gone: str, *, at: datetime) -> None:
    notices.post(
        [row.author],
        subject=f"{gone}不再履职，您已提交的自查剖析改由上级线下审阅",
        key=f"examination:{row.pk}:paper:{int(at.timestamp())}",
        event=Event.EXAMINATION,
        at=at,
        by=None,
        url=row.get_absolute_url(),
    )
