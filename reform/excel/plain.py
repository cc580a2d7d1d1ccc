"""Tables as text: CSV and its kin, in the encodings that Excel and WPS write."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from reform.errors import Refused
from reform.excel import limits, web
from reform.excel.sheet import Cell, Sheet
from reform.text import decoded

DELIMITERS = ",\t;"
SAMPLE = 30  # records that tell the delimiter
CONTROLS = frozenset(map(chr, (*range(9), *range(14, 32), 127))) - {"\x1a"}  # DOS ends a file so
# Excel's own first line, for other programs to know the delimiter by.
SAID = re.compile(r"\ufeff?sep=(.)\r?\n")

# One cell may well be longer than the module's default of 131,072 characters.
csv.field_size_limit(limits.MAX_BYTES)


def read(data: bytes, *, name: str) -> list[Sheet]:
    """Return the tables; refuse what is not text, or is the text of something else."""
    try:
        text = decoded(data)
    except ValueError:
        raise Refused(limits.DAMAGED) from None
    if not CONTROLS.isdisjoint(text):
        raise Refused(limits.DAMAGED)
    if web.is_markup(text):
        return web.read(text, name=name)
    said = SAID.match(text)
    if said:
        text = "\n" + text[said.end() :]  # lines are counted as Excel counts them
    # Before the first record is made: it may be the whole file.
    limits.refuse_many(cells=max(text.count(mark) for mark in DELIMITERS) + text.count("\n"))
    delimiter = said[1] if said else max(DELIMITERS, key=lambda mark: _cells(text, mark))
    rows: list[list[Cell]] = []
    for row in _records(text, delimiter):
        limits.refuse_large(len(rows) + 1, len(row))
        rows.append([*row])
    width = max(map(len, rows), default=0)
    limits.refuse_many(cells=width * len(rows))
    return [Sheet(name, [row + [""] * (width - len(row)) for row in rows])]


def _cells(text: str, delimiter: str) -> int:
    return sum(len(row) for row in islice(_records(text, delimiter), SAMPLE))


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(text, newline=""), delimiter=delimiter)
