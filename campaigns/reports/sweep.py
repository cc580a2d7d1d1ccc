"""A risk sweep on paper (风险排查表): what was found as a table, signed and sealed at its foot."""

from datetime import date

from campaigns.models import Sweep
from campaigns.models.sweep_sheet import NOTHING, Row, Sheet, rows
from reform import word
from reform.word import CENTRED, LABEL, TEXT, long_day

WIDTHS = (8, 23, 25, 36, 26, 10, 27, 17)  # millimetres, 172 in all
SIZE, LINE = 9.0, 13.0  # points: 小五


def word_of(sweep: Sweep, sheet: Sheet, *, signed: str, version: str, on: date) -> bytes:
    """Return the sheet as .docx; `signed` is the line of names at its foot, `version` says which
    one it is, or that it is not sent in yet."""
    lines = rows(sheet)
    paper = word.Paper(title=str(sweep), numbers=word.FORM)
    paper.title(f"{sweep.campaign}\n风险排查表")
    paper.line(f"填报单位（盖章）：{sweep.organization}　　填报时间：{long_day(on)}　　{version}")
    paper.line(f"排查内容：{sheet['title']}")
    found = [row for row in lines if row.is_problem]
    objects = len({(row.kind, row.name) for row in lines})
    if found:
        _table(paper, sheet, found)
    if not lines:
        paper.line(f"经逐项排查，{NOTHING}。" if not sweep.is_writable else "（还没有填写）")
    if clean := _clean(lines):
        paper.line(f"{NOTHING}的：{'；'.join(clean)}。")
    if lines:
        paper.line(f"共排查{objects}个对象，发现问题{len(found)}个。")
    paper.line(signed)
    paper.page_of_pages()
    return paper.bytes()


def _table(paper: word.Paper, sheet: Sheet, found: list[Row]) -> None:
    what, cause, measure = sheet["parts"]
    table = paper.table(WIDTHS, size=SIZE, line=LINE)
    names = ("序号", "排查对象", "排查内容", what, cause, "程度", measure, "责任人\n时限")
    table.row(*((name, 1, LABEL) for name in names), heads=True, breaks=False)
    for number, row in enumerate(found, start=1):
        table.row(
            (str(number), 1, CENTRED),
            (f"{row.name}\n（{row.kind}）", 1, TEXT),
            (row.asked, 1, TEXT),
            (row.what, 1, TEXT),
            (row.cause, 1, TEXT),
            (row.severity, 1, CENTRED),
            (row.measure, 1, TEXT),
            ("\n".join(filter(None, [row.who, row.due])), 1, CENTRED),
        )


def _clean(lines: list[Row]) -> list[str]:
    """Return the objects in which nothing was found, and of the others the questions."""
    objects: dict[tuple[str, str], list[Row]] = {}
    for row in lines:
        objects.setdefault((row.kind, row.name), []).append(row)
    found = []
    for (_, name), some in objects.items():
        none = [row.asked for row in some if row.found == "无"]
        if len(none) == len(some):
            found.append(name)
        elif none:
            found.append(f"{name}（{'、'.join(none)}）")
    return found
