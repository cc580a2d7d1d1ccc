"""Sending in a risk sweep (报送风险排查表): whole, as it was shown, and final."""

import hashlib
import json
from datetime import datetime

from django.db import transaction

from campaigns import policy
from campaigns.actions.sweeps import require_open
from campaigns.models import Act, Sweep, SweepSubmission, sweep_sheet
from reform.actions import notices, trail
from reform.errors import Refused, Stale
from reform.models import Actor, Duty, Event, Role, User

Status = Sweep.Status
KEPT = "您填写的内容都还保留着。"


@transaction.atomic
def submit(
    sweep: Sweep, *, version: int, nothing: bool = False, by: Actor, at: datetime
) -> SweepSubmission:
    """Send the sheet in as it was shown; `nothing`: swept, and nothing found at all (未发现问题).

    Raises Stale when it has changed since the page was opened, Refused when something is missing,
    the campaign is over, or it is sent in already. Nothing is lost by any of them.
    """
    row = sweep.locked()
    policy.require_here(by, "sw.submit", row.organization)
    if not row.is_writable:
        raise Refused(f"这份风险排查表{row.get_status_display()}，不需要再次报送。")
    try:
        require_open(row, again=row.status == Status.RETURNED)
    except Refused as refusal:
        raise Refused(f"{refusal}{KEPT}") from refusal
    if version != row.version:
        words = "页面打开以后排查表又改过，请看一遍现在的内容再报送。"
        raise Stale(words, now={}, version=row.version)
    objects = list(row.swept.all())
    sheet = sweep_sheet.frozen(row, objects)
    if nothing and objects:
        raise Refused(f"已填写{len(objects)}个排查对象，不能按“整表未发现问题”报送；请核对后报送。")
    if not nothing and (lacking := sweep_sheet.missing(sheet)):
        raise Refused("；".join(one.rstrip("。") for one in lacking) + "。" + KEPT)
    return _send(row, sheet, by=by, at=at)


def _send(row: Sweep, sheet: sweep_sheet.Sheet, *, by: Actor, at: datetime) -> SweepSubmission:
    text = json.dumps(sheet, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    made = SweepSubmission.objects.create(
        sweep=row,
        number=row.submissions.count() + 1,
        content=sheet,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        by=by.user,
        by_name=by.user.name,
        at=at,
    )
    row.move(Status.SUBMITTED)
    row.submitted_at = at
    row.save(update_fields=["status", "submitted_at"])
    say = f"{made}，校验值{made.sha256[:12]}"
    trail.record(Act.SWEEP_SUBMITTED, row, by=by, at=at, say=say, sha256=made.sha256)
    notices.post(
        reviewers_of(row, by=by),
        subject=f"{row.organization}报送了风险排查表，请审阅",
        key=waiting_key(made),
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
    return made


def waiting_key(submission: SweepSubmission) -> str:
    return f"sweep:{submission.sweep_id}:{submission.number}:waiting"


def reviewers_of(row: Sweep, *, by: Actor) -> list[User]:
    """Return whom to tell that a sheet waits: who reviews it at the nearest organization above."""
    place = row.organization
    if row.campaign.organization_id == place.pk:
        lineage, roles = [place.path], [Role.LEADER]
    else:
        lineage, roles = place.lineage[:-1], [Role.OFFICE, Role.SECRETARY]
    duties = Duty.objects.in_force(by.on).filter(
        organization__path__in=lineage, role__in=roles, user__is_active=True
    )
    rows = list(duties.select_related("user", "organization"))
    nearest = max((duty.organization.path for duty in rows), key=len, default="")
    return [duty.user for duty in rows if duty.organization.path == nearest]
