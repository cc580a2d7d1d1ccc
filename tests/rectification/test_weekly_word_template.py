"""A superior's own Word form, filled with a collated report: lists, labelled cells, headings."""

import shutil
import subprocess
import uuid
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document
from docx.enum.section import WD_ORIENTATION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from rectification.actions import weekly_collations, weekly_reports
from rectification.exports import weekly_templates, weekly_word_template
from reform.errors import Refused
from reform.views.files import WORD
from reform.word import filling
from tests.rectification.weekly import FRIDAY, beijing, opened, planned
from tests.reform.test_word import drawn
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = [pytest.mark.usefixtures("calendar"), pytest.mark.once]

HEADINGS = ("序号", "单位", "本周工作进展", "下周工作安排", "备注")
SAID = ["完成3项<回访> & {检查}。", "又一段，“带引号”。"]
ROWS = [
    ["1", "服务中心党委（本级）", "", "", ""],
    ["2", "第一党支部", "\n".join(SAID), "继续。", "迟报"],
    ["3", "第二党支部", "未报", "", "未报"],
]


@pytest.fixture
def collated(bureau, at):
    planned(bureau, at=at)
    issue = opened(bureau)
    when = beijing(FRIDAY, 9)
    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=when)
    texts = {"progress": "\n".join(SAID), "plans": "继续。"}
    report = weekly_reports.write(
        report, edition=report.edition, texts=texts, by=bureau.liaison, at=when
    )
    weekly_reports.confirm(report, by=bureau.secretary, at=when)
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=when)
    texts = {"plans": "督促未报单位。", "practices": "好做法一条。", "troubles": ""}
    return weekly_reports.write(
        report, edition=report.edition, texts=texts, by=bureau.office, at=when
    )


# ---------------------------------------------------------------- forms


def table(document, rows, *, style="Table Grid"):
    made = document.add_table(rows=len(rows), cols=len(rows[0]), style=style)
    for line, texts in zip(made.rows, rows, strict=True):
        for cell, text in zip(line.cells, texts, strict=True):
            cell.text = text
    return made


def listed(*, free=1, foot=True, headings=HEADINGS):
    """Form 1: a list, with a signature row under it and lines around."""
    document = Document()
    document.add_paragraph("××市以案促改周报表（第  期）").alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph("填报单位（盖章）：          填报时间：    年  月  日")
    rows = [headings, *([[""] * len(headings)] * free)]
    made = table(document, rows + ([["审核人："] + [""] * (len(headings) - 1)] if foot else []))
    if free:
        run = made.cell(1, 2).paragraphs[0].add_run()
        run.font.name, run.font.size, run.font.bold = "仿宋", Pt(9), False
        made.cell(1, 2).paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    document.add_paragraph("填表说明：按机构序列填写。")
    document.sections[0].header.paragraphs[0].text = "内部资料"
    return document


def labelled():
    """Form 2: labels with a blank cell beside them or below."""
    document = Document()
    made = table(
        document,
        [
            ["填报单位", "", "填报日期", "  年  月  日"],
            ["期数", "第  期", "报告期", ""],
            ["问题总数", "", "累计销号", "  件"],
            ["本周\n工作\n进展", "", "", ""],
            ["下周工作安排（200字以内）", "", "", ""],
            ["", "", "", ""],
            ["存在的问题", "", "", ""],
        ],
    )
    made.cell(3, 1).merge(made.cell(3, 3))
    made.cell(4, 0).merge(made.cell(4, 3))
    made.cell(5, 0).merge(made.cell(5, 3))
    made.cell(6, 1).merge(made.cell(6, 3))
    return document


def headed(*, blank=2):
    """Form 3: headings with blank lines below them."""
    document = Document()
    document.add_heading("周报", 0)
    for title in ("一、本周工作进展", "二、下周工作安排"):
        document.add_paragraph(title)
        for _ in range(blank):
            line = document.add_paragraph()
            line.paragraph_format.first_line_indent = Pt(24)
    document.add_paragraph("报送单位：")
    return document


