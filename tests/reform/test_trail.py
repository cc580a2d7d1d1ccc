"""The trail: who did what to which row, for whom, when, from where, in which words."""

import pytest
from django.db import DatabaseError, models, transaction

from reform.actions import trail
from reform.models import Organization, Suggestion, TrailEntry, User
from reform.models.trail import target_of
from tests.factories import AT, OrganizationFactory, actor, person


class Act(models.TextChoices):
    DONE = "test.done", "办理"


@pytest.fixture
def branch():
    return OrganizationFactory(name="第一党支部")


@pytest.fixture
def by(branch):
    return actor(person("周敏", branch))


def test_an_entry_says_who_what_which_when_and_from_where(branch, by):
    entry = trail.record(Act.DONE, branch, by=by, at=AT, say="改了名称", was="旧", becomes="新")

    entry.refresh_from_db()
    assert (entry.act, entry.sentence) == ("test.done", "办理：改了名称")
    assert entry.target == f"reform.organization:{branch.pk}"
    assert (entry.by, entry.by_name, entry.behalf_name) == (by.user, "周敏", "")
    assert (entry.at, entry.address) == (AT, "127.0.0.1")
    assert entry.detail == {"was": "旧", "becomes": "新"}
    assert str(entry) == "办理：改了名称"


def test_without_words_the_row_itself_is_named(branch, by):
    assert trail.record(Act.DONE, branch, by=by, at=AT).sentence == "办理：第一党支部"


@pytest.mark.parametrize(
    ("behalf", "kept"), [("", ""), ("马超", "马超"), ("周敏", ""), ("长" * 60, "长" * 40)]
)
def test_for_whom_it_was_entered_is_kept_unless_it_was_for_oneself(branch, by, behalf, kept):
    assert trail.record(Act.DONE, branch, by=by, at=AT, behalf=behalf).behalf_name == kept


def test_a_long_sentence_is_cut_and_a_strange_one_kept(branch, by):
    long = trail.record(Act.DONE, branch, by=by, at=AT, say="长" * 500)
    odd = trail.record(Act.DONE, branch, by=by, at=AT, say="<b>𠮷&'\"")

    assert len(long.sentence) == 400
    assert odd.sentence == "办理：<b>𠮷&'\""


def test_many_entries_are_made_at_once_each_in_its_own_words(by, django_assert_num_queries):
    rows = [OrganizationFactory() for _ in range(20)]
    words = [f"第{place}个" for place in range(20)]

    with django_assert_num_queries(1):
        trail.record_many(Act.DONE, rows, by=by, at=AT, say=words, batch=7)

    assert [entry.sentence for entry in TrailEntry.objects.order_by("pk")] == [
        f"办理：{word}" for word in words
    ]
    assert {entry.detail["batch"] for entry in TrailEntry.objects.all()} == {7}


def test_many_entries_need_words_for_each(by):
    with pytest.raises(ValueError, match="shorter"):
        trail.record_many(Act.DONE, [OrganizationFactory()] * 2, by=by, at=AT, say=["一"])


def test_the_trail_of_a_row_is_its_own_in_order(branch, by):
    other = OrganizationFactory()
    # Another table has a row of the same number.
    suggestion = Suggestion.objects.create(pk=branch.pk, text="好", by=by.user, at=AT)
    for target, say in ((branch, "一"), (other, "别"), (suggestion, "别"), (branch, "二")):
        trail.record(Act.DONE, target, by=by, at=AT, say=say)

    assert [entry.sentence for entry in TrailEntry.objects.of(branch)] == ["办理：一", "办理：二"]


def test_the_trail_outlives_its_row_and_a_name_that_changed(branch, by):
    below = OrganizationFactory(parent=branch)
    trail.record(Act.DONE, below, by=by, at=AT)
    target = target_of(below)
    below.delete()
    by.user.name = "改了名"
    by.user.save()

    entry = TrailEntry.objects.get(target=target)
    assert entry.by_name == "周敏"
    assert not Organization.objects.filter(pk=below.pk).exists()


def test_it_is_written_with_the_act_or_not_at_all(branch, by):
    @transaction.atomic
    def an_act_that_breaks():
        trail.record(Act.DONE, branch, by=by, at=AT)
        raise ValueError("坏了")

    with pytest.raises(ValueError, match="坏了"):
        an_act_that_breaks()

    assert not TrailEntry.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda: TrailEntry.objects.update(sentence="改写"),
        lambda: TrailEntry.objects.update(detail={}),
        lambda: TrailEntry.objects.update(at=None),
        lambda: TrailEntry.objects.all().delete(),
        lambda: TrailEntry.objects.get().delete(),
        lambda: TrailEntry.objects.get().save(),
        lambda: TrailEntry.objects.bulk_update(
            [TrailEntry(pk=TrailEntry.objects.get().pk, sentence="改")], ["sentence"]
        ),
    ],
)
def test_nobody_changes_or_deletes_an_entry(branch, by, change):
    trail.record(Act.DONE, branch, by=by, at=AT)

    with pytest.raises(DatabaseError, match="操作留痕不能修改或删除"), transaction.atomic():
        change()
    assert TrailEntry.objects.get().sentence == "办理：第一党支部"


def test_whoever_stands_in_the_trail_is_not_deleted(branch, by):
    trail.record(Act.DONE, branch, by=by, at=AT)

    with pytest.raises(models.ProtectedError):
        by.user.delete()


def test_what_somebody_wrote_is_kept_apart_from_what_he_did(branch, by):
    bare = trail.record(Act.DONE, branch, by=by, at=AT, quote="原文")
    worded = trail.record(Act.DONE, branch, by=by, at=AT, say="第1次", quote="长" * 500)

    assert (bare.sentence, bare.in_full) == ("办理：第一党支部", "办理：原文")
    assert worded.sentence == "办理：第1次"
    assert worded.in_full == f"办理：第1次：{'长' * 400}"


def test_an_entry_of_nobody_who_signed_in_says_who_it_may_have_been(branch):
    entry = trail.record(
        Act.DONE, branch, by=None, at=AT, unknown="zhoumin", address="203.0.113.7" * 9
    )

    entry.refresh_from_db()
    assert (entry.by, entry.by_name, entry.organization, entry.made_as) == (
        None,
        "zhoumin",
        None,
        "",
    )
    assert len(entry.address) == 45


def test_a_row_without_a_name_is_still_named(by):
    assert trail.record(Act.DONE, User(pk=0), by=by, at=AT).subject == "—"
