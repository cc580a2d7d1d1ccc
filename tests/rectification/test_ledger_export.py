"""The ledger as a workbook: real files, opened again as Excel would."""

import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from rectification import policy, tasks
from rectification.actions import measures, registrations
from rectification.exports import jobs, ledger, rows, scope
from rectification.exports.columns import COLUMNS, DATA, PRINTED
from rectification.exports.cover import signers_of
from rectification.exports.printed import numeral
from rectification.models import Act, Appointment, Problem, ProblemDepartment, ReviewStep
from reform.errors import Forbidden
from reform.exports import workbook
from reform.models import Job, Role, TrailEntry
from tests.conftest import SIX
from tests.factories import AT, ON, ProblemFactory, actor, person
from tests.reform.test_word import drawn

pytestmark = pytest.mark.dealt

HARD = "=SUM(A1)&{x}{{y}} <b>粗</b> ]]> _x0041_ 😀𠮷\x0b第二行"
HARD_AS_READ = HARD.replace("\x0b", "\n").replace("_x0041_", "_x005F_x0041_")


@pytest.fixture
def cover():
    return ledger.Cover(
        title="以案促改问题整改台账",
        reporting_unit="服务中心党委",
        on=date(2026, 6, 5),
        at=datetime(2026, 6, 5, 4, 0, tzinfo=UTC),
        exporter="何静",
        filters="全部已入账",
        signers={"审核人": "郑洁", "填表人": "何静", "联系电话": "0571-8888"},
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "台账.xlsx"


@pytest.fixture
def write(path, cover):
    """Return a function that writes a variant and gives the book as openpyxl reads it."""

    def write(variant, problems=None, **facts):
        problems = Problem.objects.counted() if problems is None else problems
        ledger.write(problems, path, variant=variant, cover=replace(cover, **facts))
        return load_workbook(path)

    return write


def filed(bureau, place=None, **facts):
    """Return a registered problem, with its six clarities unless facts say otherwise."""
    place = place or bureau.branch
    by = bureau.liaison
    if place != bureau.branch:
        by = actor(person("联络员乙", place, Role.LIAISON))
    facts = {name: value for name, value in (SIX | facts).items() if value is not None}
    problem = ProblemFactory(campaign=bureau.campaign, organization=place, by=by, **facts)
    return registrations.register(problem, by=by, at=AT)


def body_of(sheet):
    """Return the printed problems as {heading: value}, without head and foot."""
    headings = [column.heading for column in PRINTED]
    found = []
    for values in sheet.iter_rows(min_row=5, values_only=True):
        if str(values[0]).startswith("单位负责人"):
            return found
        found.append(dict(zip(headings, values, strict=True)))
    raise AssertionError("no signature line")


def flat_of(sheet):
    headings, *found = sheet.iter_rows(values_only=True)
    return [dict(zip(headings, values, strict=True)) for values in found]


# ---------------------------------------------------------------- printed


def test_the_printed_ledger_looks_as_an_office_expects(bureau, rectifying, write):
    sheet = write("printed").active

    assert sheet["A1"].value == "以案促改问题整改台账"
    assert sheet["A2"].value == "填报单位（盖章）：服务中心党委"
    assert [cell.value for cell in sheet[2] if cell.value][1:] == ["填报时间：2026年6月5日"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$3:$4"
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
    assert sheet.print_options.horizontalCentered
    assert sheet.freeze_panes == "E5"
    assert sheet.auto_filter.ref is None


def test_columns_of_a_group_stand_under_one_heading(bureau, rectifying, write):
    sheet = write("printed").active

    merged = {str(area) for area in sheet.merged_cells.ranges}
    found = [cell.value.replace("\n", "") for cell in sheet[3] if cell.value]
    assert found == list(dict.fromkeys(column.group or column.heading for column in PRINTED))
    assert [cell.value for cell in sheet[4] if cell.value] == ["责任领导", "责任部门", "责任人"]
    assert {"A1:M1", "A3:A4", "F3:H3", "M3:M4"} <= merged


def test_a_row_says_what_the_problem_says(bureau, rectifying, at, write):
    measures.plan(rectifying, facts={"text": "指定首接人"}, by=bureau.member, at=at)
    measures.plan(
        rectifying,
        facts={"text": "逐件回访", "person_name": "林芳", "due_on": date(2026, 6, 10)},
        by=bureau.member,
        at=at,
    )
    measures.report(
        rectifying,
        text="已回访12件",
        progress="under_way",
        on=ON,
        effect="无超时",
        by=bureau.member,
        at=at,
    )

    assert body_of(write("printed").active) == [
        {
            "序号": 1,
            "问题编号": rectifying.number,
            "问题类别": None,
            "存在问题": rectifying.description,
            "整改措施": "1.指定首接人\n2.逐件回访（林芳，2026年6月10日前）",
            "责任领导": "罗海",
            "责任部门": "养护科",
            "责任人": "马超",
            "整改时限": "2026年\n6月30日",
            "整改标准": "回访及时率100%\n预期效果：群众满意",
            "整改进展及成效": "已回访12件\n成效：无超时",
            "完成情况": "整改中，\n正在推进",
            "备注": None,
        }
    ]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"due_on": date(2026, 6, 5)}, "2026年6月5日"),
        ({"due_on": date(2026, 12, 30), "then_standing": True}, "2026年12月30日前，并长期坚持"),
        ({"due_kind": "at_once", "due_on": None}, "立行立改"),
        ({"due_kind": "at_once", "due_on": date(2026, 7, 1)}, "立行立改，2026年7月1日前"),
        ({"due_kind": "standing", "due_on": None}, "长期坚持"),
        ({"due_kind": "standing", "due_on": date(2026, 9, 1)}, "长期坚持，2026年9月1日复核"),
        ({"due_kind": "undetermined", "due_on": None, "due_text": "视情况"}, "视情况"),
        ({"due_kind": "undetermined", "due_on": None, "due_text": ""}, "未确定"),
    ],
)  # fmt: skip
def test_a_deadline_is_written_as_papers_write_it(bureau, write, facts, words):
    problem = filed(bureau)
    Problem.objects.filter(pk=problem.pk).update(first_due_on=None, **facts)

    assert body_of(write("printed").active)[0]["整改时限"].replace("\n", "") == words


