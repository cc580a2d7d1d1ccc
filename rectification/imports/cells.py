"""What one cell of a ledger says: its measures, names, progress and items."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
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
    **{str(n): n for n in range(1, 100)},
    **{f"0{n}": n for n in range(1, 10)},
    **{character: n for n, character in enumerate(CHINESE, 1)},
    **{f"十{character}": n for n, character in enumerate(CHINESE[:9], 11)},
    **{chr(0x2460 + n): n + 1 for n in range(20)},  # ①
    **{chr(0x2474 + n): n + 1 for n in range(20)},  # ⑴
    **{chr(0x2488 + n): n + 1 for n in range(20)},  # ⒈
}
# Ways of numbering; the one that begins first is that of the measures, others stand inside.
NUMBERINGS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d.第、])(\d{1,2})(?:[.．](?!\d)|、(?!\d)|[)）](?![；;。，]))",
        r"[（(](\d{1,2})[）)]",
        "([\u2460-\u2473\u2474-\u2487\u2488-\u249b])[、.]?",
        rf"([{CHINESE}]{{1,2}})是[：:，,]?",
        rf"([{CHINESE}]{{1,2}})、",
        rf"[（(]([{CHINESE}]{{1,2}})[）)]、?",
        rf"第([{CHINESE}]{{1,2}})[，,、：:]",
        rf"措施([{CHINESE}\d]{{1,2}})[：:、.]?",
    )
)
LINE_NUMBER = re.compile(r"(?:^|\n)(\d{1,2})[.．、](?!\d)")
FIGURES = [str(n) for n in range(1, 31)]
ARABIC, SOME_NUMBERING = (
    NUMBERINGS[0],
    re.compile(rf"[\d{CHINESE}][.．、)）是，,：:]|[\u2460-\u249b]"),
)
# A number alone: 2. in the second row of a problem.
LEADING = re.compile("|".join(rf"^\s*(?:{numbering.pattern})" for numbering in NUMBERINGS))
BOUNDARY = "\n；;。：: 　，,、"
# Not inside brackets: “（含采购；验收）” is one measure.
BETWEEN = re.compile(r"[；;\n]+(?![^（()）]*[）)])")
BULLETS = "•·●◆■▪◇○★\t 　"
ENDS = " \t\n；;。，,、"


def measures(text: str) -> list[str]:
    """Split measures at their numbers, or at semicolons and line ends; strip both."""
    pieces = _numbered(text) or [LEADING.sub("", piece) for piece in BETWEEN.split(text)]
    return [bare for piece in pieces if (bare := piece.strip(ENDS).lstrip(BULLETS))]


def _numbered(text: str) -> list[str]:
    if text[:1] == "1" and (lines := _numbered_lines(text)):
        return lines
    if not SOME_NUMBERING.search(text):
        return []
    if ARABIC.match(text):
        starts = _sequence(ARABIC, text)
    else:
        runs = [run for numbering in NUMBERINGS if (run := _sequence(numbering, text))]
        starts = min(runs, default=[])
    if not starts:
        return []
    if len(starts) == 1:
        if starts[0][0] > 0:
            return []
        return [LEADING.sub("", piece) for piece in BETWEEN.split(text[starts[0][1] :])]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    pieces = [text[after:end] for (_, after), end in zip(starts, ends, strict=True)]
    pieces[0] = text[: starts[0][0]] + pieces[0]  # “加强管理：1.…” loses nothing
    return pieces


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


def _sequence(numbering: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Where 1, 2, 3 … begin and end; a number out of turn, like that of 2.5 days, is text."""
    taken: list[tuple[int, int]] = []
    found = list(numbering.finditer(text))
    for wanted in range(1, len(found) + 1):
        after = taken[-1][1] if taken else 0
        candidates = [
            match for match in found if match.start() >= after and ORDINALS.get(match[1]) == wanted
        ]
        if not candidates:
            break
        at_boundary = (match for match in candidates if _at_boundary(text, match.start()))
        best = next(at_boundary, candidates[0] if taken else None)
        if best is None:
            break
        taken.append(best.span())
    return taken


def _at_boundary(text: str, start: int) -> bool:
    return start == 0 or text[start - 1] in BOUNDARY


# ── names ─────────────────────────────────────────────────────────────────────────────────────

