"""Two secretaries, or one who presses twice: a finding stands on the ledger once."""

import pytest

from rectification.actions import findings
from rectification.models import Problem
from reform.models import Notice
from tests.factories import AT
from tests.rectification.test_findings import accepted
from tests.rectification.test_races import at_once, refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_taken_in_twice_at_once_it_is_one_row_each(bureau):
    """In opposite orders, so that neither waits for the other for ever."""
    mine = accepted(bureau, bureau.member, "庸", "懒")
    theirs = accepted(bureau, bureau.colleague, "散")
    rows = [*mine, *theirs]
    found = at_once(
        lambda: findings.take_in(rows, by=bureau.secretary, at=AT),
        lambda: findings.take_in(rows[::-1], by=bureau.secretary, at=AT),
    )

    assert refused(found) == []
    results = [one for results in found for one in results]
    assert sum(one.problem is not None for one in results) == len(rows)
    assert sum("已入账" in one.refused for one in results) == len(rows)
    numbers = Problem.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [f"YACG-2026-{n:05d}" for n in (1, 2, 3)]
    told = Notice.objects.filter(recipient=bureau.users["member"], subject__contains="列入台账")
    assert told.count() == 1
