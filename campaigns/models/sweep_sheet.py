"""The shape of a risk sweep (风险排查表): what is asked, what is still missing, how it reads.

An answer is {"found": bool, "what", "cause", "severity", "measure", "who", "due"}, under the key of
its question: `i5` an item, `q3` a question of a checklist, `r` the one of a request. A *sheet* is
{"title", "parts", "asks": [[key, name, description]], "objects": [{"kind", "name", "lines"}]}: what
was submitted reads as it did, whatever becomes of the list. Without objects it says 未发现问题.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from campaigns.models.checklist import Checklist
from campaigns.models.sweep import Sweep, SweepObject

Sheet = dict[str, Any]
REQUEST = "r"
NOTHING = "未发现问题"
MOST_OBJECTS = 200
# Text of an answer → how long it may be.
LONGEST = {"what": 2000, "cause": 2000, "measure": 2000, "who": 40, "due": 100}
SEVERITIES = {"ordinary": "一般", "key": "重点"}
SHOWN = 20  # sentences of what is missing


@dataclass(frozen=True)
class Row:
    """One line of the table: an object and a question."""

    number: int
    kind: str
    name: str
    asked: str
    found: str
    what: str = ""
    cause: str = ""
    severity: str = ""
    measure: str = ""
    who: str = ""
    due: str = ""

    @property
    def is_problem(self) -> bool:
        return self.found == "有"


def asks(sweep: Sweep) -> list[list[str]]:
    """Return [key, name, description] of every question, in the order of the list."""
    if sweep.request:
        return [[REQUEST, sweep.request.question, sweep.request.explanation]]
    checklist = sweep.checklist
    assert checklist is not None  # noqa: S101 -- by constraint
    if checklist.mode == Checklist.Mode.QUESTIONS:
        return [[f"q{one.pk}", one.text, ""] for one in checklist.questions.all()]
    return [[f"i{one.pk}", one.name, one.description] for one in checklist.items.all()]


def frozen(sweep: Sweep, objects: list[SweepObject]) -> Sheet:
    """Return the sheet as it stands; where nothing was found, what is typed stays behind."""
    questions = asks(sweep)
    keys = {key for key, _, _ in questions}
    return {
        "title": sweep.title,
        "parts": sweep.parts,
        "asks": questions,
        "objects": [
            {
                "kind": one.get_kind_display(),
                "name": one.name,
                "lines": {
                    key: line if line["found"] else {"found": False}
                    for key, line in one.lines.items()
                    if key in keys
                },
            }
            for one in objects
        ],
    }


def missing(sheet: Sheet) -> list[str]:
    """Return what stands before submitting it, each in a sentence; nothing when it is whole."""
    found = list(_missing(sheet))
    if len(found) > SHOWN:
        return [*found[:SHOWN], f"另有{len(found) - SHOWN}处还没有填完。"]
    return found


def _missing(sheet: Sheet) -> Iterator[str]:
    if not sheet["objects"]:
        yield f"还没有填写排查对象；逐项排查后确实没有的，选“整表{NOTHING}”。"
    for one in sheet["objects"]:
        for key, name, _ in sheet["asks"]:
            line = one["lines"].get(key)
            if line is None:
                yield f"“{one['name']}”的“{name}”还没有选有无问题。"
            elif line["found"] and not line.get("what"):
                yield f"“{one['name']}”的“{name}”有问题，请写明{sheet['parts'][0]}。"


def rows(sheet: Sheet) -> list[Row]:
    """Return the sheet as the lines of a table; an object without a problem is one line."""
    lines: list[Row] = []
    for one in sheet["objects"]:
        clean = not any(line["found"] for line in one["lines"].values())
        whole = len(one["lines"]) == len(sheet["asks"])
        if clean and whole and len(sheet["asks"]) > 1:
            lines.append(Row(len(lines) + 1, one["kind"], one["name"], "全部内容", "无"))
            continue
        for key, name, _ in sheet["asks"]:
            lines.append(_row(len(lines) + 1, one, name, one["lines"].get(key)))
    return lines


def _row(number: int, one: dict[str, Any], asked: str, line: dict[str, Any] | None) -> Row:
    if line is None:
        return Row(number, one["kind"], one["name"], asked, "")
    if not line["found"]:
        return Row(number, one["kind"], one["name"], asked, "无")
    texts = {name: line.get(name, "") for name in LONGEST}
    severity = SEVERITIES[line.get("severity") or "ordinary"]
    return Row(number, one["kind"], one["name"], asked, "有", severity=severity, **texts)


def problems(sheet: Sheet) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield (key, question, object in words, answer) of everything that was found."""
    for one in sheet["objects"]:
        for key, name, _ in sheet["asks"]:
            line = one["lines"].get(key)
            if line and line["found"]:
                yield key, name, f"{one['kind']}：{one['name']}", line
