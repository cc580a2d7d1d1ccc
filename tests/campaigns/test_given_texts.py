"""Texts given to be compared with (比对材料): who gives them, who is told; nobody reads them."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document

from campaigns.actions import advice, given_texts
from campaigns.imports.given_texts import text_of
from campaigns.models import GivenText, KeptText, answers
from reform.errors import Forbidden, Refused
from reform.models import TrailEntry
from tests.campaigns import sheets
from tests.factories import AT, ON

Kind = GivenText.Kind
TEAM = (
    "班子对基层反映的难点摸得不透，今年三次调研都在机关会议室听汇报，"
    "西岭村水毁路段的抢通方案改了四稿才定下来，误了两个雨天之间的三天晴好天气，"
    "群众绕行十一公里上学看病，镇里两次来电催问，值班的同志都答不上哪天能通。"
)
OTHER = "这一段只在班子材料里，谁也没有照着写。"


def give(bureau, who="secretary", kind=Kind.TEAM, text=TEAM, **facts):
    facts = {"title": "班子对照检查材料", "year": 2026, "organization": bureau.branch} | facts
    by = getattr(bureau, who)
    return given_texts.give(bureau.campaign, kind=kind, text=text, by=by, at=AT, **facts)


def begun(bureau, who="member", **texts):
    return sheets.begun(bureau.campaign, getattr(bureau, who), "慢", at=AT, **texts)


def told(row):
    found = advice.to_author(row, answers.frozen(row.checklist, row.content), on=ON)
    return [one.words for one in found.alike]


@pytest.mark.parametrize("place", ["branch", "center", "top"])
def test_who_writes_what_the_team_wrote_is_told_so(bureau, place):
    giver = {"branch": "secretary", "center": "office", "top": "top_office"}[place]
    give(bureau, giver, organization=getattr(bureau, place), text=f"{OTHER}{TEAM}")

    [words] = told(begun(bureau, case_what=TEAM))
    assert "与班子的材料“班子对照检查材料”相同" in words


def test_the_superiors_words_are_told_apart_and_a_neighbours_team_is_not_compared(bureau):
    give(bureau, "top_office", Kind.SUPERIOR, organization=bureau.top, title="巡察反馈意见")
    give(bureau, "office", organization=bureau.sibling)

    [words] = told(begun(bureau, case_what=TEAM))
    assert "与上级的材料“巡察反馈意见”相同" in words


def test_ones_own_of_last_year_is_ones_own_affair(bureau):
    mine = give(bureau, "member", Kind.EARLIER, title="2025年剖析", year=2025, organization=None)

    [words] = told(begun(bureau, case_what=TEAM))
    assert "与您本人2025年的材料“2025年剖析”相同" in words
    assert told(begun(bureau, "colleague", case_what=TEAM)) == []
    assert "2025年剖析" not in TrailEntry.objects.get(act="given_text.given").sentence
    for other in ("secretary", "office", "top_office"):
        client = Client()
        client.force_login(bureau.users[other])
        page = client.get(reverse("given-texts", args=[bureau.campaign.pk])).content.decode()
        assert "2025年剖析" not in page
        assert client.get(reverse("given-text-take-back", args=[mine.pk])).status_code == 404
        with pytest.raises(Forbidden):
            given_texts.take_back(mine, by=getattr(bureau, other), at=AT)


def test_the_reviewer_sees_which_passages_and_no_word_of_the_other_text(bureau):
    give(bureau, text=f"{OTHER}{TEAM}")
    row = sheets.sent(bureau.campaign, bureau.colleague, "慢", case_what=TEAM)
    client = Client()
    client.force_login(bureau.users["secretary"])

    page = client.get(reverse("examination-review", args=[row.pk])).content.decode()

    assert "与班子的材料“班子对照检查材料”相同" in page
    assert TEAM[:20] in page
    assert OTHER not in page


def test_what_is_taken_back_is_gone_and_compared_with_no_longer(bureau):
    row = give(bureau)
    assert KeptText.objects.filter(kind="team").count() == 1

    given_texts.take_back(row, by=bureau.liaison, at=AT)

    assert not KeptText.objects.exists()
    assert told(begun(bureau, case_what=TEAM)) == []
    with pytest.raises(Refused, match="已经撤下"):
        given_texts.take_back(row, by=bureau.liaison, at=AT)


@pytest.mark.parametrize(
    ("who", "place"),
    [
        *(("member", "branch"), ("neighbour", "branch"), ("secretary", "center")),
        *(("leader", "branch"), ("inspector", "branch"), ("stranger", "branch")),
    ],
)
def test_nobody_gives_for_an_organization_that_is_not_his_to_prepare(bureau, who, place):
    with pytest.raises(Forbidden):
        give(bureau, who, organization=getattr(bureau, place))

    assert not GivenText.objects.exists()


def test_too_much_too_many_and_nothing_are_refused_in_words(bureau, monkeypatch):
    monkeypatch.setattr(given_texts, "MOST", 1)
    with pytest.raises(Refused, match="没有文字"):
        give(bureau, text="")
    with pytest.raises(Refused, match="最多100000字，现在有100001字"):
        give(bureau, text="长" * 100_001)
    with pytest.raises(Refused, match="请选择这份材料是哪个单位的"):
        give(bureau, organization=None)
    give(bureau)
    with pytest.raises(Refused, match="同类材料最多1份"):
        give(bureau)

    assert KeptText.objects.count() == 1


def document(*lines):
    made, data = Document(), BytesIO()
    for line in lines:
        made.add_paragraph(line)
    table = made.add_table(rows=1, cols=1)
    table.cell(0, 0).text = "表里的话。"
    made.save(data)
    return data.getvalue()


@pytest.mark.no_database
def test_a_document_gives_its_words_and_what_is_none_is_refused():
    assert text_of(document("第一段。", "", "第二段\n换行。"), "材料.DOCX").splitlines() == [
        *("第一段。", "第二段", "换行。", "表里的话。")
    ]
    assert text_of("往年".encode("gb18030"), "a.txt") == "往年"
    for data, name in [(b"%PDF-1.4", "a.pdf"), (b"", "a"), (b"\xff\xff\xff", "a.txt")]:
        with pytest.raises(Refused, match="粘贴"):
            text_of(data, name)
    with pytest.raises(Refused, match="已损坏"):
        text_of(document("一")[:900], "a.docx")


def test_the_page_takes_a_file_or_a_text_and_says_which(bureau):
    client = Client()
    client.force_login(bureau.users["secretary"])
    url = reverse("given-text-new", args=[bureau.campaign.pk])
    facts = {
        "kind": "team",
        "organization": f"{bureau.branch} #{bureau.branch.pk}",
        "title": "班子材料",
        "year": 2026,
    }

    assert "请粘贴正文，或选择文件。" in client.post(url, facts).content.decode()
    both = facts | {"text": TEAM, "file": SimpleUploadedFile("a.txt", TEAM.encode())}
    assert "只要一样" in client.post(url, both).content.decode()
    sent = facts | {"file": SimpleUploadedFile("a.docx", document(TEAM))}
    assert "班子材料（2026年）" in client.post(url, sent, follow=True).content.decode()
    assert TEAM in KeptText.objects.get().text


def test_a_place_that_is_not_ones_own_is_refused_with_the_text_on_the_page(bureau):
    client = Client()
    client.force_login(bureau.users["secretary"])
    place = f"{bureau.sibling} #{bureau.sibling.pk}"
    facts = {"kind": "team", "organization": place, "title": "班子材料", "year": 2026, "text": TEAM}
    answer = client.post(reverse("given-text-new", args=[bureau.campaign.pk]), facts)

    assert answer.status_code == 403
    assert TEAM in answer.content.decode()
    assert "提供比对材料的权限" in answer.content.decode()
    assert not GivenText.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_at_one_and_at_three(bureau, rows, django_assert_num_queries):
    for _ in range(rows):
        give(bureau)
    client = Client()
    client.force_login(bureau.users["secretary"])
    url = reverse("given-texts", args=[bureau.campaign.pk])
    client.get(url)

    with django_assert_num_queries(7):
        client.get(url)
