"""The showcase (心得展示): only what its author agreed to, without his name unless he signed."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from campaigns.actions import showcases
from campaigns.models import Campaign, Consent, ConsentEnd, Showing, identifying
from campaigns.models.identifying import Trace, What
from campaigns.models.reflection import Audience
from reform.errors import Forbidden, Refused
from reform.models import Notice, Role
from tests.campaigns.test_examination_pages import initial, text_of
from tests.factories import AT, ON, actor, person
from tests.rectification.promises import TEXT, agreed, begun, handed
from tests.rectification.test_delegated import lend

SHOWN = "两周后又有人打来"


@pytest.fixture(autouse=True)
def _day():
    """Pages ask what day it is."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def copy(bureau):
    """A copy that a member agreed to, not chosen yet."""
    return agreed(handed(bureau.campaign, bureau.member), bureau.member)


def choose(copy, by, since=ON, until=ON + timedelta(days=30)):
    return showcases.choose(copy, since=since, until=until, by=by, at=AT)


def seen_by(actor):
    return list(Showing.objects.visible_to(actor))


# ---------------------------------------------------------------- consent


def test_nothing_is_shown_before_its_author_agreed_and_somebody_chose(bureau, signed_in):
    row = handed(bureau.campaign, bureau.member)
    lists = [reverse(page, args=[bureau.campaign.pk]) for page in ("showcase", "showcase-choose")]
    before = [text_of(signed_in(bureau.office).get(url)) for url in lists]
    copy = agreed(row, bureau.member)
    between = [text_of(signed_in(bureau.office).get(url)) for url in lists]
    choose(copy, bureau.office)
    after = [text_of(signed_in(bureau.colleague).get(lists[0]))]

    assert [SHOWN in text for text in (*before, *between, *after)] == [
        *(False, False),
        *(False, True),
        True,
    ]
    assert "马超" not in between[1]
    assert TEXT not in "".join([*before, *between, *after])
    assert len(seen_by(bureau.stranger)) == 1  # whose organization takes part
    assert seen_by(bureau.system) == []


def test_a_copy_bears_a_name_only_where_its_author_signed(bureau, signed_in):
    for who, is_signed in (("member", True), ("colleague", False)):
        row = handed(bureau.campaign, getattr(bureau, who))
        choose(agreed(row, getattr(bureau, who), is_signed=is_signed), bureau.office)
    shown = text_of(
        signed_in(bureau.neighbour).get(reverse("showcase", args=[bureau.campaign.pk]))
    ).partition("<main")[2]

    assert "第一党支部　马超" in shown
    assert "林芳" not in shown


@pytest.mark.parametrize("audience", Audience.values)
def test_who_read_the_text_may_know_its_author_and_he_is_told_so(bureau, signed_in, audience):
    row = handed(bureau.campaign, bureau.member, audience=audience)

    page = text_of(signed_in(bureau.member).get(reverse("reflection-show", args=[row.pk])))

    assert ("不署名也可能认出" in page) is (audience != Audience.NOBODY)


def test_taken_back_it_disappears_at_once_for_everybody(bureau, copy):
    choose(copy, bureau.office)
    assert len(seen_by(bureau.colleague)) == 1

    showcases.withdraw(copy.reflection, by=bureau.member, at=AT)

    assert seen_by(bureau.colleague) == seen_by(bureau.member) == []
    assert not Consent.objects.choosable_by(bureau.office).exists()
    with pytest.raises(Refused, match="撤回了同意"):
        choose(copy, bureau.office)
    with pytest.raises(Refused, match="不需要撤回"):
        showcases.withdraw(copy.reflection, by=bureau.member, at=AT)


def test_another_copy_ends_the_one_before(bureau, copy):
    choose(copy, bureau.office)
    other = agreed(copy.reflection, bureau.member, text="换过的稿子。")

    assert seen_by(bureau.colleague) == []
    assert list(Consent.objects.standing()) == [other]
    assert other.number == 2


def test_it_may_be_taken_back_when_the_campaign_is_over(bureau, copy):
    choose(copy, bureau.office)
    Campaign.objects.update(status="closed")

    showcases.withdraw(copy.reflection, by=bureau.member, at=AT)

    assert seen_by(bureau.colleague) == []


def test_only_the_author_agrees_and_only_to_what_he_submitted(bureau, copy):
    for name in ("secretary", "office", "colleague"):
        with pytest.raises(Forbidden):
            agreed(copy.reflection, getattr(bureau, name))
        with pytest.raises(Forbidden):
            showcases.withdraw(copy.reflection, by=getattr(bureau, name), at=AT)
    with pytest.raises(Refused, match="先提交"):
        agreed(begun(bureau.campaign, bureau.colleague), bureau.colleague)


def test_what_may_tell_who_he_is_is_told_before_he_agrees_and_keeps_nobody(bureau, signed_in):
    row = handed(bureau.campaign, bureau.member)
    browser, url = signed_in(bureau.member), reverse("reflection-show", args=[row.pk])
    data = {name: value for name, value in initial(browser.get(url)).items() if value}
    data |= {"text": "林芳在第二党支部，电话13800001111，老王也在。", "is_signed": "no"}
    told = browser.post(url, data)
    assert not Consent.objects.exists()
    shown = text_of(told)
    assert [word in shown for word in ("林芳", "第二党支部", "13800001111", "老王")] == [True] * 4

    browser.post(url, data | {"seen": initial(told)["seen"]})

    assert Consent.objects.get().text == data["text"]


