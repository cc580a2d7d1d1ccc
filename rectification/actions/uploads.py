"""Workbooks on their way onto the ledger: received, corrected, kept as drafts, registered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns.models import Campaign
from rectification import policy
from rectification.actions import people, problem_words, problems, registrations, requirements
from rectification.models import (
    Act,
    Measure,
    Problem,
    ProblemDepartment,
    ProblemPerson,
    Upload,
)
from reform.actions import attachments, trail, tree
from reform.errors import Refused
from reform.models import Actor, Attachment, Organization, User

BATCH = 500


@dataclass(frozen=True)
class NewRow:
    """One row that passed every check, in the shape of the ledger. `facts` are columns of it."""

    line: int
    organization: Organization
    facts: Mapping[str, Any]
    items: Sequence[Any] = ()
    leaders: Sequence[str] = ()
    persons: Sequence[str] = ()
    departments: Sequence[str] = ()
    cooperating: Sequence[str] = ()
    chosen: Mapping[str, int] = field(default_factory=dict)
    # text, person_name, due_on
    measures: Sequence[tuple[str, str, date | None]] = ()


@transaction.atomic
def receive(
    campaign: Campaign,
    *,
    organization: Organization,
    attachment: Attachment,
    reading: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> Upload:
    """Note a workbook and what was understood of it. Nothing is on the ledger yet."""
    policy.require_here(by, "pb.import", organization)
    requirements.require_open(campaign)
    requirements.require_joined(campaign, organization)
    upload = Upload.objects.create(
        campaign=campaign,
        organization=organization,
        attachment=attachment,
        sha256=attachment.sha256,
        by=by.user,
        at=at,
        reading=dict(reading),
    )
    trail.record(Act.UPLOADED, upload, by=by, at=at)
    return upload


def read(upload: Upload, *, by: Actor, at: datetime) -> Attachment:
    """Hand out the workbook as it was sent; the download is in the trail."""
    trail.record(Act.UPLOAD_READ, upload, by=by, at=at)
    return upload.attachment


@transaction.atomic
def correct(
    upload: Upload,
    *,
    corrections: Mapping[str, Any],
    reading: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> Upload:
    """Keep what the user corrected, and what is understood with it."""
    upload = _locked(upload, by=by)
    upload.corrections, upload.reading = dict(corrections), dict(reading)
    upload.save(update_fields=["corrections", "reading"])
    trail.record(Act.UPLOAD_CORRECTED, upload, by=by, at=at)
    return upload


@transaction.atomic
def discard(upload: Upload, *, by: Actor, at: datetime) -> None:
    """Take away a workbook that was sent by mistake; nothing of it is on the ledger."""
    upload = _locked(upload, by=by)
    trail.record(Act.UPLOAD_DISCARDED, upload, by=by, at=at)
    attachment = upload.attachment
    upload.delete()
    transaction.on_commit(lambda: attachments.drop(attachment))


def _locked(upload: Upload, *, by: Actor) -> Upload:
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    policy.require_here(by, "pb.import", upload.organization)
    if upload.state == Upload.State.KEPT:
        raise Refused("这份文件已经保存为草稿，不能重复保存。")
    return upload


def kept_before(upload: Upload) -> Upload | None:
    """Return the earlier import of the very same file, if it was kept."""
    same = Upload.objects.filter(
        campaign=upload.campaign, organization=upload.organization, sha256=upload.sha256
    )
    return same.filter(state=Upload.State.KEPT).exclude(pk=upload.pk).first()


@transaction.atomic
def keep(upload: Upload, *, rows: Sequence[NewRow], by: Actor, at: datetime) -> list[Problem]:
    """Make drafts of the rows, all of them or none.

    Rows whose organization already has the same problem in the campaign are left out by the
    caller's check; what came in since then, and the same file twice, is refused here.
    """
    upload = _locked(upload, by=by)
    sender = by.behalf  # whose duty lets him keep the workbook itself
    requirements.require_open(upload.campaign)
    if not rows:
        raise Refused("没有可以保存的行，请先更正标出的问题。")
    places = {row.organization.pk: row.organization for row in rows}
    lent: dict[int, User | None] = {}  # in whose place the rows of each organization are filed
    for place in places.values():
        policy.require_here(by, "pb.create", place)
        lent[place.pk] = by.behalf
        requirements.require_joined(upload.campaign, place)
    for row in rows:
        requirements.require_found(row.facts.get("found_on"), on=by.on)
        personal = row.facts.get("owner_kind") == Problem.OwnerKind.PERSONAL
        if personal and not policy.may_file_personal(by, row.organization):
            raise Refused(requirements.PERSONAL)
    now = tree.all_held(places.values(), on=by.on)
    _refuse_known(upload, rows)
    upload.state, upload.kept_at = Upload.State.KEPT, at
    try:
        with transaction.atomic():
            upload.save(update_fields=["state", "kept_at"])
    except IntegrityError as error:
        raise Refused("同一份文件已经导入过，没有重复添加。") from error
    made = [_new(upload, row, now[row.organization.pk], by=by, at=at) for row in rows]
    Problem.objects.bulk_create(made, batch_size=BATCH)
    _make_children(made, rows, by=by)
    problem_words.keep(made)
    for person in dict.fromkeys(lent.values()):
        by.acts_for(person)
        mine = [problem for problem in made if lent[problem.organization_id] == person]
        trail.record_many(
            Act.DRAFTED,
            mine,
            by=by,
            at=at,
            say=[f"导入{upload}"] * len(mine),
            quote=[problem.description[:60] for problem in mine],
            upload=upload.pk,
        )
    by.acts_for(sender)
    trail.record(Act.KEPT, upload, by=by, at=at, say=f"{upload}，{len(made)}条")
    return made


def _refuse_known(upload: Upload, rows: Sequence[NewRow]) -> None:
    """Of two files kept at once, only one brings a row: the organizations are locked by now."""
    places = {row.organization.pk for row in rows}
    marks = {(row.organization.pk, problems.fingerprint(row.facts["description"])) for row in rows}
    found = Problem.objects.filter(
        campaign=upload.campaign,
        organization__in=places,
        fingerprint__in={mark for _, mark in marks},
    )
    known = marks & set(found.values_list("organization", "fingerprint"))
    if known:
        raise Refused(
            f"读取之后台账又有了变化，有{len(known)}行已在台账中，请刷新页面核对后再保存。"
        )


def _new(upload: Upload, row: NewRow, place: Organization, *, by: Actor, at: datetime) -> Problem:
    problem = Problem(
        campaign=upload.campaign,
        organization=place,
        path=place.path,
        entry=Problem.Entry.IMPORT,
        upload=upload,
        upload_line=row.line,
        drafted_by=by.user,
        drafted_at=at,
        **row.facts,
    )
    problem.fingerprint = problems.fingerprint(problem.description)
    return problem


def _make_children(made: Sequence[Problem], rows: Sequence[NewRow], *, by: Actor) -> None:
    directories: dict[int, people.Directory] = {}
    persons: list[ProblemPerson] = []
    departments: list[ProblemDepartment] = []
    measures: list[Measure] = []
    items = []
    through = Problem.items.through
    for problem, row in zip(made, rows, strict=True):
        place = row.organization
        if place.pk not in directories:
            directories[place.pk] = people.Directory.of(place, on=by.on)
        directory = directories[place.pk]
        persons += directory.people_of(
            problem, leaders=row.leaders, persons=row.persons, chosen=row.chosen
        )
        departments += directory.departments_of(
            problem, departments=row.departments, cooperating=row.cooperating
        )
        items += [through(problem_id=problem.pk, item_id=item.pk) for item in row.items]
        measures += [
            Measure(
                problem=problem,
                position=position,
                text=text,
                person_name=person_name,
                due_on=due_on,
                entered_by=by.user,
                **_author(person_name or next(iter(row.persons), ""), directory),
            )
            for position, (text, person_name, due_on) in enumerate(row.measures, start=1)
        ]
    ProblemPerson.objects.bulk_create(persons, batch_size=BATCH)
    ProblemDepartment.objects.bulk_create(departments, batch_size=BATCH)
    Measure.objects.bulk_create(measures, batch_size=BATCH)
    through.objects.bulk_create(items, batch_size=BATCH)


def _author(name: str, directory: people.Directory) -> dict[str, Any]:
    """A measure in a branch's own file is the responsible person's, not the clerk's who sent it."""
    return {"author": directory.member(name), "author_name": name[:40]}


def register_all(
    upload: Upload, *, by: Actor, at: datetime
) -> tuple[list[Problem], list[tuple[Problem, str]]]:
    """Register every draft of the import, each by the same act; return done and refused rows."""
    drafts = upload.problems.filter(status=Problem.Status.DRAFT).order_by("upload_line", "pk")
    results = list(registrations.register_each(list(drafts), by=by, at=at))
    done = [problem for problem, why in results if not why]
    return done, [(problem, why) for problem, why in results if why]
