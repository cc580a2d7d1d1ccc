"""The words of progress (§2.4), of items and of owners, and what they mean here."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from reform.text import fold


class Progress(NamedTuple):
    """How far a problem is; `closed` is only what the ledger claims."""

    code: str
    closed: bool = False
    schedule: str | None = None  # on_track, behind


NOT_STARTED, UNDER_WAY = Progress("not_started"), Progress("under_way")
MOSTLY_DONE, DONE = Progress("mostly_done"), Progress("done")
CLOSED = Progress("done", closed=True)
ON_TRACK, BEHIND = (
    Progress("under_way", schedule="on_track"),
    Progress("under_way", schedule="behind"),
)

_BEFORE = r"(?:目前|现|均|全部|整改|问题|该问题|任务|工作|已经?)*"
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
        ("(?:未|待|拟|申请|暂未|尚未|暂不)销号|待验收|待核查|待审核", DONE),
        (
            "销号|整改销号|验收销号|完成销号|办结销号|销号完成|予以销号|完成整改销号|完成并销号",
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
CROSSES = frozenset("×✗✘☒")
PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)%")
PHRASE_END = re.compile(r"[，,。；;：:（(\n!！]")
LONGEST_PHRASE = 20


@lru_cache(maxsize=8192)
def progress(text: str) -> Progress | None:
    """Return what a cell says of progress; of a story, what its first phrase says."""
    if text in TICKS:
        return DONE
    if text in CROSSES:
        return UNDER_WAY
    if share := PERCENT.fullmatch(text.replace("％", "%").replace(" ", "")):
        return of_share(float(share[1]) / 100)
    phrase = PHRASE_END.split(text, maxsplit=1)[0]
    if len(phrase) > LONGEST_PHRASE:
        return None
    folded = fold(phrase)
    return next((code for words, code in PHRASES if words.fullmatch(folded)), None)


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
