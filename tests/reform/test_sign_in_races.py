"""An account that is closed while somebody comes in with it: he is in no more, or never was."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reform.actions import people, sign_ins
from reform.actions.sign_ins import Door
from reform.errors import Refused
from reform.models import SignIn, TrailEntry, User
from reform.views import sign_ins as pages
from tests.factories import PASSWORD, actor
from tests.rectification.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CLOSED = "该账号刚刚停用，没有登录。如有疑问，请联系系统管理员。"


@pytest.fixture
def user(bureau, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = bureau.users["member"]
    user.set_password(PASSWORD)
    user.save()
    return user


def come(user, client=None):
    data = {"username": user.username, "password": PASSWORD}
    return (client or Client()).post(reverse("login"), data)


def closing(user, bureau):
    def act():
        now = timezone.now()
        by = actor(bureau.users["system"], timezone.localdate(now))
        return people.disable(User.objects.get(pk=user.pk), reason="调离", by=by, at=now)

    return act


def test_who_is_closed_out_while_he_comes_in_has_no_session(bureau, user):
    for _ in range(6):
        User.objects.filter(pk=user.pk).update(is_active=True)
        came, _closed = at_once(lambda: come(user), closing(user, bureau))

        assert came.status_code in {200, 302, 400}  # refused; in and out again; out before the end
        assert not Session.objects.exists()
        assert not SignIn.objects.filter(ended_at=None).exists()
        acts = list(
            TrailEntry.objects.filter(act__in=["session.began", "user.disabled"])
            .order_by("pk")
            .values_list("act", flat=True)
        )
        assert acts[-1] == "user.disabled"


def test_the_page_says_that_the_account_was_just_closed(bureau, user, client, monkeypatch):
    """Between the password and the session somebody else closes the account."""

    def meanwhile(who):
        closing(who, bureau)()
        return False

    monkeypatch.setattr(pages.second_steps, "is_on", meanwhile)

    answer = come(user, client)

    assert (answer.status_code, CLOSED in answer.content.decode()) == (200, True)
    assert not Session.objects.exists()
    assert not TrailEntry.objects.filter(act__in=["session.began", "session.failed"]).exists()
    assert client.get("/").status_code == 302


def test_a_session_elsewhere_ends_with_the_account_and_does_not_come_back_with_it(bureau, user):
    elsewhere = Client()
    come(user, elsewhere)
    assert elsewhere.get("/").status_code == 200

    closing(user, bureau)()
    assert elsewhere.get("/").status_code == 302

    system = actor(bureau.users["system"], timezone.localdate())
    people.enable(User.objects.get(pk=user.pk), reason="复职", by=system, at=timezone.now())
    assert elsewhere.get("/").status_code == 302


def test_no_session_is_opened_for_who_was_closed_since_he_was_looked_up(bureau, user):
    closing(user, bureau)()

    with pytest.raises(Refused, match=CLOSED):
        sign_ins.begin(
            user,
            open_session=lambda: pytest.fail("opened"),
            door=Door(user.username, "10.0.0.1"),
            agent="",
            at=timezone.now(),
        )
