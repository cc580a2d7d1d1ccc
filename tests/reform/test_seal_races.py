"""Sealing while others write, and two who seal at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from time import sleep

import pytest
from django.db import connections, transaction

from reform.actions import anchors, seal_checks, seals
from reform.models import TrailEntry, TrailSeal
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


def test_a_sealer_held_up_before_the_file_lets_nobody_write_there_first(by, monkeypatch):
    """Else the lines would stand in another order than the seals, as if somebody had moved them."""
    write(by)
    came, append = Event(), anchors.append

    def slow(seal):
        if not came.is_set():
            came.set()
            sleep(0.5)
        append(seal)

    monkeypatch.setattr(anchors, "append", slow)

    def first():
        return seals.seal_all(at=AT)

    def second():
        assert came.wait(10)
        write(by)
        return seals.seal_all(at=AT + timedelta(days=1))

    made = at_once(first, second)

    assert [[seal.number for seal in seals_] for seals_ in made] == [[1], [2]]
    assert [line.number for line in anchors.read()[0]] == [1, 2]
    assert seal_checks.check(at=AT).faults == []


def test_many_write_and_two_seal_and_nothing_falls_between(by):
    """Each entry lies in one seal, whoever began first and whoever was ready first."""
    stop = Event()

    def writing():
        for _ in range(40):
            with transaction.atomic():
                write(by)
                sleep(0.005)
        stop.set()

    def sealing():
        while not stop.is_set():
            seals.seal_all(at=AT)

    at_once(writing, writing, sealing, sealing)
    seals.seal_all(at=AT + timedelta(days=1))

    assert seal_checks.check(at=AT).faults == []
    assert sum(TrailSeal.objects.values_list("count", flat=True)) == TrailEntry.objects.count()
    numbers = [line.number for line in anchors.read()[0]]
    assert numbers == list(range(1, TrailSeal.objects.count() + 1))
