"""One-time codes: told once, kept as a hash, spent once, good for a while."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from reform.actions import access_codes
from reform.errors import Forbidden, Refused
from reform.models import AccessCode, Notice, Role, TrailEntry
from tests.factories import OrganizationFactory, UserFactory, actor, person

INVITE, RESET, WITNESS = AccessCode.Purpose


@pytest.fixture
def system():
    return actor(person("系统员", OrganizationFactory(), Role.SYSTEM))


@pytest.fixture
def user():
    return UserFactory(name="张三")


def test_a_code_is_spent_once(user, system, at):
    code = access_codes.issue(user, purpose=RESET, by=system, at=at)

    access_codes.check(user, code, purpose=RESET, at=at)

    with pytest.raises(Refused, match="已使用"):
        access_codes.check(user, code, purpose=RESET, at=at)


def test_it_is_three_groups_that_nobody_misreads_and_no_column_holds_it(user, system, at):
    code = access_codes.issue(user, purpose=RESET, by=system, at=at)

    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert not set(code) & set("0O1IL")
    row = AccessCode.objects.values().get()
    assert not any(code in str(value) for value in row.values())
    assert not any(code in str(entry) for entry in TrailEntry.objects.values_list())


def test_it_is_typed_as_people_type(user, system, at):
    code = access_codes.issue(user, purpose=RESET, by=system, at=at)
    typed = f" {code.lower().replace('-', ' ')}　"

    access_codes.check(user, typed, purpose=RESET, at=at)


@pytest.mark.parametrize(
    ("purpose", "lasts"),
    [(INVITE, timedelta(days=7)), (RESET, timedelta(hours=24)), (WITNESS, timedelta(minutes=10))],
)
def test_it_lasts_for_a_while(user, system, at, purpose, lasts):
    of = system.user if purpose == WITNESS else user
    first = access_codes.issue(of, purpose=purpose, by=system, at=at)
    with pytest.raises(Refused, match="已过期"):
        access_codes.check(of, first, purpose=purpose, at=at + lasts)

    access_codes.check(of, first, purpose=purpose, at=at + lasts - timedelta(seconds=1))


def test_a_new_one_takes_the_place_of_the_last(user, system, at):
    first = access_codes.issue(user, purpose=RESET, by=system, at=at)
    second = access_codes.issue(user, purpose=RESET, by=system, at=at)

    with pytest.raises(Refused):
        access_codes.check(user, first, purpose=RESET, at=at)
    access_codes.check(user, second, purpose=RESET, at=at)


def test_the_database_keeps_one_standing_a_person_and_purpose(user, system, at):
    access_codes.issue(user, purpose=RESET, by=system, at=at)
    row = AccessCode.objects.get()
    row.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_ten_wrong_tries_make_it_worthless(user, system, at):
    code = access_codes.issue(user, purpose=RESET, by=system, at=at)
    for _ in range(10):
        with pytest.raises(Refused):
            access_codes.check(user, "AAAA-AAAA-AAAA", purpose=RESET, at=at)

    with pytest.raises(Refused):
        access_codes.check(user, code, purpose=RESET, at=at)


def test_it_is_for_one_person_and_one_purpose(user, system, at):
    code = access_codes.issue(user, purpose=RESET, by=system, at=at)

    for who, purpose in ((UserFactory(), RESET), (user, INVITE)):
        with pytest.raises(Refused):
            access_codes.check(who, code, purpose=purpose, at=at)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM])
@pytest.mark.parametrize("purpose", [INVITE, RESET])
def test_only_the_system_administrator_gives_them(user, at, role, purpose):
    by = actor(person("某人", OrganizationFactory(), role))

    with pytest.raises(Forbidden, match="您不能为“张三”发放"):
        access_codes.issue(user, purpose=purpose, by=by, at=at)


def test_nobody_resets_himself_under_any_account(system, at):
    second = UserFactory()
    second.same_as = system.user
    second.save()

    for user in (system.user, second):
        with pytest.raises(Forbidden):
            access_codes.issue(user, purpose=RESET, by=system, at=at)


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY, Role.AUDIT])
def test_a_witness_says_so_himself(user, system, at, role):
    witness = person("见证", OrganizationFactory(), role)

    code = access_codes.issue(witness, purpose=WITNESS, by=actor(witness), at=at)
    access_codes.check(witness, code, purpose=WITNESS, at=at)

    with pytest.raises(Forbidden):
        access_codes.issue(user, purpose=WITNESS, by=system, at=at)
    with pytest.raises(Forbidden):
        access_codes.issue(user, purpose=WITNESS, by=actor(user), at=at)


def test_a_closed_account_gets_none(user, system, at):
    user.is_active = False
    user.save()

    with pytest.raises(Refused, match="已停用"):
        access_codes.issue(user, purpose=RESET, by=system, at=at)


def test_giving_and_using_stand_in_the_trail(user, system, at):
    code = access_codes.issue(user, purpose=RESET, by=system, at=at)
    access_codes.check(user, code, purpose=RESET, at=at)
    access_codes.issue(user, purpose=INVITE, by=None, at=at)

    assert list(TrailEntry.objects.order_by("pk").values_list("sentence", "by_name")) == [
        ("发放重置码：张三", "系统员"),
        ("使用一次性代码：张三 · 重置码", "张三"),
        ("发放邀请码：张三", "命令行"),
    ]


def test_whose_password_may_be_set_hears_of_it(user, system, at):
    access_codes.issue(user, purpose=RESET, by=system, at=at)

    assert list(Notice.objects.values_list("recipient__name", "subject")) == [
        ("张三", "系统员为张三发放了重置码；不是本人申请的，请告知安全管理员")
    ]


def test_an_administrators_code_is_told_to_the_others(system, at):
    place = OrganizationFactory()
    security, audit = person("安全员", place, Role.SECURITY), person("审计员", place, Role.AUDIT)

    access_codes.issue(security, purpose=RESET, by=system, at=at)

    assert {notice.recipient for notice in Notice.objects.all()} == {security, audit}


def test_an_administrators_invitation_is_told_to_the_other_two(system, at):
    """He has never come in: whoever holds the code would come in as him."""
    office = OrganizationFactory()
    security, audit = (person("三员", office, role) for role in (Role.SECURITY, Role.AUDIT))

    access_codes.issue(security, purpose=INVITE, by=system, at=at)

    told = Notice.objects.filter(subject__contains="发放了邀请码").values_list(
        "recipient", flat=True
    )
    assert {security.pk, audit.pk, system.user.pk} >= set(told) >= {security.pk, audit.pk}


def test_a_code_for_an_administrators_second_account_is_told_too(system, user, at):
    audit = person("审计员", OrganizationFactory(), Role.AUDIT)
    user.same_as = audit
    user.save()

    access_codes.issue(user, purpose=RESET, by=system, at=at)

    assert Notice.objects.filter(recipient=audit, subject__contains="发放了重置码").exists()


def test_an_invitation_of_anybody_else_is_told_to_nobody(system, user, at):
    access_codes.issue(user, purpose=INVITE, by=system, at=at)

    assert not Notice.objects.exists()
