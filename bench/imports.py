"""How fast workbooks are read and checked, against python-calamine alone on the same files.

    python -m bench imports

1,000 generated workbooks of 50 rows in three layouts as branches send them. File by file both
take turns; sums are compared.
"""

import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import django
import xlsxwriter
from django.core.management import call_command
from django.utils import timezone
from python_calamine import CalamineWorkbook

from bench.places import child, sqlite

BOOKS, ROWS, LIMIT = 1_000, 50, 4.0
HEADINGS = (
    "序号", "问题类别", "问题来源", "存在问题", "原因分析", "整改措施", "责任领导", "责任部门",
    "责任人", "整改时限", "整改标准", "预期效果", "完成情况", "备注",
)  # fmt: skip
LEADERS, PEOPLE = (
    ("陈立", "罗海", "吴刚"),
    ("周敏", "何静", "孙伟", "马超", "林芳", "郑洁", "某同志"),
)
DUE = ("2026年6月30日前", "6月底前", "立行立改", "2026-09-30", "长期坚持", "7月15日")
PLACES = ("窗口", "养护工区", "值班室", "档案室", "工程项目部", "信访接待室")
FAULTS = (
    "{n}件群众诉求登记后未在两个工作日内回访，抽查{m}件均无记录。",
    "{n}份巡查记录由他人代签，照片日期与记录不符。",
    "上级安排的{n}项任务只转发未分解，没有明确责任人和完成时间。",
    "报送的{n}份材料出现错字漏字，被退回{m}次重办。",
)


def run() -> list[dict[str, Any]]:
    """Return seconds for all workbooks: read, understood and checked, beside calamine alone."""
    with tempfile.TemporaryDirectory() as folder, sqlite(folder) as place:
        seen = child(place, "bench.imports", folder)
    return [
        {
            "name": f"导入核对：{BOOKS:,} 份 × {ROWS} 行，秒",
            "ours": round(seen["ours"], 2),
            "peer": round(seen["peer"], 2),
            "ratio": round(seen["ours"] / seen["peer"], 2),
            "limit": LIMIT,
            "note": f"读表 {seen['reading']:.2f} ＋ 核对 {seen['checking']:.2f}；"
            "对照只用 python-calamine 打开并取出单元格",
        }
    ]


# ---------------------------------------------------------------- workbooks as branches send them


def write(path: Path, number: int) -> None:
    """Write one workbook; the layouts take turns."""
    chance = random.Random(number)  # noqa: S311 -- the same files each time
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("台账")
    middle = book.add_format({"align": "center", "text_wrap": True, "border": 1})
    first = (_two_rows, _plain, _with_sections)[number % 3](sheet, middle)
    for row, cells in enumerate(_rows(chance), start=first):
        sheet.write_row(row, 0, cells, middle)
    sheet.write(first + ROWS, 0, "负责人签字：")
    book.close()


def _rows(chance: random.Random) -> Iterator[list[Any]]:
    for number in range(1, ROWS + 1):
        fault = chance.choice(FAULTS).format(n=chance.randrange(2, 40), m=chance.randrange(2, 9))
        measures = "1.明确首接责任人；\n2.每周核对一次台账。" if number % 2 else "限期整改"
        yield [
            number,
            chance.choice("庸懒散慢虚粗"),
            chance.choice(("自己找", "上级点", "督导检查")),
            f"{chance.choice(PLACES)}{fault}（{chance.randrange(10_000)}）",
            "责任没有落实到人。",
            measures,
            chance.choice(LEADERS),
            "办公室、养护科" if number % 5 == 0 else "办公室",
            "、".join(chance.sample(PEOPLE, 2)) if number % 4 == 0 else chance.choice(PEOPLE),
            chance.choice(DUE),
            "抽查无同类问题",
            "群众满意",
            "正在推进" if number % 3 else "已完成",
            "",
        ]


def _plain(sheet: Any, form: Any) -> int:
    sheet.write_row(0, 0, HEADINGS, form)
    return 1


def _two_rows(sheet: Any, form: Any) -> int:
    """Title, reporting unit, and a heading of two rows whose cells are merged."""
    last = len(HEADINGS) - 1
    sheet.merge_range(0, 0, 0, last, "机关党委问题整改台账", form)
    sheet.write(1, 0, "填报单位：机关党委")
    sheet.write(1, 8, "填报时间：2026年4月10日")
    sheet.merge_range(2, 6, 2, 8, "责任分工", form)
    for column, heading in enumerate(HEADINGS):
        if 6 <= column <= 8:
            sheet.write(3, column, heading, form)
        else:
            sheet.merge_range(2, column, 3, column, heading, form)
    return 4


def _with_sections(sheet: Any, form: Any) -> int:
    sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "“庸懒散慢虚粗”问题清单", form)
    sheet.write_row(1, 0, HEADINGS, form)
    sheet.merge_range(2, 0, 2, len(HEADINGS) - 1, "一、作风方面（50个）", form)
    return 3


# ---------------------------------------------------------------- inside a child


def _measure(folder: Path) -> dict[str, float]:
    from campaigns.models import Campaign  # noqa: PLC0415 -- models want Django set up
    from rectification.imports import ledger  # noqa: PLC0415
    from rectification.imports.checking import Check  # noqa: PLC0415
    from reform.models import Actor, Organization, User  # noqa: PLC0415

    campaign = Campaign.objects.get(code="YACG")
    organization = Organization.objects.get(code="JGDW")
    on = timezone.localdate()
    by = Actor.of(User.objects.get(username="zhoumin"), on=on)
    spent = {"reading": 0.0, "checking": 0.0, "peer": 0.0}

    def timed(part: str, act: Callable[..., Any], *values: Any, **named: Any) -> Any:
        began = time.perf_counter()
        made = act(*values, **named)
        spent[part] += time.perf_counter() - began
        return made

    def check(reading: Any) -> Any:
        return Check(reading, campaign=campaign, organization=organization, by=by).run()

    gc.collect()
    for path in sorted(folder.glob("*.xlsx")):
        data = path.read_bytes()
        timed("peer", _cells, data)
        named = {"name": path.name, "campaign": campaign, "on": on}
        checked = timed("checking", check, timed("reading", ledger.understand, data, **named))
        assert len(checked.rows) == ROWS, (path.name, len(checked.rows))
    return spent | {"ours": spent["reading"] + spent["checking"]}


def _cells(data: bytes) -> int:
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)


def main(folder: Path) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("seed_demo", stdout=StringIO())
    for number in range(BOOKS):
        write(folder / f"{number:04d}.xlsx", number)
    print(json.dumps(_measure(folder)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
