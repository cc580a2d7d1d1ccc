"""The detail of an entry in words (明细), as far as an auditor may read it.

au.read shows metadata. Acts on business rows keep in `detail` what was written there; of those only
the keys named here are shown. Acts on accounts, organizations and the system are shown whole.
"""

from typing import Any

from django.apps import apps

from reform.models.job import Job
from reform.models.trail import TrailEntry

ADMINISTRATION = "reform."
# Key → its word. Of acts on business rows nothing else is shown.
KNOWN: dict[str, str] = {
    "count": "条数",
    "due_on": "整改时限",
    "filters": "筛选范围",
    "level": "销号层级",
    "round": "申请次数",
    "sha256": "文件校验值",
    "upload": "导入批次",
}
# Of acts on everything else; a key without a word is shown as it is.
WORDS = KNOWN | {
    "was": "原为",
    "becomes": "改为",
    "kind": "种类",
    "reason": "原因",
    "result": "结果",
    "role": "职责",
    "since": "自",
    "until": "至",
}
# What one looks for in the ledger may be what stands there; the export itself says its filters.
HIDDEN = {"facts"}


def facts(entry: TrailEntry) -> list[tuple[str, str]]:
    """Return (word, value in words) for the page and the Excel of the trail."""
    detail = entry.detail if isinstance(entry.detail, dict) else {}
    if not entry.subject:
        return []
    whole = entry.target.startswith(ADMINISTRATION)
    keys = [key for key in detail if key not in HIDDEN and (whole or key in KNOWN)]
    shown = [(WORDS.get(key, key), _said(key, detail[key])) for key in keys]
    return [(word, value) for word, value in shown if value]


def _said(key: str, value: Any) -> str:
    if key == "kind" and value in Job.Kind.values:
        return str(Job.Kind(value).label)
    return in_words(value)


def in_words(value: Any) -> str:
    """Say a value of JSON without its braces."""
    if isinstance(value, dict):
        return "；".join(f"{WORDS.get(key, key)}：{in_words(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "、".join(filter(None, map(in_words, value)))
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def kind_of(target: str) -> str:
    """Return what kind of row a target is (问题, 党组织 …), or nothing for one that is no more."""
    label = target.partition(":")[0]
    try:
        return str(apps.get_model(label)._meta.verbose_name)  # noqa: SLF001 -- its public words
    except (LookupError, ValueError):
        return ""
