"""The shape of what is written in an examination: which texts a checklist asks for, what is still
missing, how the sheet reads, and which problems it tells of.

While it is written it is {"picked", "absent", "team_only", "texts"}. A *sheet* is the same with the
checklist's words of that day: what was submitted reads as it did, whatever becomes of the list.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from campaigns.models.checklist import Checklist

Sheet = dict[str, Any]
Mode = Checklist.Mode

ALL = "all"  # in `absent`: nothing of the whole list
LONGEST = 10_000  # characters of one text when it is submitted
DRAFT = 250_000  # while it is being written: nothing is lost because it is long
NONE = "不存在此类问题"
MORE = "由班子的阅看人审阅，不在这里显示。"
CASE = (
    ("case_what", "什么事", "一件真实、具体的事：在什么工作中，自己做了什么、没做什么。"),
    ("case_when", "什么时候", "年月或时间段，例如“今年4月下旬”。"),
    ("case_result", "造成什么结果", "谁受了影响，误了什么事，后来怎样。"),
)


@dataclass(frozen=True)
class Ask:
    """One text that is asked for."""

    name: str
    label: str
    group: str  # the heading it stands under
    hint: str = ""
    needed: bool = True
    key: str = ""  # the item or question it belongs to, where it belongs to one
    rows: int = 4


@dataclass(frozen=True)
class Section:
    heading: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    team_only: bool = False


@dataclass(frozen=True)
class Found:
    """A problem that a sheet tells of: what becomes a Finding when it is accepted."""

    manifestation: str
    cause: str = ""
    measures: tuple[str, ...] = ()
    team_only: bool = False
    item: int | None = None
    question: int | None = None


def frozen(checklist: Checklist, content: Sheet) -> Sheet:
    """Return what is being written as a sheet, with the checklist's words of now, and without what
    is written of things that are said not to exist."""
    picked, absent = list(content.get("picked", [])), list(content.get("absent", []))
    sheet = {
        "mode": checklist.mode,
        "parts": list(checklist.parts),
        "items": [[item.pk, item.name, item.description] for item in checklist.items.all()],
        "questions": [[one.pk, one.text, one.finds] for one in checklist.questions.all()],
        "picked": picked,
        "absent": absent,
        "team_only": list(content.get("team_only", [])),
        "texts": {},
    }
    if sheet["mode"] == Mode.PICK:
        sheet["team_only"] = [
            key
            for key in sheet["team_only"]
            if ALL not in absent and (not key.isdigit() or int(key) in picked)
        ]
    texts = content.get("texts", {})
    sheet["texts"] = {
        ask.name: texts[ask.name]
        for ask in asks(sheet)
        if texts.get(ask.name) and not is_absent(sheet, ask.key) and _is_asked(sheet, ask)
    }
    return sheet


def _is_asked(sheet: Sheet, ask: Ask) -> bool:
    """What is written of an item that is not picked stays with the draft."""
    return sheet["mode"] != Mode.PICK or not ask.key or int(ask.key) in sheet["picked"]


def asks(sheet: Sheet) -> list[Ask]:
    """Return every text the sheet has room for, in its order."""
    part = sheet["parts"]
    if sheet["mode"] == Mode.QUESTIONS:
        return [
            Ask(f"answer_{pk}", words, "", key=str(pk), rows=5)
            for pk, words, _ in sheet["questions"]
        ]
    if sheet["mode"] == Mode.EACH:
        return [
            Ask(f"part_{pk}_{place}", part[place], name, key=str(pk), rows=3)
            for pk, name, _ in sheet["items"]
            for place in range(3)
        ]
    return [
        *(
            Ask(name, label, "典型案例", hint, rows=1 if name == "case_when" else 3)
            for name, label, hint in CASE
        ),
        Ask("cause", part[1], ""),
        Ask("measures", part[2], "", "一行一条：做什么、到哪天。", needed=False),
        *(
            Ask(f"measures_{pk}", f"只针对“{name}”", part[2], needed=False, key=str(pk), rows=2)
            for pk, name, _ in sheet["items"]
        ),
        Ask("lesson", "体会教训", ""),
    ]


def is_absent(sheet: Sheet, key: str) -> bool:
    return ALL in sheet["absent"] or key in sheet["absent"]


def missing(sheet: Sheet) -> list[str]:
    """Return what stands before submitting it, each in a sentence; nothing when it is whole."""
    found = [*_too_long(sheet)]
    if sheet["mode"] == Mode.PICK:
        return [*_unpicked(sheet), *found]
    lacking = [ask for ask in asks(sheet) if _is_open(sheet, ask)]
    for ask in lacking:
        name = f"“{ask.group}”的“{ask.label}”" if ask.group else f"“{ask.label}”"
        found.append(f"{name}还没有写。")
    return found


def _is_open(sheet: Sheet, ask: Ask) -> bool:
    return ask.needed and not is_absent(sheet, ask.key) and not sheet["texts"].get(ask.name)


def _unpicked(sheet: Sheet) -> Iterator[str]:
    picked, absent = _picked(sheet), ALL in sheet["absent"]
    if picked and absent:
        yield f"既勾选了条目，又选了“{NONE}”，请改正其中一处。"
    if absent:
        return
    if not picked:
        yield f"请勾选符合的条目；确实没有的，选“{NONE}”。"
        return
    for ask in asks(sheet):
        if _is_open(sheet, ask):
            yield f"“{ask.label}”还没有写。"
    texts = sheet["texts"]
    if not texts.get("measures"):
        bare = [name for pk, name, _ in picked if not texts.get(f"measures_{pk}")]
        if bare:
            lacks = "、".join(bare)
            yield f"“{sheet['parts'][2]}”还没有写：可以写一份管全部，也可以逐条写（缺：{lacks}）。"


def _too_long(sheet: Sheet) -> Iterator[str]:
    for ask in asks(sheet):
        if (length := len(sheet["texts"].get(ask.name, ""))) > LONGEST:
            yield f"“{ask.label}”最多{LONGEST}字，现在有{length}字，请精简；已写的内容都保留着。"


def _picked(sheet: Sheet) -> list[list[Any]]:
    return [item for item in sheet["items"] if item[0] in sheet["picked"]]


def sections(sheet: Sheet) -> list[Section]:
    """Return the sheet as it is read: headings, and under each what was written."""
    more = [Section(sheet["more"], [("", MORE)])] if sheet.get("more") else []
    return [*_sections(sheet), *more]


def _sections(sheet: Sheet) -> list[Section]:
    if sheet["mode"] == Mode.PICK:
        return _told_once(sheet)
    texts, found = sheet["texts"], []
    if sheet["mode"] == Mode.QUESTIONS:
        for pk, words, _ in sheet["questions"]:
            said = NONE if is_absent(sheet, str(pk)) else texts.get(f"answer_{pk}", "")
            found.append(Section(words, [("", said)], str(pk) in sheet["team_only"]))
        return found
    for pk, name, description in sheet["items"]:
        heading = f"{name}：{description}" if description else name
        lines = [("", NONE)]
        if not is_absent(sheet, str(pk)):
            lines = [
                (part, texts.get(f"part_{pk}_{n}", "")) for n, part in enumerate(sheet["parts"])
            ]
        found.append(Section(heading, lines, str(pk) in sheet["team_only"]))
    return found


def _told_once(sheet: Sheet) -> list[Section]:
    texts, part = sheet["texts"], sheet["parts"]
    if ALL in sheet["absent"]:
        return [Section("对照条目", [("", NONE)])]
    picked = _picked(sheet)
    measures = [("", texts.get("measures", ""))]
    measures += [(f"针对“{name}”", texts.get(f"measures_{pk}", "")) for pk, name, _ in picked]
    return [
        *(
            Section(
                f"对照条目：{name}", [("", description)] if description else [], _is_team(sheet, pk)
            )
            for pk, name, description in picked
        ),
        *(
            Section(heading, lines, block in sheet["team_only"])
            for block, heading, lines in (
                (
                    "case",
                    f"{part[0]}（典型案例）",
                    [(label, texts.get(name, "")) for name, label, _ in CASE],
                ),
                ("cause", part[1], [("", texts.get("cause", ""))]),
                ("measures", part[2], [line for line in measures if line[1]]),
                ("lesson", "体会教训", [("", texts.get("lesson", ""))]),
            )
            if block not in sheet.get("left_out", ()) or (block == "measures" and _any(measures))
        ),
    ]


def _any(lines: list[tuple[str, str]]) -> bool:
    return any(text for _, text in lines)


def _is_team(sheet: Sheet, pk: int) -> bool:
    return str(pk) in sheet["team_only"]


def named_texts(sheet: Sheet) -> list[tuple[str, str]]:
    """Return (label, text) of everything that was written, in order."""
    return [
        (f"{ask.group}：{ask.label}" if ask.group else ask.label, sheet["texts"][ask.name])
        for ask in asks(sheet)
        if sheet["texts"].get(ask.name)
    ]


def plain(sheet: Sheet) -> str:
    """Return the whole text, for comparing."""
    return "\n".join(text for _, text in named_texts(sheet))


# ---------------------------------------------------------------- the problems it tells of


def findings(sheet: Sheet) -> list[Found]:
    """Return one problem for each item that was picked or answered, or answer that tells of one;
    none where it says 不存在此类问题."""
    texts = sheet["texts"]
    if sheet["mode"] == Mode.QUESTIONS:
        return [
            Found(texts[f"answer_{pk}"], question=pk, team_only=_is_team(sheet, pk))
            for pk, _, finds in sheet["questions"]
            if finds and not is_absent(sheet, str(pk)) and texts.get(f"answer_{pk}")
        ]
    if sheet["mode"] == Mode.EACH:
        return [
            Found(
                texts[f"part_{pk}_0"],
                texts.get(f"part_{pk}_1", ""),
                _lines(texts.get(f"part_{pk}_2", "")),
                item=pk,
                team_only=_is_team(sheet, pk),
            )
            for pk, _, _ in sheet["items"]
            if not is_absent(sheet, str(pk)) and texts.get(f"part_{pk}_0")
        ]
    if ALL in sheet["absent"]:
        return []
    told = [texts.get(name, "").strip().rstrip("。；") for name in ("case_when", "case_what")]
    case = "，".join(filter(None, told))
    if result := texts.get("case_result", "").strip():
        case = f"{case}。{result}"
    return [_found_once(sheet, pk, case) for pk, _, _ in _picked(sheet)]


def _found_once(sheet: Sheet, pk: int, case: str) -> Found:
    """What is for the leading team alone goes with no finding of the branch's."""
    marked, texts = sheet["team_only"], sheet["texts"]
    team = str(pk) in marked or "case" in marked
    cause, measures = (
        texts.get(block, "") if team or block not in marked else ""
        for block in ("cause", "measures")
    )
    own = texts.get(f"measures_{pk}", "")
    return Found(case, cause, _lines(f"{measures}\n{own}"), item=pk, team_only=team)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())
