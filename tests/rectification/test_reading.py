import json
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from rectification.imports import reading
from rectification.imports.cells import measures
from rectification.imports.names import departments, persons
from rectification.imports.reading import Reading
from rectification.imports.vocabulary import items, progress
from reform.errors import Refused

pytestmark = pytest.mark.dealt

LEDGERS = Path(__file__).parent.parent / "files" / "ledgers"
SAMPLES = sorted(path for path in LEDGERS.iterdir() if path.suffix != ".json")
ITEMS = "庸懒散慢虚粗"
ON = date(2026, 11, 22)
HEADINGS = ["序号", "存在问题", "整改措施", "责任人", "整改时限", "完成情况"]
LATE = "办件超过承诺时限，群众多次催办。"
RUDE = "窗口服务态度生硬，推诿扯皮。"


def workbook(*rows, merged=(), change=lambda book: None):
    book = Workbook()
    book.active.title = "台账"
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    change(book)
    book.save(buffer := BytesIO())
    return buffer.getvalue()


def read(data, *, on=ON, **known):
    return reading.read(data, name="台账.xlsx", year=2026, on=on, items=ITEMS, **known)


def table(*rows, headings=HEADINGS, **known):
    return read(workbook(headings, *rows), **known)


def fields(result):
    return [column.field for column in result.columns]


def skipped(result):
    return [(one.line, one.reason) for one in result.skipped]


def faults(result):
    return [(fault.level, fault.line, fault.column) for fault in result.faults]


# ── the samples ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_samples_are_read_as_a_careful_clerk_reads_them(path):
    expected = json.loads(path.with_name(f"{path.name}.expected.json").read_text("utf-8"))

    result = read(path.read_bytes())

    said = result.to_json()
    assert {key: said[key] for key in ("title", "reporting_unit", "reported_on")} == {
        key: expected[key] for key in ("title", "reporting_unit", "reported_on")
    }
    assert [
        {key: row[key] for key in wanted}
        for row, wanted in zip(said["rows"], expected["rows"], strict=True)
    ] == expected["rows"]
    assert faults(result) == [
        (fault["level"], fault["line"], fault["column"]) for fault in expected["faults"]
    ]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_reading_comes_back_from_its_json(path):
    result = read(path.read_bytes())

    assert Reading.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_lines_left_out_are_named_with_the_reason():
    first, second = (read(path.read_bytes()) for path in SAMPLES[:2])

    assert skipped(first) == [(13, "空行"), (14, "签字栏")]
    assert skipped(second) == [(13, "合计行")]


# ── the sheet, its header, and what stands around them ────────────────────────────────────────


def test_the_header_may_stand_low_with_english_and_brackets():
    result = read(
        workbook(
            ["附件2"], ["某局整改台账"], ["单位：件"], [],
            ["NO.", "存在问题\n（具体表现）", "整改措施*", "责 任 人", "时限（必填）", "完成情况"],
            [1, LATE, "1、压减环节。2、按月通报。", "张三", "6月底", "推进中"],
        )
    )  # fmt: skip

    assert (result.header_line, result.title, result.reporting_unit) == (5, "某局整改台账", None)
    assert fields(result) == ["no", "problem", "measures", "persons", "due", "progress"]
    assert result.columns[1].heading == "存在问题 （具体表现）"
    assert result.rows[0].line == 6


def test_two_rows_of_headings_are_joined():
    result = read(
        workbook(
            ["台账"],
            ["序号", "问题", "责任", None, None, "整改", None],
            [None, None, "领导", "部门", "责任人", "措施", "时限"],
            [1, LATE, "陈立", "办公室", "周敏", "压减环节", "6月底前"],
            merged=["A1:G1", "A2:A3", "B2:B3", "C2:E2", "F2:G2"],
        )
    )

    assert [column.heading for column in result.columns] == [
        "序号", "问题", "责任 ▸ 领导", "责任 ▸ 部门", "责任 ▸ 责任人", "整改 ▸ 措施", "整改 ▸ 时限",
    ]  # fmt: skip
    assert fields(result) == [
        "no", "problem", "leader", "departments", "persons", "measures", "due",
    ]  # fmt: skip
    assert result.rows[0].leader == "陈立"


