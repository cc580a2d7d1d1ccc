import re
import struct
import zlib
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from reform import excel
from reform.errors import Refused

pytestmark = pytest.mark.dealt

LEDGERS = Path(__file__).parent.parent / "files" / "ledgers"
XLSX, MERGED, XLS, CSV = (
    next(LEDGERS.glob(pattern)).read_bytes()
    for pattern in ("01*.xlsx", "02*.xlsx", "03*.xls", "04*.csv")
)


def workbook(*rows, change=lambda book: None):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(buffer := BytesIO())
    return buffer.getvalue()


def repacked(data, changes=None, extra=None):
    """The package again, its parts changed by (pattern, text) and others put in."""
    buffer = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            for pattern, text in (changes or {}).get(name, ()):
                content = re.sub(pattern, text, content, count=1)
            new.writestr(name, content)
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return buffer.getvalue()


def sheet_of(data, **known):
    (sheet,) = excel.read(data, **known)
    return sheet


def test_cells_stand_where_excel_shows_them():
    def far(book):
        book.active["C3"] = "三"
        book.active["D4"] = datetime(2026, 5, 1, 8, 30)  # noqa: DTZ001
        book.active["D4"].number_format = "yyyy-mm-dd hh:mm"

    sheet = sheet_of(workbook(change=far))

    assert sheet.rows[2][2] == "三"
    assert sheet.rows[3][3] == datetime(2026, 5, 1, 8, 30)  # noqa: DTZ001
    assert sheet.rows[0] == ["", "", "", ""]


def test_merged_cells_are_told():
    sheet = sheet_of(MERGED)

    assert ((8, 1), (10, 1)) in sheet.merged
    assert sheet.rows[4][4] == date(2026, 4, 15)


def test_hidden_sheets_and_columns_are_told():
    def hide(book):
        book.create_sheet("藏").sheet_state = "hidden"
        book.active.column_dimensions["B"].hidden = True

    first, second = excel.read(workbook(["甲", "乙", "丙"], change=hide))

    assert (first.hidden, first.hidden_columns) == (False, {1})
    assert (second.name, second.hidden) == ("藏", True)


def test_formulas_without_a_result_are_told():
    data = workbook(["甲", "=1+1"], ["乙", "=A1"], ["丙", 3])

    assert sheet_of(data).uncalculated == [(0, 1), (1, 1)]


@pytest.mark.parametrize("result", [b"<v>2</v>", b"<v xml:space='preserve'>2</v>"])
def test_formulas_with_a_result_show_it(result):
    part = "xl/worksheets/sheet1.xml"
    data = repacked(workbook(["甲", "=1+1"]), {part: [(rb"<v\s*/>|<v></v>", result)]})

    assert sheet_of(data).uncalculated == []
    assert sheet_of(data).rows == [["甲", 2.0]]


def test_an_empty_text_is_a_result():
    part = "xl/worksheets/sheet1.xml"
    changes = [(rb'<c r="B1"', rb'<c r="B1" t="str"'), (rb"<v\s*/>", b"<v></v>")]

    assert sheet_of(repacked(workbook(["甲", '=""']), {part: changes})).uncalculated == []


def test_formulas_are_told_of_the_right_sheet():
    def more(book):
        book.create_sheet("乙").append(["=1+1"])

    first, second = excel.read(workbook(["甲"], change=more))

    assert (first.uncalculated, second.uncalculated) == ([], [(0, 0)])


def test_an_old_workbook_is_read():
    sheet = sheet_of(XLS, name="旧版.xls")

    assert sheet.rows[0][:3] == ["编号", "单位", "问题描述"]
    assert len(sheet.rows) == 6


@pytest.mark.parametrize("name", ["台账.csv", "台账.xls", "台账", ""])
def test_a_file_is_read_by_what_it_is_and_not_by_its_name(name):
    assert sheet_of(CSV, name=name).rows[0][0] == "序号"
    assert sheet_of(XLSX, name=name).name == "台账"
    assert sheet_of(XLS, name=name).name == "Sheet1"


