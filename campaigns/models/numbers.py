"""Numbers by which somebody is known (身份证号、电话号码), found by their shape. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from reform.text import half_width

Shapes = tuple[tuple[str, re.Pattern[str]], ...]
APART = r"[\s-]?"  # 138 0000 0000, 138-0000-0000
SURE: Shapes = (
    ("身份证号", re.compile(r"(?<!\d)\d{6}[\s-]?\d{8}[\s-]?\d{3}[\dXx](?![\dXx])")),
    ("身份证号", re.compile(r"(?<!\d)\d{6}(?:\d{2}(?:0[1-9]|1[0-2])[0-3]\d)\d{3}(?!\d)")),
    ("手机号", re.compile(rf"(?<!\d)1[3-9]\d{APART}\d{{4}}{APART}\d{{4}}(?!\d)")),
    ("电话号码", re.compile(r"(?<!\d)[（(]?0\d{2,3}[)）]?[\s-]?\d{7,8}(?!\d)")),
)
# A local telephone number looks like a sum of money, a day or a file number: to ask about only.
LIKELY: Shapes = (*SURE, ("电话号码", re.compile(r"(?<!\d)\d{7,8}(?!\d)")))


class Number(NamedTuple):
    kind: str
    start: int  # first character in the text, from 0
    digits: str


def numbers(text: str, shapes: Shapes = SURE) -> Iterator[Number]:
    """Yield the numbers in text, those of one shape after another, each place once."""
    plain, taken = half_width(text), set[int]()  # character for character
    for kind, pattern in shapes:
        for match in pattern.finditer(plain):
            if match.start() not in taken:
                taken |= set(range(*match.span()))
                yield Number(kind, match.start(), match[0])
