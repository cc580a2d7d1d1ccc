"""Many rows in a few statements: what bulk_create would have kept, and how many were new."""

import pytest
from django.db import DataError, connection, transaction

from reform.models import Notice
from reform.models.insertion import insert_all
from tests.factories import AT, UserFactory

NAMES = ("recipient_id", "subject", "url", "key", "event", "timing", "due_at", "late", "created_at")


def row(user, key, subject="请签收", due_at=None):
    return (user.pk, subject, "/", key, "problem", "digest", due_at, False, AT)


def put(*rows):
    return insert_all(Notice, NAMES, rows, ignore=True)[0]


def test_rows_come_back_as_bulk_create_would_have_kept_them():
    user, words = UserFactory(), '引号\'、反斜杠\\、{}，%s和"双引号"𠮷'
    put(row(user, "many", words, AT))
    Notice.objects.bulk_create(
        [
            Notice(
                recipient=user,
                subject=words,
                url="/",
                key="one",
                event="problem",
                due_at=AT,
                created_at=AT,
            )
        ]
    )

    many, one = Notice.objects.order_by("pk").values()
    for facts in (many, one):
        del facts["id"], facts["key"]
    assert many == one


def test_what_is_there_already_is_left_as_it_is_and_not_counted():
    user = UserFactory()

    assert put(row(user, "1"), row(user, "2")) == 2
    assert put(row(user, "2", "别的"), row(user, "3"), row(user, "3")) == 1
    assert put() == 0
    assert list(user.notices.order_by("key").values_list("key", "subject")) == [
        *(("1", "请签收"), ("2", "请签收"), ("3", "请签收"))
    ]


def test_more_than_one_statement_holds(monkeypatch):
    monkeypatch.setattr("reform.models.insertion.AT_ONCE", 3)
    user = UserFactory()

    assert put(*(row(user, str(n)) for n in range(8))) == 8


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite keeps a text of any length")
def test_what_is_too_long_is_refused_and_not_cut():
    with pytest.raises(DataError), transaction.atomic():
        put(row(UserFactory(), "1", "长" * 201))
