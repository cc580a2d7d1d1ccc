from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reform import deadlines

pytestmark = pytest.mark.dealt

ON = date(2026, 4, 10)
FILE = Path(__file__).parent.parent / "files" / "deadlines.tsv"
# What each line of the file means in our kinds; one line may hold several ways of writing.
LINES = {
    "立行立改": [("立行立改", "at_once", None)],
    "立行立改，长期坚持": [("立行立改，长期坚持", "at_once", None)],
    "2025年底前": [("2025年底前", "dated", "2025-12-31")],
    "2026年底前": [("2026年底前", "dated", "2026-12-31")],
    "2018年12月底前": [("2018年12月底前", "dated", "2018-12-31")],
    "2月10日前": [("2月10日前", "dated", "2026-02-10")],
    "每月5日前": [("每月5日前", "standing", None)],
    "15日内 / 30日内": [("15日内", "dated", None), ("30日内", "dated", None)],
    "10天内": [("10天内", "dated", None)],
    "1—5日内（急件）": [("1—5日内（急件）", "dated", None)],
    "60日内（含60日）": [("60日内（含60日）", "dated", None)],
    "60日至1年内": [("60日至1年内", "dated", None)],
    "短期攻坚 / 中期推进 / 长期坚持": [
        ("短期攻坚", "undetermined", None),
        ("中期推进", "undetermined", None),
        ("长期坚持", "standing", None),
    ],
    "短期(6个月内)/中期(1-2年)/长期(3-5年)": [
        ("短期(6个月内)/中期(1-2年)/长期(3-5年)", "undetermined", None),
        ("短期(6个月内)", "undetermined", None),
        ("中期(1-2年)", "undetermined", None),
        ("长期(3-5年)", "standing", None),
    ],
    "2026年6月底前": [("2026年6月底前", "dated", "2026-06-30")],
    "6月30日前": [("6月30日前", "dated", "2026-06-30")],
    "x月底前": [("x月底前", "undetermined", None)],
    "持续推进 / 持续整改 / 长期坚持 / 常态化": [
        ("持续推进", "standing", None),
        ("持续整改", "standing", None),
        ("长期坚持", "standing", None),
        ("常态化", "standing", None),
    ],
    "2025.11.30 / 2025/11/30 / 2025-11-30 / 20251130 / 45991": [
        ("2025.11.30", "dated", "2025-11-30"),
        ("2025/11/30", "dated", "2025-11-30"),
        ("2025-11-30", "dated", "2025-11-30"),
        ("20251130", "dated", "2025-11-30"),
        ("45991", "dated", "2025-11-30"),
    ],
    "已完成": [("已完成", "undetermined", None)],
    "根据上级安排 / 视情况 / 待定": [
        ("根据上级安排", "undetermined", None),
        ("视情况", "undetermined", None),
        ("待定", "undetermined", None),
    ],
}


def read(raw, **known):
    return deadlines.read(raw, year=2026, on=ON, **known)


def day(text):
    return date.fromisoformat(text) if text else None


def test_every_line_of_the_file_has_its_meaning_here():
    raws = [line.split("\t")[0] for line in FILE.read_text("utf-8").splitlines()[1:]]

    assert raws == list(LINES)


@pytest.mark.parametrize(
    ("raw", "kind", "due_on"), [one for line in LINES.values() for one in line]
)
def test_deadlines_are_read_as_people_write_them(raw, kind, due_on):
    read_as = read(raw)

    assert (read_as.text, read_as.kind, read_as.due_on) == (raw, kind, day(due_on))
    assert read_as.fault == ""
    assert bool(read_as.doubt) == (kind == "undetermined")