def test_an_overdue_row_says_so_and_the_first_deadline_stays(bureau, rectifying, write):
    Problem.objects.filter(pk=rectifying.pk).update(due_on=date(2026, 6, 4))

    row = body_of(write("printed").active)[0]

    assert row["完成情况"].splitlines()[-1] == "（已逾期）"
    assert row["整改时限"] == "2026年\n6月4日\n（原2026年\n6月30日）"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"progress": "done"}, "整改中，措施已完成"),
        ({"progress": "mostly_done"}, "整改中，基本完成"),
        ({"progress": ""}, "整改中"),
        ({"status": "closed", "closed_at": AT, "progress": "done"}, "已销号2026年6月3日"),
    ],
)
def test_what_an_organization_calls_done_is_not_said_to_be_closed(
    bureau, rectifying, write, facts, words
):
    Problem.objects.filter(pk=rectifying.pk).update(**facts)

    assert body_of(write("printed").active)[0]["完成情况"].replace("\n", "") == words


def test_paper_bears_the_number_and_marks_a_key_problem(bureau, write):
    problem = filed(bureau, severity="key")

    assert body_of(write("printed").active)[0]["问题编号"] == f"{problem.number}\n重点"


def test_several_organizations_stand_in_sections_in_official_order(bureau, write):
    filed(bureau, bureau.sibling)
    filed(bureau)
    filed(bureau, bureau.sibling)

    found = [(row["序号"], row["存在问题"] is None) for row in body_of(write("printed").active)]

    assert found == [
        ("一、第一党支部（1项）", True),
        (1, False),
        ("二、第二党支部（2项）", True),
        (2, False),
        (3, False),
    ]


def test_one_organization_needs_no_section(bureau, write):
    filed(bureau)

    assert [row["序号"] for row in body_of(write("printed").active)] == [1]


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (100, "一百"),
     (105, "一百零五"), (110, "一百一十"), (1000, "一千"), (1001, "一千零一")],
)  # fmt: skip
def test_sections_are_numbered_in_chinese(number, words):
    assert numeral(number) == words


