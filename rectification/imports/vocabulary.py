"""The words of progress (§2.4), of items and of owners, and what they mean here."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from reform.text import fold


class Progress(NamedTuple):
    """How far a problem is; `closed` is only what the ledger claims.

    `open` says nothing but that it is not closed: 未销号 beside 已完成.
    """

    code: str
    closed: bool = False
    schedule: str | None = None  # on_track, behind
    open: bool = False


NOT_STARTED, UNDER_WAY = Progress("not_started"), Progress("under_way")
MOSTLY_DONE, DONE = Progress("mostly_done"), Progress("done")
CLOSED = Progress("done", closed=True)
AWAITING, UNCLOSED = Progress("done", open=True), Progress("under_way", open=True)
ON_TRACK, BEHIND = (
    Progress("under_way", schedule="on_track"),
    Progress("under_way", schedule="behind"),
)

_BEFORE = r"(?:目前|现|均|全部|整改|问题|该问题|任务|工作|立行立改|即知即改|立整立改|已经?)*"
_AFTER = r"(?:整改|任务|工作|状态|目标|了|并|及|且|长期坚持|持续整改|坚持|取得阶段性成(?:果|效))*"
# The whole phrase has to be one of these; the first that fits decides.
PHRASES = tuple(
    (re.compile(f"{_BEFORE}(?:{words}){_AFTER}"), progress)
    for words, progress in (
        ("未达到?序时(?:进度)?|(?:进度|进展)?(?:滞后|缓慢|较慢)|落后序时进度|未达序时", BEHIND),
        ("(?:达到|符合|按)序时(?:进度)?(?:推进)?|按(?:计划|时序|进度)推进|序时推进", ON_TRACK),
        (
            "未启动|未整改|尚未整改|尚未启动|准备着手解决|待整改|未开始|尚未开始|未开展|待启动|未着手|未动工",
            NOT_STARTED,
        ),
        ("(?:待|拟|申请|正在申请|准备)销号|待验收|待核查|待审核", AWAITING),
        ("(?:未|暂未|尚未|暂不|没有|不予)销号", UNCLOSED),
        (
            "销号|销|整改销号|验收销号|完成销号|办结销号|销号完成|予以销号|完成整改销号|完成并销号",
            CLOSED,
        ),
        (
            "未完成|尚未完成|未办结|未整改到位|未整改完成|未解决|逾期|超期|逾期未完成|未按期完成|否|未",
            UNDER_WAY,
        ),
        (
            "基本(?:完成|办结|解决|到位|整改到位|整改完成)|阶段性(?:完成|办结)|部分(?:整改|完成|解决)|初步解决"
            "|大部分完成|取得阶段性成效|接近完成",
            MOSTLY_DONE,
        ),
        (
            "完成|整改|办结|到位|整改到位|落实到位|完成整改|整改完成|整改完毕|解决|落实|整改落实|结束|办理完毕|完毕"
            "|办结完成|完结|全部完成|按期完成|按时完成|是|y|yes|ok",
            DONE,
        ),
        (
            "(?:正在|正|持续|继续|加快|有序|稳步|积极|抓紧|扎实)*(?:推进|整改|办理|落实|进行|实施|开展|解决|处理)中?"
            "|制定方案|制定整改方案|限期办结|限期整改|长期坚持|常态化|常态化推进|长期整改|持续坚持|进行时|启动|申请延期|延期"
            "|在办|在整改|持续巩固|持续用力|推动中|落实中",
            UNDER_WAY,
        ),
    )
)
TICKS = frozenset("√✓✔☑●■★是YyVv1")
CROSSES = frozenset("×✗✘☒XxNn")
PERCENT = re.compile(
    r"(?:已|约|达|到|总体|整改|完成|任务|工作|进度|进展|率)*[:：]?(\d{1,3}(?:\.\d+)?)%(?:左右)?"
)
FIGURE = re.compile(r"\d{1,3}(?:\.\d+)?")  # in a text table every number is a text
# A form with boxes: □已完成 ☑未完成; the mark stands before its words, or behind them.
EMPTY_BOXES, TICKED = "□☐◻", "☑√✓✔■"
BOX_BEFORE = re.compile(rf"([{EMPTY_BOXES}{TICKED}])\s*([^{EMPTY_BOXES}{TICKED}]+)")
BOX_BEHIND = re.compile(rf"([^{EMPTY_BOXES}{TICKED}]+)([{EMPTY_BOXES}{TICKED}])")
# 2026.5.3已销号, 已于2026年5月完成
DAY = re.compile(
    r"(?:\d{4}|\d{2})[年.\-/]\d{1,2}[月.\-/]\d{1,2}[日号]?|\d{4}年\d{1,2}月份?|\d{1,2}月\d{1,2}[日号]"
)
EMPTY_SET = frozenset(EMPTY_BOXES)
PHRASE_END = re.compile(r"[，,。；;：:（(\n!！]")
LONGEST_PHRASE = 20


@lru_cache(maxsize=8192)
def progress(text: str) -> Progress | None:
    """Return what a cell says of progress; of a story, what its first phrase says."""
    if text in TICKS or text in CROSSES:
        return DONE if text in TICKS else UNDER_WAY
    if not EMPTY_SET.isdisjoint(text):
        return _ticked(text)
    if share := PERCENT.fullmatch(text.replace("％", "%").replace(" ", "")):
        return of_share(float(share[1]) / 100)
    if FIGURE.fullmatch(text):
        return of_figure(float(text))
    return _story(text)


def _story(text: str) -> Progress | None:
    first, *others = PHRASE_END.split(text)
    said = _phrase(first)
    if said is None and others:
        return _phrase(text.replace("\n", ""))  # 已⏎完成, in a narrow column
    if said == DONE and any(_phrase(other) == CLOSED for other in others):
        return CLOSED  # 已完成整改，2026年5月3日销号
    return said


def is_more_than_progress(text: str) -> bool:
    """Return whether a cell has more to say than how far it is: 未完成（资金未到位）."""
    return len(text) > LONGEST_PHRASE or PHRASE_END.search(text.rstrip("。！!")) is not None


def _phrase(phrase: str) -> Progress | None:
    if "已" in phrase or "销号" in phrase:
        phrase = DAY.sub("", phrase).replace("已于", "已")
    if len(phrase) > LONGEST_PHRASE:
        return None
    folded = fold(phrase)
    return next((code for words, code in PHRASES if words.fullmatch(folded)), None)


def _ticked(text: str) -> Progress | None:
    if text[0] in EMPTY_BOXES + TICKED:
        ticked = [words for mark, words in BOX_BEFORE.findall(text) if mark in TICKED]
    else:
        ticked = [words for words, mark in BOX_BEHIND.findall(text) if mark in TICKED]
    return _phrase(ticked[0].strip()) if len(ticked) == 1 else None


def of_figure(figure: float) -> Progress | None:
    """0.8 and 80 alike; what is more than a hundred is no share."""
    if not 0 <= figure <= 100:
        return None
    return of_share(figure if figure <= 1 else figure / 100)


def of_share(share: float) -> Progress:
    """0.8 in a cell formatted as a percentage, or 80%."""
    if share >= 1:
        return DONE
    return UNDER_WAY if share > 0 else NOT_STARTED


def together(said: Sequence[Progress]) -> str:
    """Return the progress of a problem whose measures stand in several rows."""
    codes = {progress.code for progress in said}
    if len(codes) == 1:
        return said[0].code
    return "mostly_done" if codes == {"done", "mostly_done"} else "under_way"


def in_one_line(said: Sequence[Progress]) -> Progress:
    """Return what several columns of one line say: 已完成 and, beside it, 已销号."""
    if len(said) == 1:
        return said[0]
    telling = [progress for progress in said if progress != UNCLOSED]
    if not telling:
        return UNCLOSED
    code = together(telling)
    closed = code == "done" and any(progress.closed for progress in telling)
    return Progress(code, closed and len(telling) == len(said))


ASIDE = re.compile(r"方面|问题|类别|类|等|突出|表现|存在|“|”")


@lru_cache(maxsize=8192)
def items(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the campaign's items that a cell names, in its order: 庸、懒 and 庸懒 alike."""
    if text in known:
        return (text,)
    folded = fold(text)
    found = [
        (folded.index(fold(item)), item)
        for item in known
        if len(fold(item)) > 1 and fold(item) in folded
    ]
    single = {fold(item): item for item in known if len(fold(item)) == 1}
    letters = fold(ASIDE.sub("", text))
    if letters and all(letter in single for letter in letters):
        found += [(place, single[letter]) for place, letter in enumerate(letters)]
    return tuple(dict.fromkeys(item for _, item in sorted(found)))
