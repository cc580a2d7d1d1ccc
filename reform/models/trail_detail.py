"""The detail of an entry in words (明细), as far as an auditor may read it.

au.read shows metadata. Acts on business rows keep in `detail` what was written there; of those only
the keys named here are shown. Acts on accounts, organizations and the system are shown whole.
"""

from typing import Any

from django.apps import apps

from reform.models.job import Job
from reform.models.trail import TrailEntry
from reform.models.user import Role

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
    "on": "自何日起",
    "code": "代码",
    "document": "依据",
    "changed": "修改项",
    "note": "说明",
    "other": "另一账号（编号）",
    "user": "人员（编号）",
    "people": "人员（编号）",
    "members": "划转人员（编号）",
    "children": "划转下级（编号）",
    "organization": "党组织（编号）",
    "duty": "职责（编号）",
    "proposal": "拟授职责（编号）",
    "delegation": "委托（编号）",
    "ended": "终止的职责",
    "former": "原由（编号）",
    "step": "审核步骤（编号）",
    "request": "变更申请（编号）",
    "unknown": "未登记的账号",
    "address": "来源地址",
    "figures": "当时数量",
    "organizations": "下级党组织",
    "open_rows": "未销号问题",
    "drafts": "草稿",
    "closed_rows": "已销号问题",
    "duties": "书记等职责",
    "appointments": "审核指派",
    "open_steps": "待办审核步骤",
    "uploads": "待核对的导入",
    "campaigns": "牵头的活动",
    "removed": "清除的备份",
    "folder": "备份目录",
    "sums": "校验值",
    "files": "文件",
    "strays": "多出的文件",
    "jobs": "后台任务",
}
# In a change of somebody's or an organization's particulars: the columns.
COLUMNS = {
    "name": "名称",
    "short_name": "简称",
    "kind": "类型",
    "code": "代码",
    "post": "职务",
    "phone": "联系电话",
    "place": "排序",
    "username": "账号",
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
    if key == "changed" and isinstance(value, dict):
        return in_words({COLUMNS.get(name, name): pair for name, pair in value.items()})
    return in_words(value)


def in_words(value: Any) -> str:
    """Say a value of JSON without its braces."""
    if isinstance(value, dict):
        return "；".join(
            f"{WORDS.get(key, key)}：{_part(key, part)}" for key, part in value.items()
        )
    if isinstance(value, list):
        return "、".join(filter(None, map(in_words, value)))
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def _part(key: str, value: Any) -> str:
    if key == "role" and value in Role.values:
        return str(Role(value).label)
    return in_words(value)


def kind_of(target: str) -> str:
    """Return what kind of row a target is (问题, 党组织 …), or nothing for one that is no more."""
    label = target.partition(":")[0]
    try:
        return str(apps.get_model(label)._meta.verbose_name)  # noqa: SLF001 -- its public words
    except (LookupError, ValueError):
        return ""
