"""What the XML of a sheet says and its cells do not: formulas without result, errors, hiding."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from posixpath import join, normpath
from typing import TypeVar

from reform.errors import Refused
from reform.excel import limits
from reform.excel.package import root
from reform.excel.sheet import Position


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked in one sheet."""

    uncalculated: tuple[Position, ...] = ()
    hidden_columns: frozenset[int] = frozenset()
    errors: tuple[tuple[Position, str], ...] = ()  # cells that show an error, and which


NONE = Marks()
Mark = TypeVar("Mark")
PREFIX = rb"<(?:\w+:)?"
# Letters to A, digits to 9, quotes alike: what is far away then shows by its shape, and finding
# plain text takes a third of what a pattern takes. Nearer cells are few enough to be counted later.
SHAPES = bytes(
    ord("A") if chr(code).isalpha() and code < 128
    else ord("9") if chr(code).isdigit() and code < 128
    else ord('"') if code == ord("'")
    else code
    for code in range(256)
)  # fmt: skip
FAR_COLUMN, FAR_ROW = b'"AAA9', b'99999"'
ROW_OR_CELL = re.compile(PREFIX + rb"(row|c)(?=[\s>/])([^>]*)>(\s*<(?:\w+:)?(?:v|is)\b)?")
FORMULA = re.compile(rb"<f[\s>/]")
PREFIXED_FORMULA = re.compile(rb"<\w+:f[\s>/]")
CELL = re.compile(PREFIX + rb"c\s([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
RESULT = re.compile(PREFIX + rb"v[^>/]*>[^<]")
VALUE = re.compile(PREFIX + rb"v[\s>/]")
TEXT_RESULT = re.compile(rb"""\bt\s*=\s*["']str["']""")  # may well be the empty text
REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)(\d+)["']""")
ERROR = re.compile(
    PREFIX
    + rb"""c\s([^>]*\bt\s*=\s*["']e["'][^>]*)>"""
    + rb"""(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v[^>/]*>([^<]+)""",
    re.DOTALL,
)
HIDDEN = re.compile(PREFIX + rb"""col\s[^>]*\bhidden\s*=\s*["'](?:1|true)["'][^>]*>""")
ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*["']([^"']*)["']""")
SHEET = re.compile(PREFIX + rb"sheet\s[^>]*>")
RELATIONSHIP = re.compile(PREFIX + rb"Relationship\s[^>]*>")
SHARED_ENDS = re.compile(rb"</(?:\w+:)?si>|<(?:\w+:)?si\s*/>")
SHARED_CELL = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*(\d+)""")
SHORTEST_CELL = 20  # bytes of XML
WORKBOOK, RELATIONSHIPS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def marks(parts: Mapping[str, bytes]) -> dict[int, Marks]:
    """Return the marks of the sheets that have any, by place in the workbook."""
    roots = {name: root(xml) for name, xml in parts.items()}
    shared = next((parts[name] for name, element in roots.items() if element == b"sst"), b"")
    marked = {}
    for name, xml in parts.items():
        if roots[name] != b"worksheet":
            continue
        refuse_large(xml)
        limits.refuse_many(marked=xml.count(b"mergeCell "))
        _refuse_repeats(xml, shared)
        found = Marks(_some(_uncalculated(xml)), frozenset(_hidden(xml)), _some(_errors(xml)))
        if found != NONE:
            marked[name] = found
    if not marked:
        return {}
    places = enumerate(_sheet_parts(parts))
    return {place: marked[name] for place, name in places if name in marked}


def _some(found: Iterator[Mark]) -> tuple[Mark, ...]:
    """Take what is found, and refuse before it fills the memory."""
    taken = tuple(islice(found, limits.MAX_MARKED + 1))
    limits.refuse_many(marked=len(taken))
    return taken


def refuse_large(xml: bytes) -> None:
    """Refuse before anybody makes the empty cells between two far corners."""
    shapes = xml.translate(SHAPES)
    if FAR_COLUMN not in shapes and FAR_ROW not in shapes:
        return
    row = column = 0
    for element in ROW_OR_CELL.finditer(xml):
        kind, attributes, content = element.groups()
        reference = REFERENCE.search(attributes)
        if kind == b"row":
            row, column = (int(reference[2]) if reference else row + 1), 0
            continue
        column += 1
        if reference:
            row, column = int(reference[2]), _column(reference[1]) + 1
        if content:
            limits.refuse_large(row, column)


def _refuse_repeats(xml: bytes, shared: bytes) -> None:
    """A long text is stored once and may be shown in a million cells, each with its own copy."""
    if len(xml) // SHORTEST_CELL * len(shared) <= limits.MAX_UNPACKED:
        return
    lengths = [len(text) for text in SHARED_ENDS.split(shared)]
    shown = (int(place) for place in SHARED_CELL.findall(xml))
    if sum(lengths[place] for place in shown if place < len(lengths)) > limits.MAX_UNPACKED:
        raise Refused(limits.BOMB)


def _uncalculated(xml: bytes) -> Iterator[Position]:
    # Most writers use no prefix, and a pattern that starts with plain text is much faster.
    formula = FORMULA if b"<sheetData" in xml else PREFIXED_FORMULA
    if not formula.search(xml):
        return
    for cell in CELL.finditer(xml):
        attributes, content = cell.groups()
        if not formula.search(content) or RESULT.search(content):
            continue
        reference = REFERENCE.search(attributes)
        empty_text = TEXT_RESULT.search(attributes) and VALUE.search(content)
        if reference and not empty_text:
            yield int(reference[2]) - 1, _column(reference[1])


def _errors(xml: bytes) -> Iterator[tuple[Position, str]]:
    """Cells that show an error: calamine tells them as blank."""
    if b'"e"' not in xml and b"'e'" not in xml:
        return
    for cell in ERROR.finditer(xml):
        attributes, shown = cell.groups()
        if reference := REFERENCE.search(attributes):
            place = int(reference[2]) - 1, _column(reference[1])
            yield place, shown.decode(errors="replace").strip()


def _hidden(xml: bytes) -> Iterator[int]:
    if b"hidden" not in xml:
        return
    for element in HIDDEN.findall(xml):
        facts = dict(ATTRIBUTE.findall(element))
        first, last = (int(facts.get(name, b"0")) for name in (b"min", b"max"))
        yield from range(max(first, 1) - 1, min(last, limits.MAX_COLUMNS))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def _sheet_parts(parts: Mapping[str, bytes]) -> Iterator[str]:
    """The part of each sheet, in the order of the workbook."""
    targets = {}
    for element in RELATIONSHIP.findall(parts.get(RELATIONSHIPS, b"")):
        facts = dict(ATTRIBUTE.findall(element))
        targets[facts.get(b"Id")] = facts.get(b"Target", b"").decode(errors="replace")
    for element in SHEET.findall(parts.get(WORKBOOK, b"")):
        ids = (value for name, value in ATTRIBUTE.findall(element) if name.endswith(b":id"))
        yield normpath(join("/xl", targets.get(next(ids, b""), ""))).lstrip("/")
