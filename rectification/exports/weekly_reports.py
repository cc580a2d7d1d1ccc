"""The collated weekly report as a workbook (周报汇总表, domain §2.1 g): printed, to be sent on."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from campaigns.models import BEIJING
from rectification.exports.cover import SIGNATURES, file_name, long_day, signers_of
from rectification.models import WeeklyPart, WeeklyReport
from rectification.models.metric import METRICS
from reform.exports import workbook
from reform.exports.workbook import Look, Rows, Value
from reform.models import User

COUNTED = ("total", "added", "closed_in", "closed", "under_way", "overdue")
HEADINGS = (
    "序号",
    "单位",
    "本周工作进展",
    "下周工作安排",
    *(METRICS[code].name for code in COUNTED),
    "报送情况",
)
WIDTHS = (5.0, 18.0, 50.0, 34.0, *[7.0] * len(COUNTED), 9.0)
ROOMS = [int(width - 0.5) for width in WIDTHS]
LINE, MARGIN, HEAD = 13.5, 5.0, 32.0
MOST_LINES = 24
LAST = len(HEADINGS) - 1


def name_of(report: WeeklyReport, ending: str) -> str:
    """Return 单位_周报第n期_截至20260605.xlsx."""
    words = "周报汇总" if report.collated else "周报"
    on = (report.filed_at or report.counted_at).astimezone(BEIJING).date()
    return file_name(report.name, f"{words}第{report.issue.number}期", on=on, ending=ending)


def write(report: WeeklyReport, *, by: User, at: datetime) -> bytes:
    """Return the table as .xlsx; organizations that have not reported are rows of it."""
    book, sheet = workbook.printed_sheet("周报汇总", widths=WIDTHS, heading=(3, 3), freeze="C4")
    title = f"{report.issue.campaign}周报汇总表（第{report.issue.number}期）"
    book.properties.title, book.properties.creator = title, by.name
    looks = _looks(sheet)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "weekly.xlsx"
        with workbook.rows_of(book, target, widths=WIDTHS, repeated=HEAD) as rows:
            _write(rows, looks, report, title, at=at)
        return target.read_bytes()


def _looks(sheet: Any) -> dict[str, Look]:
    title = Font(name="方正小标宋简体", size=20, charset=134)
    bold = Font(name="黑体", size=10, charset=134)
    line = Font(name=workbook.BODY, size=11, charset=134)
    body = Font(name=workbook.BODY, size=10, charset=134)
    thin = Side("thin")
    box, none = Border(left=thin, right=thin, top=thin, bottom=thin), Border()
    grey, white = PatternFill("solid", fgColor="FFF2F2F2"), PatternFill()
    styles: dict[str, tuple[Font, Border, PatternFill, dict[str, Any]]] = {
        "title": (title, none, white, {"horizontal": "center"}),
        "left": (line, none, white, {}),
        "right": (line, none, white, {"horizontal": "right"}),
        "head": (bold, box, grey, {"horizontal": "center", "wrap_text": True}),
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


def _write(
    rows: Rows,
    looks: dict[str, Look],
    report: WeeklyReport,
    title: str,
    *,
    at: datetime,
) -> None:
    day = (report.filed_at or at).astimezone(BEIJING).date()
    rows.add_merged(workbook.legible(title), looks["title"], height=40)
    half = 4
    values: list[Value] = [None] * (LAST + 1)
    values[0] = workbook.legible(f"填报单位（盖章）：{report.name}")
    values[half] = f"填报时间：{long_day(day)}"
    rows.add(values, [looks["left"]] * half + [looks["right"]] * (LAST + 1 - half), height=24)
    rows.merge(rows.number, 0, rows.number, half - 1)
    rows.merge(rows.number, half, rows.number, LAST)
    rows.add(list(HEADINGS), [looks["head"]] * (LAST + 1), height=HEAD)
    cells = [looks["centred"], looks["centred"], looks["long"], looks["long"]]
    cells += [looks["centred"]] * (LAST - 3)
    for number, part in enumerate(report.parts.order_by("position"), start=1):
        _write_part(rows, cells, number, part)
    total: list[Value] = ["合计", None, None, None]
    total += [report.figures.get(code) for code in COUNTED]
    rows.add([*total, None], [looks["head"]] * (LAST + 1), height=22)
    rows.merge(rows.number, 0, rows.number, 3)
    _write_foot(rows, looks, report)


def _write_part(rows: Rows, cells: list[Look], number: int, part: WeeklyPart) -> None:
    """A text that is taller than a page goes on in the next row: nothing is cut."""
    missing = part.source_id is None and part.position > 0
    texts = [part.note if missing else part.progress, part.plans]
    pieces = [
        workbook.fold(workbook.legible(text), room, MOST_LINES)
        for text, room in zip(texts, ROOMS[2:4], strict=True)
    ]
    figures: list[Value] = [part.figures.get(code) for code in COUNTED]
    for at in range(max(map(len, pieces))):
        shown = [piece[at] if at < len(piece) else "" for piece in pieces]
        first = at == 0
        name = workbook.legible(part.name) if first else "续"
        values: list[Value] = [number if first else None, name, *shown]
        values += [*(figures if first else [None] * len(figures)), part.note if first else None]
        tall = [
            workbook.lines(str(value), room)
            for value, room in zip(values, ROOMS, strict=True)
            if value
        ]
        rows.add(values, cells, height=max(tall) * LINE + MARGIN)


def _write_foot(rows: Rows, looks: dict[str, Look], report: WeeklyReport) -> None:
    on = (report.filed_at or report.counted_at).astimezone(BEIJING).date()
    signers = signers_of(report.organization, on=on, filled_by=report.drafted_by)
    words = "　　　".join(f"{label}：{signers.get(label, '')}" for label in SIGNATURES)
    rows.add_merged(workbook.legible(words), looks["left"], height=36)
    moment = report.counted_at.astimezone(BEIJING)
    until = f"{long_day(moment.date())}{moment.hour}时{moment:%M}分"
    meaning = "".join(f"{METRICS[code].name}：{METRICS[code].definition}" for code in COUNTED)
    note = (
        f"说明：合计截至{until}，按台账计算，未报单位的问题计入合计；各单位数据截至其报送时，"
        f"“本周”各按本单位报告期，各单位之和与合计可能不等；未报单位不列数据。{meaning}"
    )
    room = int(sum(WIDTHS)) - 2
    rows.add_merged(note, looks["note"], height=workbook.lines(note, room) * LINE + MARGIN)
