"""People and the dated duties they hold: what a person may do comes from these alone."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.backends import ModelBackend
from django.db import IntegrityError, transaction

from reform.actions import users
from reform.errors import Refused
from reform.models import ADMINISTRATORS, Actor, Duty, Role, User
from tests.factories import LONG_AGO, ON, OrganizationFactory, UserFactory, actor, person

BUSINESS = [role for role in Role if role not in ADMINISTRATORS]
DAY = timedelta(days=1)


@pytest.fixture
def branch():
    return OrganizationFactory(name="第一党支部")


@pytest.fixture
def user():
    return UserFactory(name="张三")


def give(user, role, organization, since=LONG_AGO, **facts):
    return users.give_duty(user, role=role, organization=organization, since=since, **facts)


# ---------------------------------------------------------------- accounts


def test_an_account_without_a_password_opens_to_nobody(user):
    backend = ModelBackend()

    assert not user.has_usable_password()
    for guess in ("", None, user.password):
        assert backend.authenticate(None, username=user.username, password=guess) is None


def test_no_account_has_more_power_than_its_duties():
    """Django's superuser flag gives nothing on business data: there is no such flag."""
    names = {field.name for field in User._meta.get_fields()}  # noqa: SLF001 -- public to Django

    assert not names & {"is_superuser", "is_staff", "groups", "user_permissions"}


def test_an_account_name_is_taken_once(user):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(user.username, name="李四")
    with pytest.raises(Refused, match="刚刚被使用"):
        users.create(username=user.username, name="李四")


def test_two_accounts_of_one_person_are_one_person(user):
    second = UserFactory(name="张三")
    User.objects.filter(pk=second.pk).update(same_as=user)
    second.refresh_from_db()

    assert second.person_id == user.person_id == user.pk


# ---------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [
        (ON, None, True),
        (ON, ON, True),
        (ON - DAY, ON, True),
        (ON - DAY, ON - DAY, False),
        (ON + DAY, None, False),
        (LONG_AGO, ON + DAY, True),
    ],
)
def test_a_duty_counts_from_its_first_day_to_its_last(branch, user, since, until, holds):
    give(user, Role.SECRETARY, branch, since, until=until)

    assert actor(user).holds(Role.SECRETARY) is holds
    assert (user in User.objects.holding(Role.SECRETARY, branch, ON)) is holds


@pytest.mark.parametrize(
    ("since", "until", "overlaps"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), True),
        (date(2026, 3, 31), date(2026, 5, 1), True),
        (date(2026, 4, 1), date(2026, 5, 1), False),
        (date(2025, 1, 1), date(2025, 12, 31), False),
        (date(2025, 1, 1), date(2026, 1, 1), True),
        (date(2025, 1, 1), None, True),
    ],
)
def test_two_spans_overlap_when_they_share_a_day(branch, user, since, until, overlaps):
    give(user, Role.MEMBER, branch, date(2026, 1, 1), until=date(2026, 3, 31))

    assert Duty.objects.in_force_between(since, until).exists() is overlaps


def test_a_duty_does_not_end_before_it_begins(branch, user):
    with pytest.raises(IntegrityError), transaction.atomic():
        give(user, Role.MEMBER, branch, ON, until=ON - DAY)


def test_one_holds_a_duty_once_at_a_time(branch, user):
    give(user, Role.MEMBER, branch)

    with pytest.raises(IntegrityError), transaction.atomic():
        give(user, Role.MEMBER, branch)


def test_whoever_comes_back_holds_it_again(branch, user):
    give(user, Role.MEMBER, branch, LONG_AGO, until=ON - DAY)
    give(user, Role.MEMBER, branch, ON)

    assert len(actor(user).duties) == 1


# ---------------------------------------------------------------- where one belongs


def test_one_belongs_to_one_organization_at_a_time(branch, user):
    other = OrganizationFactory()
    give(user, Role.MEMBER, branch, home=True)

    with pytest.raises(Refused, match="已有主要隶属"):
        give(user, Role.MEMBER, other, home=True)
    assert actor(user).home == branch


