"""The short road to a world leads where the long one does (tests/worlds.py)."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection, transaction

from rectification.models import Problem
from reform.models import Organization, TrailEntry, User
from tests.conftest import STEPS, a_bureau, last_step, so_far
from tests.factories import AT, ON, OrganizationFactory, actor
from tests.rectification.test_closures import closed
from tests.rectification.test_search import looked_up
from tests.rectification.weekly import planned
from tests.reform.test_triggers import LISTED, standing
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture
from tests.worlds import empty, every_row, made_once


def met(make):
    """Return what it makes, and the rows there are then; nothing of it stays."""
    with transaction.atomic():
        made, rows = make(), every_row()
        transaction.set_rollback(True)
    return made, rows


def said(thing, known=()):
    """Return all that an object says of itself, and what it leads to."""
    if id(thing) in known:
        return f"again {type(thing).__name__}"
    known = (*known, id(thing))
    if isinstance(thing, dict):
        told = {str(key): said(value, known) for key, value in thing.items()}
        told.pop("_django_version", None)  # of the release that packed it
        return told
    if isinstance(thing, list | tuple):
        return [said(one, known) for one in thing]
    if hasattr(thing, "__dict__") and not isinstance(thing, type):
        return type(thing).__name__, said(vars(thing), known)
    return repr(thing)


@pytest.mark.parametrize("step", [None, *STEPS])
def test_what_is_put_back_is_what_was_made(step):
    world = made_once()(so_far(step).__wrapped__)

    made, rows = met(world)
    again, rows_again = met(world)

    assert rows_again == rows
    assert said(again) == said(made)
    assert again is not made


def closed_one():
    """A closed row, and hours of weekly reports: what SQLite and triggers make difficult."""
    bureau = so_far("applied")()
    planned(bureau, at=AT)
    return bureau, closed(bureau.done["applied"], bureau, at=AT)


def test_what_is_final_is_put_back_past_its_triggers_which_stand_again():
    world = made_once(is_final=True)(closed_one)

    _, rows = met(world)
    _, row = world()

    assert every_row() == rows
    assert row.status == "closed"
    assert standing() == sorted(LISTED)
    assert looked_up(row.number) == looked_up("马超") == {row.pk}
    new = OrganizationFactory()
    assert new.pk > max(one.pk for one in Organization.objects.exclude(pk=new.pk))


@pytest.mark.parametrize("make", [a_bureau.__wrapped__, so_far("applied").__wrapped__])
def test_the_hour_at_which_a_world_is_made_is_not_in_it(make):
    hours = []
    for hour in (datetime(2026, 6, 3, 1, tzinfo=UTC), datetime(2027, 2, 1, 20, tzinfo=UTC)):
        with time_machine.travel(hour, tick=False):
            hours.append(met(make)[1])

    assert plain(hours[0]) == plain(hours[1])


def plain(rows):
    """Rows without what differs from one making to the next: keys, serial names, no password."""

    def word(value):
        if isinstance(value, list):  # of PostgreSQL's: the pairs of what is searched
            return "#"
        if isinstance(value, str):
            return "!" if value.startswith("!") else re.sub(r"[0-9a-f]{40}|\d+", "#", value)
        return "#" if type(value) is int else value

    return {table.name: [[*map(word, row)] for row in found] for table, found in rows.items()}


def test_nobody_finds_what_another_did_to_his_bureau():
    first, _ = met(so_far("draft"))
    first.branch.name = first.done["draft"].description = "改过"
    first.users.clear()

    bureau = so_far("draft")()

    assert bureau.done["draft"].campaign is bureau.campaign
    assert bureau.member.user is bureau.users["member"]
    assert bureau.branch.name == Organization.objects.get(pk=bureau.branch.pk).name == "第一党支部"
    assert bureau.done["draft"].description == Problem.objects.get().description
    assert actor(User.objects.get(pk=bureau.member.user.pk), on=ON) == bureau.member


def test_where_something_is_already_the_acts_make_the_world():
    kept, _ = met(so_far("draft"))
    put_back, _ = met(so_far("draft"))
    OrganizationFactory()

    made = so_far("draft")()

    assert put_back.branch.code == kept.branch.code != made.branch.code
    assert made.done["draft"].organization == made.branch


@pytest.mark.django_db(transaction=True)
def test_after_a_test_that_commits_nothing_is_left_and_the_triggers_stand():
    row = closed_one()[1]
    assert looked_up(row.number) == {row.pk}
    assert TrailEntry.objects.exists()

    empty()

    assert every_row() == {}
    assert standing() == sorted(LISTED)
    assert looked_up(row.number) == set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_content_type")
        assert cursor.fetchone()[0]


def test_the_problem_is_there_with_the_bureau_if_nothing_stands_between(bureau, ready, request):
    assert last_step(request.node) == "ready"
    assert [*bureau.done] == ["draft", "registered", "rectifying", "ready"]
    assert ready is bureau.done["ready"]


def test_else_its_acts_come_when_they_are_asked_for(bureau, calendar, draft, request):  # noqa: F811
    assert last_step(request.node) is None
    assert bureau.done == {}
    assert draft.status == "draft"
