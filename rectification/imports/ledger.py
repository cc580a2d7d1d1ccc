"""From a workbook to drafts on the ledger: receive, correct, keep (导入台账)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.utils import timezone

from campaigns.models import Campaign, Item, Source
from rectification.actions import uploads
from rectification.actions.uploads import NewRow
from rectification.imports import reading
from rectification.imports.checked import Checked, CheckedRow
from rectification.imports.checking import Check
from rectification.imports.results import Reading, Row
from rectification.models import Problem, Upload
from reform.actions import attachments
from reform.errors import Refused
from reform.models import Actor, Organization
from reform.text import clean

KINDS = ("xlsx", "xls", "csv", "tsv")
UNTYPED = "application/octet-stream"  # read by content; sent back as it came


def understand(
    data: bytes,
    *,
    name: str,
    campaign: Campaign,
    on: date,
    corrections: Mapping[str, Any] | None = None,
) -> Reading:
    """Return what the workbook says, with the user's corrections of sheet and columns."""
    corrections = corrections or {}
    mapping = {int(index): code for index, code in corrections.get("mapping", {}).items()}
    return reading.read(
        data,
        name=name,
        year=campaign.year,
        on=on,
        items=[item.name for item in campaign.items.all()],
        mapping=mapping or None,
        sheet=corrections.get("sheet") or None,
    )


def receive(
    data: bytes,
    *,
    name: str,
    campaign: Campaign,
    organization: Organization,
    by: Actor,
    at: datetime,
) -> Upload:
    """Read a workbook and note it. Raises Refused when it cannot be read as a ledger at all."""
    understood = understand(data, name=name, campaign=campaign, on=by.on)
    attachment = attachments.keep(BytesIO(data), name=name, by=by, at=at, kind=UNTYPED)
    try:
        return uploads.receive(
            campaign,
            organization=organization,
            attachment=attachment,
            reading=understood.to_json(),
            by=by,
            at=at,
        )
    except Refused:
        attachments.drop(attachment)
        raise


def correct(upload: Upload, *, corrections: Mapping[str, Any], by: Actor, at: datetime) -> Upload:
    """Read the kept workbook again with what the user corrected."""
    try:
        with upload.attachment.file.open("rb") as file:
            data = file.read()
    except FileNotFoundError as error:
        raise Refused("上传的文件已不在服务器上，请重新上传。") from error
    understood = understand(
        data,
        name=upload.attachment.name,
        campaign=upload.campaign,
        on=by.on,
        corrections=corrections,
    )
    return uploads.correct(
        upload, corrections=corrections, reading=understood.to_json(), by=by, at=at
    )


def check(upload: Upload, *, by: Actor) -> Checked:
    """Return the rows of an import with every fault, as they stand against the ledger now."""
    return Check(
        Reading.from_json(upload.reading),
        campaign=upload.campaign,
        organization=upload.organization,
        by=by,
        people=upload.corrections.get("people", {}),
    ).run()


def keep(
    upload: Upload,
    *,
    good_rows: bool = False,
    source: Source | None = None,
    found_on: date | None = None,
    by: Actor,
    at: datetime,
) -> list[Problem]:
    """Make drafts of all rows, or, when that was chosen knowingly, of those without an error.

    `source` and `found_on` stand in where the file says nothing. Raises Refused with every error
    when there are any and `good_rows` was not chosen; nothing is kept then.
    """
    checked = check(upload, by=by)
    if checked.errors and not good_rows:
        lines = "；".join(fault.message for fault in checked.errors[:5])
        raise Refused(f"还有{len(checked.errors)}处错误，没有保存任何一行：{lines}")
    if not checked.kept:
        before = uploads.kept_before(upload)
        day = timezone.localdate(before.kept_at) if before and before.kept_at else None
        when = f"（{day}已导入同一文件）" if day else ""
        raise Refused(f"没有可以新增的行{when}，台账没有变化。")
    items = {item.name: item for item in upload.campaign.items.all()}
    rows = [new_row(row, items=items, source=source, found_on=found_on) for row in checked.kept]
    return uploads.keep(upload, rows=rows, by=by, at=at)


def new_row(
    checked: CheckedRow,
    *,
    items: Mapping[str, Item],
    source: Source | None,
    found_on: date | None,
) -> NewRow:
    """Return a checked row in the shape of the ledger; a corrected name becomes the account's."""
    row = checked.row
    return NewRow(
        line=row.line,
        organization=checked.organization,
        facts=facts(row, source=checked.source or source, found_on=row.found_on or found_on),
        items=[items[name] for name in row.items if name in items],
        leaders=checked.leaders,
        persons=checked.persons,
        departments=row.departments,
        cooperating=row.cooperating,
        chosen={user.name: user.pk for user in checked.chosen.values()},
        measures=[
            (measure.text, "、".join(checked.called(measure.persons))[:80], measure.due_on)
            for measure in row.measures
        ],
    )


def facts(row: Row, *, source: Source | None, found_on: date | None) -> dict[str, Any]:
    """Return the columns of the ledger that a row fills.

    What a branch says of closing is a remark and a day of its own: an import never sets a
    reviewed state (SOD-08).
    """
    standing = row.due_kind == "standing"
    return {
        "description": row.problem,
        "cause": row.cause or "",
        "source": source,
        "source_text": row.source or "",
        "superior_number": row.superior_number or "",
        "found_on": found_on,
        "owner_kind": row.owner_kind or Problem.OwnerKind.UNIT,
        "severity": row.severity or Problem.Severity.ORDINARY,
        "standard": row.standard or "",
        "effect_expected": row.effect or "",
        "effect_achieved": row.effect_achieved or "",
        "due_text": row.due_text or "",
        "due_kind": row.due_kind,
        "due_on": None if standing else row.due_on,
        "due_days": row.due_days,
        "due_workdays": row.due_workdays,
        "then_standing": row.then_standing,
        "review_on": row.review_on,
        "progress": row.progress or "",
        "remark": remark(row),
        "claimed_closed_on": row.closed_on,
    }


def remark(row: Row) -> str:
    """Return the file's own remark, and what it says that no column of ours holds."""
    closed = f"（{row.closed_on.isoformat()}）" if row.closed_on else ""
    parts = [
        row.remark,
        f"报送台账注明已销号{closed}。" if row.claimed_closed else "",
        f"原类别：{row.category}" if row.category else "",
        f"报送进展：{row.progress_text}" if row.progress_text else "",
        f"报送佐证：{row.evidence}" if row.evidence else "",
    ]
    return clean("\n".join(part for part in parts if part))


def documented(checked: Checked) -> dict[str, Any]:
    """Return the shape that `import_ledger --json` prints (DESIGN §10): rows without an error."""
    whole = checked.reading.to_json()
    kept = {row.row.line for row in checked.rows if not row.errors}
    return {
        "title": whole["title"],
        "reporting_unit": whole["reporting_unit"],
        "reported_on": whole["reported_on"],
        "rows": [row for row in whole["rows"] if row["line"] in kept],
        "faults": [asdict(fault) for fault in checked.faults],
        "skipped": whole["skipped"],
    }
