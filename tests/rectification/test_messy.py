"""What branches really send: each table here was once read wrongly."""

from datetime import date

import pytest

from rectification.imports.cells import measures
from rectification.imports.names import answerable, departments, persons
from rectification.imports.vocabulary import progress
from reform.errors import Refused
from tests.rectification.test_reading import (
    HEADINGS,
    LATE,
    RUDE,
    faults,
    fields,
    read,
    skipped,
    table,
    workbook,
)

# ── names ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三（办公室）李四（财务科）", ["张三", "李四"]),
        ("1.张三\n2.李四", ["张三", "李四"]),
        ("①张三②李四", ["张三", "李四"]),
        ("张三 13800000000", ["张三"]),
        ("张三13800000000", ["张三"]),
        ("科长张三", ["张三"]),
        ("局党组书记、局长张三", ["张三"]),
        ("党组成员、副局长 陈立", ["陈立"]),
        ("张三等3人", ["张三"]),
        ("张三、李四等同志", ["张三", "李四"]),
        ("张三；李四。", ["张三", "李四"]),
        ("张三和李四", ["张三", "李四"]),
        ("办公室张三、第三党支部李四", ["张三", "李四"]),
        ("农业局房管科", ["农业局房管科"]),
        ("张三 2026.6.30", ["张三"]),
        ("李和平", ["李和平"]),
        ("各支部书记", ["各支部书记"]),
        ("张三、各支部书记", ["张三", "各支部书记"]),
        ("组长单位", ["组长单位"]),
    ],
)
def test_names_come_out_of_posts_numbers_and_telephones(text, names):
    assert list(persons(text)) == names


@pytest.mark.parametrize(
    ("text", "ours", "helping"),
    [
        ("办公室（牵头）财务科（配合）", ["办公室"], ["财务科"]),
        ("办公室牵头，财务科、人事科配合", ["办公室"], ["财务科", "人事科"]),
        ("1.办公室\n2.财务科", ["办公室", "财务科"], []),
        ("党建办（人事科）", ["党建办（人事科）"], []),
        ("办公室负责", ["办公室"], []),
    ],
)
def test_departments_are_told_from_helpers_without_labels(text, ours, helping):
    assert [list(group) for group in departments(text)] == [ours, helping]


@pytest.mark.parametrize(
    "text",
    [
        "办公室/张三", "办公室：张三", "办公室（张三）", "办公室-张三", "办公室—张三", "办公室张三",
        "责任单位：办公室\n责任人：张三", "办公室（牵头） 张三（科长）",
    ],
)  # fmt: skip
def test_a_department_and_its_person_come_apart(text):
    assert answerable(text) == (("办公室",), ("张三",))


# ── measures ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "1.甲方案；2.2026年6月底前乙方案",
        "1.甲方案\n2.6月底前乙方案",
    ],
)
def test_a_number_may_stand_before_a_day(text):
    assert measures(text)[0] == "甲方案"
    assert measures(text)[1].endswith("月底前乙方案")
    assert not measures(text)[1].startswith("2.")


@pytest.mark.parametrize(
    "text",
    [
        "1.甲方案；\n2.乙方案；\n4.丙方案",
        "1.甲方案\n2.乙方案\n2.丙方案",
        "1甲方案\n2乙方案\n3丙方案",
        "1.1甲方案\n1.2乙方案\n1.3丙方案",
        "-甲方案\n-乙方案\n-丙方案",
        "❶甲方案❷乙方案❸丙方案",
        "一要甲方案；二要乙方案；三要丙方案",
        "Ⅰ.甲方案 Ⅱ.乙方案 Ⅲ.丙方案",
        "１．甲方案２．乙方案３．丙方案",
    ],
)
def test_measures_are_numbered_in_many_ways(text):
    assert measures(text) == ["甲方案", "乙方案", "丙方案"]


