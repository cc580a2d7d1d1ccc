"""What a Word form asks for once: the cell beside a label, the blank in a line (填报单位：＿＿)."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from docx.oxml.ns import qn

from rectification.exports import weekly_headings
from rectification.exports.weekly_headings import CODES, LABELS
from rectification.exports.weekly_word_grid import Box, TableGrid
from rectification.models.metric import METRICS
from reform.word import filling

PARAGRAPH = qn("w:p")
INSIDE = (qn("w:txbxContent"), qn("w:tc"))
SHORT = ("unit", "date", "issue", "period", *METRICS)
ROOM = r"[\s_＿﹍]"
DAY = rf"(?:(?:20\d{{0,2}})?{ROOM}*年{ROOM}*月{ROOM}*日)"
# A cell for a day or a number has often its characters already.
PRINTED = re.compile(rf"{DAY}|第?{ROOM}*期|{ROOM}*[件个项]")
ISSUE = re.compile(rf"第({ROOM}+|[×xX]+)期")
# “（此处填写……，限500字）” gives way; a label begins a word.
HINTED = re.compile(r"[（(][^（）()]*[)）]")
BEGINS = r"(?<![\u4e00-\u9fff])"
HINT = r"(?:[（(][^（）()]{0,12}[)）])?"


def _labelled(code: str) -> re.Pattern[str]:
    """A label, its colon, and the room behind it; of a figure also without a colon."""
    names = "|".join(map(re.escape, sorted(LABELS[code], key=len, reverse=True)))
    if code in METRICS:
        return re.compile(
            rf"{BEGINS}(?:{names})(?:[：:]({ROOM}*)|({ROOM}{{2,}}))(?=[件个项，；。,;]|$)"
        )
    return re.compile(rf"{BEGINS}(?:{names}){HINT}[：:](?:({DAY})|({ROOM}{{2,}})|({ROOM}?)$)")


LABELLED = {code: _labelled(code) for code in SHORT if code != "issue"}


def target_of(grid: TableGrid, box: Box) -> Box | None:
    """Return the blank cell that a label means: the one beside it, else the one below it."""
    beside = grid.at(box.row, box.column + box.width)
    below = grid.at(box.row + box.height, box.column)
    return next((one for one in (beside, below) if one and _waits(one)), None)


def _waits(box: Box) -> bool:
    words = box.words.strip()
    return box.is_blank or bool(PRINTED.fullmatch(words) or HINTED.fullmatch(words))


def is_room(paragraph: Any) -> bool:
    """Whether a paragraph is a line to write on; not one that ends a section or a page."""
    ends = paragraph.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None
    breaks = any(one.get(qn("w:type")) for one in paragraph.iter(qn("w:br")))
    return not ends and not breaks and filling.is_blank(paragraph)


def fill(grid: TableGrid, said: Mapping[str, str]) -> list[Any]:
    """Fill the cells beside the labels of short texts and figures; return the labels' cells."""
    labels: dict[Any, Box] = {}
    for box in grid.boxes:
        code = CODES.get(weekly_headings.words(box.words), "")
        target = target_of(grid, box) if code in SHORT else None
        if target and all(target is not one for one in labels.values()):
            labels[box.element] = target
            filling.put(target.element, _as_printed(target.words, said[code]))
    return list(labels)


def _as_printed(words: str, value: str) -> str:
    """Keep “第 期” and “ 件” around a number."""
    if not value.isdigit():
        return value
    before = "第" if "第" in words else ""
    after = next((mark for mark in "期件个项" if mark in words), "")
    return f"{before}{value}{after}"


def fill_lines(body: Any, said: Mapping[str, str], *, but: Collection[Any]) -> None:
    """Fill the blanks within lines, wherever they stand but in text boxes and in the cells `but`,
    whose blank is another cell."""
    for paragraph in list(body.iter(PARAGRAPH)):
        above = {one for one in paragraph.iterancestors() if one.tag in INSIDE}
        if above.isdisjoint(but) and not any(one.tag == INSIDE[0] for one in above):
            _fill_line(paragraph, said)


def _fill_line(paragraph: Any, said: Mapping[str, str]) -> None:
    words = filling.words(paragraph)
    found = [(*match.span(1), said["issue"]) for match in ISSUE.finditer(words)]
    for code, pattern in LABELLED.items():
        if match := pattern.search(words):
            group = next(n for n in range(1, len(match.groups()) + 1) if match[n] is not None)
            start, end = match.span(group)
            kept = 0 if code in METRICS else _kept(words, start, end, said[code])
            found.append((start, end - kept, said[code]))
    for start, end, value in sorted(found, reverse=True):
        filling.replace(paragraph, start, end, value)


def _kept(words: str, start: int, end: int, value: str) -> int:
    """Return how many of the blanks stay behind what is written, so that what follows stays where
    it was; at the end of a line none."""
    room = words[start:end]
    if end == len(words) or room.strip(" \t\u3000_＿﹍"):
        return 0
    wide = 2 if room.isascii() else 1
    return min(len(room), max(2, len(room) - wide * len(value)))
