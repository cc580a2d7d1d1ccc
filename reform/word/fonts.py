"""Text and fonts of Word papers: what a run is made of."""

import re
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

LATIN = "Times New Roman"
SONG, FANG, HEI, KAI, TITLE = "宋体", "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"

# Control characters, lone surrogates and non-characters: no XML holds them.
_ILLEGAL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


def paragraphs(text: str) -> list[str]:
    """Return the lines of `text` without what no document can hold; the rest as written."""
    return [_ILLEGAL.sub("", line) for line in _BREAKS.split(text)]


def name_fonts(properties: Any, font: str, *, latin: str = LATIN) -> None:
    """Name the fonts of a style or run; theme fonts, which would win over names, go."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, value in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", font)):
        fonts.set(qn(f"w:{name}"), value)


def add_run(
    paragraph: Any, text: str, font: str, *, size: float | None = None, latin: str = LATIN
) -> Any:
    """Add `text` in `font`; quotation marks and boxes count as Chinese, not as Latin."""
    run = paragraph.add_run(text)
    if size:
        run.font.size = Pt(size)
    properties = run._element.get_or_add_rPr()  # noqa: SLF001
    name_fonts(properties, font, latin=latin)
    properties.rFonts.set(qn("w:hint"), "eastAsia")
    return run


def add_field(run: Any, code: str) -> None:
    """Let Word fill in PAGE or NUMPAGES."""
    for kind in ("begin", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._element.append(mark)  # noqa: SLF001 -- fields have no other road
    words = OxmlElement("w:instrText")
    words.set(qn("xml:space"), "preserve")
    words.text = code
    run._element[-1].addprevious(words)  # noqa: SLF001
