"""One page for a leader on paper (呈阅件): never more than one A4, however much there is to say.

Lines have a fixed height, so what fits is counted: sections take turns until the page is full, what
is left out is said in their headings, and whatever room remains is the leader's to write in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from docx.enum.text import WD_LINE_SPACING
from docx.shared import Mm, Pt

from campaigns.models import BEIJING
from rectification.models.brief import Brief, Decision
from rectification.models.instruction import Instruction
from rectification.models.stuck import Stuck
from reform import word
from reform.word import CENTRED, LABEL, long_day

# Smaller than a letter's 三号: a page that is to hold everything.
NUMBERS = word.Numbers(
    top=20, left=26, right=24, bottom=16, footer=8, size=12, line=19, title_size=22, title_line=32
)
CELL = 4.5  # points above, below and around the text of a table's row
NOTE_SIZE, NOTE_LINE = 9.0, 11.0
END = "进展情况的呈阅件"
ROOM = Mm(36).pt  # the least for his hand
SPARE = 30.0  # points: fonts differ a little
LONGEST_ITEM = 2  # lines
LONGEST_NAME = 14  # characters of a name in an item
LONG_WORD = re.compile(r"([!-~]{12})(?=[!-~])")


def _em(text: str) -> float:
    """Return how wide a text is at the most, in characters: what is not ASCII as a whole one."""
    return sum(0.6 if char.isascii() and not char.isupper() else 1 for char in text)


@dataclass
class Section:
    heading: str
    items: Sequence[str]
    in_all: int
    nothing: str
    unit: str = "件"
    lines: int = 1  # that an item may take before others have had their turn
    shown: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        more = self.in_all - len(self.shown)
        if more <= 0:
            return self.heading
        return f"{self.heading}（列{len(self.shown)}{self.unit}，另有{more}{self.unit}）"


def word_of(brief: Brief) -> bytes:
    """Return the page as .docx."""
    paper = word.Paper(title=brief.title, numbers=NUMBERS)
    line = Mm(paper.width).pt / NUMBERS.size - 2  # characters; some may not end a line
    room = Mm(297 - NUMBERS.top - NUMBERS.bottom).pt - SPARE - ROOM - CELL
    title = _title(brief)
    note = _note(brief)
    note_lines = ceil(_em(note) / (Mm(paper.width).pt / NOTE_SIZE - 2))
    overview = fitted(_overview(brief), 3, line)
    sections = _sections(brief)
    room -= len(title) * NUMBERS.title_line + (NUMBERS.line + CELL)  # with the line below it
    room -= 3 * (NUMBERS.line + CELL) + note_lines * NOTE_LINE + CELL  # figures and their note
    room -= (1 + len(sections) + 1) * NUMBERS.line  # headings, and who made it
    lines = floor(room / NUMBERS.line) - lines_of(overview, line)
    left = share(sections, lines, line)
    _write_head(paper, brief, title)
    _write_figures(paper, brief, note)
    paper.heading("一、总体情况")
    paper.body(broken(overview))
    for section in sections:
        paper.heading(section.title)
        for text in section.shown or [section.nothing]:
            paper.body(broken(text))
    # The lines that nobody needed are his.
    height = (ROOM + (left + room / NUMBERS.line % 1) * NUMBERS.line) / Mm(1).pt
    box = paper.table((14, paper.width - 14))
    box.row(("批\n示", 1, LABEL), ("", 1, word.TEXT), height=height, breaks=False)
    paper.line(broken(fitted(_made_by(brief), 1, line)))
    return paper.bytes()


# ---------------------------------------------------------------- what fits


def lines_of(text: str, line: float) -> int:
    """Return how many lines a paragraph takes, its first one indented by two characters."""
    return ceil((_em(text) + 2) / line)


def fitted(text: str, lines: int, line: float) -> str:
    """Return a text on one line of breaks, cut with … to so many lines."""
    text = "　".join(part.strip() for part in text.split("\n") if part.strip())
    if lines_of(text, line) <= lines:
        return text
    most, kept, used = lines * line - 3, [], 0.0
    for char in text:
        used += _em(char)
        if used > most:
            break
        kept.append(char)
    return f"{''.join(kept)}…"


def broken(text: str) -> str:
    """Let a long run of Latin letters go on on the next line."""
    return LONG_WORD.sub("\\1\u200b", text)


def share(sections: list[Section], lines: int, line: float) -> int:
    """Give the sections their lines in turn, item by item; return how many are left.

    One that has nothing to show takes one line to say so. Where nothing has to be left out, longer
    items get a second line while there are any.
    """
    lines -= sum(not section.items for section in sections)
    longest = max(len(section.items) for section in sections)
    for place in range(longest):
        for section in sections:
            if place < len(section.items) and lines > 0:
                text = fitted(section.items[place], min(section.lines, lines), line)
                section.shown.append(text)
                lines -= lines_of(text, line)
    for section in reversed(sections):
        for place, text in enumerate(section.items[: len(section.shown)]):
            more = fitted(text, LONGEST_ITEM, line)
            if lines > 0 and lines_of(more, line) > lines_of(section.shown[place], line):
                section.shown[place] = more
                lines -= 1
    return lines


def _short(text: str, most: int = LONGEST_NAME) -> str:
    return f"{text[:most]}…" if len(text) > most else text


# ---------------------------------------------------------------- its words


def _title(brief: Brief) -> list[str]:
    """Return the title on one or two lines; a long name of a campaign is cut."""
    most = floor(Mm(210 - NUMBERS.left - NUMBERS.right).pt / NUMBERS.title_size) - 1
    if len(brief.title) <= most:
        return [brief.title]
    return [_short(brief.title.removesuffix(END), most - 1), END]


def _note(brief: Brief) -> str:
    words = "".join(f"{figure.name}：{figure.definition}" for figure in brief.figures)
    unknown = "“—”：一周内有退回交办的问题，当时的时限无从确定。" if brief.unknown else ""
    return (
        f"注：“比一周前”与一周前同一时刻相比，按现在的分管范围计算。{unknown}{words}个人问题不计。"
    )


def _overview(brief: Brief) -> str:
    number = brief.number
    return (
        f"{_short(brief.scope, 40)}共有问题{number('total')}件，已销号{number('closed')}件，"
        f"正在推进{number('under_way')}件（其中正在审核{number('in_review')}件），"
        f"逾期{number('overdue')}件；需要关注的问题{brief.stuck_in_all}件，"
        f"提请审定{len(brief.decisions)}{'件以上' if brief.more_decisions else '件'}。"
    )


def _sections(brief: Brief) -> list[Section]:
    instructions = brief.instructions
    return [
        Section(
            "二、需要关注的问题",
            [f"{n}. {_of_stuck(row)}" for n, row in enumerate(brief.stuck, start=1)],
            brief.stuck_in_all,
            "没有逾期、久拖未办的问题。",
            lines=2,  # fewer that say what it is about, before more that do not
        ),
        Section(
            "三、提请审定事项",
            [f"{n}. {_of_decision(one)}" for n, one in enumerate(brief.decisions, start=1)],
            len(brief.decisions),
            "没有等待审定的事项。",
        ),
        Section(
            "四、批示落实情况",
            [f"{n}. {_of_answer(row, brief)}" for n, row in enumerate(instructions, start=1)],
            len(instructions) + brief.more_instructions,
            "近一个月没有批示。",
            lines=2,  # without the answer it would say nothing
        ),
    ]


def _of_stuck(row: Stuck) -> str:
    problem = row.problem
    whom = "" if row.whom == problem.unit_name else f"，{_short(row.whom)}"
    about = f"{row.step}{whom}"
    return f"{_short(problem.unit_name)}：{row.words}（{about}）。{problem.description}"


def _of_decision(one: Decision) -> str:
    return f"{one.words}。{one.about}" if one.about else f"{one.words}。"


def _of_answer(row: Instruction, brief: Brief) -> str:
    """How it stands first: what is behind may be cut."""
    on = brief.at.astimezone(BEIJING).date()
    own = row.author == brief.leader and not row.recorded_by
    whose = "批示" if own else _short(row.signed, 20)
    said = f"{row.day.month}月{row.day.day}日{whose}“{_short(row.text, 16)}”"
    place = _short(row.organization.name)
    if row.status == Instruction.Status.OPEN:
        return f"{place}尚未答复，已{row.days_open(on)}天：{said}。"
    answers = row.answers
    standing = "已办结" if row.is_done else "已答复"
    return f"{place}{standing}：{said}。{answers[-1].text if answers else '（无答复）'}"


def _made_by(brief: Brief) -> str:
    day = long_day(brief.at.astimezone(BEIJING).date())
    return f"{brief.place}{brief.campaign.office_name}　依据问题台账编制　{day}"


# ---------------------------------------------------------------- on paper


def _write_head(paper: word.Paper, brief: Brief, title: list[str]) -> None:
    paper.title("\n".join(title))
    post = f"（{_short(brief.leader.post, 11)}）" if brief.leader.post else ""
    head = paper.table((paper.width * 0.55, paper.width * 0.45), ruled=False)
    head.row(
        (f"呈：{_short(brief.leader.name, 6)}{post}", 1, word.TEXT),
        (f"截至{brief.until}", 1, word.RIGHT),
    )


def _write_figures(paper: word.Paper, brief: Brief, note: str) -> None:
    first = 22.0
    each = (paper.width - first) / len(brief.figures)
    table = paper.table((first, *[each] * len(brief.figures)))
    table.row(("项目", 1, LABEL), *((one.name, 1, LABEL) for one in brief.figures))
    table.row(("件数", 1, LABEL), *((str(one.number), 1, CENTRED) for one in brief.figures))
    table.row(("比一周前", 1, LABEL), *((one.change_words, 1, CENTRED) for one in brief.figures))
    (cell,) = paper.table((paper.width,), ruled=False, size=NOTE_SIZE).row((note, 1, word.TEXT))
    for paragraph in cell.paragraphs:
        layout = paragraph.paragraph_format
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(NOTE_LINE)
