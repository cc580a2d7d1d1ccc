"""One person's sheet on paper (自查剖析材料), as it was submitted or as it is being written."""

from datetime import datetime

from campaigns.models import BEIJING, Examination, Submission, answers
from reform import word
from reform.models import Actor
from reform.word import long_day


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
    author = examination.author
    paper = word.Paper(title=str(examination))
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
    paper.blank()
    taken = at.astimezone(BEIJING)
    paper.body(
        f"{by.user.name}于{taken:%Y-%m-%d %H:%M}导出，仅供本次自查剖析工作使用，请妥善保管。"
    )
    paper.page_numbers()
    return paper.bytes()
