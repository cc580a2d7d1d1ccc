"""Reading kit files (活动套件): as a whole, each fault with its place, never half loaded."""

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from campaigns.imports.kit_checks import together, too_close
from campaigns.imports.kit_tables import Table, Taker
from campaigns.models import Cause, Checklist, ClosingStep, Kit, Policy, Recipient, ReminderRule
from campaigns.models.checklist import PARTS
from campaigns.models.closing_level import FITS
from campaigns.models.goal import FACTS, MOST_GOALS
from campaigns.models.kit import (
    CONDITIONS,
    MOST_DAYS,
    REPORTS,
    WORDS,
    KitAssignment,
    KitChecklist,
    KitGoal,
    KitItem,
    KitLevel,
    KitQuestion,
    KitRule,
    KitSource,
    KitStage,
    KitWeekly,
)
from campaigns.models.weekly_plan import WEEKDAYS
from reform.errors import Refused

FOLDER = Path(__file__).resolve().parent.parent / "kits"
BIGGEST = 500_000  # bytes; the largest of ours has thirty thousand
SHOWN = 30  # faults: who has more begins anew
PLACE = re.compile(r"line (\d+), column (\d+)")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# A key of very many parts (a.a.a…): tomllib keeps each beginning of it, gigabytes of a small file.
MANY_PARTS = re.compile(r"""(?<![\w"'-])(?:[\w"'-]+[ \t]*\.[ \t]*){50}""")
KNOWN = (
    *("code", "name", "version", "summary", "title", "word", "office_name", "days"),
    *("at_once_days", "standing_review_days", "stages", "assignments", "checklists", "sources"),
    *("levels", "ladder", "weekly", "reports", "goals"),
)


class KitFaults(Refused):
    """A kit file is wrong; `faults` are sentences, each with its place."""

    def __init__(self, faults: list[str]) -> None:
        more = len(faults) - SHOWN
        self.faults = [*faults[:SHOWN], *([f"另有{more}处错误"] if more > 0 else [])]
        super().__init__(f"套件文件有{len(faults)}处错误，没有读入：{'；'.join(self.faults)}。")


def shipped() -> list[Kit]:
    """Return the kits of this project, in the order of their files."""
    return list(_shipped())


@lru_cache(maxsize=1)
def _shipped() -> tuple[Kit, ...]:
    return tuple(read(path.read_bytes()) for path in sorted(FOLDER.glob("*.toml")))