def test_the_foot_has_signatures_cut_off_and_definitions(bureau, rectifying, write):
    sheet = write("printed").active

    texts = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    *signatures, cut_off, definitions, kept = texts[-7:]
    assert signatures == [
        "单位负责人（签字）：",
        "审核人：郑洁",
        "填表人：何静",
        "联系电话：0571-8888",
    ]
    notes = [cut_off, definitions, kept]
    assert notes[0] == "1. 截至2026年6月5日12时00分，共1项。范围：全部已入账。导出人：何静。"
    assert notes[1].startswith("2. 口径：")
    assert "逾期指" in notes[1]
    assert notes[2] == "3. 内部资料，请妥善保管。"


def test_several_items_are_remarked_on(bureau, write):
    problem = filed(bureau)
    problem.items.set(bureau.campaign.items.all()[:2])

    sheet = write("printed").active

    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert body_of(sheet)[0]["问题类别"] == "庸、懒"
    assert any("各类别合计可能大于问题总数" in text for text in texts)


def test_sheet_rowsare_as_tall_as_their_text_and_never_over_the_limit(bureau, write):
    for length in (10, 120, 3_000):
        filed(bureau, description="问" * length)

    sheet = write("printed").active

    heights = [sheet.row_dimensions[row].height for row in range(5, sheet.max_row + 1)]
    assert max(heights) <= 409
    assert heights[0] < heights[1] < heights[2]


def test_a_text_taller_than_a_page_goes_on_and_is_not_cut(bureau, write):
    text = "".join(f"第{n}句，推诿扯皮现象仍未消除。" for n in range(3_000))[:40_000]
    filed(bureau, description=text)

    found = body_of(write("printed").active)

    assert "".join(row["存在问题"] for row in found) == text
    assert [row["序号"] for row in found[:2]] == [1, "1\n续"]
    assert {row["责任人"] for row in found[1:]} == {None}


def pages_of(sheet):
    """Return what stands in column A, page by page, as the breaks of the sheet make them."""
    ends = [mark.id for mark in sheet.row_breaks.brk]
    starts = [4, *ends]
    return [
        [sheet.cell(row, 1).value for row in range(start + 1, end + 1)]
        for start, end in zip(starts, [*ends, sheet.max_row], strict=True)
    ]


@pytest.mark.parametrize("length", [20, 60, 100])
def test_a_section_stands_on_the_page_of_its_first_row(bureau, write, length):
    for place in (bureau.branch, bureau.sibling, bureau.elsewhere):
        for _ in range(7):
            filed(bureau, place, description="问" * length)

    sheet = write("printed").active

    pages = pages_of(sheet)
    assert len(pages) > 2
    assert not any(str(page[-1]).endswith("项）") for page in pages)
    room = workbook.room_of([column.width for column in PRINTED])
    heights = [sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1)]
    ends = [mark.id for mark in sheet.row_breaks.brk]
    assert sum(heights[: ends[0]]) <= room
    for start, end in zip(ends, [*ends[1:], sheet.max_row], strict=True):
        assert sum(heights[2:4]) + sum(heights[start:end]) <= room


@pytest.mark.parametrize("count", range(5, 9))
def test_signatures_and_definitions_stay_with_the_last_row(bureau, write, count):
    for _ in range(count):
        filed(bureau, description="问" * 50)

    last = pages_of(write("printed").active)[-1]

    signed = next(at for at, text in enumerate(last) if str(text).startswith("单位负责人"))
    assert str(last[-1]).endswith("请妥善保管。")
    assert len(last) - signed == 4
    assert isinstance(last[signed - 1], int)


@pytest.mark.parametrize("variant", ["printed", "data"])
def test_text_is_text_and_whole(bureau, write, path, variant):
    filed(bureau, description="正常")
    Problem.objects.update(description=HARD)

    book = write(variant)

    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value == HARD_AS_READ]
    assert [(cell.data_type, cell.value) for cell in cells] == [("s", HARD_AS_READ)]
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert ET.fromstring(sheet).tag.endswith("worksheet")  # noqa: S314 -- our own file


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x"])
def test_a_cell_that_was_typed_like_a_formula_stays_text_when_edited(bureau, write, start):
    filed(bureau, description=start)

    cell = write("printed").active["D5"]

    assert (cell.value, cell.data_type, cell.quotePrefix) == (start, "s", True)


