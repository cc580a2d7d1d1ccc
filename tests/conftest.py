import gc
import os
import random
from datetime import date, timedelta
from functools import cache
from itertools import takewhile
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.cache import cache as django_cache
from django.db import connection
from django.test import TransactionTestCase

from rectification.actions import closures, evidences, measures, registrations
from rectification.models import Problem
from reform.models import Role
from tests import worlds
from tests.factories import (
    AT,
    ON,
    PASSWORD,
    CampaignFactory,
    OrganizationFactory,
    ProblemFactory,
    actor,
    person,
)
from tests.worlds import made_once

# `make test` deals: of tests marked `dealt` each cell runs on one of the two engines, and of the
# routes PostgreSQL meets a tenth, chosen anew each time; both passes and their workers get the seed
# with their environment. ROUTES_SEED=… repeats a choice. By hand nothing is dealt.
os.environ.setdefault("ROUTES_SEED", str(random.SystemRandom().randrange(2**32)))


def pytest_report_header():
    return f"ROUTES_SEED={os.environ['ROUTES_SEED']}"


def pytest_terminal_summary(terminalreporter):
    """Say how many poisoned requests were sent (tests/test_sweep.py), over all workers."""
    sent = sum(
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "swept" and report.when == "call"
    )
    if sent:
        terminalreporter.write_line(f"swept: {sent} cases of bad input on {connection.vendor}")


def a_tenth(cells, *where):
    """All cells on SQLite; on PostgreSQL a tenth of them, one at least, the same for one seed."""
    cells = list(cells)
    if connection.vendor == "sqlite":
        return cells
    chance = random.Random(f"{os.environ['ROUTES_SEED']} {where}")  # noqa: S311 -- no secret
    return chance.sample(cells, max(1, round(len(cells) / 10)))


@pytest.hookimpl(trylast=True)  # after those that shuffle
def pytest_collection_modifyitems(config, items):
    """Every test may use the database, but those that say they need none.

    Said by a mark before anything runs: pytest-django makes a test database only for marked
    tests, and would leave the others to the real one.
    """
    for item in items:
        if not item.get_closest_marker("no_database") and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db)
    if os.environ.get("DEALT"):
        _deal(config, items)
    _long_ones_first(items)


def _deal(config, items):
    """Leave to the other engine what falls to it: what such a test says, it says of no database.

    A quarter goes to PostgreSQL, where a cell takes twice as long, or the part the mark names.
    """
    serving = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    out = [item for item in items if serving != _falls_to_postgresql(item, otherwise=serving)]
    if out:
        config.hook.pytest_deselected(items=out)
        left = set(out)
        items[:] = [item for item in items if item not in left]


def _falls_to_postgresql(item, *, otherwise):
    mark = item.get_closest_marker("dealt")
    if mark is None or any(item.get_closest_marker(name) for name in ("both", "once", "served")):
        return otherwise
    part = mark.args[0] if mark.args else 0.25
    chance = random.Random(f"{os.environ['ROUTES_SEED']} {item.nodeid}")  # noqa: S311 -- no secret
    return chance.random() < part


def _long_ones_first(items):
    """Each worker begins with some of the long ones: one that begins last keeps all waiting.

    pytest-xdist gives each worker one stretch of the list, and lets them steal from its end.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.get_closest_marker("long")]
    others = [item for item in items if not item.get_closest_marker("long")]
    stretch = -(-len(items) // workers)
    items.clear()
    for worker in range(workers):
        mine = long[worker::workers]
        room = max(stretch - len(mine), 0)
        items += [*mine, *others[:room]]
        del others[:room]
    items += others


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """What was imported and collected stays to the end: no garbage is looked for in it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def _nothing_kept():
    """What one test has cached is about rows that the next one does not have."""
    django_cache.clear()


@pytest.fixture(autouse=True)
def _files(tmp_path):
    """Files that tests keep go away with them."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.TRAIL_ANCHOR = tmp_path / "trail" / "seals.txt"


@pytest.fixture(autouse=True, scope="session")
def _emptied_past_the_triggers():
    """A test that really commits is followed by DELETEs, which triggers would refuse."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: worlds.empty())
        yield


@pytest.fixture
def at():
    """The moment at which acts under test happen."""
    return AT


@pytest.fixture
def on():
    return ON


@pytest.fixture
def bureau(request):
    """A bureau three floors high, with everybody whom the main job needs; and a stranger."""
    return so_far(last_step(request.node))()


