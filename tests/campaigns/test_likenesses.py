"""Texts that are alike (雷同提示): what is found, what is not, and who is told what."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.likeness_texts import TEMPLATES, copied, text
from campaigns.actions import likenesses
from campaigns.actions.likenesses import Alike
from campaigns.models import Checklist, KeptText, TextKey
from campaigns.models import likeness as kept_texts
from reform.text import likeness, pairs
from reform.text.passages import LEAST, Comparison
from tests.factories import CampaignFactory, person
from tests.worlds import unguarded

pytestmark = pytest.mark.dealt

Kind = KeptText.Kind
HIS = (
    "今年三月，我负责农村公路养护投诉回访，有12件登记后没有在两个工作日内回电话，"
    "其中老周家门口的塌方拖了九天才去看。原因是我把登记当成办结，图省事，没有设提醒。"
    "从六月起每天下班前核对一遍登记簿，超时的第二天一早报分管领导。"
)
ANOTHER = (
    "去年底组织桥梁检测，报告里有三处数据照抄前一年，被质安科核对时发现。"
    "我对新仪器不熟，又怕耽误汇总，就没有重新上桥。七月前参加两次实操培训，"
    "今后每份报告附现场照片和原始记录，由王工复核后再交。"
)


def plain(words, exempt=()):
    return likeness.plain(words, exempt)


def share(one, other, exempt=()):
    return Comparison(plain(one, exempt)).shared(plain(other, exempt))


# ---------------------------------------------------------------- what is compared

no_database = pytest.mark.no_database


@no_database
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢ１２件，超时。", "ab12件超时"),
        ("　投诉 件\n回访（超时）", "投诉件回访超时"),
        ("“四个意识”、两个维护！", "四个意识两个维护"),
    ],
)
def test_widths_blanks_and_punctuation_do_not_count(one, other):
    assert plain(one).letters == plain(other).letters


@no_database
def test_what_the_form_says_is_cut_out_and_places_stay():
    exempt = likeness.phrases(["结合本人思想、工作实际，认真开展了自查剖析"])
    one = plain("按要求，结合本人思想、工作实际，查出两条。", exempt)

    assert one.letters == "按要求" + likeness.CUT * 10 + "查出两条"
    assert one.size == 7
    assert one.source[one.places()[13]] == "查"


@no_database
@pytest.mark.parametrize("words", ["", "。", "无", "不存在此类问题", "学习" * 5, "😀" * 10])
def test_texts_of_nothing_much_are_like_nothing(words):
    assert not share(words, words).is_alike
    assert not pairs.alike([plain(words), plain(words)])


@no_database
@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(min_size=20, max_size=60))
def test_passages_stand_where_they_are_said_to_stand(before, behind, said):
    one, other = before + said, said + behind
    shared = share(one, other)

    assert 0 <= shared.share <= 1
    assert len(plain(said).letters) < LEAST or shared.letters >= LEAST
    for passage in shared.passages:
        assert 0 <= passage.start < passage.end <= len(one)
        assert 0 <= passage.other_start < passage.other_end <= len(other)
        here = plain(one[passage.start : passage.end]).letters
        there = plain(other[passage.other_start : passage.other_end]).letters
        assert here[:6] == there[:6]
        assert here[-1] == there[-1]


@no_database
@settings(max_examples=50, deadline=None)
@given(st.text(min_size=20, max_size=400))
def test_a_text_shares_all_of_itself(words):
    one = plain(words)
    if len(one.letters) >= LEAST:
        assert Comparison(one).shared(plain(words)).share == 1


EDITS = {
    "nothing": lambda words: words,
    "punctuation": lambda words: words.replace("，", "。").replace("。", "！ "),
    "full width": lambda words: words.translate({48 + n: 0xFF10 + n for n in range(10)}),
    "reordered": lambda words: "。".join(reversed(words.strip("。").split("。"))) + "。",
    "figures": lambda words: words.replace("12件", "15件").replace("九天", "十天"),
    "small words": lambda words: words.replace("我", "本人").replace("没有", "未"),
    "in the middle": lambda words: ANOTHER + words + ANOTHER[::-1],
}


@no_database
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_copy_is_found_however_it_is_dressed_up(edit):
    assert share(HIS, edit(HIS)).share > 0.8
    assert set(likeness.keys(plain(HIS))) & set(likeness.keys(plain(edit(HIS))))


@no_database
def test_two_who_write_about_the_same_are_not_alike():
    mine = (
        "农村公路养护投诉回访我也负责过，四月份有5件没有按时回电话。"
        "说到底是对群众着急的心情体会不够，总觉得晚一两天没什么。以后当天登记当天回。"
    )

    assert not share(HIS, mine).is_alike
    assert share(HIS, ANOTHER).letters == 0


@no_database
def test_of_many_texts_planted_copies_are_found_and_nothing_else():
    """Of 400 texts on the same matters 40 are copies of 60 %, some with words changed."""
    chance = random.Random(11)  # noqa: S311 -- no secret
    texts = [text(chance) for _ in range(360)]
    planted = chance.sample(range(360), 40)
    texts += [copied(chance, texts[place], 0.6).replace("我", "本人") for place in planted]
    exempt = likeness.phrases(TEMPLATES)

    found = pairs.alike([plain(words, exempt) for words in texts])

    said = {(one, other) for one, other, _ in found}
    assert {(place, 360 + row) for row, place in enumerate(planted)} <= said
    assert {pair for pair in said if pair[1] < 360} == set()


@no_database
def test_what_everybody_writes_is_no_likeness():
    words = "。".join(TEMPLATES) + "。"
    exempt = likeness.phrases(TEMPLATES)

    assert share(words + HIS, words + ANOTHER).is_alike
    assert share(words + HIS, words + ANOTHER, exempt).letters == 0
    assert plain(words, exempt).sentences == ()


@no_database
@pytest.mark.parametrize("unit", ["啊", "学习", HIS], ids=["one letter", "one word", "a text"])
def test_a_text_of_two_hundred_thousand_characters_takes_a_bounded_time(unit):
    long = (unit * 200_000)[:200_000]

    assert len(likeness.keys(plain(long))) <= likeness.BANDS + likeness.SENTENCES
    assert share(long, long).share == 1
    assert share(long, ANOTHER).letters == 0


# ---------------------------------------------------------------- keeping and finding


@pytest.fixture
def keep(bureau):
    """Return a function that keeps what somebody submitted."""

    def kept(who, words, *, source=1, kind=Kind.EXAMINATION, place=None, campaign=None, year=None):
        return likenesses.keep(
            kind,
            campaign=campaign or bureau.campaign,
            author=who and bureau.users[who],
            organization=place or bureau.branch,
            source=source,
            text=words,
            year=year,
        )

    return kept


def found(bureau, who, words, place=None):
    rows = likenesses.found(
        words,
        campaign=bureau.campaign,
        author=bureau.users[who],
        organization=place or bureau.branch,
    )
    return [(row.kind, row.kept) for row in rows]


def test_a_colleagues_submitted_text_is_found_without_his_name(bureau, keep):
    kept = keep("colleague", HIS)
    mine = "先说一件事。" + HIS + "我要引以为戒。"

    (one,) = likenesses.found(mine, campaign=bureau.campaign, author=bureau.users["member"])

    assert (one.kind, one.kept) == (Alike.COLLEAGUE, kept.pk)
    assert one.share > 0.8
    assert one.quotes(mine) == [HIS[:-1]]
    assert kept.quoted(one.passages) == [HIS[:-1]]
    assert one.words == (
        f"有1处（共{len(plain(HIS).letters)}字）与本次活动中另一份已提交的材料相同，"
        "请看看说的是不是自己的实际。"
    )


def test_the_author_sees_of_a_colleague_only_what_he_wrote_himself(bureau, keep):
    """Where a few letters differ between two passages, the other's letters stay with him."""
    keep("colleague", HIS.replace("老周家", "林芳家"))

    (one,) = likenesses.found(HIS, campaign=bureau.campaign, author=bureau.users["member"])

    assert "林芳" not in "".join(one.quotes(HIS)) + one.words
    assert all(quote in HIS for quote in one.quotes(HIS))


