"""组成人员名单: who is in the bodies of a campaign, an annex to the notice that sets them up."""

from collections.abc import Sequence

from campaigns.models import Body, Campaign
from reform import word
from reform.word.table import TOP

WIDTHS = (11.0, 38.0, 28.0, 79.0)  # millimetres: two characters in, title, name, post
NUMBERS = "一二三四五六七八九十"


def word_of(campaign: Campaign, bodies: Sequence[Body]) -> bytes:
    """Return the list as .docx; `bodies` come in their order, with their members."""
    paper = word.Paper(title=f"{campaign}组成人员名单")
    paper.attachment(f"{campaign}\n组织机构及组成人员名单")
    for place, body in enumerate(bodies, start=1):
        paper.blank()
        paper.heading(f"{_number(place)}、{body.name}")
        if body.host:
            paper.body(f"设在{body.host.name}。")
        if body.purpose:
            paper.body(f"职责：{body.purpose}")
        _write_members(paper, body)
        if body.plan:
            paper.body(f"方案：{body.plan}")
    if not bodies:
        paper.blank()
        paper.body("尚未设立。")
    paper.page_numbers()
    return paper.bytes()


def _write_members(paper: word.Paper, body: Body) -> None:
    if not body.members_now:
        paper.body("组成人员尚未登记。")
        return
    table = paper.table(WIDTHS, ruled=False)
    for title, rows in body.by_title():
        for place, row in enumerate(rows):
            head = f"{spread(title)}：" if not place else ""
            cells = ("", head, spread(row.name), row.post)
            table.row(*((text, 1, TOP) for text in cells), breaks=False)


def spread(text: str) -> str:
    """Set a word of two characters as wide as one of three: 组　长, 张　三."""
    return f"{text[0]}　{text[1]}" if len(text) == 2 else text


def _number(place: int) -> str:
    """Return 一 … 十, 十一 … 二十."""
    if place <= len(NUMBERS):
        return NUMBERS[place - 1]
    return ("十" if place < 20 else "二十") + (NUMBERS[place % 10 - 1] if place % 10 else "")
