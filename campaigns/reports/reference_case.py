"""One case on paper (一案一总结): what was made known, and what it teaches."""

from campaigns.models import ReferenceCase
from campaigns.models.reference_case import TEXTS, label
from reform import word

CHINESE = "一二三四"


def word_of(case: ReferenceCase) -> bytes:
    """Return what readers read of the case as .docx; what is empty is left out."""
    paper = word.Paper(title=str(case))
    paper.title(f"{case}\n一案一总结")
    paper.blank()
    source = f"通报文件：{case.document_in_words}" if case.document else "通报文件：无"
    paper.body(f"{case.get_level_display()}　{source}")
    written = [name for name in TEXTS if getattr(case, name)]
    for number, name in zip(CHINESE, written, strict=False):
        paper.heading(f"{number}、{label(name)}")
        for line in getattr(case, name).split("\n"):
            if line.strip():
                paper.body(line.strip())
    if not case.is_published:
        paper.blank()
        paper.body(f"（{case.get_status_display()}，仅供起草和审核使用）")
    paper.page_numbers()
    return paper.bytes()
