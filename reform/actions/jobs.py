"""Long work (后台任务): asked for by a page, done by the worker, ending in a file.

A job is a row before it is a message: whoever comes first takes it, a lost message or a killed
worker changes nothing, and running it again has no second effect.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q

from reform.actions import attachments, notices, trail
from reform.errors import Refused
from reform.models import Act, Actor, Attachment, Event, Job, User
from reform.models.job import KEPT, grounds_of
from reform.models.trail import WORKER

State = Job.State
PATIENCE = timedelta(minutes=10)  # without a sign of life: its worker was killed
TRIES = 3
SHORT = timedelta(seconds=5)  # a job that took longer is told to who asked for it
FOLDER = "job-"  # in which a worker makes its file
SAME = timedelta(minutes=1)
DOUBLE_CLICK = timedelta(seconds=3)
SWEPT_AT_ONCE = 200  # files that one tick takes away
LEFT_ALONE = timedelta(days=1)  # no worker takes that long
BEAT = 1.0  # seconds between two signs of life
GIVEN_UP = (
    f"{TRIES}次都没有完成，已停止。请缩小范围后重新申请；若再次出现，请告知管理员，编号 {{}}。"
)
BROKEN = "生成时出错，请重试；若再次出现，请告知管理员，编号 {}。"

Tell = Callable[[int, int], None]  # done, of how many
# Writes the file to the path and returns the name to show.
Make = Callable[[Job, Path, Tell], str]


class OvertakenError(Exception):
    """Another worker has taken the job up, because this one gave no sign of life."""


@dataclass
class Attempt:
    """One try at a job. Every write asks whether the job is still this try's."""

    job: Job
    at: datetime
    began: float

    @property
    def now(self) -> datetime:
        """The moment given at the edge, and the time that went by since."""
        return self.at + timedelta(seconds=monotonic() - self.began)

    def write(self, **facts: Any) -> bool:
        mine = Job.objects.filter(pk=self.job.pk, state=State.RUNNING, tries=self.job.tries)
        return bool(mine.update(**facts))

    def fail(self, fault: str) -> None:
        self.write(state=State.FAILED, fault=fault[:400], ended_at=self.now)

    def teller(self) -> Tell:
        """Return what the maker tells its progress: kept at most once a second."""
        last = monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal last
            if done and monotonic() - last < BEAT:
                return
            last = monotonic()
            if not self.write(done=done, total=total, beat_at=self.now):
                raise OvertakenError(str(self.job.pk))

        return tell


@transaction.atomic
def ask(
    kind: str,
    *,
    facts: Mapping[str, Any],
    by: Actor,
    at: datetime,
    on: date,
    roles: Collection[str] = (),
) -> Job:
    """Put a job down to be done; `facts` say what, `on` is the day it is about.

    `roles` are those that open what the file will hold: it is handed out only while the asker
    holds the duties with them that he holds now.
    """
    job = Job.objects.create(
        kind=kind,
        facts=dict(facts),
        grounds=grounds_of(by, roles),
        asked_by=by.user,
        asked_on=on,
        asked_at=at,
    )
    trail.record(Act.JOB_ASKED, job, by=by, at=at, kind=kind, facts=dict(facts))
    return job


