"""Old .xls files: an OLE container looked through first, for calamine trusts what it finds there.

A chain of sectors that comes back to itself would never end, and two cells in far corners would
fill the memory with the empty ones between them.
"""

from collections.abc import Iterator
from struct import error as StructError  # noqa: N812
from struct import iter_unpack, unpack_from
from typing import NamedTuple

from reform.errors import Refused
from reform.excel import limits
from reform.excel.sheet import Position

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams and storages are UTF-16 in the directory; the first found decides.
REFUSED_STREAMS = (
    ("EncryptedPackage", limits.ENCRYPTED),
    ("_VBA_PROJECT_CUR", limits.MACROS),
    ("WordDocument", f"这是 Word 文档，不是表格。{limits.SAVE_AS}"),
    ("PowerPoint Document", f"这是演示文稿，不是表格。{limits.SAVE_AS}"),
)
BOOKS = frozenset(("WORKBOOK", "BOOK"))
UNKNOWN = f"不是能识别的表格（可能是旧版 .et 文件）。{limits.SAVE_AS}"

HEADER, ENTRY = 512, 128
LAST_SECTOR = 0xFFFFFFFA  # what lies above is no sector: free, end of chain
SMALL = 4096  # streams below this size live in the small sectors of the root's stream
SMALL_SECTOR = 64
ROOT_ENTRY = 5

FILEPASS, BOUNDSHEET, BOOLERR, FORMULA = 0x002F, 0x0085, 0x0205, 0x0006
SHOWN = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
         0x24: "#NUM!", 0x2A: "#N/A"}  # fmt: skip
# Records of cells: their row and column come first. MULRK and MULBLANK end with the last column.
CELLS = frozenset((0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00D6, 0x0001, 0x0002,
                   0x0003, 0x0004, 0x0005))  # fmt: skip
RUNS = frozenset((0x00BD, 0x00BE))
# Calamine makes all sheets at once, and several may begin at one place, so each is taken to be as
# large as the rows and columns of all; sheets are not alike, hence this allowance.
SHEETS_ALIKE = 4


class _Stream(NamedTuple):
    name: str
    kind: int
    start: int
    size: int


def check(data: bytes) -> dict[int, list[tuple[Position, str]]]:
    """Refuse an OLE file that is not a plain workbook of a reasonable size.

    Return the cells that show an error, by place of their sheet: calamine tells them as blank.
    """
    for stream, sentence in REFUSED_STREAMS:
        if stream.encode("utf-16-le") in data:
            raise Refused(sentence)
    try:
        return _errors(_Container(data).book())
    except (StructError, IndexError, ValueError) as error:
        raise Refused(limits.DAMAGED) from error


def _errors(book: bytes) -> dict[int, list[tuple[Position, str]]]:
    begins: list[int] = []  # of sheets, as the workbook lists them
    found: dict[int, list[tuple[Position, str]]] = {}
    rows = columns = 0
    for place, kind, body in _records(book):
        if kind == FILEPASS:
            raise Refused(limits.ENCRYPTED)
        if kind == BOUNDSHEET:
            begins.append(unpack_from("<I", body)[0])
        if kind in CELLS or kind in RUNS:
            row, column = unpack_from("<HH", body)
            last = unpack_from("<H", body, len(body) - 2)[0] if kind in RUNS else column
            rows, columns = max(rows, row + 1), max(columns, column + 1, last + 1)
            limits.refuse_large(rows, columns)
            if shown := _shown(kind, body):
                before = [begin for begin in begins if begin < place]
                sheet = begins.index(max(before)) if before else 0
                found.setdefault(sheet, []).append(((row, column), shown))
    limits.refuse_many(cells=len(begins) * rows * columns // SHEETS_ALIKE)
    return found


def _shown(kind: int, body: bytes) -> str | None:
    """The error that a cell or the result of its formula is."""
    if kind == BOOLERR and len(body) > 7 and body[7] == 1:
        return SHOWN.get(body[6])
    if kind == FORMULA and len(body) > 13 and body[12:14] == b"\xff\xff" and body[6] == 2:
        return SHOWN.get(body[8])
    return None


def _records(book: bytes) -> Iterator[tuple[int, int, bytes]]:
    place = 0
    while place + 4 <= len(book):
        kind, length = unpack_from("<HH", book, place)
        yield place, kind, book[place + 4 : place + 4 + length]
        place += 4 + length


class _Container:
    """The file system inside the file: sectors in chains, and a directory of streams."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sector = 1 << unpack_from("<H", data, 30)[0]
        if self.sector not in {512, 4096}:
            raise Refused(limits.DAMAGED)
        self.fat = _numbers(b"".join(self._sector(number) for number in self._fat_sectors()))
        _refuse_circles(self.fat)
        directory = self._chain(unpack_from("<I", data, 48)[0])
        self.streams = [*_entries(directory)]
        self.small_fat = _numbers(self._chain(unpack_from("<I", data, 60)[0]))
        _refuse_circles(self.small_fat)

    def book(self) -> bytes:
        """Return the stream of the workbook."""
        for stream in self.streams:
            if stream.name.upper() in BOOKS:
                return self._content(stream)
        raise Refused(UNKNOWN)

    def _content(self, stream: _Stream) -> bytes:
        if stream.size >= SMALL:
            return self._chain(stream.start)[: stream.size]
        (root,) = (one for one in self.streams if one.kind == ROOT_ENTRY)
        small = self._chain(root.start)
        places = (number * SMALL_SECTOR for number in _links(self.small_fat, stream.start))
        return b"".join(small[at : at + SMALL_SECTOR] for at in places)[: stream.size]

    def _sector(self, number: int) -> bytes:
        # The header takes the room of the first sector, whatever its size.
        start = max(HEADER, self.sector) + number * self.sector
        if start >= len(self.data):
            raise Refused(limits.DAMAGED)
        return self.data[start : start + self.sector]

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in _links(self.fat, start))

    def _fat_sectors(self) -> Iterator[int]:
        """The header lists the first 109 sectors of the table, further sectors list the rest."""
        yield from _sectors(_numbers(self.data[76:HEADER]))
        following, seen = unpack_from("<I", self.data, 68)[0], set()
        while following < LAST_SECTOR:
            if following in seen:
                raise Refused(limits.DAMAGED)
            seen.add(following)
            *numbers, following = _numbers(self._sector(following))
            yield from _sectors(numbers)


def _numbers(content: bytes) -> list[int]:
    whole = len(content) // 4 * 4
    return [number for (number,) in iter_unpack("<I", content[:whole])]


def _sectors(numbers: list[int]) -> Iterator[int]:
    return (number for number in numbers if number < LAST_SECTOR)


def _links(table: list[int], start: int) -> Iterator[int]:
    while start < LAST_SECTOR:
        yield start
        start = table[start]


def _refuse_circles(table: list[int]) -> None:
    """Follow every chain once; one that meets itself never ends."""
    ended = bytearray(len(table))
    for start in range(len(table)):
        walked, number = set(), start
        while number < len(table) and not ended[number]:
            if number in walked:
                raise Refused(limits.DAMAGED)
            walked.add(number)
            number = table[number]
        for number in walked:
            ended[number] = 1


def _entries(directory: bytes) -> Iterator[_Stream]:
    for at in range(0, len(directory) - ENTRY + 1, ENTRY):
        length, kind = unpack_from("<HB", directory, at + 64)
        name = directory[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
        start, size = unpack_from("<II", directory, at + 116)
        if kind:
            yield _Stream(name, kind, start, size)