def saved(document):
    document.save(out := BytesIO())
    return out.getvalue()


def filled(document, report):
    data = weekly_templates.fill(saved(document), name="表.docx", report=report)
    return Document(BytesIO(data))


def element_of(thing):
    return thing._element  # noqa: SLF001 -- python-docx has no other road to what it does not know


def texts(made):
    return [[filling.words(element_of(cell)) for cell in row.cells] for row in made.rows]


def lines(document):
    return [paragraph.text for paragraph in document.paragraphs]


# ---------------------------------------------------------------- 1: a row each


@pytest.mark.parametrize("free", [0, 1, 5])
def test_each_organization_has_its_row_and_what_stands_around_stays(collated, free):
    document = filled(listed(free=free), collated)

    rows = texts(document.tables[0])
    assert rows[0] == list(HEADINGS)
    assert rows[1:4] == ROWS
    assert len(rows) == 1 + max(free, 3) + 1
    assert rows[-1][0] == "审核人："
    title, unit, *_, note = lines(document)
    assert title == "××市以案促改周报表（第2期）"
    assert unit.split() == ["填报单位（盖章）：服务中心党委", "填报时间：2026年6月5日"]
    assert note == "填表说明：按机构序列填写。"
    assert document.sections[0].header.paragraphs[0].text == "内部资料"


def prefilled(*names):
    """A list in which the superior has put the names, and a sum below them."""
    document = Document()
    rows = [[str(place), name, "", "", ""] for place, name in enumerate(names, start=1)]
    table(document, [HEADINGS, *rows, ["合计", "", "", "", ""]])
    return document


def test_names_that_stand_there_are_filled_where_they_stand(collated):
    document = filled(prefilled("第二党支部", "第九党支部", "1. 第一党支部（直属）"), collated)

    assert texts(document.tables[0])[1:] == [
        ["1", "第二党支部", "未报", "", "未报"],
        ["2", "第九党支部", "", "", ""],
        ["3", "1. 第一党支部（直属）", "\n".join(SAID), "继续。", "迟报"],
        ["合计", "", "", "", ""],
    ]


def test_who_is_not_among_the_names_comes_after_them(collated):
    document = filled(prefilled("第二党支部"), collated)

    assert texts(document.tables[0])[1:] == [
        ["1", "第二党支部", "未报", "", "未报"],
        ["2", "第一党支部", "\n".join(SAID), "继续。", "迟报"],
        ["合计", "", "", "", ""],
    ]


def test_in_a_list_of_its_equals_the_organization_has_one_row_for_all(collated):
    document = filled(prefilled("水利局党委", "服务中心党委"), collated)

    first, own, last = texts(document.tables[0])[1:]
    assert (first, last) == (["1", "水利局党委", "", "", ""], ["合计", "", "", "", ""])
    assert own[:2] == ["2", "服务中心党委"]
    assert f"第一党支部：{SAID[0]}" in own[2]
    assert "未报" in own[2]
    assert "第一党支部：继续。" in own[3]


def test_a_row_looks_like_the_one_that_waited_and_grows(collated):
    form = listed()
    row = form.tables[0].rows[1]
    height = OxmlElement("w:trHeight")
    height.set(qn("w:val"), "400")
    height.set(qn("w:hRule"), "exact")
    element_of(row).get_or_add_trPr().append(height)

    made = filled(form, collated).tables[0]

    for line in made.rows[1:4]:
        assert line.height_rule == 1  # at least
    for paragraph in made.cell(2, 2).paragraphs:
        run = paragraph.runs[0]
        assert (run.font.name, run.font.size, run.font.bold) == ("仿宋", Pt(9), False)
        assert paragraph.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert len(made.cell(2, 2).paragraphs) == 2


