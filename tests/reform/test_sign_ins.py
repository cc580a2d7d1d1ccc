"""The door: who may still try, whose sessions end, and what the trail says of it."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from reform.actions import sign_ins
from reform.actions.sign_ins import Door, LockedOut
from reform.errors import Forbidden, Refused
from reform.models import Role, SignIn, SignInFailure, TrailEntry
from reform.models.sign_in import browser_in_words
from tests.factories import OrganizationFactory, UserFactory, actor, person

HERE, ELSEWHERE = "10.0.0.1", "203.0.113.9"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def user():
    return UserFactory(username="zhangsan", name="张三")


@pytest.fixture
def security():
    return actor(person("安全员", OrganizationFactory(), Role.SECURITY))


def fail(times, account="zhangsan", address=HERE, *, at):
    for _ in range(times):
        sign_ins.failed(Door(account, address), at=at, what="密码不正确")


def is_shut(account="zhangsan", address=HERE, *, at):
    try:
        sign_ins.admit(Door(account, address), at=at)
    except LockedOut:
        return True
    return False


def session(user, address=HERE, *, at, lasts=timedelta(minutes=30)):
    key = f"key{Session.objects.count():029}"
    Session.objects.create(session_key=key, session_data="", expire_date=at + lasts)
    door = Door(user.username, address)
    return sign_ins.begin(user, open_session=lambda: key, door=door, agent="", at=at)


# ---------------------------------------------------------------- limits


def test_five_mistakes_shut_one_account_at_one_address_for_a_quarter_of_an_hour(user, at):
    fail(4, at=at)
    assert not is_shut(at=at)
    fail(1, at=at + MINUTE)

    assert is_shut(at=at + MINUTE)
    assert not is_shut(account="lisi", at=at)
    assert not is_shut(address=ELSEWHERE, at=at)
    assert is_shut(at=at + 14 * MINUTE)
    assert not is_shut(at=at + 15 * MINUTE)  # the first of the five is that old


def test_the_sentence_says_how_long(user, at):
    fail(5, at=at)

    with pytest.raises(LockedOut, match="该账号在本机连续输错次数过多，请15分钟后再试。"):
        sign_ins.admit(Door("zhangsan", HERE), at=at)
    with pytest.raises(LockedOut, match="请1分钟后再试"):
        sign_ins.admit(Door("zhangsan", HERE), at=at + 14 * MINUTE + timedelta(seconds=30))


def test_the_account_is_one_however_it_is_typed(user, at):
    for typed in ("zhangsan", " ZhangSan ", "zhangsan\u200b", "zhang\x00san", "ZHANGSAN"):
        fail(1, typed, at=at)

    assert is_shut(at=at)


def test_many_addresses_against_one_account_are_stopped_but_not_where_it_belongs(user, at):
    session(user, HERE, at=at - timedelta(days=29))
    for number in range(50):
        fail(1, address=f"203.0.113.{number}", at=at)

    assert is_shut(address="198.51.100.1", at=at)
    assert not is_shut(address=HERE, at=at)  # nobody locks a colleague out from elsewhere
    assert not is_shut(address="198.51.100.1", at=at + timedelta(hours=1))


def test_an_address_is_no_longer_its_own_after_a_month(user, at):
    session(user, HERE, at=at - timedelta(days=31))
    for number in range(50):
        fail(1, address=f"203.0.113.{number}", at=at)

    assert is_shut(address=HERE, at=at)


def test_many_accounts_from_one_address_are_stopped_but_not_those_who_work_there(user, at):
    session(user, HERE, at=at - timedelta(days=1))
    for number in range(200):
        fail(1, account=f"guess{number}", at=at)

    assert is_shut(account="guess999", at=at)
    assert is_shut(account="guess1", at=at)
    assert not is_shut(at=at)
    assert not is_shut(account="guess1", address=ELSEWHERE, at=at)


def test_coming_in_forgets_ones_own_mistakes_there_only(user, at):
    fail(4, at=at)
    fail(4, address=ELSEWHERE, at=at)
    session(user, HERE, at=at)

    assert list(SignInFailure.objects.values_list("address", flat=True)) == [ELSEWHERE] * 4


def test_mistakes_are_swept_after_a_day(user, at):
    fail(3, at=at)
    fail(1, at=at + timedelta(days=1, seconds=1))

    assert SignInFailure.objects.count() == 1


# ---------------------------------------------------------------- the trail


def test_mistakes_and_lock_outs_stand_in_the_trail_with_the_address(user, at):
    fail(5, at=at)

    entries = TrailEntry.objects.order_by("pk").values_list(
        "sentence", "by", "by_name", "address", "target"
    )
    who = (None, "zhangsan", HERE, f"reform.user:{user.pk}")
    assert list(entries) == [
        *[("登录失败：zhangsan，密码不正确", *who)] * 5,
        ("暂停登录：zhangsan，该账号在本机连续输错次数过多", *who),
    ]


def test_what_is_no_account_may_be_a_password_and_is_not_kept(at):
    typed = "Xianghe-1949-shan"
    fail(5, typed, at=at)

    kept = [*SignInFailure.objects.values_list(), *TrailEntry.objects.values_list()]
    assert [row for row in kept if "Xianghe" in str(row)] == []
    assert TrailEntry.objects.first().sentence == "登录失败：Xi…（无此账号），密码不正确"


def test_coming_and_going_stand_in_the_trail(user, at):
    row = session(user, at=at)
    sign_ins.leave(row.key, by=actor(user), at=at)

    assert list(TrailEntry.objects.order_by("pk").values_list("sentence", "by", "address")) == [
        ("登录：其他设备 · 其他浏览器", user.pk, HERE),
        ("退出登录：张三", user.pk, "127.0.0.1"),
    ]


# ---------------------------------------------------------------- lifting


def test_the_security_administrator_sees_what_is_shut_and_opens_it(user, security, at):
    fail(5, at=at)
    fail(2, "lisi", at=at)
    (shut,) = sign_ins.standing(at=at)
    assert (shut.last.shown, shut.last.address, shut.count) == ("zhangsan", HERE, 5)
    assert shut.until == at + 15 * MINUTE

    sign_ins.lift(shut.last, by=security, at=at)

    assert not is_shut(at=at)
    assert list(sign_ins.standing(at=at)) == []
    assert SignInFailure.objects.count() == 2
    assert TrailEntry.objects.last().sentence == (
        "解除暂停登录：zhangsan，该账号在本机连续输错次数过多"
    )


def test_an_address_is_opened_as_a_whole(security, at):
    for number in range(200):
        fail(1, account=f"guess{number}", at=at)
    (shut,) = sign_ins.standing(at=at)

    sign_ins.lift(shut.last, by=security, at=at)

    assert not is_shut(account="guess999", at=at)


def test_what_is_open_is_not_opened(user, security, at):
    fail(4, at=at)

    with pytest.raises(Refused, match="已经解除或到期"):
        sign_ins.lift(SignInFailure.objects.last(), by=security, at=at)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SECURITY])
def test_nobody_else_opens_anything(user, at, role):
    fail(5, at=at)

    with pytest.raises(Forbidden):
        sign_ins.lift(
            SignInFailure.objects.last(),
            by=actor(person("某人", OrganizationFactory(), role)),
            at=at,
        )


@pytest.mark.parametrize("count", [1, 40])
def test_seeing_what_is_shut_takes_one_query(user, at, count, django_assert_num_queries):
    for number in range(count):
        fail(5, account=f"guess{number}", at=at)

    with django_assert_num_queries(1):
        assert (
            len([shut for shut in sign_ins.standing(at=at) if shut.limit.name == "pair"]) == count
        )


# ---------------------------------------------------------------- sessions


def test_a_session_lives_until_it_is_idle_too_long_or_ended(user, at):
    row = session(user, at=at)

    assert SignIn.objects.live(at).get().seen_at == at
    assert not SignIn.objects.live(at + timedelta(minutes=30)).exists()
    sign_ins.end(row, by=actor(user), at=at)
    assert not SignIn.objects.live(at).exists()
    assert not Session.objects.exists()


def test_one_ends_ones_own_and_the_security_administrator_anybodys(user, security, at):
    mine, other = session(user, at=at), session(security.user, at=at)

    sign_ins.end(mine, by=security, at=at)
    with pytest.raises(Forbidden):
        sign_ins.end(other, by=actor(user), at=at)

    assert list(SignIn.objects.live(at)) == [other]


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.AUDIT, Role.LEADER, Role.OFFICE])
def test_nobody_else_ends_what_is_not_his(user, at, role):
    row = session(user, at=at)

    with pytest.raises(Forbidden, match="强制下线"):
        sign_ins.end(row, by=actor(person("某人", OrganizationFactory(), role)), at=at)


def test_what_has_ended_does_not_end_again(user, at):
    row = session(user, at=at)
    sign_ins.end(row, by=actor(user), at=at)

    with pytest.raises(Refused, match="已经退出"):
        sign_ins.end(row, by=actor(user), at=at)


def test_all_but_one_end_together(user, at):
    rows = [session(user, at=at) for _ in range(3)]
    other = session(UserFactory(), at=at)

    assert sign_ins.end_all(user, by=actor(user), at=at, spare=rows[0].key) == 2

    assert set(SignIn.objects.live(at)) == {rows[0], other}
    assert Session.objects.count() == 2
    assert TrailEntry.objects.last().sentence == "强制下线：张三的2处登录"


@pytest.mark.once
@pytest.mark.no_database
@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/120.0.0.0 Safari/537.36",
            "Windows电脑 · Chrome 120",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/119.2",
            "Windows电脑 · Edge 119",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0",
            "Linux电脑 · Firefox 128",
        ),
        (
            "(iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0",
            "iPhone手机 · 微信 8",
        ),
        ("Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0 wxwork/4.1", "安卓手机 · 企业微信 4"),
        ("curl/8", "其他设备 · 其他浏览器"),
        ("", "其他设备 · 其他浏览器"),
        ("\x00" * 5000, "其他设备 · 其他浏览器"),
    ],
)
def test_a_browser_in_words(agent, words):
    assert browser_in_words(agent) == words


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY, Role.AUDIT])
def test_who_signs_in_signs_in_as_what_he_is(role, at):
    """An auditor's coming and going is the security administrator's to see, not his own."""
    user = person("管理员", OrganizationFactory(), role)

    session(user, at=at)

    entry = TrailEntry.objects.get(act="session.began")
    assert entry.made_as == role