def test_two_rows_of_headings_need_no_merged_cells():
    lines = [
        "序号,存在问题,整改责任,,,整改措施,完成时限",
        ",,责任领导,责任部门,责任人,,",
        f"1,{LATE},陈立,办公室,周敏,压减环节,6月底前",
    ]
    result = read("\n".join(lines).encode("gb18030"))

    assert result.columns[3].heading == "整改责任 ▸ 责任部门"
    assert (result.rows[0].departments, result.rows[0].persons) == (["办公室"], ["周敏"])


@pytest.mark.parametrize(
    ("line", "unit", "day"),
    [
        (["填报单位：机关党委    填报时间：2026年4月10日    填报人：周敏"],
         "机关党委", "2026-04-10"),
        (["填报单位（盖章）：", "第二党支部", None, "填报时间：", date(2026, 4, 10)],
         "第二党支部", "2026-04-10"),
        (["单位：件", None, "填报单位: 第一支部 填报日期:2026.4.10"], "第一支部", "2026-04-10"),
        (["填报支部：第三党支部", "（截至2026年6月30日）"], "第三党支部", "2026-06-30"),
        (["二〇二六年四月十日"], None, "2026-04-10"),
        (["填报单位：          填报时间：    年  月  日"], None, None),
    ],
)  # fmt: skip
def test_unit_and_day_are_found_above_the_table(line, unit, day):
    result = read(workbook(["整改台账"], line, HEADINGS, [1, LATE, "甲", "张三", "6月底", ""]))

    assert result.title == "整改台账"
    assert result.reporting_unit == unit
    assert result.reported_on == (date.fromisoformat(day) if day else None)


def test_the_day_may_stand_under_the_table():
    result = read(workbook(HEADINGS, [1, LATE], ["填表人：王五", None, "填报时间：2026年4月10日"]))

    assert result.reported_on == date(2026, 4, 10)


def test_the_best_sheet_is_read_and_the_others_are_named():
    def more(book):
        book.create_sheet("填表说明", 0).append(["请逐条填写"])
        book.create_sheet("示例", 0).append(HEADINGS)
        other = book.create_sheet("二支部")
        other.append(HEADINGS[:4])
        other.append([1, RUDE, "培训", "李四"])
        hidden = book.create_sheet("藏")
        hidden.append([*HEADINGS, "备注", "问题来源"])
        hidden.sheet_state = "hidden"

    data = workbook(HEADINGS, [1, LATE], change=more)
    result = read(data)

    assert (result.sheet, result.sheets) == ("台账", ["示例", "填表说明", "台账", "二支部"])
    assert skipped(result) == [
        (0, "工作表“示例”也有表头，没有读入。"),
        (0, "工作表“填表说明”没有台账的表头，没有读入。"),
        (0, "工作表“二支部”也有表头，没有读入。"),
        (0, "隐藏的工作表“藏”也有表头，没有读入。"),
    ]  # fmt: skip
    assert read(data, sheet="二支部").rows[0].problem == RUDE
    with pytest.raises(Refused, match="没有名为“三支部”"):
        read(data, sheet="三支部")


def test_an_empty_first_column_and_helpers_are_no_matter():
    def hide(book):
        book.active.column_dimensions["E"].hidden = True

    data = workbook(
        [None, "序号", "问题描述", "责任人", "责任人", "辅助"],
        [None, 1, LATE, "张三", "zs", "x"],
        change=hide,
    )
    result = read(data)

    assert [column.letter for column in result.columns] == ["B", "C", "D", "E", "F"]
    assert fields(result) == ["no", "problem", "persons", "", ""]
    assert result.rows[0].persons == ["张三"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["随便", "什么"], [1, 2]], "没有找到表头.*请补上表头"),
        ([HEADINGS], "第1行的表头下面没有问题"),
        ([HEADINGS, ["合计", "0个"]], "下面没有问题"),
        ([HEADINGS, [1, "无", "无"]], "下面没有问题"),
        (
            [[*HEADINGS, "整改时限"], [1, LATE, "甲", "张三", "6月", "", "7月"]],
            "（E列和G列）。请改名",
        ),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_what_to_do(rows, sentence):
    with pytest.raises(Refused, match=sentence):
        read(workbook(*rows))


