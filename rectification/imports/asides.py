"""Rows of a ledger that are no problem: totals, signatures, notes, headings of sections."""

import re
from typing import NamedTuple

from reform.text import fold


class Line(NamedTuple):
    """One row as its texts by column, and what is known of the table around it."""

    texts: dict[int, str]
    problem: int | None  # the column of 存在问题
    no: int | None
    fields: dict[int, str]
    names: dict[int, frozenset[str]]  # folded headings by column
    wide: bool  # one cell merged over most columns
    title: str | None
    after_note: bool

    @property
    def first(self) -> str:
        return next(iter(self.texts.values()))

    @property
    def where(self) -> int:
        return next(iter(self.texts))

    def has(self, *codes: str) -> bool:
        return any(self.fields.get(index) in codes for index in self.texts)


BLANK, HEADER, TITLE = "空行", "重复的表头", "重复的标题"
NOTE, TOTAL, SIGNATURE = "填表说明", "合计行", "签字栏"
NUMBERS, EXAMPLE, PREFILLED = "栏号行", "示例行", "只有序号，没有内容"
NOTHING, REPORT, OUTSIDE = "填写“无”，没有问题", "填报信息", "表格以外的文字"
NEXT_HEADER, ELSEWHERE = "另一张表的表头，以下各行按它读取", "另一张表的内容，没有“存在问题”列"
UPPER_SECTION = "上一级分节标题"
SECTION = "section"
ENDS = frozenset((SECTION, TOTAL, SIGNATURE, NOTE))  # after these no problem goes on

SECTION_TEXT = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]+[部类章个])"
    r"|^.{1,40}(?:方面|类)(?:问题)?(?:[（(：:].*)?$"
)
NOTE_TEXT = re.compile(
    r"^(?:[（(]?(?:填[表报写])?(?:说明|备注|注意事项|要求|注)[)）]?\d?\s*[:：.、]|注\d|[*※])"
)
FOOTNOTE = re.compile(r"[（(](?:请|此表|本表|注|一事|填).*[)）]$|第\d+页|共\d+页|抄[送报][:：]")
COUNTED = re.compile(
    r"(?:以上|本表|全表)?共(?:计|有)?\d+[项个条件](?:问题)?(?:[，,；;。].*(?:完成|销号|整改).*)?$"
)
NONE_FOUND = re.compile(
    r"(?:经?(?:认真|全面)?(?:对照)?(?:自查|排查|检查|查摆)后?)?(?:本(?:单位|支部|科室|人|月|周|部门))?"
    r"(?:暂时?|均|目前)?(?:未发现|不存在|没有|无)(?:存在|此类|该类|相关|上述|类似|明显|该|此)*(?:方面)?(?:的)?问题"
)
# A row under the header that says what to fill in.
HINTS = frozenset(
    ("姓名", "填姓名", "年月日", "填日期", "yyyymmdd", "必填", "选填", "自动编号", "自动生成",
     "下拉选择", "已完成未完成", "是否", "逐条填写", "逐条写", "文字描述", "数字", "日期", "文本")
)  # fmt: skip
TOTAL_TEXT = re.compile(
    r"^(?:本页|以上|全部|各类|问题|本表)?(?:合计|总计|小计|共计|累计|总数)|^共\d+[项个条件](?:问题)?[，,；;。]?$"
)
SIGNATURE_TEXT = re.compile(
    r"^.{0,10}(?:签字|签名|签章|盖章|负责人|领导|审核人?|审批人?|填报人|填表人|制表人?|复核人?|联系人"
    r"|电话|经办人|书记|主任|局长|日期|时间|监督人|核查人|验收人)(?:意见|姓名)?\s*(?:[（(][^）)]*[）)])?\s*[：:]"
)
STRONG_SECTION = re.compile(
    r"^[一二三四五六七八九十]{1,3}、.*(?:方面|类|问题)\s*(?:[（(].*[）)])?[：:]?$"
)
REPORT_TEXT = re.compile(r"^(?:填报|填表|报送|上报)(?:单位|时间|日期|部门)")
EXAMPLES = frozenset(("例", "示例", "样例", "范例", "举例", "例如", "填写示例", "填表示例"))
NO_PROBLEM = frozenset(
    (
        "无",
        "暂无",
        "没有",
        "无问题",
        "暂无问题",
        "未发现问题",
        "没有问题",
        "未发现",
        "本月无",
        "无此类问题",
    )
)
# What stands in a form that nobody has filled in, and what formulas show of an empty sheet.
NO_WORDS = re.compile(r"[\s.…。·—_/\\*\-0]*")
ORDINAL = re.compile(r"[（(]?\d{1,2}[)）]?")
# What a form may hold before anybody has filled it in.
PREFILLED_FIELDS = frozenset(("no", "number", "unit", "ignore", ""))
CONTENT = ("measures", "persons", "due")


