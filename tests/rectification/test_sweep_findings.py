"""Findings of risk sweeps onto the ledger, sweeps asked because of a problem, the stage's part."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Stage, SweepFinding
from campaigns.models.sweep_roll import Sought
from rectification.actions import sweep_findings, sweep_origins
from rectification.models import Problem, SweepOrigin, SweepProblem
from rectification.models.stage_standing import standings
from reform.errors import Forbidden, Refused
from reform.models import TrailEntry
from tests.campaigns.sweeping import FOUND, a_list, accepted, asked, sent
from tests.factories import AT, ON, ProblemFactory

ASK = {"question": "公章外借是否登记", "explanation": "", "due_on": ON, "organizations": []}


@pytest.fixture
def listed(bureau):
    return a_list(bureau.campaign)


@pytest.fixture
def finding(bureau, listed):
    accepted(listed, bureau.branch, bureau.secretary, reviewer=bureau.office)
    return SweepFinding.objects.get()


def take(finding, by):
    return sweep_findings.take_in([finding], by=by, at=AT)[0]


def test_a_finding_becomes_a_unit_problem_with_all_that_was_typed(bureau, finding):
    row = take(finding, bureau.liaison).problem
    measure = row.measures.get()

    assert (row.status, row.owner_kind, row.severity, row.entry) == (
        *("registered", "unit", "key"),
        "sweep",
    )
    assert (row.description, row.cause) == (f"综合科用印：{FOUND['what']}", FOUND["cause"])
    assert (row.source.name, [item.name for item in row.items.all()]) == ("自己找", ["印章管理"])
    assert (row.due_kind, str(row.due_on), row.due_text) == (
        *("dated", "2026-09-30"),
        FOUND["due"],
    )
    assert (measure.text, measure.author) == (FOUND["measure"], bureau.users["member"])
    assert row.people.get().user == bureau.users["member"]


def test_it_is_taken_once_and_by_its_own_unit(bureau, finding):
    for by in (bureau.member, bureau.office, bureau.neighbour, bureau.leader):
        assert "填报单位的书记或联络员" in take(finding, by).refused
    first, second = take(finding, bureau.secretary), take(finding, bureau.liaison)

    assert second.refused == f"这条问题已入账（{first.problem}），不会重复登记。"
    assert Problem.objects.count() == 1
    for change in (lambda rows: rows.update(id=999), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(SweepProblem.objects.all())


def test_a_campaign_that_is_over_takes_nothing_more(bureau, finding):
    Campaign.objects.filter(pk=bureau.campaign.pk).update(status="closed")

    assert take(finding, bureau.secretary).problem is None
    assert not Problem.objects.exists()


def test_asking_because_of_a_problem_sends_none_of_its_words(bureau):
    row = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)
    with pytest.raises(Refused, match="还没有入账"):
        sweep_origins.ask(row, by=bureau.office, at=AT, **ASK)
    Problem.objects.filter(pk=row.pk).update(status="registered", number="Y-1", registered_at=AT)
    with pytest.raises(Forbidden):
        sweep_origins.ask(row, by=bureau.secretary, at=AT, **ASK)
    made = sweep_origins.ask(row, by=bureau.office, at=AT, **ASK)
    Problem.objects.filter(pk=row.pk).update(owner_kind="personal")
    row.refresh_from_db()

    assert SweepOrigin.objects.get().request == made
    assert row.description not in f"{made.question}{made.explanation}"
    assert TrailEntry.objects.of(row).filter(act="problem.swept_from").count() == 1
    assert not sweep_origins.may_ask_from(row, by=bureau.office)
    with pytest.raises(Refused):
        sweep_origins.ask(row, by=bureau.office, at=AT, **ASK)


def test_a_stage_that_waits_for_sweeps_names_who_is_missing(bureau, listed):
    stage = Stage(campaign=bureau.campaign, position=9, title="排查", conditions=["sweeps"])
    stage.starts_on = stage.ends_on = ON
    stage.save()
    sent(listed, bureau.branch, bureau.secretary)
    asked(bureau.campaign, bureau.office)  # goes by its own day
    (one,) = standings(stage, on=ON)

    assert (one.total, one.done) == (4, 1)
    assert one.missing == ("服务中心党委", "第二党支部", "市水利局党组")


def test_a_stage_of_a_campaign_without_such_a_list_says_so(bureau):
    stage = Stage(campaign=bureau.campaign, position=9, title="排查", conditions=["sweeps"])
    stage.starts_on = stage.ends_on = ON
    stage.save()

    assert standings(stage, on=ON)[0].missing == ("活动没有风险排查的清单",)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_findings_costs_the_same_at_1_and_3(bureau, number, django_assert_num_queries):
    for place in range(number):
        request = asked(bureau.campaign, bureau.office, bureau.branch, question=f"问{place}")
        one = Sought(bureau.campaign, request=request)
        accepted(one, bureau.branch, bureau.secretary, reviewer=bureau.office)
    client = Client()
    client.force_login(
        bureau.users["secretary"], backend="django.contrib.auth.backends.ModelBackend"
    )
    client.get("/")

    with django_assert_num_queries(7):
        page = client.get(reverse("sweep-findings")).content.decode()
    assert page.count("选择业务：综合科用印") == number
