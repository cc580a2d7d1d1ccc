"""Two files with one row between them, kept at the same moment."""

import pytest

from campaigns.models import Source
from rectification.actions import uploads
from rectification.imports import ledger
from rectification.models import Problem, Upload
from reform.errors import Refused
from tests.rectification.test_import import GOOD, kept, received, workbook

OTHER = (2, "档案没有归档。", "补归档", "马超", "2026年6月30日")


def test_a_row_that_came_in_by_another_file_meanwhile_is_not_added_again(bureau, at):
    first = received(bureau, at, workbook(GOOD))
    second = received(bureau, at, workbook(GOOD, OTHER))
    source = Source.objects.get(campaign=bureau.campaign, name="自己找")
    seen = [
        ledger.new_row(row, items={}, source=source, found_on=at.date())
        for row in ledger.check(second, by=bureau.liaison).kept
    ]
    kept(bureau, at, first)

    with pytest.raises(Refused, match="有1行已在台账中"):
        uploads.keep(second, rows=seen, by=bureau.liaison, at=at)

    assert Problem.objects.count() == 1
    assert Upload.objects.get(pk=second.pk).state == "read"
    assert len(kept(bureau, at, second)) == 1