def test_ones_own_text_submitted_again_is_no_colleagues(bureau, keep):
    keep("member", HIS)
    keep("member", HIS + "补充一点。")

    assert KeptText.objects.get().text.endswith("补充一点。")
    assert found(bureau, "member", HIS) == []
    assert found(bureau, "colleague", HIS) == [(Alike.COLLEAGUE, KeptText.objects.get().pk)]


def test_two_accounts_are_one_person(bureau, keep):
    member, other = bureau.users["member"], bureau.users["colleague"]
    other.same_as = member
    other.save(update_fields=["same_as"])
    kept = keep("colleague", HIS)
    keep("neighbour", ANOTHER, source=2)

    assert found(bureau, "member", HIS) == []
    assert likenesses.among(bureau.campaign, bureau.center) == []
    assert kept.keys.count() > 20


def test_what_is_withdrawn_or_deleted_is_kept_no_longer(bureau, keep):
    keep("colleague", HIS)

    likenesses.forget(Kind.EXAMINATION, 1)

    assert found(bureau, "member", HIS) == []
    assert (KeptText.objects.count(), TextKey.objects.count()) == (0, 0)


def test_who_has_left_is_still_compared_with(bureau, keep):
    kept = keep("colleague", HIS)
    bureau.users["colleague"].duties.update(until=date(2026, 5, 1))
    bureau.users["colleague"].is_active = False
    bureau.users["colleague"].save(update_fields=["is_active"])

    assert found(bureau, "member", HIS) == [(Alike.COLLEAGUE, kept.pk)]


