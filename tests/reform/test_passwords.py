"""Passwords: what they lack, in sentences, under both profiles; and what a change does."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.exceptions import ValidationError

from reform.actions import access_codes, passwords
from reform.actions.sign_ins import Door, LockedOut
from reform.errors import Refused
from reform.models import AccessCode, Role, SignInFailure, password_rules
from tests.factories import PASSWORD, OrganizationFactory, UserFactory, actor, person

FINE = "Xianghe-1949-shan"


@pytest.fixture(autouse=True)
def _quick(request, settings):
    """Argon2 takes its time on purpose; one test asks for it."""
    if "argon2" not in request.node.name:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user():
    place = OrganizationFactory(name="市交通局党组", short_name="交通局")
    user = person("李晓明", place, Role.SECRETARY)
    user.username, user.phone = "lixm2020", "0571-87654321"
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def dengbao(settings):
    settings.PASSWORD_PROFILE = "dengbao"  # noqa: S105 -- the name of a profile


def lacks(password, user):
    return list(password_rules.faults(password, user))


COMMON = ["这个密码太常见，容易被猜到，请换一个。"]


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (FINE, []),
        ("山高水长风清气正廉洁", []),
        ("shan gao shui chang", []),
        ("Ab1!", ["密码至少10个字符，现在是4个。"]),
        ("x" * 3 + FINE * 10, ["密码最多128个字符。"]),
        ("1990123456789", ["密码不能全是数字：电话、日期、证件号最先被猜到。"]),
        ("1qaz2wsx3edc", COMMON),
        ("qwertyuiop", COMMON),
        ("woaini5201314", COMMON),
        ("Zhongguo@2026", COMMON),
        ("Dangzhibu#123", COMMON),
        ("P@ssw0rd2026", COMMON),
        ("abcabcabcabc", COMMON),
        ("abcdefghijkl", COMMON),
        ("my-lixm2020-x", ["密码里不能有账号，容易被猜到。"]),
        ("Lixiaoming-01", ["密码里不能有姓名拼音，容易被猜到。"]),
        ("x-jiaotongju-x", ["密码里不能有单位名称，容易被猜到。"]),
        ("a-057187654321", ["密码里不能有联系电话，容易被猜到。"]),
        (PASSWORD, ["新密码不能与现在的密码相同。"]),
    ],
)
def test_modern_asks_for_length_and_nothing_that_is_guessed_first(user, password, words):
    assert lacks(password, user) == words


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (FINE, []),
        ("山高水长风清气正廉洁A1", []),
        ("xianghe-shan-x", ["密码里没有大写字母、数字，请至少再用上其中1种。"]),
        ("xianghexiangshan", ["密码里没有大写字母、数字、符号，请至少再用上其中2种。"]),
        ("Xi-1", ["密码至少10个字符，现在是4个。"]),
    ],
)
def test_dengbao_asks_for_three_kinds(user, dengbao, password, words):
    assert lacks(password, user) == words


def test_dengbao_remembers_the_last_five(user, dengbao, at):
    used = [f"Shanchuan-{number}-He" for number in range(5)]
    for password in used:
        passwords.change(user, password, by=actor(user), at=at)

    for password in used:
        assert lacks(password, user) == ["不能与最近5次用过的密码相同。"]
    assert lacks(PASSWORD, user) == []
    assert user.past_passwords.count() == 5


def test_modern_remembers_only_the_present_one(user, at):
    passwords.change(user, FINE, by=actor(user), at=at)

    assert lacks(PASSWORD, user) == []


@pytest.mark.parametrize(
    ("set_before", "over"),
    [(None, True), (timedelta(days=90), True), (timedelta(days=89), False)],
)
def test_dengbao_asks_for_another_after_ninety_days_and_at_the_first_sign_in(
    user, dengbao, at, set_before, over
):
    user.password_set_at = set_before and at - set_before

    assert password_rules.profile().is_over(user, at) is over


@pytest.mark.parametrize("set_before", [None, timedelta(days=900)])
def test_modern_asks_for_no_change(user, at, set_before):
    user.password_set_at = set_before and at - set_before

    assert not password_rules.profile().is_over(user, at)


def test_the_act_asks_as_well(user, at):
    with pytest.raises(Refused, match="密码至少10个字符"):
        passwords.change(user, "short", by=actor(user), at=at)

    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_every_door_of_djangos_asks_the_same(user):
    (validator,) = get_default_password_validators()

    with pytest.raises(ValidationError, match="密码至少10个字符"):
        validator.validate("short", user)


@pytest.mark.once
@pytest.mark.no_database
def test_hashes_are_argon2():
    assert identify_hasher(make_password(FINE)).algorithm == "argon2"


# ---------------------------------------------------------------- by a one-time code


@pytest.fixture
def door(user):
    return Door(user.username, "10.0.0.1")


@pytest.fixture
def code(user, at):
    system = actor(person("系统员", OrganizationFactory(), Role.SYSTEM))
    return access_codes.issue(user, purpose=AccessCode.Purpose.RESET, by=system, at=at)


def test_a_code_sets_the_password_once(user, door, code, at):
    passwords.set_by_code(door, code, FINE, at=at)

    user.refresh_from_db()
    assert user.check_password(FINE)
    assert user.password_set_at == at
    with pytest.raises(Refused, match="已使用"):
        passwords.set_by_code(door, code, "Another-1949-shan", at=at)


def test_a_password_that_will_not_do_does_not_cost_the_code(user, door, code, at):
    with pytest.raises(Refused, match="密码至少10个字符"):
        passwords.set_by_code(door, code, "short", at=at)

    passwords.set_by_code(door, code, FINE, at=at)


def test_no_account_a_closed_one_and_a_wrong_code_are_told_in_the_same_words(user, door, code, at):
    closed = UserFactory(username="closed")
    closed.is_active = False
    closed.save()

    said = set()
    for account, typed in (("nobody", code), ("closed", code), (user.username, "AAAA-AAAA-AAAA")):
        with pytest.raises(Refused) as refusal:
            passwords.set_by_code(Door(account, "10.0.0.1"), typed, FINE, at=at)
        said.add(str(refusal.value))

    assert said == {access_codes.WRONG}
    assert SignInFailure.objects.count() == 3


def test_an_unknown_account_asks_as_much_of_the_database_as_a_known_one(
    user, door, at, django_assert_num_queries
):
    """Nobody learns from the clock which accounts there are."""
    for account in (user.username, "nobody"):
        with django_assert_num_queries(COSTS), pytest.raises(Refused):
            passwords.set_by_code(Door(account, "10.9.0.1"), "AAAA", FINE, at=at)


COSTS = 18


def test_wrong_codes_count_as_wrong_passwords_do(user, door, code, at):
    for _ in range(5):
        with pytest.raises(Refused):
            passwords.set_by_code(door, "AAAA-AAAA-AAAA", FINE, at=at)

    with pytest.raises(LockedOut):
        passwords.set_by_code(door, code, FINE, at=at)
    assert AccessCode.objects.get().tries == 5
