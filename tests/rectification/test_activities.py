"""Activities and meetings: one line of entry, links to problems, counted for the reports."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.actions import activities
from campaigns.models import Activity
from campaigns.models.activity import PHRASES, Kind, counted, sentence
from rectification.actions import activity_links
from rectification.models import ActivityProblem
from reform.errors import Forbidden, Refused, Stale
from tests.factories import AT, ON, OrganizationFactory
from tests.rectification.stages import meeting


@pytest.fixture
def travel():
    with time_machine.travel(AT, tick=False):
        yield


def enter(bureau, by, **facts):
    place = facts.pop("organization", bureau.branch)
    return activities.enter(bureau.campaign, facts=meeting(place, **facts), by=by, at=AT)


@pytest.fixture
def row(bureau):
    return enter(bureau, bureau.liaison)


def test_for_whom_one_may_enter(bureau):
    """C and B U, O D."""
    places = {
        "top": bureau.top,
        "center": bureau.center,
        "branch": bureau.branch,
        "sibling": bureau.sibling,
    }

    def may(who):
        found = []
        for name, place in places.items():
            try:
                with transaction.atomic():
                    enter(bureau, who, organization=place)
                    transaction.set_rollback(True)
            except Forbidden:
                continue
            found.append(name)
        return " ".join(found)

    assert {name: may(getattr(bureau, name)) for name in bureau.users} == {
        "member": "",
        "colleague": "",
        "liaison": "branch",
        "secretary": "branch",
        "office": "center branch sibling",
        "top_office": "top center branch sibling",
        "inspector": "",
        "leader": "",
        "neighbour": "sibling",
        "stranger": "",
        "system": "",
    }


def test_what_cannot_be_entered(bureau, row):
    gone = OrganizationFactory(name="已撤支部", parent=bureau.center)
    gone.retired_on = ON
    gone.save()
    wrong = (
        ({"on": ON + timedelta(days=1)}, bureau.liaison, "晚于今天"),
        ({"on": date(2026, 1, 1)}, bureau.liaison, "早于活动开始"),
        ({"kind": "other"}, bureau.liaison, "写明名称"),
        ({"organization": gone}, bureau.office, "已撤销"),
        ({}, bureau.liaison, "已经登记过"),
    )
    for facts, who, words in wrong:
        with pytest.raises(Refused, match=words), transaction.atomic():
            enter(bureau, who, **facts)
    assert Activity.objects.count() == 1


def test_a_line_is_corrected_or_taken_away_by_those_who_enter(bureau, row):
    facts = meeting(bureau.branch, topic="研究整改措施")
    changed = activities.change(row, version=1, facts=facts, by=bureau.secretary, at=AT)

    assert (changed.topic, changed.version) == ("研究整改措施", 2)
    with pytest.raises(Stale):
        activities.change(row, version=1, facts=facts, by=bureau.secretary, at=AT)
    with pytest.raises(Forbidden):
        activities.drop(row, by=bureau.neighbour, at=AT)
    activities.drop(row, by=bureau.office, at=AT)
    with pytest.raises(Refused, match="已被删除"):
        activities.drop(row, by=bureau.office, at=AT)


def test_who_reads_them(bureau, row):
    enter(bureau, bureau.top_office, organization=bureau.top)

    seen = {
        name: Activity.objects.visible_to(getattr(bureau, name)).count() for name in bureau.users
    }

    assert seen == {
        **dict.fromkeys(["member", "colleague", "liaison", "secretary"], 2),
        **dict.fromkeys(["office", "top_office", "inspector", "leader"], 2),
        "neighbour": 1,
        "stranger": 0,
        "system": 0,
    }


# ---------------------------------------------------------------- counting


@pytest.fixture
def several(bureau):
    by = bureau.top_office
    for number in range(3):
        enter(bureau, by, topic=f"第{number}次会", on=date(2026, 5, 10 + number))
    enter(bureau, by, kind="survey", topic="到窗口调研", organization=bureau.sibling)
    enter(bureau, by, kind="survey", topic="到企业调研", organization=bureau.top)
    enter(bureau, by, kind="other", other="升旗仪式", topic="升旗", organization=bureau.top)
    return bureau.campaign


def test_counted_is_the_rows_and_the_sentence_says_how_many(bureau, several):
    whole = counted(several)

    assert sentence(whole.by_kind()) == "先后召开专题会议3次、开展调研2次、开展其他活动1次。"
    assert counted(several, under=bureau.center.path).by_kind() == {"meeting": 3, "survey": 1}
    assert counted(several, kinds=["survey"]).count() == 2
    assert counted(several, since=date(2026, 5, 11), until=date(2026, 5, 12)).count() == 2
    assert sentence({}) == ""
    assert set(PHRASES) == set(Kind.values)


@pytest.mark.parametrize(
    "query", ["", "?organization=服务中心党委", "?since=2026-05-11", "?page=9"]
)
def test_a_number_on_the_page_opens_exactly_what_it_counts(
    bureau, several, signed_in, travel, query
):
    browser = signed_in(bureau.top_office)
    url = reverse("activities", args=[several.pk])
    page = browser.get(f"{url}{query}")

    assert page.context["counts"]
    for _words, number, opens in page.context["counts"]:
        rows = browser.get(f"{url}{opens}").context["object_list"]
        assert len(rows) == number
    assert sum(number for _, number, _ in page.context["counts"]) == (
        page.context["paginator"].count
    )


# ---------------------------------------------------------------- problems


def test_a_line_with_the_problems_it_was_about(bureau, registered, signed_in, travel):
    browser, url = signed_in(bureau.liaison), reverse("activity-new", args=[bureau.campaign.pk])
    data = {
        "kind": "meeting",
        "on": "2026-06-02",
        "topic": "研究回访问题",
        "organization": "第一党支部",
        "problems": f"{registered.number}，{registered.number}",
    }
    assert "没有编号为" in browser.post(url, data | {"problems": "NO-1"}).content.decode()
    token = {"token": "00000000-0000-4000-8000-000000000001"}
    assert browser.post(url, data | token).status_code == 302
    browser.post(url, data | token)  # a double click
    (row,) = Activity.objects.all()
    assert [link.problem for link in row.links.all()] == [registered]

    page = browser.get(reverse("activities", args=[bureau.campaign.pk])).content.decode()
    assert registered.number in page
    # A secretary beside it does not read the problem, nor its number.
    Activity.objects.update(organization=bureau.center)
    page = signed_in(bureau.neighbour).get(reverse("activities", args=[bureau.campaign.pk]))
    assert "研究回访问题" in page.content.decode()
    assert registered.number not in page.content.decode()


def test_links_that_one_may_not_read_stay(bureau, registered, at):
    row = activity_links.enter(
        bureau.campaign,
        facts=meeting(bureau.sibling),
        problems=[registered],
        by=bureau.office,
        at=at,
    )
    facts = meeting(bureau.sibling, topic="另一个主题")
    activity_links.change(row, version=1, facts=facts, problems=[], by=bureau.neighbour, at=at)
    assert ActivityProblem.objects.count() == 1

    activity_links.change(row, version=2, facts=facts, problems=[], by=bureau.office, at=at)
    assert ActivityProblem.objects.count() == 0


def test_as_many_queries_for_one_activity_as_for_fifty(bureau, registered, signed_in, travel):
    browser, counts = signed_in(bureau.office), []
    url = reverse("activities", args=[bureau.campaign.pk])
    for part in (1, 49):
        for number in range(part):
            activity_links.enter(
                bureau.campaign,
                facts=meeting(bureau.branch, topic=f"第{part}组第{number}次"),
                problems=[registered],
                by=bureau.office,
                at=AT,
            )
        browser.get(url)
        with CaptureQueriesContext(connection) as asked:
            browser.get(url)
        counts.append(len(asked))

    assert counts[0] == counts[1]
