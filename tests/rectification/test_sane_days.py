"""Days that contradict one another are asked about before they stand on the ledger."""

from datetime import timedelta

import pytest
import time_machine

from rectification.actions import bulk, deadlines, measures, problems, registrations
from rectification.models import Problem
from reform.errors import Refused
from reform.models import TrailEntry
from tests.conftest import SIX
from tests.factories import ON, ProblemFactory

TOMORROW = ON + timedelta(days=1)


@pytest.fixture
def planned(bureau, rectifying, at):
    return measures.plan(rectifying, facts={"text": "每周回访"}, by=bureau.member, at=at)


def filled(row, by, at, **facts):
    return problems.fill(row, version=row.version, facts=facts, by=by, at=at)


def test_a_problem_is_not_found_tomorrow(bureau, draft, at):
    with pytest.raises(Refused, match="发现日期2026-06-04晚于今天"):
        filled(draft, bureau.liaison, at, found_on=TOMORROW)
    with pytest.raises(Refused, match="发现日期2026-06-04晚于今天"):
        ProblemFactory(
            campaign=bureau.campaign,
            organization=bureau.branch,
            by=bureau.liaison,
            found_on=TOMORROW,
        )


@pytest.mark.parametrize(
    ("field", "empty", "words"),
    [("source", None, "问题来源"), ("found_on", None, "发现日期"), ("description", "", "存在问题")],
)
def test_what_registering_asked_for_is_not_taken_away_again(bureau, draft, at, field, empty, words):
    row = registrations.register(draft, by=bureau.secretary, at=at)

    with pytest.raises(Refused, match=f"已入账的问题不能缺：{words}"):
        filled(row, bureau.secretary, at, **{field: empty})


def test_nothing_is_done_before_the_problem_was_found(bureau, rectifying, planned, at):
    before = rectifying.found_on - timedelta(days=1)

    with pytest.raises(Refused, match="早于发现日期"):
        measures.finish(planned, done_on=before, note="", by=bureau.member, at=at)
    with pytest.raises(Refused, match="早于发现日期"):
        measures.report(
            rectifying, text="已办", progress="done", on=before, by=bureau.member, at=at
        )


def test_a_measure_called_done_by_mistake_is_taken_back_with_a_reason(
    bureau, rectifying, planned, at
):
    measure = planned
    measures.finish(measure, done_on=ON, note="", by=bureau.member, at=at)

    measures.unfinish(measure, reason="日期填错", by=bureau.member, at=at)

    measure.refresh_from_db()
    assert measure.done_on is None
    said = rectifying.progress_entries.order_by("pk").last().text
    assert said == f"撤回2026-06-03填报的完成：{measure.text}（日期填错）"
    last = TrailEntry.objects.of(rectifying).last()
    assert last.in_full == f"撤回完成：{measure.text}（日期填错）"
    with pytest.raises(Refused, match="还没有填报完成"):
        measures.unfinish(measure, reason="再来", by=bureau.member, at=at)


def test_filling_many_at_once_tells_what_is_lacking_afterwards(bureau, draft, at):
    row = filled(draft, bureau.liaison, at, standard="")
    row = registrations.register(row, by=bureau.secretary, at=at)

    (result,) = bulk.fill([row], facts=SIX, by=bureau.secretary, at=at)

    assert result.refused == ""
    assert deadlines.lacking(result.problem, on=ON) == []  # the row as it is now, not as it was


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"found_on": "2026-06-04"}, "found_on", "发现日期2026-06-04晚于今天"),
        ({"due": "2020年1月1日", "found_on": "2026-06-01"}, "due", "早于发现日期2026-06-01"),
        ({"due": "长期坚持", "review_on": "2026-06-03"}, "review_on", "今天之后、三个月内"),
        ({"due": "长期坚持", "review_on": "2026-12-31"}, "review_on", "今天之后、三个月内"),
    ],
)
def test_the_form_says_which_day_cannot_be(bureau, signed_in, draft, at, typed, field, words):
    form = {"description": "值班空缺。", "owner_kind": "unit", "severity": "ordinary"}
    form |= {"version": draft.version} | typed
    with time_machine.travel(at, tick=False):
        response = signed_in(bureau.liaison).post(f"/problems/{draft.pk}/edit/", form)

    assert words in response.context["form"].errors[field][0]
    assert Problem.objects.get(pk=draft.pk).version == draft.version
