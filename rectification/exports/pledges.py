"""Public pledges and what became of them as a workbook (公开承诺兑现情况): printed, A4 across."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from campaigns.models import BEIJING, Campaign
from rectification.exports.cover import long_day
from reform.exports import workbook
from reform.exports.workbook import Look, Rows, Value
from reform.models import Organization, User

HEADINGS = ("序号", "单位", "承诺人", "承诺事项", "时限", "关联问题", "台账情况", "承诺人填报")
WIDTHS = (6.0, 20.0, 14.0, 34.0, 12.0, 20.0, 18.0, 26.0)
HEAD, LINE, MARGIN = 24.0, 13.5, 5.0  # points


def write(
    campaign: Campaign,
    items: Sequence[Any],
    *,
    unit: Organization | None,
    by: User,
    at: datetime,
) -> bytes:
    """Return the promises as .xlsx, in the order they come in; each has its `seen_links`."""
    book, sheet = workbook.printed_sheet(
        "公开承诺兑现情况", widths=WIDTHS, heading=(3, 3), freeze="C4"
    )
    book.properties.title, book.properties.creator = f"{campaign}公开承诺", by.name
    looks = workbook.table_looks(sheet)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "pledges.xlsx"
        with workbook.rows_of(book, target, widths=WIDTHS, repeated=HEAD) as rows:
            _write_head(rows, looks, campaign, unit=unit, at=at)
            for number, item in enumerate(items, start=1):
                _write_item(rows, looks, number, item)
            if not items:
                rows.add_merged("没有公开的承诺。", looks["note"], height=24)
            note = "口径：只列公开承诺的现行版本；台账情况取自问题台账，承诺人填报为本人所写。"
            rows.add_merged(note, looks["note"], height=LINE + MARGIN)
        return target.read_bytes()


def _write_head(
    rows: Rows,
    looks: dict[str, Look],
    campaign: Campaign,
    *,
    unit: Organization | None,
    at: datetime,
) -> None:
    moment = at.astimezone(BEIJING)
    parts = [f"填报单位：{unit}"] if unit else []
    parts.append(f"截至{long_day(moment.date())}{moment.hour}时{moment:%M}分")
    title = workbook.legible(f"{campaign}公开承诺兑现情况")
    rows.add_merged(title, looks["title"], height=40)
    rows.add_merged(workbook.legible("　　　".join(parts)), looks["note"], height=24)
    rows.add(list(HEADINGS), [looks["head"]] * len(HEADINGS), height=HEAD)


def _write_item(rows: Rows, looks: dict[str, Look], number: int, item: Any) -> None:
    texts = [
        item.pledge.organization.name,
        item.pledge.pledger,
        item.text,
        item.due_text,
        "\n".join(link.problem.number for link in item.seen_links),
        "\n".join(_said(*link.standing) for link in item.seen_links),
        "\n".join(f"{long_day(row.done_on)}：{row.text}" for row in item.fulfilments.all()),
    ]
    legible = [workbook.legible(text) for text in texts]
    tall = max(
        workbook.lines(text, int(width - 0.5))
        for text, width in zip(legible, WIDTHS[1:], strict=True)
    )
    values: list[Value] = [number, *legible]
    cells = [looks["number"], *[looks["text"]] * len(legible)]
    rows.add(values, cells, height=tall * LINE + MARGIN)


def _said(word: str, what: str, day: date | None) -> str:
    return f"{word}，{what}{long_day(day)}" if day else word
