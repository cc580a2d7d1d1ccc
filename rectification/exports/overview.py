"""The overview of a campaign as a workbook (活动总览): printed, A4 across."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from campaigns.models import BEIJING, Campaign, Checklist, Stage
from rectification.exports.cover import long_day
from rectification.models import overview
from rectification.models.overview import COLUMNS, FEW, Line
from reform.exports import workbook
from reform.exports.workbook import Look, Rows, Value
from reform.models import Organization, User

HEADINGS = ("序号", "单位", *(column.name for column in COLUMNS))
WIDTHS = (6.0, 40.0, *[10.0] * len(COLUMNS))
HEAD, LINE, MARGIN = 32.0, 13.5, 5.0  # points


def name_of(line: Line) -> str:
    return line.organization.name if line.whole else f"{line.organization.name}（本级）"


def write(
    campaign: Campaign,
    checklist: Checklist | None,
    lines: Sequence[Line],
    *,
    stage: Stage | None = None,
    unit: Organization | None,
    by: User,
    at: datetime,
) -> bytes:
    """Return the lines as .xlsx, in the order they come in."""
    book, sheet = workbook.printed_sheet("活动总览", widths=WIDTHS, heading=(3, 3), freeze="C4")
    book.properties.title, book.properties.creator = f"{campaign}总览", by.name
    looks = workbook.table_looks(sheet)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "overview.xlsx"
        with workbook.rows_of(book, target, widths=WIDTHS, repeated=HEAD) as rows:
            _write_head(rows, looks, campaign, checklist, stage=stage, unit=unit, at=at)
            _write_lines(rows, looks, lines)
            _write_notes(rows, looks)
        return target.read_bytes()


def _write_head(
    rows: Rows,
    looks: dict[str, Look],
    campaign: Campaign,
    checklist: Checklist | None,
    *,
    stage: Stage | None,
    unit: Organization | None,
    at: datetime,
) -> None:
    moment = at.astimezone(BEIJING)
    parts = [f"填报单位：{unit}"] if unit else []
    parts += [f"自查清单：{checklist}"] if checklist else []
    parts += [f"阶段：{stage}"] if stage else []
    parts.append(f"截至{long_day(moment.date())}{moment.hour}时{moment:%M}分")
    rows.add_merged(workbook.legible(f"{campaign}总览"), looks["title"], height=40)
    rows.add_merged(workbook.legible("　　　".join(parts)), looks["note"], height=24)
    rows.add(list(HEADINGS), [looks["head"]] * len(HEADINGS), height=HEAD)


def _write_lines(rows: Rows, looks: dict[str, Look], lines: Sequence[Line]) -> None:
    cells = [looks["number"], looks["text"], *[looks["number"]] * len(COLUMNS)]
    for number, line in enumerate(lines, start=1):
        name = workbook.legible(name_of(line))
        values: list[Value] = [number, name, *(_value(line.shown(one.code)) for one in COLUMNS)]
        tall = workbook.lines(name, int(WIDTHS[1] - 0.5))
        rows.add(values, cells, height=tall * LINE + MARGIN)
    if len(lines) > 1:
        sums: list[Value] = [_value(words) for words in overview.total(lines)]
        rows.add(["", "合计", *sums], cells, height=LINE + MARGIN)
    if not lines:
        rows.add_merged("没有参加的单位。", looks["note"], height=24)


def _value(words: str) -> Value:
    return int(words) if words.isdigit() else words


def _write_notes(rows: Rows, looks: dict[str, Look]) -> None:
    words = "".join(f"{column.name}：{column.definition}" for column in COLUMNS)
    few = f"查摆问题属个人，少于{FEW}项的不列具体数。"
    note = f"口径：{words}{few}离开单位的人员不计。按机构序列排列。"
    tall = workbook.lines(note, int(sum(WIDTHS)) - 2)
    rows.add_merged(note, looks["note"], height=tall * LINE + MARGIN)