@made_once()
def a_bureau():
    top = OrganizationFactory(name="市交通局党组", kind="committee")
    center = OrganizationFactory(name="服务中心党委", kind="committee", parent=top)
    branch = OrganizationFactory(name="第一党支部", parent=center)
    sibling = OrganizationFactory(name="第二党支部", parent=center)
    elsewhere = OrganizationFactory(name="市水利局党组", kind="committee")
    people = {
        "member": person("马超", branch),
        "colleague": person("林芳", branch),
        "liaison": person("周敏", branch, Role.LIAISON, Role.MEMBER),
        "secretary": person("郑洁", branch, Role.SECRETARY, Role.MEMBER),
        "office": person("何静", center, Role.OFFICE),
        "top_office": person("田野", top, Role.OFFICE),
        "inspector": person("高远", center, Role.INSPECTOR),
        "leader": person("罗海", center, Role.LEADER, principal=True),
        "neighbour": person("黄蕾", sibling, Role.SECRETARY, Role.MEMBER),
        "stranger": person("潘雪", elsewhere, Role.OFFICE, Role.LEADER, principal=True),
        "system": person("系统员", top, Role.SYSTEM),
    }
    campaign = CampaignFactory(organization=top, code="YACG")
    campaign.participations.create(organization=elsewhere)
    return SimpleNamespace(
        top=top,
        center=center,
        branch=branch,
        sibling=sibling,
        elsewhere=elsewhere,
        campaign=campaign,
        users=people,
        **{name: actor(user) for name, user in people.items()},
    )


SIX = {
    "leaders": ["罗海"],
    "departments": ["养护科"],
    "persons": ["马超"],
    "due_kind": Problem.DueKind.DATED,
    "due_on": date(2026, 6, 30),
    "due_text": "2026年6月底前",
    "standard": "回访及时率100%",
    "effect_expected": "群众满意",
}


def typed(bureau, _):
    """A draft of the branch with the six clarities, typed by its liaison."""
    return ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **SIX
    )


def registered_by(bureau, row):
    return registrations.register(row, by=bureau.secretary, at=AT)


def issued_by(bureau, row):
    return registrations.issue(row, by=bureau.secretary, at=AT)


def rectified(bureau, row):
    """Rectified: one measure done, one piece of evidence, by the responsible person."""
    by, at = bureau.member, AT
    measure = measures.plan(row, facts={"text": "投诉件指定首接人"}, by=by, at=at)
    measures.finish(measure, done_on=ON - timedelta(days=1), note="", by=by, at=at)
    facts = {"kind": "reference", "title": "回访登记簿", "place": "养护科"}
    evidences.prove(row, facts=facts, by=by, at=at)
    row.refresh_from_db()
    return row


def applied_for(bureau, row):
    """Applied for by the responsible person: the secretary's signature is waited for."""
    words = {"statement": "已全部回访并建立台账。", "effect": "无超时件"}
    return closures.apply(row, **words, by=bureau.member, at=AT)


# A fixture each, one after the other: what the bureau does with its problem.
STEPS = {
    "draft": typed,
    "registered": registered_by,
    "rectifying": issued_by,
    "ready": rectified,
    "applied": applied_for,
}


@cache
def so_far(last):
    """Return a function that makes the bureau, with its problem as far as a step."""

    @made_once()
    def made():
        bureau, steps, row = a_bureau(), [*STEPS], None
        bureau.done = {}
        for name in steps[: steps.index(last) + 1] if last else ():
            row = bureau.done[name] = STEPS[name](bureau, row)
        return bureau

    return made


def last_step(test):
    """The furthest step that is set up for a test right behind the bureau, with nothing between."""
    order, known = [], test._fixtureinfo.name2fixturedefs  # noqa: SLF001 -- there is no other road

    def visit(name):
        if name in known and name not in order:
            for before in known[name][-1].argnames:
                visit(before)
            order.append(name)

    for name in test.fixturenames:
        visit(name)
    behind = order[order.index("bureau") + 1 :] if "bureau" in order else []
    steps = takewhile(lambda name: name in {*STEPS, "at", "on"}, behind)
    return next(reversed([name for name in steps if name in STEPS]), None)


def done(step, bureau, row):
    """What a step came to: it is there already if it was set up right behind the bureau."""
    known = getattr(bureau, "done", {})
    return known[step] if step in known else STEPS[step](bureau, row)


@pytest.fixture
def draft(bureau):
    return done("draft", bureau, None)


@pytest.fixture
def registered(bureau, draft):
    return done("registered", bureau, draft)


@pytest.fixture
def rectifying(bureau, registered):
    return done("rectifying", bureau, registered)


@pytest.fixture
def ready(bureau, rectifying):
    return done("ready", bureau, rectifying)


@pytest.fixture
def applied(bureau, ready):
    return done("applied", bureau, ready)


@pytest.fixture
def signed_in(client):
    """Return a function that signs somebody in and gives the browser."""

    def sign_in(who):
        client.force_login(getattr(who, "user", who), backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return sign_in


__all__ = ["PASSWORD"]
