"""What is forgotten at night, and what is not."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from reform.actions import notices, once, tidying
from reform.actions.notices import Letter
from reform.celery import app
from reform.models import Delivery, Event, Notice, Once
from reform.models.delivery import DEAD_KEPT
from reform.models.notice import KEPT
from tests.factories import AT, OrganizationFactory, person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def who():
    return person("马超", OrganizationFactory())


def told(who, key, *, read_at=None):
    letter = Letter([who], f"第{key}件", key, "/", Event.OVERDUE)
    notices.post_each([letter], at=AT, by=None)
    Notice.objects.filter(key=key).update(read_at=read_at, sorted_at=AT)
    return Notice.objects.get(key=key)


def message(who, *parts, state="sent", ended_at=AT):
    row = Delivery.objects.create(
        recipient=who,
        channel="mail",
        timing="direct",
        day=AT.date(),
        state=state,
        next_at=AT,
        made_at=AT,
        ended_at=ended_at,
    )
    for part in parts:
        row.parts.create(notice=part, channel="mail")
    return row


def test_what_was_read_or_sent_half_a_year_ago_is_forgotten(who):
    old, young, unread = (
        told(who, "1", read_at=AT),
        told(who, "2", read_at=AT + DAY),
        told(who, "3"),
    )
    message(who, old)
    message(who, young, unread, ended_at=AT + DAY)
    waiting = message(who, state="waiting", ended_at=None)

    done = tidying.tidy(at=AT + KEPT + DAY / 2)

    assert set(Notice.objects.values_list("key", flat=True)) == {"2", "3"}
    assert Delivery.objects.count() == 2
    assert Delivery.objects.filter(pk=waiting.pk).exists()
    assert done == {"once": 0, "session": 0, "delivery": 1, "dead": 0, "notice": 1}


def test_what_nobody_read_stays_for_ever(who):
    message(who, told(who, "1"))

    tidying.tidy(at=AT + 10 * KEPT)

    assert [notice.key for notice in who.notices.unread()] == ["1"]
    assert not Delivery.objects.exists()


def test_what_did_not_arrive_troubles_the_administrator_a_month_at_most(who):
    message(who, told(who, "1"), state="dead")

    tidying.tidy(at=AT + DEAD_KEPT)
    assert Delivery.objects.dead().count() == 1
    tidying.tidy(at=AT + DEAD_KEPT + DAY)
    assert not Delivery.objects.exists()
    assert who.notices.unread().count() == 1


def test_what_was_read_meanwhile_is_no_trouble_any_more(who):
    read, unread = told(who, "1", read_at=AT), told(who, "2")
    message(who, read, state="dead")
    message(who, read.__class__.objects.get(key="2"), state="dead")

    tidying.tidy(at=AT + DAY)

    assert Delivery.objects.dead().get().notices.get() == unread


def test_many_are_forgotten_a_part_at_a_time(who, monkeypatch):
    monkeypatch.setattr(tidying, "AT_ONCE", 2)
    for number in range(5):
        told(who, str(number), read_at=AT)

    assert tidying.tidy(at=AT + KEPT + DAY)["notice"] == 5


def test_spent_tokens_and_sessions_that_are_over_go_by_the_timetables_task(who):
    Once.objects.create(token="0" * 32, by=who, at=AT - once.KEPT - DAY)
    Session.objects.create(session_key="old", session_data="", expire_date=AT - DAY)
    app.loader.import_default_modules()
    (task,) = (
        entry["task"] for words, entry in app.conf.beat_schedule.items() if "forget" in words
    )

    app.tasks[task]()

    assert not Once.objects.exists()
    assert not Session.objects.exists()
