"""Reports of organizations that joined from another tree: the office of the one that leads reads,
receives, returns and defers each by itself."""

import re

import pytest
import time_machine
from django.urls import reverse

from campaigns.actions import weekly_plans
from campaigns.models import Level
from rectification.actions import (
    weekly_deferrals,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
)
from rectification.models import WeeklyReport
from reform.errors import Forbidden
from reform.models import Role
from tests.factories import OrganizationFactory, actor, person
from tests.rectification.weekly import FRIDAY, beijing, opened, planned
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")


@pytest.fixture
def issue(bureau, at):
    planned(bureau, at=at)
    return opened(bureau)


@pytest.fixture
def joined(bureau, issue, at):
    """A report of an organization of another tree, filed to the one that leads."""
    levels = {bureau.elsewhere: Level.BRANCH}
    weekly_plans.oblige(bureau.campaign, levels=levels, by=bureau.stranger, at=at)
    return weekly_reports.file_zero(issue, bureau.elsewhere, by=bureau.stranger, at=at)


def test_a_joined_report_is_taken_in_by_the_one_that_leads(bureau, issue, joined, at, signed_in):
    with time_machine.travel(at, tick=False):
        client = signed_in(bureau.users["top_office"])
        page = client.get(reverse("weekly-intake", args=[issue.pk, bureau.top.pk]))
        assert joined.get_absolute_url() in page.content.decode()
        report = client.get(joined.get_absolute_url()).content.decode()
    assert {reverse(f"weekly-{name}", args=[joined.pk]) for name in ("receive", "return")} <= set(
        re.findall(r"(?:action|href)=\"([^\"?]*)", report)
    )
    assert "?figure=" not in report  # its ledger is not theirs
    assert weekly_receipts.receive_all(issue, bureau.top, by=bureau.top_office, at=at) == 1


def test_a_joined_report_is_received_and_returned_by_itself(bureau, issue, joined, at):
    for by in (bureau.office, bureau.leader, bureau.inspector, bureau.stranger):
        with pytest.raises(Forbidden):
            weekly_receipts.receive(joined, by=by, at=at)
        assert by == bureau.stranger or not (
            WeeklyReport.objects.visible_to(by).filter(pk=joined.pk).exists()
        )
    weekly_receipts.receive(joined, by=bureau.top_office, at=at)
    weekly_receipts.give_back(joined, reason="补数字", by=bureau.top_office, at=at)

    again = weekly_reports.begin(issue, bureau.elsewhere, by=bureau.stranger, at=at)

    assert again.number == 2
    seen = WeeklyReport.objects.visible_to(bureau.top_office)
    assert set(seen.filter(organization=bureau.elsewhere)) == {joined}  # not the draft


def test_a_joined_report_is_deferred_by_the_one_that_leads(bureau, issue, joined, at, signed_in):
    until = beijing(FRIDAY, 18)
    facts = {"kind": "agreed", "until": until, "reason": "出差"}
    with pytest.raises(Forbidden):
        weekly_deferrals.defer(issue, bureau.elsewhere, **facts, by=bureau.office, at=at)
    weekly_deferrals.defer(issue, bureau.elsewhere, **facts, by=bureau.top_office, at=at)
    page = reverse("weekly-undefer", args=[issue.pk, bureau.elsewhere.pk])
    with time_machine.travel(at, tick=False):
        assert signed_in(bureau.users["top_office"]).get(page).status_code == 200
        assert signed_in(bureau.users["office"]).get(page).status_code == 404


@pytest.mark.parametrize("counted", [False, True])
def test_what_is_collated_in_another_tree_is_not_the_lead_s(bureau, issue, at, counted):
    """Only what comes straight to the one that leads is read there; before the cut-off and after,
    when who owes it is written down."""
    below = OrganizationFactory(name="水利局第一党支部", parent=bureau.elsewhere)
    levels = {bureau.elsewhere: Level.OFFICE, below: Level.BRANCH}
    weekly_plans.oblige(bureau.campaign, levels=levels, by=bureau.stranger, at=at)
    report = weekly_reports.file_zero(
        issue, below, by=actor(person("水利书记", below, Role.SECRETARY)), at=at
    )
    if counted:
        at = beijing(FRIDAY, 13)
        weekly_issues.open_due(at=at)
        weekly_plans.oblige(
            bureau.campaign, levels={bureau.elsewhere: None}, by=bureau.stranger, at=at
        )
    report.issue.refresh_from_db()

    assert WeeklyReport.objects.visible_to(bureau.stranger).filter(pk=report.pk).exists()
    assert not WeeklyReport.objects.visible_to(bureau.top_office).filter(pk=report.pk).exists()
    with pytest.raises(Forbidden):
        weekly_receipts.receive(report, by=bureau.top_office, at=at)
