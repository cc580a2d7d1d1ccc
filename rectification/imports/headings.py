"""What the columns of a ledger are called, and which field each name means."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from reform import deadlines
from reform.excel import Cell
from reform.text import fold

# What a column may be taken for; the labels stand in the form that corrects the guess.
FIELDS = {
    "no": "序号",
    "number": "上级编号",
    "unit": "单位",
    "source": "问题来源",
    "items": "问题类别",
    "problem": "存在问题",
    "cause": "原因分析",
    "measures": "整改措施",
    "leader": "责任领导",
    "departments": "责任部门",
    "cooperating": "配合单位",
    "persons": "责任人",
    "answerable": "责任部门和责任人",
    "due": "整改时限",
    "standard": "整改标准",
    "effect": "预期效果",
    "effect_achieved": "整改成效",
    "progress": "完成情况",
    "progress_text": "进展情况",
    "closed_on": "销号时间",
    "found_on": "发现时间",
    "severity": "严重程度",
    "owner_kind": "问题主体",
    "remark": "备注",
    "evidence": "佐证材料",
    "ignore": "不导入",
}
# Fields that several columns may fill: 措施1, 措施2.
MANY = frozenset(
    ("measures", "departments", "cooperating", "persons", "progress", "progress_text", "remark",
     "evidence", "ignore", "cause", "standard", "")
)  # fmt: skip

# Names by field, the surest first. Names with “?” depend on the other columns (see RULES).
NAMES: dict[str, str] = {
    "no": "序号 顺序号 序 号 no 项次",
    "no?": "编号",
    "number": "问题编号 台账编号 受理编号 交办编号 上级编号 问题序号 原编号 反馈编号 整改编号",
    "unit": "单位 填报单位 所属单位 所在单位 单位名称 被检查单位 被督办单位 被巡察单位 党组织"
    " 党支部 支部 所在支部 所属支部 支部名称 所在党支部 所属党支部 党组织名称 报送单位 问题单位",
    "source": "问题来源 来源 反馈来源 督察批次 检查组 问题出处 查摆途径 查找途径 发现途径 线索来源",
    "items": "问题类别 类别 问题类型 对照方面 方面 隐患类别 对照检查方面 问题分类 分类 表现类型"
    " 对照内容 对应方面 所属类别 查摆方面 突出问题类别 类型",
    "problem": "存在问题 存在的问题 存在的具体问题 存在具体问题 存在的主要问题 存在主要问题"
    " 问题表现 具体表现 问题具体表现 问题的具体表现 问题内容 问题描述 问题详情描述 问题详情"
    " 查摆问题 查摆出的问题 查摆的问题 查找的问题 检视问题 反馈问题 主要问题 具体问题"
    " 存在隐患或问题 存在的问题或隐患 存在问题或隐患 现场具体隐患 交办问题基本情况 问题情况"
    " 问题及表现 症状 存在问题及表现 存在问题和不足 问题事项 问题 问题清单 问题标题 督办事项"
    " 工作任务 问题原文",
    "cause": "原因分析 产生原因 原因 问题原因 根源 病根 产生问题的原因 存在原因 原因剖析 剖析原因"
    " 根源剖析",
    "measures": "整改措施 采取的整改措施 具体整改措施 改进措施 整改举措 任务措施 药方 措施"
    " 具体措施 整改措施及办法 整改内容 整改任务 改进措施计划 拟采取措施 拟采取的整改措施 主要措施"
    " 工作措施",
    "leader": "责任领导 牵头领导 分管领导 包抓领导 挂牌领导 整改责任领导 领导 责任领导人 包保领导"
    " 牵头负责领导 带头整改领导 分管责任领导 包案领导",
    "departments": "责任部门 牵头单位 牵头部门 责任处室 责任科室 承办单位 承办部门 整改单位"
    " 所属部门 部门 科室 处室 整改责任部门 牵头责任单位 主责部门 主办单位 主责单位 整改部门"
    " 责任科",
    "departments?": "责任单位 整改责任单位 整改责任主体 责任主体",
    "cooperating": "配合单位 协办单位 配合部门 协同单位 协助单位 参与单位 配合处室 配合科室"
    " 协办部门",
    "persons": "责任人 整改责任人 具体责任人 责任人员 责任人姓名 直接责任人 个人 整改人 承办人"
    " 具体负责人 负责人 落实责任人 整改负责人 责任同志",
    "persons?": "姓名 经办人 联系人 承办人员",
    "due": "整改时限 完成时限 整改期限 时限 期限 计划完成时间 整改完成时限 完成期限 整改截止日期"
    " 截止日期 截止时间 办理时限 计划完成时限 要求完成时间 拟完成时间 预计完成时间 限时 整改时间"
    " 时间要求 完成时间节点 时间节点 整改截止时间 交办时限 整改时间节点 计划完成日期",
    "due?": "完成时间 整改完成时间 完成日期 整改完成日期",
    "type?": "整改类型 整改类别 整改方式",
    "standard": "整改标准 整改目标 整改要求 完成标准 标准 目标 目标要求 销号标准 验收标准"
    " 整改目标要求 工作目标 目标标准 整改目标及要求",
    "effect": "预期效果 预期成效 预期目标 效果说明 效果 达到效果 预期整改效果 拟达到效果"
    " 预期整改成效 拟达效果",
    "effect?": "整改效果 整改成效 取得成效 成效 取得的成效 取得效果 工作成效 整改取得成效",
    "progress": "完成情况 整改状态 是否完成 是否办结 是否销号 销号情况 当前状态 状态 完成状态"
    " 进度 是否整改到位 整改完成情况 是否完成整改 进展状态 办结情况 整改进度 是否整改完成"
    " 完成进度",
    "progress?": "整改进展 整改进展情况 进展情况 进展 整改情况 整改落实情况 目前进展 形象进度"
    " 落实情况 整改进展及效果 整改进展及成效 最新整改反馈 处理和整改情况 工作进展 目前进展情况"
    " 推进情况 进展情况形象进度 整改推进情况 目前整改情况 整改落实进展",
    "closed_on": "销号时间 实际完成时间 办结时间 销号日期 完成整改时间 实际完成日期 办结日期",
    "found_on": "发现时间 检查时间 发现日期 查摆时间 检查日期 反馈时间 提出时间 查找时间"
    " 问题发现时间",
    "severity": "严重程度 问题级别 问题等级 等级 级别 程度 问题性质 性质 隐患级别 隐患等级"
    " 重要程度",
    "owner_kind": "问题主体 主体 班子或个人 问题归属 问题层面 层面 对象 归属",
    "remark": "备注 说明 其他 备注说明 其他说明",
    "evidence": "佐证材料 佐证 证明材料 印证材料 支撑材料 佐证资料 附件 佐证材料目录 相关材料",
    "ignore": "复查时间 复查人 复查结果 检查人 填报人 审核人 联系电话 电话 职务 具体地点 问题位置"
    " 上报人 验收意见 创建时间 最后更新时间 驳回次数 整改照片数量 整改资金 开始时间 启动时间"
    " 辅助列 校验 整改前图片 整改后图片 问题图片 签字 签名 政治面貌",
}
HEADINGS = {
    name: (code, rank) for code, names in NAMES.items() for rank, name in enumerate(names.split())
}
# For names that stand in no list, by a word in them; the first that is found decides.
WORDS = tuple(
    (re.compile(words), code)
    for words, code in (
        ("来源|途径", "source"),
        ("编号|文号", "number"),
        ("配合|协办|协同", "cooperating"),
        ("原因|根源", "cause"),
        ("措施|举措", "measures"),
        ("(?:销号|办结|实际).*(?:时间|日期)", "closed_on"),
        ("(?:发现|查摆|检查).*(?:时间|日期)", "found_on"),
        ("时限|期限|截止|计划.*(?:时间|日期)", "due"),
        ("(?:单位|部门|科室|处室).*人", "answerable"),
        ("领导", "leader"),
        ("责任人|负责人", "persons"),
        ("(?:责任|牵头|承办).*(?:部门|科室|处室|单位)", "departments"),
        ("标准|目标", "standard"),
        ("成效", "effect?"),
        ("效果", "effect"),
        ("佐证|证明材料", "evidence"),
        ("是否|状态|完成情况|比例|完成率", "progress"),
        ("进展|整改情况|落实情况", "progress?"),
        ("类别|类型|分类", "items"),
        ("表现|问题(?!数|个数|人)", "problem"),
        ("备注", "remark"),
    )
)
LAST_IN_LIST = 99
ORDINALS = re.compile(r"^\d+(?=\D)|(?<=\D)[\d一二三四五六]{1,2}$")
LEVELS = frozenset(
    ("一般", "重点", "重大", "较大", "严重", "轻微", "较重", "特别重大", "普通", "突出")
)
OWNERS = {
    **dict.fromkeys(("班子", "班子问题", "领导班子"), "班子"),
    **dict.fromkeys(("单位", "单位问题", "集体"), "单位"),
    **dict.fromkeys(("个人", "个人问题", "党员个人"), "个人"),
}
# What is said of an end still to come rather than one that has been.
STILL_TO_COME = re.compile(r"前|内|底|末|立[行即]|长期|持续|季度|旬|半年")


@dataclass(slots=True)
class Guess:
    """One column: its names, top row first, some of its cells, and what it is taken for."""

    names: tuple[str, ...]
    samples: list[Cell] = field(default_factory=list)
    code: str = ""
    rank: int = LAST_IN_LIST


@lru_cache(maxsize=8192)
def lookup(name: str) -> tuple[str, int] | None:
    """Return the field that a heading names, when it is one of the list."""
    folded = fold(name)
    if not folded or len(folded) > 16:
        return None
    return HEADINGS.get(folded) or HEADINGS.get(ORDINALS.sub("", folded))


def guess(columns: Sequence[Guess], *, year: int, on: date) -> None:
    """Say of each column what it holds, from its names, its neighbours and its cells."""
    for column in columns:
        column.code, column.rank = _named(column.names)
    _finished(columns, year=year, on=on)
    for rule in RULES:
        rule(columns)
    _leave_one_each(columns)


@lru_cache(maxsize=8192)
def _named(names: tuple[str, ...]) -> tuple[str, int]:
    """The lower name decides; with the upper one before it, if that makes a known name."""
    *_, own = names or ("",)
    for name in ("".join(names), own, *reversed(names[:-1])):
        if found := lookup(name):
            return found
    folded = fold(own)
    if len(folded) > 20:
        return "", LAST_IN_LIST
    return next(((code, LAST_IN_LIST) for word, code in WORDS if word.search(folded)), ("", 99))


Rule = Callable[[Sequence[Guess]], None]


def _first(columns: Sequence[Guess], code: str) -> Guess | None:
    return next((column for column in columns if column.code == code), None)


def _either(doubtful: str, code: str, otherwise: str) -> Rule:
    """A `doubtful` column is `code`, or `otherwise` when another column surely is `code`."""

    def rule(columns: Sequence[Guess]) -> None:
        taken = _first(columns, code) is not None
        for column in columns:
            if column.code == doubtful:
                column.code = otherwise if taken else code
                column.rank += LAST_IN_LIST

    return rule


def _finished(columns: Sequence[Guess], *, year: int, on: date) -> None:
    """完成时间 is the deadline if there is no other and it lies ahead, else the day of closing."""
    taken = _first(columns, "due") is not None
    for column in columns:
        if column.code == "due?":
            ahead = not taken and _lies_ahead(column.samples, year, on)
            column.code = "due" if ahead else "closed_on"


def _lies_ahead(samples: Sequence[Cell], year: int, on: date) -> bool:
    if any(isinstance(cell, str) and STILL_TO_COME.search(cell) for cell in samples):
        return True
    days = [deadlines.read(str(cell), year=year, on=on).due_on for cell in samples]
    known = [day for day in days if day]
    return not known or max(known) >= on


def _responsible(columns: Sequence[Guess]) -> None:
    """责任单位 is the department, unless 牵头单位 (then it helps) or 责任部门 stands beside it."""
    departments, unit = _first(columns, "departments"), _first(columns, "unit")
    lead = any(c.code == "departments" and "牵头" in "".join(c.names) for c in columns)
    for column in columns:
        if column.code != "departments?":
            continue
        if lead and not _first(columns, "cooperating"):
            column.code = "cooperating"
        else:
            column.code = "unit" if departments and not lead and not unit else "departments"


def _levels(columns: Sequence[Guess]) -> None:
    """隐患类别 is often filled with the level, 类别 with whose problem it is."""
    for column in columns:
        if column.code != "items":
            continue
        said = {fold(str(cell)) for cell in column.samples}
        if said and said <= LEVELS:
            column.code = "severity"
        elif said and said <= OWNERS.keys():
            column.code = "owner_kind"


RULES: tuple[Rule, ...] = (
    _either("no?", "no", otherwise="number"),
    _levels,
    _responsible,
    _either("type?", "due", otherwise="ignore"),
    _either("persons?", "persons", otherwise="ignore"),
    _either("effect?", "effect", otherwise="effect_achieved"),
    _either("progress?", "progress", otherwise="progress_text"),
)


def _leave_one_each(columns: Sequence[Guess]) -> None:
    """Of several columns for one field the surest keeps it; the others are left to the user."""
    best: dict[str, Guess] = {}
    for column in columns:
        if column.code in MANY:
            continue
        other = best.get(column.code)
        if other is None or column.rank < other.rank:
            best[column.code] = column
    for column in columns:
        if column.code not in MANY and best[column.code] is not column:
            column.code = ""