def test_a_second_account_has_no_second_home(branch, user):
    second = UserFactory()
    User.objects.filter(pk=second.pk).update(same_as=user)
    second.refresh_from_db()
    give(user, Role.MEMBER, branch, home=True)

    with pytest.raises(Refused, match="已有主要隶属"):
        give(second, Role.MEMBER, OrganizationFactory(), home=True)


def test_one_may_move_from_one_day_to_the_next(branch, user):
    other = OrganizationFactory()
    give(user, Role.MEMBER, branch, until=ON - DAY, home=True)
    give(user, Role.MEMBER, other, ON, home=True)

    assert Actor.of(user, on=ON - DAY).home == branch
    assert Actor.of(user, on=ON).home == other


def test_home_is_a_membership(branch, user):
    with pytest.raises(IntegrityError), transaction.atomic():
        give(user, Role.SECRETARY, branch, home=True)


def test_without_a_home_the_first_duty_says_where_one_belongs(branch, user):
    give(user, Role.SECRETARY, branch)

    assert actor(user).home == branch
    assert actor(UserFactory()).home is None


# ---------------------------------------------------------------- three administrators (SOD-09)


@pytest.mark.parametrize("second", [role for role in Role if role != Role.MEMBER])
@pytest.mark.parametrize("first", ADMINISTRATORS)
def test_an_administrator_holds_nothing_else(branch, user, first, second):
    give(user, first, branch)

    if first == second:
        give(user, second, OrganizationFactory())
        return
    with pytest.raises(Refused, match="不能再任"):
        give(user, second, branch)
    assert {duty.role for duty in actor(user).duties} == {first}


@pytest.mark.parametrize("role", ADMINISTRATORS)
@pytest.mark.parametrize("held", [role for role in BUSINESS if role != Role.MEMBER])
def test_whoever_has_business_becomes_no_administrator(branch, user, held, role):
    give(user, held, branch)

    with pytest.raises(Refused, match="已有其他职责"):
        give(user, role, branch)


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_an_administrator_is_somewhere_a_member(branch, user, role):
    give(user, role, branch)
    give(user, Role.MEMBER, branch)

    assert actor(user).is_administrator


def test_a_second_account_makes_no_second_person(branch, user):
    second = UserFactory()
    User.objects.filter(pk=second.pk).update(same_as=user)
    second.refresh_from_db()
    give(user, Role.OFFICE, branch)

    with pytest.raises(Refused, match="已有其他职责"):
        give(second, Role.AUDIT, branch)


def test_a_former_office_may_become_an_administrator(branch, user):
    give(user, Role.OFFICE, branch, until=ON - DAY)

    assert give(user, Role.AUDIT, branch, ON).role == Role.AUDIT


# ---------------------------------------------------------------- who acts


def test_a_disabled_account_acts_as_nobody(branch):
    user = person("张三", branch, Role.SECRETARY)
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()

    assert actor(user).duties == ()
    assert user not in User.objects.active()
    assert user not in User.objects.holding(Role.SECRETARY, branch, ON)


def test_an_actor_is_one_query_or_two(branch, django_assert_num_queries):
    user = person("张三", branch, Role.SECRETARY, Role.MEMBER, Role.LIAISON)
    leader = person("李四", branch, Role.LEADER, fields=[branch])

    with django_assert_num_queries(1):
        assert len(actor(user).duties) == 3
    with django_assert_num_queries(2):
        assert actor(leader).duties[0].field == (branch,)


def test_members_are_those_of_exactly_this_organization(branch):
    below = OrganizationFactory(parent=branch)
    here, there = person("张三", branch), person("李四", below)

    assert list(User.objects.members_of(branch, ON)) == [here]
    assert list(User.objects.members_of(below, ON)) == [there]


@pytest.mark.parametrize(
    ("role", "principal", "has_field"),
    [(Role.LEADER, False, True), (Role.LEADER, True, False), (Role.OFFICE, False, False)],
)
@pytest.mark.no_database
def test_only_a_leader_who_is_not_the_principal_has_a_field(role, principal, has_field):
    assert Duty(role=role, principal=principal).has_field is has_field
