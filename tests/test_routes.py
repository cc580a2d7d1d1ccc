"""Every road to an act on a problem: role × relation, the whole of it on SQLite, a tenth on
PostgreSQL.

What a page must answer is not written here but follows from tests/files/permissions.tsv: who may
not read the row does not find it (404), who may not do the act is told so (403), and of neither
anything is left in the database. Pages of other things stand in tests/test_access.py.
"""

import uuid

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from rectification.models import Measure, Problem
from reform.models import User
from tests.conftest import a_tenth
from tests.factories import AT, ON
from tests.test_access import IN, Pen, answered, everything
from tests.test_permissions import RELATIONS, ROLES, expected, row_of, rows_of
from tests.test_permissions import world as _world

world = _world

# page → the state a row must be in to be asked, and the act; None where reading is the act.
ROADS = {
    ("problem", "draft"): "pb.read",
    ("problem", "rectifying"): "pb.read",
    ("problem-edit", "draft"): "pb.edit_draft",
    ("problem-edit", "registered"): "pb.amend",
    ("problem-delete", "draft"): "pb.delete_draft",
    ("problem-register", "draft"): "pb.publish",
    ("problem-issue", "registered"): "pb.assign",
    ("problem-accept", "assigned"): "pb.accept",
    ("problem-return", "assigned"): "pb.return_assignment",
    ("problem-pause", "rectifying"): "esc.mute",
    ("measure-plan", "draft"): "pb.edit_draft",
    ("measure-plan", "rectifying"): "pb.plan",
    ("measure-edit", "rectifying"): "pb.plan",
    ("measure-finish", "rectifying"): "pb.progress",
    ("progress-add", "rectifying"): "pb.progress",
    ("evidence-add", "rectifying"): "ev.upload",
    ("closure-apply", "rectifying"): "pb.close_request",
}
NO = {"403", "404", IN}
OF_MEASURES = {"measure-edit", "measure-finish", "measure-unfinish", "measure-delete"}


@pytest.fixture(scope="module")
def site(world, django_db_blocker):
    """The world of the table, with everybody signed in on its day and a measure on every row."""
    with django_db_blocker.unblock(), time_machine.travel(AT, tick=False):
        rows = [*world["rows"].values(), *world["selves"].values()]
        world["measures"] = {
            row.pk: Measure.objects.create(
                problem=row, position=1, text="建立台账", entered_by=row.drafted_by
            )
            for row in rows
        }
        world["browsers"] = {}
        for code, who in world["people"].items():
            browser = Client()
            browser.force_login(who.user, backend="django.contrib.auth.backends.ModelBackend")
            world["browsers"][code] = browser.cookies
        world["browsers"]["nobody"] = Client().cookies
        yield world


def put(status):
    """Put every row into a state, as far as a page looks; all is undone afterwards."""
    for place, row in enumerate(Problem.objects.all(), start=1):
        row.status = status
        if status != "draft":
            row.number, row.registered_at = f"YACG-2026-9{place:04d}", AT
            row.original_text = row.description
        if status in {"assigned", "rectifying"}:
            row.due_on = row.first_due_on = ON
        row.save()


def comes_to(act, role, relation):
    if role == "nobody":
        return IN
    if not expected("pb.read", role, relation):
        return "404"
    return "in, he may" if expected(act, role, relation) else "403"


@pytest.mark.parametrize("road", ROADS, ids=" ".join)
def test_every_road_obeys_the_table(site, road):
    (page, status), act = road, ROADS[road]
    client, met = Client(), {}
    cells = [(role, relation) for role in [*ROLES, "nobody"] for relation in RELATIONS]
    chosen = a_tenth(cells, *road)
    with transaction.atomic():
        put(status)
        site["was"] = everything()
        for role, relation in chosen:
            row = row_of(site, "M" if role == "nobody" else role, relation)
            key = site["measures"][row.pk].pk if page in OF_MEASURES else row.pk
            client.cookies = site["browsers"][role].copy()
            met[role, relation] = both(client, site, reverse(page, args=[key]), page)
        transaction.set_rollback(True)

    assert met == {cell: comes_to(act, *cell) for cell in chosen}


def both(client, site, url, page):
    """What a POST with nothing in it comes to (the form, for the page that takes none); what is
    refused writes nothing."""
    if page == "problem":
        shown = answered(client.get(url))
        return shown if shown in NO else "in, he may"
    with transaction.atomic(), Pen(SimpleWorld(site["was"])) as pen:
        sent = answered(client.post(url, {"token": uuid.uuid4()}))
        wrote = pen.changed() if sent in NO else set()
        transaction.set_rollback(True)
    if wrote:
        return f"refused, and it wrote {wrote}"
    return sent if sent in NO else "in, he may"


class SimpleWorld:
    def __init__(self, rows):
        self.rows = rows


def test_there_is_something_to_leak(site):
    """For each role a row that it must not read, and one that nobody above may do anything to."""
    for role in ROLES:
        hidden = [relation for relation in RELATIONS if not expected("pb.read", role, relation)]
        assert hidden
        assert all(Problem.objects.filter(pk=row_of(site, role, one).pk).exists() for one in hidden)


def test_a_closed_account_is_asked_to_sign_in_again(site):
    user = site["people"]["B"].user
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        client = Client()
        client.cookies = site["browsers"]["B"].copy()
        row = site["rows"]["own"]
        met = {page: answered(client.get(reverse(page, args=[row.pk]))) for page, _ in ROADS
               if page not in OF_MEASURES}  # fmt: skip
        transaction.set_rollback(True)

    assert set(met.values()) == {IN}


def test_every_road_is_one_of_the_map():
    """ROADS and tests/files/routes.tsv say the same of a page."""
    mapped = {row["page"]: set(row["acts"].split()) for row in rows_of("routes.tsv")}

    assert {(page, act) for (page, _), act in ROADS.items() if act not in mapped[page]} == set()