# ── headings ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headings", "codes"),
    [
        (["编号", "存在问题", "责任人"], ["no", "problem", "persons"]),
        (["序号", "编号", "存在问题"], ["no", "number", "problem"]),
        (["序号", "受理编号", "交办问题基本情况", "是否办结"],
         ["no", "number", "problem", "progress"]),
        (["序号", "单位", "问题", "责任单位"], ["no", "unit", "problem", "departments"]),
        (["序号", "问题", "牵头单位", "责任单位"], ["no", "problem", "departments", "cooperating"]),
        (["序号", "问题", "责任单位", "责任部门"], ["no", "problem", "unit", "departments"]),
        (["序号", "问题", "整改时限", "完成时间"], ["no", "problem", "due", "closed_on"]),
        (["序号", "问题", "完成情况", "整改进展"], ["no", "problem", "progress", "progress_text"]),
        (["序号", "问题", "预期效果", "整改成效"], ["no", "problem", "effect", "effect_achieved"]),
        (["序号", "问题", "措施一", "措施二"], ["no", "problem", "measures", "measures"]),
        (["序号", "问题", "责任人", "联系人", "星座"], ["no", "problem", "persons", "ignore", ""]),
        (["序号", "姓名", "职务", "对照方面（如“庸”）", "问题具体表现", "改进措施"],
         ["no", "persons", "ignore", "items", "problem", "measures"]),
        (["序号", "检查时间", "检查人", "存在隐患或问题", "整改措施", "责任人", "复查时间"],
         ["no", "found_on", "ignore", "problem", "measures", "persons", "ignore"]),
        (["序号", "问题编号", "问题标题", "问题详情描述", "严重程度", "所属部门", "整改截止日期",
          "当前状态", "最新整改反馈"],
         ["no", "number", "", "problem", "severity", "departments", "due", "progress",
          "progress_text"]),
    ],
)  # fmt: skip
def test_headings_are_understood_with_their_neighbours(headings, codes):
    assert fields(table([f"值{n}" for n in range(len(headings))], headings=headings)) == codes


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (["6月底前", "7月底前"], "due"),
        ([date(2026, 12, 31)], "due"),
        ([date(2026, 5, 1), date(2026, 6, 1)], "closed_on"),
        ([], "due"),
    ],
)
def test_a_day_of_finishing_is_a_deadline_when_it_lies_ahead(days, code):
    rows = [[n, LATE + str(n), day] for n, day in enumerate(days or [None], 1)]

    assert fields(table(*rows, headings=["序号", "存在问题", "完成时间"]))[2] == code


@pytest.mark.parametrize(
    ("values", "code"),
    [(["一般", "重大"], "severity"), (["班子", "个人"], "owner_kind"), (["庸", "作风"], "items")],
)
def test_a_category_may_hold_the_level_or_the_owner(values, code):
    rows = [[n, value, LATE + str(n)] for n, value in enumerate(values, 1)]

    result = table(*rows, headings=["序号", "隐患类别", "存在问题"])

    assert fields(result)[1] == code


def test_the_users_mapping_is_put_in_place_of_the_guess():
    data = workbook([*HEADINGS, "其他"], [1, LATE, "甲", "张三", "6月底", "", "财务科"])

    result = read(data, mapping={6: "departments", 3: "leader", 2: "ignore", 99: "no"})

    assert fields(result) == [
        "no", "problem", "ignore", "leader", "due", "progress", "departments",
    ]  # fmt: skip
    row = result.rows[0]
    assert (row.departments, row.leader, row.persons, row.measures) == (["财务科"], "张三", [], [])