@pytest.mark.parametrize("variant", ["printed", "data"])
def test_what_no_workbook_can_hold_is_left_out(bureau, write, variant):
    filed(bureau, description="正常")
    Problem.objects.update(description="前\x01\x1f\ufffe后")

    sheet = write(variant).active

    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "前后" in values


@pytest.mark.parametrize("variant", ["printed", "data"])
def test_a_ledger_without_sheet_rowshas_its_heading(bureau, write, variant):
    sheet = write(variant).active

    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "存在问题" in values


# ---------------------------------------------------------------- data


def test_the_data_ledger_is_flat_with_real_dates(bureau, rectifying, at, write):
    book = write("data")
    sheet = book["台账"]
    (row,) = flat_of(sheet)

    assert len(row) == len(DATA) >= 20
    assert row["问题编号"] == rectifying.number
    assert row["责任单位"] == "第一党支部"
    assert row["上级单位"] == "服务中心党委"
    assert row["整改时限"].date() == date(2026, 6, 30)
    assert row["发现日期"].date() == date(2026, 5, 20)
    assert row["下达日期"].date() == date(2026, 6, 3)
    assert row["销号时间"] is None
    assert (row["状态"], row["是否逾期"]) == ("整改中", None)
    due = next(cell for cell in sheet[1] if cell.value == "整改时限").column
    assert sheet.cell(2, due).number_format == "yyyy-mm-dd"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet.freeze_panes == "C2"


