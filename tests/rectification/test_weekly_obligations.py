"""Who owes an issue, and which issues there are: plans and levels that change in between."""

import uuid
from datetime import date, time

import pytest
import time_machine
from django.urls import reverse

from campaigns.actions import weekly_plans
from campaigns.models import Level
from rectification.actions import (
    weekly_clock,
    weekly_collations,
    weekly_issues,
    weekly_reports,
)
from rectification.models import WeeklyIssue
from rectification.views import weekly_desk
from reform.models import Notice, Organization
from tests.factories import OrganizationFactory, actor
from tests.rectification.weekly import FRIDAY, MONDAY, PLAN, beijing, opened, planned
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")

WEDNESDAY, THURSDAY = date(2026, 6, 3), date(2026, 6, 4)


@pytest.fixture
def issue(bureau, at):
    planned(bureau, at=at)
    return opened(bureau)


def made(bureau, place, level, *, on):
    by = actor(bureau.users["top_office"], on=on)
    weekly_plans.oblige(bureau.campaign, levels={place: level}, by=by, at=beijing(on, 18))


def owed(issue, at):
    issue.refresh_from_db()
    return [(one.organization.name, one.level) for one in weekly_issues.owing(issue, at=at)]


# ---- levels that change between the two cut-offs


def test_a_branch_made_an_office_after_it_was_counted_owes_as_a_branch_once(bureau, issue):
    weekly_issues.open_due(at=beijing(THURSDAY, 17, 5))
    made(bureau, bureau.sibling, Level.OFFICE, on=THURSDAY)
    rows = owed(issue, beijing(THURSDAY, 18, 5))
    assert rows.count((bureau.sibling.name, "branch")) == 1
    assert len(rows) == 3
    report = weekly_collations.collate(
        issue, bureau.center, by=bureau.office, at=beijing(THURSDAY, 19)
    )
    assert report.parts.filter(organization=bureau.sibling).count() == 1
    weekly_issues.open_due(at=beijing(FRIDAY, 12))
    assert owed(issue, beijing(FRIDAY, 13)) == rows


@pytest.mark.parametrize("moment", [beijing(FRIDAY, 9), beijing(FRIDAY, 13)], ids=str)
def test_an_office_made_a_branch_too_late_to_be_counted_still_owes_the_issue(bureau, issue, moment):
    weekly_issues.open_due(at=beijing(THURSDAY, 17, 5))
    made(bureau, bureau.center, Level.BRANCH, on=FRIDAY)
    weekly_issues.open_due(at=moment)
    rows = owed(issue, moment)
    assert (bureau.center.name, "office") in rows
    assert weekly_issues.collator_of(issue, bureau.branch, at=moment) == bureau.center


def test_who_is_named_after_the_first_cut_off_owes_from_the_next_issue(bureau, issue):
    weekly_issues.open_due(at=beijing(THURSDAY, 17, 5))
    new = OrganizationFactory(name="第三党支部", parent=bureau.center)
    made(bureau, new, Level.BRANCH, on=FRIDAY)
    weekly_issues.open_due(at=beijing(FRIDAY, 12))
    assert (new.name, "branch") not in owed(issue, beijing(FRIDAY, 13))
    following = WeeklyIssue.objects.latest("number")
    assert (new.name, "branch") in owed(following, beijing(FRIDAY, 13))


# ---- organizations that joined from another tree


def test_what_the_tree_suggests_leaves_out_what_is_not_the_actors(bureau, at):
    by = actor(bureau.users["top_office"])
    below = OrganizationFactory(name="水利局第一党支部", parent=bureau.elsewhere)
    found, left_out = weekly_plans.proposed(bureau.campaign, by=by)
    assert bureau.branch in found
    assert not {bureau.elsewhere, below} & set(found)
    assert left_out == 2  # the one that joined, where an office sits, and its branch
    weekly_plans.plan(bureau.campaign, facts=PLAN, by=by, at=at)
    assert weekly_plans.oblige(bureau.campaign, levels=found, by=by, at=at) == len(found)


def test_the_page_of_organizations_shows_whom_the_actor_may_set(bureau):
    by = actor(bureau.users["top_office"])
    places = set(weekly_plans.settable(bureau.campaign, by=by))
    assert places == {bureau.center, bureau.branch, bureau.sibling}


