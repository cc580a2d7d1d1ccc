"""The printed ledger (台账打印版): A4 landscape, to be signed and stamped (domain §4.7)."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from rectification.exports.columns import PRINTED
from rectification.exports.cover import (
    DEFINITIONS,
    KEEP_SAFE,
    SEVERAL_ITEMS,
    SIGNATURES,
    Cover,
    long_day,
)
from rectification.exports.rows import LedgerRow, Tell, Walk
from rectification.models.problem_queryset import ProblemQuerySet
from reform.exports import workbook
from reform.exports.workbook import Look, Rows, Value

HEADING = (3, 4)  # the rows repeated on every page
LAST = len(PRINTED) - 1
WIDTHS = [column.width for column in PRINTED]
ROOMS = [int(width - 0.5) for width in WIDTHS]  # a cell keeps a little of its width for itself
LINE, MARGIN = 13.5, 5.0  # points: a line of 10-point text, and what stands around the lines
HEADS = (20.0, 20.0)  # points: the groups, and the headings below them
SECTION, SIGNATURE = 22.0, 36.0
MOST_LINES = 24  # a taller row would not fit below the heading of one page
FOLLOWING = "续"
DIGITS = "零一二三四五六七八九"


def write_printed(problems: ProblemQuerySet, target: Path, *, cover: Cover, tell: Tell) -> int:
    """Write the ledger to `target` and return how many problems it lists.

    A row that would be taller than a page goes on in a row marked 续: nothing is cut.
    """
    walk = Walk.over(problems)
    book, sheet = workbook.printed_sheet("台账", widths=WIDTHS, heading=HEADING, freeze="E5")
    book.properties.title, book.properties.creator = cover.title, cover.exporter
    looks = _looks(sheet)
    with workbook.rows_of(book, target, widths=WIDTHS, repeated=sum(HEADS)) as rows:
        _write_head(rows, looks, cover)
        has_several = _write_body(rows, looks, walk, cover, tell)
        _write_foot(rows, looks, cover, total=len(walk), has_several=has_several)
    return len(walk)


# ---------------------------------------------------------------- looks


def _looks(sheet: Any) -> dict[str, Look]:
    """The fonts of official papers; named only, never shipped."""
    title = Font(name="方正小标宋简体", size=20, charset=134)
    bold = Font(name="黑体", size=10, charset=134)
    line = Font(name=workbook.BODY, size=11, charset=134)
    body = Font(name=workbook.BODY, size=10, charset=134)
    thin = Side("thin")
    box = Border(left=thin, right=thin, top=thin, bottom=thin)
    none = Border()
    grey, white = PatternFill("solid", fgColor="FFF2F2F2"), PatternFill()
    styles: dict[str, tuple[Font, Border, PatternFill, dict[str, Any]]] = {
        "title": (title, none, white, {"horizontal": "center"}),
        "left": (line, none, white, {}),
        "right": (line, none, white, {"horizontal": "right"}),
        "head": (bold, box, grey, {"horizontal": "center", "wrap_text": True}),
        "section": (bold, box, white, {"horizontal": "left", "indent": 1}),
        "text": (body, box, white, {"wrap_text": True}),
        "long": (body, box, white, {"vertical": "top", "wrap_text": True}),
        "centred": (body, box, white, {"horizontal": "center", "wrap_text": True}),
        "note": (body, none, white, {"vertical": "top", "wrap_text": True}),
    }
    return {
        name: workbook.look(
            sheet,
            font=font,
            border=border,
            fill=fill,
            alignment=Alignment(**{"vertical": "center"} | place),
        )
        for name, (font, border, fill, place) in styles.items()
    }


# ---------------------------------------------------------------- head


def _write_head(rows: Rows, looks: dict[str, Look], cover: Cover) -> None:
    rows.add_merged(workbook.legible(cover.title), looks["title"], height=40)
    unit = workbook.legible(f"填报单位（盖章）：{cover.reporting_unit}")
    day = f"填报时间：{long_day(cover.on)}"
    half = LAST // 2 + 1
    _write_blocks(rows, [(0, unit, looks["left"]), (half, day, looks["right"])], height=24)
    _write_heading(rows, looks["head"])


def _write_blocks(rows: Rows, blocks: Sequence[tuple[int, str, Look]], *, height: float) -> None:
    """Write texts side by side, each from its column up to the next."""
    ends = [start - 1 for start, _, _ in blocks[1:]] + [LAST]
    values: list[Value] = [None] * (LAST + 1)
    looks = [blocks[0][2]] * (LAST + 1)
    for (start, text, look), end in zip(blocks, ends, strict=True):
        values[start] = text
        looks[start : end + 1] = [look] * (end - start + 1)
    rows.add(values, looks, height=height)
    for (start, _, _), end in zip(blocks, ends, strict=True):
        rows.merge(rows.number, start, rows.number, end)


def _write_heading(rows: Rows, look: Look) -> None:
    """Write two rows: a group stands above its columns, the others are merged downwards."""
    looks, top = [look] * len(PRINTED), rows.number + 1
    above: list[Value] = [None] * len(PRINTED)
    headings = [_broken(column.heading, room) for column, room in zip(PRINTED, ROOMS, strict=True)]
    below: list[Value] = [
        heading if column.group else None for column, heading in zip(PRINTED, headings, strict=True)
    ]
    groups = groupby(range(len(PRINTED)), key=lambda place: PRINTED[place].group or place)
    areas = [(group, list(places)) for group, places in groups]
    for group, places in areas:
        above[places[0]] = group if isinstance(group, str) else headings[group]
    for values, height in zip((above, below), HEADS, strict=True):
        rows.add(values, looks, height=height)
    for group, places in areas:
        rows.merge(top, places[0], top if isinstance(group, str) else top + 1, places[-1])


def _broken(heading: str, room: int) -> str:
    """问题 above 类别, where four characters do not fit side by side."""
    half = (len(heading) + 1) // 2
    return heading if 2 * len(heading) <= room else f"{heading[:half]}\n{heading[half:]}"


# ---------------------------------------------------------------- body


class Line(NamedTuple):
    """A row of the sheet: a problem has one, or several when it is taller than a page."""

    values: list[Value]
    is_tall: bool
    height: float


def _write_body(rows: Rows, looks: dict[str, Look], walk: Walk, cover: Cover, tell: Tell) -> bool:
    """Write the problems, with a row for each organization where there are several.

    Returns whether one of them has more than one item.
    """
    cells = [looks["centred" if column.centred else "text"] for column in PRINTED]
    tall = [looks["centred" if column.centred else "long"] for column in PRINTED]
    has_several = False
    sections = groupby(
        walk.rows(on=cover.on, tell=tell), key=lambda row: (row.unit, row.organization)
    )
    for place, (section, problems) in enumerate(sections, start=1):
        heading = (
            f"{numeral(place)}、{section[1]}（{walk.sizes[section]}项）"
            if len(walk.sizes) > 1
            else ""
        )
        for problem in problems:
            lines = _lines_of(problem)
            has_several = has_several or len(problem.items) > 1
            if problem.serial == len(walk):  # nobody signs a page without a row
                foot = _foot(cover, total=len(walk), has_several=has_several)
                rows.keep(
                    SECTION if heading else 0,
                    *(line.height for line in lines),
                    *(row[1] for row in foot),
                )
            if heading:  # it stands on the page of its first row
                rows.keep(SECTION, lines[0].height)
                rows.add_merged(workbook.legible(heading), looks["section"], height=SECTION)
                heading = ""
            for values, is_tall, height in lines:
                rows.add(values, tall if is_tall else cells, height=height)
    return has_several


def _lines_of(problem: LedgerRow) -> list[Line]:
    serial, *rest = (column.value(problem) for column in PRINTED)
    texts = [workbook.legible(text) for text in rest]
    tallest = max(map(workbook.lines, texts, ROOMS[1:]))
    if tallest <= MOST_LINES:
        return [Line([serial, *texts], is_tall=False, height=_height(tallest))]
    folded = [
        workbook.fold(text, room, MOST_LINES) for text, room in zip(texts, ROOMS[1:], strict=True)
    ]
    found = []
    for place in range(max(map(len, folded))):
        pieces = [parts[place] if place < len(parts) else "" for parts in folded]
        tallest = max(map(workbook.lines, pieces, ROOMS[1:]))
        number = f"{serial}\n{FOLLOWING}" if place else serial
        found.append(Line([number, *pieces], is_tall=True, height=_height(max(tallest, 2))))
    return found


def _height(lines: int) -> float:
    return lines * LINE + MARGIN


def numeral(number: int) -> str:
    """Write 1 to 9,999 as papers number their sections: 一、十、二十三、一百零五."""
    words, skipped = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            words += ("零" if skipped and words else "") + DIGITS[digit] + name
        skipped = not digit
    return words.removeprefix("一") if 10 <= number < 20 else words


# ---------------------------------------------------------------- foot


def _write_foot(
    rows: Rows, looks: dict[str, Look], cover: Cover, *, total: int, has_several: bool
) -> None:
    """Write who signs, then 截至 and 口径, all on one page."""
    places = (0, 4, 6, 9)
    signatures = [
        (place, workbook.legible(f"{label}：{cover.signers.get(label, '')}"), looks["left"])
        for place, label in zip(places, SIGNATURES, strict=True)
    ]
    (_, signed), *said = _foot(cover, total=total, has_several=has_several)
    rows.keep(signed, *(height for _, height in said))
    _write_blocks(rows, signatures, height=signed)
    for text, height in said:
        rows.add_merged(text, looks["note"], height=height)


def _foot(cover: Cover, *, total: int, has_several: bool) -> list[tuple[str, float]]:
    """Return the rows below the table, each with its height: the signatures, then the notes."""
    texts = [workbook.legible(note) for note in notes(cover, total=total, has_several=has_several)]
    room = int(sum(WIDTHS)) - 4
    said = [(text, workbook.lines(text, room) * LINE + 2) for text in texts]
    return [("", SIGNATURE), *said]


def notes(cover: Cover, *, total: int, has_several: bool) -> list[str]:
    about = f"截至{cover.until}，共{total}项。范围：{cover.filters or '全部已入账问题'}。"
    meanings = "".join(meaning for _, meaning in DEFINITIONS)
    found = [
        f"{about}导出人：{cover.exporter}。",
        f"口径：{meanings}",
        *([SEVERAL_ITEMS] if has_several else []),
        KEEP_SAFE,
    ]
    return [f"{place}. {text}" for place, text in enumerate(found, start=1)]
