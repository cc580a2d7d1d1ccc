"""Old .xls files: an OLE container whose kind is told by the names in its directory."""

from reform.errors import Refused
from reform.excel import limits

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams and storages are UTF-16 in the directory; the first found decides.
REFUSED_STREAMS = (
    ("EncryptedPackage", limits.ENCRYPTED),
    ("_VBA_PROJECT_CUR", limits.MACROS),
    ("WordDocument", f"这是 Word 文档，不是表格。{limits.SAVE_AS}"),
    ("PowerPoint Document", f"这是演示文稿，不是表格。{limits.SAVE_AS}"),
)
BOOKS = ("Workbook", "Book", "WORKBOOK", "BOOK")


def check(data: bytes) -> None:
    """Refuse an OLE file that is not a plain workbook."""
    for stream, sentence in REFUSED_STREAMS:
        if stream.encode("utf-16-le") in data:
            raise Refused(sentence)
    if not any(book.encode("utf-16-le") in data for book in BOOKS):
        raise Refused(f"不是能识别的表格（可能是旧版 .et 文件）。{limits.SAVE_AS}")
