import pytest
from hypothesis import given
from hypothesis import strategies as st

from reform import text

ANYTHING = st.text(st.characters(codec=None))  # lone surrogates too


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("　 问题\u00a0", "问题"),
        ("a\x00b\x07c", "abc"),
        ("一行\r\n二行\r三行\v四行\u2028五行", "一行\n二行\n三行\n四行\n五行"),
        ("一行_x000D_\n二行_x000A_三行_x000B_四行", "一行\n二行\n三行\n四行"),
        ("行尾空白 　\n下一行", "行尾空白\n下一行"),
        ("甲\u202e乙\u2066丙\u200b丁\ufeff", "甲乙丙丁"),
        ("孤\ud800立", "孤立"),
        ("e\u0301", "é"),
        ("列\t列", "列\t列"),
        ("=1+1", "=1+1"),
    ],
)
def test_what_cannot_be_seen_or_kept_goes_and_the_rest_stays(raw, kept):
    assert text.clean(raw) == kept


def test_one_line_takes_breaks_and_tabs_for_blanks():
    assert text.clean("区住房和城乡\n\t建设局", multiline=False) == "区住房和城乡 建设局"


@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(raw):
    once = text.clean(raw)

    assert text.clean(once) == once
    once.encode()  # nothing that a database would refuse
    assert "\x00" not in once


@given(ANYTHING)
def test_one_line_is_one_line(raw):
    assert not {"\n", "\t", "\r"} & set(text.clean(raw, multiline=False))


@pytest.mark.parametrize("blank", [None, "", " ", "\u3000\u00a0", "\u200b\n"])
def test_what_nobody_can_see_is_blank(blank):
    assert text.is_blank(blank)


@pytest.mark.parametrize("filled", ["0", 0, "无"])
def test_a_nought_is_not_blank(filled):
    assert not text.is_blank(filled)


@pytest.mark.parametrize(
    ("heading", "folded"),
    [
        ("存在问题\n（具体表现）", "存在问题"),
        (" 责 任 人 *", "责任人"),
        ("NO.", "no"),
        ("（必填）", "必填"),
        ("整改时限【必填】：", "整改时限"),
        ("２０２６", "2026"),
    ],
)
def test_headings_are_compared_without_blanks_brackets_and_points(heading, folded):
    assert text.fold(heading) == folded


def test_full_width_figures_become_ascii():
    assert text.half_width("２０２６．６．３０—７／１") == "2026.6.30-7/1"
