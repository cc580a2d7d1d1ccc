"""Correcting an issued row from its page (更正): what stays, and what is not the branch's."""

from datetime import date, timedelta

import pytest
import time_machine

from rectification.actions import problems, registrations
from rectification.models import Problem
from reform.errors import Forbidden, Refused
from tests.conftest import SIX
from tests.factories import AT, ON, ProblemFactory

LATER = AT + timedelta(days=3)
DEADLINES = {
    "a day": {},
    "a duration": {"due_on": None, "due_days": 15, "due_text": "15日内"},
    "at once": {"due_kind": "at_once", "due_on": None, "due_text": "立行立改"},
    "standing": {
        "due_kind": "standing",
        "due_on": None,
        "due_text": "长期坚持",
        "stage_goal": "每月抽查一次",
        "review_on": date(2026, 8, 1),
    },
}


def issued(bureau, **facts):
    row = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=bureau.liaison,
        **(SIX | facts),
    )
    row = registrations.register(row, by=bureau.secretary, at=AT)
    return registrations.issue(row, by=bureau.secretary, at=AT)


def corrected(signed_in, who, row, **typed):
    """Open the page, change what is given, send the rest as it was shown."""
    with time_machine.travel(LATER, tick=False):
        browser, address = signed_in(who), f"/problems/{row.pk}/edit/"
        form = browser.get(address).context["form"]
        shown = {field.html_name: field.field.prepare_value(field.value()) for field in form}
        shown |= {"reason": "更正错字"} | typed
        return browser.post(address, {name: "" if v is None else v for name, v in shown.items()})


@pytest.mark.parametrize("due", DEADLINES.values(), ids=DEADLINES)
def test_a_deadline_nobody_touched_stays(bureau, signed_in, due):
    row = issued(bureau, **due)

    response = corrected(signed_in, bureau.office, row, description="改了一个错字。")

    now = Problem.objects.get(pk=row.pk)
    assert response.status_code == 302
    assert (now.description, now.due_on) == ("改了一个错字。", row.due_on)
    assert [change.cause for change in now.deadline_changes.all()] == ["first"]


def test_a_new_duration_counts_from_the_day_of_the_correction(bureau, signed_in):
    row = issued(bureau)

    corrected(signed_in, bureau.office, row, due="10日内")

    now = Problem.objects.get(pk=row.pk)
    assert now.due_on == ON + timedelta(days=13)
    assert now.first_due_on == row.first_due_on


def test_a_standing_row_goes_by_its_new_review_day(bureau, signed_in):
    row = issued(bureau, **DEADLINES["standing"])

    corrected(signed_in, bureau.office, row, review_on="2026-08-20")

    now = Problem.objects.get(pk=row.pk)
    assert (now.review_on, now.due_on) == (date(2026, 8, 20), date(2026, 8, 20))


def test_a_deadline_that_was_not_understood_hinders_no_other_correction(bureau, signed_in):
    """An imported draft may say 另行通知; it is asked about before issuing, not before saving."""
    row = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=bureau.liaison,
        due_text="另行通知",
    )

    response = corrected(signed_in, bureau.liaison, row, cause="制度没有落实")

    assert response.status_code == 302
    assert Problem.objects.get(pk=row.pk).due_text == "另行通知"


@pytest.mark.parametrize(
    ("field", "value"), [("owner_kind", "personal"), ("owner_kind", "team"), ("severity", "key")]
)
def test_what_the_closing_level_goes_by_is_not_the_branchs(
    bureau, rectifying, signed_in, field, value
):
    """A branch could hide an issued row from everybody above, or choose its own reviewers."""
    response = corrected(
        signed_in, bureau.liaison, rectifying, cause="制度没有落实", **{field: value}
    )

    now = Problem.objects.get(pk=rectifying.pk)
    assert response.status_code == 302
    assert (now.cause, getattr(now, field)) == ("制度没有落实", getattr(rectifying, field))
    with pytest.raises((Forbidden, Refused)):
        problems.amend(
            now, version=now.version, facts={field: value}, reason="改", by=bureau.liaison, at=AT
        )


def test_the_office_may_and_the_chain_follows(bureau, rectifying, at):
    row = problems.amend(
        rectifying,
        version=rectifying.version,
        facts={"severity": "key"},
        reason="上级要求",
        by=bureau.office,
        at=at,
    )

    assert row.closing_level.for_key


def test_a_unit_row_does_not_become_somebodys_own(bureau, rectifying, at):
    with pytest.raises(Refused, match="不能用填写或更正互相转换"):
        problems.amend(
            rectifying,
            version=rectifying.version,
            facts={"owner_kind": "personal"},
            reason="改",
            by=bureau.office,
            at=at,
        )


def test_somebodys_own_row_is_not_opened_to_the_unit_behind_his_back(bureau, draft, at):
    Problem.objects.filter(pk=draft.pk).update(owner_kind="personal")
    row = registrations.register(draft, by=bureau.secretary, at=at)

    with pytest.raises(Refused, match="须先告知本人"):
        problems.fill(
            row, version=row.version, facts={"owner_kind": "unit"}, by=bureau.secretary, at=at
        )
