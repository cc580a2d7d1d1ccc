"""The table of who answers for what (责任分工表) as a workbook: printed, A4 across."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from campaigns.models import Campaign
from campaigns.models.responsible import Standing, standings
from reform.exports import workbook
from reform.exports.workbook import Look, Rows, Value
from reform.models import Organization, User

HEADINGS = ("序号", "单位", "第一责任人", "职务", "依据", "领导分工（分管）")
WIDTHS = (6.0, 34.0, 14.0, 24.0, 14.0, 56.0)
ROOMS = [int(width - 0.5) for width in WIDTHS]
HEAD, LINE, MARGIN = 32.0, 13.5, 5.0  # points
AT_ONCE = 500  # organizations looked up in one statement
UNCLEAR = "尚未明确"


def write(
    campaign: Campaign,
    places: Sequence[Organization],
    *,
    unit: Organization | None,
    on: date,
    by: User,
) -> bytes:
    """Return the table as .xlsx, the organizations in the order they come in."""
    book, sheet = workbook.printed_sheet("责任分工表", widths=WIDTHS, heading=(3, 3), freeze="C4")
    book.properties.title, book.properties.creator = f"{campaign}责任分工表", by.name
    looks = workbook.table_looks(sheet)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "responsible.xlsx"
        with workbook.rows_of(book, target, widths=WIDTHS, repeated=HEAD) as rows:
            title = workbook.legible(f"{campaign}责任分工表")
            rows.add_merged(title, looks["title"], height=40)
            parts = [f"填报单位：{unit}"] if unit else []
            parts.append(f"截至{on.year}年{on.month}月{on.day}日")
            rows.add_merged(workbook.legible("　　　".join(parts)), looks["note"], height=24)
            rows.add(list(HEADINGS), [looks["head"]] * len(HEADINGS), height=HEAD)
            lacking = _write_rows(rows, looks, _every(places, campaign, on))
            _write_note(rows, looks, len(places), lacking)
        return target.read_bytes()


def _every(places: Sequence[Organization], campaign: Campaign, on: date) -> Iterator[Standing]:
    for start in range(0, len(places), AT_ONCE):
        yield from standings(places[start : start + AT_ONCE], campaign, on=on)


def _write_rows(rows: Rows, looks: dict[str, Look], every: Iterator[Standing]) -> int:
    """Return for how many it is not clear."""
    cells = [looks["number"], *[looks["text"]] * (len(HEADINGS) - 1)]
    lacking = 0
    for number, one in enumerate(every, start=1):
        lacking += not one.is_clear
        texts = [
            one.organization.name,
            one.name if one.is_clear else UNCLEAR,
            one.post if one.is_clear else one.why,
            one.ground if one.is_clear else "",
            "；".join(f"{leader.user}：{leader.answers_for}" for leader in one.leaders),
        ]
        texts = [workbook.legible(text) for text in texts]
        tall = max(map(workbook.lines, texts, ROOMS[1:]))
        values: list[Value] = [number, *texts]
        rows.add(values, cells, height=tall * LINE + MARGIN)
    return lacking


def _write_note(rows: Rows, looks: dict[str, Look], count: int, lacking: int) -> None:
    note = (
        f"共{count}个单位，其中{lacking}个第一责任人尚未明确。口径：党组织为书记，单位为主要负责人，"
        "另行指定的从其指定；分管按登记的职责。按机构序列排列。"
    )
    tall = workbook.lines(note, int(sum(WIDTHS)) - 2)
    rows.add_merged(note, looks["note"], height=tall * LINE + MARGIN)
