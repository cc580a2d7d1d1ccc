"""Numbers beside the chips: what they count, how far, and what a page deep in the list shows."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectification import statistics
from rectification.actions import registrations
from rectification.models import Problem
from rectification.models.ledger_filter import COUNTED_ON_SQLITE, chips
from rectification.models.problem_queryset import SOON
from rectification.statistics import chip_counts
from rectification.views import ledger_page
from tests.conftest import ON, SIX
from tests.factories import ProblemFactory
from tests.rectification.test_many_rows import registered

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", COUNTED_ON_SQLITE)
@pytest.mark.parametrize("status", Problem.Status.values)
def test_a_chip_counts_the_rows_of_its_list(bureau, code, status):
    undated = None if status in {"draft", "registered", "assigned"} else date(2027, 1, 1)
    days = [undated, *(ON + timedelta(days=days) for days in (-1, 0, 1, SOON, SOON + 1))]
    for number, due in enumerate(days):
        row = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)
        Problem.objects.filter(pk=row.pk).update(
            number=None if status == "draft" else f"X-{number}",
            registered_at=None if status == "draft" else row.drafted_at,
            closed_at=row.drafted_at if status == "closed" else None,
            status=status,
            due_on=due,
            first_due_on=due,
        )

    _, listed = chips()[code]
    rows = Problem.objects.filter(listed(ON))
    assert set(Problem.objects.filter(COUNTED_ON_SQLITE[code](ON))) == set(rows)
    assert chip_counts(Problem.objects.all(), on=ON)[code] == rows.count()
    assert rows.exists() is (status in {"assigned", "rectifying"})


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(statistics, "CAP", 3)
    monkeypatch.setattr(statistics, "GLANCE", 2)


def counted(rows, **asked):
    """Return the counts and how many chips were counted for them."""
    with CaptureQueriesContext(connection) as queries:
        counts = chip_counts(rows, on=ON, **asked)
    return counts, queries[0]["sql"].count("COUNT(*)")


@pytest.mark.usefixtures("small")
def test_what_only_grows_and_was_past_its_cap_is_not_counted_again(bureau, at):
    rows = Problem.objects.visible_to(bureau.office)
    registered(bureau, at, 3)
    counts, asked = counted(rows, chosen="all")
    assert (counts["all"], asked) == (3, len(chips()))

    registered(bureau, at, 2)
    counts, asked = counted(rows, chosen="all")
    assert (counts["all"], asked) == (4, len(chips()))
    again, asked = counted(rows, chosen="all")
    assert (again, asked) == (counts, len(chips()) - 1)

    # Not chosen it counts less far, and that is known as well.
    counts, asked = counted(rows, chosen="registered")
    assert (counts["all"], counts["registered"], asked) == (3, 4, len(chips()) - 1)


@pytest.mark.usefixtures("small")
def test_what_may_get_fewer_is_counted_each_time(bureau, at):
    rows = Problem.objects.visible_to(bureau.office)
    some = registered(bureau, at, 5)
    assert chip_counts(rows, on=ON, chosen="registered")["registered"] == 4
    for row in some[:4]:
        registrations.issue(row, by=bureau.secretary, at=at)
    assert chip_counts(rows, on=ON, chosen="registered")["registered"] == 1


@pytest.mark.usefixtures("small")
def test_what_is_known_of_one_scope_says_nothing_of_another(bureau, at):
    registered(bureau, at, 5)
    assert chip_counts(Problem.objects.visible_to(bureau.office), on=ON)["all"] == 4
    assert chip_counts(Problem.objects.visible_to(bureau.neighbour), on=ON)["all"] == 0
    for place, count in ((bureau.branch, 4), (bureau.sibling, 0)):
        assert chip_counts(Problem.objects.filter(organization=place), on=ON)["all"] == count


@pytest.mark.parametrize("sort", ["number", "-number", "due", "organization"])
@pytest.mark.parametrize("asked", [{}, {"severity": "ordinary"}])
def test_a_page_deep_in_the_list_goes_on_where_the_last_ended(
    bureau, at, signed_in, monkeypatch, sort, asked
):
    hands = {bureau.branch: bureau.liaison, bureau.sibling: bureau.neighbour}
    rows = [
        ProblemFactory(campaign=bureau.campaign, organization=place, by=hands[place], **SIX)
        for place in [*hands] * 4
    ]
    client = signed_in(bureau.office)
    address = {"view": "draft", "sort": sort, **asked}
    whole = [row["pk"] for row in client.get("/problems/", address).context["rows"]]
    assert sorted(whole) == [row.pk for row in rows]

    monkeypatch.setattr(ledger_page, "SIZE", 2)
    monkeypatch.setattr("rectification.views.ledger.SIZE", 2)
    monkeypatch.setattr(ledger_page, "FAR", 2)
    pages = [client.get("/problems/", {**address, "page": page}) for page in range(1, 5)]
    assert [row["pk"] for page in pages for row in page.context["rows"]] == whole