def test_traces_are_found_and_ordinary_words_are_not():
    found = identifying.of(
        "马超科长和张某某说，小李、王副主任在5号楼302室，写信到a.b@c.cn，座机010-88886666。",
        people=["马超", "不在"],
        units=["养护科"],
    )
    assert {(one.what, one.words) for one in found} == {
        (What.PERSON, "马超"),
        (What.PERSON, "张某某"),
        (What.PERSON, "小李"),
        (What.POST, "王副主任"),
        (What.PLACE, "5号楼"),
        (What.PLACE, "302室"),
        (What.MAIL, "a.b@c.cn"),
        (What.PHONE, "010-88886666"),
    }
    assert found[0] == Trace(What.PERSON, "马超")
    assert identifying.of(TEXT) == []
    assert identifying.of("事情不大小，老实说，2026年6月3日办了12件。") == []


# ---------------------------------------------------------------- choosing


@pytest.mark.parametrize(
    ("who", "may"),
    [
        *(("secretary", True), ("office", True), ("top_office", True)),
        *(("member", False), ("colleague", False), ("liaison", False), ("inspector", False)),
        *(("leader", False), ("neighbour", False), ("stranger", False), ("system", False)),
    ],
)
def test_a_secretary_of_the_unit_and_offices_above_choose(bureau, copy, who, may):
    by = getattr(bureau, who)

    assert Consent.objects.choosable_by(by).filter(pk=copy.pk).exists() is may
    if may:
        assert choose(copy, by).chosen_by == by.user
        return
    with pytest.raises(Forbidden):
        choose(copy, by)


def test_nobody_chooses_his_own_by_any_account(bureau, signed_in):
    copy = agreed(handed(bureau.campaign, bureau.secretary), bureau.secretary)
    second = person("郑洁", bureau.branch, Role.SECRETARY)
    type(second).objects.filter(pk=second.pk).update(same_as=bureau.users["secretary"])
    second.refresh_from_db()

    for by in (bureau.secretary, actor(second)):
        with pytest.raises(Forbidden, match="不能选用自己的"):
            choose(copy, by)
    browser = signed_in(bureau.secretary)
    listed = text_of(browser.get(reverse("showcase-choose", args=[bureau.campaign.pk])))
    assert "这是您自己的" in listed
    assert browser.get(reverse("showcase-show", args=[copy.pk])).status_code == 403
    assert choose(copy, bureau.office)


def test_nobody_has_his_own_chosen_by_who_stands_in_for_him(bureau):
    copy = agreed(handed(bureau.campaign, bureau.secretary), bureau.secretary)
    delegate = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["colleague"])

    with pytest.raises(Forbidden, match="委托您的人"):
        choose(copy, delegate)
    assert not Showing.objects.exists()


def test_it_is_shown_from_day_to_day_and_its_author_is_told(bureau, copy):
    row = choose(copy, bureau.office, since=ON + timedelta(days=1), until=ON + timedelta(days=2))
    user = bureau.users["colleague"]

    days = [seen_by(actor(user, on=ON + timedelta(days=n))) for n in range(4)]
    assert days == [[], [row], [row], []]
    assert [one.recipient.name for one in Notice.objects.all()] == ["马超"]
    with pytest.raises(Refused, match="已经选用"):
        choose(copy, bureau.secretary)
    showcases.take_down(row, by=bureau.secretary, at=AT)
    with pytest.raises(Refused, match="已经不在展示"):
        showcases.take_down(row, by=bureau.office, at=AT)
    assert choose(copy, bureau.secretary).pk != row.pk


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [(5, 4, "不能早于"), (-9, -1, "已经过了"), (0, 400, "一次最多展示")],
)
def test_days_that_are_no_period_are_refused(bureau, copy, since, until, words):
    day = timedelta(days=1)
    with pytest.raises(Refused, match=words):
        choose(copy, bureau.office, since=ON + since * day, until=ON + until * day)


def test_what_was_agreed_and_chosen_is_written_once(bureau, copy):
    row = choose(copy, bureau.office)
    showcases.take_down(row, by=bureau.office, at=AT)
    showcases.withdraw(copy.reflection, by=bureau.member, at=AT)

    for change in (
        lambda: Consent.objects.update(text="改"),
        lambda: Consent.objects.update(is_signed=True),
        lambda: Showing.objects.update(until=ON + timedelta(days=99)),
        lambda: ConsentEnd.objects.all().delete(),
        lambda: Showing.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match=r"展示|撤回"), transaction.atomic():
            change()


def test_nothing_of_it_can_be_liked_counted_or_ranked():
    """No column and no table for it (domain B7, §7.3)."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        names = [name for name in names if name.startswith("campaigns_")]
        columns = {
            column.name
            for table in names
            if any(word in table for word in ("reflection", "consent", "show", "pledge"))
            for column in connection.introspection.get_table_description(cursor, table)
        }

    assert "is_signed" in columns
    assert [
        name
        for name in {*columns, *names}
        for word in ("like", "view", "score", "rank", "point", "praise", "star", "hits")
        if word in name and not name.startswith("campaigns_keptt")
    ] == []


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same(bureau, signed_in, django_assert_num_queries, count):
    for n in range(count):
        by = actor(person(f"同志{n}", bureau.branch))
        choose(agreed(handed(bureau.campaign, by), by, is_signed=True), bureau.office)
    browser = signed_in(bureau.office)
    for page, queries in (("showcase", 7), ("showcase-choose", 8)):
        url = reverse(page, args=[bureau.campaign.pk])
        browser.get(url)
        with django_assert_num_queries(queries):
            browser.get(url)