def read(data: bytes) -> Kit:
    """Return the kit that a file holds; raise KitFaults with everything that is wrong in it."""
    if len(data) > BIGGEST:
        raise KitFaults([f"文件：超过{BIGGEST // 1000}KB，不是活动套件"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise KitFaults([f"第{error.start + 1}个字节：不是UTF-8文字，请另存为UTF-8"]) from error
    if found := MANY_PARTS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise KitFaults([f"第{line}行：句点连起来的名称太多，不是活动套件的写法"])
    try:
        table = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _unreadable(error) from error
    except ValueError as error:  # Python reads no number of thousands of digits
        raise KitFaults(["文件中有位数过多的数字，请改正"]) from error
    return of(table)


def _unreadable(error: Exception) -> KitFaults:
    found = PLACE.search(str(error))
    place = f"第{found[1]}行第{found[2]}列" if found else "文件末尾或嵌套处"
    return KitFaults([f"{place}：写法不对（引号、方括号或等号不成对），请改正"])


def of(table: Table) -> Kit:
    """Return the kit that a table says; raise KitFaults with everything that is wrong in it."""
    take = Taker()
    kit = _kit(table, take)
    if not take.faults:
        together(kit, take)
    if take.faults:
        raise KitFaults(take.faults)
    return kit


def _kit(table: Table, take: Taker) -> Kit:
    whole = "套件"
    take.only(table, KNOWN, whole)
    code = take.text(table, "code", whole, most=40)
    if code and not CODE.fullmatch(code):
        take.fault("套件的code", "只用小写字母、数字和连字符")
    word = take.choice(table, "word", whole, dict.fromkeys(WORDS, ""), "工作")
    return Kit(
        code=code,
        name=take.text(table, "name", whole, most=60),
        version=take.number(table, "version", whole, least=1, most=10_000, usual=1),
        summary=take.text(table, "summary", whole, most=500, needed=False, lines=True),
        title=take.text(table, "title", whole, most=120),
        word=word,
        office_name=take.text(table, "office_name", whole, most=20),
        days=take.number(table, "days", whole, least=1, most=MOST_DAYS),
        at_once_days=take.number(table, "at_once_days", whole, least=1, most=365, usual=30),
        standing_review_days=take.number(
            table, "standing_review_days", whole, least=1, most=366, usual=92
        ),
        goals=tuple(_each(table, "goals", "目标", _goal, take, most=MOST_GOALS)),
        stages=tuple(_each(table, "stages", "阶段", _stage, take, most=20)),
        assignments=tuple(_each(table, "assignments", "任务", _assignment, take, most=500)),
        checklists=tuple(_each(table, "checklists", "清单", _checklist, take, most=30)),
        sources=tuple(_each(table, "sources", "来源", _source, take, most=50)),
        levels=tuple(_each(table, "levels", "销号层级", _level, take, most=10)),
        ladder=tuple(_each(table, "ladder", "催办规则", _rule, take, most=60)),
        weekly=_weekly(table, take),
        reports=_reports(table, take),
    )


def _each(
    table: Table, key: str, word: str, one: Any, take: Taker, *, most: int, within: str = ""
) -> Iterable[Any]:
    place = within or "套件"
    for number, row in enumerate(take.tables(table, key, place, most=most), start=1):
        yield one(row, f"{within}第{number}个{word}", take)


def _goal(row: Table, place: str, take: Taker) -> KitGoal:
    take.only(row, ("title", "facts"), place)
    title = take.text(row, "title", place, most=40)
    return KitGoal(title, take.choices(row, "facts", place, FACTS, needed=False))


def _stage(row: Table, place: str, take: Taker) -> KitStage:
    take.only(row, ("title", "offset", "days", "goal", "conditions"), place)
    return KitStage(
        take.text(row, "title", place, most=40),
        take.number(row, "offset", place, least=0, most=MOST_DAYS),
        take.number(row, "days", place, least=1, most=MOST_DAYS),
        take.text(row, "goal", place, most=500, needed=False, lines=True),
        take.choices(row, "conditions", place, CONDITIONS, needed=False),
    )


def _assignment(row: Table, place: str, take: Taker) -> KitAssignment:
    take.only(row, ("clause", "content", "prescribed"), place)
    return KitAssignment(
        take.text(row, "clause", place, most=100, needed=False),
        take.text(row, "content", place, most=500),
        take.flag(row, "prescribed", place, usual=True),
    )


def _checklist(row: Table, place: str, take: Taker) -> KitChecklist:
    known = ("title", "purpose", "mode", "parts", "guidance", "items", "questions")
    take.only(row, known, place)
    title = take.text(row, "title", place, most=60)
    place = f"{place}“{title}”" if title else place
    parts = take.texts(row, "parts", place, most=20, count=3) if "parts" in row else PARTS
    if len(parts) != len(PARTS):
        take.fault(f"{place}的parts", "应为三个部分的名称")
    purposes, modes = dict(Checklist.Purpose.choices), dict(Checklist.Mode.choices)
    mode = take.choice(row, "mode", place, modes, "pick")
    asks = mode == Checklist.Mode.QUESTIONS
    if asks and row.get("items"):
        take.fault(f"{place}的items", "问答清单只写questions")
    if not asks and row.get("questions"):
        take.fault(f"{place}的questions", '只有问答清单（mode = "questions"）才写questions')
    return KitChecklist(
        title,
        take.choice(row, "purpose", place, purposes, "examination"),
        mode,
        parts,
        take.text(row, "guidance", place, most=2000, needed=False, lines=True),
        tuple(_each(row, "items", "条目", _item, take, most=200, within=place)),
        tuple(_each(row, "questions", "问题", _question, take, most=50, within=place)),
    )


def _item(row: Table, place: str, take: Taker) -> KitItem:
    take.only(row, ("name", "description"), place)
    return KitItem(
        take.text(row, "name", place, most=40),
        take.text(row, "description", place, most=300, needed=False),
    )


def _question(row: Table, place: str, take: Taker) -> KitQuestion:
    take.only(row, ("text", "finds"), place)
    return KitQuestion(
        take.text(row, "text", place, most=300), take.flag(row, "finds", place, usual=False)
    )


def _source(row: Table, place: str, take: Taker) -> KitSource:
    take.only(row, ("name", "also", "from_above"), place)
    return KitSource(
        take.text(row, "name", place, most=40),
        take.texts(row, "also", place, most=20, count=20),
        take.flag(row, "from_above", place, usual=False),
    )


def _level(row: Table, place: str, take: Taker) -> KitLevel:
    take.only(row, ("name", "fits", "chain"), place)
    return KitLevel(
        take.text(row, "name", place, most=40),
        take.choices(row, "fits", place, FITS),
        take.choices(row, "chain", place, dict(ClosingStep.Kind.choices)),
    )


def _rule(row: Table, place: str, take: Taker) -> KitRule:
    take.only(row, ("cause", "workdays", "recipients", "proposal"), place)
    return KitRule(
        take.choice(row, "cause", place, dict(Cause.choices)),
        take.number(row, "workdays", place, least=0, most=ReminderRule.DAYS),
        take.choices(row, "recipients", place, dict(Recipient.choices)),
        take.text(row, "proposal", place, most=60, needed=False),
    )


def _weekly(table: Table, take: Taker) -> KitWeekly:
    place, row, usual = "周报截止", table.get("weekly", {}), KitWeekly()
    if not isinstance(row, dict):
        take.fault(place, "应写成 [weekly]")
        return usual
    take.only(row, tuple(usual.__dict__), place)

    def number(key: str, most: int) -> int:
        return take.number(row, key, place, least=0, most=most, usual=getattr(usual, key))

    hours = {}
    for key in ("office_hour", "branch_hour"):
        hours[key] = take.text({key: getattr(usual, key)} | row, key, place, most=5)
        if not HOUR.fullmatch(hours[key]):
            take.fault(f"{place}的{key}", '应为时刻，例如 "12:00"')
            hours[key] = getattr(usual, key)
    made = KitWeekly(
        policy=take.choice(row, "policy", place, dict(Policy.choices), usual.policy),
        office_weekday=number("office_weekday", len(WEEKDAYS) - 1),
        branch_weekday=number("branch_weekday", len(WEEKDAYS) - 1),
        remind_workdays=number("remind_workdays", 4),
        remind_minutes=number("remind_minutes", 600),
        **hours,
    )
    if why := too_close(made):
        take.fault(place, why)
    return made


def _reports(table: Table, take: Taker) -> dict[str, str]:
    row = table.get("reports", {})
    if not isinstance(row, dict):
        take.fault("报告名称", "应写成 [reports]")
        return {}
    take.only(row, tuple(REPORTS), "报告名称")
    return {
        key: take.text({key: usual} | row, key, "报告名称", most=100)
        for key, (_, usual) in REPORTS.items()
    }