def test_a_text_without_an_author_is_anybodys_but_ones_own(bureau, keep):
    kept = keep(None, HIS)

    assert found(bureau, "member", HIS) == [(Alike.COLLEAGUE, kept.pk)]


def test_ones_own_of_last_year_is_found_in_another_campaign(bureau, keep):
    last = CampaignFactory(organization=bureau.elsewhere, code="LAST", starts_on=date(2025, 3, 1))
    kept = keep("member", HIS, campaign=last)
    earlier = keep("member", HIS, kind=Kind.EARLIER, year=2024)
    keep("colleague", HIS, campaign=last, source=2)

    assert found(bureau, "member", HIS) == [(Alike.OWN, kept.pk), (Alike.OWN, earlier.pk)]
    rows = likenesses.found(HIS, campaign=bureau.campaign, author=bureau.users["member"])
    assert ["2025年" in rows[0].words, "2024年" in rows[1].words] == [True, True]


def test_the_teams_and_the_superiors_text_is_found_from_below(bureau, keep):
    team = keep("secretary", ANOTHER + HIS, kind=Kind.TEAM)
    above = keep(None, HIS + ANOTHER, kind=Kind.SUPERIOR, place=bureau.top)
    keep(None, HIS, kind=Kind.TEAM, place=bureau.sibling, source=2)

    assert set(found(bureau, "member", HIS)) == {
        (Alike.TEAM, team.pk),
        (Alike.SUPERIOR, above.pk),
    }
    # What a team's text says counts for its author, too: 以班子问题代替个人问题.
    assert (Alike.TEAM, team.pk) in found(bureau, "secretary", HIS)


def test_what_the_checklist_says_everybody_may_write(bureau, keep):
    """Cut out, where the office has written it into the guidance afterwards as well."""
    keep("colleague", HIS)
    assert found(bureau, "member", HIS) != []

    with unguarded(["campaigns_checklist"]):
        Checklist.objects.filter(campaign=bureau.campaign).update(guidance=HIS)

    assert found(bureau, "member", HIS) == []


def test_a_sentence_that_hundreds_write_leads_nowhere(bureau, keep, monkeypatch):
    """No list of rows behind a key grows without end; a copy is found by what else it says."""
    monkeypatch.setattr(kept_texts, "COMMON", 3)
    said = "我们单位的事情多、人手少，平时忙起来就顾不上这些细节了。"
    chance = random.Random(3)  # noqa: S311 -- no secret
    people = [person(f"干部{n}", bureau.branch) for n in range(6)]
    for number, one in enumerate(people):
        bureau.users[f"one{number}"] = one
        keep(f"one{number}", said + text(chance, 300), source=number)

    key = likenesses.likeness.mixed(likeness.sentence_keys(plain(said)), bureau.campaign.pk)
    assert TextKey.objects.filter(value__in=key).count() == 3
    last = KeptText.objects.latest("pk")
    assert found(bureau, "member", last.text) == [(Alike.COLLEAGUE, last.pk)]


def test_finding_costs_the_same_for_one_text_and_for_many(bureau, keep, django_assert_num_queries):
    chance = random.Random(4)  # noqa: S311 -- no secret
    for count in (1, 12):
        for number in range(count):
            keep("colleague", HIS + text(chance, 60), source=number)
        with django_assert_num_queries(8):
            assert len(found(bureau, "member", HIS)) == min(count, likenesses.TOLD)


def test_nothing_is_written_by_looking(bureau, keep, caplog):
    """What is looked up may be a draft: it goes into no table and no log."""
    keep("colleague", HIS)
    rows = KeptText.objects.count(), TextKey.objects.count()

    found(bureau, "member", "只有我知道的一件事：" + HIS)

    assert (KeptText.objects.count(), TextKey.objects.count()) == rows
    assert "只有我知道" not in caplog.text


def test_a_reviewer_is_told_which_of_his_members_texts_are_alike(bureau, keep):
    one = keep("colleague", HIS)
    other = keep("member", "开头。" + HIS, source=2)
    keep("neighbour", HIS, source=3, place=bureau.sibling)
    keep("secretary", ANOTHER, source=4)

    (pair,) = likenesses.among(bureau.campaign, bureau.branch)

    assert (pair.one, pair.other, pair.share) == (one.pk, other.pk, 1.0)
    assert other.quoted(pair.passages) == [HIS[:-1]]
    assert len(likenesses.among(bureau.campaign, bureau.center)) == 3


def test_a_short_answer_is_kept_and_found_by_nobody(bureau, keep):
    kept = keep("colleague", "不存在此类问题")

    assert (kept.length, kept.keys.count()) == (7, len(likeness.keys(plain("不存在此类问题"))))
    assert found(bureau, "member", "不存在此类问题") == []
    assert found(bureau, "member", "") == []
