"""Onto the ledger (查摆问题入账): what somebody found in himself becomes a problem with a number.

The secretary picks; each row stands or falls by itself. They stay the person's own (个人): who
wrote it is who drafted it, set its measures and answers for it, so that nobody comes to read it by
having pressed the button (decision 0029).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Examination, Finding
from campaigns.models.checklist import source_of
from rectification import policy
from rectification.actions import problem_words, registrations, requirements
from rectification.actions.problems import fingerprint
from rectification.models import Act, Measure, Problem, ProblemPerson, found
from reform.actions import notices, trail, tree
from reform.errors import Forbidden, Refused
from reform.models import Actor, Event, Organization

SOURCE = "自己找"
DUPLICATE = "这条问题已入账（{}），不会重复登记。"


@dataclass(frozen=True)
class Result:
    """What became of one finding: its problem, or why there is none."""

    finding: Finding
    problem: Problem | None = None
    refused: str = ""


@transaction.atomic
def take_in(findings: Sequence[Finding], *, by: Actor, at: datetime) -> list[Result]:
    """Put each of the findings onto the ledger, registered; one refusal stops no other row.

    The examinations are locked first, all in one order: of two secretaries at once the second
    finds them taken. Each author is told once what of his was taken.
    """
    keys = {row.submission.examination_id for row in findings}
    list(Examination.to_lock(keys).values_list("pk"))
    seen = found.of_his_branch(by).filter(pk__in=[row.pk for row in findings])
    readable = {row.pk: row for row in seen.select_related(*found.WHOLE)}
    results = [_take(row, readable.get(row.pk), by=by, at=at) for row in findings]
    _tell([one for one in results if one.problem], by=by, at=at)
    return results


def _take(asked: Finding, finding: Finding | None, *, by: Actor, at: datetime) -> Result:
    try:
        with transaction.atomic():
            if finding is None:
                raise Forbidden("只有本人所在党组织的书记能将查摆的问题入账。")
            return Result(finding, _put_on_ledger(finding, by=by, at=at))
    except Refused as refusal:
        return Result(finding or asked, refused=str(refusal))


def _put_on_ledger(finding: Finding, *, by: Actor, at: datetime) -> Problem:
    row = finding.submission.examination
    place = _place_of(finding)
    policy.require_here(by, "fd.take", place)
    if known := Problem.objects.filter(finding=finding).first():
        raise Refused(DUPLICATE.format(known))
    if not finding.is_read:  # type: ignore[attr-defined]  # annotated
        raise Refused("请先打开这份自查剖析看过原文，再入账。")
    requirements.require_open(row.campaign)
    requirements.require_joined(row.campaign, place)
    if not row.author.is_active:
        raise Refused(f"{row.author}的账号已停用，不再登记其个人问题。")
    problem = _draft(finding, tree.held(place, on=by.on), at=at)
    if lacking := requirements.lacking_to_register(problem):
        raise Refused(f"入账还缺：{'、'.join(lacking)}。")
    problem.save()
    _write_lists(problem, finding)
    problem_words.keep([problem])
    trail.record(Act.TAKEN_IN, problem, by=by, at=at, say=f"{row}，第{finding.position}项")
    return registrations.register(problem, by=by, at=at)


def _place_of(finding: Finding) -> Organization:
    """Return where it is filed: where he belonged when he submitted, or what took that over; what
    he marked 仅班子, where the leading team is, so that the branch reads no word of it."""
    row = finding.submission.examination
    place = row.team if finding.team_only and row.team else row.organization
    return place.succeeded_by or place


def _draft(finding: Finding, place: Organization, *, at: datetime) -> Problem:
    row = finding.submission.examination
    submitted_on = timezone.localdate(finding.submission.submitted_at)
    return Problem(
        campaign=row.campaign,
        organization=place,
        path=place.path,
        source=source_of(SOURCE, list(row.campaign.sources.all())),
        source_text=SOURCE,
        found_on=submitted_on,
        description=finding.manifestation,
        cause=finding.cause,
        owner_kind=Problem.OwnerKind.PERSONAL,
        entry=Problem.Entry.EXAMINATION,
        finding=finding,
        fingerprint=fingerprint(finding.manifestation),
        drafted_by=row.author,
        drafted_at=at,
    )


def _write_lists(problem: Problem, finding: Finding) -> None:
    author = finding.submission.examination.author
    if finding.item:
        problem.items.set([finding.item])
    ProblemPerson.objects.create(
        problem=problem,
        part=ProblemPerson.Part.RESPONSIBLE,
        user=author,
        name=author.name[:40],
    )
    Measure.objects.bulk_create(
        Measure(
            problem=problem,
            position=place,
            text=text,
            person_name=author.name,
            author=author,
            author_name=author.name,
            entered_by=author,
        )
        for place, text in enumerate(finding.measures, start=1)
    )


def _tell(taken: Iterable[Result], *, by: Actor, at: datetime) -> None:
    """Tell each author how many of his were taken; none of their words."""
    theirs: dict[Examination, list[Finding]] = {}
    for one in taken:
        theirs.setdefault(one.finding.submission.examination, []).append(one.finding)
    notices.post_each(
        (
            notices.Letter(
                [row.author],
                f"您自查发现的{len(some)}个问题已列入台账（个人问题），请查看并整改",
                f"findings:{row.pk}:{min(one.pk for one in some)}",
                reverse("findings-mine"),
                Event.EXAMINATION,
            )
            for row, some in theirs.items()
        ),
        at=at,
        by=by,
    )
