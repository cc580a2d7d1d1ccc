"""Workbooks made to hurt: what each costs in time and memory, and what people are told.

Files that are merely no workbook are in test_excel.py; here are those that are one, or nearly.
"""

import json
import re
import shutil
import struct
import subprocess
import sys
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl.utils import get_column_letter

from reform.errors import Refused
from reform.excel import binary
from tests.reform.test_excel import XLS, ole, workbook, zipped

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 10, 300
ANSWER = re.compile(r"读入\d+格。|[^。]*[\u4e00-\u9fff][^。]*。请.*。|.*请检查后重新上传。")
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
TOO_LARGE, TOO_MANY = "表格超过", "表格内容过多"
BOMB, DAMAGED, PASSWORD, MACROS = "解压后过大", "已损坏", "打开密码", "带有宏"


def sheet(rows):
    """A workbook of that XML of rows, packed as others are."""
    xml = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"
    return packed({SHEET: xml + b"<sheetData>" + rows + b"</sheetData></worksheet>"})


def packed(parts):
    """The smallest workbook, with these parts in the place of its own."""
    with ZipFile(BytesIO(workbook(["甲"]))) as old, ZipFile(into := BytesIO(), "w") as new:
        kept = {name: old.read(name) for name in old.namelist()} | parts
        for name, content in kept.items():
            new.writestr(name, content, compress_type=ZIP_DEFLATED, compresslevel=6)
    return into.getvalue()


def rows_of(rows, columns, value):
    return b"".join(
        b"<row>" + b"".join(value(row, column) for column in range(columns)) + b"</row>"
        for row in range(rows)
    )


def number(row, column):
    return b"<c><v>%d</v></c>" % (row * 1000 + column)


def text(row, column):
    return b'<c t="inlineStr"><is><t>%06x%06x</t></is></c>' % (row * 7919, column * 104729)


def cell(written):
    """Fill a pattern with the letters of the column, the number of the row and any number."""
    letters = [get_column_letter(place).encode() for place in range(1, 201)]
    return lambda row, column: written % (letters[column], row + 1, row * column % 9973)


def corners(count):
    """Sheets of two cells each, in corners just within the limits."""

    def more(book):
        for place in range(count):
            one = book.create_sheet(f"第{place}张")
            one["A1"], one["GR20000"] = "甲", "乙"

    return workbook(["甲"], change=more)


def sheets(count):
    def more(book):
        for place in range(count):
            book.create_sheet(f"第{place}张")["A1"] = "甲"

    return workbook(["甲"], change=more)


def shared(count):
    strings = b"".join(b"<si><t>%012d</t></si>" % place for place in range(count))
    return packed({STRINGS: b"<sst>" + strings + b"</sst>"})


def deep(part):
    return packed({part: b"<a>" * 500_000 + b"</a>" * 500_000})


def inside(part):
    """A workbook that has another package of packages as one of its parts."""
    nested = b"x" * 1_000_000
    for _ in range(5):
        nested = zipped(a_xml=nested)
    return packed({part: nested})


