"""The table of assignments (任务分解表, domain §2.1 i) as a workbook: printed, A4 landscape.

What it writes, imports/assignments.py reads back.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from campaigns.models import Assignment, Campaign
from reform.actions.attachments import shown_name
from reform.exports import workbook
from reform.exports.workbook import Look, Rows
from reform.models import Organization, User

COLUMNS: tuple[tuple[str, float], ...] = (
    ("序号", 5.0),
    ("依据", 11.0),
    ("工作任务", 21.0),
    ("具体措施", 22.5),
    ("类别", 8.5),
    ("牵头领导", 8.0),
    ("牵头单位", 12.0),
    ("配合单位", 12.0),
    ("责任人", 8.0),
    ("完成时限", 10.0),
    ("进展（形象进度）", 19.0),
    ("备注", 7.0),
)
WIDTHS = tuple(width for _, width in COLUMNS)
ROOMS = [int(width - 0.5) for width in WIDTHS]
LAST = len(COLUMNS) - 1
CENTRED = {0, 4, 5, 8, 9}
LINE, MARGIN, HEAD = 13.5, 5.0, 32.0  # points
MOST_LINES = 24  # a taller row goes on in the next, marked 续
FOLLOWING = "续"


def name_of(campaign: Campaign, on: date) -> str:
    return shown_name(f"{campaign}任务分解表_截至{on:%Y%m%d}.xlsx")


def write(
    campaign: Campaign,
    rows: Iterable[Assignment],
    *,
    unit: Organization | None,
    filters: str,
    by: User,
    on: date,
) -> bytes:
    """Return the table as .xlsx, in the order it comes in; rows want `latest`, their last entry,
    and their cooperating organizations prefetched."""
    book, sheet = workbook.printed_sheet("任务分解表", widths=WIDTHS, heading=(3, 3), freeze="D4")
    book.properties.title, book.properties.creator = f"{campaign}任务分解表", by.name
    looks = _looks(sheet)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "assignments.xlsx"
        with workbook.rows_of(book, target, widths=WIDTHS, repeated=HEAD) as out:
            _write_head(out, looks, campaign, unit, on)
            cells = [looks["centred" if place in CENTRED else "text"] for place in range(LAST + 1)]
            total = 0
            for row in rows:
                _write_row(out, cells, row)
                total += 1
            scope = f"范围：{filters or '全部任务'}。导出人：{by.name}。"
            note = f"截至{_long_day(on)}，共{total}项。{scope}"
            tall = workbook.lines(note, int(sum(WIDTHS)) - 2)
            out.add_merged(workbook.legible(note), looks["note"], height=tall * LINE + MARGIN)
        return target.read_bytes()


def _looks(sheet: Any) -> dict[str, Look]:
    title = Font(name="方正小标宋简体", size=20, charset=134)
    bold = Font(name="黑体", size=10, charset=134)
    body = Font(name=workbook.BODY, size=10, charset=134)
    line = Font(name=workbook.BODY, size=11, charset=134)
    thin = Side("thin")
    box, none = Border(left=thin, right=thin, top=thin, bottom=thin), Border()
    grey, white = PatternFill("solid", fgColor="FFF2F2F2"), PatternFill()
    styles: dict[str, tuple[Font, Border, PatternFill, dict[str, Any]]] = {
        "title": (title, none, white, {"horizontal": "center"}),
        "left": (line, none, white, {}),
        "right": (line, none, white, {"horizontal": "right"}),
        "head": (bold, box, grey, {"horizontal": "center", "wrap_text": True}),
        "text": (body, box, white, {"wrap_text": True}),
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


def _write_head(
    rows: Rows,
    looks: dict[str, Look],
    campaign: Campaign,
    unit: Organization | None,
    on: date,
) -> None:
    rows.add_merged(workbook.legible(f"{campaign}任务分解表"), looks["title"], height=40)
    half = 6
    values: list[Any] = [None] * (LAST + 1)
    values[0] = workbook.legible(f"填报单位（盖章）：{unit or ''}")
    values[half] = f"填报时间：{_long_day(on)}"
    rows.add(values, [looks["left"]] * half + [looks["right"]] * (LAST + 1 - half), height=24)
    rows.merge(rows.number, 0, rows.number, half - 1)
    rows.merge(rows.number, half, rows.number, LAST)
    rows.add([name for name, _ in COLUMNS], [looks["head"]] * (LAST + 1), height=HEAD)


def _write_row(rows: Rows, cells: Sequence[Look], row: Assignment) -> None:
    texts = [workbook.legible(text) for text in _texts(row)]
    pieces = [
        workbook.fold(text, room, MOST_LINES) for text, room in zip(texts, ROOMS[1:], strict=True)
    ]
    for place in range(max(map(len, pieces))):
        shown = [parts[place] if place < len(parts) else "" for parts in pieces]
        tall = max(map(workbook.lines, shown, ROOMS[1:]))
        number: str | int = row.position if place == 0 else FOLLOWING
        rows.add([number, *shown], cells, height=tall * LINE + MARGIN)


def _texts(row: Assignment) -> list[str]:
    places = [place.name for place in row.cooperating.all()]
    return [
        str(row.clause or ""),
        row.task,
        row.content,
        "规定动作" if row.is_prescribed else "自选动作",
        row.leader_name,
        row.organization.name,
        "、".join([*places, *filter(None, [row.cooperating_text])]),
        row.person_name,
        due_in_words(row),
        _progress(row),
        row.remark,
    ]


def due_in_words(row: Assignment) -> str:
    """As it was written; a day typed as one, as papers write it."""
    if row.due_on and (not row.due_text or row.due_text[:4].isdigit()):
        return _long_day(row.due_on)
    return row.due_text


def _progress(row: Assignment) -> str:
    """Blank where nothing has begun: an empty table is filled in by hand."""
    if row.status == Assignment.Status.NOT_STARTED:
        return ""
    latest = getattr(row, "latest", "") or ""
    return f"{row.get_status_display()}。{latest}"


def _long_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
