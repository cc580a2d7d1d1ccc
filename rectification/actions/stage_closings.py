"""Closing a stage (结束阶段): conditions are found out on both floors, who is missing is named."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from campaigns import policy
from campaigns.actions import stage_turns
from campaigns.models import Stage
from rectification.models.stage_standing import Standing, standings
from reform.errors import Refused
from reform.models import Actor, Attachment

SHOWN = 5


@transaction.atomic
def close(
    stage: Stage,
    *,
    seen: str,
    confirmed: bool,
    summary: str,
    attachment: Attachment | None,
    invited: bool,
    by: Actor,
    at: datetime,
) -> Stage:
    """Close a stage whose conditions hold; with `confirmed`, also without, the missing named.

    `seen` is the `mark` of the conditions as the page showed them: who confirms has to have seen
    who is missing. Raises Refused when it is another by now, or something is missing unconfirmed.
    """
    stage.campaign.locked()
    row = stage.locked()
    policy.require_here(by, "st.close", row.campaign.organization)
    if row.status == Stage.Status.OPEN:
        if seen != mark(row, on=by.on):
            raise Refused("情况在您打开页面之后有变化，下面已是最新的，请核对后再提交。")
        # What is filed along with the closing counts.
        row.summary = summary
        if attachment is not None:
            row.summary_file = attachment
        missing = [one for one in standings(row, on=by.on) if not one.holds]
        if missing and not confirmed:
            raise Refused(f"{_named(missing)}。确需结束的，请勾选“列明未完成的，仍然结束”。")
    else:
        missing = []  # the act below says what it is instead
    return stage_turns.close(
        stage,
        missing=[one.kept() for one in missing],
        summary=summary,
        attachment=attachment,
        invited=invited,
        by=by,
        at=at,
    )


def mark(stage: Stage, *, on: date) -> str:
    """Return a short text that changes with the stage and with who is missing."""
    said = [stage.version, [one.kept() for one in standings(stage, on=on)]]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:20]


def _named(missing: Sequence[Standing]) -> str:
    parts = []
    for one in missing:
        names = "、".join(one.missing[:SHOWN])
        more = f"等{len(one.missing)}项" if len(one.missing) > SHOWN else ""
        parts.append(f"{one.words}：还缺{names}{more}")
    return "；".join(parts)
