"""The .xlsx package (a zip of XML), looked through before anything opens it."""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from reform.errors import Refused
from reform.excel import limits

# What a zip is when it is no workbook, by the start of a part's name.
OTHER_PACKAGES = (
    ("word/", "这是 Word 文档，不是表格。"),
    ("ppt/", "这是演示文稿，不是表格。"),
    ("xl/workbook.bin", "这是二进制工作簿（.xlsb）。"),
    ("content.xml", "这是 OpenDocument 文件。"),
    ("", "这是压缩包，不是表格。"),
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


def xml_parts(data: bytes) -> dict[str, bytes]:
    """Return the XML parts of a workbook; refuse a package that is none, or not a safe one."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, RuntimeError, OSError) as error:
        raise Refused(limits.DAMAGED) from error
    _refuse_other_packages([part.filename for part in parts])
    _refuse_bombs(parts, len(data))
    unpacked = ((part.filename, _unpacked(data, part)) for part in parts)
    return dict(_without_declarations(unpacked))


def _refuse_other_packages(names: list[str]) -> None:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(limits.MACROS)
    if not any(name.lower().endswith("workbook.xml") for name in names):
        what = next(
            what for start, what in OTHER_PACKAGES if any(n.startswith(start) for n in names)
        )
        raise Refused(f"{what}{limits.SAVE_AS}")


def _refuse_bombs(parts: list[ZipInfo], size: int) -> None:
    declared = sum(part.file_size for part in parts)
    packed_well = declared > limits.RATIO_COUNTS_FROM and declared > limits.MAX_RATIO * size
    if declared > limits.MAX_UNPACKED or packed_well:
        raise Refused(limits.BOMB)


def _unpacked(data: bytes, part: ZipInfo) -> bytes:
    """Unpack one part ourselves: what it declares may be a lie, so no more than that comes out."""
    if part.flag_bits & ENCRYPTED_FLAG:
        raise Refused(limits.ENCRYPTED)
    head = part.header_offset
    lengths = data[head + 26 : head + LOCAL_HEADER]
    start = head + LOCAL_HEADER + sum(lengths[0::2]) + 256 * sum(lengths[1::2])
    packed = data[start : start + part.compress_size]
    content = _inflated(packed, part)
    if len(content) > part.file_size:
        raise Refused(limits.BOMB)
    if len(content) < part.file_size:
        raise Refused(limits.DAMAGED)
    return content


def _inflated(packed: bytes, part: ZipInfo) -> bytes:
    if part.compress_type == ZIP_STORED:
        return packed
    if part.compress_type != ZIP_DEFLATED:
        raise Refused(limits.DAMAGED)
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, part.file_size + 1)
    except zlib.error as error:
        raise Refused(limits.DAMAGED) from error


def _without_declarations(parts: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """No office program writes a DTD; who does wants entities expanded or fetched."""
    for name, content in parts:
        if not name.lower().endswith((".xml", ".rels", ".vml")):
            continue
        if coding := WIDE.get(content[:2]):
            if len(content) > MAX_WIDE:
                raise Refused(limits.DAMAGED)
            content = content.decode(coding, "replace").encode()  # noqa: PLW2901
        if root(content).startswith(b"!"):
            raise Refused(limits.DAMAGED)
        yield name, content


def root(xml: bytes) -> bytes:
    """Return the name of the first element, without its prefix; a declaration starts with “!”."""
    match = ROOT.match(xml)
    return match[1] if match else b""