@pytest.mark.parametrize(
    ("raw", "due_on"),
    [
        ("五月底前", "2026-05-31"),
        ("二〇二六年六月", "2026-06-30"),
        ("二○二七年十月一日", "2027-10-01"),
        ("十二月三十一日", "2026-12-31"),
        ("廿五日", None),
        ("2026年2月", "2026-02-28"),
        ("2028年2月底", "2028-02-29"),
        ("上半年", "2026-06-30"),
        ("2026年下半年", "2026-12-31"),
        ("2026年第二季度", "2026-06-30"),
        ("三季度末", "2026-09-30"),
        ("Q4", "2026-12-31"),
        ("2026年1-2季度", "2026-06-30"),
        ("年底", "2026-12-31"),
        ("2026年内", "2026-12-31"),
        ("明年3月", "2027-03-31"),
        ("5月上旬", "2026-05-10"),
        ("5月中旬", "2026-05-20"),
        ("5月下旬", "2026-05-31"),
        ("２０２６．６．３０", "2026-06-30"),
        ("2026。6。30", "2026-06-30"),
        ("2026/6", "2026-06-30"),
        ("202606", "2026-06-30"),
        ("9.30", "2026-09-30"),
        ("6-30", "2026-06-30"),
        ("26年6月底", "2026-06-30"),
        ("2026-06-30 00:00:00", "2026-06-30"),
        ("2026年 6 月 30 日 17:00 前", "2026-06-30"),
        ("2026年3月至6月底", "2026-06-30"),
        ("2026年3-5月", "2026-05-31"),
        ("3月1日至15日", "2026-03-15"),
        ("11月至次年2月", "2027-02-28"),
        ("2026.3.1-2026.6.30", "2026-06-30"),
        ("6.1-6.30", "2026-06-30"),
        ("自2026年5月1日起30日内", "2026-05-31"),
        ("6月30日前完成整改", "2026-06-30"),
    ],
)
def test_days_are_found_in_every_usual_form(raw, due_on):
    read_as = read(raw)

    assert (read_as.due_on, read_as.fault) == (day(due_on), "")


@pytest.mark.parametrize(
    ("raw", "due_on"),
    [
        (date(2026, 5, 31), "2026-05-31"),
        (datetime(2026, 5, 31, 12), "2026-05-31"),  # noqa: DTZ001
        (45991, "2025-11-30"),
        (45991.0, "2025-11-30"),
        (20251130, "2025-11-30"),
        (5.31, "2026-05-31"),
    ],
)
def test_a_cell_may_hold_a_day_or_excels_number_for_it(raw, due_on):
    assert read(raw).due_on == day(due_on)


@pytest.mark.parametrize(
    ("raw", "kind", "due_on"),
    [
        ("6月底前，并长期坚持", "dated", "2026-06-30"),
        ("立行立改，长期坚持", "at_once", None),
        ("2026年6月底前取得成效，持续推进", "dated", "2026-06-30"),
        ("2026年6月底前，之后每月调度", "dated", "2026-06-30"),
    ],
)
def test_some_go_on_after_the_day(raw, kind, due_on):
    read_as = read(raw)

    assert (read_as.kind, read_as.due_on, read_as.then_standing) == (kind, day(due_on), True)


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        ("15日内", 15), ("1—5日内（急件）", 5), ("60日至1年内", 365), ("收到之日起十日内", 10),
        ("两周内", 14), ("三个月内", 91), ("半年内", 182), ("一个半月", 45),
        ("15日内 / 30日内", 30),
    ],
)  # fmt: skip
def test_a_duration_waits_for_the_day_it_counts_from(raw, days):
    read_as = read(raw)

    assert (read_as.kind, read_as.due_on, read_as.days) == ("dated", None, days)


def test_a_duration_counts_from_the_report():
    assert read("15日内", reported_on=date(2026, 4, 10)).due_on == date(2026, 4, 25)
    assert read("三个月内", reported_on=date(2026, 1, 31)).due_on == date(2026, 4, 30)


@pytest.mark.parametrize(
    ("raw", "review_on"),
    [
        ("每月5日前", "2026-05-05"), ("每月10日", "2026-04-10"), ("每月31日", "2026-04-30"),
        ("每周五", "2026-04-10"), ("每周一", "2026-04-13"), ("每季度末", "2026-06-30"),
        ("每半年", "2026-06-30"), ("每年", "2026-12-31"), ("每年3月底前", "2027-03-31"),
    ],
)  # fmt: skip
def test_what_recurs_is_standing_until_its_next_day(raw, review_on):
    read_as = read(raw)

    assert (read_as.kind, read_as.review_on, read_as.due_on) == ("standing", day(review_on), None)


