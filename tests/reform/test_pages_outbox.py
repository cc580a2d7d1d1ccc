"""The pages of the outbox: how one wants to be told, what did not arrive, how the sending is."""

import re
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from reform.actions import notices, pulses
from reform.actions.notices import Letter
from reform.exports.channels.mail import Mail
from reform.models import Delivery, Event, Notice, Preference, Pulse
from reform.views import vitals
from tests.factories import AT

NOW = timezone.now()
GOOD = {"email": "machao@example.cn", "digest_at": "15:00", "wanted": ["mail:due", "mail:job"]}


@pytest.fixture
def member(signed_in, bureau):
    return signed_in(bureau.member)


def choices(client):
    answer = client.get(reverse("notice-choices"))
    assert answer.status_code == 200
    return answer.content.decode()


def choose(client, **data):
    return client.post(reverse("notice-choices"), GOOD | data, follow=True).content.decode()


# ---------------------------------------------------------------- how one wants to be told


def test_the_page_shows_every_kind_and_every_channel_that_is_set_up(member, settings, tmp_path):
    settings.SMS_FOLDER = str(tmp_path)
    page = choices(member)

    assert [event.label for event in Event if event.label not in page] == []
    assert page.count('name="wanted"') == 2 * len(Event)
    assert 'value="mail:job" checked' in page
    assert 'value="file:job" checked' not in page
    assert "工作日 8:30—11:50、14:00—17:30" in page


def test_the_inbox_itself_cannot_be_switched_off(member):
    assert 'value="inbox' not in choices(member)
    assert "提醒始终进收件箱" in choices(member)
    assert "选择一个有效的选项" in choose(member, wanted=["inbox:due"])
    assert not Preference.objects.exists()


def test_what_one_chooses_is_kept_and_shown_again(member, bureau):
    assert "提醒方式已保存" in choose(member)

    kept = Preference.objects.get(user=bureau.member.user)
    assert (kept.asked_email, kept.digest_at) == ("machao@example.cn", time(15))
    assert [event for event in Event if kept.wants("mail", event)] == [Event.DUE, Event.JOB]
    page = choices(member)
    assert 'value="machao@example.cn"' in page
    assert page.count(" checked") == 2


@pytest.mark.parametrize(
    ("email", "kept"),
    [
        (" machao@example.cn\u200b", "machao@example.cn"),
        ("ｍａｃｈａｏ＠example.cn", "machao@example.cn"),
        *(("", ""), ("　", "")),
    ],
)
def test_an_address_is_cleaned(member, bureau, email, kept):
    choose(member, email=email)

    assert Preference.objects.get().asked_email == kept


@pytest.mark.parametrize(
    "email",
    [
        *("没有", "a@b@c", "a@", "马超 <machao@example.cn>", "a@example.cn,b@example.cn"),
        *("a@example.cn\nBcc: b@example.cn", "a" * 250 + "@example.cn"),
        # What one part of the road reads as another address than the next, or not at all.
        *('"a b"@example.cn', "a@localhost", "a@[127.0.0.1]", '"<a>"@example.cn'),
        *("=?utf-8?q?x?=@example.cn", f"a@{'例' * 60}.cn", "a@例子.中国", "马@example.cn"),
    ],
)
def test_what_is_no_address_is_refused_with_all_that_was_typed(member, email):
    page = choose(member, email=email)

    assert "处需要更正" in page
    assert len(email) > 254 or "请填写一个邮箱地址，如 zhangsan@example.cn。" in page
    assert page.count(" checked") == 2
    assert not Preference.objects.exists()


def test_an_hour_out_of_the_list_is_refused(member):
    assert "处需要更正" in choose(member, digest_at="03:00")
    assert not Preference.objects.exists()


def test_everybody_chooses_for_himself_only(member, bureau, signed_in):
    Preference.objects.create(user=bureau.secretary.user, email="zhengjie@example.cn")
    choose(member)

    assert Preference.objects.get(user=bureau.secretary.user).email == "zhengjie@example.cn"
    assert "zhengjie" not in choices(member)


# ---------------------------------------------------------------- an address is proved first


def code_in(mail):
    return re.search(r"验证码：(\d{6})", mail.body)[1]


