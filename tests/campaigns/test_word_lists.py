"""The word lists of a campaign (词表): who changes them, and what then holds."""

import pytest
from django.urls import reverse

from campaigns.actions import word_lists
from campaigns.models import Campaign, WordList
from campaigns.models.word_list import DEFAULT, GENERAL, LINES, TEMPLATE, lines_of, said_by_all
from reform.errors import Forbidden, Refused
from reform.models import TrailEntry
from tests.factories import AT, OrganizationFactory

Kind = WordList.Kind


def changed(bureau, by="top_office", **texts):
    typed = {"general": "\n".join(GENERAL), "template": "\n".join(TEMPLATE)} | texts
    return word_lists.change(bureau.campaign, texts=typed, by=getattr(bureau, by), at=AT)


def test_a_campaign_begins_with_the_lists_that_are_shipped(bureau):
    assert all(lines_of(bureau.campaign, kind) == DEFAULT[kind] for kind in Kind)
    assert all(len(lines) == len(set(lines)) > 10 for lines in DEFAULT.values())


def test_the_office_changes_a_list_and_the_trail_says_how(bureau):
    changed(bureau, general="　学习不够深入 \n\n满足于过得去\n满足于过得去\n")

    assert lines_of(bureau.campaign, Kind.GENERAL) == ["学习不够深入", "满足于过得去"]
    assert lines_of(bureau.campaign, Kind.TEMPLATE) == TEMPLATE
    entry = TrailEntry.objects.get(act="campaign.words_changed")
    gone = len(GENERAL) - 1
    assert entry.sentence == f"修改词表：虚话套话增加1句、删去{gone}句"
    assert entry.detail["general"]["added"] == ["满足于过得去"]
    assert len(entry.detail["general"]["removed"]) == gone


def test_nothing_changed_leaves_no_trace(bureau):
    changed(bureau)

    assert not WordList.objects.exists()
    assert not TrailEntry.objects.filter(act="campaign.words_changed").exists()


def test_an_emptied_list_stays_empty(bureau):
    changed(bureau, template="")

    assert lines_of(bureau.campaign, Kind.TEMPLATE) == []
    assert bureau.campaign.title in said_by_all(bureau.campaign)


@pytest.mark.parametrize("who", ["member", "liaison", "secretary", "leader", "office", "stranger"])
def test_nobody_but_the_campaigns_office_changes_them(bureau, who):
    with pytest.raises(Forbidden):
        changed(bureau, by=who, general="一句")

    assert not WordList.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("\n".join(f"第{n}句话" for n in range(LINES + 1)), "虚话套话最多500句，现在有501句"),
        ("长" * 201, "虚话套话每句最多200字"),
    ],
)
def test_what_is_too_much_is_refused_in_words(bureau, typed, said):
    with pytest.raises(Refused, match=said):
        changed(bureau, general=typed)


def test_the_page_shows_the_lists_and_takes_them_back(bureau, signed_in):
    browser = signed_in(bureau.top_office)
    address = reverse("word-lists", args=[bureau.campaign.pk])

    page = browser.get(address).content.decode()
    typed = {"general": "学习不够深入\x00\n空话一句", "template": ""}
    answer = browser.post(address, typed, follow=True).content.decode()

    assert GENERAL[0] in page
    assert TEMPLATE[0] in page
    assert "词表已保存" in answer
    assert lines_of(bureau.campaign, Kind.GENERAL) == ["学习不够深入", "空话一句"]
    assert (
        f'href="{address}"'
        in browser.get(reverse("campaign", args=[bureau.campaign.pk])).content.decode()
    )


def test_each_campaign_has_lists_of_its_own(bureau):
    changed(bureau, general="只在这里")
    other = Campaign.objects.create(
        title="另一项活动",
        code="OTHER",
        organization=OrganizationFactory(name="另一党委", kind="committee"),
        starts_on=AT.date(),
        ends_on=AT.date(),
    )

    assert lines_of(other, Kind.GENERAL) == GENERAL
