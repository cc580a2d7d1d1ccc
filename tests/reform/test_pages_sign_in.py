"""Signing in and out, and one's own password."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from reform.actions import access_codes, second_steps
from reform.models import AccessCode, Role, SignIn
from reform.views.own import SECRET
from tests.factories import AT, PASSWORD, OrganizationFactory, UserFactory, actor, person

NEW = "Another-2026-word"


@pytest.fixture(autouse=True)
def _quick(settings):
    """Argon2 takes its time on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
            "密码里不能有账号、姓名拼音，容易被猜到。",
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


# ---------------------------------------------------------------- sessions


def key_of(client):
    return client.cookies["sessionid"].value


def another():
    return Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0")


def test_signing_in_takes_a_new_key(client, user):
    """Who planted a session in somebody's browser is not in it afterwards."""
    session = client.session
    session["planted"] = True
    session.save()
    before = key_of(client)

    sign_in(client)

    assert key_of(client) != before
    assert not Session.objects.filter(session_key=before).exists()


def test_one_sees_where_one_is_signed_in_and_ends_it_at_once(client, user):
    phone = another()
    sign_in(phone)
    sign_in(client)

    shown = client.get(reverse("devices")).content.decode()
    assert "Linux电脑 · Firefox 128" in shown
    assert shown.count("本机") == 1
    ended = client.post(reverse("device-end", args=[SignIn.objects.first().pk]), follow=True)

    assert "该设备已退出登录" in ended.content.decode()
    assert phone.get(reverse("profile")).url == "/login/?next=/profile/"
    assert client.get(reverse("profile")).status_code == 200


def test_the_security_administrator_ends_anybodys_session_at_once(client, user):
    phone = another()
    sign_in(phone)
    client.force_login(person("安全员", OrganizationFactory(), Role.SECURITY))

    assert "张三" in client.get(reverse("signed-in")).content.decode()
    asked = client.get(reverse("device-end", args=[SignIn.objects.get().pk])).content.decode()
    assert ">强制下线</h1>" in asked
    assert f'<a href="{reverse("signed-in")}">在线登录</a>' in asked
    client.post(reverse("device-end", args=[SignIn.objects.get().pk]))

    assert phone.get(reverse("profile")).status_code == 302


def test_another_password_ends_the_other_sessions_and_keeps_this_one(client, user):
    phone = another()
    sign_in(phone)
    sign_in(client)
    client.post(
        reverse("password_change"),
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW},
    )

    assert phone.get(reverse("profile")).status_code == 302
    assert client.get(reverse("profile")).status_code == 200
    assert [row.key for row in SignIn.objects.live(timezone.now())] == [key_of(client)]


def test_a_disabled_account_is_out_at_its_next_request(client, user):
    sign_in(client)
    user.is_active = False
    user.save()

    assert client.get(reverse("profile")).status_code == 302


def test_a_device_is_seen_until_it_was_idle_for_half_an_hour(client, user):
    with time_machine.travel(AT, tick=False) as clock:
        sign_in(client)
        clock.shift(29 * 60)
        client.get(reverse("profile"))
        clock.shift(60)
        shown = client.get(reverse("devices")).content.decode()
        assert "9:29" in shown  # Beijing time of the last request but this one
        clock.shift(30 * 60)
        assert list(SignIn.objects.live(timezone.now())) == []
        assert client.get(reverse("profile")).status_code == 302


@pytest.mark.parametrize("count", [1, 50])
def test_lists_of_sessions_cost_the_same_at_one_and_at_fifty(
    client, user, count, django_assert_num_queries
):
    now = timezone.now()
    for number in range(count):
        Session.objects.create(
            session_key=f"k{number}", session_data="", expire_date=now + timedelta(hours=1)
        )
        SignIn.objects.create(
            user=UserFactory(), key=f"k{number}", at=now, address="10.0.0.1", browser="Edge"
        )
    client.force_login(person("安全员", OrganizationFactory(), Role.SECURITY))
    client.get(reverse("signed-in"))

    with django_assert_num_queries(6):
        assert client.get(reverse("signed-in")).content.decode().count("强制下线<") == count


def test_what_was_posted_after_the_end_comes_back_to_its_form(client, user):
    """The text itself waits in the browser (tests/flows)."""
    posted = client.post(reverse("suggest"), {"text": "导入很方便"})

    assert posted.url == "/login/?next=/suggest/"
    assert sign_in(client, next="/suggest/").url == "/suggest/"


def test_a_part_of_a_page_that_met_the_end_sends_the_whole_page_to_sign_in(client):
    answer = client.get(
        reverse("organizations"),
        HTTP_HX_REQUEST="true",
        HTTP_HX_CURRENT_URL="http://testserver/organizations/?q=1",
    )

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/login/?next=%2Forganizations%2F%3Fq%3D1"


# ---------------------------------------------------------------- what comes first


def test_a_password_of_somebody_else_is_changed_first_and_then_the_page_comes(
    client, user, settings
):
    settings.PASSWORD_PROFILE = "dengbao"  # noqa: S105 -- a name
    sign_in(client, next="/people/")

    stopped = client.get("/people/?q=1")
    assert stopped.url == "/profile/password/?next=%2Fpeople%2F%3Fq%3D1"
    assert "请先改成自己的密码" in client.get(stopped.url).content.decode()
    facts = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(stopped.url, facts).url == "/people/?q=1"
    assert client.get("/people/?q=1").status_code == 200


