"""Weekly reports when an organization is merged in mid-week: who owes, who is told, what stands."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import Level, Obligation
from rectification.actions import (
    reorganizations,
    weekly_collations,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
)
from rectification.models import OwedReport, WeeklyReport
from reform.errors import Forbidden
from reform.models import Notice, Organization, Role, TrailEntry
from tests.factories import OrganizationFactory, actor, person
from tests.rectification.weekly import FRIDAY, MONDAY, beijing, opened, planned
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")

WEDNESDAY, THURSDAY, NEXT_WEEK = date(2026, 6, 3), date(2026, 6, 4), date(2026, 6, 10)
UNSENT = "只打了一半的话。"


@pytest.fixture
def issue(bureau, at):
    planned(bureau, at=at)
    return opened(bureau)


@pytest.fixture
def third(bureau):
    """A branch that owes nothing so far, with its own people."""
    place = OrganizationFactory(name="第三党支部", parent=bureau.center)
    person("钱程", place, Role.SECRETARY)
    return place


def merged(bureau, part, into, *, on=WEDNESDAY, hour=10):
    by = actor(bureau.system.user, on=on)
    reorganizations.merge([part], into=into, on=on, document="批复3号", by=by, at=beijing(on, hour))
    part.refresh_from_db()
    into.refresh_from_db()


def owing(issue, *, at):
    return [one.organization.name for one in weekly_issues.owing(issue, at=at)]


def told():
    rows = Notice.objects.filter(key__startswith="weekly-succeeded:")
    return list(rows.values_list("recipient__name", "subject"))


def test_who_takes_over_owes_the_week_and_is_told_once(bureau, issue, third):
    merged(bureau, bureau.branch, third)

    assert owing(issue, at=beijing(WEDNESDAY, 11)) == ["服务中心党委", "第二党支部", "第三党支部"]
    ((who, words),) = told()
    assert who == "钱程"
    assert "周报改由第三党支部报送" in words
    entry = TrailEntry.objects.filter(act="weekly.obliged").latest("pk")
    assert "第三党支部承接第一党支部" in entry.sentence
    weekly_issues.open_due(at=beijing(THURSDAY, 18))
    counted = OwedReport.objects.filter(issue=issue, level=Level.BRANCH)
    assert set(counted.values_list("name", flat=True)) == {"第二党支部", "第三党支部"}


def test_who_owed_already_owes_once(bureau, issue):
    merged(bureau, bureau.branch, bureau.sibling)

    assert owing(issue, at=beijing(WEDNESDAY, 11)) == ["服务中心党委", "第二党支部"]
    assert Obligation.objects.filter(organization=bureau.sibling).count() == 1
    assert [who for who, _ in told()] == ["黄蕾"]


def test_a_draft_stands_and_is_read_by_who_takes_over(bureau, issue, third, signed_in):
    at = beijing(WEDNESDAY, 9)
    draft = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=at)
    texts = {"progress": UNSENT, "plans": ""}
    draft = weekly_reports.write(draft, edition=1, texts=texts, by=bureau.liaison, at=at)

    merged(bureau, bureau.branch, third)

    secretary = actor(Notice.objects.get(key__startswith="weekly-succ").recipient, on=WEDNESDAY)
    ((_, words),) = told()
    assert "第一党支部第2期未报出的稿子可以打开参考" in words
    assert Notice.objects.get(subject=words).url == draft.get_absolute_url()
    assert WeeklyReport.objects.visible_to(secretary).get() == draft
    later = beijing(WEDNESDAY, 11)
    with pytest.raises(Forbidden):
        weekly_reports.prepare(draft, by=secretary, at=later)
    own = weekly_reports.begin(issue, third, by=secretary, at=later)
    assert own != draft
    with time_machine.travel(later, tick=False):
        page = signed_in(secretary.user).get(draft.get_absolute_url()).content.decode()
    assert UNSENT in page
    assert reverse("weekly-edit", args=[draft.pk]) not in page


def test_what_was_filed_stands_and_the_next_week_is_the_other_s(bureau, issue, third):
    at = beijing(WEDNESDAY, 9)
    filed = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=at)

    merged(bureau, bureau.branch, third)

    assert "第三党支部" not in owing(issue, at=beijing(WEDNESDAY, 11))
    assert "第一党支部已报的第2期有效" in told()[0][1]
    weekly_issues.open_due(at=beijing(FRIDAY, 11))
    counted = OwedReport.objects.filter(issue=issue, level=Level.BRANCH)
    assert set(counted.values_list("name", flat=True)) == {"第一党支部", "第二党支部"}
    report = weekly_collations.collate(
        issue, bureau.center, by=bureau.office, at=beijing(FRIDAY, 11)
    )
    assert report.parts.get(organization=bureau.branch).source == filed
    later = opened(bureau, NEXT_WEEK)
    assert owing(later, at=beijing(NEXT_WEEK)) == ["服务中心党委", "第二党支部", "第三党支部"]


def test_what_came_back_is_owed_by_who_takes_over(bureau, issue, third):
    at = beijing(WEDNESDAY, 9)
    filed = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=at)
    weekly_receipts.give_back(filed, reason="重报", by=bureau.office, at=at)

    merged(bureau, bureau.branch, third)

    assert "第三党支部" in owing(issue, at=beijing(WEDNESDAY, 11))


def test_after_the_cut_off_the_count_stays_and_the_board_says_into_whom(
    bureau, issue, third, signed_in
):
    weekly_issues.open_due(at=beijing(THURSDAY, 18))

    merged(bureau, bureau.branch, third, on=FRIDAY, hour=9)

    at = beijing(FRIDAY, 10)
    issue.refresh_from_db()
    assert owing(issue, at=at) == ["服务中心党委", "第一党支部", "第二党支部"]
    with time_machine.travel(at, tick=False):
        client = signed_in(bureau.users["office"])
        for page in (
            reverse("weekly"),
            reverse("weekly-intake", args=[issue.pk, bureau.center.pk]),
        ):
            body = "".join(client.get(page).content.decode().split())
            assert "已并入" in body
            assert "第三党支部" in body
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=at)
    assert report.parts.get(organization=bureau.branch).note == "已并入"


def test_who_leads_owes_nobody(bureau, issue, third):
    merged(bureau, bureau.branch, bureau.top)

    assert not Obligation.objects.filter(organization=bureau.top).exists()
    assert all("汇总" in words for _, words in told())


def test_an_office_that_is_taken_over_is_followed_by_an_office(bureau, issue, third):
    merged(bureau, bureau.center, OrganizationFactory(name="新中心党委", parent=bureau.top))

    made = Obligation.objects.get(organization__name="新中心党委")
    assert (made.level, made.since) == (Level.OFFICE, WEDNESDAY)
    new = Organization.objects.get(name="新中心党委")
    at = beijing(WEDNESDAY, 11)
    reporting = weekly_issues.reporting_to(issue, new, at=at)
    assert {one.name for one in reporting} == {"第一党支部", "第二党支部"}
    # Nobody holds a duty there yet: who prepared at the old one is told.
    assert [who for who, _ in told()] == ["何静"]


def test_a_campaign_without_weekly_reports_tells_nobody(bureau, third):
    merged(bureau, bureau.branch, third, on=MONDAY)

    assert told() == []