def aside(line: Line) -> str | None:
    """Return what a row is when it is no problem: a reason to skip it, or SECTION."""
    if not line.texts:
        return BLANK
    return next((reason for holds, reason in KINDS if holds(line)), None)


def is_no_text(text: str) -> bool:
    """Return whether a cell of problems names none: 无, /, …, or a bare number."""
    if NO_WORDS.fullmatch(text) or says_none(text):
        return True
    return not any(character.isalpha() for character in text)


def says_none(text: str) -> bool:
    """Return whether a text says that there is no problem: 无, 经自查，未发现问题。"""
    folded = fold(text)
    return folded in NO_PROBLEM or NONE_FOUND.fullmatch(folded) is not None


def _repeats_header(line: Line) -> bool:
    same = sum(fold(text) in line.names.get(index, ()) for index, text in line.texts.items())
    return same >= 2 and same * 2 >= len(line.texts)


def _is_note(line: Line) -> bool:
    if NOTE_TEXT.match(line.first) and (line.where == line.no or not line.has(*CONTENT)):
        return True
    if len(line.texts) == 1 and FOOTNOTE.match(line.first):
        return True
    return line.after_note and len(line.texts) <= 2 and not line.has(*CONTENT)


def _is_total(line: Line) -> bool:
    folded = fold(line.first)
    own = line.fields.get(line.where) in CONTENT or (
        line.where == line.problem and line.has(*CONTENT)
    )
    if len(line.texts) == 1 and COUNTED.match(line.first):
        return True
    return not own and len(folded) <= 12 and TOTAL_TEXT.match(folded) is not None


def _is_signature(line: Line) -> bool:
    if line.fields.get(line.where) in CONTENT or not SIGNATURE_TEXT.match(line.first):
        return False
    problem = line.texts.get(line.problem, "") if line.problem is not None else ""
    return not problem or SIGNATURE_TEXT.match(problem) is not None


def _is_ordinals(line: Line) -> bool:
    texts = [*line.texts.values()]
    if len(texts) < 3 or not all(ORDINAL.fullmatch(text) for text in texts):
        return False
    numbers = [int(text.strip("（）()")) for text in texts]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _is_example(line: Line) -> bool:
    if fold(line.first).rstrip("0123456789") in EXAMPLES:
        return True
    hints = sum(
        fold(text) in HINTS or text.startswith(("请", "填写")) for text in line.texts.values()
    )
    return hints > 1 and not line.first.isdecimal()


def _is_prefilled(line: Line) -> bool:
    others = [text for index, text in line.texts.items() if index != line.no]
    if all(map(NO_WORDS.fullmatch, others or line.texts.values())):
        return True
    return all(
        line.fields.get(index, "") in PREFILLED_FIELDS and len(text) <= 20
        for index, text in line.texts.items()
    ) and (len(line.texts) > 1 or line.first.replace(".", "").isdecimal())


def _says_nothing(line: Line) -> bool:
    problem = line.texts.get(line.problem, "") if line.problem is not None else ""
    measures = [text for index, text in line.texts.items() if line.fields.get(index) == "measures"]
    return says_none(problem) and all(fold(text) in {"", *NO_PROBLEM} for text in measures)


def _is_title(line: Line) -> bool:
    return len(line.texts) == 1 and line.title is not None and fold(line.first) == fold(line.title)


def _is_section(line: Line) -> bool:
    """A text alone, not in the column of problems; or 一、… with a count beside it."""
    if line.problem in line.texts and not line.wide:
        return len(line.texts) == 1 and STRONG_SECTION.match(line.first) is not None
    if line.has("measures") and not line.wide:
        return False
    if len(line.texts) == 1:
        alone = line.wide or line.fields.get(line.where, "") in {*PREFILLED_FIELDS, "items"}
        return alone and not line.first.replace(".", "").isdecimal()
    return len(line.first) > 3 and SECTION_TEXT.match(line.first) is not None


KINDS = (
    (_repeats_header, HEADER),
    (_is_title, TITLE),
    (_is_total, TOTAL),
    (_is_note, NOTE),
    (lambda line: REPORT_TEXT.match(line.first) is not None, REPORT),
    (_is_signature, SIGNATURE),
    (_is_ordinals, NUMBERS),
    (_is_example, EXAMPLE),
    (_says_nothing, NOTHING),
    (_is_prefilled, PREFILLED),
    (_is_section, SECTION),
)