def prove(client, **data):
    answer = client.post(reverse("notice-address"), {"code": ""} | data, follow=True)
    return answer.content.decode()


def test_no_mail_goes_to_an_address_before_its_code_came_back(member, bureau, mailoutbox):
    """Whoever mistypes it would tell a stranger of problems."""
    page = choose(member)

    assert "验证码已发到machao@example.cn" in page
    assert "验证邮箱" in page
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["machao@example.cn"], "【以案促改】邮箱验证码")
    assert "马超" not in mail.body
    row = Preference.objects.get()
    assert (row.email, row.asked_email) == ("", "machao@example.cn")
    assert code_in(mail) not in row.proof
    assert not Mail().reaches(bureau.member.user, row)
    assert "machao@example.cn还没有验证" in choices(member)

    typed = code_in(mail).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert "邮箱已验证" in prove(member, code=f" {typed} ")
    row.refresh_from_db()
    assert (row.email, row.asked_email, row.proof) == ("machao@example.cn", "", "")
    assert Mail().reaches(bureau.member.user, row)
    assert len(mailoutbox) == 1


def test_the_address_in_use_stays_until_then_and_hears_of_the_other(member, bureau, mailoutbox):
    Preference.objects.create(user=bureau.member.user, email="old@example.cn")
    choose(member)

    assert Preference.objects.get().email == "old@example.cn"
    assert "验证前仍发到old@example.cn" in choices(member)
    prove(member, code=code_in(mailoutbox[0]))
    assert Preference.objects.get().email == "machao@example.cn"
    told = mailoutbox[1]
    assert told.to == ["old@example.cn"]
    assert "您的提醒邮箱已改为m***@example.cn" in told.body
    assert "machao@" not in told.body
    assert prove(member, code=code_in(mailoutbox[0])).count("提醒方式")  # nothing waits: sent back
    assert len(mailoutbox) == 2


def test_a_wrong_code_counts_and_five_are_the_last(member, mailoutbox):
    choose(member)
    code = code_in(mailoutbox[0])
    wrong = f"{(int(code) + 1) % 10**6:06}"

    for _ in range(5):
        assert "验证码不正确" in prove(member, code=wrong)
    assert "验证码不正确" in prove(member, code=code)
    assert Preference.objects.get().email == ""
    assert "请填写邮件中的验证码" in prove(member)


def test_a_code_is_of_one_address_and_of_half_an_hour(member, mailoutbox, time_machine):
    time_machine.move_to(NOW, tick=False)
    choose(member)
    time_machine.move_to(NOW + timedelta(minutes=2), tick=False)
    choose(member, email="other@example.cn")
    first, second = map(code_in, mailoutbox)

    assert first == second or "验证码不正确" in prove(member, code=first)
    time_machine.move_to(NOW + timedelta(minutes=18), tick=False)
    choices(member)  # or he would be signed out by then
    time_machine.move_to(NOW + timedelta(minutes=33), tick=False)
    assert "验证码不正确" in prove(member, code=second)
    assert Preference.objects.get().email == ""


def test_a_code_is_sent_again_but_not_without_end(member, mailoutbox, time_machine):
    noon = (NOW - timedelta(days=1)).replace(hour=4, minute=0)  # of Beijing: one day throughout
    time_machine.move_to(noon, tick=False)
    choose(member)
    assert "请一分钟后再重新发送" in prove(member, again="1")
    for minute in range(2, 12, 2):
        time_machine.move_to(noon + timedelta(minutes=minute), tick=False)
        page = prove(member, again="1")

    assert "今天已发出5次验证码" in page
    assert [mail.to for mail in mailoutbox] == [["machao@example.cn"]] * 5
    assert "邮箱已验证" in prove(member, code=code_in(mailoutbox[-1]))


def test_other_choices_are_kept_while_an_address_waits(member, mailoutbox):
    choose(member)
    assert "提醒方式已保存" in choose(member, digest_at="09:30")

    assert Preference.objects.get().digest_at == time(9, 30)
    assert len(mailoutbox) == 1


