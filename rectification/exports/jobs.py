"""Exports as jobs (导出任务): what a ledger page asks for, made by whoever has time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from rectification.exports import ledger, scope
from rectification.exports.cover import Cover, file_name, signers_of
from rectification.models import Act
from reform.actions import jobs, trail
from reform.errors import Forbidden
from reform.models import Actor, Job, Organization
from reform.models.trail import WORKER
from reform.text import key_of

KINDS = {"printed": Job.Kind.LEDGER_PRINTED, "data": Job.Kind.LEDGER_DATA}
VARIANTS = {kind: variant for variant, kind in KINDS.items()}
TABLE = "问题整改台账"


def ask(variant: str, *, params: Mapping[str, Sequence[str]], by: Actor, at: datetime) -> Job:
    """Put an export down to be made: `params` are the filters of the ledger page."""
    _require(by)
    facts = {"params": {name: list(values) for name, values in params.items()}}
    return jobs.ask(KINDS[variant], facts=facts, by=by, at=at, on=by.on)


def run(job_id: int, *, at: datetime) -> bool:
    """Make the file of one export; return whether it was ours to make."""
    return jobs.run(job_id, partial(_make, at=at), at=at)


def run_waiting(*, at: datetime) -> int:
    """Make what nobody has taken up, one after the other; return how many."""
    began, done = monotonic(), 0
    for job_id in jobs.waiting(at=at, kinds=tuple(VARIANTS)):
        done += run(job_id, at=at + timedelta(seconds=monotonic() - began))
    return done


def _require(actor: Actor) -> None:
    if not scope.may_export(actor):
        raise Forbidden("您没有导出台账的权限。")


def _make(job: Job, target: Path, tell: jobs.Tell, *, at: datetime) -> str:
    """Write the rows the asker may take out now, with the duties of the day he asked."""
    actor = Actor.of(job.asked_by, on=job.asked_on, address=WORKER)
    _require(actor)
    params: dict[str, Any] = job.facts.get("params", {})
    problems = scope.asked_for(actor, params)
    unit = _reporting_unit(actor, params)
    cover = Cover(
        title=title_of(problems),
        reporting_unit=str(unit or ""),
        on=job.asked_on,
        at=at,
        exporter=actor.user.name,
        filters=scope.in_words(params, problems),
        signers=signers_of(unit, on=job.asked_on, filled_by=actor.user) if unit else {},
    )
    variant = VARIANTS[Job.Kind(job.kind)]
    count = ledger.write(problems, target, variant=variant, cover=cover, tell=tell)
    trail.record(
        Act.EXPORTED, job, by=actor, at=at, say=f"{cover.title}，{count}项", filters=cover.filters
    )
    # What goes to the superior bears the plain name; the other must not be taken for it.
    table = f"{cover.title}（数据版）" if variant == "data" else cover.title
    return file_name(cover.reporting_unit, table, on=cover.on)


def _reporting_unit(actor: Actor, params: Mapping[str, Sequence[str]]) -> Organization | None:
    """填报单位: the organization that was filtered by, else the asker's own."""
    chosen = str((params.get("organization") or [""])[-1])
    return Organization.objects.filter(pk=key_of(chosen)).first() or actor.home


def title_of(problems: Any) -> str:
    """Name the campaign where all rows are of one."""
    titles = problems.order_by().values_list("campaign__title", flat=True).distinct()[:2]
    return f"{titles[0]}{TABLE}" if len(titles) == 1 else TABLE
