"""A superior's own workbook, filled with a collated report."""

from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from rectification.actions import weekly_collations, weekly_reports
from rectification.exports import weekly_template
from reform.errors import Refused
from tests.rectification.weekly import FRIDAY, beijing, opened, planned
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")


@pytest.fixture
def collated(bureau, at):
    planned(bureau, at=at)
    issue = opened(bureau)
    when = beijing(FRIDAY, 9)
    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=when)
    texts = {"progress": "=HYPERLINK(1)", "plans": "继续。"}
    report = weekly_reports.write(
        report, edition=report.edition, texts=texts, by=bureau.liaison, at=when
    )
    weekly_reports.confirm(report, by=bureau.secretary, at=when)
    return weekly_collations.collate(issue, bureau.center, by=bureau.office, at=when)


def template(*, headings=("序号", "单 位", "本周工作进展", "下周计划", "累计销号"), free=1):
    book = Workbook()
    sheet = book.active
    sheet.append(["××市以案促改周报表"])
    sheet.merge_cells("A1:E1")
    sheet.append(list(headings))
    for _ in range(free):
        sheet.append([])
    foot = 3 + free
    sheet.cell(foot, 1, "填表说明：按单位填写")
    sheet.merge_cells(start_row=foot, start_column=1, end_row=foot, end_column=5)
    sheet.cell(foot + 1, 1, "审核人：")
    book.save(out := BytesIO())
    return out.getvalue()


