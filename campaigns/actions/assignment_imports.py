"""Imports of assignments (任务分解表导入): taken in, kept all or nothing, given up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import policy
from campaigns.actions import assignments
from campaigns.models import (
    Act,
    Assignment,
    AssignmentEntry,
    AssignmentImport,
    Campaign,
)
from reform.actions import attachments, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Attachment, Organization


@dataclass
class Entry:
    """One row of the table, matched."""

    line: int
    facts: dict[str, Any] = field(default_factory=dict)
    organization: Organization | None = None
    cooperating: list[Organization] = field(default_factory=list)
    progress: str = ""


def may_import(by: Actor) -> bool:
    """Whether there are organizations for which one may enter assignments; which, each row asks."""
    return by.holds(*policy.TABLE["as.edit"][1])


def why_not(organization: Organization | None, *, by: Actor) -> str:
    """Return why the actor may not give an organization a task, or nothing."""
    if organization is None or policy.may_here(by, "as.edit", organization):
        return ""
    return f"“{organization}”不在您可以编制任务的范围内。"


@transaction.atomic
def receive(
    campaign: Campaign, *, attachment: Attachment, by: Actor, at: datetime
) -> AssignmentImport:
    _require(campaign, by=by)
    row = AssignmentImport.objects.create(
        campaign=campaign, attachment=attachment, by=by.user, at=at
    )
    trail.record(Act.ASSIGNMENTS_UPLOADED, row, by=by, at=at)
    return row


@transaction.atomic
def discard(row: AssignmentImport, *, by: Actor, at: datetime) -> None:
    row = _opened(row)
    trail.record(Act.ASSIGNMENTS_DISCARDED, row, by=by, at=at)
    attachment = row.attachment
    row.delete()
    transaction.on_commit(lambda: attachments.drop(attachment))


@transaction.atomic
def keep(
    row: AssignmentImport,
    found: Callable[[], Sequence[Entry]],
    *,
    by: Actor,
    at: datetime,
) -> AssignmentImport:
    """Put all assignments of a table into the campaign; `found` reads them anew under the lock and
    refuses what is not sound."""
    campaign = assignments.locked_open(row.campaign)
    row = _opened(row)
    _require(campaign, by=by)
    entries = found()
    assignments.require_room(campaign, len(entries))
    first = assignments.next_position(campaign)
    made = [
        assignments.made(
            campaign,
            entry.facts | {"organization": entry.organization},
            position=place,
        )
        for place, entry in enumerate(entries, start=first)
    ]
    for organization in {task.organization for task in made}:
        policy.require_here(by, "as.edit", organization)
    Assignment.objects.bulk_create(made, batch_size=500)
    links = Assignment.cooperating.through
    links.objects.bulk_create(
        (
            links(assignment_id=task.pk, organization_id=place.pk)
            for task, entry in zip(made, entries, strict=True)
            for place in entry.cooperating
        ),
        batch_size=500,
    )
    _report(made, entries, by=by, at=at)
    row.state, row.count = AssignmentImport.State.KEPT, len(made)
    row.save(update_fields=["state", "count"])
    say = f"{campaign}，{row}，{len(made)}项"
    trail.record(Act.ASSIGNMENTS_IMPORTED, row, by=by, at=at, say=say, count=len(made))
    return row


def _report(
    made: Sequence[Assignment], entries: Sequence[Entry], *, by: Actor, at: datetime
) -> None:
    """What the table says of progress is the first line of it, and the task is under way: an import
    finishes nothing."""
    told = [(task, entry) for task, entry in zip(made, entries, strict=True) if entry.progress]
    for task, _ in told:
        task.status = Assignment.Status.UNDER_WAY
    Assignment.objects.bulk_update([task for task, _ in told], ["status"], batch_size=500)
    AssignmentEntry.objects.bulk_create(
        (
            AssignmentEntry(
                assignment=task,
                on=by.on,
                text=entry.progress,
                status=task.status,
                by=by.user,
                by_name=by.user.name,
                at=at,
            )
            for task, entry in told
        ),
        batch_size=500,
    )


def _require(campaign: Campaign, *, by: Actor) -> None:
    if not may_import(by):
        raise Forbidden("导入任务分解表由活动办或支部书记办理。")
    if not campaign.is_open:
        raise Refused("活动不在进行中，不能编制任务分解。")


def _opened(row: AssignmentImport) -> AssignmentImport:
    found = AssignmentImport.objects.select_for_update().filter(pk=row.pk).first()
    if found is None or found.state != AssignmentImport.State.READ:
        raise Refused("这次导入已经办理，请刷新页面查看结果。")
    return found
