"""Portraits (画像比对): four sources, merged by the secretary; who spoke is told to nobody."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from campaigns import policy
from campaigns.actions import (
    examination_reviews,
    opinions,
    portrait_filings,
    portrait_items,
    portraits,
)
from campaigns.models import (
    Finding,
    Opinion,
    Portrait,
    PortraitItem,
    PortraitReceipt,
    PortraitSession,
    Verdict,
)
from rectification.models import Problem
from reform.actions import delegations
from reform.errors import Forbidden, Refused, Stale
from reform.models import Duty, Notice, Role, TrailEntry, User
from tests.campaigns.portrait_rows import asked_back, begun, filed, merged, of, read, said, shown
from tests.campaigns.sheets import sent
from tests.factories import AT, ON, UserFactory, actor, person
from tests.worlds import unguarded

pytestmark = pytest.mark.dealt

MARK = "登记簿第七页空着"
WHO = ("member", "colleague", "liaison", "office", "top_office", "leader", "inspector", "neighbour")


def session_of(bureau, **when):
    return begun(bureau.campaign, bureau.branch, bureau.secretary, **when)


def about(session, bureau, who="member"):
    return of(session, bureau.users[who])


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def ready(bureau, who="member", text="到会不够准时。"):
    """Return a portrait that the person may read: a colleague spoke, the secretary merged."""
    session = PortraitSession.objects.filter(status="open").first() or session_of(bureau)
    row = about(session, bureau, who)
    speaker = bureau.liaison if who == "colleague" else bureau.colleague
    said(row, speaker, f"{MARK}，值班时没有填写。")
    merged(row, bureau.secretary, text)
    if session.is_open:
        portraits.close(session, by=bureau.secretary, at=AT)
    return shown(row, bureau.secretary)


def refused(act, *args, **facts):
    with pytest.raises(Refused) as told, transaction.atomic():
        act(*args, **facts, at=AT)
    return str(told.value)


# ---------------------------------------------------------------- the road


def test_from_what_was_said_to_the_receipt(bureau):
    session = session_of(bureau)
    row = about(session, bureau)
    said(row, bureau.colleague, "例会迟到两次。")
    said(row, bureau.liaison, "开会来得晚。")
    said(row, bureau.secretary, "说话急。")
    key = row.opinions.get(text="说话急。").pk
    opinions.refuse(row, opinions=[key], why="属性格，不是问题。", by=bureau.secretary, at=AT)
    item = merged(row, bureau.secretary, "参加会议不够准时。")
    portraits.close(session, by=bureau.secretary, at=AT)
    shown(row, bureau.secretary)
    read(row, bureau.member, "接受。")
    (receipt,) = filed(session, row, by=bureau.secretary)
    row = fresh(row)
    assert (row.status, row.own_words, row.read_on) == ("filed", "接受。", ON)
    assert (receipt.on, receipt.receiver_name, receipt.items) == (ON, "高远", 1)
    assert fresh(item).source == "peer_raised"
    # Each sentence keeps what it came from; who spoke is wiped.
    assert sorted(item.opinions.values_list("text", "speaker")) == [
        ("例会迟到两次。", None),
        ("开会来得晚。", None),
    ]
    assert set(Opinion.objects.values_list("speaker", flat=True)) == {None}
    assert [one.act for one in TrailEntry.objects.of(session)] == [
        "portrait.opened",
        *["portrait.opinion_given"] * 3,
        "portrait.opinion_refused",
        "portrait.opinions_closed",
    ]
    assert [one.act for one in TrailEntry.objects.of(row)] == [
        "portrait.merged",
        "portrait.shown",
        "portrait.read",
        "portrait.filed",
    ]


def test_everybody_who_belongs_there_is_in_it_and_told(bureau):
    session = session_of(bureau)
    names = ["郑洁", "周敏", "林芳", "马超"]
    assert sorted(session.portraits.values_list("name", flat=True)) == sorted(names)
    told = Notice.objects.filter(key=f"portraits:{session.pk}:opened")
    assert {one.recipient.name for one in told} == {"马超", "林芳", "周敏"}  # not who began it


def test_a_session_that_cannot_be_is_refused_in_words(bureau):
    by, campaign, branch = bureau.secretary, bureau.campaign, bureau.branch
    facts = {"organization": branch, "on": ON, "by": by}
    late = facts | {"on": ON + timedelta(days=1)}
    assert "至今天之间" in refused(portraits.begin, campaign, **late)
    alone = facts | {"organization": bureau.sibling, "by": bureau.neighbour}
    assert "不足2人" in refused(portraits.begin, campaign, **alone)
    assert "没有" in refused(portraits.begin, campaign, **facts | {"by": bureau.office})
    portraits.begin(campaign, **facts, at=AT)
    assert "正在征求意见" in refused(portraits.begin, campaign, **facts)
    campaign.status = "closed"
    campaign.save()
    assert "不能再开始" in refused(portraits.begin, campaign, **facts)


# ---------------------------------------------------------------- who says what of whom


def test_what_may_not_be_said_is_refused_in_words(bureau):
    session = session_of(bureau)
    row, by = about(session, bureau), bureau.colleague
    own = about(session, bureau, "colleague")
    give = opinions.give
    assert "不写自己的问题" in refused(give, own, text="不足。", by=by)
    assert "只有“第一党支部”" in refused(give, row, text="迟到。", by=bureau.neighbour)
    assert "只有“第一党支部”" in refused(give, row, text="迟到。", by=bureau.leader)
    said(row, by, "例会迟到。")
    assert "已经写过" in refused(give, row, text="例会，迟到", by=by)
    Duty.objects.filter(user=bureau.users["member"]).update(until=ON - timedelta(days=1))
    assert "现在不在" in refused(give, row, text="另一条。", by=by)
    portraits.close(session, by=bureau.secretary, at=AT)
    assert "已经截止" in refused(give, about(session, bureau, "liaison"), text="迟到。", by=by)
    key = Opinion.objects.get().pk
    assert "已经截止" in refused(opinions.withdraw, session, opinion=key, by=by)


def test_who_has_moved_home_speaks_here_no_more(bureau):
    session = session_of(bureau)
    user = bureau.users["colleague"]
    Duty.objects.create(
        user=user, organization=bureau.sibling, role=Role.MEMBER, since=ON, home=True
    )
    assert policy.may_speak(bureau.colleague, session)
    assert not policy.may_speak(actor(user), session)
    assert not PortraitSession.objects.visible_to(actor(user)).exists()


def test_one_takes_back_ones_own_until_it_is_dealt_with(bureau):
    session = session_of(bureau)
    row = about(session, bureau)
    one = said(row, bureau.colleague)
    words = refused(opinions.withdraw, session, opinion=one.pk, by=bureau.liaison)
    assert "不是您提的" in words
    opinions.withdraw(session, opinion=one.pk, by=bureau.colleague, at=AT)
    two = said(row, bureau.colleague)
    merged(row, bureau.secretary)
    words = refused(opinions.withdraw, session, opinion=two.pk, by=bureau.colleague)
    assert "已经处理" in words
    assert list(Opinion.objects.all()) == [two]


def test_the_secretary_asks_back_without_learning_whom(bureau):
    session = session_of(bureau)
    row = about(session, bureau)
    one = said(row, bureau.colleague)
    asked_back(row, bureau.secretary)
    (letter,) = Notice.objects.filter(subject__contains="请您补充")
    assert letter.recipient == bureau.users["colleague"]
    # Neither the key nor the words of the notice outlive who spoke by naming the opinion.
    told = letter.key + letter.subject + letter.url
    assert str(one.pk) not in told
    assert "马超" not in told
    again = {"opinions": [one.pk], "question": "何时？", "by": bureau.secretary}
    assert "补充过一次" in refused(opinions.ask, row, **again)
    opinions.answer(session, opinion=one.pk, text="四月两次。", by=bureau.colleague, at=AT)
    words = {"opinion": one.pk, "text": "再补。", "by": bureau.colleague}
    assert "已经补充过" in refused(opinions.answer, session, **words)
    assert (fresh(one).text, fresh(one).answer) == ("例会迟到。", "四月两次。")


# ---------------------------------------------------------------- who merges whose


@pytest.mark.parametrize("who", WHO)
def test_only_the_secretary_merges(bureau, who):
    row = about(session_of(bureau), bureau)
    by = getattr(bureau, who)
    said(row, bureau.colleague)
    keys = [one.pk for one in row.opinions.all()]
    facts = {"opinions": keys, "text": "合并。", "by": by}
    with pytest.raises(Forbidden):
        portrait_items.merge(row, **facts, at=AT)
    assert not PortraitItem.objects.exists()
    assert not Portrait.objects.merged_by(by).filter(pk=row.pk).exists()


def test_the_secretarys_own_is_merged_by_the_one_above(bureau):
    session = session_of(bureau)
    row = about(session, bureau, "secretary")
    said(row, bureau.colleague)
    assert not policy.may_merge(bureau.secretary, row)
    assert policy.may_merge(bureau.leader, row)
    second = actor(person("副书记", bureau.branch, Role.SECRETARY))
    assert policy.may_merge(second, about(session, bureau))
    assert not policy.may_merge(second, row)  # a second secretary of the same place does not
    merged(row, bureau.leader)
    assert PortraitSession.objects.visible_to(bureau.leader).get() == session
    assert not row.opinions.by(bureau.leader).exists()


def test_nobody_comes_to_his_own_by_another_account_or_in_anothers_place(bureau):
    session = session_of(bureau)
    twin = UserFactory(name="马超")
    User.objects.filter(pk=twin.pk).update(same_as=bureau.users["member"])
    twin.refresh_from_db()
    Duty.objects.create(user=twin, organization=bureau.branch, role=Role.SECRETARY, since=ON)
    assert not policy.may_merge(actor(twin), about(session, bureau))
    given = delegations.give(
        Duty.objects.get(user=bureau.users["secretary"], role=Role.SECRETARY),
        delegate=bureau.users["colleague"],
        since=ON,
        until=ON,
        reason="出差",
        by=bureau.secretary,
        at=AT,
    )
    stands_in = actor(given.delegate)
    may = {row.name for row in session.portraits.all() if policy.may_merge(stands_in, row)}
    assert may == {"马超", "周敏"}  # neither his own nor that of whose place he holds


def test_a_new_secretary_is_seated_above_for_his_own(bureau):
    session = session_of(bureau)
    row = about(session, bureau, "colleague")
    Duty.objects.create(
        user=bureau.users["colleague"],
        organization=bureau.branch,
        role=Role.SECRETARY,
        since=ON,
    )
    assert portraits.seat_anew(session, by=bureau.secretary, at=AT) == 1
    assert policy.may_merge(bureau.leader, fresh(row))
    assert not policy.may_merge(actor(bureau.users["colleague"]), fresh(row))


def test_of_two_secretaries_at_once_the_second_is_told(bureau):
    session = session_of(bureau)
    row, other = about(session, bureau), actor(person("副书记", bureau.branch, Role.SECRETARY))
    said(row, bureau.colleague)
    keys = [one.pk for one in row.opinions.all()]
    seen = fresh(row).version
    item = portrait_items.merge(row, opinions=keys, text="甲。", by=bureau.secretary, at=AT)
    facts = {"opinions": keys, "text": "乙。", "by": other}
    assert "另一位书记" in refused(portrait_items.merge, row, **facts)
    portrait_items.reword(item, text="甲，改。", version=1, by=bureau.secretary, at=AT)
    with pytest.raises(Stale) as stale:
        portrait_items.reword(item, text="乙，改。", version=1, by=other, at=AT)
    assert stale.value.now == {"text": "甲，改。"}
    portraits.close(session, by=bureau.secretary, at=AT)
    assert "又改过" in refused(portraits.show, row, version=seen, by=other)
    portrait_items.take_apart(fresh(item), by=other, at=AT)
    assert row.opinions.waiting().count() == 1
    gone = {"text": "丙", "version": 2, "by": bureau.secretary}
    assert "已被拆开" in refused(portrait_items.reword, item, **gone)


def test_nothing_is_shown_before_everything_is_dealt_with(bureau):
    session = session_of(bureau)
    row = about(session, bureau)

    def why():
        now = fresh(row)
        return refused(portraits.show, now, version=now.version, by=bureau.secretary)

    assert "还在征求意见" in why()
    said(row, bureau.colleague)
    portraits.close(session, by=bureau.secretary, at=AT)
    assert "还有1条意见没有处理" in why()
    key = row.opinions.get().pk
    opinions.refuse(row, opinions=[key], why="不属实。", by=bureau.secretary, at=AT)
    assert "还没有合并成的意见" in why()
    own = {"source": "self_found", "text": "自己的。", "by": bureau.secretary}
    assert "自查剖析带入" in refused(opinions.note, row, **own)


# ---------------------------------------------------------------- what he found himself


def test_what_he_found_himself_comes_from_what_the_secretary_has_opened(bureau):
    sheet = sent(bureau.campaign, bureau.member, "懒")
    row = about(session_of(bureau), bureau)
    accept = Verdict.Decision.ACCEPTED
    facts = {"number": 1, "decision": accept, "comment": "", "at": AT}
    examination_reviews.decide(sheet, **facts, by=bureau.secretary)
    one = Finding.objects.get()
    assert list(portrait_items.found_by_himself(row, bureau.secretary)) == [one]
    later = actor(person("后任", bureau.branch, Role.SECRETARY))
    assert list(portrait_items.found_by_himself(row, later)) == []
    assert portrait_items.unopened(row, later)
    unseen = {"findings": [one.pk], "text": "转办不跟踪。", "by": later}
    assert "已经处理过" in refused(portrait_items.merge, row, **unseen)
    item = portrait_items.merge(row, **unseen | {"by": bureau.secretary}, at=AT)
    assert list(item.findings.all()) == [one]


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("sources", "among", "source"),
    [
        ({"peer_raised"}, 3, "peer_raised"),
        ({"peer_raised"}, 2, "collective_discussed"),  # of two it would be known who
        ({"superior_pointed"}, 1, "superior_pointed"),
        ({"peer_raised", "self_found"}, 9, "collective_discussed"),
        ({"self_found"}, 1, "self_found"),
    ],
)
def test_the_subject_reads_one_source_that_names_nobody(sources, among, source):
    assert portrait_items.said_source(sources, among=among) == source


# ---------------------------------------------------------------- nobody learns who spoke

NOISE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|csrf[^>]*>|X-CSRFToken[^}]*}|K?[2-9A-Z]{4}-[2-9A-Z]{4}"
)


def routes(keys):
    """Every address of the site that GET may be tried at, with each of the keys."""
    for name, found in get_resolver().reverse_dict.lists():
        if not isinstance(name, str) or name == "logout":
            continue
        count = len(found[0][0][0][1])
        for key in keys if count else [0]:
            yield reverse(name, args=[key] * count)


def walked(client, addresses):
    """Return {address: what it shows} of the addresses that show something."""
    pages = {}
    for address in addresses:
        response = client.get(address)
        body = response.getvalue() if response.streaming else response.content
        if response.status_code == 200:
            pages[address] = NOISE.sub("", body.decode("utf-8", "replace"))
    return pages


def test_no_route_reveals_a_speaker_to_the_subject(bureau, signed_in):
    """All that the subject can look at is the same, whoever spoke: names, order, moments, numbers.
    And no word of what was said is in it."""
    row = ready(bureau)
    one = row.opinions.get()
    item = row.items.get()
    said_of_another = about(row.session, bureau, "liaison")
    client = signed_in(bureau.users["member"])
    keys = {row.pk, row.session.pk, item.pk, said_of_another.pk, bureau.campaign.pk}
    with time_machine.travel(AT, tick=False):
        was = walked(client, routes(sorted(keys)))
        with unguarded(["campaigns_opinion"]):
            Opinion.objects.filter(pk=one.pk).update(speaker=bureau.users["liaison"])
        now = walked(client, was)
    assert row.get_absolute_url() in was
    assert [at for at, page in was.items() if MARK in page] == []
    assert [at for at in was if was[at] != now[at]] == []


@pytest.mark.parametrize("who", ["member", "office", "leader", "inspector", "neighbour", "system"])
def test_opinions_are_shown_to_nobody_but_who_merges_and_who_spoke(bureau, signed_in, who):
    row = ready(bureau)
    session = row.session
    client = signed_in(bureau.users[who])
    addresses = [
        reverse("portraits"),
        session.get_absolute_url(),
        row.get_absolute_url(),
        reverse("portrait-merge", args=[row.pk]),
        reverse("portrait-item", args=[row.items.get().pk]),
        reverse("portraits-lists", args=[session.pk]),
        reverse("inbox"),
    ]
    pages = walked(client, addresses)
    assert [at for at, page in pages.items() if MARK in page] == []


def test_the_secretary_reads_what_was_said_and_not_by_whom(bureau, signed_in):
    session = session_of(bureau)
    row = about(session, bureau)
    said(row, bureau.colleague, f"{MARK}。")
    address = reverse("portrait-merge", args=[row.pk])
    was = walked(signed_in(bureau.users["secretary"]), [address, session.get_absolute_url()])
    with unguarded(["campaigns_opinion"]):
        Opinion.objects.update(speaker=bureau.users["liaison"])
    now = walked(signed_in(bureau.users["secretary"]), was)
    assert MARK in was[address]
    assert was == now
    assert "林芳" not in was[address]


def test_the_trail_says_that_somebody_spoke_and_neither_of_whom_nor_what(bureau):
    session = session_of(bureau)
    row = about(session, bureau)
    one = said(row, bureau.colleague, f"{MARK}。")
    asked_back(row, bureau.secretary, f"{MARK}？")
    opinions.answer(session, opinion=one.pk, text=f"{MARK}！", by=bureau.colleague, at=AT)
    opinions.withdraw(session, opinion=one.pk, by=bureau.colleague, at=AT)
    entries = TrailEntry.objects.filter(act__startswith="portrait.opinion_")
    assert len(entries) == 4
    for entry in entries:
        told = f"{entry.sentence}{entry.subject}{entry.quote}{entry.target}{entry.detail}"
        assert "马超" not in told
        assert MARK not in told
        assert str(one.pk) not in told
        assert entry.target == f"campaigns.portraitsession:{session.pk}"


def test_an_opinion_bears_no_moment_and_no_order():
    columns = {field.name for field in Opinion._meta.concrete_fields}  # noqa: SLF001
    assert columns == {
        *("id", "portrait", "source", "text", "speaker"),
        *("item", "refused", "question", "answer"),
    }
    assert Opinion._meta.pk.get_internal_type() == "UUIDField"  # noqa: SLF001


def test_no_address_of_a_speaker_names_whom_he_speaks_of():
    """Addresses stand in logs beside where they came from."""
    for name in ("speak", "withdraw", "answer"):
        assert reverse(f"portraits-{name}", args=[7]) == f"/portraits/sessions/7/{name}/"


# ---------------------------------------------------------------- reading, setting aside, filing


def test_only_the_person_says_that_he_has_read_it(bureau):
    row = ready(bureau)
    for who in ("secretary", "colleague"):
        with pytest.raises(Forbidden):
            read(row, getattr(bureau, who))
    facts = {"own_words": "", "mark": portrait_items.mark_of(row), "by": bureau.member}
    portraits.take_back(row, by=bureau.secretary, at=AT)
    assert "不需要确认" in refused(portraits.read, row, **facts)
    (item,) = row.items.all()
    portrait_items.reword(item, text="改写。", version=1, by=bureau.secretary, at=AT)
    shown(row, bureau.secretary)
    assert "又改过" in refused(portraits.read, row, **facts)
    read(row, bureau.member)
    assert "不能收回" in refused(portraits.take_back, row, by=bureau.secretary)


def test_who_has_no_account_is_told_face_to_face(bureau):
    user = person("老郑", bureau.branch, username=None)
    session = session_of(bureau)
    row = of(session, user)
    said(row, bureau.colleague)
    merged(row, bureau.secretary)
    about_member = about(session, bureau)
    said(about_member, bureau.colleague)
    merged(about_member, bureau.secretary)
    portraits.close(session, by=bureau.secretary, at=AT)
    for one in (row, about_member):
        shown(one, bureau.secretary)
    told = {"own_words": "同意。", "by": bureau.secretary}
    assert "由本人登录" in refused(portraits.tell, about_member, **told)
    portraits.tell(row, **told, at=AT)
    assert (fresh(row).status, fresh(row).told_by) == ("read", bureau.users["secretary"])


def test_who_has_left_is_set_aside_and_who_spoke_is_forgotten(bureau):
    session = session_of(bureau)
    row = about(session, bureau)
    said(row, bureau.colleague)
    portraits.set_aside(row, why="已调离", by=bureau.secretary, at=AT)
    assert Opinion.objects.get().speaker is None
    assert "不能再改" in refused(portraits.set_aside, row, why="又", by=bureau.secretary)
    assert "不再收意见" in refused(opinions.give, row, text="另一条。", by=bureau.liaison)


def test_what_is_not_read_or_not_his_is_not_filed(bureau):
    row = ready(bureau)
    session, facts = row.session, {"on": ON, "receiver_name": "高远", "receiver_post": "纪检组"}
    file = portrait_filings.file
    chosen = facts | {"chosen": [row.pk], "by": bureau.secretary}
    assert "本人阅看以后" in refused(file, session, **chosen)
    read(row, bureau.member)
    assert "请勾选" in refused(file, session, **chosen | {"chosen": []})
    assert "至今天之间" in refused(file, session, **chosen | {"on": ON + timedelta(days=1)})
    with pytest.raises(Forbidden):
        file(session, **chosen | {"by": bureau.leader}, at=AT)
    file(session, **chosen, at=AT)
    assert "目前为已送归档" in refused(file, session, **chosen)
    assert PortraitReceipt.objects.count() == 1


@pytest.mark.both
def test_the_database_keeps_what_is_final(bureau):
    row = ready(bureau)
    item, one = row.items.get(), row.opinions.get()
    portrait = Portrait.objects.filter(pk=row.pk)

    def refuses(work):
        with pytest.raises(IntegrityError), transaction.atomic():
            work()

    said_of = Opinion.objects.filter(pk=one.pk)
    refuses(lambda: PortraitItem.objects.filter(pk=item.pk).update(text="改。"))
    refuses(lambda: PortraitItem.objects.create(portrait=row, position=2, text="加。"))
    refuses(lambda: said_of.update(text="改。"))
    refuses(lambda: said_of.update(speaker=bureau.users["liaison"]))
    refuses(portrait.delete)
    read(row, bureau.member)
    refuses(lambda: portrait.update(status="filed"))  # as long as it is known who spoke
    (receipt,) = filed(row.session, row, by=bureau.secretary)
    refuses(lambda: portrait.update(own_words="改。"))
    refuses(lambda: said_of.update(refused="改。"))
    refuses(said_of.delete)
    refuses(lambda: PortraitReceipt.objects.filter(pk=receipt.pk).update(receiver_name="他人"))
    refuses(lambda: PortraitReceipt.objects.filter(pk=receipt.pk).delete())


# ---------------------------------------------------------------- pages


def test_a_text_too_long_is_answered_in_words_and_kept_on_the_page(bureau, signed_in):
    session = session_of(bureau)
    client = signed_in(bureau.users["colleague"])
    data = {"portrait": about(session, bureau).pk, "text": "长" * 200_000}
    url = reverse("portraits-speak", args=[session.pk])
    with time_machine.travel(AT, tick=False):
        page = client.post(url, data | {"token": uuid.uuid4()}).content.decode()
    assert "最多2000字，现在有200000字" in page
    assert "长" * 200_000 in page
    assert not Opinion.objects.exists()


def test_twice_pressed_is_once_said(bureau, signed_in):
    session = session_of(bureau)
    client = signed_in(bureau.users["colleague"])
    data = {"portrait": about(session, bureau).pk, "text": "迟到。", "token": uuid.uuid4()}
    url = reverse("portraits-speak", args=[session.pk])
    with time_machine.travel(AT, tick=False):
        assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
        other = data | {"portrait": about(session, bureau, "colleague").pk, "token": uuid.uuid4()}
        assert client.post(url, other).status_code == 200  # himself is not to be chosen
    assert Opinion.objects.count() == 1


def test_merging_on_the_page_keeps_what_was_ticked_and_typed(bureau, signed_in):
    row = about(session_of(bureau), bureau)
    said(row, bureau.colleague)
    key = str(row.opinions.get().pk)
    client = signed_in(bureau.users["secretary"])
    url = reverse("portrait-merge", args=[row.pk])
    with time_machine.travel(AT, tick=False):
        page = client.post(url, {"do": "merge", "opinions": [key], "text": ""}).content.decode()
        assert "请用您自己的话写明" in page
        assert re.search(rf'value="{key}"\s+checked', page)
        echo = {"do": "merge", "opinions": [key], "text": "他例会迟到。"}
        page = client.post(url, echo | {"token": uuid.uuid4()}, follow=True).content.decode()
    assert "本人可能认出是谁说的" in page


def test_others_are_told_figures_from_three_upwards(bureau, signed_in):
    row = ready(bureau)
    with time_machine.travel(AT, tick=False):
        page = signed_in(bureau.users["office"]).get(reverse("portraits")).content.decode()
    assert "第一党支部" in page
    assert "少于3" in page  # filed; four people belong there
    assert row.session.get_absolute_url() not in page


def test_the_inspector_reads_receipts_and_nothing_else(bureau, signed_in):
    row = ready(bureau)
    read(row, bureau.member)
    filed(row.session, row, by=bureau.secretary)
    with time_machine.travel(AT, tick=False):
        client = signed_in(bureau.users["inspector"])
        page = client.get(reverse("portrait-receipts")).content.decode()
        assert client.get(row.get_absolute_url()).status_code == 404
    assert "机关纪委副书记" in page
    assert row.items.get().text not in page


def test_it_is_taken_onto_ones_own_list_by_oneself(bureau, signed_in):
    row = ready(bureau)
    url = reverse("problem-from-portrait", args=[row.items.get().pk])
    with time_machine.travel(AT, tick=False):
        assert signed_in(bureau.users["secretary"]).get(url).status_code == 404
        client = signed_in(bureau.users["member"])
        form = client.get(url).context["form"]
        data = {name: form[name].value() for name in form.fields if form[name].value()}
        data |= {"persons": "马超", "found_on": ON.isoformat()}
        client.post(url, data)
    problem = Problem.objects.get()
    assert (problem.description, problem.owner_kind, problem.status, problem.source.name) == (
        row.items.get().text,
        "personal",
        "draft",
        "互相提",
    )
    readers = {
        who
        for who in (*WHO, "secretary")
        if Problem.objects.visible_to(getattr(bureau, who)).exists()
    }
    assert readers == {"member", "secretary"}


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize(
    ("page", "who", "queries"),
    [("portraits", "secretary", 10), ("portrait-receipts", "inspector", 6)],
)
def test_a_list_costs_the_same_at_one_row_and_at_three(bureau, signed_in, many, page, who, queries):
    for place in range(many):
        session = session_of(bureau, on=ON - timedelta(days=place))
        row = about(session, bureau)
        said(row, bureau.colleague)
        merged(row, bureau.secretary)
        portraits.close(session, by=bureau.secretary, at=AT)
        shown(row, bureau.secretary)
        read(row, bureau.member)
        filed(session, row, by=bureau.secretary)
    with time_machine.travel(AT, tick=False):
        client = signed_in(bureau.users[who])
        client.get(reverse(page))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            response = client.get(reverse(page))
    assert len(response.context["page_obj"].object_list) == many
    assert len(asked) == queries


@pytest.mark.parametrize("many", [1, 3])
def test_a_session_costs_the_same_at_one_opinion_and_at_three(bureau, signed_in, many):
    session = session_of(bureau)
    for place in range(many):
        said(about(session, bureau), bureau.secretary, f"第{place}条。")
    with time_machine.travel(AT, tick=False):
        client = signed_in(bureau.users["secretary"])
        client.get(session.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            client.get(session.get_absolute_url())
    assert len(asked) == 10