def test_who_joined_from_another_tree_reports_to_the_one_that_leads(bureau, issue, at):
    stranger = bureau.stranger
    weekly_plans.oblige(
        bureau.campaign, levels={bureau.elsewhere: Level.OFFICE}, by=stranger, at=at
    )
    rows = weekly_issues.reporting_to(issue, bureau.top, at=at)
    assert {one.organization for one in rows} == {bureau.center, bureau.elsewhere}
    everybody = weekly_issues.owing(issue, at=at)
    assert weekly_issues.collators(issue, everybody)[bureau.elsewhere.pk] == bureau.top
    report = weekly_collations.collate(issue, bureau.top, by=bureau.top_office, at=at)
    assert report.parts.filter(organization=bureau.elsewhere).exists()


# ---- a plan that changes


def test_a_changed_plan_moves_nothing_to_a_moment_that_has_passed(bureau, issue):
    plan = bureau.campaign.weekly_plan
    plan.office_weekday, plan.branch_weekday = 1, 0
    plan.save()
    weekly_issues.open_due(at=beijing(WEDNESDAY, 9))
    issue.refresh_from_db()
    assert (issue.branch_due_at, issue.due_at) == (beijing(THURSDAY, 17), beijing(FRIDAY, 12))
    assert issue.branch_counted_at is None
    following = WeeklyIssue.objects.filter(number=issue.number + 1)
    weekly_issues.open_due(at=beijing(FRIDAY, 13))
    assert following.get().due_at == beijing(date(2026, 6, 9), 12)


def test_a_level_whose_new_moment_has_passed_keeps_its_own(bureau, issue):
    plan = bureau.campaign.weekly_plan
    plan.branch_weekday, plan.office_hour = 1, time(15)
    plan.save()
    weekly_issues.open_due(at=beijing(WEDNESDAY, 9))
    issue.refresh_from_db()
    assert (issue.branch_due_at, issue.due_at) == (beijing(THURSDAY, 17), beijing(FRIDAY, 15))


def test_a_cut_off_moved_later_is_reminded_of_again(bureau, issue):
    weekly_clock.tell(at=beijing(WEDNESDAY, 17))
    plan = bureau.campaign.weekly_plan
    plan.office_hour, plan.branch_weekday, plan.branch_hour = time(17), 4, time(10)
    plan.save()
    Notice.objects.all().delete()
    weekly_clock.tell(at=beijing(THURSDAY, 10))
    found = Notice.objects.filter(key__startswith="weekly-day")
    assert {row.recipient.name for row in found} == {"周敏", "郑洁", "黄蕾"}
    assert "6月5日10:00" in found.first().subject


# ---- beginning and end


def test_no_issue_has_a_cut_off_before_the_plan_begins(bureau, at):
    planned(bureau, at=at, starts_on=FRIDAY)
    weekly_issues.open_due(at=beijing(MONDAY))
    assert not WeeklyIssue.objects.exists()
    weekly_issues.open_due(at=beijing(FRIDAY))
    first = WeeklyIssue.objects.get()
    assert (first.friday, first.number) == (date(2026, 6, 12), 1)
    assert first.since == first.begins("office") == beijing(FRIDAY, 12)


def test_the_last_issue_is_of_the_week_in_which_the_last_day_lies(bureau, at):
    planned(bureau, at=at, stops_on=FRIDAY)
    weekly_issues.open_due(at=beijing(date(2026, 6, 12)))
    assert WeeklyIssue.objects.latest("number").friday == FRIDAY
    plan = bureau.campaign.weekly_plan
    plan.stops_on = date(2026, 6, 8)
    plan.save()
    weekly_issues.open_due(at=beijing(date(2026, 6, 30)))
    assert WeeklyIssue.objects.latest("number").friday == date(2026, 6, 12)


def test_a_plan_that_begins_in_the_past_opens_from_the_week_somebody_owes(bureau, at):
    by = actor(bureau.users["top_office"], on=WEDNESDAY)
    planned(bureau, at=beijing(WEDNESDAY), by=by, starts_on=date(2026, 3, 2))
    weekly_issues.open_due(at=beijing(WEDNESDAY, 10))
    issue = WeeklyIssue.objects.get()
    assert (issue.number, issue.friday) == (1, FRIDAY)
    assert issue.since == beijing(date(2026, 5, 29), 12)


def test_nothing_is_opened_while_nobody_owes(bureau, at):
    by = actor(bureau.users["top_office"])
    weekly_plans.plan(bureau.campaign, facts=PLAN, by=by, at=at)
    weekly_issues.open_due(at=beijing(FRIDAY, 13))
    assert not WeeklyIssue.objects.exists()


# ---- the board and the desk say of each issue what was owed


def shown(client, bureau, place):
    """Return the words of an organization's row on the board, the latest issue first."""
    rows = client.get(reverse("weekly")).context["rows"]
    return next(
        ["迟报" if standing.late else standing.words for _, standing, _ in cells]
        for owing, cells in rows
        if owing.organization == place
    )


