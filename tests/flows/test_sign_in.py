"""The door, in a real browser: nothing typed is lost when a session ends, and the second step."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from rectification.management.demo_people import PASSWORD
from reform.models import SignIn, User
from tests.flows.browser import PHONE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
]
TEXT = "导入时希望能记住上次选的列。"


def test_what_was_typed_survives_the_end_of_the_session(people):
    someone = people("zhoumin")
    someone.go("/suggest/")
    someone.page.locator("textarea").fill(TEXT)
    Session.objects.all().delete()

    someone.press("提交")
    expect(someone.page.locator("body")).to_contain_text("回去后可以恢复")
    someone.fill("账号", "zhoumin")
    someone.fill("密码", PASSWORD)
    someone.press("登录")
    expect(someone.page.locator("h1")).to_have_text("意见建议")
    someone.page.get_by_role("button", name="恢复").click()

    expect(someone.page.locator("textarea")).to_have_value(TEXT)


def test_a_leader_makes_a_one_time_password_on_his_telephone(people, picture):
    leader = people("guming", window=PHONE)
    leader.go("/profile/second/")
    picture(leader, "second-step", whole=True)
    secret = re.sub(r"\s", "", leader.page.locator(".secret").inner_text())
    leader.fill("手机上显示的6位数字", number(secret))
    leader.press("开通")

    expect(leader.page.locator(".codes li")).to_have_count(10)
    leader.press("我已记下，继续")
    leader.go("/profile/second/")
    expect(leader.page.locator("main")).to_contain_text("备用码还剩10个")
    assert SignIn.objects.filter(user=User.objects.get(username="guming")).count() == 1


def number(secret):
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[1]))