SEPARATORS = re.compile(r"[、，,；;/／|\n+＋]+")
BRACKETED = re.compile(r"[（(\[【][^（(）)\[\]【】]*[）)\]】]")
LABEL = re.compile(r"^[^：:]{1,12}[：:]")
POST = re.compile(
    r"^.{0,6}(?:书记|局长|主任|科长|处长|院长|部长|组长|主席|委员|校长|所长|队长|经理|专员|股长)$"
)
UNIT_END = re.compile(
    r"[局科处室部委办院队站所会组厅县市区镇社馆台校庭股司行厂段团]$|(?<!城)乡$|中心|支部|机关|单位|街道|学院|集团|窗口"
)
ROLE = re.compile(
    r"[（(](?:[^（()）]{0,4})(?:牵头|配合|主责|主办|协办|负责|责任)[^（()）]{0,4}[）)]"
)
WHO = re.compile(r"[（(]((?:牵头|责任|配合)(?:单位|部门)[：:][^（()）]+)[)）][。；;]?$")
HELPING = re.compile(r"^(?:配合|协办|协同|参与|协助)[^：:]{0,8}[：:]")
NEXT_LABEL = re.compile(
    r"(?<=\S)\s*(?=(?:牵头|配合|协办|责任|主办|主责)[^：:、，,；;\s]{0,6}[：:])"
)


@lru_cache(maxsize=8192)
def persons(text: str) -> tuple[str, ...]:
    """Split the names in a cell; 王  伟 is one name, 各处室负责人 stays as it is."""
    if plain := _plain(text):
        return plain
    bare = BRACKETED.sub("", text) or text.strip("（）()[]【】")
    names = [name for piece in SEPARATORS.split(bare) for name in _names(piece)]
    return tuple(dict.fromkeys(name for name in names if name not in BLANKS))


def _names(piece: str) -> Iterator[str]:
    tokens = LABEL.sub("", piece.strip()).split()
    people = [token for token in tokens if not POST.match(token)] or tokens
    single = ""
    for position, token in enumerate(people):
        if len(token) > 1:
            yield from filter(None, (single, token))
            single = ""
            continue
        single += token
        left = sum(len(other) == 1 for other in people[position + 1 :])
        if len(single) == 2 and left > 1:  # 王 伟 李 四
            yield single
            single = ""
    if single:
        yield single


def _plain(text: str) -> tuple[str, ...]:
    """The usual cell: letters and 、 and nothing else."""
    if not text.replace("、", "").isalpha():
        return ()
    return (
        tuple(dict.fromkeys(name for name in text.split("、") if name)) if "、" in text else (text,)
    )


@lru_cache(maxsize=8192)
def answerable(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell the departments from the persons in a cell that has both: 办公室 张三."""
    names = dict.fromkeys(name for unit in departments(text) for name in unit)
    units = tuple(name for name in names if UNIT_END.search(name))
    people = (person for name in names if name not in units for person in persons(name))
    return units, tuple(dict.fromkeys(people))


def helpers_named(text: str) -> str:
    """Return what a measure says at its end of who leads and who helps."""
    match = WHO.search(text) if "单位" in text or "部门" in text else None
    return match[1] if match else ""


@lru_cache(maxsize=8192)
def departments(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split the departments in a cell: those that answer, those that help."""
    if plain := _plain(text):
        return plain, ()
    ours: dict[str, None] = {}
    helping: dict[str, None] = {}
    group = ours
    for piece in SEPARATORS.split(ROLE.sub("", NEXT_LABEL.sub("；", _joined(text)))):
        if LABEL.match(piece.strip()):
            group = helping if HELPING.match(piece.strip()) else ours
        group.update(dict.fromkeys(_units(LABEL.sub("", piece.strip()))))
    return tuple(ours), tuple(helping)


def _joined(text: str) -> str:
    """A name broken by a line end in the cell is one name: 区住房和城乡⏎建设局."""
    lines = text.split("\n")
    for position, line in enumerate(lines[:-1]):
        if UNIT_END.search(line.strip()):
            lines[position] = f"{line}、"
    return "".join(lines)


def _units(piece: str) -> Iterator[str]:
    name = ""
    for token in piece.split():
        name += token
        if UNIT_END.search(token):
            yield name
            name = ""
    if name and name not in BLANKS:
        yield name
