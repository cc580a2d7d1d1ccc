"""Hints on what somebody writes (写作提示): never a verdict, never a score, never in the way.

Pure: the same text gives the same hints. They rather keep silent than blame what is good.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import models

from reform.text import half_width

SHORT = 15  # letters
QUOTED = 60  # characters of what a hint is about


class Part(models.TextChoices):
    """What part of an answer a text is."""

    CASE = "case", "具体表现"
    CAUSE = "cause", "原因分析"
    MEASURES = "measures", "整改措施"
    STANDARD = "standard", "整改标准"
    LESSON = "lesson", "体会教训"


class Code(models.TextChoices):
    SHORT = "short", "偏短"
    GENERAL = "general", "偏笼统"
    NO_FACTS = "no_facts", "缺少时间、地点和事情"
    NO_DEED = "no_deed", "措施不具体"
    NO_DAY = "no_day", "没有时限"
    PAST = "past", "日期已过"
    UNCHECKABLE = "uncheckable", "标准难以检查"


WORDS: dict[str, str] = {
    Code.SHORT: "这里写得比较短，可以再说说当时的情形。",
    Code.GENERAL: "这句话放在谁身上都说得通。可以接着写“比如”，讲一件自己经历的事。",
    Code.NO_FACTS: "还看不出是什么时候、在哪里、哪件事上。补上一两样，同志们更容易帮到您。",
    Code.NO_DEED: "还看不出具体做什么。可以写成“做什么事、对谁做、什么时候做完”。",
    Code.NO_DAY: "还没有写时限。可以补上完成的日子，或每周、每月做几次。",
    Code.PAST: "这个日期已经过了，请看看是不是要改成今后的日子。",
    Code.UNCHECKABLE: "将来不容易看出有没有做到。可以写一个能核对的结果，例如数量、期限、文件。",
}


@dataclass(frozen=True)
class Hint:
    code: Code
    part: Part
    words: str
    quote: str


def of(parts: Mapping[str, str], *, general: Sequence[str], on: date) -> list[Hint]:
    """Return the hints on the parts of one answer, on that day; empty parts need nothing.

    `general` holds the phrases (虚话套话) of the campaign's list.
    """
    phrases = [letters for line in general if (letters := _letters(line))]
    found = []
    for name, text in parts.items():
        part = Part(name)
        if not (size := len(_letters(text))):
            continue
        told = list(_of_part(part, text, phrases, on))
        if size < SHORT and not told and not _is_terse(part, text):
            told.append((Code.SHORT, text))
        found += [Hint(code, part, WORDS[code], _quote(said)) for code, said in told]
    return found


def _of_part(part: Part, text: str, phrases: list[str], on: date) -> Iterator[tuple[Code, str]]:
    if part == Part.MEASURES:
        yield from _of_measures(text, on)
    elif part == Part.STANDARD:
        if AIMS.search(text) and not CHECKABLE.search(_flat(text)):
            yield Code.UNCHECKABLE, text
    elif not TOLD.search(_flat(text)):
        general = next((said for said in _sentences(text) if _has(said, phrases)), "")
        if general and (part != Part.CAUSE or _says_nothing_else(text, phrases)):
            yield Code.GENERAL, general
        elif part == Part.CASE and len(_letters(text)) >= SHORT and not MATTER.search(text):
            yield Code.NO_FACTS, text


def _is_terse(part: Part, text: str) -> bool:
    """Whether it says in few words what there is to say: 巡查记录由他人代签."""
    if part == Part.STANDARD:
        return True
    known = {Part.CASE: MATTER, Part.MEASURES: DEED}.get(part)
    return known is not None and bool(known.search(text))


def _of_measures(text: str, on: date) -> Iterator[tuple[Code, str]]:
    flat = _flat(text)
    vague = next((said for said in _sentences(text) if WISH.search(said)), "")
    if vague and not DEED.search(text):
        yield Code.NO_DEED, vague
    elif DEED.search(text) and not WHEN.search(flat):
        yield Code.NO_DAY, text
    for said in _sentences(flat):
        if any(day < on for day in _deadlines(said, on)):
            yield Code.PAST, said
            return


def _says_nothing_else(text: str, phrases: list[str]) -> bool:
    """A cause is told in general words, too: only one that is nothing but them is too general."""
    rest = _letters(text)
    for phrase in phrases:
        rest = rest.replace(phrase, "")
    return len(rest) < SHORT


def _deadlines(said: str, on: date) -> Iterator[date]:
    """Yield the days by which something is to be done, as far as they are beyond doubt."""
    for year, month, day in DEADLINE.findall(said):
        number = on.year + YEARS[year] if year in YEARS else int(year)
        last = int(day) if day.isdigit() else None
        try:
            first = date(number, int(month), last or 1)
        except ValueError:
            continue  # 2月30日 is no day, and cannot be over
        yield first if last else date(number + first.month // 12, first.month % 12 + 1, 1)


def _has(said: str, phrases: Iterable[str]) -> bool:
    letters = _letters(said)
    return any(phrase in letters for phrase in phrases)


def _sentences(text: str) -> list[str]:
    return [said.strip() for said in ENDS.split(text) if said.strip()]


def _letters(text: str) -> str:
    return "".join(letter for letter in half_width(text).lower() if letter.isalnum())


def _flat(text: str) -> str:
    """Return the text with its figures in half width, without numbers that count nothing."""
    return SLOGANS.sub("", half_width(text))


def _quote(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else f"{line[:QUOTED]}……"


# ---------------------------------------------------------------- what is looked for

ENDS = re.compile(r"[。！？；!?;\n]+")
YEARS = {"今年": 0, "明年": 1, "去年": -1}
DIGIT = "[0-9一二三四五六七八九十百两〇零]"
# 5件, 三次, 98%, 2.5个: something counted.
COUNTED = (
    rf"{DIGIT}\s*(?:余|多|来)?\s*(?:个|件|次|份|处|天|日|周|月|年|人|户|项|条|起|篇|页|家|台|辆|"
    "元|万|小时|分钟|点|%|％|公里|米|名|回|遍|场|期|批|岁|号|趟)|百分之"
)
# That something happened: its day, its number, a paper, a quoted word.
TOLD = re.compile(
    rf"{COUNTED}|比如|例如|譬如|有一次|那次|有次|当天|当时|那天|上午|下午|晚上|夜间|凌晨|周末|节假日|"
    "[今去前]年|本月|上月|上周|本周|上半年|下半年|年初|年底|月初|月底|季度|期间|《[^》]+》"
)
# What the work is about: with one of these a reader knows where to look.
MATTER = re.compile(
    "台账|记录|纪要|请示|报告|公文|文件|方案|合同|协议|发票|账目|票据|报销|经费|资金|预算|采购|招标|投标|"
    "验收|工程|项目|工地|标段|桥梁|道路|公路|养护|巡查|检查|检测|投诉|信访|来信|来访|电话|窗口|大厅|办件|"
    "审批|许可|证照|执法|处罚|案卷|值班|带班|考勤|请假|请销假|离岗|脱岗|迟到|早退|会议|党课|党日|三会一课|"
    "交流发言|培训|调研|走访|入户|群众|企业|学校|医院|社区|街道|档案|印章|公章|车辆|公车|办公用房|接待|"
    "数据|报表|统计|周报|材料|信息|系统|网站|公示|督办|交办|整改|隐患|安全生产|事故|演练|物资|仓库|食堂|"
    "制度|规定|流程|错字|漏字|错别字|开会|上班|下班|手机|电脑|汇报|执法|谈话|下乡|门牌|值守|"
    "小[张王李赵刘陈杨]|老[张王李赵刘陈杨]"
)
# A deed leaves something behind.
DEED = re.compile(
    "建立|制定|制订|修订|修改|编制|编印|印发|公布|公示|公开|签订|签收|登记|建档|归档|清理|清退|盘点|核对|核实|"
    "核查|复核|比对|校对|回访|走访|入户|调研|抽查|检查|巡查|排查|检测|演练|考核|考试|测试|通报|约谈|谈话|谈心|"
    "报告|汇报|报备|报送|上报|提交|退还|上缴|补交|补办|补签|补齐|补充|整理|梳理|分解|指定|专人|培训|授课|党课|"
    "记录|笔记|撰写|读完|通读|听取|召开|组织|参加|开展|设立|开通|安装|更换|维修|购置|录入|更新|上线|接入|压减|"
    "缩短|取消|废止|提醒|督办|跟踪|销号|反馈|答复|办结|完成|列出|每[天日周月季年]|逐[项件条个]|三级|挂牌|轮岗|"
    "调整|观摩|旁听|跟班|结对|审批|到位"
)
# A wish is what everybody may say of himself.
WISH = re.compile(
    "加强|提高|提升|增强|强化|树立|牢固|端正|转变|改进|改善|深化|注重|重视|严格要求|高标准|努力|认真|坚决|持续|"
    "不断|进一步|切实|发扬|克服|杜绝"
)
WHEN = re.compile(
    rf"{DIGIT}+\s*个?(?:工作日|天|日|周|星期|月|季度|小时|年)|[月年季周旬]底|月初|年内|本[月周季]|下[周月]|"
    "当[天日周月]|每[天日周月季年旬次]|每半年|每个|逐[日周月]|立即|立行立改|即日|马上|按[日周月季年]|[月季年]度|长期|常态|随时|次日|"
    "会后|会前|事前|事后|[上中下]旬|上半年|下半年|季度|前(?:完成|办结|报|交)|定期|一律"
)
# 2026年3月20日前, 去年11月底前整改到位; not 2025年6月底前的台账.
DEADLINE = re.compile(
    rf"({'|'.join(YEARS)}|20[0-9]{{2}})\s*[年.\-/]?\s*([0-9]{{1,2}})\s*[月.\-/]\s*"
    r"([0-9]{1,2}(?=\s*[日号前之以])|底|末)\s*[日号]?\s*"
    r"(?:(?:之|以)?前(?!的)|完成|办结|建立|印发|报送|落实|整改|结束|到位)"
)
AIMS = re.compile(
    "提高|提升|增强|改善|好转|转变|改进|到位|实效|成效|效果|满意|规范|有序|良好|明显|显著|加强|扎实|落实"
)
CHECKABLE = re.compile(
    rf"[0-9]|{COUNTED}|全部|全覆盖|件件|逐|每|零|无|不再|不超过|不低于|不少于|以内|印发|签收|台账|汇编|清单|"
    "办结|销号|公示|上墙|建成|通过验收|一致|可查"
)
# Numbers that count nothing: 四个意识, 进一步.
SLOGANS = re.compile(
    "[一二三四五六七八九十两]个(?:意识|自信|维护|确立|务必|摆进去|方面|是否|查|专项|带头|过硬|服从)|八项规定|"
    "三会一课|进一步|一定|一些|一直|一般|一切|一味|一贯|一时|一线|一方面|统一|一岗双责|第一时间|一次深刻|"
    "一[天日]和尚|撞一天钟"
)