def test_a_ledger_without_a_column_of_problems_waits_for_the_mapping():
    data = workbook(["序号", "内容", "整改措施", "责任人"], [1, LATE, "甲", "张三"])

    assert read(data).rows == []
    assert faults(read(data)) == [("error", 1, "")]
    assert read(data, mapping={1: "problem"}).rows[0].problem == LATE


# ── rows that are problems, and rows that are not ─────────────────────────────────────────────


def test_totals_sections_headers_and_notes_are_no_problems():
    result = read(
        workbook(
            HEADINGS,
            ["（1）", "（2）", "（3）", "（4）", "（5）", "（6）"],
            ["例", "某某问题", "某某措施"],
            ["一、政治纪律方面（共2项）"],
            [1, LATE, "甲", "张三", "6月底", ""],
            [2, RUDE, "乙", "李四", "6月底", ""],
            ["小 计", "2项"],
            HEADINGS,
            ["二、工作纪律方面（共1项）"],
            [1, LATE, "丙", "王五", "6月底", ""],
            [2],
            ["合计", None, "3项"],
            ["填表说明："],
            ["1.本表由各支部填写。"],
            ["2.每月5日前报送。"],
            ["单位负责人（签字）：", None, "审核人：", None, "填表人：王五", "联系电话：12345"],
            merged=["A4:F4", "A9:F9", "A13:F13"],
        )
    )

    assert [(row.line, row.no, row.section) for row in result.rows] == [
        (5, "1", "一、政治纪律方面（共2项）"),
        (6, "2", "一、政治纪律方面（共2项）"),
        (10, "1", "二、工作纪律方面（共1项）"),
    ]
    assert skipped(result) == [
        (2, "栏号行"), (3, "示例行"), (7, "合计行"), (8, "重复的表头"), (11, "只有序号，没有内容"),
        (12, "合计行"), (13, "填表说明"), (14, "填表说明"), (15, "填表说明"), (16, "签字栏"),
    ]  # fmt: skip
    assert result.faults == []


def test_a_section_may_have_its_count_beside_it():
    result = table(["一、思想方面", None, None, None, "2项"], [1, LATE])

    assert (result.rows[0].section, result.faults) == ("一、思想方面", [])


def test_departments_and_persons_may_share_a_column():
    headings = ["序号", "存在问题", "责任单位/责任人"]

    row = table([1, LATE, "办公室 张三、财务科 李四"], headings=headings).rows[0]

    assert (row.departments, row.persons) == (["办公室", "财务科"], ["张三", "李四"])


def test_a_measure_may_say_at_its_end_who_leads_and_who_helps():
    measure = "按月通报（牵头单位：市委组织部，配合单位：市财政局、市民政局）"

    row = table([1, LATE, measure]).rows[0]

    assert row.measures[0].text == measure
    assert (row.departments, row.cooperating) == (["市委组织部"], ["市财政局", "市民政局"])


def test_a_text_under_the_table_is_no_section():
    result = read(workbook(HEADINGS, [1, LATE], ["本表一式两份"], merged=["A3:F3"]))

    assert skipped(result) == [(3, "表格以外的文字")]


def test_a_problem_that_sounds_like_a_signature_is_a_problem():
    texts = [
        "支部书记讲党课全年仅一次：以观影代替。",
        "合计支出与账面不符，差额两笔。",
        "审核人员把关不严",
    ]

    result = table(*[[None, text, "改正", "张三"] for text in texts])

    assert [row.problem for row in result.rows] == texts


def test_measures_in_rows_of_their_own_belong_to_the_problem_above():
    result = read(
        workbook(
            HEADINGS,
            [1, LATE, "压减环节", "张三", date(2026, 4, 15), "已完成"],
            [None, None, "按月通报", "李四、张三", date(2026, 6, 30), "推进中"],
            [2, RUDE, "开展培训", "王五", "长期坚持", ""],
            merged=["A2:A3", "B2:B3"],
        )
    )

    first, second = result.rows
    assert [(m.text, m.persons, m.due_on) for m in first.measures] == [
        ("压减环节", ["张三"], date(2026, 4, 15)),
        ("按月通报", ["李四", "张三"], date(2026, 6, 30)),
    ]
    assert (first.persons, first.due_on) == (["张三", "李四"], date(2026, 6, 30))
    assert first.due_text == "2026-04-15；2026-06-30"
    assert first.progress == "under_way"
    assert (second.due_kind, second.measures[0].persons) == ("standing", ["王五"])