@transaction.atomic
def ask_once(kind: str, *, facts: Mapping[str, Any], by: Actor, at: datetime, **more: Any) -> Job:
    """Return the job that the same person has just asked for in the same words, or a new one.

    A page that downloads stays open with its button, so a form token would refuse the next
    export that is meant; the second click of a double click comes within moments.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=by.user.pk).values_list("pk"))
    unended = Q(state__in=[State.WAITING, State.RUNNING], asked_at__gte=at - SAME)
    just_done = Q(state=State.DONE, ended_at__gte=at - DOUBLE_CLICK)
    grounds = grounds_of(by, more.get("roles", ()))
    for job in Job.objects.filter(unended | just_done, asked_by=by.user, kind=kind).order_by("-pk"):
        if (job.facts, job.grounds) == (dict(facts), grounds):
            return job
    return ask(kind, facts=facts, by=by, at=at, **more)


def sweep(*, at: datetime) -> int:
    """Take away the files of jobs that ended long ago; the row says that it was there.

    The trail keeps what the file was: a ledger that turns up elsewhere is known by its hash.
    """
    old = Job.objects.filter(state=State.DONE, ended_at__lt=at - KEPT).select_related("result")
    swept = 0
    for job in old[:SWEPT_AT_ONCE]:
        with transaction.atomic():
            mine = Job.objects.filter(pk=job.pk, state=State.DONE)
            if job.result and mine.update(state=State.SWEPT, result=None):
                _tell_swept(job, job.result, at=at)
                attachments.drop(job.result)
                swept += 1
    return swept


def _tell_swept(job: Job, file: Attachment, *, at: datetime) -> None:
    trail.record(
        *(Act.JOB_SWEPT, job),
        by=None,
        at=at,
        unknown="系统（定时任务）",
        address=WORKER,
        say=file.name,
        kind=job.kind,
        sha256=file.sha256,
    )


def run(pk: int, make: Make, *, at: datetime) -> bool:
    """Do a job that waits, or whose worker was killed; return whether it was ours to do.

    A Refused ends it with its sentence. Anything else that goes wrong ends it too, and goes on to
    whoever looks after the system. Not one transaction: a long export must not hold others up.
    """
    attempt = _claim(pk, at=at)
    if attempt is None:
        return False
    place = Path(settings.FILE_UPLOAD_TEMP_DIR)
    _sweep(place, at=at)
    with _ending(attempt), TemporaryDirectory(dir=place, prefix=FOLDER) as folder:
        target = Path(folder) / "result"
        name = make(attempt.job, target, attempt.teller())
        _finish(attempt, _keep(target, name, attempt))
    return True


def _sweep(place: Path, *, at: datetime) -> None:
    """Take away what workers that were killed have left: half a ledger, a day old."""
    for left in place.glob(f"{FOLDER}*"):
        if left.stat().st_mtime < (at - LEFT_ALONE).timestamp():
            rmtree(left, ignore_errors=True)


def waiting(*, at: datetime, kinds: tuple[str, ...]) -> list[int]:
    """Return the jobs nobody is working on, oldest first."""
    rows = Job.objects.filter(_claimable(at), kind__in=kinds)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _claimable(at: datetime) -> Q:
    return Q(state=State.WAITING) | Q(state=State.RUNNING, beat_at__lt=at - PATIENCE)


def _claim(pk: int, *, at: datetime) -> Attempt | None:
    """Take the job by compare-and-swap, so that of two workers one gets it."""
    free = Job.objects.filter(_claimable(at), pk=pk)
    free.filter(tries__gte=TRIES).update(state=State.FAILED, fault=GIVEN_UP.format(pk), ended_at=at)
    taken = free.filter(tries__lt=TRIES).update(
        state=State.RUNNING, tries=F("tries") + 1, begun_at=at, beat_at=at, done=0, total=0
    )
    if not taken:
        return None
    job = Job.objects.select_related("asked_by").get(pk=pk)
    return Attempt(job, at, monotonic())


@contextmanager
def _ending(attempt: Attempt) -> Iterator[None]:
    """See to it that the job says how it ended, whatever happens within."""
    is_told = False
    try:
        yield
        is_told = True
    except Refused as refusal:
        attempt.fail(str(refusal))
        is_told = True
    except OvertakenError:
        is_told = True
    finally:
        if not is_told:
            attempt.fail(BROKEN.format(attempt.job.pk))


def _keep(path: Path, name: str, attempt: Attempt) -> Attachment:
    """Store a file of our own making: nothing to check, and never in memory as a whole."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        attachment = Attachment(
            name=attachments.shown_name(name),
            size=path.stat().st_size,
            sha256=sha256,
            content_type=_type_of(name),
            kept_by=attempt.job.asked_by,
            kept_at=attempt.now,
        )
        attachment.file.save(name, File(file), save=False)
    attachment.save()
    return attachment


def _type_of(name: str) -> str:
    ending = name.rpartition(".")[2]
    known = {ending: kind for _, endings in attachments.KINDS for ending, kind in endings.items()}
    return known.get(ending, "application/octet-stream")


def _finish(attempt: Attempt, attachment: Attachment) -> None:
    is_mine = attempt.write(
        state=State.DONE, result=attachment, done=F("total"), ended_at=attempt.now
    )
    if not is_mine:
        attachments.drop(attachment)
        return
    job, at = attempt.job, attempt.now
    if at - job.asked_at > SHORT:  # else he has waited for it
        words = f"{job.get_kind_display()}已生成，可以下载"
        key, url = f"job:{job.pk}", job.get_absolute_url()
        notices.post(
            [job.asked_by], subject=words, key=key, event=Event.JOB, at=at, by=None, url=url
        )
