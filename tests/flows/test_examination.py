"""Writing a self-examination in a real browser: saved by itself, and given back after a session
that ended; to its author, and to nobody who signs in after him."""

import time

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from campaigns.actions import examinations
from campaigns.models import Examination
from rectification.management.demo_people import PASSWORD
from tests.flows.rows import Rows

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
]
FIRST, SECOND = "受理窗口的咨询转办后没有跟踪。", "只管转出，没有管到底。"


def kept(someone):
    return someone.page.evaluate(
        "Object.keys(localStorage).filter((key) => key.includes('examination')).length"
    )


def lets_go(someone):
    """Whether this browser throws its copy away, soon after the server's answer reached it. The
    page's own clock stands still in the test, so it is asked from outside."""
    end = time.monotonic() + 10
    while kept(someone) and time.monotonic() < end:
        time.sleep(0.05)
    return not kept(someone)


def test_nothing_written_is_lost_and_nobody_else_is_shown_it(people):
    rows = Rows()
    author = people("machao")
    campaign = Examination.campaign.field.related_model.objects.get(code="YACG")
    row = examinations.begin(campaign.checklists.get(), **rows.by("machao"))
    url = f"/examinations/{row.pk}/write/"

    # By itself: after twenty seconds, which the test does not wait for.
    author.go(url)
    author.page.clock.install()
    author.go(url)
    author.page.get_by_label("什么事").fill(FIRST)
    author.page.clock.run_for(1000)
    assert kept(author) == 1
    with author.page.expect_response(lambda answer: answer.url.endswith("/save/")) as answer:
        author.page.clock.run_for(21000)
    assert answer.value.status == 200
    assert Examination.objects.get().content["texts"] == {"case_what": FIRST}
    assert lets_go(author)

    # The session ends while he writes: it stays with this browser, and is offered back.
    author.page.get_by_label("原因分析体会").fill(SECOND)
    Session.objects.all().delete()
    author.page.clock.run_for(21000)
    expect(author.page.locator("main")).to_contain_text("登录已过期")
    assert Examination.objects.get().content["texts"] == {"case_what": FIRST}

    author.page.get_by_role("link", name="重新登录").click()
    author.watch.expects(404)
    author.fill("账号", "linfang").fill("密码", PASSWORD).press("登录")
    author.watch.expects(404)
    author.go(url)
    expect(author.page.locator("body")).not_to_contain_text(SECOND)
    author.go("/examinations/")
    author.control("开始填写").first.click()
    expect(author.page.get_by_label("原因分析体会")).to_have_value("")
    expect(author.page.locator("main")).not_to_contain_text("本机存有")
    author.page.get_by_text("林芳").first.click()
    author.press("退出登录")

    author.sign_in("machao")
    author.go(url)
    expect(author.page.locator("main")).to_contain_text("没有保存到系统的内容")
    with author.page.expect_response(lambda answer: answer.url.endswith("/save/")):
        author.control("恢复").click()
    expect(author.page.get_by_label("原因分析体会")).to_have_value(SECOND)
    texts = Examination.objects.get(pk=row.pk).content["texts"]
    assert texts == {"case_what": FIRST, "cause": SECOND}

    # The button does what it did before there was a script, and keeps nothing behind.
    author.page.get_by_label("体会教训").fill("转出去不等于办完了。")
    author.press("保存草稿")
    expect(author.page.locator("main")).to_contain_text("只有您自己看得到")
    assert lets_go(author)