def test_a_branch_misses_no_issue_that_it_never_owed(bureau, issue, signed_in):
    weekly_issues.open_due(at=beijing(THURSDAY, 17, 5))
    new = OrganizationFactory(name="第三党支部", parent=bureau.center)
    made(bureau, new, Level.BRANCH, on=FRIDAY)
    with time_machine.travel(beijing(FRIDAY, 14), tick=False):
        client = signed_in(bureau.users["office"])
        assert shown(client, bureau, new) == ["", "", ""]
        assert shown(client, bureau, bureau.branch) == ["", "未报", "未报"]


def test_what_was_late_as_a_branch_stays_late_when_it_is_an_office(bureau, issue, signed_in):
    late = beijing(THURSDAY, 18)
    weekly_issues.open_due(at=late)
    issue.refresh_from_db()
    weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=late)
    made(bureau, bureau.branch, Level.OFFICE, on=FRIDAY)
    with time_machine.travel(beijing(FRIDAY, 14), tick=False):
        assert shown(signed_in(bureau.users["office"]), bureau, bureau.branch)[1] == "迟报"


def test_the_one_that_leads_misses_nothing_and_is_told_to_collate(bureau, issue, signed_in):
    client = signed_in(bureau.users["top_office"])
    with time_machine.travel(beijing(FRIDAY, 11, 59), tick=False):
        assert not [
            line
            for line in weekly_desk.waiting(bureau.top_office, at=beijing(FRIDAY, 11, 59))
            if "第2期" in line.words
        ]
    with time_machine.travel(beijing(FRIDAY, 14), tick=False):
        cards = client.get(reverse("weekly")).context["cards"]
        assert {card.standing.words for card in cards} == {""}
        lines = weekly_desk.waiting(bureau.top_office, at=beijing(FRIDAY, 14))
        assert [(line.state, line.is_late) for line in lines if "第2期" in line.words] == [
            ("未起草", False)
        ]


def test_a_missed_report_is_begun_from_the_board_however_long_ago(bureau, issue, signed_in):
    july = beijing(date(2026, 7, 8))
    weekly_issues.open_due(at=july)
    with time_machine.travel(july, tick=False):
        mine = reverse("weekly-begin", args=[issue.pk, bureau.branch.pk])
        assert mine in signed_in(bureau.users["liaison"]).get(reverse("weekly")).content.decode()
        others = signed_in(bureau.users["office"]).get(reverse("weekly")).content.decode()
        assert mine not in others
        assert reverse("weekly-collate", args=[issue.pk, bureau.center.pk]) in others


# ---- organizations that were dissolved


def dissolved(place, day):
    Organization.objects.filter(pk=place.pk).update(retired_on=day)
    place.refresh_from_db()


def test_what_was_filed_before_an_organization_was_dissolved_is_still_received(
    bureau, issue, signed_in
):
    report = weekly_reports.file_zero(
        issue, bureau.branch, by=bureau.secretary, at=beijing(MONDAY, 10)
    )
    dissolved(bureau.branch, WEDNESDAY)
    weekly_issues.open_due(at=beijing(THURSDAY, 17))
    assert (bureau.branch.name, "branch") in owed(issue, beijing(THURSDAY, 18))
    with time_machine.travel(beijing(THURSDAY, 18), tick=False):
        client = signed_in(bureau.users["office"])
        page = reverse("weekly-intake", args=[issue.pk, bureau.center.pk])
        assert reverse("weekly-receive", args=[report.pk]) in client.get(page).content.decode()
        url = reverse("weekly-receive", args=[report.pk])
        assert client.post(url, {"token": uuid.uuid4()}).status_code == 302
    assert report.receipts.get().decision == "received"


def test_one_dissolved_without_a_report_is_said_to_be_and_not_pressed(bureau, issue, signed_in):
    weekly_clock.tell(at=beijing(THURSDAY, 16))
    weekly_issues.open_due(at=beijing(THURSDAY, 17))
    dissolved(bureau.branch, FRIDAY)
    Notice.objects.all().delete()
    weekly_clock.tell(at=beijing(FRIDAY, 9))
    assert bureau.branch.name not in " ".join(Notice.objects.values_list("subject", flat=True))
    with time_machine.travel(beijing(FRIDAY, 9), tick=False):
        page = signed_in(bureau.users["office"]).get(
            reverse("weekly-intake", args=[issue.pk, bureau.center.pk])
        )
    words = {one.organization: standing.words for one, standing in page.context["rows"]}
    assert words[bureau.branch] == "已撤销"
    assert bureau.branch.name not in page.context["wording"]
    assert len(page.context["missing"]) == 1