# ── progress and closing ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("□已完成 ☑未完成", "under_way"),
        ("■已完成□未完成", "done"),
        ("已完成☑ 未完成□", "done"),
        ("整改完成率100%", "done"),
        ("已完成80%", "under_way"),
        ("0.8", "under_way"),
        ("95", "under_way"),
        ("x", "under_way"),
        ("已于2026年5月完成", "done"),
        ("立行立改已完成", "done"),
    ],
)
def test_progress_is_said_in_many_ways(text, code):
    assert progress(text).code == code


@pytest.mark.parametrize("text", ["□已完成 □未完成", "计划6月底完成", "移交", "2026年12月30日完成"])
def test_a_plan_or_an_empty_form_is_no_progress(text):
    assert progress(text) is None


@pytest.mark.parametrize(
    ("heading", "text", "said"),
    [
        ("完成情况", "已销号（2026.5.3）", ("done", True, date(2026, 5, 3))),
        ("完成情况", "2026.5.3已销号", ("done", True, date(2026, 5, 3))),
        ("完成情况", "已完成整改，2026年5月3日销号", ("done", True, date(2026, 5, 3))),
        ("完成情况", "已完成，拟于2026年5月3日销号", ("done", False, None)),
        ("销号情况", "2026.5.3", ("done", True, date(2026, 5, 3))),
        ("销号情况", date(2026, 5, 3), ("done", True, date(2026, 5, 3))),
        ("销号情况", date(2027, 5, 3), (None, False, None)),
        ("销号情况", "未销号", ("under_way", False, None)),
        ("销号情况", "拟销号", ("done", False, None)),
        ("是否销号", "待销号", ("done", False, None)),
        ("销号时间", "2026.5.3", ("done", True, date(2026, 5, 3))),
    ],
)
def test_what_is_closed_is_told_from_what_is_not_yet(heading, text, said):
    row = table([1, LATE, text], headings=["序号", "存在问题", heading]).rows[0]

    assert (row.progress, row.claimed_closed, row.closed_on) == said


@pytest.mark.parametrize(
    ("done", "closed", "said"),
    [
        ("已完成", "是", ("done", True)),
        ("已完成", "否", ("done", False)),
        ("已完成", "未销号", ("done", False)),
        ("整改中", "√", ("under_way", False)),
        ("整改中", "×", ("under_way", False)),
    ],
)
def test_progress_and_closing_may_stand_in_two_columns(done, closed, said):
    headings = ["序号", "存在问题", "完成情况", "是否销号"]

    row = table([1, LATE, done, closed], headings=headings).rows[0]

    assert (row.progress, row.claimed_closed) == said


def test_what_stands_beside_the_progress_is_kept():
    row = table([1, LATE, "甲", "张三", "6月底", "未完成（资金未到位）"]).rows[0]

    assert (row.progress, row.progress_text) == ("under_way", "未完成（资金未到位）")


# ── headings, sheets and what stands around ───────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headings", "codes"),
    [
        (["序号", "存在问题", "责任领导职务", "责任人", "责任人职务", "联系方式"],
         ["no", "problem", "ignore", "persons", "ignore", "ignore"]),
        (["序号", "存在问题", "是否长期坚持", "是否整改到位"], ["no", "problem", "", "progress"]),
        (["序号", "存在问题", "责任单位（责任人）"], ["no", "problem", "answerable"]),
        (["编号", "问题清单", "任务清单", "责任清单", "时限清单", "成效清单"],
         ["no", "problem", "measures", "answerable", "due", "effect"]),
        (["序号", "督察反馈问题", "责任单位", "督导单位", "验收人"],
         ["no", "problem", "departments", "ignore", "ignore"]),
        (["序号", "整改事项", "整改内容", "责任股室", "目前进展", "下一步措施"],
         ["no", "problem", "measures", "departments", "progress", "progress_text"]),
        (["序号", "存在问题及原因", "整改措施及责任人", "完成时限"],
         ["no", "problem", "measures", "due"]),
    ],
)  # fmt: skip
def test_headings_that_stand_in_no_list_are_understood_or_left(headings, codes):
    assert fields(table([f"值{n}" for n in range(len(headings))], headings=headings)) == codes


