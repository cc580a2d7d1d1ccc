"""The auditor's jobs (留痕导出、留痕校验): asked for by a page, made at once or by the worker."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic

from django.db.models import Sum

from reform import policy
from reform.actions import jobs, seal_checks, trail
from reform.errors import Refused
from reform.exports import trail as sheet
from reform.models import Act, Actor, Job, TrailEntry, TrailSeal
from reform.models.trail import WORKER
from reform.models.trail_search import TrailSearch

KINDS = (Job.Kind.TRAIL_EXPORT, Job.Kind.TRAIL_CHECK)
MOST = 1_000_000  # rows a sheet holds, nearly
AT_ONCE = 2_000  # entries that are written while one waits
CHECKED_AT_ONCE = 20_000
TOO_MANY = f"查到的留痕超过{MOST:,}条，一张工作表放不下。请缩小时间范围，分次导出。"


def ask_export(search: TrailSearch, *, by: Actor, at: datetime) -> tuple[Job, bool]:
    """Put an export down to be made; return it, and whether it is short enough to wait for."""
    policy.require(by, "au.export")
    facts = {"search": search.to_json(), "words": search.in_words()}
    job = jobs.ask(Job.Kind.TRAIL_EXPORT, facts=facts, by=by, at=at, on=by.on)
    rows = search.rows(by).order_by().values("pk")
    return job, rows[: AT_ONCE + 1].count() <= AT_ONCE


def ask_check(*, by: Actor, at: datetime) -> tuple[Job, bool]:
    """Put a check of all seals down to be done; return it, and whether it is a short one."""
    policy.require(by, "au.verify")
    job = jobs.ask(Job.Kind.TRAIL_CHECK, facts={}, by=by, at=at, on=by.on)
    sealed = TrailSeal.objects.aggregate(total=Sum("count"))["total"] or 0
    return job, sealed <= CHECKED_AT_ONCE


def run(job_id: int, *, at: datetime) -> bool:
    return jobs.run(job_id, partial(_make, at=at), at=at)


def run_waiting(*, at: datetime) -> int:
    """Do what nobody has taken up, one after the other; return how many."""
    began, done = monotonic(), 0
    for job_id in jobs.waiting(at=at, kinds=KINDS):
        done += run(job_id, at=at + timedelta(seconds=monotonic() - began))
    return done


def _make(job: Job, target: Path, tell: jobs.Tell, *, at: datetime) -> str:
    actor = Actor.of(job.asked_by, on=job.asked_on, address=WORKER)
    make = _export if job.kind == Job.Kind.TRAIL_EXPORT else _check
    return make(job, target, tell, actor=actor, at=at)


def _export(job: Job, target: Path, tell: jobs.Tell, *, actor: Actor, at: datetime) -> str:
    policy.require(actor, "au.export")
    # As it stood when it was asked for: nothing written since, not even about the export itself.
    rows = TrailSearch.of(job.facts["search"]).rows(actor).filter(at__lte=job.asked_at)
    total = rows.order_by().values("pk")[: MOST + 1].count()
    if total > MOST:
        raise Refused(TOO_MANY)
    words = job.facts["words"]
    sheet.write(rows, target, total=total, words=words, exporter=actor.user.name, at=at, tell=tell)
    trail.record(
        *(Act.TRAIL_EXPORTED, job), by=actor, at=at, say=f"{words}，{total}条", count=total
    )
    return f"操作留痕_截至{job.asked_on:%Y%m%d}.xlsx"


def _check(job: Job, target: Path, tell: jobs.Tell, *, actor: Actor, at: datetime) -> str:
    policy.require(actor, "au.verify")
    result = seal_checks.check(at=at, tell=tell)
    said = result.sentences()
    target.write_text("\r\n".join(said), encoding="utf-8-sig")
    trail.record(Act.TRAIL_VERIFIED, job, by=actor, at=at, say=said[0], result=said)
    return f"留痕校验结果_{job.asked_on:%Y%m%d}.txt"


def last_check() -> TrailEntry | None:
    """Return the entry that the latest check left, with its result in the detail."""
    checks = TrailEntry.objects.filter(act=Act.TRAIL_VERIFIED)
    return checks.newest_first().first()
