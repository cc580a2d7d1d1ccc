"""Papers as Word and WPS find them: real files, opened again."""

import re
import shutil
import subprocess
import zipfile
from datetime import date
from io import BytesIO

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from reform import word

pytestmark = [pytest.mark.no_database, pytest.mark.once]

HARD = "a&b <b>粗</b> {x} {{y}} {% z %} “引” ]]> 😀𠮷"


def opened(paper):
    return Document(BytesIO(paper.bytes()))


def part(paper, name):
    return zipfile.ZipFile(BytesIO(paper.bytes())).read(name).decode()


def xml_of(piece):
    """Return the XML behind a run, paragraph or table."""
    return piece._element.xml  # noqa: SLF001 -- python-docx shows it nowhere else


def east_asian(run):
    return re.search(r'w:eastAsia="([^"]+)"', xml_of(run))[1]


@pytest.fixture
def paper():
    return word.Paper(title="报告")


def test_the_page_has_the_numbers_of_the_standard(paper):
    section = opened(paper).sections[0]

    size = (section.page_width, section.page_height)
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round(value.mm) for value in size] == [210, 297]
    assert [round(value.mm) for value in margins] == [37, 28, 26, 35]
    assert Mm(156) == pytest.approx(
        section.page_width - section.left_margin - section.right_margin, abs=2000
    )


@pytest.mark.parametrize(
    ("write", "font", "size", "indent"),
    [
        ("title", "方正小标宋简体", 22, None),
        ("heading", "黑体", 16, 32),
        ("body", "仿宋_GB2312", 16, 32),
    ],
)
def test_each_element_has_its_font_and_size(paper, write, font, size, indent):
    getattr(paper, write)("以案促改")

    paragraph = opened(paper).paragraphs[0]
    style = paragraph.style
    assert paragraph.text == "以案促改"
    assert east_asian(paragraph.runs[0]) == font
    assert style.font.size == Pt(size)
    assert not style.font.bold
    layout = paragraph.paragraph_format if write == "body" else style.paragraph_format
    assert layout.first_line_indent == (Pt(indent) if indent else None)


def test_lines_stand_22_to_a_page(paper):
    paper.body("正文")

    layout = opened(paper).styles["Normal"].paragraph_format
    assert layout.line_spacing == pytest.approx(Pt(28.95), abs=Pt(0.1))
    assert 225 / 25.4 * 72 / 28.95 >= 22


def test_headings_are_words_own_so_that_its_outline_works(paper):
    paper.heading("一、总体情况")
    paper.heading("（一）对照检查", 2)
    paper.heading("1.做法", 3)

    found = [(p.style.name, east_asian(p.runs[0])) for p in opened(paper).paragraphs]
    assert found == [
        ("Heading 1", "黑体"),
        ("Heading 2", "楷体_GB2312"),
        ("Heading 3", "仿宋_GB2312"),
    ]


def test_no_theme_font_wins_over_a_named_one(paper):
    paper.title("题")
    paper.heading("一、")

    for name in ("word/styles.xml", "word/document.xml"):
        styles = re.findall(
            r'<w:style [^>]*w:styleId="(?:Normal|Title|Heading[123])".*?</w:style>',
            part(paper, name),
            re.DOTALL,
        )
        assert not any("Theme=" in fonts for style in styles for fonts in _fonts(style))


def _fonts(xml):
    return re.findall(r"<w:rFonts[^>]*>", xml)


def test_quotation_marks_are_set_in_the_chinese_font(paper):
    paper.body("“已完成”")

    assert 'w:hint="eastAsia"' in part(paper, "word/document.xml")


def test_text_goes_in_whole(paper):
    paper.body(HARD)
    table = paper.table((100, 50))
    table.row((HARD, 1, word.LABEL), ("x", 1, word.TEXT))

    again = opened(paper)
    assert again.paragraphs[0].text == HARD
    assert again.tables[0].cell(0, 0).text == HARD


