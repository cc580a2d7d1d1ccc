"""Writing into a Word form that is there already: cells, blank lines, blanks within a line.

What is written looks like what stood there; nothing around it changes. Knows no business.
"""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from reform.word.fonts import paragraphs

# Wrappers that are not seen: content controls (内容控件) and the like.
WRAPPERS = {qn(f"w:{name}") for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins")}
SHOWN = [qn(f"w:{name}") for name in ("drawing", "pict", "object", "sym", "tbl")]
BLANK = re.compile(r"[\s_＿﹍…‥·.．—\-]*")  # what forms have where something is to be written
ONCE = [qn(f"w:{name}") for name in ("sectPr", "pageBreakBefore", "pPrChange")]
NOT_OF_THE_LOOK = [
    qn(f"w:{name}") for name in ("vanish", "webHidden", "ins", "del", "rPrChange", "moveFrom")
]
FONTS = qn("w:rFonts")
# What stands in a document once: a row or paragraph that is copied has it not.
MARKS = [
    qn(f"w:{name}")
    for name in ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd")
]


def inside(element: Any, name: str) -> Iterator[Any]:
    """Yield the children of that name, those within content controls too."""
    for child in element.iterchildren():
        if child.tag == qn(name):
            yield child
        elif child.tag in WRAPPERS:
            yield from inside(child, name)


def blocks(element: Any) -> list[Any]:
    """Return the paragraphs and tables of a body or cell, in their order."""
    found: list[Any] = []
    for child in element.iterchildren():
        if child.tag in {qn("w:p"), qn("w:tbl")}:
            found.append(child)
        elif child.tag in WRAPPERS:
            found += blocks(child)
    return found


def tables(element: Any) -> list[Any]:
    """Return all tables, those within cells too; not those in text boxes, which do not grow."""
    return [table for table in element.iter(qn("w:tbl")) if not _above(table, "w:txbxContent")]


def _above(element: Any, name: str) -> bool:
    return next(element.iterancestors(qn(name)), None) is not None


# ---------------------------------------------------------------- reading


def words(element: Any) -> str:
    """Return what a reader sees of a paragraph, or of the paragraphs of a cell, a line each."""
    if element.tag == qn("w:p"):
        return "".join(text for _, text in _pieces(element))
    return "\n".join(words(block) for block in blocks(element) if block.tag == qn("w:p"))


def _pieces(paragraph: Any) -> list[tuple[Any, str]]:
    """Return (element, its text) of what is seen, in order: texts, tabs and breaks."""
    found = []
    for element in paragraph.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr")):
        if element.tag == qn("w:tab") and element.getparent().tag != qn("w:r"):
            continue  # a tab stop
        if _in_other(element, paragraph) or _is_placeholder(element):
            continue
        other = "\t" if element.tag == qn("w:tab") else "\n"
        found.append((element, element.text or "" if element.tag == qn("w:t") else other))
    return found


def _in_other(element: Any, paragraph: Any) -> bool:
    """Whether it stands in a text box that hangs on the paragraph."""
    return next(element.iterancestors(qn("w:p")), None) is not paragraph


def _is_placeholder(element: Any) -> bool:
    """“单击此处输入文字” of a content control nobody has typed into."""
    return any(_shows_placeholder(control) for control in element.iterancestors(qn("w:sdt")))


def _shows_placeholder(control: Any) -> bool:
    return control.find(f"{qn('w:sdtPr')}/{qn('w:showingPlcHdr')}") is not None


def is_blank(element: Any) -> bool:
    """Whether a paragraph or cell has nothing but room to write in."""
    if any(next(element.iter(tag), None) is not None for tag in SHOWN):
        return False
    return BLANK.fullmatch(words(element)) is not None


# ---------------------------------------------------------------- writing


def unwrap(element: Any) -> None:
    """Take the content controls around an element away, up to its table: bound ones would show
    their old content again. What they hold stays."""
    for above in list(element.iterancestors()):
        if above.tag == qn("w:tbl"):
            return
        if above.tag == qn("w:sdt"):
            _open(above)


def _open(control: Any) -> None:
    content = control.find(qn("w:sdtContent"))
    if _shows_placeholder(control) and content is not None:
        for run in list(content.iter(qn("w:r"))):
            run.getparent().remove(run)
    for child in list(content) if content is not None else []:
        control.addprevious(child)
    control.getparent().remove(control)


def put(cell: Any, text: str) -> None:
    """Write `text` into a blank cell, a paragraph a line, as its first paragraph looks."""
    unwrap(cell)
    for control in list(cell.iter(qn("w:sdt"))):
        _open(control)
    first = next(cell.iterchildren(qn("w:p")), None)
    made = [_like(first, line) for line in paragraphs(text)]
    for child in list(cell):
        if child.tag != qn("w:tcPr"):
            cell.remove(child)
    cell.extend(made)
    _let_grow(cell)


def _like(paragraph: Any, line: str) -> Any:
    """Return a new paragraph with `line`, set as `paragraph` is."""
    made = OxmlElement("w:p")
    layout = paragraph.find(qn("w:pPr")) if paragraph is not None else None
    if layout is not None:
        made.append(layout := deepcopy(layout))
        for name in ONCE:
            for child in list(layout.iterchildren(name)):
                layout.remove(child)
    if line:
        made.append(_run(paragraph, line))
    return made


def _run(paragraph: Any, line: str) -> Any:
    """Return a run as the first of a paragraph that has a look, or as its mark, where none has."""
    run = OxmlElement("w:r")
    look = None
    if paragraph is not None:
        looks = (one.find(qn("w:rPr")) for one in paragraph.iter(qn("w:r")))
        look = next((one for one in looks if one is not None), None)
        if look is None:
            look = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}")
    look = deepcopy(look) if look is not None else OxmlElement("w:rPr")
    for child in list(look):
        if child.tag in NOT_OF_THE_LOOK:
            look.remove(child)
    fonts = look.find(FONTS)
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        look.insert(1 if look.find(qn("w:rStyle")) is not None else 0, fonts)
    fonts.set(qn("w:hint"), "eastAsia")  # “” as wide as the rest
    run.append(look)
    run.text = line
    return run