def test_the_data_ledger_is_in_a_chinese_font_and_can_be_printed(bureau, rectifying, write):
    book = write("data")

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.font.name for cell in cells} == {"宋体"}
    sheet = book["台账"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (3, 0)
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$B")


def test_a_day_is_the_day_in_beijing(bureau, rectifying, write):
    late = datetime(2026, 6, 2, 17, 30, tzinfo=UTC)
    Problem.objects.filter(pk=rectifying.pk).update(status="closed", closed_at=late)

    (row,) = flat_of(write("data")["台账"])

    assert row["销号时间"].date() == date(2026, 6, 3)


def test_the_second_sheet_says_what_the_words_mean(bureau, rectifying, write):
    notes = dict(write("data")["口径"].iter_rows(min_row=2, values_only=True))

    assert notes["截至"] == "2026年6月5日12时00分"
    assert notes["导出人"] == "何静"
    assert notes["问题数"] == "1项"
    assert notes["筛选范围"] == "全部已入账"
    assert {"逾期", "完成", "问题总数"} <= notes.keys()


@pytest.mark.parametrize(
    ("text", "cells"),
    [("字" * 32_767, 1), ("字" * 40_000, 2), ("字" * 70_000, 3), ("😀" * 20_000, 2)],
)
def test_a_text_too_long_for_a_cell_goes_on_beside_it(bureau, write, text, cells):
    filed(bureau)
    problem = filed(bureau, description="长")
    Problem.objects.filter(pk=problem.pk).update(description=text)

    first, second = flat_of(write("data")["台账"])

    headings = [name for name in second if name.startswith("存在问题")]
    assert headings == ["存在问题", "存在问题（续）", "存在问题（续2）"][:cells]
    assert "".join(second[name] for name in headings) == text
    assert [first[name] for name in headings[1:]] == [None] * (cells - 1)
    assert all(len(second[name].encode("utf-16-le")) <= 2 * 32_767 for name in headings)


def test_headings_are_met_once_in_each_variant():
    for columns in (PRINTED, DATA):
        assert len({column.heading for column in columns}) == len(columns)
        assert len({column.code for column in columns}) == len(columns)
    assert {column.heading for column in COLUMNS} == {
        column.heading for column in (*PRINTED, *DATA)
    }


def test_the_printed_columns_fill_the_page():
    assert 140 <= sum(column.width for column in PRINTED) <= 148


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_is_read_in_a_constant_number_of_queries(
    bureau, write, django_assert_num_queries, count
):
    for _ in range(count):
        filed(bureau)

    with django_assert_num_queries(7):  # the keys, then six for the batch
        write("data")


def test_a_file_is_read_in_batches(bureau, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(rows, "BATCH", 2)
    numbers = [filed(bureau).number for _ in range(5)]
    told = []

    with django_assert_num_queries(1 + 3 * 6):
        walk = rows.Walk.over(Problem.objects.all())
        found = list(walk.rows(on=ON, tell=lambda done, total: told.append((done, total))))

    assert [row.number for row in found] == numbers
    assert [row.serial for row in found] == [1, 2, 3, 4, 5]
    assert told == [(0, 5), (2, 5), (4, 5), (5, 5)]


def test_sheet_rowsthat_go_or_come_meanwhile_break_nothing(bureau, monkeypatch):
    monkeypatch.setattr(rows, "BATCH", 1)
    drafts = [
        ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)
        for _ in range(3)
    ]
    walk = rows.Walk.over(Problem.objects.all())
    found = walk.rows(on=ON, tell=lambda _done, _total: None)
    next(found)

    drafts[1].delete()

    assert [row.pk for row in found] == [drafts[2].pk]


@pytest.mark.both
def test_overdue_means_what_it_means_everywhere(bureau, rectifying):
    Problem.objects.filter(pk=rectifying.pk).update(due_on=ON - timedelta(days=1))
    filed(bureau)

    walk = rows.Walk.over(Problem.objects.all())
    late = {row.pk for row in walk.rows(on=ON, tell=lambda _done, _total: None) if row.late}

    assert late == set(Problem.objects.overdue(ON).values_list("pk", flat=True)) == {rectifying.pk}


# ---------------------------------------------------------------- whose rows


@pytest.fixture
def many(bureau, rectifying):
    """Rows of all kinds in and around the branch, one of them under review by appointment."""
    personal = filed(bureau, owner_kind="personal")
    mine = filed(bureau, bureau.sibling, owner_kind="personal")
    Problem.objects.filter(pk=mine.pk).update(drafted_by=bureau.liaison.user)
    cooperating = filed(bureau, bureau.sibling)
    ProblemDepartment.objects.create(
        problem=cooperating,
        part="cooperating",
        name=bureau.branch.name,
        organization=bureau.branch,
    )
    above = filed(bureau, bureau.center)
    asked = filed(bureau, bureau.top)
    application = asked.applications.create(
        round=1,
        level=bureau.campaign.closing_levels.first(),
        statement="",
        applicant_name="甲",
        entered_by=bureau.liaison.user,
        applied_at=AT,
    )
    step = ReviewStep.objects.create(application=application, position=1, kind="recheck")
    for who in (bureau.inspector, bureau.secretary):
        Appointment.objects.create(
            step=step, user=who.user, until=ON, appointed_by=bureau.office.user, at=AT
        )
    filed(bureau, bureau.elsewhere)
    return [rectifying, personal, mine, cooperating, above, asked]


@pytest.mark.parametrize(
    "who",
    ["member", "colleague", "liaison", "secretary", "office", "top_office", "inspector", "leader",
     "neighbour", "stranger", "system"],
)  # fmt: skip
@pytest.mark.both
def test_an_export_holds_what_policy_allows_row_by_row(bureau, many, who):
    by = getattr(bureau, who)
    visible = Problem.objects.visible_to(by)

    found = set(scope.exportable(by).values_list("pk", flat=True))

    assert found == {row.pk for row in visible if policy.may(by, "pb.export", row)}


def test_somebody_takes_something_out_and_somebody_nothing(bureau, many):
    """The test above would also hold if nobody could export anything."""
    assert scope.exportable(bureau.office).count() >= 3
    assert scope.exportable(bureau.secretary).count() >= 2
    assert not scope.exportable(bureau.member).exists()


# ---------------------------------------------------------------- as a job


def export(by, variant="data", at=AT, **params):
    job = jobs.ask(variant, params=params, by=by, at=at)
    tasks.run_export(job.pk)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize(("variant", "mark"), [("printed", ""), ("data", "（数据版）")])
def test_an_export_ends_in_a_file_named_as_offices_name_it(bureau, rectifying, variant, mark):
    job = export(bureau.office, variant)

    assert (job.state, job.fault, job.done, job.total) == (Job.State.DONE, "", 1, 1)
    title = f"{bureau.campaign.title}问题整改台账"
    assert job.result.name == f"服务中心党委_{title}{mark}_截至20260603.xlsx"
    book = load_workbook(job.result.file)
    values = [cell.value for row in book.active.iter_rows() for cell in row]
    assert rectifying.description in values


def test_an_export_is_in_the_trail(bureau, rectifying):
    job = export(bureau.office, status=["rectifying"])

    asked, made = TrailEntry.objects.of(job)
    assert (asked.by, made.by) == (bureau.office.user, bureau.office.user)
    assert made.act == Act.EXPORTED
    assert made.sentence.endswith("问题整改台账，1项")
    assert made.detail == {"filters": "全部已入账；状态“整改中”"}


def test_an_export_has_the_filters_of_the_page(bureau, rectifying):
    other = filed(bureau, bureau.sibling)

    job = export(bureau.office, organization=[str(bureau.sibling.pk)], view=["registered"])

    book = load_workbook(job.result.file)
    assert [row["问题编号"] for row in flat_of(book["台账"])] == [other.number]
    notes = dict(book["口径"].iter_rows(min_row=2, values_only=True))
    assert notes["筛选范围"] == "待交办；第二党支部及所属"
    assert notes["填报单位"] == "第二党支部"


def test_filters_are_put_into_words(bureau, rectifying):
    campaign, item = bureau.campaign, bureau.campaign.items.first()
    rectifying.items.add(item)
    params = {
        "campaign": [str(campaign.pk)],
        "item": [str(item.pk)],
        "q": ["回访\x00"],
        "severity": ["key"],
        "owner": ["nonsense"],
        "source": ["999999"],
        "due_from": ["2026-06-01"],
        "page": ["3"],
    }

    words = scope.in_words(params, scope.exportable(bureau.office))

    assert words == (
        f"全部已入账；活动“{campaign}”；问题类别“庸”；关键词“回访”；程度“重点”；时限自“2026-06-01”"
    )


def test_names_outside_ones_scope_are_not_told(bureau, many):
    params = {"campaign": [str(bureau.campaign.pk)]}

    assert scope.in_words(params, scope.exportable(bureau.system)) == "全部已入账"


def test_who_may_not_export_is_refused(bureau):
    with pytest.raises(Forbidden, match="没有导出台账的权限"):
        jobs.ask("data", params={}, by=bureau.member, at=AT)

    assert not Job.objects.exists()


def test_a_duty_that_was_taken_away_meanwhile_counts(bureau, rectifying):
    job = jobs.ask("data", params={}, by=bureau.office, at=AT)
    bureau.office.user.duties.update(until=ON - timedelta(days=1))

    jobs.run(job.pk, at=AT)

    job.refresh_from_db()
    assert (job.state, job.fault) == (Job.State.FAILED, "您没有导出台账的权限。")


def test_a_button_pressed_twice_asks_once(bureau, rectifying):
    first = jobs.ask("data", params={"q": ["甲"]}, by=bureau.office, at=AT)

    moments = (AT + timedelta(seconds=1), AT + timedelta(seconds=59))
    again = [
        jobs.ask("data", params={"q": ["甲"]}, by=bureau.office, at=moment) for moment in moments
    ]

    assert again == [first, first]
    assert TrailEntry.objects.of(first).count() == 1


def test_what_is_asked_in_other_words_by_another_or_later_is_made_anew(bureau, rectifying):
    jobs.ask("data", params={}, by=bureau.office, at=AT)
    jobs.ask("printed", params={}, by=bureau.office, at=AT)
    jobs.ask("data", params={"q": ["甲"]}, by=bureau.office, at=AT)
    jobs.ask("data", params={}, by=bureau.leader, at=AT)
    jobs.ask("data", params={}, by=bureau.office, at=AT + timedelta(seconds=61))

    assert Job.objects.count() == 5


def test_an_export_that_is_meant_again_is_made_again(bureau, rectifying):
    first = export(bureau.office)

    assert jobs.ask("data", params={}, by=bureau.office, at=first.ended_at) == first
    later = first.ended_at + timedelta(seconds=4)
    assert jobs.ask("data", params={}, by=bureau.office, at=later) != first


def test_a_file_is_handed_out_only_while_its_duties_are_held(bureau, rectifying, signed_in):
    job = export(bureau.office)
    client = signed_in(bureau.office)
    with time_machine.travel(AT, tick=False):
        assert client.get(f"/jobs/{job.pk}/file/").status_code == 200
        bureau.users["office"].duties.update(until=ON - timedelta(days=1))
        person_elsewhere = bureau.users["office"].duties.create(
            organization=bureau.sibling, role="office", since=ON
        )

        answer = client.get(f"/jobs/{job.pk}/file/")
        pages = [client.get(path).content.decode() for path in (f"/jobs/{job.pk}/", "/jobs/")]

    assert person_elsewhere.role == "office"
    assert answer.status_code == 403
    assert "您的职责已有变化，这份文件不再提供下载" in answer.content.decode()
    assert [f"/jobs/{job.pk}/file/" in shown for shown in pages] == [False, False]


def test_a_duty_that_came_later_takes_nothing_away(bureau, rectifying, signed_in):
    job = export(bureau.office)
    bureau.users["office"].duties.create(organization=bureau.sibling, role="office", since=ON)

    with time_machine.travel(AT, tick=False):
        answer = signed_in(bureau.office).get(f"/jobs/{job.pk}/file/")

    assert answer.status_code == 200


def test_the_sweeper_makes_what_nobody_has_taken_up(bureau, rectifying):
    waiting = [jobs.ask(variant, params={}, by=bureau.office, at=AT) for variant in jobs.KINDS]

    tasks.run_waiting_exports()
    tasks.run_waiting_exports()

    assert [Job.objects.get(pk=job.pk).state for job in waiting] == ["done", "done"]
    assert [Job.objects.get(pk=job.pk).tries for job in waiting] == [1, 1]


def test_who_signs_comes_from_duties(bureau):
    bureau.office.user.phone = "0571-1"

    assert signers_of(bureau.center, on=ON, filled_by=bureau.office.user) == {
        "单位负责人（签字）": "罗海",
        "填表人": "何静",
        "联系电话": "0571-1",
    }
    assert signers_of(bureau.branch, on=ON) == {"单位负责人（签字）": "郑洁"}


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("党委", "党委_台账_截至20260605.xlsx"),
        ('a/b\\c:*?"<>|\n 党委', "abc党委_台账_截至20260605.xlsx"),
        ("长" * 200, f"{'长' * 40}_台账_截至20260605.xlsx"),
        ("", "台账_截至20260605.xlsx"),
    ],
)
def test_file_names_suit_every_disk(unit, name):
    assert ledger.file_name(unit, "台账", on=date(2026, 6, 5)) == name


