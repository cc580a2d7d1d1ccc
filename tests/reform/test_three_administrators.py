"""System, security and audit administrator are three people, and nothing else (SOD-09): the
sentence comes from the act, and the database refuses whoever goes round it."""

import threading
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from reform.actions import users
from reform.errors import Refused
from reform.models import ADMINISTRATORS, Duty, Role, User
from tests.factories import OrganizationFactory, UserFactory, person

APART = "须由不同的人担任"
ONE_FIRST = "只能指向他的第一个账号"
BUSINESS = [role for role in Role if role not in {*ADMINISTRATORS, Role.MEMBER}]


def put(user, role, place, since="2026-01-01", until=None):
    """Insert a duty without asking the act."""
    Duty.objects.create(user=user, role=role, organization=place, since=since, until=until)


def change(table, pk, **facts):
    sets = ", ".join(f"{name} = %s" for name in facts)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {sets} WHERE id = %s", [*facts.values(), pk])  # noqa: S608


def second_account(first):
    user = UserFactory()
    change("reform_user", user.pk, same_as_id=first.pk)
    return user


def refused(act, *args, words=APART, **facts):
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        act(*args, **facts)


@pytest.fixture
def place():
    return OrganizationFactory()


@pytest.fixture
def system(place):
    return person("系统员", place, Role.SYSTEM)


@pytest.mark.parametrize("role", [Role.SECURITY, Role.AUDIT, *BUSINESS])
def test_no_other_role_beside_it(place, system, role):
    with pytest.raises(Refused, match="不能再任"):
        users.give_duty(system, role=role, organization=place, since=date(2026, 1, 1))

    refused(put, system, role, place)


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY, Role.AUDIT])
@pytest.mark.parametrize("held", BUSINESS)
def test_whoever_has_business_does_not_administer(place, held, role):
    user = person("某人", place, held)

    refused(put, user, role, place)


def test_membership_alone_is_allowed_and_so_is_the_same_role_elsewhere(place, system):
    put(system, Role.MEMBER, place)
    put(system, Role.SYSTEM, OrganizationFactory())

    assert system.duties.count() == 3


@pytest.mark.parametrize(
    ("since", "until", "is_refused"),
    [
        ("2020-01-01", "2020-12-31", True),
        ("2019-01-01", "2020-01-01", True),  # both days count
        ("2019-01-01", "2019-12-31", False),
        ("2021-01-01", None, False),
        ("2020-12-31", None, True),
    ],
)
def test_days_that_do_not_meet_are_free(place, since, until, is_refused):
    user = UserFactory()
    put(user, Role.SYSTEM, place, "2020-01-01", "2020-12-31")

    if is_refused:
        refused(put, user, Role.OFFICE, place, since, until)
    else:
        put(user, Role.OFFICE, place, since, until)


def test_two_accounts_of_one_person_count_as_one(place, system):
    second, third = second_account(system), second_account(system)

    refused(put, second, Role.AUDIT, place)
    put(second, Role.SYSTEM, place)
    refused(put, third, Role.OFFICE, place)


def test_a_duty_does_not_become_another(place, system):
    put(system, Role.MEMBER, place)
    membership = Duty.objects.get(user=system, role=Role.MEMBER)
    audit = person("审计员", place, Role.AUDIT).duties.get()

    refused(change, "reform_duty", membership.pk, role=Role.OFFICE)
    refused(change, "reform_duty", audit.pk, user_id=system.pk)


def test_the_only_duty_may_become_another(system):
    change("reform_duty", system.duties.get().pk, role=Role.OFFICE)

    assert system.duties.get().role == Role.OFFICE


def test_days_are_not_moved_over_each_other(place):
    user = UserFactory()
    put(user, Role.SYSTEM, place, "2020-01-01", "2020-12-31")
    put(user, Role.OFFICE, place, "2021-01-01")

    refused(change, "reform_duty", user.duties.get(role=Role.SYSTEM).pk, until=None)
    refused(change, "reform_duty", user.duties.get(role=Role.OFFICE).pk, since="2020-12-31")
    change("reform_duty", user.duties.get(role=Role.SYSTEM).pk, until="2020-06-30")


def test_accounts_are_not_joined_into_one_person_with_both(place, system):
    audit, office = person("审计员", place, Role.AUDIT), person("办公室", place, Role.OFFICE)
    member = person("党员", place)

    refused(change, "reform_user", audit.pk, same_as_id=system.pk)
    refused(change, "reform_user", office.pk, same_as_id=system.pk)
    refused(change, "reform_user", system.pk, same_as_id=office.pk)
    change("reform_user", member.pk, same_as_id=system.pk)


def test_second_accounts_of_one_person_are_not_joined_with_others_in_between(place):
    first = UserFactory()
    person_two = second_account(first)
    put(person_two, Role.SYSTEM, place)
    office = person("办公室", place, Role.OFFICE)

    refused(change, "reform_user", office.pk, same_as_id=first.pk)


def test_an_account_points_at_a_first_one(place):
    first = UserFactory()
    second = second_account(first)

    refused(change, "reform_user", first.pk, words=ONE_FIRST, same_as_id=UserFactory().pk)
    refused(change, "reform_user", first.pk, words=ONE_FIRST, same_as_id=first.pk)
    third = User(username="third", name="三", same_as=second)
    refused(third.save, words=ONE_FIRST)


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_do_not_miss_each_other(place):
    """Each sees nothing of the other's duty until it is committed: the second waits, then sees."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    user, came, said = UserFactory(), threading.Event(), []

    def second():
        try:
            came.wait(5)
            put(user, Role.AUDIT, place)
            said.append("kept")
        except DatabaseError as error:
            said.append(str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        put(user, Role.SYSTEM, place)
        came.set()
        thread.join(0.5)
    thread.join(5)

    assert len(said) == 1
    assert APART in said[0]
    assert list(User.objects.get(pk=user.pk).duties.values_list("role", flat=True)) == ["system"]