def test_an_address_taken_back_is_used_no_more(member, bureau, mailoutbox):
    Preference.objects.create(user=bureau.member.user, email="old@example.cn")
    choose(member)
    choose(member, email="")

    row = Preference.objects.get()
    assert (row.email, row.asked_email, row.proof) == ("", "", "")
    assert "提醒方式" in prove(member, code=code_in(mailoutbox[0]))
    assert Preference.objects.get().email == ""


def test_a_server_that_is_away_is_said_and_nothing_is_lost(member, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    assert "验证码没有发出。连不上邮件服务器。" in choose(member)
    assert Preference.objects.get().asked_email == "machao@example.cn"


def test_without_a_channel_there_is_nothing_to_choose(member, settings):
    settings.EMAIL_URL = ""
    page = choices(member)

    assert "提醒都在收件箱里" in page
    assert 'name="wanted"' not in page


def test_without_mail_the_address_stays_as_it_was(member, bureau, settings, tmp_path):
    Preference.objects.create(user=bureau.member.user, email="machao@example.cn")
    settings.EMAIL_URL, settings.SMS_FOLDER = "", str(tmp_path)

    assert 'name="email"' not in choices(member)
    choose(member, email="other@example.cn", wanted=["file:due"])

    kept = Preference.objects.get()
    assert (kept.email, kept.wants("file", "due")) == ("machao@example.cn", True)


# ---------------------------------------------------------------- the inbox


def test_what_is_told_late_says_so_and_of_which_kind_it_is(member, bureau):
    letter = Letter([bureau.member.user], "第一件", "1", "/", Event.OVERDUE, late=True)
    notices.post_each([letter], at=AT, by=None)

    page = member.get(reverse("inbox")).content.decode()

    assert "第一件（补发）" in page
    assert "逾期提醒" in page


# ---------------------------------------------------------------- what did not arrive


@pytest.fixture
def dead(bureau):
    user = bureau.member.user
    Preference.objects.create(user=user, email="machao@example.cn")
    letters = [
        Letter([user], "群众反映窗口无人", "1", "/problems/1/", Event.OVERDUE),
        Letter([user], "第二件隐情", "2", "/problems/2/", Event.CLOSURE),
    ]
    notices.post_each(letters, at=AT, by=None)
    row = Delivery.objects.create(
        recipient=user,
        channel="mail",
        timing="digest",
        day=AT.date(),
        state="dead",
        attempts=3,
        error="邮件服务器不接受这个收件地址（550）。",
        next_at=AT,
        made_at=AT,
        ended_at=AT,
    )
    for one in user.notices.all():
        row.parts.create(notice=one, channel="mail")
    return row


def test_the_administrator_sees_who_where_and_why_and_never_what(signed_in, bureau, dead):
    page = signed_in(bureau.system).get(reverse("dead-letters")).content.decode()

    assert "马超" in page
    assert "m***@example.cn" in page
    assert "逾期提醒、销号审核" in page
    assert "邮件服务器不接受这个收件地址（550）。" in page
    assert "3次" in page
    for secret in ("machao@", "窗口无人", "隐情", "/problems/1/"):
        assert secret not in page


def test_a_message_that_was_given_up_is_queued_again(signed_in, bureau, dead):
    client = signed_in(bureau.system)

    answer = client.post(reverse("dead-letter-retry", args=[dead.pk]), follow=True)

    assert "已重新排队" in answer.content.decode()
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.error) == ("waiting", 0, "")
    assert client.get(reverse("dead-letter-retry", args=[dead.pk])).status_code == 404


def test_all_are_queued_again_after_a_question(signed_in, bureau, dead):
    client = signed_in(bureau.system)
    url = reverse("dead-letters-retry")

    assert "1条消息将重新排队" in client.get(url).content.decode()
    client.post(url)
    assert Delivery.objects.get().state == "waiting"
    assert "没有未送达的消息" in client.post(url).content.decode()


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_costs_the_same_at_one_and_at_fifty(
    signed_in, bureau, dead, count, django_assert_max_num_queries
):
    for number in range(1, count):
        Delivery.objects.create(
            recipient=bureau.member.user,
            channel="mail",
            timing="digest",
            day=AT.date() - timedelta(days=number),
            state="dead",
            next_at=AT,
            made_at=AT,
            ended_at=AT,
        )
    client = signed_in(bureau.system)

    with django_assert_max_num_queries(10):
        client.get(reverse("dead-letters"))


