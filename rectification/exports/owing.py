"""The list of those who owe something on problems as a workbook (催办清单): printed."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from campaigns.models import BEIJING, Campaign
from rectification.exports.cover import long_day
from rectification.models.owing import LISTED, Owing, definition_of, name_of
from reform.exports import workbook
from reform.exports.workbook import Look, Rows, Value
from reform.models import Organization, User

LONGEST = "最长逾期\n（工作日）"
HEADINGS = ("序号", "单位", name_of("overdue"), LONGEST, *(name_of(code) for code in LISTED[1:]))
WIDTHS = (6.0, 44.0, *[12.0] * (len(HEADINGS) - 2))
HEAD, LINE, MARGIN = 32.0, 13.5, 5.0  # points


def write(
    campaign: Campaign,
    owing: Sequence[Owing],
    *,
    unit: Organization | None,
    by: User,
    at: datetime,
) -> bytes:
    """Return the list as .xlsx, in the order it comes in."""
    book, sheet = workbook.printed_sheet("催办清单", widths=WIDTHS, heading=(3, 3), freeze="C4")
    book.properties.title, book.properties.creator = f"{campaign}催办清单", by.name
    looks = workbook.table_looks(sheet)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "owing.xlsx"
        with workbook.rows_of(book, target, widths=WIDTHS, repeated=HEAD) as rows:
            _write(rows, looks, campaign, owing, unit=unit, at=at)
        return target.read_bytes()


def _write(
    rows: Rows,
    looks: dict[str, Look],
    campaign: Campaign,
    owing: Sequence[Owing],
    *,
    unit: Organization | None,
    at: datetime,
) -> None:
    last = len(HEADINGS) - 1
    moment = at.astimezone(BEIJING)
    until = f"截至{long_day(moment.date())}{moment.hour}时{moment:%M}分"
    rows.add_merged(workbook.legible(f"{campaign}催办清单"), looks["title"], height=40)
    head = f"填报单位：{unit}　　　{until}" if unit else until
    rows.add_merged(workbook.legible(head), looks["note"], height=24)
    rows.add(list(HEADINGS), [looks["head"]] * (last + 1), height=HEAD)
    cells = [looks["number"], looks["text"], *[looks["number"]] * (last - 1)]
    for number, one in enumerate(owing, start=1):
        name = workbook.legible(one.organization.name)
        counts: list[Value] = [one.counts[code] for code in LISTED]
        values: list[Value] = [number, name, counts[0], one.longest, *counts[1:]]
        tall = workbook.lines(name, int(WIDTHS[1] - 0.5))
        rows.add(values, cells, height=tall * LINE + MARGIN)
    if not owing:
        rows.add_merged("没有待办的单位。", looks["note"], height=24)
    words = "".join(f"{name_of(code)}：{definition_of(code)}" for code in LISTED)
    note = f"口径：{words}个人问题只在本人和支部书记处计。"
    tall = workbook.lines(note, int(sum(WIDTHS)) - 2)
    rows.add_merged(note, looks["note"], height=tall * LINE + MARGIN)
