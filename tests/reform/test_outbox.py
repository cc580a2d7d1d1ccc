"""The outbox: what goes to whom, when, once; and what becomes of what does not arrive."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from reform.actions import notices, outbox, preferences
from reform.actions.notices import Letter
from reform.actions.outbox import Outcome, Sweep, Told
from reform.errors import Forbidden, Refused
from reform.exports.outbox import sweep
from reform.models import (
    Delegation,
    Delivery,
    Duty,
    Event,
    Holiday,
    HolidayNotice,
    Notice,
    Preference,
    Pulse,
    Role,
    TrailEntry,
    User,
)
from reform.models.office_hours import is_open
from reform.workdays import Calendar
from tests.factories import AT, OrganizationFactory, UserFactory, actor, person

BEIJING = ZoneInfo("Asia/Shanghai")


def beijing(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


NIGHT = beijing("2026-06-02T22:00")
MORNING = beijing("2026-06-03T08:30")  # a Wednesday
NEXT = beijing("2026-06-04T08:30")
DIRECT = Notice.Timing.DIRECT


@pytest.fixture
def who():
    user = person("马超", OrganizationFactory())
    Preference.objects.create(user=user, email="machao@example.cn")
    return user


def tell(*people, at=NIGHT, key="k", subject="问题YACG-1逾期", event=Event.OVERDUE, **facts):
    notices.post_each([Letter(people, subject, key, "/problems/", event, **facts)], at=at, by=None)


def sent(at):
    """What a sweep at that moment mails."""
    mail.outbox.clear()
    sweep(at=at)
    return list(mail.outbox)


# ---------------------------------------------------------------- when


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-06-03T08:29", False),
        ("2026-06-03T08:30", True),
        ("2026-06-03T11:50", False),
        ("2026-06-03T14:00", True),
        ("2026-06-03T17:30", False),
        ("2026-06-06T10:00", False),
    ],
)
def test_the_house_is_open_on_working_days_in_the_morning_and_the_afternoon(moment, open_):
    assert is_open(Calendar(), beijing(moment)) is open_


def test_the_calendar_of_the_house_is_asked(who):
    known, _ = HolidayNotice.objects.get_or_create(year=2026)
    for day, is_off in ((date(2026, 10, 1), True), (date(2026, 10, 10), False)):
        Holiday.objects.update_or_create(notice=known, day=day, defaults={"is_off": is_off})
    tell(who, at=beijing("2026-09-30T18:00"))

    assert sent(beijing("2026-10-01T09:00")) == []  # a holiday
    assert sent(beijing("2026-10-10T08:30")) != []  # a Saturday that is worked


def test_a_notice_waits_for_the_digest_of_the_next_working_morning(who):
    tell(who)

    assert sent(NIGHT) == []
    assert sent(beijing("2026-06-03T08:29")) == []
    (one,) = sent(MORNING)
    assert one.subject == "【以案促改】6月3日提醒，共1条"
    assert one.to == ["machao@example.cn"]
    assert "1. 问题YACG-1逾期\n   http://localhost/problems/" in one.body


def test_one_digest_a_day_and_the_rest_the_next_day(who):
    tell(who, key="1")
    assert len(sent(MORNING)) == 1
    tell(who, key="2", at=MORNING)

    assert sent(MORNING + timedelta(hours=2)) == []
    (one,) = sent(NEXT)
    assert "共1条" in one.subject


def test_after_days_without_mail_there_is_one_digest_not_one_a_day(who, settings):
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.reform.test_outbox.Broken"
    tell(who, key="1", subject="第一天")
    sweep(at=MORNING)
    tell(who, key="2", subject="第二天", at=MORNING + timedelta(hours=9))
    sweep(at=NEXT)
    assert Delivery.objects.get().day == NEXT.date()
    tell(who, key="3", subject="第三天", at=NEXT + timedelta(hours=9))
    settings.EMAIL_BACKEND = working

    (one,) = sent(NEXT + timedelta(days=1))
    assert one.subject == "【以案促改】6月5日提醒，共3条"
    assert [word for word in ("第一天", "第二天", "第三天") if word not in one.body] == []
    assert sent(NEXT + timedelta(days=1, hours=1)) == []


def test_one_that_may_have_arrived_keeps_its_message_id(who, settings, tmp_path):
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.reform.test_outbox.Broken"
    tell(who, key="1")
    sweep(at=MORNING)
    Delivery.objects.update(attempts=1)
    kept = Delivery.objects.get().message_id
    tell(who, key="2", at=MORNING + timedelta(hours=9))
    settings.EMAIL_BACKEND = working

    first, second = sent(NEXT)
    assert kept in {first.extra_headers["Message-ID"], second.extra_headers["Message-ID"]}


def test_what_went_over_another_channel_is_not_sorted_again(who, settings, tmp_path):
    settings.SMS_FOLDER = str(tmp_path)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.reform.test_outbox.Broken"
    User.objects.update(phone="13800000001")
    tell(who, key="1")
    sweep(at=MORNING)
    tell(who, key="2", at=MORNING + timedelta(hours=9))
    settings.EMAIL_BACKEND = working

    assert len(sent(NEXT)) == 2
    assert Delivery.objects.filter(channel="file", state="sent").count() == 2


def test_the_database_holds_one_digest_a_day(who):
    facts = {"channel": "mail", "timing": "digest", "day": MORNING.date()}
    row = {"recipient": who, "next_at": MORNING, "made_at": MORNING} | facts
    Delivery.objects.create(**row)

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(**row)


def test_each_has_the_digest_at_his_own_hour(who):
    Preference.objects.update(digest_at=time(15))
    tell(who)

    assert sent(MORNING) == []
    assert sent(beijing("2026-06-03T14:59")) == []
    assert len(sent(beijing("2026-06-03T15:00"))) == 1


def test_an_hour_that_was_missed_is_made_up_in_working_hours(who):
    tell(who)

    assert sent(beijing("2026-06-03T12:30")) == []
    assert sent(beijing("2026-06-03T19:00")) == []
    assert len(sent(NEXT)) == 1


def test_what_goes_at_its_minute_goes_at_night_as_well_and_once(who):
    tell(who, subject="请于9:30前报送周报", event=Event.WEEKLY, timing=DIRECT)

    (one,) = sent(NIGHT)
    assert one.subject == "【以案促改】周报催报：请于9:30前报送周报"
    assert sent(NIGHT) == sent(MORNING) == []


def test_what_missed_its_minute_waits_for_the_morning(who):
    """The clock came back at night: “已截止，请尽快补报” wakes nobody."""
    tell(who, timing=DIRECT, event=Event.WEEKLY, late=True)

    assert sent(NIGHT) == []
    assert len(sent(MORNING)) == 1


def test_several_of_one_minute_are_one_message(who):
    tell(who, key="1", event=Event.WEEKLY, timing=DIRECT)
    tell(who, key="2", event=Event.WEEKLY_LIST, timing=DIRECT)

    (one,) = sent(NIGHT)
    assert one.subject == "【以案促改】周报催报等2条"


# ---------------------------------------------------------------- what


def test_a_digest_groups_by_kind_what_presses_first_and_marks_what_is_late(who):
    tell(who, key="1", subject="销号已通过", event=Event.CLOSURE)
    tell(who, key="2", subject="已逾期一天", event=Event.OVERDUE, late=True)
    tell(who, key="3", subject="又销号一条", event=Event.CLOSURE)

    (one,) = sent(MORNING)
    wanted = ["逾期提醒（1条）", "1. 已逾期一天（补发）", "销号审核（2条）", "2. 又销号一条"]
    assert sorted(wanted, key=one.body.index) == wanted


def test_a_digest_is_capped_and_nothing_is_lost(who):
    letters = [Letter([who], f"第{n}件", f"k{n}", "/", Event.OVERDUE) for n in range(70)]
    letters += [Letter([who], f"另{n}件", f"c{n}", "/", Event.CLOSURE) for n in range(10)]
    notices.post_each(letters, at=NIGHT, by=None)

    (one,) = sent(MORNING)
    assert "共80条" in one.subject
    assert one.body.count("件\n") == 50
    assert "另有30条，见收件箱：http://localhost/inbox/" in one.body
    assert who.notices.unread().count() == 80


def test_the_cap_counts_over_all_kinds(who):
    letters = [
        Letter([who], f"{event}第{n}件", f"{event}{n}", "/", event)
        for event in (Event.OVERDUE, Event.DUE, Event.CLOSURE)
        for n in range(30)
    ]
    notices.post_each(letters, at=NIGHT, by=None)

    (one,) = sent(MORNING)
    assert one.body.count("件\n") == 50
    assert "另有40条" in one.body


def test_what_was_read_is_not_sent_as_well(who):
    tell(who, key="1", subject="看过的")
    tell(who, key="2", subject="没看的")
    who.notices.filter(key="1").update(read_at=NIGHT)

    (one,) = sent(MORNING)
    assert "没看的" in one.body
    assert "看过的" not in one.body


def test_what_was_read_between_two_tries_is_spared(who, settings):
    tell(who)
    settings.EMAIL_BACKEND = "tests.reform.test_outbox.Broken"
    sweep(at=MORNING)
    assert Delivery.objects.get().state == "waiting"
    notices.read_all(by=actor(who), at=MORNING)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert sent(MORNING + timedelta(minutes=5)) == []
    assert Delivery.objects.get().state == "spared"


def test_ones_own_act_is_not_told(who):
    letter = Letter([who], "我办的", "k", "/", Event.PROBLEM)
    notices.post_each([letter], at=NIGHT, by=actor(who))

    assert sent(MORNING) == []


def test_a_closed_account_gets_nothing(who):
    tell(who)
    who.is_active = False
    who.save()

    assert sent(MORNING) == []
    assert not Notice.objects.filter(sorted_at=None).exists()


def test_who_lost_a_duty_since_gets_no_mail_of_what_it_opened(who):
    """Told on Tuesday evening; Tuesday was his last day there."""
    tell(who)
    tell(who, key="own", subject="您的职责有变化", event=Event.ACCOUNT)
    Duty.objects.filter(user=who).update(until=NIGHT.date())

    (one,) = sent(MORNING)
    assert "YACG-1" not in one.body
    assert "您的职责有变化" in one.body
    assert who.notices.unread().count() == 2
    tell(who, at=MORNING, key="new", subject="问题YACG-2逾期")
    (one,) = sent(NEXT)
    assert "YACG-2" in one.body


def test_what_one_stood_in_for_is_not_mailed_after_it_ended(who):
    other = person("李四", OrganizationFactory(), Role.SECRETARY)
    duty = other.duties.get()
    facts = {"duty": duty, "delegate": who, "since": NIGHT.date(), "reason": "出差"}
    lent = Delegation.objects.create(**facts, until=NIGHT.date(), given_at=NIGHT)
    tell(who)

    assert sent(MORNING) == []
    later = MORNING.date() + timedelta(days=9)
    Delegation.objects.filter(pk=lent.pk).update(until=later, ended_on=MORNING.date())
    Notice.objects.update(sorted_at=None)
    assert sent(MORNING) == []
    Delegation.objects.filter(pk=lent.pk).update(ended_on=None)
    Notice.objects.update(sorted_at=None)
    assert len(sent(MORNING)) == 1


def test_who_lost_a_duty_between_two_tries_is_spared(who, settings):
    settings.EMAIL_BACKEND = "tests.reform.test_outbox.Broken"
    tell(who)
    sweep(at=MORNING)
    Duty.objects.filter(user=who).update(until=MORNING.date())
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert sent(NEXT) == []
    assert Delivery.objects.get().state == "spared"


def test_an_account_closed_between_two_tries_is_spared(who, settings):
    tell(who)
    settings.EMAIL_BACKEND = "tests.reform.test_outbox.Broken"
    sweep(at=MORNING)
    who.is_active = False
    who.save()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert sent(MORNING + timedelta(minutes=5)) == []
    assert Delivery.objects.get().state == "spared"


# ---------------------------------------------------------------- whether


def test_what_one_does_not_want_by_mail_stays_in_the_inbox(who):
    Preference.objects.update(choices={"mail": {"overdue": False}})
    tell(who)

    assert sent(MORNING) == []
    assert who.notices.unread().count() == 1
    assert Delivery.objects.count() == 0


def test_who_gave_no_address_is_told_in_the_inbox_alone():
    tell(person("无邮箱", OrganizationFactory()))

    assert sent(MORNING) == []
    assert not Notice.objects.filter(sorted_at=None).exists()


def test_without_a_channel_nothing_waits_and_nothing_is_wrong(who, settings):
    settings.EMAIL_URL = ""
    tell(who)

    assert sweep(at=NIGHT) == {}
    assert Delivery.objects.count() == 0
    assert not Notice.objects.filter(sorted_at=None).exists()
    assert Pulse.objects.get(name=Pulse.Name.SWEEP).facts == {"down": {}}


def test_over_two_channels_a_notice_goes_once_over_each(who, settings, tmp_path):
    settings.SMS_FOLDER = str(tmp_path)
    who.phone = "138 0013 8000"
    who.save()
    tell(who)

    assert len(sent(MORNING)) == 1
    (file,) = tmp_path.iterdir()
    assert "13800138000,【以案促改】您有1条提醒（逾期提醒1），请登录系统查看。" in file.read_text()
    assert sent(NEXT) == []
    assert list(tmp_path.iterdir()) == [file]


def test_a_short_message_is_for_what_presses_unless_one_wants_more(who):
    preference = Preference.of(who)

    assert preference.wants("file", Event.OVERDUE)
    assert not preference.wants("file", Event.JOB)
    assert preference.wants("mail", Event.JOB)


def test_only_what_differs_from_the_defaults_is_kept(who):
    wanted = {("mail", event) for event in Event.values} - {("mail", "job")}
    choice = {"email": "b@example.cn", "digest_at": time(9, 30), "wanted": wanted}

    code = preferences.choose(**choice, channels=["mail"], by=actor(who), at=AT)

    row = Preference.objects.get()
    assert (row.email, row.asked_email) == ("machao@example.cn", "b@example.cn")
    assert row.choices == {"mail": {"job": False}}
    entries = TrailEntry.objects.order_by("pk")
    assert [(entry.act, entry.by) for entry in entries] == [
        ("notice.chosen", who),
        ("address.asked", who),
    ]
    left = "".join(f"{entry.sentence}{entry.detail}" for entry in entries)
    assert "example.cn" not in left
    assert code not in left


def test_a_channel_that_was_not_shown_keeps_what_was_chosen(who):
    Preference.objects.update(choices={"file": {"job": True}})

    preferences.choose(
        email="", digest_at=time(8, 30), wanted=[], channels=["mail"], by=actor(who), at=AT
    )

    row = Preference.objects.get()
    assert row.choices["file"] == {"job": True}
    assert not row.wants("mail", Event.OVERDUE)


def test_an_hour_out_of_working_time_is_refused(who):
    with pytest.raises(Refused, match="工作时间"):
        preferences.choose(
            email="", digest_at=time(3), wanted=[], channels=["mail"], by=actor(who), at=AT
        )


# ---------------------------------------------------------------- sent, or given up


class Scripted:
    """A channel that does with each message what it is told."""

    most = 3

    def __init__(self, *told):
        self.told, self.seen = list(told), []

    def reaches(self, person, preference):
        return True

    def hand_over(self, messages):
        for message in messages:
            self.seen.append(message.message_id)
            told = self.told.pop(0) if self.told else Told.SENT
            yield [Outcome(message.delivery, told, "" if told == Told.SENT else "没有送到。")]
            if told == Told.DOWN:
                return


def Broken(*_args, **_kwargs):  # noqa: N802 -- named as a backend of Django's is
    from django.core.mail.backends.base import BaseEmailBackend  # noqa: PLC0415

    class Backend(BaseEmailBackend):
        def open(self):
            raise ConnectionRefusedError

    return Backend()


@pytest.fixture
def ten(who):
    """Ten messages to ten people, to go at their own minute."""
    people = [who, *(person(f"干部{n}", OrganizationFactory()) for n in range(9))]
    rows = [
        Delivery(recipient=one, channel="mail", timing=DIRECT, day=MORNING.date(), **now(MORNING))
        for one in people
    ]
    Delivery.objects.bulk_create(rows)
    for row in rows:
        tell(row.recipient, at=MORNING)
        row.parts.create(notice=row.recipient.notices.get(), channel="mail")
    Notice.objects.update(sorted_at=MORNING)
    return rows


def now(at):
    return {"next_at": at, "made_at": at}


def handed(channel, at=MORNING):
    one = Sweep(at)
    outbox.hand_over("mail", channel, one)
    return one


def test_all_is_handed_over_in_as_many_rounds_as_it_takes(ten):
    channel = Scripted()

    assert handed(channel).sent == 10
    assert channel.seen == [row.message_id for row in ten]
    assert set(Delivery.objects.values_list("state", "claimed_by")) == {("sent", "")}
    assert handed(channel).sent == 0


def test_what_fails_is_tried_again_later_and_later_with_the_same_message_id(ten):
    channel, at, moments = Scripted(*[Told.LATER] * 99), MORNING, []
    Delivery.objects.exclude(pk=ten[0].pk).delete()
    while (row := Delivery.objects.get()).state == "waiting":
        moments.append(row.next_at)
        handed(channel, at=row.next_at)

    assert (row.state, row.attempts, row.error) == ("dead", 8, "没有送到。")
    assert set(channel.seen) == {row.message_id}
    waits = [round((b - a).total_seconds() / 60) for a, b in pairwise(moments)]
    assert waits == [1, 2, 5, 15, 30, 60, 150]
    assert handed(channel, at=at + timedelta(days=9)).sent == 0


def test_one_bad_recipient_goes_dead_and_holds_up_nobody(ten):
    one = handed(Scripted(Told.SENT, Told.DEAD))

    assert (one.sent, one.failed) == (9, 1)
    assert list(Delivery.objects.dead()) == [ten[1]]


def test_a_channel_that_is_down_is_no_messages_fault(ten):
    channel = Scripted(Told.SENT, Told.DOWN)

    assert handed(channel).down == "没有送到。"
    assert len(channel.seen) == 2  # nobody else was tried
    rows = Delivery.objects.filter(state="waiting")
    assert rows.count() == 9
    assert set(rows.values_list("attempts", flat=True)) == {0}
    assert handed(Scripted(), at=MORNING + timedelta(minutes=1)).sent == 9


def test_a_channel_that_says_nothing_of_a_message_is_not_asked_for_ever(ten):
    class Mute(Scripted):
        def hand_over(self, messages):
            return iter(())

    assert handed(Mute()).sent == 0
    assert set(Delivery.objects.values_list("state", "claimed_by")) == {("waiting", "")}


def test_whoever_is_to_stop_lets_go_of_what_he_has_not_sent(ten):
    one = Sweep(MORNING, stopping=lambda: one.sent == 2)
    outbox.hand_over("mail", Scripted(), one)

    assert one.sent == 2
    assert Delivery.objects.filter(state="waiting", claimed_by="").count() == 8


def test_what_another_has_in_hand_is_left_to_him_until_he_gives_no_sign_of_life(ten):
    later = MORNING + outbox.LEASE
    Delivery.objects.update(state="sending", claimed_by="other", claimed_until=later)

    assert handed(Scripted()).sent == 0
    assert handed(Scripted(), at=later + timedelta(seconds=1)).sent == 10


def test_what_always_breaks_off_is_given_up(ten):
    Delivery.objects.filter(pk=ten[0].pk).update(
        state="sending", claimed_by="gone", claimed_until=NIGHT, attempts=outbox.TRIES - 1
    )

    assert handed(Scripted()).sent == 9
    assert Delivery.objects.get(pk=ten[0].pk).error == "多次没有发完就中断。"


def test_who_lost_a_message_to_another_does_not_mark_it(ten):
    class Overtaken(Scripted):
        def hand_over(self, messages):
            Delivery.objects.update(claimed_by="other")
            yield from super().hand_over(messages)

    handed(Overtaken(Told.SENT, Told.SENT, Told.SENT))

    assert not Delivery.objects.filter(state="sent").exists()


def test_an_address_taken_back_ends_the_message_in_words(ten, who):
    class Unreached(Scripted):
        def reaches(self, one, preference):
            return one != who

    assert handed(Unreached()).sent == 9
    assert Delivery.objects.get(recipient=who).error == "收件人没有填写可用的地址。"


def test_a_digest_is_not_tried_again_at_night(who, settings):
    tell(who)
    settings.EMAIL_BACKEND = "tests.reform.test_outbox.Broken"
    sweep(at=beijing("2026-06-03T17:29"))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert sent(beijing("2026-06-03T22:00")) == []
    assert len(sent(NEXT)) == 1


def test_two_sweeps_in_turn_send_once(who):
    tell(who)

    assert [len(sent(MORNING)), len(sent(MORNING))] == [1, 0]


# ---------------------------------------------------------------- what was given up


def test_the_administrator_tries_again_with_the_address_of_now(who, bureau):
    tell(who)
    sweep(at=MORNING)
    Delivery.objects.update(state="dead", attempts=8, error="邮件服务器不接受这个收件地址（550）。")
    Preference.objects.update(email="new@example.cn")

    outbox.retry(Delivery.objects.get(), by=bureau.system, at=NEXT)

    assert [one.to for one in sent(NEXT)] == [["new@example.cn"]]
    entry = TrailEntry.objects.latest("pk")
    assert (entry.act, entry.by) == ("delivery.retried", bureau.system.user)
    assert "逾期" not in f"{entry.sentence}{entry.detail}"
    with pytest.raises(Refused, match="已经"):
        outbox.retry(Delivery.objects.get(), by=bureau.system, at=NEXT)


def test_all_are_tried_again_at_once(ten, bureau):
    Delivery.objects.update(state="dead", attempts=8)

    assert outbox.retry_all(by=bureau.system, at=MORNING) == 10
    assert TrailEntry.objects.latest("pk").detail["count"] == 10
    with pytest.raises(Refused, match="没有未送达"):
        outbox.retry_all(by=bureau.system, at=MORNING)


def test_nobody_else_tries_again(ten, bureau):
    Delivery.objects.update(state="dead")

    for by in (bureau.office, bureau.leader, bureau.member):
        with pytest.raises(Forbidden):
            outbox.retry(ten[0], by=by, at=MORNING)
        with pytest.raises(Forbidden):
            outbox.retry_all(by=by, at=MORNING)


# ---------------------------------------------------------------- many


def test_the_same_statements_at_one_and_at_fifty(who, django_assert_max_num_queries):
    people = [UserFactory(name=f"干部{n}") for n in range(50)]
    Preference.objects.bulk_create(
        Preference(user=one, email=f"u{one.pk}@example.cn") for one in people
    )
    tell(who)
    assert len(sent(MORNING)) == 1
    tell(*people, at=MORNING)

    with django_assert_max_num_queries(50 + 40):  # each is marked the moment it is gone
        assert len(sent(NEXT)) == 50


def test_what_is_sorted_at_once_never_tears_a_person_apart(who, monkeypatch):
    monkeypatch.setattr("reform.actions.sorting.AT_ONCE", 5)
    other = person("李四", OrganizationFactory())
    Preference.objects.create(user=other, email="lisi@example.cn")
    letters = [Letter([who, other], f"第{n}件", f"k{n}", "/", Event.DUE) for n in range(8)]
    notices.post_each(letters, at=NIGHT, by=None)

    assert ["共8条" in one.subject for one in sent(MORNING)] == [True, True]
    assert sent(MORNING) == []


def test_five_thousand_overdue_at_once_are_one_digest_a_person_and_nothing_is_lost(who):
    """After a fortnight's outage: all that is owed, late."""
    others = [UserFactory(name=f"干部{n}") for n in range(50)]
    Preference.objects.bulk_create(
        Preference(user=one, email=f"u{one.pk}@example.cn") for one in others
    )
    letters = [
        Letter([who, others[n % 50]], f"第{n}条已逾期", f"k{n}", "/", Event.OVERDUE, late=True)
        for n in range(5_000)
    ]
    notices.post_each(letters, at=MORNING, by=None)

    mails = sent(MORNING)

    assert len(mails) == 51
    assert max(one.body.count("（补发）") for one in mails) == 50
    leader = next(one for one in mails if one.to == ["machao@example.cn"])
    assert "共5000条" in leader.subject
    assert "另有4950条，见收件箱" in leader.body
    assert who.notices.unread().count() == 5_000
    assert not Notice.objects.filter(sorted_at=None).exists()
    assert sent(MORNING + timedelta(hours=1)) == []
