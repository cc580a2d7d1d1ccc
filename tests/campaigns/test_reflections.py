"""Reflections (心得体会): the author's alone while he writes, read by whom he chose, no score."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from campaigns.actions import reflections
from campaigns.models import (
    Audience,
    Campaign,
    KeptText,
    Reflection,
    ReflectionReader,
    TextKey,
    reflection_roll,
)
from reform.errors import Forbidden, Refused, Stale
from reform.models import Duty, Notice, Organization, Role, TrailEntry
from tests.campaigns.test_examination_pages import initial, text_of
from tests.factories import AT, ON, actor, person
from tests.rectification.promises import TEXT, TITLE, begun, handed, key_of
from tests.rectification.test_delegated import lend

SAID = "两周后企业又打来一次"
OTHERS = ("colleague", "liaison", "secretary", "office", "inspector", "leader", "system")
ROADS = ("reflection", "reflection-write", "reflection-save", "reflection-submit",
         "reflection-delete", "reflection-show", "reflection-hide")  # fmt: skip


@pytest.fixture
def writing(bureau):
    return begun(bureau.campaign, bureau.member)


def readers_of(bureau, row):
    names = [name for name in (*OTHERS, "neighbour", "stranger") if name != "member"]
    return [
        name
        for name in names
        if Reflection.objects.readable_by(getattr(bureau, name)).filter(pk=row.pk).exists()
    ]


def submit(row, by, **facts):
    promise = key_of(row.author, row.organization)
    known = {"version": row.version, "audience": Audience.SECRETARY, "promise": promise}
    return reflections.submit(row, **(known | facts), by=by, at=AT)


# ---------------------------------------------------------------- a draft is its author's alone


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_but_its_author_comes_to_a_draft_by_any_road(bureau, writing, signed_in, who):
    browser = signed_in(getattr(bureau, who))
    data = {"version": writing.version, "title": "改", "text": "改", "audience": "branch"}
    met = {
        (road, verb): getattr(browser, verb)(reverse(road, args=[writing.pk]), data).status_code
        for road in ROADS
        for verb in ("get", "post")
    }
    here = [bureau.campaign.pk]
    pages = ("reflections", "reflection-status", "showcase", "showcase-choose", "campaign")
    places = ["/", "/examinations/", "/inbox/", "/jobs/", "/problems/?q=企业", "/trail/"]
    places += [reverse(page, args=here) for page in pages]
    shown = "".join(text_of(browser.get(url)) for url in places)

    assert set(met.values()) <= {404, 405}
    assert SAID not in shown
    assert TITLE not in shown
    assert Reflection.objects.visible_to(getattr(bureau, who)).count() == 0
    writing.refresh_from_db()
    assert (writing.text, writing.status) == (TEXT, "draft")
    assert not KeptText.objects.exists()
    assert not TextKey.objects.exists()
    assert not Notice.objects.exists()
    assert SAID not in "".join(
        f"{entry.sentence}{entry.quote}{entry.detail}" for entry in TrailEntry.objects.all()
    )


def test_whoever_stands_in_for_the_author_does_not_come_to_his_draft(bureau):
    row = begun(bureau.campaign, bureau.secretary)
    delegate = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["colleague"])

    assert not Reflection.objects.visible_to(delegate).filter(pk=row.pk).exists()
    with pytest.raises(Forbidden):
        reflections.save(row, title="", text="改", version=row.version, by=delegate, at=AT)


def test_who_stands_in_for_somebody_of_the_branch_is_no_comrade_of_it(bureau):
    row = handed(bureau.campaign, bureau.member, audience=Audience.BRANCH)
    elsewhere = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])

    seen = Reflection.objects.readable_by
    assert seen(bureau.colleague).filter(pk=row.pk).exists()
    assert not seen(elsewhere).filter(pk=row.pk).exists()


def test_who_has_a_draft_finds_it_and_after_submitting_may_write_another(bureau, writing):
    again = reflections.begin(bureau.campaign, by=bureau.member, at=AT)
    submit(writing, bureau.member)
    other = reflections.begin(bureau.campaign, by=bureau.member, at=AT)

    assert again == writing
    assert other != writing
    with pytest.raises(DatabaseError, match=r"reflection_one_draft|UNIQUE"), transaction.atomic():
        Reflection.objects.create(
            campaign=bureau.campaign,
            author=bureau.users["member"],
            organization=bureau.branch,
            begun_at=AT,
            saved_at=AT,
        )


def test_a_stale_page_loses_neither_text(bureau, writing, signed_in):
    browser, url = signed_in(bureau.member), reverse("reflection-write", args=[writing.pk])
    first = {"version": writing.version, "title": TITLE, "text": "先保存的一份。"}
    browser.post(url, first)
    answer = browser.post(url, first | {"text": "后保存的一份。"})
    by_itself = browser.post(reverse("reflection-save", args=[writing.pk]), first | {"text": "丙"})

    assert answer.status_code == 409
    assert "先保存的一份。" in text_of(answer)
    assert "后保存的一份。" in text_of(answer)
    assert by_itself.status_code == 409
    assert by_itself.json()["there"] == {"title": TITLE, "text": "先保存的一份。"}
    with pytest.raises(Stale):
        submit(writing, bureau.member)


# ---------------------------------------------------------------- submitted it is done


def test_who_reads_it_is_whom_the_author_chose_and_stays_so(bureau):
    chosen = {
        audience: handed(bureau.campaign, bureau.member, audience=audience)
        for audience in Audience.values
    }
    assert {audience: readers_of(bureau, row) for audience, row in chosen.items()} == {
        "secretary": ["secretary"],
        "branch": ["colleague", "liaison", "secretary"],
        "nobody": [],
    }

    Duty.objects.filter(user=bureau.users["secretary"], role=Role.SECRETARY).delete()
    successor = actor(person("接任书记", bureau.branch, Role.SECRETARY))
    row = chosen["secretary"]
    assert not Reflection.objects.readable_by(successor).filter(pk=row.pk).exists()
    former = actor(bureau.users["secretary"])
    assert not Reflection.objects.readable_by(former).filter(pk=row.pk).exists()
    assert [str(one) for one in row.readers.all()] == ["郑洁（第一党支部书记）"]


def test_a_page_says_who_will_read_it_and_sends_that_promise_back(bureau, writing, signed_in):
    browser, url = signed_in(bureau.member), reverse("reflection-submit", args=[writing.pk])
    opened = browser.get(url)
    Duty.objects.filter(user=bureau.users["secretary"], role=Role.SECRETARY).delete()
    refused = browser.post(url, initial(opened))
    sent = browser.post(url, initial(refused))

    assert "郑洁</strong>（第一党支部书记" in text_of(opened)
    assert "阅看人刚刚有变化" in text_of(refused)
    assert TEXT in text_of(refused)
    assert sent.status_code == 302
    assert Reflection.objects.get().status == "submitted"


def test_what_was_submitted_never_changes(bureau, writing):
    row = submit(writing, bureau.member)

    for change in (
        lambda: Reflection.objects.filter(pk=row.pk).update(text="改"),
        lambda: Reflection.objects.filter(pk=row.pk).update(audience="branch"),
        lambda: Reflection.objects.filter(pk=row.pk)._raw_delete("default"),  # noqa: SLF001
        lambda: ReflectionReader.objects.update(words="改"),
        lambda: ReflectionReader.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="心得体会"), transaction.atomic():
            change()
    with pytest.raises(Refused, match="已提交，不能再改"):
        reflections.save(row, title="", text="改", version=row.version, by=bureau.member, at=AT)
    with pytest.raises(Refused, match="不能删除"):
        reflections.delete(row, by=bureau.member, at=AT)
    with pytest.raises(Refused, match="不需要再次提交"):
        submit(row, bureau.member)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"title": "", "text": "有正文"}, "还没有题目；"),
        ({"text": ""}, "还没有正文"),
        ({"text": "长" * 20_001}, "正文最多20000字"),
        ({"title": "", "text": ""}, "还没有题目；还没有正文"),
    ],
)
def test_what_is_missing_is_said_and_the_text_is_kept(bureau, texts, words):
    row = begun(bureau.campaign, bureau.member, **texts)

    with pytest.raises(Refused, match=words.rstrip("；")):
        submit(row, bureau.member)
    assert Reflection.objects.get().is_draft
    with pytest.raises(DatabaseError), transaction.atomic():
        Reflection.objects.update(submitted_at=AT)


def test_a_campaign_that_is_over_takes_none_but_keeps_the_draft(bureau, writing):
    Campaign.objects.update(status="closed")
    writing.campaign.refresh_from_db()

    with pytest.raises(Refused, match="已结束，不能再写或提交"):
        submit(writing, bureau.member)
    kept = reflections.save(
        writing, title=TITLE, text="补记", version=writing.version, by=bureau.member, at=AT
    )
    assert kept.text == "补记"
    with pytest.raises(Refused, match="已结束"):
        reflections.begin(writing.campaign, by=bureau.colleague, at=AT)
    with pytest.raises(Forbidden):
        reflections.begin(writing.campaign, by=bureau.system, at=AT)


def test_the_author_is_told_of_a_text_like_his_and_of_nobodys_name(bureau, signed_in):
    long = TEXT + "当时我只觉得已经转过去了，没有想到企业还在等回音，这正是慢和虚的表现。"
    handed(bureau.campaign, bureau.colleague, text=long)
    row = begun(bureau.campaign, bureau.member, text=long)
    shown = text_of(signed_in(bureau.member).get(reverse("reflection-submit", args=[row.pk])))

    assert "与本次活动中另一份已提交的材料相同" in shown
    assert "林芳" not in shown.partition("给谁看")[0]
    assert submit(row, bureau.member).status == "submitted"


# ---------------------------------------------------------------- who has submitted


def test_a_secretary_sees_who_has_submitted_and_a_draft_is_nothing(bureau, writing, signed_in):
    handed(bureau.campaign, bureau.colleague, audience=Audience.NOBODY)
    shown = text_of(
        signed_in(bureau.secretary).get(reverse("reflection-status", args=[bureau.campaign.pk]))
    )
    line = reflection_roll.lines(bureau.campaign, [bureau.branch], on=ON)[0]

    assert (line.submitted, line.missing) == (["林芳"], ["周敏", "郑洁", "马超"])
    assert "林芳" in shown
    assert SAID not in shown
    assert "第二党支部" not in shown


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same(bureau, signed_in, django_assert_num_queries, count):
    for n in range(count):
        place = Organization.objects.get(pk=bureau.branch.pk)
        by = actor(person(f"同志{n}", place))
        handed(bureau.campaign, by, audience=Audience.BRANCH)
    browser = signed_in(bureau.secretary)
    for page, queries in (("reflections", 8), ("reflection-status", 10)):
        url = reverse(page, args=[bureau.campaign.pk])
        browser.get(url)
        with django_assert_num_queries(queries):
            browser.get(url)