# ---------------------------------------------------------------- from the shell


def command(path, *arguments):
    call_command("export_ledger", str(path), *arguments)
    return load_workbook(path)


def test_the_command_writes_the_whole_campaign(bureau, rectifying, path, capsys):
    filed(bureau, bureau.elsewhere)
    ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)

    book = command(path, "--campaign", "YACG", "--variant", "data")

    assert len(flat_of(book["台账"])) == 2
    assert capsys.readouterr().out == f"已导出2项问题：{path}\n"


def test_the_command_writes_an_organization_and_below(bureau, rectifying, path):
    filed(bureau, bureau.elsewhere)

    sheet = command(path, "--campaign", "YACG", "--organization", bureau.center.code).active

    assert sheet["A1"].value == f"{bureau.campaign}问题整改台账"
    assert sheet["A2"].value == "填报单位（盖章）：服务中心党委"
    assert [row["序号"] for row in body_of(sheet)] == [1]


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("a.xlsx", ["--campaign", "NONE"], "没有代码为“NONE”的活动。"),
        ("a.xlsx", ["--campaign", "YACG", "--organization", "X"], "没有代码为“X”的党组织。"),
        ("a.csv", ["--campaign", "YACG"], "文件名应以 .xlsx 结尾，现在是“a.csv”。"),
        ("no/a.xlsx", ["--campaign", "YACG"], "无法写入"),
    ],
)
def test_the_command_refuses_in_a_sentence(bureau, tmp_path, name, arguments, sentence):
    with pytest.raises(CommandError, match=re.escape(sentence)):
        command(tmp_path / name, *arguments)

    assert list(tmp_path.rglob("*.xlsx")) == []


