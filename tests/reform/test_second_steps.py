"""One-time passwords: kept encrypted, good once, replaced by recovery codes, reset in the open."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from reform import policy
from reform.actions import second_steps
from reform.actions.sign_ins import Door, LockedOut
from reform.errors import Forbidden, Refused
from reform.models import Notice, Role, TrailEntry
from tests.factories import OrganizationFactory, UserFactory, actor, person

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 -- of a telephone that is none


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


def number(secret=SECRET):
    """What the telephone shows now."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[1]))


@pytest.fixture
def leader():
    return person("罗海", OrganizationFactory(), Role.LEADER)


@pytest.fixture
def security():
    return actor(person("安全员", OrganizationFactory(), Role.SECURITY))


@pytest.fixture
def codes(leader, at):
    by = actor(leader)
    return second_steps.turn_on(leader, secret=SECRET, code=number(), by=by, at=at)


def test_it_is_on_once_a_number_proves_that_the_telephone_has_it(leader, at):
    by = actor(leader)
    with pytest.raises(Refused, match="动态口令不正确"):
        second_steps.turn_on(leader, secret=SECRET, code="000000", by=by, at=at)
    assert not second_steps.is_on(leader)

    codes = second_steps.turn_on(leader, secret=SECRET, code=number(), by=by, at=at)

    assert second_steps.is_on(leader)
    assert len(set(codes)) == 10
    assert TrailEntry.objects.last().sentence == "开通动态口令：罗海"


def test_nothing_of_it_can_be_read_in_the_database(leader, codes):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert SECRET not in kept
    assert [code for code in codes if code in kept] == []


def test_what_was_encrypted_under_the_old_key_is_still_read(leader, codes, settings, at):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-for-everything-from-today-on"  # noqa: S105 -- of a test

    assert second_steps.verify(leader, number(), at=at)


def test_a_number_is_good_once(leader, codes, at):
    assert second_steps.verify(leader, number(), at=at)
    assert not second_steps.verify(leader, number(), at=at)
    with time_machine.travel(at + timedelta(minutes=1), tick=False):
        later = at + timedelta(minutes=1)
        assert second_steps.verify(leader, number(), at=later)


def test_a_number_is_typed_as_people_type(leader, codes, at):
    typed = number()

    assert second_steps.verify(leader, f"　{typed[:3]} {typed[3:]} ", at=at)


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "١٢٣٤٥٦", "0" * 500, "\x00"])
def test_what_is_no_number_is_a_wrong_one(leader, codes, at, typed):
    assert not second_steps.verify(leader, typed, at=at)


def test_a_recovery_code_takes_its_place_once(leader, codes, at):
    assert second_steps.verify(leader, codes[0], at=at)
    assert not second_steps.verify(leader, codes[0], at=at)
    assert second_steps.verify(leader, f"{codes[1][:4]} {codes[1][4:]}", at=at)
    assert second_steps.spare_codes(leader) == 8


def test_new_recovery_codes_end_the_old(leader, codes, at):
    new = second_steps.renew_codes(leader, by=actor(leader), at=at)

    assert set(new) & set(codes) == set()
    assert not second_steps.verify(leader, codes[0], at=at)
    assert second_steps.verify(leader, new[0], at=at)


def test_wrong_numbers_count_at_the_door(leader, codes, at):
    door = Door(leader.username, "10.0.0.1")
    for _ in range(4):
        with pytest.raises(Refused, match="动态口令不正确"):
            second_steps.prove(leader, "000000", door=door, at=at)
    with pytest.raises(LockedOut):
        second_steps.prove(leader, "000000", door=door, at=at)
    with pytest.raises(LockedOut):
        second_steps.prove(leader, number(), door=door, at=at)


def test_nobody_makes_or_ends_anothers(leader, codes, at):
    other = actor(UserFactory())

    with pytest.raises(Forbidden):
        second_steps.turn_off(leader, by=other, at=at)
    with pytest.raises(Forbidden):
        second_steps.renew_codes(leader, by=other, at=at)
    with pytest.raises(Forbidden):
        second_steps.turn_on(UserFactory(), secret=SECRET, code=number(), by=other, at=at)


@pytest.mark.parametrize("role", list(Role))
def test_it_is_asked_of_administrators_inspectors_and_leaders(settings, role):
    settings.MFA_REQUIRED = True
    asked = {Role.SYSTEM, Role.SECURITY, Role.AUDIT, Role.INSPECTOR, Role.LEADER}
    by = actor(person("某人", OrganizationFactory(), role))

    assert second_steps.is_missing(by) is (role in asked)
    assert policy.is_asked_twice(by) is (role in asked)


def test_at_a_desk_it_is_asked_of_nobody(settings, leader):
    assert settings.MFA_REQUIRED is False
    assert not second_steps.is_missing(actor(leader))


def test_a_reset_is_seen_by_the_person_and_all_administrators(leader, codes, security, at):
    others = [person(role.label, OrganizationFactory(), role) for role in (Role.SYSTEM, Role.AUDIT)]

    second_steps.reset(leader, reason="手机遗失", by=security, at=at)

    assert not Authenticator.objects.filter(user=leader).exists()
    assert {notice.recipient for notice in Notice.objects.all()} == {leader, *others}
    assert Notice.objects.first().subject == "安全管理员安全员重置了罗海的动态口令：手机遗失"
    assert TrailEntry.objects.filter(act="second_step.reset").get().sentence == (
        "重置动态口令：罗海，手机遗失"
    )


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SECURITY])
def test_nobody_else_resets(leader, codes, at, role):
    by = actor(person("某人", OrganizationFactory(), role))

    with pytest.raises(Forbidden):
        second_steps.reset(leader, reason="x", by=by, at=at)


def test_nobody_resets_himself(security, at):
    second_steps.turn_on(security.user, secret=SECRET, code=number(), by=security, at=at)

    with pytest.raises(Forbidden, match="另一位安全管理员"):
        second_steps.reset(security.user, reason="x", by=security, at=at)


def test_who_has_none_needs_no_reset(leader, security, at):
    with pytest.raises(Refused, match="没有开通"):
        second_steps.reset(leader, reason="x", by=security, at=at)


def test_the_picture_is_an_image_of_our_own(leader):
    picture = second_steps.picture(leader, SECRET)

    assert picture.startswith("data:image/svg+xml;base64,")
