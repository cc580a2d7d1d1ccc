"""Many rows at once: each by the rules of one, with its own result, in few statements."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectification.actions import bulk, problems, registrations
from rectification.models import DeadlineChange, Problem
from reform.models import Notice, TrailEntry
from tests.conftest import SIX
from tests.factories import ProblemFactory


def drafts(bureau, count, **facts):
    return [
        ProblemFactory(
            campaign=bureau.campaign,
            organization=bureau.branch,
            by=bureau.liaison,
            **SIX | {"description": f"第{place}个问题。"} | facts,
        )
        for place in range(count)
    ]


def registered(bureau, at, count, **facts):
    rows = drafts(bureau, count, **facts)
    return [row for row, _ in registrations.register_each(rows, by=bureau.secretary, at=at)]


def kept(row, *left_out):
    """What stands on the row, but for what tells one row from another."""
    apart = {"id", "number", "description", "original_text", "fingerprint", *left_out}
    return {
        field.name: getattr(row, field.name)
        for field in Problem._meta.concrete_fields  # noqa: SLF001 -- every column
        if field.name not in apart
    }


def acts_on(row):
    return list(TrailEntry.objects.of(row).values_list("act", "detail"))


def test_one_of_many_ends_as_one_alone(bureau, at):
    alone, among, other = drafts(bureau, 3)
    registrations.register(alone, by=bureau.secretary, at=at)
    registrations.issue(alone, by=bureau.secretary, at=at)
    for act in ("register", "issue"):
        bulk.do(act, [among, other], by=bureau.secretary, at=at)

    alone, among = (Problem.objects.get(pk=row.pk) for row in (alone, among))
    assert kept(among) == kept(alone)
    assert among.original_text == among.description
    assert acts_on(among) == acts_on(alone)
    told = [f"问题{row.number}已下达整改，时限2026-06-30" for row in (alone, among)]
    subjects = Notice.objects.filter(recipient=bureau.users["member"]).order_by("pk")
    assert list(subjects.values_list("subject", flat=True))[:2] == told
    assert DeadlineChange.objects.filter(cause="first").count() == 3


def test_a_row_that_is_refused_takes_no_number(bureau, at):
    rows = drafts(bureau, 5)
    problems.fill(rows[1], version=1, facts={"source": None}, by=bureau.liaison, at=at)
    problems.delete_draft(rows[3], by=bureau.liaison, at=at)

    results = bulk.do("register", rows, by=bureau.secretary, at=at)

    assert [result.refused for result in results] == [
        "",
        "入账还缺：问题来源。",
        "",
        f"“草稿{rows[3].pk}”已被删除，请刷新页面查看最新情况。",
        "",
    ]
    numbers = [result.problem.number for result in results if not result.refused]
    assert numbers == [f"YACG-2026-{serial:05d}" for serial in (1, 2, 3)]
    assert Problem.objects.counted().count() == 3


def test_who_may_not_is_refused_row_by_row_and_writes_nothing(bureau, at):
    rows = drafts(bureau, 2)

    results = bulk.do("register", rows, by=bureau.neighbour, at=at)

    assert [bool(result.refused) for result in results] == [True, True]
    assert not Problem.objects.counted().exists()


def test_a_row_named_twice_is_done_once(bureau, at):
    (row,) = drafts(bureau, 1)

    results = bulk.do("register", [row, row], by=bureau.secretary, at=at)

    assert [bool(result.refused) for result in results] == [False, True]
    assert Problem.objects.get(pk=row.pk).number == "YACG-2026-00001"


def test_rows_handed_down_ask_the_secretary_and_the_liaison_to_accept(bureau, at):
    rows = registered(bureau, at, 2)

    results = bulk.do("issue", rows, by=bureau.office, at=at)

    assert [result.problem.status for result in results] == ["assigned"] * 2
    words = [f"问题{row.number}已交办到第一党支部，请签收" for row in rows]
    for who in ("secretary", "liaison"):
        mine = Notice.objects.filter(recipient=bureau.users[who]).order_by("pk")
        assert list(mine.values_list("subject", flat=True)) == words


@pytest.mark.parametrize(("act", "make"), [("register", drafts), ("issue", None)])
def test_another_row_costs_one_statement(bureau, at, act, make):
    registered(bureau, at, 1)  # which begins the series of numbers
    costs = []
    for count in (2, 12):
        rows = make(bureau, count) if make else registered(bureau, at, count)
        with CaptureQueriesContext(connection) as asked:
            bulk.do(act, rows, by=bureau.secretary, at=at)
        costs.append(len(asked))

    assert costs[1] - costs[0] == 10


def test_more_rows_than_a_batch_are_all_done_in_order(bureau, at, monkeypatch):
    monkeypatch.setattr("rectification.actions.batches.SIZE", 3)
    rows = drafts(bureau, 8)

    results = bulk.do("register", rows, by=bureau.secretary, at=at)

    assert [result.problem.number for result in results] == [
        f"YACG-2026-{serial:05d}" for serial in range(1, 9)
    ]


# ---------------------------------------------------------------- filled at once


DATED = {"due_kind": "dated", "due_on": date(2026, 7, 1), "due_text": "2026年7月1日前"}
STANDING = {
    "due_kind": "standing",
    "due_text": "长期坚持",
    "stage_goal": "每季度抽查",
    "review_on": date(2026, 8, 1),
}


def filled(bureau, at, row, facts):
    (result,) = bulk.fill([row], facts=facts, by=bureau.secretary, at=at)
    return result.refused, Problem.objects.get(pk=row.pk)


@pytest.mark.parametrize("said", ["", "待定"])
def test_a_deadline_fills_what_has_none_as_a_whole(bureau, at, said):
    facts = {"due_kind": "undetermined", "due_on": None, "due_text": said}
    (row,) = drafts(bureau, 1, **facts)
    refused, row = filled(bureau, at, row, DATED)
    assert refused == ""
    assert (row.due_kind, row.due_on, row.due_text) == tuple(DATED.values())
    row = registrations.register(row, by=bureau.secretary, at=at)
    assert registrations.issue(row, by=bureau.secretary, at=at).due_on == date(2026, 7, 1)


def test_a_deadline_that_is_there_stays(bureau, at):
    (row,) = drafts(bureau, 1)
    refused, after = filled(bureau, at, row, DATED)
    assert "没有空着" in refused
    assert kept(after) == kept(row)


def test_a_standing_row_gets_its_goal_and_review_day_with_it(bureau, at):
    (row,) = drafts(bureau, 1, due_kind="undetermined", due_on=None, due_text="")
    refused, row = filled(bureau, at, row, STANDING)
    assert refused == ""
    assert (row.due_kind, row.stage_goal) == ("standing", "每季度抽查")
    assert row.review_on == date(2026, 8, 1)


def test_a_dated_row_takes_no_review_day(bureau, at):
    (row,) = drafts(bureau, 1)
    refused, row = filled(bureau, at, row, STANDING)
    assert "没有空着" in refused
    assert (row.stage_goal, row.review_on) == ("", None)


def test_words_that_say_no_day_fill_nothing(bureau, at):
    (row,) = drafts(bureau, 1, due_kind="undetermined", due_on=None, due_text="待定")
    refused, row = filled(bureau, at, row, {"due_kind": "undetermined", "due_text": "尽快"})
    assert "没有空着" in refused
    assert row.due_text == "待定"


def test_another_day_after_a_return_of_the_assignment_is_an_event(bureau, at):
    (row,) = registered(bureau, at, 1)
    row = registrations.issue(row, by=bureau.office, at=at)
    row = registrations.return_assignment(row, reason="责任不明", by=bureau.secretary, at=at)
    facts = {"due_on": date(2026, 6, 20), "due_text": "2026年6月20日前"}
    row = problems.fill(row, version=row.version, facts=facts, by=bureau.secretary, at=at)
    row = registrations.issue(row, by=bureau.office, at=at)

    assert (row.due_on, row.first_due_on) == (date(2026, 6, 20), date(2026, 6, 30))
    changes = DeadlineChange.objects.filter(problem=row).values_list("cause", "was", "becomes")
    assert list(changes) == [
        ("first", None, date(2026, 6, 30)),
        ("correction", date(2026, 6, 30), date(2026, 6, 20)),
    ]