def test_a_summary_is_no_ledger():
    result = table([1, "机关党委", 12, 5], headings=["序号", "单位", "问题总数", "备注"])

    assert (result.rows, faults(result)) == ([], [("error", 1, "")])


def test_a_name_under_the_heading_of_leaders_is_a_leader():
    result = read(
        workbook(
            ["序号", "问题", "责任落实", None, None],
            [None, None, "责任领导", None, "责任人"],
            [None, None, "姓名", "职务", "姓名"],
            [1, LATE, "陈立", "副局长", "周敏"],
            merged=["A1:A3", "B1:B3", "C1:E1", "C2:D2"],
        )
    )

    assert fields(result) == ["no", "problem", "leader", "ignore", "persons"]
    assert result.rows[0].leader == "陈立"


def test_items_may_have_a_column_each_with_ticks():
    result = read(
        workbook(
            ["序号", "存在问题", "问题类别", None, None, "责任人"],
            [None, None, "庸", "懒", "散", None],
            [1, LATE, "√", None, "√", "张三"],
            merged=["A1:A2", "B1:B2", "C1:E1", "F1:F2"],
        )
    )

    assert (result.rows[0].items, result.rows[0].persons) == (["庸", "散"], ["张三"])


def test_columns_for_nothing_of_ours_are_told():
    headings = ["序号", "存在问题", "职务", None, "空着的"]

    result = table([1, LATE, "科长", "随手写的", None], headings=headings)

    assert skipped(result) == [(1, "没有读入的列：C列“职务”、D列（没有标题）")]


def test_a_filled_sheet_is_read_rather_than_an_empty_one():
    def more(book):
        other = book.create_sheet("二支部", 0)
        other.append([*HEADINGS, "备注", "问题来源"])
        copy = book.create_sheet("台账 (2)", 0)
        copy.append([*HEADINGS, "备注"])
        copy.append([1, RUDE])

    assert read(workbook(HEADINGS, [1, LATE], change=more)).sheet == "台账"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (["XX局问题台账", None, None, None, "单位：件"], "XX局问题台账"),
        (["XX局问题台账        （单位：件）"], "XX局问题台账"),
        (["附件3\nXX局问题台账"], "XX局问题台账"),
        (["按照要求，现将有关问题报送如下，请审阅。"], None),
    ],
)
def test_the_title_is_what_names_the_ledger(line, title):
    assert read(workbook(line, HEADINGS, [1, LATE])).title == title


@pytest.mark.parametrize(
    "line",
    [
        ["填报单位（盖章）：机关党委", None, None, "2026年6月1日"],
        [None, None, None, None, "2026年6月1日"],
        ["填表人：周敏", None, None, "填报时间：6月1日"],
    ],
)
def test_the_day_of_the_report_stands_by_its_unit(line):
    assert read(workbook(HEADINGS, [1, LATE], line)).reported_on == date(2026, 6, 1)


def test_a_day_in_the_last_problem_is_no_day_of_the_report():
    headings = ["序号", "存在问题", "责任人", "销号时间"]

    assert table([1, LATE, "张三", "2026-04-22"], headings=headings).reported_on is None


def test_one_form_a_problem_is_refused_with_what_to_do():
    rows = [["问题来源", "督察"], ["问题内容", LATE], ["整改措施", "甲"], ["整改时限", "6月底"]]

    with pytest.raises(Refused, match=r"竖排.*一行一个问题"):
        read(workbook(["问题整改销号申请表"], *rows))


# ── lines ─────────────────────────────────────────────────────────────────────────────────────


