"""Later cut-offs: outage or consent, taken back, told of; and who is pressed meanwhile."""

import uuid
from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from docx import Document

from rectification.actions import (
    weekly_clock,
    weekly_deferrals,
    weekly_issues,
    weekly_reports,
)
from rectification.models import Deferral
from rectification.models.weekly_board import standings
from rectification.reports import weekly_reminder
from reform.errors import Forbidden, Refused
from reform.models import Notice, TrailEntry
from tests.rectification.weekly import FRIDAY, MONDAY, beijing, opened, planned
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")

WEDNESDAY, THURSDAY = date(2026, 6, 3), date(2026, 6, 4)
LATER = beijing(date(2026, 6, 8))


@pytest.fixture
def issue(bureau, at):
    planned(bureau, at=at)
    issue = opened(bureau)
    weekly_clock.tell(at=beijing(MONDAY, 9))
    Notice.objects.all().delete()
    return issue


def deferred(bureau, issue, place=None, *, at, kind="agreed", **facts):
    return weekly_deferrals.defer(
        issue,
        place or bureau.branch,
        kind=kind,
        until=LATER,
        reason="外出学习",
        by=bureau.office,
        at=at,
        **facts,
    )


def standing(issue, place, *, at):
    issue.refresh_from_db()
    return standings([issue], [place], levels={(issue.pk, place.pk): "branch"}, at=at)[
        issue.pk, place.pk
    ]


def subjects():
    return list(Notice.objects.order_by("pk").values_list("recipient__name", "subject"))


# ---- an outage is not somebody's consent


def test_the_page_of_an_outage_says_whom_it_is_for_and_excuses_all_as_such(
    bureau, issue, signed_in
):
    client = signed_in(bureau.users["office"])
    url = reverse("weekly-defer", args=[issue.pk, bureau.center.pk])
    with time_machine.travel(beijing(THURSDAY, 18), tick=False):
        page = client.get(url).content.decode()
        assert "登记系统故障" in page
        assert "所有单位" in page
        assert "经同意缓报" not in page
        data = {"until": f"{LATER:%Y-%m-%dT%H:%M}", "reason": "停电", "kind": "agreed"}
        client.post(url, data | {"token": uuid.uuid4()})
    row = Deferral.objects.get()
    assert (row.kind, row.with_below) == ("outage", True)


def test_consent_is_for_one_organization(bureau, issue, at):
    with pytest.raises(Refused, match="逐个单位"):
        deferred(bureau, issue, bureau.center, at=at, with_below=True)


def test_an_outage_is_entered_when_all_have_come_late(bureau, issue, signed_in):
    late = beijing(THURSDAY, 18)
    weekly_issues.open_due(at=late)
    for place, by in ((bureau.branch, bureau.secretary), (bureau.sibling, bureau.neighbour)):
        weekly_reports.file_zero(issue, place, by=by, at=late)
    with time_machine.travel(late, tick=False):
        page = signed_in(bureau.users["office"]).get(
            reverse("weekly-intake", args=[issue.pk, bureau.center.pk])
        )
    assert reverse("weekly-defer", args=[issue.pk, bureau.center.pk]) in page.content.decode()
    assert standing(issue, bureau.branch, at=late).late
    deferred(bureau, issue, bureau.center, at=late, kind="outage", with_below=True)
    assert not standing(issue, bureau.branch, at=late).late


def test_the_office_above_is_not_offered_an_outage_of_another_office(bureau, issue, signed_in):
    page = signed_in(bureau.users["top_office"]).get(
        reverse("weekly-intake", args=[issue.pk, bureau.center.pk])
    )
    assert "登记系统故障" not in page.content.decode()


# ---- told of, and taken back


def test_those_concerned_are_told(bureau, issue, at):
    deferred(bureau, issue, at=at)
    assert {name for name, _ in subjects()} == {"周敏", "郑洁"}
    assert "缓至2026-06-08" in subjects()[0][1]
    Notice.objects.all().delete()
    deferred(bureau, issue, bureau.center, at=at, kind="outage", with_below=True)
    assert {name for name, _ in subjects()} == {"周敏", "郑洁", "黄蕾"}  # the office did it itself
    assert set(Notice.objects.values_list("event", flat=True)) == {"weekly_work"}


