"""Task forces: which problems they work on, who puts them there, what each reader sees of them."""

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.actions import bodies
from rectification.actions import registrations, reviews, task_forces
from rectification.actions.verdicts import Verdict
from rectification.models import Act, Decision, ReviewStep, TaskForceProblem
from reform.errors import Forbidden, Refused
from reform.models import TrailEntry
from tests.campaigns.led import a_force, named, set_up
from tests.factories import AT, ON, CampaignFactory, ProblemFactory


@pytest.fixture
def travel():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def force(bureau):
    lead = ("组长", "罗海", bureau.users["leader"])
    return a_force(bureau.campaign, lead, by=bureau.top_office)


@pytest.fixture
def closed(bureau, applied):
    """A row of the branch, closed by its secretary and the office above."""
    signed = Verdict(decision=Decision.APPROVED, opinion="同意")
    standards = ["measures", "handled", "result"]
    seen = Verdict(Decision.APPROVED, opinion="属实", methods=["site"], standards=standards)
    for who, verdict in ((bureau.secretary, signed), (bureau.office, seen)):
        step = ReviewStep.objects.get(application__problem=applied.problem, state="open")
        reviews.decide(step, verdict=verdict, by=who, at=AT)
    return applied.problem


def row_of(bureau, organization=None, campaign=None, **facts):
    """A row that is registered, of the branch and of this campaign if nothing else is said."""
    place = organization or bureau.branch
    row = ProblemFactory(campaign=campaign or bureau.campaign, organization=place, **facts)
    by = bureau.stranger if place == bureau.elsewhere else bureau.secretary
    return registrations.register(row, by=by, at=AT)


def link(force, *rows, by):
    return task_forces.link(force, problems=rows, by=by, at=AT)


def test_offices_put_on_the_list_what_they_may_assign(bureau, force):
    """O D, and never somebody's own row."""
    row, personal = row_of(bureau), row_of(bureau, owner_kind="personal")
    may = set()
    for name in bureau.users:
        try:
            with transaction.atomic():
                link(force, row, by=getattr(bureau, name))
                transaction.set_rollback(True)
            may.add(name)
        except Forbidden:
            pass
    assert may == {"office", "top_office"}
    with pytest.raises(Forbidden), transaction.atomic():
        link(force, personal, by=bureau.office)
    with pytest.raises(Forbidden), transaction.atomic():
        link(force, row, row_of(bureau, bureau.elsewhere), by=bureau.office)
    assert not TaskForceProblem.objects.exists()


def test_what_cannot_be_put_on_a_list(bureau, force, closed):
    other = CampaignFactory(organization=bureau.top, code="OTHER")
    draft = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)
    row, office = row_of(bureau), bureau.office
    link(force, row, by=office)
    group = set_up(bureau.campaign, by=bureau.top_office)
    wrong = (
        (force, row, "没有新的"),
        (force, draft, "还没有入账"),
        (force, closed, "已销号"),
        (force, row_of(bureau, campaign=other), "不是这项活动"),
        (group, row, "不是工作专班"),
    )
    for body, problem, words in wrong:
        with pytest.raises(Refused, match=words), transaction.atomic():
            link(body, problem, by=office)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskForceProblem.objects.create(body=force, problem=closed, by=office.user, at=AT)
    bodies.dissolve(force, until=ON, reason="完成", by=bureau.top_office, at=AT)
    with pytest.raises(Refused, match="已撤销"), transaction.atomic():
        task_forces.unlink(row.task_force_links.get(), by=office, at=AT)


def test_taken_off_the_list_and_both_are_on_record(bureau, force):
    row = row_of(bureau)
    [made] = link(force, row, by=bureau.office)
    with pytest.raises(Forbidden):
        task_forces.unlink(made, by=bureau.secretary, at=AT)
    task_forces.unlink(made, by=bureau.office, at=AT)

    acts = TrailEntry.objects.of(row).order_by("pk").values_list("act", flat=True)
    assert list(acts)[-2:] == [Act.TASK_FORCE_LINKED, Act.TASK_FORCE_UNLINKED]
    assert not TaskForceProblem.objects.exists()


def test_the_page_shows_what_one_may_read_and_counts_just_that(bureau, force, travel, signed_in):
    mine, theirs = row_of(bureau, description="窗口"), row_of(bureau, bureau.elsewhere)
    link(force, mine, by=bureau.office)
    stranger = bureau.stranger
    link(force, theirs, by=stranger)
    page = reverse("task-force", args=[force.pk])

    for name, rows in (("member", {mine}), ("stranger", {theirs}), ("top_office", {mine})):
        client = signed_in(bureau.users[name])
        answer = client.get(page)
        shown = {one.problem for one in answer.context["object_list"]}
        assert (shown, answer.context["total"]) == (rows, len(rows)), name
        ledger = client.get(reverse("problems"), {"task_force": force.pk}).content.decode()
        assert [row for row in (mine, theirs) if row.number in ledger] == list(rows), name
        assert "窗口整改专班" in ledger
    problem = signed_in(bureau.users["member"]).get(mine.get_absolute_url()).content.decode()
    assert "专班整改：" in problem


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_problems(bureau, force, travel, count, signed_in):
    link(force, *(row_of(bureau) for _ in range(count)), by=bureau.office)
    client, page = signed_in(bureau.users["office"]), reverse("task-force", args=[force.pk])
    client.get(page)

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(page)

    assert answer.content.decode().count("移出<") == count
    assert len(queries) == QUERIES


QUERIES = 12


def test_numbers_are_typed_and_a_wrong_one_is_told(bureau, force, travel, signed_in):
    row, client = row_of(bureau), signed_in(bureau.users["office"])
    page = reverse("task-force-link", args=[force.pk])

    wrong = client.post(page, {"problems": f"{row.number}、YACG-2026-99999"})
    assert "没有编号为“YACG-2026-99999”的问题" in wrong.content.decode()
    client.post(page, {"problems": row.number})
    assert force.problem_links.get().problem == row


def test_who_leaves_is_told_of_his_seats(bureau, force, travel, signed_in):
    """Advice alone: nothing of it is handed over."""
    set_up(bureau.campaign, ("成员", "马超", bureau.users["member"]), by=bureau.top_office)
    named(bureau.campaign, bureau.branch, "马超", by=bureau.office, user=bureau.users["member"])
    page = reverse("person-hand-over", args=[bureau.users["member"].pk])
    answer = signed_in(bureau.users["office"]).get(page).content.decode()

    assert "领导小组成员" in answer
    assert "第一党支部第一责任人" in answer