def test_a_second_table_is_read_by_its_own_headings():
    result = read(
        workbook(
            HEADINGS,
            [1, LATE, "甲", "张三", "6月底", ""],
            [],
            ["个人问题清单"],
            ["序号", "姓名", "存在问题", "整改措施", "整改时限", "完成情况"],
            [1, "王五", RUDE, "乙", "7月底", "整改中"],
            ["序号", "单位", "备注", "填报时间", "合计"],
            [1, "机关党委", "2项", "6月", "2"],
        )
    )

    assert [(row.line, row.problem, row.persons, row.section) for row in result.rows] == [
        (2, LATE, ["张三"], None),
        (6, RUDE, ["王五"], "个人问题清单"),
    ]
    assert skipped(result) == [
        (3, "空行"),
        (5, "另一张表的表头，以下各行按它读取"),
        (7, "另一张表的表头，以下各行按它读取"),
        (8, "另一张表的内容，没有“存在问题”列"),
    ]


@pytest.mark.parametrize("problem", ["无", "/", "暂无", "无。", "……", "12", 0])
def test_measures_without_a_problem_are_an_error(problem):
    result = table([1, LATE], [2, problem, "甲", "张三"])

    assert ([row.no for row in result.rows], faults(result)) == (["1"], [("error", 3, "存在问题")])


def test_a_form_nobody_filled_in_is_no_problem():
    result = table([1, LATE], ["……"], ["…", "…", "…"], [2, 0, 0, 0], [3, "/", "/"])

    assert len(result.rows) == 1
    assert skipped(result) == [(line, "只有序号，没有内容") for line in (3, 4, 5, 6)]


def test_the_same_as_above_is_what_stands_above():
    result = table(
        [1, LATE, "甲", "张三", "6月底", "整改中"],
        [2, RUDE, "乙", "同上", "〃", "同上"],
        [3, "同上", "丙", "李四", "7月底", "整改中"],
    )

    first, second = result.rows
    assert (second.persons, second.due_text) == (["张三", "李四"], "6月底；7月底")
    assert [measure.text for measure in second.measures] == ["乙", "丙"]
    assert (first.progress, second.progress, result.faults) == ("under_way", "under_way", [])


def test_an_upper_section_is_told_as_one():
    lines = [["一、班子问题"], ["（一）政治方面"], [1, LATE]]

    result = read(workbook(HEADINGS, *lines, merged=["A2:F2", "A3:F3"]))

    assert result.rows[0].section == "（一）政治方面"
    assert skipped(result) == [(2, "上一级分节标题")]


def test_rows_merged_throughout_have_no_persons_by_measure():
    data = workbook(
        HEADINGS, [1, LATE, "甲", "张三", "6月底"], [], merged=[f"{c}2:{c}3" for c in "ABCDEF"]
    )

    assert read(data).rows[0].measures[0].persons == []


def test_error_values_are_told_and_not_lost():
    def errors(book):
        for place, shown in (("E2", "#REF!"), ("A3", "#N/A"), ("B4", "#VALUE!")):
            book.active[place] = shown
            book.active[place].data_type = "e"

    data = workbook(HEADINGS, *[[n, LATE + str(n), "甲"] for n in (1, 2, 3)], change=errors)
    text = f"{','.join(HEADINGS)}\n1,{LATE},甲,张三,#REF!,\n"

    result = read(data)
    assert faults(result) == [
        ("error", 2, "整改时限"), ("warning", 3, "序号"), ("error", 4, "存在问题"),
    ]  # fmt: skip
    assert result.faults[0].value == "#REF!"
    assert [row.line for row in result.rows] == [3]
    assert faults(read(text.encode())) == [("error", 2, "整改时限")]


def test_formulas_filled_down_without_results_are_told():
    def formulas(book):
        book.active["A3"], book.active["A4"], book.active["B4"] = "=ROW()-1", "=A1", "=A1"

    result = read(workbook(HEADINGS, [1, LATE], [], [], change=formulas))

    assert skipped(result) == [(3, "只有序号，没有内容")]
    assert faults(result) == [("warning", 4, "序号"), ("error", 4, "存在问题")]