def test_one_taken_back_holds_no_more(bureau, issue, at):
    deferred(bureau, issue, at=at)
    Notice.objects.all().delete()
    (row,) = weekly_deferrals.withdraw(issue, bureau.branch, by=bureau.office, at=at)
    assert (row.withdrawn_by, row.withdrawn_at) == (bureau.users["office"], at)
    assert standing(issue, bureau.branch, at=beijing(THURSDAY, 18)).words == "未报"
    assert {name for name, _ in subjects()} == {"周敏", "郑洁"}
    assert TrailEntry.objects.filter(act="weekly.undeferred").count() == 1
    with pytest.raises(Refused, match="没有可以撤销"):
        weekly_deferrals.withdraw(issue, bureau.branch, by=bureau.office, at=at)


def test_it_is_taken_back_by_who_could_agree_to_it(bureau, issue, at):
    deferred(bureau, issue, at=at)
    with pytest.raises(Forbidden):
        weekly_deferrals.withdraw(issue, bureau.branch, by=bureau.secretary, at=at)
    # What the bureau agreed to for the centre is not the centre's to take back.
    facts = {"kind": "agreed", "until": LATER, "reason": "x"}
    weekly_deferrals.defer(issue, bureau.center, **facts, by=bureau.top_office, at=at)
    with pytest.raises(Refused):
        weekly_deferrals.withdraw(issue, bureau.center, by=bureau.office, at=at)


def test_it_is_taken_back_on_the_page(bureau, issue, at, signed_in):
    deferred(bureau, issue, at=at)
    client = signed_in(bureau.users["office"])
    url = reverse("weekly-undefer", args=[issue.pk, bureau.branch.pk])
    intake = reverse("weekly-intake", args=[issue.pk, bureau.center.pk])
    assert url in client.get(intake).content.decode()
    response = client.post(url, {"token": uuid.uuid4()})
    assert response.url == intake
    assert url not in client.get(intake).content.decode()


# ---- who is pressed


def test_who_may_be_later_is_not_reminded_before_the_cut_off_either(bureau, issue, at):
    deferred(bureau, issue, bureau.sibling, at=at)
    Notice.objects.all().delete()
    weekly_clock.tell(at=beijing(WEDNESDAY, 17))
    assert {name for name, _ in subjects()} == {"周敏", "郑洁"}


def test_who_may_be_later_is_in_no_text_until_that_has_passed(bureau, issue, at, signed_in):
    deferred(bureau, issue, bureau.sibling, at=at)
    intake = reverse("weekly-intake", args=[issue.pk, bureau.center.pk])
    letter = reverse("weekly-reminder", args=[issue.pk, bureau.center.pk])
    for moment, named in ((beijing(FRIDAY, 9), False), (beijing(date(2026, 6, 8), 10), True)):
        with time_machine.travel(moment, tick=False):
            client = signed_in(bureau.users["office"])
            wording = client.get(intake).context["wording"]
            words = text_of(client.get(letter))
        assert bureau.branch.name in wording
        assert (bureau.sibling.name in wording) is named
        assert (bureau.sibling.name in words) is named


def test_each_level_is_given_its_own_cut_off(bureau, issue, at):
    missing = weekly_issues.owing(issue, at=at)
    text = weekly_reminder.wording(issue, missing, organization=bureau.top, at=at)
    assert "基层单位请于6月4日17时前，汇总单位请于6月5日12时前" in text
    after = weekly_reminder.wording(
        issue, missing, organization=bureau.top, at=beijing(THURSDAY, 18)
    )
    assert "基层单位请尽快，汇总单位请于6月5日12时前" in after
    branches = [one for one in missing if one.level == "branch"]
    assert "，请于6月4日17时前在系统" in weekly_reminder.wording(
        issue, branches, organization=bureau.center, at=at
    )
    paper = weekly_reminder.letter(issue, missing, organization=bureau.top, at=at)
    words = "\n".join(line.text for line in Document(BytesIO(paper)).paragraphs)
    assert "基层单位应于6月4日17时前，汇总单位应于6月5日12时前报送" in words


def test_the_letter_is_the_offices_and_on_the_trail(bureau, issue, signed_in):
    url = reverse("weekly-reminder", args=[issue.pk, bureau.center.pk])
    assert signed_in(bureau.users["leader"]).get(url).status_code == 403
    assert signed_in(bureau.users["office"]).get(url).status_code == 200
    assert TrailEntry.objects.filter(act="weekly.urged").count() == 1


def text_of(response):
    data = b"".join(response.streaming_content) if response.streaming else response.content
    return "\n".join(line.text for line in Document(BytesIO(data)).paragraphs)