def test_cells_merged_down_are_read_once_and_hold_for_every_row():
    result = read(
        workbook(
            ["单位", "序号", "存在问题", "整改措施", "责任人", "整改标准"],
            ["第一支部", 1, LATE, "压减环节", "张三", "按时办结"],
            [None, None, None, "按月通报", None, None],
            [None, 2, RUDE, "开展培训", "李四", "群众满意"],
            merged=["A2:A4", "B2:B3", "C2:C3", "E2:E3", "F2:F3"],
        )
    )

    assert [row.unit for row in result.rows] == ["第一支部", "第一支部"]
    assert [(m.text, m.persons) for m in result.rows[0].measures] == [
        ("压减环节", ["张三"]),
        ("按月通报", ["张三"]),
    ]
    assert result.rows[0].standard == "按时办结"


def test_rows_merged_throughout_are_one_problem_said_once():
    columns = "ABCDEF"
    result = read(
        workbook(
            HEADINGS,
            [1, LATE, "1.压减环节；2.按月通报", "张三", "6月底", "已完成"],
            [], [],
            [2, RUDE],
            merged=[f"{letter}2:{letter}4" for letter in columns],
        )
    )  # fmt: skip

    assert [len(row.measures) for row in result.rows] == [2, 0]
    assert result.rows[0].progress == "done"


def test_a_number_and_problem_written_in_every_row_are_one_problem():
    result = table([1, LATE, "甲", "张三"], [1, LATE, "乙", "李四"], [2, RUDE, "丙", "王五"])

    assert [[m.text for m in row.measures] for row in result.rows] == [["甲", "乙"], ["丙"]]


def test_measures_may_stand_in_several_columns():
    headings = ["序号", "存在问题", "措施1", "措施2", "措施3"]

    result = table([1, LATE, "压减环节", "按月通报", None], headings=headings)

    assert [m.text for m in result.rows[0].measures] == ["压减环节", "按月通报"]


def test_numbers_are_shown_as_excel_shows_them():
    result = table([1.0, LATE], ["001", RUDE], ["1-2", LATE + "又"])

    assert [row.no for row in result.rows] == ["1", "001", "1-2"]


def test_items_are_those_of_the_campaign_and_others_stay_text():
    headings = ["序号", "问题类别", "存在问题"]
    rows = [
        [1, "庸、懒", LATE],
        [2, "庸懒", RUDE],
        [3, "“散”方面", LATE + "又"],
        [4, "作风", RUDE + "又"],
    ]

    result = table(*rows, headings=headings)

    assert [(row.items, row.category) for row in result.rows] == [
        (["庸", "懒"], None), (["庸", "懒"], None), (["散"], None), ([], "作风"),
    ]  # fmt: skip
    assert result.faults == []


def test_ticks_under_a_state_tell_the_progress():
    result = read(
        workbook(
            ["序号", "存在问题", "责任人", "完成情况", None, None],
            [None, None, None, "已完成", "正在推进", "未启动"],
            [1, LATE, "张三", "√"],
            [2, RUDE, "李四", None, None, "√"],
            merged=["A1:A2", "B1:B2", "C1:C2", "D1:F1"],
        )
    )

    assert [row.progress for row in result.rows] == ["done", "not_started"]


def test_a_story_of_progress_keeps_its_words():
    headings = ["序号", "存在问题", "整改进展情况"]
    story = "已经完成，长期坚持。一是修订制度；二是按月通报。"
    other = "召开了两次专题会议研究整改工作，形成纪要。"

    first, second = table([1, LATE, story], [2, RUDE, other], headings=headings).rows

    assert (first.progress, first.progress_text) == ("done", story)
    assert (second.progress, second.claimed_closed) == (None, False)


