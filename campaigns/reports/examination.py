"""One person's sheet on paper (自查剖析材料), as it was submitted or as it is being written."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import BEIJING, CopyRequest, Examination, Submission, answers
from reform import word
from reform.models import Actor
from reform.word import long_day
from reform.word.fonts import FANG, add_run


def word_of(
    examination: Examination,
    sheet: answers.Sheet,
    submission: Submission | None,
    *,
    by: Actor,
    at: datetime,
) -> bytes:
    """Return the sheet as .docx; one that is not submitted says so, and each copy says whose it
    is and who took it, when (SOD-20)."""
    paper = word.Paper(title=str(examination))
    _write(paper, examination, sheet, submission)
    paper.blank()
    paper.body(f"{by.user.name}于{_moment(at)}导出，仅供本次自查剖析工作使用，请妥善保管。")
    paper.page_numbers()
    return paper.bytes()


def copies_of(
    request: CopyRequest,
    texts: Sequence[tuple[Submission, answers.Sheet]],
    *,
    by: Actor,
    at: datetime,
) -> bytes:
    """Return texts of others as one .docx, each on a page of its own; every page says who took it
    when, and who approved that."""
    paper = word.Paper(title=str(request))
    taken = f"{by.user.name}于{_moment(at)}经{request.decided_by_name}批准导出"
    heading = f"{taken}（{request}），不得复制、转发"
    paper.page_numbers()
    section = paper.document.sections[0]
    for header in (section.header, section.even_page_header):
        add_run(header.paragraphs[0], heading, FANG, size=10.5)
    for place, (submission, sheet) in enumerate(texts):
        if place:
            paper.document.add_page_break()
        _write(paper, submission.examination, sheet, submission)
    return paper.bytes()


def _moment(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def _write(
    paper: word.Paper,
    examination: Examination,
    sheet: answers.Sheet,
    submission: Submission | None,
) -> None:
    author = examination.author
    paper.title(f"{examination.campaign}\n自查剖析材料")
    paper.blank()
    post = f"　{author.post}" if author.post else ""
    paper.body(f"{examination.organization}{post}　{author.name}")
    paper.body(f"清单：{examination.checklist}")
    if submission is None:
        paper.body("（草稿，未提交）")
    else:
        day = long_day(submission.submitted_at.astimezone(BEIJING).date())
        paper.body(f"（第{submission.number}版，{day}提交）")
    for number, section in enumerate(answers.sections(sheet), start=1):
        mark = "（仅班子）" if section.team_only else ""
        paper.heading(f"{number}. {section.heading}{mark}", level=2)
        for label, text in section.lines:
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            if not lines:
                paper.body(f"{label}：（未填写）" if label else "（未填写）")
            for place, line in enumerate(lines):
                paper.body(f"{label}：{line}" if label and not place else line)
