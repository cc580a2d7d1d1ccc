"""Every act in every state: what the arrows allow is not yet what an act allows.

One row a state, from the world of the access table; each attempt is undone.
"""

import pytest
from django.db import transaction

from rectification.actions import (
    bulk,
    closures,
    evidences,
    measures,
    problems,
    registrations,
    reviews,
)
from rectification.models import Problem, ReviewStep
from reform.errors import Refused
from tests.factories import AT, ON
from tests.rectification.test_closures import VERIFY
from tests.test_access import a_world, browser

# act → the states in which the secretary may do it; everywhere else it is refused.
STATES = ("draft", "registered", "assigned", "rectifying", "in_review", "closed")
ALLOWED = {
    "register": {"draft"},
    "issue": {"registered"},
    "accept": {"assigned"},
    "return": {"assigned"},
    "delete": {"draft"},
    "fill": {"draft", "registered"},
    "amend": {"assigned", "rectifying"},
    "plan": {"draft", "registered", "assigned", "rectifying"},
    "report": {"rectifying"},
    "prove": {"rectifying"},
}
NOTE = {"kind": "note", "title": "说明", "text": "可查"}
CAUSE = {"cause": "制度没有落实"}
DO = {
    "register": registrations.register,
    "issue": registrations.issue,
    "accept": registrations.accept,
    "return": lambda row, **who: registrations.return_assignment(row, reason="不属", **who),
    "delete": problems.delete_draft,
    "fill": lambda row, **who: problems.fill(row, version=row.version, facts=CAUSE, **who),
    "amend": lambda row, **who: problems.amend(
        row, version=row.version, facts=CAUSE, reason="补充", **who
    ),
    "plan": lambda row, **who: measures.plan(row, facts={"text": "建立台账"}, **who),
    "report": lambda row, **who: measures.report(
        row, text="推进", progress="under_way", on=ON, **who
    ),
    "prove": lambda row, **who: evidences.prove(row, facts=NOTE, **who),
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with a_world(django_db_blocker, tmp_path_factory) as world:
        world.in_review = world.verify.application.problem
        yield world


def row_in(world, state):
    row = Problem.objects.get(pk=getattr(world, state).pk)
    assert row.status == state
    return row


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", ALLOWED)
def test_an_act_in_every_state(world, act, state):
    row, done = row_in(world, state), True
    who = world.by["liaison" if act == "delete" else "secretary"]
    with transaction.atomic():
        try:
            DO[act](row, by=who, at=AT)
        except Refused:
            done = False
        transaction.set_rollback(True)

    assert done is (state in ALLOWED[act])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", bulk.ACTS)
def test_a_bulk_act_goes_no_further(world, act, state):
    """The button is offered in one view only, but anybody may send the keys of other rows."""
    row = row_in(world, state)
    with transaction.atomic():
        browser(world, "secretary").post("/problems/bulk/", {"act": act, "pk": [row.pk]})
        now = Problem.objects.get(pk=row.pk)
        transaction.set_rollback(True)

    assert (now.status != state) is (state in ALLOWED[act])
    assert row.number is None or now.number == row.number


def test_a_step_that_is_not_open_is_nobodys(world):
    for step in ReviewStep.objects.exclude(state="open"):
        for who in ("secretary", "office", "inspector", "leader"):
            with pytest.raises(Refused), transaction.atomic():
                reviews.decide(step, verdict=VERIFY, by=world.by[who], at=AT)
        with pytest.raises(Refused), transaction.atomic():
            closures.appoint(step, user=world.outside, until=ON, by=world.by["office"], at=AT)
