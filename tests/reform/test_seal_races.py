"""Sealing while others write, and two who seal at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connections, transaction

from reform.actions import anchors, seal_checks, seals
from reform.models import TrailSeal
from tests.factories import AT, OrganizationFactory, actor, person
from tests.rectification.test_races import at_once
from tests.reform.test_seals import write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by():
    return actor(person("周敏", OrganizationFactory()))


def test_of_two_who_seal_at_once_one_does(by):
    write(by, 500)

    results = at_once(*[lambda: seals.seal_all(at=AT) for _ in range(3)])

    assert sorted(len(made) for made in results) == [0, 0, 1]
    assert [(seal.number, seal.count) for seal in TrailSeal.objects.all()] == [(1, 500)]
    assert len(anchors.read()[0]) == 1
    assert seal_checks.check(at=AT).faults == []


def test_an_entry_still_being_written_is_waited_for(by):
    """Else its key would lie among the sealed ones, and it would be called put in afterwards."""
    written, began = Event(), Event()

    def writer():
        try:
            with transaction.atomic():
                write(by)
                written.set()
                began.wait(5)
                began.clear()
                began.wait(0.4)  # the sealing waits meanwhile
        finally:
            connections.close_all()

    with ThreadPoolExecutor() as pool:
        writing = pool.submit(writer)
        assert written.wait(10)
        began.set()
        made = seals.seal_all(at=AT)
        writing.result()

    assert [seal.count for seal in made] == [1]
    write(by, at=AT + timedelta(days=1))
    assert seal_checks.check(at=AT).faults == []