def test_what_a_ledger_claims_closed_is_only_claimed():
    headings = ["序号", "存在问题", "是否销号", "销号时间"]

    rows = [[1, LATE, "是", "2026-04-22"], [2, RUDE, "否", "/"]]

    row, other = table(*rows, headings=headings).rows

    assert (row.progress, row.claimed_closed, row.closed_on) == ("done", True, date(2026, 4, 22))
    assert (other.progress, other.claimed_closed, other.closed_on) == ("under_way", False, None)


def test_text_is_cleaned_and_formulas_stay_text():
    lines = [",".join(HEADINGS), "1,　=1+1 不是公式的问题\u200b ,'-加强管理,@张三,'6月底,"]
    row = read("\n".join(lines).encode()).rows[0]

    assert (row.problem, row.persons) == ("=1+1 不是公式的问题", ["@张三"])
    assert (row.measures[0].text, row.due_on) == ("-加强管理", date(2026, 6, 30))


# ── faults ────────────────────────────────────────────────────────────────────────────────────


def test_every_fault_is_told_at_once_and_its_row_is_left_out():
    result = table(
        [1, None, "甲", "张三", "6月底", ""],
        [2, LATE, "乙", "李四", "2026年13月1日", ""],
        [3, "长" * 5_001, "丙", "王五", "6月底", ""],
        [4, RUDE, "长" * 5_001, "王五", "x月底前", "不知道"],
        [5, LATE + "又", "丁", "王五", "x月底前", "不知道"],
    )

    assert [row.no for row in result.rows] == ["5"]
    assert faults(result) == [
        ("error", 2, "存在问题"),
        ("error", 3, "整改时限"),
        ("error", 4, "存在问题"),
        ("error", 5, "整改措施"), ("warning", 5, "整改时限"), ("warning", 5, "完成情况"),
        ("warning", 6, "整改时限"), ("warning", 6, "完成情况"),
    ]  # fmt: skip
    wrong_day, long = result.faults[1], result.faults[2]
    assert wrong_day.value == "2026年13月1日"
    assert wrong_day.message.startswith("第3行“整改时限”：“2026年13月1日”")
    assert len(long.value) == 60
    assert result.rows[0].progress_text == "不知道"


def test_a_formula_without_a_result_is_an_error_where_it_matters():
    def formulas(book):
        book.active["B3"], book.active["A4"], book.active["C5"] = "=A1", "=ROW()-1", "=SUM(A1)"

    result = read(
        workbook(
            HEADINGS, [1, LATE], [2, None, "乙"], [None, RUDE, "丙"], ["合计"], change=formulas
        )
    )

    assert faults(result) == [("error", 3, "存在问题"), ("warning", 4, "序号")]
    assert [row.problem for row in result.rows] == [LATE, RUDE]


def test_a_cell_of_a_table_with_40000_characters_is_an_error():
    result = read(f"序号,存在问题,责任人\n1,{'长' * 40_000},张三\n".encode())

    assert faults(result) == [("error", 2, "存在问题")]
    assert "40000个字" in result.faults[0].message


def test_a_day_without_a_year_is_believed_when_another_says_its_year():
    old = [1, LATE, "甲", "张三", "2月10日前", ""]
    near, far = ([2, RUDE, "乙", "李四", day, ""] for day in ("2026年3月31日", "2026年9月30日"))

    assert faults(table(old, near)) == []
    assert faults(table(old, far)) == [("warning", 2, "整改时限")]


def test_a_duration_counts_from_the_day_of_the_report():
    data = workbook(["填报时间：2026年4月10日"], HEADINGS, [1, LATE, "甲", "张三", "15日内", ""])

    row = read(data).rows[0]

    assert (row.due_kind, row.due_on, row.due_days) == ("dated", date(2026, 4, 25), 15)