@pytest.mark.parametrize(("over", "below"), [("问题", "累计销号"), ("累计", "销号")])
@pytest.mark.parametrize("merged", [True, False])
def test_headings_may_reach_over_two_rows(collated, over, below, merged):
    form = Document()
    rows = [
        ["序号", "单位", "工作情况", "", over, ""],
        ["", "", "本周工作进展", "下周计划", below, "问题总数"],
        [""] * 6,
    ]
    made = table(form, rows)
    for first, last in ((2, 3), (4, 5)):
        made.cell(0, first).merge(made.cell(0, last))
    for column in (0, 1) if merged else ():
        made.cell(0, column).merge(made.cell(1, column))

    rows = texts(filled(form, collated).tables[0])

    assert rows[1][2:] == ["本周工作进展", "下周计划", below, "问题总数"]
    assert [row[:4] for row in rows[2:]] == [row[:4] for row in ROWS]
    assert rows[3][4:] == ["0", "0"]
    assert rows[4][4:] == ["", ""]


def test_a_list_in_a_cell_of_the_page_s_frame_is_found(collated):
    form = Document()
    frame = form.add_table(rows=1, cols=1)
    inner = frame.cell(0, 0).add_table(2, 3)
    for cell, words in zip(
        inner.rows[0].cells, ("单 位", "本周进展", "备注（报送情况）"), strict=True
    ):
        cell.text = words

    made = filled(form, collated).tables[0].cell(0, 0).tables[0]

    assert texts(made)[1:] == [[row[1], row[2], row[4]] for row in ROWS]


CONTROL = (
    "<w:sdt {}><w:sdtPr><w:showingPlcHdr/>"
    "<w:dataBinding w:xpath='/a' w:storeItemID='{{1}}'/></w:sdtPr>"
    "<w:sdtContent>{}</w:sdtContent></w:sdt>"
)
HINT = "<w:r><w:rPr><w:rStyle w:val='a3'/></w:rPr><w:t>单击此处输入文字。</w:t></w:r>"


def test_what_stood_in_content_controls_gives_way(collated):
    """A bound control would show its old content again, and its hint is no text."""
    form = listed()
    for column in (2, 3):
        paragraph = element_of(form.tables[0].cell(1, column).paragraphs[0])
        paragraph.append(parse_xml(CONTROL.format(nsdecls("w"), HINT)))
    row = element_of(form.tables[0].rows[1])
    wrapped = parse_xml(CONTROL.format(nsdecls("w"), "").replace("<w:showingPlcHdr/>", ""))
    row.addprevious(wrapped)
    wrapped.find(qn("w:sdtContent")).append(row)

    document = filled(form, collated)

    assert texts(document.tables[0])[1:4] == ROWS
    assert "单击此处" not in document.element.xml
    assert "w:sdt>" not in element_of(document.tables[0]).xml


def test_rows_do_not_share_what_a_document_has_once(collated):
    form = listed()
    cell = form.tables[0].cell(1, 0)
    for mark in ("bookmarkStart", "bookmarkEnd"):
        made = parse_xml(f"<w:{mark} {nsdecls('w')} w:id='7' w:name='a'/>")
        element_of(cell.paragraphs[0]).append(made)
    element_of(form.tables[0].rows[1]).set(
        "{http://schemas.microsoft.com/office/word/2010/wordml}paraId", "0A0B0C0D"
    )

    made = filled(form, collated).element.xml

    assert made.count("paraId=") == 1
    assert made.count("w:bookmarkStart") <= 1


def test_two_lists_are_filled_both(collated):
    form = Document()
    table(form, [["单位", "本周工作进展"], ["", ""]])
    form.add_paragraph()
    table(form, [["单位", "下周工作安排"], ["", ""]])

    first, second = filled(form, collated).tables

    assert texts(first)[1:] == [row[1:3] for row in ROWS]
    assert texts(second)[1:] == [[row[1], row[3]] for row in ROWS]


# ---------------------------------------------------------------- 2: labels


MISSING = ["本期应报2个单位，已报1个，未报1个。", "未报送单位：第二党支部（未报）。"]
TOLD = [f"第一党支部：{SAID[0]}", SAID[1]]