def test_a_file_that_stood_there_is_replaced_whole_or_not_at_all(
    bureau, rectifying, path, monkeypatch
):
    path.write_bytes(b"old")

    def broken(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(ledger.VARIANTS, "printed", broken)
    with pytest.raises(CommandError, match="No space left"):
        command(path, "--campaign", "YACG")

    assert path.read_bytes() == b"old"


# ---------------------------------------------------------------- cells


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("text", "room", "count"),
    [
        ("", 10, 1),
        ("abc", 10, 1),
        ("一二三四五", 10, 1),
        ("一二三四五六", 10, 2),
        ("甲\n\n乙", 10, 3),
    ],
)
def test_a_chinese_character_counts_two(text, room, count):
    assert workbook.lines(text, room) == count


@pytest.mark.no_database
@pytest.mark.parametrize(
    "text", ["甲" * 99, "a甲\n" * 30, "\n" * 40, "😀𠮷b" * 20, "一\n" + "二" * 50]
)
def test_folded_text_is_whole_and_each_piece_fits(text):
    pieces = workbook.fold(text, 10, 4)

    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")
    assert all(workbook.lines(piece, 12) <= 4 for piece in pieces)


@pytest.mark.no_database
def test_excel_takes_no_more_breaks_than_it_can():
    sheet_rows = workbook.Rows(BytesIO(), 1, room=10, repeated=0)
    for _ in range(1_030):
        sheet_rows.add([1], [workbook.Look(0, 0)], height=10)

    assert sheet_rows.breaks == list(range(1, 1_024))


