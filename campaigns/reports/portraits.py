"""The lists for the discipline side (画像清单): merged words only, a sheet a person, on paper.

No speaker, no opinion as it was said. Each copy says who printed it and when (SOD-20).
"""

from collections.abc import Iterable
from datetime import datetime

from campaigns.models import BEIJING, Portrait, PortraitSession
from reform import word
from reform.models import Actor
from reform.word import CENTRED, LABEL, TEXT, long_day

WIDTHS = (14.0, 24.0, 128.0)  # millimetres
FACTS = (24.0, 59.0, 24.0, 59.0)


def lists_of(
    session: PortraitSession, portraits: Iterable[Portrait], *, by: Actor, at: datetime
) -> bytes:
    """Return the lists of these people as .docx, each on a sheet of its own."""
    paper = word.Paper(title=str(session), numbers=word.FORM)
    taken = f"{by.user.name}于{at.astimezone(BEIJING):%Y-%m-%d %H:%M}打印"
    for place, row in enumerate(portraits):
        if place:
            paper.next_sheet()
        _write(paper, session, row)
        paper.line(f"内部资料，送同级纪检组归档用，请妥善保管。{taken}。")
    paper.page_numbers()
    return paper.bytes()


def _write(paper: word.Paper, session: PortraitSession, row: Portrait) -> None:
    paper.title(f"{session.campaign}\n画像比对个人问题清单")
    facts = paper.table(FACTS)
    facts.row(
        ("党组织", 1, LABEL),
        (str(session.organization), 1, TEXT),
        ("日期", 1, LABEL),
        (long_day(session.on), 1, TEXT),
        height=8,
    )
    facts.row(
        ("姓名", 1, LABEL),
        (row.name, 1, TEXT),
        ("职务", 1, LABEL),
        (row.person.post, 1, TEXT),
        height=8,
    )
    paper.blank()
    table = paper.table(WIDTHS)
    table.row(("序号", 1, LABEL), ("来源", 1, LABEL), ("意见", 1, LABEL), height=8)
    for number, item in enumerate(row.items.all(), start=1):
        source = item.get_source_display()
        table.row((str(number), 1, CENTRED), (source, 1, CENTRED), (item.text, 1, TEXT))
    read = f"{long_day(row.read_on)}阅看" if row.read_on else ""
    if row.told_by:
        read = f"{long_day(row.read_on)}由{row.told_by.name}当面告知" if row.read_on else ""
    words = row.own_words or "（没有另写意见）"
    table.row(("本人意见", 1, LABEL), (f"{words}\n{read}", 2, TEXT), height=18)
    table.row(
        ("送交", 1, LABEL),
        ("送交人（签字）：　　　　　　　　　　　　　　年　　月　　日", 2, TEXT),
        height=14,
    )
    table.row(
        ("接收", 1, LABEL),
        ("接收人（签字）：　　　　　　　　　　　　　　年　　月　　日", 2, TEXT),
        height=14,
    )