def test_the_cells_beside_and_below_labels_are_filled(collated):
    made = filled(labelled(), collated).tables[0]

    rows = texts(made)
    assert rows[0] == ["填报单位", "服务中心党委", "填报日期", "2026年6月5日"]
    assert rows[1] == ["期数", "第2期", "报告期", collated.issue.period()]
    assert rows[2] == ["问题总数", "0", "累计销号", "0件"]
    progress = rows[3][1].split("\n")
    assert progress[1:5] == [*MISSING, *TOLD]
    assert progress[5:] == ["好的做法：", "好做法一条。"]
    assert rows[4][0].strip() == "下周工作安排（200字以内）"
    assert rows[5][0].split("\n") == ["督促未报单位。", "第一党支部：继续。"]
    assert rows[6] == ["存在的问题", "", "", ""]


def test_a_cell_with_its_label_takes_the_text_below_it(collated):
    form = Document()
    made = table(form, [["本周工作进展："], ["下周工作安排："]])
    for row in made.rows:
        for _ in range(3):
            row.cells[0].add_paragraph()

    rows = texts(filled(form, collated).tables[0])

    progress, plans = (row[0].split("\n") for row in rows)
    assert progress[0] == "本周工作进展："
    assert progress[2:6] == [*MISSING, *TOLD]
    assert plans[0] == "下周工作安排："
    assert [line for line in plans if line][1:] == ["督促未报单位。", "第一党支部：继续。"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("主送单位：        ", "主送单位：        "),
        ("填报单位：水利局", "填报单位：水利局"),
        ("填报单位：", "填报单位：服务中心党委"),
        ("上报日期：20  年 月 日", "上报日期：2026年6月5日"),
        ("累计销号：  件，本周新增    件。", "累计销号：0件，本周新增0件。"),
        ("（第×期）", "（第2期）"),
    ],
)
def test_blanks_within_a_line_are_filled_where_their_label_says_so(collated, line, said):
    form = headed()
    form.add_paragraph(line)

    assert lines(filled(form, collated))[-1] == said


def test_a_list_of_other_things_is_left_alone(collated):
    form = headed()
    table(form, [["序号", "单位", "需协调事项"], ["", "", ""]])

    assert texts(filled(form, collated).tables[0])[1] == ["", "", ""]


def test_a_hint_in_brackets_gives_way(collated):
    form = Document()
    table(form, [["本周工作进展", "（此处填写，限500字）"], ["备注", "（不填）"]])

    rows = texts(filled(form, collated).tables[0])

    assert MISSING[1] in rows[0][1]
    assert rows[1] == ["备注", "（不填）"]


# ---------------------------------------------------------------- 3: headings


@pytest.mark.parametrize("blank", [0, 1, 2, 9])
def test_the_lines_below_headings_are_written_on(collated, blank):
    document = filled(headed(blank=blank), collated)

    said = lines(document)
    first, second = said.index("一、本周工作进展"), said.index("二、下周工作安排")
    written = [line for line in said[first + 1 : second] if line]
    assert written[1:5] == [*MISSING, *TOLD]
    assert said[second + 1 : second + 3] == ["督促未报单位。", "第一党支部：继续。"]
    assert said[-1] == "报送单位：服务中心党委"
    assert second - first - 1 == max(len(written), blank)
    if blank:
        indents = {
            paragraph.paragraph_format.first_line_indent
            for paragraph in document.paragraphs[first + 1 : second]
        }
        assert indents == {Pt(24)}


def test_with_a_list_the_lines_say_only_the_whole(collated):
    form = headed(blank=1)
    table(form, [HEADINGS, [""] * 5])

    document = filled(form, collated)

    assert SAID[0] not in "\n".join(lines(document))
    assert MISSING[1] in lines(document)
    assert texts(document.tables[0])[1:] == ROWS


def test_a_line_in_pieces_keeps_its_looks(collated):
    form = headed()
    paragraph = form.add_paragraph()
    pieces = [("填报", 0), ("单位：", 0), ("＿" * 11, 1), ("第", 0), ("   ", 1), ("期", 0)]
    for words, underlined in pieces:
        paragraph.add_run(words).underline = bool(underlined)

    made = filled(form, collated).paragraphs[-1]

    assert made.text == f"填报单位：服务中心党委{'＿' * 5}第2期"
    assert [run.text for run in made.runs if run.underline] == [f"服务中心党委{'＿' * 5}", "2"]