def test_a_bare_number_under_days_is_a_number_of_days():
    headings = ["序号", "存在问题", "整改期限（天）"]

    result = table([1, LATE, 15], headings=headings)

    assert (result.rows[0].due_days, result.faults) == (15, [])


def test_what_is_no_day_is_asked_about_where_a_day_should_be():
    headings = ["序号", "存在问题", "发现时间", "销号时间"]

    rows = [[1, LATE, None, "2026年2月30日"], [2, RUDE, "上级反馈时", date(2026, 5, 1)]]

    result = table(*rows, headings=headings)

    assert faults(result) == [("error", 2, "销号时间"), ("warning", 3, "发现时间")]
    assert result.rows[0].closed_on == date(2026, 5, 1)


# ── what one cell says ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("1.甲方案；\n2.乙方案；", ["甲方案", "乙方案"]),
        ("1、甲方案。2、乙方案。", ["甲方案", "乙方案"]),
        ("1.甲方案2.乙方案3.丙方案", ["甲方案", "乙方案", "丙方案"]),
        ("（1）甲方案（2）乙方案", ["甲方案", "乙方案"]),
        ("①甲方案②乙方案", ["甲方案", "乙方案"]),
        ("⒈甲方案⒉乙方案", ["甲方案", "乙方案"]),
        ("一是甲方案；二是乙方案。", ["甲方案", "乙方案"]),
        ("一、甲方案\n二、乙方案", ["甲方案", "乙方案"]),
        ("（一）甲方案（二）乙方案", ["甲方案", "乙方案"]),
        ("第一，甲方案；第二，乙方案", ["甲方案", "乙方案"]),
        ("甲方案；乙方案", ["甲方案", "乙方案"]),
        ("甲方案\n乙方案", ["甲方案", "乙方案"]),
        ("• 甲方案\n• 乙方案", ["甲方案", "乙方案"]),
        ("1.甲方案", ["甲方案"]),
        ("2.乙方案；", ["乙方案"]),
        ("三是丙方案", ["丙方案"]),
        ("5、6号楼整治", ["5、6号楼整治"]),
        ("压缩到2.5个工作日", ["压缩到2.5个工作日"]),
        ("1.压缩到2.5个工作日\n2.按3.5分计", ["压缩到2.5个工作日", "按3.5分计"]),
        ("2.5个工作日内办结；逐件回访", ["2.5个工作日内办结", "逐件回访"]),
        ("1.落实第2、3条要求\n2.乙方案", ["落实第2、3条要求", "乙方案"]),
        ("1.甲方案，一是子项；二是子项\n2.乙方案", ["甲方案，一是子项；二是子项", "乙方案"]),
        ("甲方案（含采购；验收）；乙方案", ["甲方案（含采购；验收）", "乙方案"]),
        ("加强管理：1.甲方案；2.乙方案", ["加强管理：甲方案", "乙方案"]),
        ("2026.6.30前完成甲方案", ["2026.6.30前完成甲方案"]),
        ("1.甲\n2.乙\n3.丙\n4.丁\n5.戊\n6.己\n7.庚\n8.辛\n9.壬\n10.癸", [*"甲乙丙丁戊己庚辛壬癸"]),
        ("", []),
        ("；。", []),
    ],
)
def test_measures_are_split_at_their_numbers_and_nowhere_else(text, split):
    assert measures(text) == split


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三、李四", ["张三", "李四"]),
        ("张三，李四;王五/赵六", ["张三", "李四", "王五", "赵六"]),
        ("张三 李四", ["张三", "李四"]),
        ("张三\n李四", ["张三", "李四"]),
        ("王  伟", ["王伟"]),
        ("王 伟 李 四", ["王伟", "李四"]),
        ("王　伟、欧阳 修文", ["王伟", "欧阳", "修文"]),
        ("张三（牵头）、李四", ["张三", "李四"]),
        ("局长：张三", ["张三"]),
        ("牵头：张三；配合：李四", ["张三", "李四"]),
        ("各处室负责人", ["各处室负责人"]),
        ("班子成员", ["班子成员"]),
        ("张三、张三", ["张三"]),
        ("买买提·吐尔逊", ["买买提·吐尔逊"]),
        ("张三 副局长", ["张三"]),
    ],
)
def test_names_are_split_but_not_torn(text, names):
    assert list(persons(text)) == names