def test_what_no_document_can_hold_is_left_out(paper):
    paper.body("前\x00\x07\x1f\ud800\uffff后\x0b软回车\t制表")

    assert [p.text for p in opened(paper).paragraphs] == ["前后", "软回车\t制表"]


def test_a_long_text_is_whole(paper):
    table = paper.table((150,))
    table.row(("字" * 40_000, 1, word.TEXT))

    assert opened(paper).tables[0].cell(0, 0).text == "字" * 40_000


def test_each_line_is_a_paragraph_of_its_own(paper):
    paper.body("第一行\n第二行")

    assert [p.text for p in opened(paper).paragraphs] == ["第一行", "第二行"]


def test_the_date_begins_two_characters_right_of_the_name(paper):
    paper.signature("某某市委以案促改工作办公室", date(2026, 6, 5))

    _, name, day = opened(paper).paragraphs
    assert (name.text, day.text) == ("某某市委以案促改工作办公室", "2026年6月5日")
    begins = [
        p.paragraph_format.right_indent.pt / 16 + width for p, width in ((name, 13), (day, 6))
    ]
    assert begins[0] - begins[1] == pytest.approx(2)
    assert name.paragraph_format.right_indent >= Pt(32)


def test_page_numbers_stand_outside_on_odd_and_even_pages(paper):
    paper.page_numbers()

    again = opened(paper)
    section = again.sections[0]
    assert again.settings.odd_and_even_pages_header_footer
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        xml = xml_of(footer.paragraphs[0])
        assert re.findall(r"<w:instrText[^>]*>(\w+)</w:instrText>", xml) == ["PAGE"]
        assert f'<w:jc w:val="{align}"/>' in xml
        assert footer.paragraphs[0].text == "—  —"


def test_a_form_says_which_of_its_pages_this_is(paper):
    paper.page_of_pages(before="A-1 ", above="内部资料")

    above, line = opened(paper).sections[0].footer.paragraphs
    assert above.text == "内部资料"
    assert line.text == "A-1 第  页，共  页"
    assert re.findall(r">(PAGE|NUMPAGES)<", xml_of(line)) == ["PAGE", "NUMPAGES"]


def test_a_heading_row_is_repeated_and_rows_stay_whole(paper):
    table = paper.table((80, 70))
    table.row(("单位", 1, word.LABEL), ("数", 1, word.LABEL), heads=True)
    table.row(("甲", 2, word.TEXT), breaks=False)

    rows = re.findall(r"<w:tr>.*?</w:tr>", xml_of(opened(paper).tables[0]), re.DOTALL)
    assert ["w:tblHeader" in row for row in rows] == [True, False]
    assert ["w:cantSplit" in row for row in rows] == [False, True]


def test_an_opinion_and_its_signature_stay_together(paper):
    table = paper.table((30, 60, 60))
    table.signed("意见", "同意。", "签字：", room=24)

    upper, lower = opened(paper).tables[0].rows
    assert (upper.cells[0].text, lower.cells[0].text) == ("意见", "意见")
    assert (upper.cells[0].text, upper.cells[1].text, lower.cells[1].text) == (
        "意见",
        "同意。",
        "签字：",
    )
    assert all(p.paragraph_format.keep_with_next for p in upper.cells[1].paragraphs)


def test_every_cell_has_a_paragraph_as_word_demands(paper):
    table = paper.table((30, 60, 60))
    table.signed("意见", "", "签字：", room=24)
    table.row(("", 3, word.TEXT))

    cells = list(opened(paper).element.body.iter(qn("w:tc")))
    assert all(cell.find(qn("w:p")) is not None for cell in cells)


def test_a_table_at_the_end_is_followed_by_a_line_that_takes_no_room(paper):
    paper.table((150,)).row(("甲", 1, word.TEXT))

    last = opened(paper).paragraphs[-1]
    assert (last.text, last.paragraph_format.line_spacing) == ("", Pt(1))