def test_the_last_page_s_layout_is_not_lost(collated):
    """The end of a section hangs on a blank paragraph."""
    form = headed(blank=1)
    form.add_section().orientation = WD_ORIENTATION.LANDSCAPE

    assert len(filled(form, collated).sections) == 2


# ---------------------------------------------------------------- text, and what is refused


def test_text_goes_in_whole_and_without_what_no_document_holds(collated):
    part = collated.parts.get(position=1)
    part.progress = f"甲\x01乙\x0b丙\t丁\n{'长' * 9000}\n\ud800　末"
    part.progress = part.progress.replace("\ud800", "")
    part.save()

    rows = texts(filled(listed(), collated).tables[0])

    assert rows[2][2] == f"甲乙\n丙\t丁\n{'长' * 9000}\n　末"


@pytest.mark.parametrize(
    "rows",
    [[["甲", "乙"], ["", ""]], [["单位", "联系人"], ["", ""]], [["填报单位", ""]]],
)
def test_a_form_without_a_place_is_refused_and_what_is_needed_is_said(collated, rows):
    form = Document()
    table(form, rows)

    with pytest.raises(Refused, match=r"没有在模板里找到可以填写的位置.*序号｜单位") as refusal:
        filled(form, collated)

    assert rows[0][0] in str(refusal.value)


def test_a_blank_document_and_an_old_format_are_refused(collated):
    with pytest.raises(Refused, match="没有在模板里找到"):
        filled(Document(), collated)
    for name in ("表.doc", "表.docm", "表", "表.wps"):
        with pytest.raises(Refused, match="另存为"):
            weekly_templates.fill(saved(listed()), name=name, report=collated)


def test_the_same_form_is_filled_again_after_it_was(collated):
    """What was filled is no blank form: nothing is written over."""
    once = weekly_word_template.fill(saved(listed()), report=collated)

    twice = Document(BytesIO(weekly_word_template.fill(once, report=collated)))

    assert texts(twice.tables[0])[1:4] == ROWS


# ---------------------------------------------------------------- its page


def test_a_form_is_kept_once_and_answered_as_word(collated, bureau, signed_in):
    client = signed_in(bureau.users["office"])
    page = reverse("weekly-template", args=[collated.pk])
    for form, words in ((Document(), "没有在模板里找到可以填写的位置"), (listed(), "")):
        file = SimpleUploadedFile("上级模板.docx", saved(form))
        response = client.post(page, {"file": file, "token": uuid.uuid4()})
        assert response.status_code == (200 if words else 302)
        assert words in response.content.decode()

    response = client.get(reverse("weekly-filled", args=[collated.pk]))

    assert response["Content-Type"] == WORD
    assert response["Content-Disposition"].endswith(".docx")
    document = Document(BytesIO(b"".join(response.streaming_content)))
    assert texts(document.tables[0])[1:4] == ROWS


# ---------------------------------------------------------------- as another program saves it


@pytest.mark.rendering
@pytest.mark.parametrize("form", [listed, labelled, headed])
def test_a_form_that_libreoffice_saved_is_filled_and_drawn(collated, tmp_path, form):
    office = shutil.which("soffice")
    if not office:
        pytest.skip("没有 LibreOffice")
    (tmp_path / "表.docx").write_bytes(saved(form()))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    for ending, source in (("odt", "表.docx"), ("docx", "表.odt")):
        command = [office, profile, "--headless", "--convert-to", ending, "--outdir", tmp_path]
        subprocess.run([*command, tmp_path / source], check=True, capture_output=True, timeout=120)

    data = weekly_word_template.fill((tmp_path / "表.docx").read_bytes(), report=collated)

    (tmp_path / "填好.docx").write_bytes(data)
    page = "".join("".join(drawn(tmp_path / "填好.docx")).split())
    assert SAID[1] in page
    assert "第二党支部" in page
    assert "2026年6月5日" in page or form is headed