@pytest.mark.parametrize(
    ("text", "ours", "helping"),
    [
        ("养护科、信访室", ["养护科", "信访室"], []),
        ("区住房和城乡\n建设局", ["区住房和城乡建设局"], []),
        ("区住房和城乡 建设局", ["区住房和城乡建设局"], []),
        ("办公室\n财务科", ["办公室", "财务科"], []),
        ("办公室 财务科", ["办公室", "财务科"], []),
        ("办公室（牵头）、财务科", ["办公室", "财务科"], []),
        (
            "牵头单位：市委组织部，配合单位：市财政局、市民政局",
            ["市委组织部"],
            ["市财政局", "市民政局"],
        ),
    ],
)
def test_departments_are_split_and_helpers_kept_apart(text, ours, helping):
    assert [list(group) for group in departments(text)] == [ours, helping]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("未启动 未整改 尚未整改 准备着手解决 待整改 0%", "not_started"),
        ("正在推进 正在整改 整改中 正在办理 推进中 持续推进 已制定方案 限期办结 未完成 80% 否 ×"
         " 长期坚持 常态化 达到序时进度 未达到序时进度 进度缓慢 滞后 申请延期 有序推进中",
         "under_way"),
        ("基本完成 阶段性完成 阶段性办结 部分整改 初步解决 基本完成整改", "mostly_done"),
        ("已完成 完成 已整改 整改到位 已办结 办结 完成整改 √ 100% 是 已销号 销号 已整改销号"
         " 已验收销号 已完成并长期坚持 已经完成，长期坚持 已全部完成", "done"),
    ],
)  # fmt: skip
def test_words_of_progress_have_one_meaning(words, code):
    said = {word: progress(word) for word in words.split()}

    assert {word: one and one.code for word, one in said.items()} == dict.fromkeys(said, code)
    assert {word for word, one in said.items() if one and one.closed} == {
        word for word in said if word.endswith("销号")
    }


@pytest.mark.parametrize(
    "word", ["不属实", "移交", "重复件", "已制定整改方案并召开动员大会部署", "甲"]
)
def test_other_words_of_progress_are_left_to_people(word):
    assert progress(word) is None


def test_items_of_several_characters_are_found_in_longer_words():
    known = ("政治纪律", "组织纪律")

    assert items("违反政治纪律和组织纪律方面", known) == known
    assert items("廉洁纪律", known) == ()
    assert items("懒政怠政", tuple(ITEMS)) == ()


# ── whatever comes ────────────────────────────────────────────────────────────────────────────


def outcome(data):
    try:
        return read(data)
    except Refused as refusal:
        return str(refusal)


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [*HEADINGS, "合计", "一、方面", "填表说明：", "1.甲；2.乙", "每月5日前", "=1", ""]
    ),
    st.sampled_from(
        ["2026年13月1日", "√", "张三（牵头）、李 四", "\ud800", "\u202e甲", "'=1", "无"]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=8), max_size=8))
def test_any_table_is_read_or_refused(rows):
    lines = [HEADINGS, *rows]
    text = "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in line) for line in lines)
    result = outcome(text.encode("utf-8", "replace"))

    if isinstance(result, Reading):
        assert Reading.from_json(json.loads(json.dumps(result.to_json()))) == result
        assert all(fault.message.endswith("。") for fault in result.faults)
    else:
        assert result.endswith("。")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_damaged_sample_is_read_or_refused(path, draw):
    data = path.read_bytes()
    place = draw.draw(st.integers(0, len(data) - 1))
    damaged = data[:place] + draw.draw(st.binary(max_size=8)) + data[place + 4 :]
    result = outcome(damaged)

    assert isinstance(result, Reading) or result.endswith("。")