# In the order the schema demands.
PARTS = ["sheetPr", "sheetViews", "cols", "sheetData", "mergeCells", "printOptions"]
PARTS += ["pageMargins", "pageSetup", "headerFooter", "rowBreaks"]


@pytest.mark.once
def test_every_part_of_the_printed_book_is_sound(bureau, rectifying, write, path):
    for _ in range(3):
        filed(bureau, description="问" * 200)
    write("printed")

    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        for name in book.namelist():
            ET.fromstring(book.read(name))  # noqa: S314 -- our own file
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    order = re.findall(
        r"<(\w+)[ >/]", re.sub(r"(?s)<sheetData>.*</sheetData>", "<sheetData/>", sheet)
    )
    order = [name for name in order if name in PARTS]
    assert order == PARTS
    styles = len(re.findall("<xf ", _styles_of(path)))
    assert max(int(number) for number in re.findall(r' s="(\d+)"', sheet)) < styles


def _styles_of(path):
    text = zipfile.ZipFile(path).read("xl/styles.xml").decode()
    return re.search(r"<cellXfs.*?</cellXfs>", text, re.DOTALL)[0]


@pytest.mark.once
@pytest.mark.rendering
def test_libreoffice_prints_it_one_page_wide_with_the_heading_on_each(bureau, write, path):
    for place in (bureau.branch, bureau.sibling):
        for _ in range(8):
            filed(bureau, place, description="窗口工作人员解答咨询不耐心，存在推诿扯皮现象。" * 6)
    write("printed")

    pages = drawn(path)

    assert len(pages) >= 3
    assert all("存在问题" in page and "整改标准" in page for page in pages)
    assert all(f"第 {n} 页，共 {len(pages)} 页" in page for n, page in enumerate(pages, start=1))
    assert "单位负责人（签字）" in pages[-1]


def test_facts_of_a_job_can_be_kept(bureau):
    job = jobs.ask("data", params={"q": ["甲"]}, by=bureau.office, at=AT)

    assert json.loads(json.dumps(job.facts)) == {"params": {"q": ["甲"]}}