def _let_grow(cell: Any) -> None:
    """A row of exact height would hide what is longer, a cell that squeezes make it unreadable."""
    properties = cell.find(qn("w:tcPr"))
    for name in ("w:tcFitText", "w:noWrap"):
        for child in list(properties.iter(qn(name))) if properties is not None else []:
            child.getparent().remove(child)
    row = next(cell.iterancestors(qn("w:tr")), None)
    for height in row.iter(qn("w:trHeight")) if row is not None else []:
        if height.get(qn("w:hRule")) == "exact":
            height.set(qn("w:hRule"), "atLeast")


def write_below(line: Any, blank: list[Any], text: str) -> None:
    """Write `text` into the blank paragraphs that follow a heading, and into more below them where
    they are too few; without any, into new ones below the heading `line`."""
    lines = paragraphs(text)
    last = line
    for paragraph in blank[: len(lines)]:
        unwrap(paragraph)
    for paragraph, said in zip(blank, lines, strict=False):
        for control in list(paragraph.iter(qn("w:sdt"))):
            _open(control)
        run = _run(paragraph, said)
        for child in list(paragraph):
            if child.tag not in {qn("w:pPr"), *MARKS}:
                paragraph.remove(child)
        if said:
            paragraph.append(run)
        last = paragraph
    look = blank[-1] if blank else None
    for said in lines[len(blank) :]:
        made = _like(look, said)
        last.addnext(made)
        last = made


def copy_row(row: Any) -> Any:
    """Return a copy of a row that stands below others: without what is there once only."""
    made = deepcopy(row)
    for control in list(made.iter(qn("w:sdt"))):
        _open(control)
    for element in list(made.iter()):
        if element.tag in MARKS:
            element.getparent().remove(element)
            continue
        for name in list(element.attrib):
            if name.endswith(("}paraId", "}textId")):
                del element.attrib[name]
    return made


def as_body(row: Any) -> None:
    """Make a copy of the headings' row one of the body: not repeated, merged, bold or grey."""
    unfit = ("w:tblHeader", "w:vMerge", "w:shd", "w:b", "w:bCs")
    for element in list(row.iter(*map(qn, unfit))):
        element.getparent().remove(element)


# ---------------------------------------------------------------- within a line


def replace(paragraph: Any, start: int, end: int, text: str) -> None:
    """Put `text` in the place of what is seen of a paragraph from `start` to `end`; it looks like
    what stood there, or like what stands before it, where nothing did."""
    said = "".join(paragraphs(text))
    at, home = 0, None
    pieces = _pieces(paragraph)
    for element, old in pieces:
        begins, at = at, at + len(old)
        if element.tag != qn("w:t"):
            continue
        here = begins <= start < at or (begins < start == at and start == end)
        if home is None and here:
            home, cut = element, start - begins
            _say(element, old[:cut] + said + old[max(end - begins, cut) :])
        elif begins < end and at > start:
            _say(element, old[: max(start - begins, 0)] + old[max(end - begins, 0) :])
    if home is None and said:
        _add(paragraph, pieces, start, said)


def _add(paragraph: Any, pieces: Iterable[tuple[Any, str]], start: int, said: str) -> None:
    """The place is a tab or the end: a run of its own, after the last text before it."""
    at, before = 0, None
    for element, old in pieces:
        at += len(old)
        if at <= start and element.tag == qn("w:t"):
            before = element
    if before is not None:
        _say(before, (before.text or "") + said)
    else:
        paragraph.append(_run(paragraph, said))


def _say(element: Any, text: str) -> None:
    element.text = text
    element.set(qn("xml:space"), "preserve")
