"""What branches really send: each table here was once read wrongly."""

from datetime import date

import pytest

from rectification.imports.cells import measures
from rectification.imports.names import answerable, departments, persons
from rectification.imports.vocabulary import progress
from tests.rectification.test_reading import LATE, table

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