# ---------------------------------------------------------------- how the sending is


def said(vital):
    return vital.state, vital.fact, bool(vital.advice)


def waiting(bureau, age, **facts):
    facts = {"timing": "direct", "channel": "mail", "day": NOW.date()} | facts
    return Delivery.objects.create(
        recipient=bureau.member.user, made_at=NOW - age, next_at=NOW - age, **facts
    )


@pytest.mark.parametrize(
    ("age", "state"),
    [(timedelta(minutes=1), "good"), (timedelta(minutes=5), "warn"), (timedelta(hours=1), "stop")],
)
def test_a_sweeper_that_stands_is_told(age, state):
    pulses.swept(at=NOW - age, down={})

    assert vitals.sweeper(NOW).state == state


def test_a_sweeper_that_never_went_is_told():
    assert said(vitals.sweeper(NOW)) == ("stop", "还没有运行过", True)


def test_a_channel_that_is_down_is_told_with_why():
    pulses.swept(at=NOW, down={"mail": "连不上邮件服务器。"})

    seen = vitals.sweeper(NOW)
    assert seen.state == "warn"
    assert "邮件：连不上邮件服务器。" in seen.fact


@pytest.mark.parametrize(
    ("age", "state", "fact"),
    [
        (timedelta(minutes=3), "good", "最早一条已等待 3分钟"),
        (timedelta(minutes=30), "warn", "最早一条已等待 30分钟"),
        (timedelta(hours=3), "stop", "最早一条已等待 3小时"),
    ],
)
def test_the_age_of_the_oldest_that_is_not_sent_is_told(bureau, age, state, fact):
    assert said(vitals.outbox(NOW)) == ("good", "没有等待发送的", False)

    waiting(bureau, age)

    assert said(vitals.outbox(NOW)) == (state, fact, state != "good")


def test_a_digest_that_waits_for_the_morning_is_no_trouble(bureau):
    night = timezone.localtime(NOW).replace(hour=23, minute=0)
    row = waiting(bureau, timedelta(0), timing="digest")
    Delivery.objects.filter(pk=row.pk).update(made_at=night - timedelta(hours=6))

    assert vitals.outbox(night).state == "good"


@pytest.mark.parametrize(
    ("timing", "state"), [(Notice.Timing.DIRECT, "stop"), (Notice.Timing.DIGEST, "good")]
)
def test_what_no_sweep_has_looked_at_waits_as_well(bureau, timing, state):
    """With the sweeper gone there is no message at all, and all seemed sent."""
    letter = Letter([bureau.member.user], "催报", "1", event=Event.WEEKLY, timing=timing)
    notices.post_each([letter], at=NOW - timedelta(hours=5), by=None)

    found = vitals.outbox(NOW)
    waits = "" if state == "stop" else "，到工作时间汇总发出"
    assert (found.state, found.fact) == (state, f"最早一条已等待 5小时{waits}")
    Notice.objects.update(read_at=NOW)
    assert vitals.outbox(NOW).fact == "没有等待发送的"


def test_what_did_not_arrive_is_counted(bureau):
    waiting(bureau, timedelta(hours=9), state="dead")

    assert said(vitals.outbox(NOW)) == ("warn", "没有等待发送的；1 条未送达", True)


def test_the_page_and_the_desk_of_the_administrator_say_it(signed_in, bureau, dead):
    pulses.swept(at=timezone.now(), down={})
    client = signed_in(bureau.system)

    assert "1 条未送达" in client.get(reverse("system")).content.decode()
    assert "1 条未送达" in client.get(reverse("desk")).content.decode()


def test_a_sweep_leaves_a_sign_of_life_by_the_task_of_the_timetable():
    from reform.celery import app  # noqa: PLC0415

    app.loader.import_default_modules()
    app.tasks["reform.tasks.sweep"]()

    assert timezone.now() - Pulse.objects.get(name=Pulse.Name.SWEEP).at < timedelta(seconds=5)
