"""What was owed, and came not or came back, stays on the desk and on the board until it is done."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rectification.actions import (
    weekly_collations,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
    weekly_signings,
)
from rectification.models import WeeklyIssue
from rectification.views import weekly_desk
from tests.factories import actor
from tests.rectification.weekly import TEXTS, beijing, opened, planned, second_office
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")

LATER = beijing(date(2026, 8, 3))  # two months on, a Monday


@pytest.fixture
def issue(bureau, at):
    planned(bureau, at=at)
    return opened(bureau)


def lines(user, *, at=LATER):
    who = actor(user, on=at.date())
    return {line.words: line for line in weekly_desk.waiting(who, at=at)}


def test_what_never_came_is_asked_for_until_it_is_there(bureau, issue, signed_in):
    weekly_issues.open_due(at=LATER)
    name = f"第一党支部{issue}周报"

    line = lines(bureau.users["liaison"])[name]

    assert (line.state, line.is_late) == ("未起草", True)
    assert line.url == reverse("weekly-begin", args=[issue.pk, bureau.branch.pk])
    with time_machine.travel(LATER, tick=False):
        client = signed_in(bureau.users["liaison"])
        assert line.url in client.get(reverse("weekly")).content.decode()
        assert name in client.get(reverse("desk")).content.decode()
    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=LATER)
    line = lines(bureau.users["secretary"])[name]
    assert (line.state, line.url) == ("未报出", report.get_absolute_url())
    weekly_reports.write(report, edition=1, texts=TEXTS, by=bureau.liaison, at=LATER)
    weekly_reports.confirm(report, by=bureau.secretary, at=LATER)
    assert name not in lines(bureau.users["liaison"])


def test_what_came_back_is_asked_for_until_it_is_filed_anew(bureau, issue, at):
    report = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=at)
    weekly_receipts.give_back(report, reason="重报", by=bureau.office, at=at)
    weekly_issues.open_due(at=LATER)
    name = f"第一党支部{issue}周报"

    assert lines(bureau.users["secretary"])[name].state == "已退回"

    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=LATER)
    weekly_reports.confirm(report, by=bureau.secretary, at=LATER)
    weekly_receipts.receive(report, by=bureau.office, at=LATER)
    assert name not in lines(bureau.users["secretary"])


def test_the_one_that_leads_finishes_what_it_began(bureau, issue, at):
    by = actor(bureau.users["top_office"])
    report = weekly_collations.collate(issue, bureau.top, by=by, at=at)
    weekly_issues.open_due(at=LATER)

    found = lines(bureau.users["top_office"])

    line = found[f"市交通局党组{issue}周报汇总"]
    assert (line.url, line.is_late) == (report.get_absolute_url(), False)
    assert [words for words in found if words.startswith("市交通局党组")].count(line.words) == 1


def test_an_office_owes_its_collated_report(bureau, issue, at):
    other = second_office(bureau)
    report = weekly_collations.collate(issue, bureau.center, by=other, at=at)
    report = weekly_reports.write(report, edition=report.edition, texts=TEXTS, by=other, at=at)
    weekly_issues.open_due(at=LATER)
    name = f"服务中心党委{issue}周报汇总"
    assert lines(bureau.users["office"])[name].state == "未报出"

    report = weekly_collations.gather_anew(report, by=other, at=LATER)
    weekly_signings.submit(report, by=other, at=LATER)
    weekly_signings.review(report, by=bureau.office, at=LATER)
    weekly_signings.sign(report, by=bureau.leader, at=LATER)

    assert name not in lines(bureau.users["office"])


@pytest.mark.parametrize("who", ["liaison", "office", "top_office"])
def test_it_costs_two_statements_however_much_is_owed(bureau, issue, signed_in, who):
    counts = []
    for day in (date(2026, 6, 24), LATER.date()):
        now = beijing(day)
        weekly_issues.open_due(at=now)
        with time_machine.travel(now, tick=False):
            client = signed_in(bureau.users[who])
            client.get(reverse("desk"))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("desk"))
        counts.append(len(queries))

    assert WeeklyIssue.objects.count() > 9
    assert counts[0] == counts[1]
    assert counts[1] <= (25 if who == "liaison" else 26)
