"""The trail as a workbook (留痕导出): one row an entry, in constant memory."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils import timezone
from rustpy_xlsxwriter import Format, write_worksheets

from reform.actions.jobs import Tell
from reform.exports import workbook
from reform.models import TrailEntry
from reform.models.trail import TrailQuerySet
from reform.models.trail_detail import facts, kind_of
from reform.models.trail_search import CAPACITIES

SHEET, NOTES = "操作留痕", "说明"
WIDTHS: dict[str, float] = {
    "编号": 10,
    "时间": 20,
    "操作人": 12,
    "身份": 12,
    "操作人单位": 24,
    "代谁": 10,
    "事项": 18,
    "对象类别": 12,
    "对象": 24,
    "说明": 60,
    "来源地址": 18,
    "明细": 60,
}
AT_ONCE = 2000
METADATA = "本表只列操作的元数据；问题、措施、意见等原文按权限在各自页面查看，不在审计范围内。"
KEPT = "留痕只增不改不删，至少保存三年。"


def write(
    rows: TrailQuerySet,
    target: Path,
    *,
    total: int,
    words: str,
    exporter: str,
    at: datetime,
    tell: Tell,
) -> None:
    """Write the entries to `target`, newest first."""
    plain = Format().set_font_name("宋体").set_font_charset(134).set_font_size(11)
    wrapped = Format().set_font_name("宋体").set_font_charset(134).set_text_wrap()
    bold = Format().set_font_name("宋体").set_font_charset(134).set_bold()
    write_worksheets(
        [
            (SHEET, _records(rows, total, tell)),
            (NOTES, _notes(total, words=words, exporter=exporter, at=at)),
        ],
        str(target),
        header_format={SHEET: bold, NOTES: bold},
        column_formats={
            SHEET: dict.fromkeys(WIDTHS, plain),
            NOTES: {"项目": wrapped, "内容": wrapped},
        },
        column_widths={SHEET: {**WIDTHS}, NOTES: {"项目": 14.0, "内容": 90.0}},
        autofilter={SHEET: True},
        freeze_panes={SHEET: {"row": 1, "col": 2}},
    )


def _records(rows: TrailQuerySet, total: int, tell: Tell) -> Iterator[dict[str, Any]]:
    if not total:
        yield dict.fromkeys(WIDTHS)
    done = 0
    for entry in walk(rows):
        yield dict(zip(WIDTHS, _cells(entry), strict=True))
        done += 1
        if not done % AT_ONCE:
            tell(done, total)
    tell(done, total)


def walk(rows: TrailQuerySet) -> Iterator[TrailEntry]:
    """Yield the entries newest first, by key and not by offset."""
    rows, last = rows.select_related("organization"), None
    while True:
        page = list((rows.filter(_after(last)) if last else rows)[:AT_ONCE])
        yield from page
        if len(page) < AT_ONCE:
            return
        last = page[-1]


def _after(last: TrailEntry) -> Q:
    return Q(at__lte=last.at) & (Q(at__lt=last.at) | Q(pk__lt=last.pk))


def _cells(entry: TrailEntry) -> list[Any]:
    moment = timezone.localtime(entry.at)
    said = "；".join(f"{word}：{value}" for word, value in facts(entry))
    cells = [
        *(entry.pk, f"{moment:%Y-%m-%d %H:%M:%S}", entry.by_name),
        *(capacity(entry), str(entry.organization or ""), entry.behalf_name),
        *(entry.act_in_words, kind_of(entry.target), entry.subject, entry.for_audit),
        *(entry.address, said),
    ]
    return [_fit(cell) if isinstance(cell, str) else cell for cell in cells]


def capacity(entry: TrailEntry) -> str:
    """Return who acted: one of the administrators, somebody else, or nobody who signed in."""
    if entry.by_id is None:
        return "未登录、系统"
    return CAPACITIES.get(entry.made_as) or ("审计管理员" if entry.made_as else "业务人员")


def _fit(text: str) -> str:
    return workbook.parts(workbook.legible(text))[0] if text else ""


def _notes(total: int, *, words: str, exporter: str, at: datetime) -> Iterator[dict[str, str]]:
    facts = [
        ("条数", f"{total}条"),
        ("查询条件", words),
        ("导出人", exporter),
        ("导出时间", f"{timezone.localtime(at):%Y-%m-%d %H:%M}"),
        ("内容", METADATA),
        ("保存", KEPT),
    ]
    for word, meaning in facts:
        yield {"项目": word, "内容": workbook.legible(meaning)}
