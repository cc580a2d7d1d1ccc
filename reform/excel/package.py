"""The package of an office file (a zip of XML), looked through before anything opens it."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from reform.errors import Refused
from reform.excel import limits


@dataclass(frozen=True)
class Kind:
    """What a package is to be, and the sentences about one that is not."""

    main: str | tuple[str, ...]  # how the name of its main part ends
    others: tuple[tuple[str, str], ...]  # what else it may be, by the start of a part's name
    save_as: str = limits.SAVE_AS
    damaged: str = limits.DAMAGED
    macros: str = limits.MACROS
    unpacked: int = limits.MAX_UNPACKED  # bytes


WORKBOOK = Kind(
    "workbook.xml",
    (
        ("word/", "这是 Word 文档，不是表格。"),
        ("ppt/", "这是演示文稿，不是表格。"),
        ("xl/workbook.bin", "这是二进制工作簿（.xlsb）。"),
        ("content.xml", "这是 OpenDocument 文件。"),
        ("", "这是压缩包，不是表格。"),
    ),
)
LOCAL_HEADER = 30
MAX_WIDE = 10 * 1024 * 1024  # no office program writes UTF-16; made over, it is there three times
ENCRYPTED_FLAG = 1
# After a byte order mark, instructions and comments: the first element, or a DTD.
ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*<(?:\w+:)?(!?\w+)", re.DOTALL | re.IGNORECASE
)
WIDE = {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


def xml_parts(data: bytes, kind: Kind = WORKBOOK) -> dict[str, bytes]:
    """Return the XML parts of a package; refuse one that is of no such kind, or not a safe one."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, RuntimeError, OSError) as error:
        raise Refused(kind.damaged) from error
    _refuse_other_packages([part.filename for part in parts], kind)
    _refuse_bombs(parts, len(data), kind)
    unpacked = ((part.filename, _unpacked(data, part, kind)) for part in parts)
    return dict(_without_declarations(unpacked, kind))


def _refuse_other_packages(names: list[str], kind: Kind) -> None:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(kind.macros)
    if not any(name.lower().endswith(kind.main) for name in names):
        what = next(
            (what for start, what in kind.others if any(n.startswith(start) for n in names)),
            kind.others[-1][1],
        )
        raise Refused(f"{what}{kind.save_as}")


def _refuse_bombs(parts: list[ZipInfo], size: int, kind: Kind) -> None:
    declared = sum(part.file_size for part in parts)
    packed_well = declared > limits.RATIO_COUNTS_FROM and declared > limits.MAX_RATIO * size
    if declared > kind.unpacked or packed_well:
        raise Refused(limits.BOMB)


def _unpacked(data: bytes, part: ZipInfo, kind: Kind) -> bytes:
    """Unpack one part ourselves: what it declares may be a lie, so no more than that comes out."""
    if part.flag_bits & ENCRYPTED_FLAG:
        raise Refused(limits.ENCRYPTED)
    head = part.header_offset
    lengths = data[head + 26 : head + LOCAL_HEADER]
    start = head + LOCAL_HEADER + sum(lengths[0::2]) + 256 * sum(lengths[1::2])
    packed = data[start : start + part.compress_size]
    content = _inflated(packed, part, kind)
    if len(content) > part.file_size:
        raise Refused(limits.BOMB)
    if len(content) < part.file_size:
        raise Refused(kind.damaged)
    return content


def _inflated(packed: bytes, part: ZipInfo, kind: Kind) -> bytes:
    if part.compress_type == ZIP_STORED:
        return packed
    if part.compress_type != ZIP_DEFLATED:
        raise Refused(kind.damaged)
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, part.file_size + 1)
    except zlib.error as error:
        raise Refused(kind.damaged) from error


def _without_declarations(
    parts: Iterator[tuple[str, bytes]], kind: Kind
) -> Iterator[tuple[str, bytes]]:
    """No office program writes a DTD; who does wants entities expanded or fetched."""
    for name, content in parts:
        if not name.lower().endswith((".xml", ".rels", ".vml")):
            continue
        if coding := WIDE.get(content[:2]):
            if len(content) > MAX_WIDE:
                raise Refused(kind.damaged)
            content = content.decode(coding, "replace").encode()  # noqa: PLW2901
        if root(content).startswith(b"!"):
            raise Refused(kind.damaged)
        yield name, content


def root(xml: bytes) -> bytes:
    """Return the name of the first element, without its prefix; a declaration starts with “!”."""
    match = ROOT.match(xml)
    return match[1] if match else b""
