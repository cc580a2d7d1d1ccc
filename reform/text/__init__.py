"""The one text cleaner: forms, imports, query strings and the API all keep text through it."""

import re
import unicodedata
from functools import lru_cache

# Excel writes a line break it cannot show as the literal `_x000D_`; Word's soft break is U+000B.
_BREAKS = re.compile(
    r"(?:\r|_x000[dD]_)?(?:\n|_x000[aA]_)|\r|\v|\f|\x85|\u2028|\u2029|_x000[dDbB]_"
)
# Control characters, lone surrogates, bidi controls, what no XML holds, and all without width.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    r"\ud800-\udfff\ufffe\uffff]"
)
_BRACKETED = re.compile(r"[(\[{【〔《<][^()\[\]{}【】〔〕《》<>]*[)\]}】〕》>]")
_HALF_WIDTH: dict[int, int | str] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0x3000, 0xA0), " "),
    **dict.fromkeys(map(ord, "—–―‐‑‒−─﹣"), "-"),
    **dict.fromkeys(map(ord, "～〜∼"), "~"),
}
# What Excel, WPS and the notepad write Chinese in, most telling first.
_ENCODINGS = ("utf-8-sig", "gb18030")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")  # Excel's “Unicode 文本”


def decoded(data: bytes) -> str:
    """Return the text of a file. Raises ValueError for what is none in any usual encoding."""
    for encoding in ("utf-16",) if data.startswith(_UTF16_MARKS) else _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("no text in a usual encoding")


def clean(value: str, *, multiline: bool = True) -> str:
    """Return `value` as it may be kept: SQLite forgives what PostgreSQL refuses."""
    # Most cells need nothing, and these tests run in C over the whole text.
    if not value.isprintable() or "_x000" in value:
        value = _scrubbed(value)
    if not unicodedata.is_normalized("NFC", value):
        value = unicodedata.normalize("NFC", value)
    value = value.strip()
    if not multiline and ("\n" in value or "\t" in value):
        parts = (part.strip() for part in value.replace("\t", "\n").split("\n"))
        value = " ".join(part for part in parts if part)
    return value


def is_blank(value: object) -> bool:
    """Return whether a cell holds nothing that a reader could see."""
    return value is None or (isinstance(value, str) and not clean(value))


@lru_cache(maxsize=8192)
def fold(value: str) -> str:
    """Return what is compared of a heading or a name: no blanks, brackets, punctuation, case."""
    value = unicodedata.normalize("NFKC", clean(value)).casefold()
    return _letters(_BRACKETED.sub("", value)) or _letters(value)


def half_width(value: str) -> str:
    """Return `value` with full-width digits, letters and the punctuation of dates in ASCII."""
    return value.translate(_HALF_WIDTH)


def _scrubbed(value: str) -> str:
    if " \n" not in value and "_x000" not in value and value.replace("\n", "").isprintable():
        return value  # nothing but plain lines: the usual cell with several measures
    value = _BREAKS.sub("\n", _UNSEEN.sub("", value))
    return "\n".join(line.rstrip() for line in value.split("\n"))


def _letters(value: str) -> str:
    return "".join(character for character in value if character.isalnum())


def key_of(text: str) -> int:
    """Return the key that stands in an address; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