@pytest.mark.parametrize("free", [0, 1, 10])
def test_rows_are_filled_and_what_stands_around_stays(collated, free):
    data = weekly_template.fill(template(free=free), name="表.xlsx", report=collated)
    sheet = load_workbook(BytesIO(data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "××市以案促改周报表"
    assert [row[:4] for row in rows[2:5]] == [
        (1, "服务中心党委（本级）", None, None),
        (2, "第一党支部", "=HYPERLINK(1)", "继续。"),
        (3, "第二党支部", "未报", None),
    ]
    foot = next(number for number, row in enumerate(rows) if row[0] == "填表说明：按单位填写")
    assert foot == 2 + max(free, 3)
    assert rows[foot + 1][0] == "审核人："
    assert f"A{foot + 1}:E{foot + 1}" in {area.coord for area in sheet.merged_cells.ranges}
    assert sheet["C4"].data_type != "f"


def test_a_workbook_without_such_headings_is_refused(collated):
    with pytest.raises(Refused, match="没有在前15行找到表头"):
        weekly_template.fill(template(headings=("甲", "乙")), name="表.xlsx", report=collated)


def test_what_is_no_workbook_is_refused(collated):
    with pytest.raises(Refused):
        weekly_template.fill(b"PK\x03\x04nothing", name="表.xlsx", report=collated)


def test_headings_may_reach_over_two_rows(collated):
    book = load_workbook(BytesIO(template()))
    sheet = book.active
    sheet.insert_rows(3)
    for letter in "ABC":
        sheet.merge_cells(f"{letter}2:{letter}3")
    book.save(out := BytesIO())

    data = weekly_template.fill(out.getvalue(), name="表.xlsx", report=collated)

    rows = list(load_workbook(BytesIO(data)).active.iter_rows(values_only=True))
    assert [row[1] for row in rows[3:6]] == ["服务中心党委（本级）", "第一党支部", "第二党支部"]


def filled(book, report):
    book.save(out := BytesIO())
    data = weekly_template.fill(out.getvalue(), name="表.xlsx", report=report)
    return load_workbook(BytesIO(data))


@pytest.mark.parametrize(("over", "below"), [("问题", "累计销号"), ("累计", "销号")])
@pytest.mark.parametrize("merged", [True, False])
def test_headings_below_headings_are_read_too(collated, over, below, merged):
    book = Workbook()
    sheet = book.active
    sheet.append(["××市以案促改周报表"])
    sheet.append(["序号", "单位", "工作情况", None, over, None])
    sheet.append([None, None, "本周工作进展", "下周计划", below, "问题总数"])
    for area in ("A1:F1", "C2:D2", "E2:F2", *(["A2:A3", "B2:B3"] if merged else [])):
        sheet.merge_cells(area)
    sheet.append(["合计"])

    rows = list(filled(book, collated).active.iter_rows(values_only=True))

    assert rows[2] == (None, None, "本周工作进展", "下周计划", below, "问题总数")
    assert [row[:4] for row in rows[3:6]] == [
        (1, "服务中心党委（本级）", None, None),
        (2, "第一党支部", "=HYPERLINK(1)", "继续。"),
        (3, "第二党支部", "未报", None),
    ]
    assert rows[4][4:] == (0, 0)
    assert rows[6][0] == "合计"


@pytest.mark.parametrize("free", [1, 2, 3, 5])
@pytest.mark.parametrize("numbered", [False, True])
def test_a_sum_of_the_rows_is_of_all_of_them_and_others_only_move(collated, free, numbered):
    book = Workbook()
    sheet = book.active
    sheet.title = "周 报"
    sheet.append(["序号", "单位", "本周工作进展", "问题总数", "累计销号"])
    for number in range(free):
        sheet.append([number + 1 if numbered else None])
    foot = free + 2
    sum_of = f"=SUM(D2:D{free + 1})"
    sheet.append(["合计", None, None, sum_of, f"=SUM($E$2:E{free + 1})"])
    sheet.append(["销号率", None, None, f"=E{foot}/D{foot}", f"=COUNTA(A1:E1)&D{foot}:E{foot}"])
    sheet.append([None, None, None, "=SUM(D:D)", '="D2"&D1'])
    book.create_sheet("汇总").append([f"='周 报'!D{foot}", f"=D{foot}"])

    book = filled(book, collated)

    last, sheet = max(free, 3) + 1, book["周 报"]
    total = last + 1
    assert [sheet.cell(total, column).value for column in (4, 5)] == [
        f"=SUM(D2:D{last})",
        f"=SUM($E$2:E{last})",
    ]
    assert [sheet.cell(total + 1, column).value for column in (4, 5)] == [
        f"=E{total}/D{total}",
        f"=COUNTA(A1:E1)&D{total}:E{total}",
    ]
    assert [sheet.cell(total + 2, column).value for column in (4, 5)] == ["=SUM(D:D)", '="D2"&D1']
    assert [cell.value for cell in book["汇总"][1]] == [f"='周 报'!D{total}", f"=D{foot}"]


def prefilled(*names):
    book = Workbook()
    book.active.append(["序号", "单位", "本周工作进展", "下周计划", "问题总数"])
    for place, name in enumerate(names, start=1):
        book.active.append([place, name])
    end = len(names) + 1
    book.active.append(["合计", None, None, None, f"=SUM(E2:E{end})"])
    return book


def rows_of(book):
    return [list(row) for row in book.active.iter_rows(min_row=2, values_only=True)]


def test_names_that_stand_there_are_filled_where_they_stand(collated):
    book = prefilled("第二党支部", "第九党支部", "第一党支部")
    book.active["D4"] = "见附件"
    book.active["A2"] = None

    assert rows_of(filled(book, collated)) == [
        [1, "第二党支部", "未报", None, None],
        [2, "第九党支部", None, None, None],
        [3, "第一党支部", "=HYPERLINK(1)", "见附件", 0],
        ["合计", None, None, None, "=SUM(E2:E4)"],
    ]


def test_who_is_not_among_the_names_comes_after_them(collated):
    assert rows_of(filled(prefilled("第二党支部"), collated)) == [
        [1, "第二党支部", "未报", None, None],
        [2, "第一党支部", "=HYPERLINK(1)", "继续。", 0],
        ["合计", None, None, None, "=SUM(E2:E3)"],
    ]


def test_in_a_list_of_its_equals_the_organization_has_one_row_for_all(collated):
    first, own, last = rows_of(filled(prefilled("水利局党委", "服务中心党委"), collated))

    assert first == [1, "水利局党委", None, None, None]
    assert own[:2] == [2, "服务中心党委"]
    assert "第一党支部：=HYPERLINK(1)" in own[2]
    assert own[3:] == ["第一党支部：继续。", 0]
    assert last[-1] == "=SUM(E2:E3)"