TABLE = [["序号", "问题", "备注"], ["1", "含,逗号;分号", "第一行\n第二行"], ["2", '含"引号"', ""]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_tables_of_every_usual_encoding_and_delimiter_are_read(encoding, delimiter):
    lines = [delimiter.join('"' + c.replace('"', '""') + '"' for c in row) for row in TABLE]

    assert sheet_of("\r\n".join(lines).encode(encoding), name="台账.csv").rows == TABLE


def test_rows_of_a_table_are_as_wide_as_its_widest():
    assert sheet_of("标题\n\n甲,乙,丙\n".encode()).rows == [
        ["标题", "", ""], ["", "", ""], ["甲", "乙", "丙"],
    ]  # fmt: skip


def test_a_cell_of_a_table_may_be_longer_than_excel_allows():
    assert sheet_of(f"甲,{'长' * 40_000}\n".encode()).rows[0][1] == "长" * 40_000


def test_the_delimiter_may_be_said_in_the_first_line():
    sheet = sheet_of("sep=|\r\n甲|乙\r\n".encode("gb18030"))

    assert sheet.rows == [["", ""], ["甲", "乙"]]


PAGE = """<html><head><meta charset="utf-8"><title>导出</title><style>td{color:red}</style></head>
<body><h2>某局台账</h2><!-- <table><tr><td>旧</td></tr></table> -->
<table><tr><th rowspan=2>序号</th><th colspan="2">问题&amp;措施</th></tr>
<tr><td>问题</td><td>措施</td></tr>
<tr><td>1</td><td>甲 <b>乙</b></td><td>一<br>二</td></tr></table></body></html>"""
XML_2003 = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<DocumentProperties><Author>周敏</Author></DocumentProperties>
<Worksheet ss:Name="台账"><Table>
<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">某局台账</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">序号</Data></Cell><Cell><Data>问题</Data></Cell></Row>
<Row ss:Index="4"><Cell><Data ss:Type="Number">1</Data></Cell><Cell ss:Index="3">
<ss:Data ss:Type="DateTime">2026-06-30T00:00:00.000</ss:Data></Cell></Row>
</Table></Worksheet>
<Worksheet ss:Name="空"><Table></Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_web_page_called_xls_is_read_as_a_browser_shows_it(encoding):
    sheet = sheet_of(PAGE.encode(encoding), name="台账.xls")

    assert sheet.rows == [
        ["某局台账", "", ""],
        ["序号", "问题&措施", ""],
        ["", "问题", "措施"],
        ["1", "甲 乙", "一\n二"],
    ]
    assert sheet.merged == [((1, 0), (2, 0)), ((1, 1), (1, 2))]


def test_xml_of_2003_is_read():
    sheet = sheet_of(XML_2003.encode(), name="导出.xls")

    assert sheet.name == "台账"
    assert sheet.rows == [
        ["某局台账", "", ""],
        ["序号", "问题", ""],
        ["", "", ""],
        [1.0, "", datetime(2026, 6, 30)],  # noqa: DTZ001
    ]
    assert sheet.merged == [((0, 0), (0, 2))]


@pytest.mark.parametrize(
    "piece",
    ["<a", "<!--", "<![CDATA[", "<td>", "<td rowspan=9999 colspan=99>", "<a b='", "</a b"],
)
@pytest.mark.parametrize("end", ["", ">"])
def test_markup_that_never_ends_costs_no_time(piece, end):
    with pytest.raises(Refused):
        excel.read(f"<html>{piece * 200_000}{end * 200_000}".encode())


def test_errors_are_told_as_excel_shows_them():
    def wrong(book):
        book.active["B2"] = "#REF!"
        book.active["B2"].data_type = "e"

    assert sheet_of(workbook(["甲"], change=wrong)).rows == [["甲", ""], ["", "#REF!"]]


def test_formulas_without_a_result_have_room_below_the_last_value():
    def below(book):
        book.active["C4"] = "=A1"

    sheet = sheet_of(workbook(["甲"], change=below))

    assert ([len(row) for row in sheet.rows], sheet.uncalculated) == ([3] * 4, [(3, 2)])


def ole(*streams):
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names).ljust(2048, b"\0")


NOT_WORKBOOKS = {
    "空": b"",
    "空白": b"\xef\xbb\xbf \r\n",
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "图片": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "照片": b"\xff\xd8\xff\xe0" + bytes(64),
    "网页": "<!DOCTYPE html><html><table><tr><td>序号</td></tr></table>".encode(),
    "另一种网页": "\ufeff  <html xmlns:o='urn'>".encode(),
    "XML": b"<?xml version='1.0'?><Workbook/>",
    "加密": ole("EncryptedPackage"),
    "旧 Word": ole("WordDocument"),
    "ET": ole("ETWorkbookX"),
    "带宏的旧表": ole("Workbook", "_VBA_PROJECT_CUR"),
    "半个压缩包": XLSX[:2000],
    "只有开头": b"PK\x03\x04",
    "乱码": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("data", NOT_WORKBOOKS.values(), ids=NOT_WORKBOOKS.keys())
def test_what_is_no_workbook_is_refused_in_a_sentence(data):
    with pytest.raises(Refused, match=r"[\u4e00-\u9fff].*。$"):
        excel.read(data, name="台账.xlsx")


def zipped(**parts):
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"word__document_xml": "<w/>"}, "Word"),
        ({"ppt__presentation_xml": "<p/>"}, "演示文稿"),
        ({"xl__workbook_bin": "x"}, "xlsb"),
        ({"content_xml": "<o/>"}, "OpenDocument"),
        ({"readme_txt": "x"}, "压缩包"),
    ],
)
def test_other_packages_are_named(parts, sentence):
    with pytest.raises(Refused, match=sentence):
        excel.read(zipped(**parts))