@pytest.mark.parametrize(
    "raw",
    ["2026年13月1日", "2026年2月30日", "6月31日", "20261301", "2026.13.1", "2026年13月底",
     "1999年5月1日", "2060年1月1日", date(1900, 1, 15), 20261301, "2026年0月0日"],
)  # fmt: skip
def test_a_day_that_no_calendar_has_is_a_fault(raw):
    read_as = read(raw)

    assert (read_as.kind, read_as.due_on) == ("undetermined", None)
    assert read_as.fault.endswith("请改正日期。")


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("5个工作日内", 5),
        ("十个工作日内", 10),
        ("3工作日", 3),
        ("5至10个工作日", 10),
        ("10个工作日内完成整改", 10),
    ],
)
def test_working_days_are_counted_when_the_row_is_issued(raw, number):
    read_as = read(raw)

    assert (read_as.kind, read_as.workdays) == ("dated", number)
    assert (read_as.due_on, read_as.days, read_as.fault, read_as.doubt) == (None, None, "", "")


def test_working_days_are_not_counted_from_the_report():
    read_as = deadlines.read(
        "10个工作日内", year=2026, on=date(2026, 6, 1), reported_on=date(2026, 5, 1)
    )
    assert (read_as.workdays, read_as.due_on) == (10, None)


@pytest.mark.parametrize("raw", ["1001个工作日内", "9" * 30 + "个工作日", "0个工作日"])
def test_more_working_days_than_anybody_gives_are_a_fault(raw):
    assert "不合理" in read(raw).fault


@pytest.mark.parametrize(
    "raw",
    [
        *("5个工作日或7天内", "每10个工作日", "长期坚持，每10个工作日检查一次", "-5个工作日"),
        *("1.5个工作日", "10天（工作日）", "工作日10天内", "一百二十个工作日", "一零个工作日"),
        *("6月1日起10个工作日内", "2026年6月30日前10个工作日", "收到后若干工作日"),
    ],
)
def test_working_days_that_say_more_than_their_number_are_asked(raw):
    read_as = read(raw)
    assert "工作日" in read_as.doubt
    assert (read_as.kind, read_as.due_on, read_as.days, read_as.workdays) == (
        "undetermined",
        None,
        None,
        None,
    )


def test_a_status_in_the_cell_is_asked_about_and_its_day_kept():
    read_as = read("2026年5月31日（已完成）")

    assert read_as.due_on == date(2026, 5, 31)
    assert "完成情况" in read_as.doubt


def test_a_day_without_a_year_far_back_is_doubted():
    assert read("2月10日前").doubt == ""
    assert "没有写年份" in deadlines.read("2月10日前", year=2026, on=date(2026, 8, 11)).doubt
    assert deadlines.read("2026年2月10日前", year=2026, on=date(2026, 8, 11)).doubt == ""


def test_excels_9_3_may_be_two_days():
    assert "分不清" in read(9.3).doubt


@pytest.mark.parametrize("raw", [None, "", " ", "/", "——", "无"])
def test_a_blank_is_undetermined_without_a_word(raw):
    read_as = read(raw)

    assert (read_as.kind, read_as.doubt, read_as.fault) == ("undetermined", "", "")


PIECES = st.sampled_from(
    [*"年月日底前内至-./、每个第季度上下半旬0123456789一二三十〇x×", " ", "工作日"]
)


@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(), st.floats(), st.integers()))
def test_nothing_that_people_write_raises(raw):
    for reported_on in (None, ON):
        read_as = read(raw, reported_on=reported_on)

        assert read_as.kind in {"dated", "at_once", "standing", "undetermined"}
        assert not (read_as.fault and read_as.due_on)
        assert read_as.due_on is None or read_as.kind == "dated"
