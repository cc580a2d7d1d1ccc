"""Changing the word lists of a campaign (词表): what hints call general, and what all may write."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import policy
from campaigns.models import Act, Campaign, WordList
from campaigns.models.word_list import LINE, LINES, lines_of
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor
from reform.text import clean


@transaction.atomic
def change(campaign: Campaign, *, texts: Mapping[str, str], by: Actor, at: datetime) -> Campaign:
    """Take the lists as typed, kind → one phrase a line; each line once, blank ones left out."""
    campaign = campaign.locked()
    policy.require_here(by, "ck.edit", campaign.organization)
    said, written = [], []
    detail: dict[str, Any] = {}
    for kind, text in texts.items():
        was, becomes = lines_of(campaign, kind), _lines(text, WordList.Kind(kind).label)
        added = [line for line in becomes if line not in was]
        gone = [line for line in was if line not in becomes]
        if not added and not gone:
            continue
        WordList.objects.update_or_create(campaign=campaign, kind=kind, defaults={"lines": becomes})
        label = WordList.Kind(kind).label
        detail[kind] = {"added": added, "removed": gone}
        said.append(f"{label}增加{len(added)}句、删去{len(gone)}句")
        written += [f"增“{line}”" for line in added] + [f"删“{line}”" for line in gone]
    if said:
        say, quote = "；".join(said), "、".join(written)
        trail.record(Act.WORDS_CHANGED, campaign, by=by, at=at, say=say, quote=quote, **detail)
    return campaign


def _lines(text: str, label: str) -> list[str]:
    lines = [clean(line, multiline=False) for line in text.splitlines()]
    found = list(dict.fromkeys(line for line in lines if line))
    if len(found) > LINES:
        raise Refused(f"{label}最多{LINES}句，现在有{len(found)}句，请删去一些再保存。")
    for line in found:
        if len(line) > LINE:
            raise Refused(f"{label}每句最多{LINE}字，请分成几行：“{line[:20]}……”。")
    return found