def test_macros_are_refused_with_what_to_do():
    with pytest.raises(Refused, match=r"宏.*另存为"):
        excel.read(repacked(workbook(["甲"]), extra={"xl/vbaProject.bin": b"x"}))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_declared_document_type_is_refused(part, encoding):
    declared = '<?xml version="1.0"?><!-- x --><!DOCTYPE a [<!ENTITY b "c">]><a/>'
    data = repacked(workbook(["甲"]), {part: [(rb"(?s).*", declared.encode(encoding))]})

    with pytest.raises(Refused):
        excel.read(data)


def test_a_package_that_says_it_is_huge_is_refused():
    with pytest.raises(Refused, match="过大"):
        excel.read(repacked(workbook(["甲"]), extra={"xl/media/a.xml": bytes(20_000_000)}))


def test_a_package_that_hides_how_large_it_is_is_refused():
    data = repacked(workbook(["甲"]), extra={"xl/bomb.xml": bytes(30_000_000)})
    small = data.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 1_000))
    small = small.replace(
        struct.pack("<I", zlib.crc32(bytes(30_000_000))),
        struct.pack("<I", zlib.crc32(bytes(1_000))),
    )

    with pytest.raises(Refused, match="过大"):
        excel.read(small)


def test_a_long_text_shown_in_very_many_cells_is_refused():
    cells = b'<c r="A1" t="s"><v>0</v></c>' * 5_000
    shared = f"<sst><si><t>{'长' * 30_000}</t></si></sst>".encode()
    changes = {"xl/worksheets/sheet1.xml": [(rb"<c .*</c>", cells)]}
    data = repacked(workbook(["甲"]), changes, extra={"xl/sharedStrings.xml": shared})

    with pytest.raises(Refused, match="过大"):
        excel.read(data)


@pytest.mark.parametrize("cell", ["A20000", "GR1"])
def test_the_last_cell_within_the_limits_is_read(cell):
    def far(book):
        book.active[cell] = "远"

    assert sheet_of(workbook(change=far)).rows[-1][-1] == "远"


@pytest.mark.parametrize("cell", ["A20001", "GS1", "XFD1048576"])
def test_a_far_cell_is_refused_before_the_cells_between_are_made(cell):
    def far(book):
        book.active[cell] = "远"

    with pytest.raises(Refused, match="20000行或200列"):
        excel.read(workbook(["甲"], change=far))


@pytest.mark.parametrize("written", [b"r='XFD1048576'", b'\n r = "XFD1048576"', b'r="xfd1048576"'])
def test_a_far_cell_is_found_however_it_is_written(written):
    part = "xl/worksheets/sheet1.xml"
    data = repacked(workbook(["甲", "乙"]), {part: [(rb'r="B1"', written)]})

    with pytest.raises(Refused):
        excel.read(data)


def test_a_far_cell_that_only_has_a_colour_is_nothing():
    def far(book):
        book.active["XFD1048576"].fill = PatternFill("solid", fgColor="FF0000")

    assert sheet_of(workbook(["甲"], change=far)).rows == [["甲"]]


def test_long_and_wide_tables_are_refused():
    for table in ("甲\n" * 20_001, "甲," * 201):
        with pytest.raises(Refused, match="20000行或200列"):
            excel.read(table.encode())


def test_a_file_above_the_limit_is_refused():
    with pytest.raises(Refused, match="20MB"):
        excel.read(b"a" * (20 * 1024 * 1024 + 1))


def test_an_old_workbook_whose_chain_never_ends_is_refused():
    fat = struct.unpack("<I", XLS[76:80])[0]
    start = 512 + fat * 512
    circle = XLS[:start] + struct.pack("<II", 1, 0) + XLS[start + 8 :]

    with pytest.raises(Refused):
        excel.read(circle)


def outcome(data):
    try:
        excel.read(data)
    except Refused as refusal:
        return str(refusal)
    return "读入。"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    for head in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"):
        assert outcome(head + data).endswith("。")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([XLSX, MERGED, XLS, CSV]), st.data())
def test_damaged_files_are_read_or_refused(data, draw):
    place = draw.draw(st.integers(0, len(data) - 1))
    length = draw.draw(st.integers(0, 20))
    damaged = data[:place] + draw.draw(st.binary(max_size=20)) + data[place + length :]

    assert outcome(damaged).endswith("。")
