"""Signing in and out, and one's own password."""

import pytest
from django.urls import reverse

from reform.models import Role
from tests.factories import PASSWORD, OrganizationFactory, UserFactory, person

NEW = "Another-2026-word"


@pytest.fixture
def user():
    return UserFactory(username="zhangsan", name="张三", password=PASSWORD)


def sign_in(client, password=PASSWORD, username="zhangsan", **more):
    return client.post(reverse("login"), {"username": username, "password": password} | more)


def test_whoever_is_not_signed_in_comes_to_the_sign_in_page_and_back(client, user):
    asked = client.get(reverse("people"))

    assert asked.status_code == 302
    assert asked.url == "/login/?next=/people/"
    assert "登录后回到刚才的页面" in client.get(asked.url).content.decode()
    assert sign_in(client, next="/people/").url == "/people/"


def test_another_host_is_nowhere_to_go_after_signing_in(client, user):
    assert sign_in(client, next="https://elsewhere.example/").url == "/"


def test_a_wrong_password_is_said_without_saying_which_part_is_wrong(client, user):
    words = "账号或密码不正确。连续输错5次，该账号将在本机暂停登录15分钟。"

    assert words in sign_in(client, "wrong").content.decode()
    assert words in sign_in(client, username="nobody").content.decode()


def test_five_wrong_passwords_close_the_account_for_a_while(client, user):
    for _ in range(5):
        refused = sign_in(client, "wrong")

    assert refused.status_code == 429
    assert "该账号在本机连续输错次数过多，请15分钟后再试。" in refused.content.decode()
    assert sign_in(client).status_code == 429


def test_a_colleague_behind_the_same_address_is_not_locked_out(client, user):
    UserFactory(username="lisi", password=PASSWORD)
    for _ in range(5):
        sign_in(client, "wrong")

    assert sign_in(client, username="lisi").status_code == 302


def test_a_disabled_account_does_not_come_in(client, user):
    user.is_active = False
    user.save()

    assert sign_in(client).status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("username", ["张\x00三", "a" * 500, "\u202ezhangsan", "'; --"])
def test_a_strange_account_name_is_only_a_wrong_one(client, username):
    assert sign_in(client, username=username).status_code == 200


def test_whoever_is_signed_in_is_not_asked_again(client, user):
    client.force_login(user)

    assert client.get(reverse("login")).url == "/"


def test_signing_out_needs_a_press_and_ends_the_session(client, user):
    client.force_login(user)

    assert client.get(reverse("logout")).status_code == 405
    left = client.post(reverse("logout"), follow=True)
    assert left.redirect_chain == [("/logged-out/", 302)]
    assert "您已退出登录" in left.content.decode()
    assert client.get(reverse("profile")).status_code == 302


def test_a_password_is_changed_by_who_knows_it(client, user):
    client.force_login(user)
    facts = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    changed = client.post(reverse("password_change"), facts, follow=True)

    assert "密码已修改" in changed.content.decode()
    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"old_password": "wrong"}, "原密码不正确，请重新输入。"),
        ({"new_password2": "different-2026"}, "两次输入的新密码不一致。"),
        ({"new_password1": "12345", "new_password2": "12345"}, "密码至少10个字符，现在是5个。"),
        (
            {"new_password1": "zhangsan12", "new_password2": "zhangsan12"},
            "密码里不能有账号，容易被猜到。",
        ),
    ],
)
def test_a_password_that_will_not_do_says_why(client, user, facts, words):
    client.force_login(user)
    usual = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    refused = client.post(reverse("password_change"), usual | facts)

    assert words in refused.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_administrators_see_no_business_in_the_menu(client):
    client.force_login(person("系统员", OrganizationFactory(), Role.SYSTEM))

    page = client.get(reverse("profile")).content.decode()

    assert "组织" in page
    assert "问题台账</a>" not in page
    assert "导入台账</a>" not in page


@pytest.mark.parametrize(
    "key", ['"\\000\\000\\000\\000\\000\\000\\000\\000"', "%00%00", "a" * 39 + "é", "'; --"]
)
def test_a_session_that_cannot_be_ours_is_none(client, key):
    """In octal digits a cookie may hold NUL, at which PostgreSQL would break off."""
    response = client.get("/problems/", HTTP_COOKIE=f"sessionid={key}")

    assert response.url.startswith("/login/")