def test_texts_around_the_problems_are_told_apart():
    result = read(
        workbook(
            HEADINGS,
            ["自动编号", "写清楚具体表现", "逐条写", "姓名", "年月日", "已完成/未完成"],
            ["（请逐条填写，一事一条）"],
            ["填写要求：问题要具体", None, None, "填姓名", "填到日"],
            ["示例1", "办件慢", "压缩环节", "张三", "6月底"],
            [1, LATE, "甲", "张三", "6月底"],
            [2, "经自查，未发现问题。"],
            [3, "未发现此类问题", "/", "/"],
            [None, "共1个问题，已完成1个，完成率100%"],
            ["第1页，共1页"],
        )
    )

    assert [row.line for row in result.rows] == [6]
    assert skipped(result) == [
        (2, "示例行"), (3, "填表说明"), (4, "填表说明"), (5, "示例行"),
        (7, "填写“无”，没有问题"), (8, "填写“无”，没有问题"), (9, "合计行"), (10, "填表说明"),
    ]  # fmt: skip


def test_a_problem_may_begin_like_a_total():
    assert table([None, "共3个窗口午间无人值守"]).rows[0].problem == "共3个窗口午间无人值守"


@pytest.mark.parametrize(
    ("written", "no"),
    [("1.", "1"), ("2、", "2"), ("（3）", "3"), ("１", "1"), ("001", "001"), ("1-2", "1-2")],
)
def test_a_number_is_what_counts_the_row(written, no):
    assert table([written, LATE]).rows[0].no == no


def test_one_heading_over_two_columns_is_subject_and_problem():
    data = workbook(
        ["序号", "存在问题", None, "整改措施"], [1, "作风方面", LATE, "甲"], merged=["B1:C1"]
    )

    row = read(data).rows[0]

    assert (row.problem, row.category) == (LATE, "作风方面")


def test_narrow_columns_break_words():
    row = table([1, LATE, "甲", "张\n三", "6月\n底", "已\n完成"]).rows[0]

    assert (row.persons, row.due_on, row.progress) == (["张三"], date(2026, 6, 30), "done")


@pytest.mark.parametrize("remark", ["联系电话13800000000", "身份证11010119900101123X"])
def test_private_numbers_in_a_remark_are_asked_about(remark):
    result = table([1, LATE, remark], headings=["序号", "存在问题", "备注"])

    assert (faults(result), result.rows[0].remark) == ([("warning", 2, "备注")], remark)


def test_the_overseer_of_a_problem_neither_answers_nor_helps():
    headings = ["序号", "存在问题", "责任单位"]
    text = "牵头单位：交通局\n配合单位：财政局、住建局\n督导单位：环保局"

    row = table([1, LATE, text], headings=headings).rows[0]

    assert (row.departments, row.cooperating) == (["交通局"], ["财政局", "住建局"])
    assert row.remark == "督导单位：环保局"


@pytest.mark.parametrize("text", ["①6月底②9月30日", "2026、9、30", "2026，9，30"])
def test_days_are_written_with_signs_and_commas(text):
    row = table([1, LATE, "甲", "张三", text]).rows[0]

    assert row.due_on == date(2026, 9, 30)


def test_a_day_that_may_be_the_3rd_or_the_30th_is_always_asked_about():
    rows = [[1, LATE, "甲", "张三", 9.3], [2, RUDE, "乙", "李四", "2026年9月30日"]]

    assert faults(table(*rows)) == [("warning", 2, "整改时限")]


@pytest.mark.parametrize(
    "column", ["责任人", "责任领导", "责任部门", "责任单位（责任人）", "配合单位"]
)
@pytest.mark.parametrize("endless", ["责任", "配合", "张三、"])
def test_an_endless_cell_of_names_is_told_and_not_picked_apart(column, endless):
    """A pattern that looks back from each of 16,000 places takes seconds of everybody's server."""
    headings = ["序号", "存在问题", "整改措施", "整改时限", column]
    text = (endless * 16_000)[:32_000]

    result = table([1, LATE, "改进", "6月底前", text], headings=headings)

    assert ("error", 2, column) in faults(result)
    assert any("32000个字，超过2000个字" in fault.message for fault in result.faults)
    assert result.rows == []