@pytest.mark.rendering
def test_libreoffice_draws_an_official_paper(paper, tmp_path):
    paper.title("关于工作进展情况的报告")
    paper.body(f"{HARD}\n" * 60)
    paper.page_numbers()
    (tmp_path / "报告.docx").write_bytes(paper.bytes())

    pages = drawn(tmp_path / "报告.docx")

    assert len(pages) > 2
    assert pages[1].replace(" ", "").endswith("—2—\n")
    assert "{% z %}" in pages[0]


def drawn(path):
    """Return the text of each page that LibreOffice makes of a file."""
    office, text = shutil.which("soffice"), shutil.which("pdftotext")
    if not office or not text:
        pytest.skip("没有 LibreOffice 或 pdftotext")
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir"]
    subprocess.run([*command, path.parent, path], check=True, capture_output=True, timeout=120)
    done = subprocess.run(
        [text, "-layout", path.with_suffix(".pdf"), "-"], check=True, capture_output=True
    )
    return done.stdout.decode().split("\f")[:-1]


def test_an_imprint_stays_on_one_page_and_breaks_between_names(paper):
    """GB/T 9704-2012, 7.4: in size four, a character in from both sides."""
    paper.imprint(
        ["报：市交通运输局党组"],
        ["签发：顾明", "审核：许晴", "拟稿：周敏"],
        ["签发：顾明签批（许晴代录）", "审核：（办公室一人，免审核）", "拟稿：许晴"],
    )

    first, *lines, last = opened(paper).paragraphs
    assert [line.text for line in lines] == [
        "报：市交通运输局党组",
        "签发：顾明　　审核：许晴　　拟稿：周敏",
        "签发：顾明签批（许晴代录）",
        "审核：（办公室一人，免审核）",
        "拟稿：许晴",
    ]
    assert {line.runs[0].font.size.pt for line in lines} == {14}
    assert all(one.paragraph_format.keep_with_next for one in (first, *lines))
    assert not last.paragraph_format.keep_with_next


def test_small_print_in_a_table_has_its_lines_closer_together(paper):
    for size in (None, 10.5):
        paper.table((100,), size=size).row(("注：按台账计算。", 1, word.TEXT))

    usual, small = (
        table.cell(0, 0).paragraphs[0].paragraph_format.line_spacing
        for table in opened(paper).tables
    )
    assert usual is None
    assert small.pt == pytest.approx(28.95 * 10.5 / 16, abs=0.05)


def test_an_attachment_is_named_below_the_text_and_begins_a_page(paper):
    paper.body("请办理。")
    paper.enclosed("清单")
    paper.attachment("清单")

    lines = opened(paper).paragraphs
    assert [line.text for line in lines] == ["请办理。", "", "附件：清单", "附件", "", "清单"]
    assert lines[2].paragraph_format.first_line_indent == Pt(32)
    assert lines[3].paragraph_format.page_break_before
    assert east_asian(lines[3].runs[0]) == "黑体"
    assert lines[5].style.name == "Title"


def test_another_paper_begins_a_sheet_and_counts_its_pages_from_one(paper):
    paper.body("甲")
    paper.next_sheet()
    paper.body("乙")
    paper.page_numbers()

    first, second = opened(paper).sections
    assert second.start_type.name == "ODD_PAGE"
    assert 'w:pgNumType w:start="1"' in second._sectPr.xml  # noqa: SLF001
    assert "w:pgNumType" not in first._sectPr.xml  # noqa: SLF001
    assert second.footer.is_linked_to_previous
    # In the order of the schema, or Word repairs the file.
    order = [child.tag.rpartition("}")[2] for child in second._sectPr]  # noqa: SLF001
    assert order.index("pgMar") < order.index("pgNumType") < order.index("cols")


def test_a_table_may_have_closer_lines(paper):
    paper.table((50, 50), size=10.5, line=16).row(("甲", 1, word.TEXT), ("乙", 1, word.TEXT))

    (table,) = opened(paper).tables
    assert table.cell(0, 0).paragraphs[0].paragraph_format.line_spacing == Pt(16)
