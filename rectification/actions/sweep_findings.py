"""Onto the ledger (排查问题入账): what an organization found by sweeping becomes its problem.

As with what people found in themselves (actions/findings.py): each row stands or falls by itself.
These are the unit's (单位), and whoever presses has filed them; the measure is of the person named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Sweep, SweepFinding
from campaigns.models.checklist import source_of
from rectification import policy
from rectification.actions import people, problem_words, registrations, requirements
from rectification.actions.findings import DUPLICATE, SOURCE
from rectification.actions.problems import fingerprint
from rectification.models import Act, Measure, Problem, SweepProblem, sweep_found
from reform import deadlines
from reform.actions import trail, tree
from reform.errors import Forbidden, Refused
from reform.models import Actor


@dataclass(frozen=True)
class Result:
    """What became of one finding: its problem, or why there is none."""

    finding: SweepFinding
    problem: Problem | None = None
    refused: str = ""


@transaction.atomic
def take_in(findings: Sequence[SweepFinding], *, by: Actor, at: datetime) -> list[Result]:
    """Put each of the findings onto the ledger, registered; one refusal stops no other row.

    The sheets are locked first, all in one order: of two at once the second finds them taken.
    """
    list(Sweep.to_lock({row.submission.sweep_id for row in findings}).values_list("pk"))
    seen = sweep_found.of_his_unit(by).filter(pk__in=[row.pk for row in findings])
    ours = {row.pk: row for row in seen.select_related(*sweep_found.WHOLE)}
    return [_take(row, ours.get(row.pk), by=by, at=at) for row in findings]


def _take(asked: SweepFinding, finding: SweepFinding | None, *, by: Actor, at: datetime) -> Result:
    try:
        with transaction.atomic():
            if finding is None:
                raise Forbidden("排查发现的问题由填报单位的书记或联络员入账。")
            return Result(finding, _put_on_ledger(finding, by=by, at=at))
    except Refused as refusal:
        return Result(finding or asked, refused=str(refusal))


def _put_on_ledger(finding: SweepFinding, *, by: Actor, at: datetime) -> Problem:
    sweep = finding.submission.sweep
    place = tree.held(sweep.organization.succeeded_by or sweep.organization, on=by.on)
    policy.require_here(by, "sw.take", place)
    if known := SweepProblem.objects.filter(finding=finding).select_related("problem").first():
        raise Refused(DUPLICATE.format(known.problem))
    requirements.require_open(sweep.campaign)
    requirements.require_joined(sweep.campaign, place)
    problem = Problem(
        campaign=sweep.campaign,
        organization=place,
        path=place.path,
        source=source_of(SOURCE, list(sweep.campaign.sources.all())),
        source_text=f"{SOURCE}（风险排查：{sweep.title[:60]}）",
        found_on=timezone.localdate(finding.submission.at),
        description=_description(finding),
        cause=finding.cause,
        owner_kind=Problem.OwnerKind.UNIT,
        severity=finding.severity,
        entry=Problem.Entry.SWEEP,
        drafted_by=by.user,
        drafted_at=at,
        **_deadline(finding, by=by),
    )
    problem.fingerprint = fingerprint(problem.description)
    if lacking := requirements.lacking_to_register(problem):
        raise Refused(f"入账还缺：{'、'.join(lacking)}。")
    problem.save()
    SweepProblem.objects.create(finding=finding, problem=problem)
    _write_lists(problem, finding, by=by)
    problem_words.keep([problem])
    say = f"{finding.submission}，第{finding.position}项"
    trail.record(Act.SWEEP_TAKEN_IN, problem, by=by, at=at, say=say)
    return registrations.register(problem, by=by, at=at)


def _description(finding: SweepFinding) -> str:
    """The object stands before what was found there, unless the text names it itself."""
    name = finding.swept.partition("：")[2]
    text = finding.manifestation
    return text if name in text else f"{name}：{text}"


def _deadline(finding: SweepFinding, *, by: Actor) -> dict[str, Any]:
    """Return the columns of a deadline as it was written; one that is none waits to be filled."""
    said = deadlines.read(finding.due_text, year=by.on.year, on=by.on)
    facts: dict[str, Any] = {"due_text": finding.due_text}
    if said.fault or said.doubt:
        return facts
    return facts | {
        "due_kind": said.kind,
        "due_on": said.due_on,
        "due_days": said.days,
        "due_workdays": said.workdays,
        "review_on": said.review_on,
        "then_standing": said.then_standing,
    }


def _write_lists(problem: Problem, finding: SweepFinding, *, by: Actor) -> None:
    if finding.item:
        problem.items.set([finding.item])
    directory = people.Directory.of(problem.organization, on=by.on)
    names = [finding.who] if finding.who else []
    for row in directory.people_of(problem, leaders=[], persons=names, chosen={}):
        row.save()
    if finding.measure:
        Measure.objects.create(
            problem=problem,
            position=1,
            text=finding.measure,
            person_name=finding.who,
            author=directory.member(finding.who) if finding.who else None,
            author_name=finding.who,
            entered_by=by.user,
        )
