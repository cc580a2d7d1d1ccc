"""What one cell of a ledger says as text, and which measures it lists."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from unicodedata import is_normalized

from reform.excel import Cell
from reform.text import clean

BLANKS = frozenset(("", "/", "\\", "-", "--", "—", "——", "－", "／", "无", "暂无", "空", "*", "."))

SUSPECT = ("\n ", " \n", "\n\n", "\n'", "_x000")


def wash(rows: Sequence[list[Cell]]) -> None:
    """Clean every text of a sheet where it stands; mostly one look tells that all are clean."""
    if _are_clean(cell for row in rows for cell in row):
        return
    for row in rows:
        if not _are_clean(row):
            row[:] = [_washed(cell) if isinstance(cell, str) else cell for cell in row]


def _are_clean(cells: Iterable[Cell]) -> bool:
    texts = "\n".join([cell for cell in cells if type(cell) is str and cell])
    framed = f"\n{texts}\n"
    return (
        not any(mark in framed for mark in SUSPECT)
        and texts.replace("\n", "").isprintable()
        and is_normalized("NFC", texts)
    )


def _washed(value: str) -> str:
    text = clean(value)
    # Whoever typed '001 or '=… meant text, and the apostrophe to say so.
    return text[1:].lstrip() if text.startswith("'") and not text.endswith("'") else text


def words(value: Cell) -> str:
    """Return a washed cell as text: numbers as Excel shows them, days in ISO form."""
    return value if isinstance(value, str) else OTHERS[type(value)](value)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _moment(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")


OTHERS: dict[type, Callable[..., str]] = {
    float: _number,
    int: str,
    bool: lambda value: "是" if value else "否",
    datetime: _moment,
    date: date.isoformat,
    time: lambda value: value.isoformat("minutes"),
    timedelta: str,
}


# ── measures ──────────────────────────────────────────────────────────────────────────────────

CHINESE = "一二三四五六七八九十"
ORDINALS = {
    **{character: n for n, character in enumerate(CHINESE, 1)},
    **{f"十{character}": n for n, character in enumerate(CHINESE[:9], 11)},
    **{
        chr(first + n): n + 1
        for first, count in (
            (0x2460, 20), (0x2474, 20), (0x2488, 20),  # ① ⑴ ⒈
            (0x2776, 10), (0x3220, 10), (0x2160, 12),  # ❶ ㈠ Ⅰ
        )
        for n in range(count)
    },
}  # fmt: skip
SIGNS = "\u2460-\u2473\u2474-\u2487\u2488-\u249b\u2776-\u277f\u3220-\u3229\u2160-\u216b"
# Behind the mark of a number stands no figure, 2.5 being one: but 2.2026年6月底前 is the second.
POINT = r"[.．](?:(?!\d)|(?=20\d\d[年.]|\d{1,2}月))"
COMMA = r"、(?:(?!\d)|(?=20\d\d[年.]))"
# Ways of numbering; the one that begins first is that of the measures, others stand inside.
NUMBERINGS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\d.第、])(\d{{1,2}})(?:{POINT}|{COMMA}|[)）](?![；;。，]))",
        r"[（(](\d{1,2})[）)]",
        rf"([{SIGNS}])[、.．]?",
        rf"([{CHINESE}]{{1,2}})[是要][：:，,]?",
        rf"([{CHINESE}]{{1,2}})、",
        rf"[（(]([{CHINESE}]{{1,2}})[）)]、?",
        rf"第([{CHINESE}]{{1,2}})[，,、：:]",
        rf"措施([{CHINESE}\d]{{1,2}})[：:、.]?",
    )
)
LINE_NUMBER = re.compile(rf"(?:^|\n)(\d{{1,2}})(?:{POINT}|{COMMA})")
FIGURES = [str(n) for n in range(1, 31)]
ARABIC, SOME_NUMBERING = (
    NUMBERINGS[0],
    re.compile(rf"[\d{CHINESE}][.．、)）是要，,：:]|[{SIGNS}]"),
)
# A number alone: 2. in the second row of a problem.
LEADING = re.compile("|".join(rf"^\s*(?:{numbering.pattern})" for numbering in NUMBERINGS))
BOUNDARY = "\n；;。：: 　，,、"
# Not inside brackets: “（含采购；验收）” is one measure.
BETWEEN = re.compile(r"[；;\n]+(?![^（()）]*[）)])")
# Numbered by line where the numbers go astray: 1. 2. 4., 1.1 1.2, or without any mark.
LINE_NUMBERS = (
    re.compile(rf"(?:^|\n)\s*(\d{{1,2}})(?:{POINT}|{COMMA}|[)）])"),
    re.compile(r"(?:^|\n)\s*\d{1,2}[.．](\d{1,2})[.．、)）]?(?=\s*[\u4e00-\u9fff《“])"),
    re.compile(r"(?:^|\n)\s*(\d{1,2})(?=\s*[\u4e00-\u9fff《“])"),
)
WIDEST_GAP = 2
DASHES = "-—–*·+"
BULLETS = "•·●◆■▪◇○★\t 　"
ENDS = " \t\n；;。，,、"


def measures(text: str) -> list[str]:
    """Split measures at their numbers, or at semicolons and line ends; strip both."""
    pieces = _numbered(text) or [LEADING.sub("", piece) for piece in BETWEEN.split(text)]
    found = [bare for piece in pieces if (bare := piece.strip(ENDS).lstrip(BULLETS))]
    if len(found) > 1 and found[0][0] in DASHES and len({piece[0] for piece in found}) == 1:
        return [bare for piece in found if (bare := piece[1:].strip())]
    return found


def _numbered(text: str) -> list[str]:
    if text[:1] == "1" and (lines := _numbered_lines(text)):
        return lines
    starts = _starts(text)
    if by_line := _by_line(text, len(starts)):
        return by_line
    if len(starts) > 1:
        ends = [start for start, _ in starts[1:]] + [len(text)]
        pieces = [text[after:end] for (_, after), end in zip(starts, ends, strict=True)]
        pieces[0] = text[: starts[0][0]] + pieces[0]  # “加强管理：1.…” loses nothing
        return pieces
    if starts and starts[0][0] == 0:
        return [LEADING.sub("", piece) for piece in BETWEEN.split(text[starts[0][1] :])]
    return []


def _starts(text: str) -> list[tuple[int, int]]:
    """Where the numbers of the measures stand, in the numbering that begins first."""
    if not SOME_NUMBERING.search(text):
        return []
    if ARABIC.match(text):
        return _sequence(ARABIC, text)
    return min((run for one in NUMBERINGS if (run := _sequence(one, text))), default=[])


def _numbered_lines(text: str) -> list[str]:
    """The usual cell, 1. 2. 3. each on its line; anything else is looked at more closely."""
    _, *parts = LINE_NUMBER.split(text)
    numbers, pieces = parts[0::2], parts[1::2]
    if not numbers or numbers != FIGURES[: len(numbers)]:
        return []
    following = str(len(numbers) + 1)
    if following in text and any(f"{following}{mark}" in text for mark in ".、．)）"):
        return []
    return pieces if len(pieces) > 1 else BETWEEN.split(pieces[0])


def _by_line(text: str, more_than: int) -> list[str]:
    """Split where lines begin with numbers that only rise, if that gives more pieces."""
    if "\n" not in text:
        return []
    for place, numbering in enumerate(LINE_NUMBERS):
        head, *parts = numbering.split(text)
        numbers = [int(number) for number in parts[0::2]]
        gap = WIDEST_GAP if place == 0 else 1
        steps = [after - before for before, after in pairwise(numbers)]
        rising = numbers[:1] == [1] and all(step in range(gap + 1) for step in steps)
        if place and 0 in steps:
            continue
        if rising and not head.strip() and len(numbers) > max(more_than, 1):
            return parts[1::2]
    return []


def _sequence(numbering: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Where 1, 2, 3 … begin and end; a number out of turn, like that of 2.5 days, is text."""
    taken: list[tuple[int, int]] = []
    found = list(numbering.finditer(text))
    for wanted in range(1, len(found) + 1):
        after = taken[-1][1] if taken else 0
        candidates = [
            match for match in found if match.start() >= after and _ordinal(match[1]) == wanted
        ]
        if not candidates:
            break
        at_boundary = (match for match in candidates if _at_boundary(text, match.start()))
        best = next(at_boundary, candidates[0] if taken else None)
        if best is None:
            break
        taken.append(best.span())
    return taken


def _ordinal(sign: str) -> int | None:
    return int(sign) if sign.isdecimal() else ORDINALS.get(sign)


def _at_boundary(text: str, start: int) -> bool:
    return start == 0 or text[start - 1] in BOUNDARY
