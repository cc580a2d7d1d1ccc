"""Weekly reports by two at once: one row, one effect."""

import pytest

from rectification.actions import (
    weekly_clock,
    weekly_collations,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
)
from rectification.models import OwedReport, WeeklyIssue, WeeklyReceipt, WeeklyReport
from reform.models import Notice
from tests.factories import AT
from tests.rectification.test_races import at_once, refused
from tests.rectification.weekly import FRIDAY, MONDAY, beijing, opened, planned, second_office
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendar")]

DONE = {"progress": "完成回访。", "plans": "继续推进。"}


@pytest.fixture
def issue(bureau):
    planned(bureau, at=AT)
    return opened(bureau)


def test_two_ticks_at_once_open_and_count_each_issue_once(bureau):
    planned(bureau, at=AT)
    moment = beijing(FRIDAY, 13)
    results = at_once(*[lambda: weekly_issues.open_due(at=moment)] * 2)
    assert refused(results) == []
    numbers = list(WeeklyIssue.objects.values_list("number", flat=True))
    assert numbers == [1, 2, 3]
    assert OwedReport.objects.count() == 6


def test_two_ticks_at_once_tell_each_person_once(bureau, issue):
    moment = beijing(FRIDAY, 13)
    weekly_issues.open_due(at=moment)
    results = at_once(*[lambda: weekly_clock.tell(at=moment)] * 2)
    assert refused(results) == []
    keys = list(Notice.objects.values_list("recipient", "key"))
    assert len(keys) == len(set(keys))
    told = [len(messages) for messages in results]
    assert sorted(told)[0] == 0
    assert Notice.objects.count() == sorted(told)[1]


def test_a_report_begun_by_two_at_once_is_one(bureau, issue):
    moment = beijing(MONDAY, 10)
    results = at_once(
        lambda: weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=moment),
        lambda: weekly_reports.begin(issue, bureau.branch, by=bureau.secretary, at=moment),
    )
    assert refused(results) == []
    assert len({report.pk for report in results}) == 1
    assert WeeklyReport.objects.count() == 1


def test_a_report_filed_by_two_at_once_is_filed_once(bureau, issue):
    moment = beijing(MONDAY, 10)
    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=moment)
    weekly_reports.write(report, edition=report.edition, texts=DONE, by=bureau.liaison, at=moment)
    results = at_once(*[lambda: weekly_reports.confirm(report, by=bureau.secretary, at=moment)] * 2)
    assert len(refused(results)) == 1
    assert WeeklyReport.objects.get().is_filed


def test_received_and_returned_at_once_is_one_of_the_two(bureau, issue):
    moment = beijing(MONDAY, 10)
    report = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=moment)
    other = second_office(bureau)
    results = at_once(
        lambda: weekly_receipts.receive(report, by=bureau.office, at=moment),
        lambda: weekly_receipts.give_back(report, reason="补数字", by=other, at=moment),
    )
    # Received and then returned is a story; returned and then received is none.
    decisions = list(WeeklyReceipt.objects.values_list("decision", flat=True))
    assert decisions in (["returned"], ["received", "returned"])
    assert len(refused(results)) == 2 - len(decisions)


def test_an_office_collates_once(bureau, issue):
    moment = beijing(FRIDAY, 9)
    other = second_office(bureau)
    results = at_once(
        lambda: weekly_collations.collate(issue, bureau.center, by=bureau.office, at=moment),
        lambda: weekly_collations.collate(issue, bureau.center, by=other, at=moment),
    )
    assert refused(results) == []
    assert WeeklyReport.objects.get().parts.count() == 3