def one_part_named_often(count):
    """A long text in many cells of one part, which is every sheet of the book."""
    with ZipFile(BytesIO(sheets(count - 1))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = re.sub(rb"worksheets/sheet\d+", b"worksheets/sheet1", parts[rels])
    cells = b'<row r="1">' + b'<c t="s"><v>0</v></c>' * 150 + b"</row>"
    parts[SHEET] = re.sub(
        rb"<sheetData>.*</sheetData>", b"<sheetData>" + cells + b"</sheetData>", parts[SHEET]
    )
    parts[STRINGS] = f"<sst><si><t>{'长' * 32_000}</t></si></sst>".encode()
    return packed(parts)


def large(part, before, after, coding="utf-8", size=60_000_000):
    """A part just within what may be unpacked, that packs no better than usual."""
    words = "".join(f"第{place:07d}项问题" for place in range(5_000))
    many = before + words * (size // len(words.encode(coding))) + after
    return packed({part: many.encode(coding)})


def odd(**cells):
    def fill(book):
        for place, value in cells.items():
            book.active[place].value = value

    return workbook(["甲"], change=fill)


def entity(part):
    evil = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"
    return packed({part: evil})


def table(cells, columns):
    line = ("<tr>" + "<td>甲</td>" * columns + "</tr>") * (cells // columns)
    return f"<html><table>{line}</table></html>".encode()


HOSTILE = {
    # name: (what is uploaded, what of the answer must be read)
    "blanks that pack well.xlsx": (lambda: sheet(b" " * 150_000_000), BOMB),
    "blanks that pack less well.xlsx": (lambda: sheet(b"<row/>" * 1_500_000), ""),
    "a package in a package.xlsx": (lambda: inside("xl/embeddings/a.xlsx"), "读入1格"),
    "a package called a sheet.xlsx": (lambda: inside(SHEET), ""),
    "three hundred sheets.xlsx": (lambda: sheets(300), "读入301格"),
    "forty sheets of two corners.xlsx": (lambda: corners(40), TOO_MANY),
    "one part named often.xlsx": (lambda: one_part_named_often(60), TOO_MANY),
    "a part of 60 MB.xlsx": (lambda: large(STRINGS, "<sst><si><t>", "</t></si></sst>"), ""),
    "a sheet of 60 MB.xlsx": (lambda: large(SHEET, "<worksheet><a>", "</a></worksheet>"), ""),
    "15 MB of UTF-16.xlsx": (
        lambda: large(STRINGS, "\ufeff<sst>", "</sst>", "utf-16-le", 15_000_000),
        DAMAGED,
    ),
    "very many merged places.xlsx": (
        lambda: sheet(
            b"</sheetData><mergeCells>"
            + b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n % 9973 + 1, n) for n in range(1, 150_000))
            + b"</mergeCells><sheetData>"
        ),
        TOO_MANY,
    ),
    "formulas without a result.xlsx": (
        lambda: sheet(rows_of(2_000, 60, cell(b'<c r="%s%d"><f>A%d</f></c>'))),
        TOO_MANY,
    ),
    "errors.xlsx": (
        lambda: sheet(rows_of(2_000, 60, cell(b'<c r="%s%d" t="e"><v>#N/A%d</v></c>'))),
        TOO_MANY,
    ),
    "a million shared texts.xlsx": (lambda: shared(1_000_000), ""),
    "deep sheet.xlsx": (lambda: deep(SHEET), ""),
    "deep styles.xlsx": (lambda: deep("xl/styles.xml"), ""),
    "deep strings.xlsx": (lambda: deep(STRINGS), ""),
    "one far cell.xlsx": (lambda: odd(XFD1048576="远"), TOO_LARGE),
    "a row of 16384 columns.xlsx": (lambda: sheet(rows_of(1, 16_384, number)), TOO_LARGE),
    "1048576 empty rows.xlsx": (
        lambda: sheet(b"".join(b'<row r="%d"/>' % n for n in range(1, 1_048_577))),
        "读入0格",
    ),
    "full of numbers.xlsx": (lambda: sheet(rows_of(20_000, 130, number)), TOO_MANY),
    "as full as may be.xlsx": (lambda: sheet(rows_of(20_000, 50, text)), "读入1000000格"),
    "a line of commas.csv": (lambda: "甲,".encode() * 4_900_000, TOO_MANY),
    "a line of one cell.csv": (lambda: "甲".encode() * 6_900_000, ""),
    "a quote that never ends.csv": (lambda: b'"' + "甲,\n".encode() * 3_900_000, ""),
    "lines and no cells.csv": (lambda: b"\n" * 20_000_000 + b"a", TOO_MANY),
    "many quotes.csv": (lambda: b'"",' * 6_900_000, TOO_MANY),
    "200 MB of one line.csv": (lambda: b"a" * 200_000_000, "超过20MB"),
    "a page of many cells.xls": (lambda: table(1_400_000, 70), TOO_MANY),
    "a page of as many cells as may be.xls": (lambda: table(420_000, 70), "读入420000格"),
    "a page of one row.xls": (lambda: table(500_000, 500_000), TOO_LARGE),
    "a page that is deep.xls": (lambda: b"<html>" + b"<table><tr><td>" * 490_000, ""),
    "a page of entities.xls": (lambda: b"<html><table><tr><td>" + b"&amp;" * 4_000_000, ""),
    "formulas.xlsx": (lambda: odd(B1="=cmd|' /C calc'!A0", B2='=HYPERLINK("x")'), "读入4格"),
    "long cells.xlsx": (lambda: odd(B1="长" * 32_767), "读入2格"),
    "password.xlsx": (lambda: ole("EncryptedPackage"), PASSWORD),
    "macros.xlsm": (lambda: packed({"xl/vbaProject.bin": b"x"}), MACROS),
    "links.xlsx": (
        lambda: packed({"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}),
        "读入1格",
    ),
    "connections.xlsx": (lambda: packed({"xl/connections.xml": b"<connections/>"}), "读入1格"),
    "program.xlsx": (lambda: b"MZ\x90\0" + bytes(2000), DAMAGED),
    "old.et": (lambda: ole("ETWorkbookX"), "另存为"),
    "old.wps": (lambda: ole("WordDocument"), "Word"),
    "document.docx.xlsx": (lambda: zipped(word__document_xml="<w/>"), "Word"),
    **{
        f"entity in {part.replace('/', ' ')}": (lambda part=part: entity(part), DAMAGED)
        for part in (
            *(SHEET, STRINGS, BOOK, "xl/styles.xml", "[Content_Types].xml", "_rels/.rels"),
            *("xl/_rels/workbook.xml.rels", "docProps/core.xml", "xl/theme/theme1.xml"),
        )
    },
    **{
        f"cut at {place} of 40.xls": (lambda place=place: XLS[: len(XLS) * place // 40], "")
        for place in range(1, 40)
    },
    **{
        f"size {size:x} at {place}.xls": (
            lambda place=place, size=size: (
                XLS[:place] + size.to_bytes(4, "little") + XLS[place + 4 :]
            ),
            "",
        )
        for place in (28, 30, 44, 48, 56, 60, 64, 68, 72, 76)
        for size in (0, 1, 0x7FFFFFFF, 0xFFFFFFF9)
    },
}


@pytest.mark.long
@pytest.mark.once
@pytest.mark.no_database
def test_no_workbook_costs_much_and_every_answer_says_what_to_do(tmp_path):
    for name, (make, _) in HOSTILE.items():
        (tmp_path / name).write_bytes(make())

    done = subprocess.run(
        [sys.executable, "-m", "tests.reader", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    shutil.rmtree(tmp_path)

    found = {fact["name"]: fact for fact in map(json.loads, done.stdout.splitlines())}
    assert found.keys() == HOSTILE.keys()
    assert [
        fact
        for fact in found.values()
        if fact["seconds"] > SECONDS or fact["megabytes"] > MEGABYTES
    ] == []
    assert {
        name: found[name]["said"]
        for name, (_, words) in HOSTILE.items()
        if words not in found[name]["said"] or not ANSWER.fullmatch(found[name]["said"])
    } == {}


@pytest.mark.once
@pytest.mark.no_database
@pytest.mark.parametrize(("sheets", "is_refused"), [(1, False), (2, True), (1000, True)])
def test_sheets_of_an_old_workbook_are_counted_together(sheets, is_refused):
    """They all begin at one place, where two cells stand in far corners."""
    corner = b"".join(
        struct.pack("<HHHHHd", 0x0203, 14, row, column, 0, 1.0)
        for row, column in ((0, 0), (19_999, 149))
    )
    book = struct.pack("<HHIHB", 0x0085, 7, sheets * 11, 0, 0) * sheets + corner

    with pytest.raises(Refused, match=TOO_MANY) if is_refused else nullcontext():
        binary._errors(book)  # noqa: SLF001 -- nothing here writes a container