def test_a_password_ends_after_ninety_days(client, user, settings):
    settings.PASSWORD_PROFILE = "dengbao"  # noqa: S105 -- a name
    user.password_set_at = timezone.now() - timedelta(days=91)
    user.save()
    sign_in(client)

    assert client.post(reverse("suggest"), {"text": "x"}).url == (
        "/profile/password/?next=%2Fsuggest%2F"
    )
    assert client.post(reverse("logout")).url == "/logged-out/"


def test_a_leader_makes_his_one_time_password_first(client, settings):
    settings.MFA_REQUIRED = True
    leader = person("罗海", OrganizationFactory(), Role.LEADER)
    leader.set_password(PASSWORD)
    leader.save()
    sign_in(client, username=leader.username)

    stopped = client.get(reverse("people"))
    assert stopped.url == "/profile/second/?next=%2Fpeople%2F"
    shown = client.get(stopped.url).content.decode()
    assert "data:image/svg+xml;base64," in shown
    assert "style=" not in shown
    made = client.post(stopped.url, {"code": number(client.session[SECRET])})

    assert made.content.decode().count("<li><code>") == 10
    assert made["Cache-Control"] == "private, no-store"
    assert 'href="/people/"' in made.content.decode()
    assert client.get(reverse("people")).status_code == 200
    assert "备用码还剩10个" in client.get(reverse("second-step")).content.decode()


@pytest.mark.parametrize("door", ["/login/", "/login/second/", "/login/code/?x=1", "/logged-out/"])
def test_nobody_who_has_come_in_is_led_back_to_a_door(client, user, settings, door):
    """Who opened the page of codes with a session that owes something comes to himself."""
    assert sign_in(client, next=door).url == "/"
    assert client.get("/login/", {"next": door}).url == "/"
    settings.PASSWORD_PROFILE = "dengbao"  # noqa: S105 -- a name
    client.logout()
    sign_in(client)

    facts = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(client.get(door).url, facts).url == "/profile/"


def test_a_page_that_stands_before_all_others_leads_out_and_not_to_itself(client, settings):
    settings.MFA_REQUIRED = True
    leader = person("罗海", OrganizationFactory(), Role.LEADER)
    leader.set_password(PASSWORD)
    leader.save()
    sign_in(client, username=leader.username)

    owed = client.get("/profile/second/").content.decode()
    assert 'formaction="/logout/" formnovalidate>退出登录</button>' in owed
    assert "取消</a>" not in owed
    assert client.post("/logout/", {"code": ""}).url == "/logged-out/"
    settings.MFA_REQUIRED = False
    sign_in(client, username=leader.username)
    free = client.get("/profile/second/").content.decode()
    assert ("取消</a>" in free, "formaction" in free) == (True, False)


# ---------------------------------------------------------------- the second step


def number(secret):
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))


@pytest.fixture
def codes(user):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 -- of no telephone
    now = timezone.now()
    user.secret = secret
    return second_steps.turn_on(user, secret=secret, code=number(secret), by=actor(user), at=now)


def test_the_password_alone_opens_nothing(client, user, codes):
    asked = sign_in(client, next="/people/")

    assert asked.url == "/login/second/?next=%2Fpeople%2F"
    assert client.get(reverse("people")).status_code == 302
    assert SignIn.objects.count() == 0
    assert "张三，密码正确，还差一步" in client.get(asked.url).content.decode()
    came = client.post("/login/second/", {"code": number(user.secret), "next": "/people/"})
    assert came.url == "/people/"
    assert client.get("/people/").status_code == 200


def test_a_recovery_code_opens_as_well(client, user, codes):
    sign_in(client)

    assert client.post("/login/second/", {"code": codes[0]}).url == "/"


def test_another_host_is_nowhere_to_go_after_the_second_step(client, user, codes):
    sign_in(client)

    sent = {"code": codes[0], "next": "https://elsewhere.example/"}
    assert client.post("/login/second/", sent).url == "/"


def test_five_wrong_numbers_shut_the_door_and_the_password_opens_it_no_more(client, user, codes):
    sign_in(client)
    for _ in range(5):
        answer = client.post("/login/second/", {"code": "000000"})

    assert answer.status_code == 429
    assert sign_in(client).status_code == 429


def test_the_second_step_waits_ten_minutes(client, user, codes):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client)
        clock.shift(11 * 60)
        assert client.post("/login/second/", {"code": codes[0]}).url == "/login/"


def test_nobody_starts_with_the_second_step(client, user, codes):
    assert client.get("/login/second/").url == "/login/"
    assert client.post("/login/second/", {"code": codes[0]}).url == "/login/"


# ---------------------------------------------------------------- a one-time code


def test_who_has_a_code_sets_his_password_and_signs_in(client, user):
    phone = another()
    sign_in(phone)
    reset = AccessCode.Purpose.RESET
    code = access_codes.issue(user, purpose=reset, by=None, at=timezone.now())
    facts = {"username": "zhangsan", "code": code, "new_password1": NEW, "new_password2": NEW}

    done = client.post(reverse("login-code"), facts, follow=True)

    assert "密码已设置，请用新密码登录" in done.content.decode()
    assert sign_in(client, NEW).status_code == 302
    assert phone.get(reverse("profile")).status_code == 302


def test_wrong_codes_shut_the_door(client, user):
    facts = {"username": "zhangsan", "code": "x", "new_password1": NEW, "new_password2": NEW}
    answers = [client.post(reverse("login-code"), facts).status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]


def test_no_page_of_allauth_is_mounted():
    for name in ("account_login", "account_signup", "mfa_index", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
