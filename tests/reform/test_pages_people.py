"""People: the list, the page of one, and who sees a telephone number."""

from datetime import timedelta

import pytest
from django.urls import reverse

from reform.models import Role
from tests.factories import LONG_AGO, ON, DutyFactory, OrganizationFactory, person

pytestmark = pytest.mark.dealt

PHONE = "0571-87654321"


@pytest.fixture
def branch():
    city = OrganizationFactory(name="市委", kind="committee")
    bureau = OrganizationFactory(name="住建局党委", short_name="住建局", parent=city)
    return OrganizationFactory(name="第一党支部", parent=bureau)


@pytest.fixture
def member(branch):
    user = person("李四", branch)
    user.phone, user.post = PHONE, "一级科员"
    user.save()
    return user


def page(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def reader(client, branch, role, where):
    place = {"own": branch, "above": branch.parent, "out": OrganizationFactory()}[where]
    user = person("读者", place, role)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("role", "where", "sees"),
    [
        (Role.MEMBER, "own", False),
        (Role.LIAISON, "own", True),
        (Role.LIAISON, "above", False),
        (Role.SECRETARY, "own", True),
        (Role.OFFICE, "above", True),
        (Role.OFFICE, "out", False),
        (Role.LEADER, "own", False),
        (Role.INSPECTOR, "above", False),
        (Role.SYSTEM, "out", False),
        (Role.AUDIT, "above", False),
    ],
)
def test_a_telephone_number_is_for_whom_the_table_says(client, branch, member, role, where, sees):
    reader(client, branch, role, where)

    assert (PHONE in page(client, "person", member.pk)) is sees
    assert (PHONE in page(client, "people", q="李四")) is sees
    assert (PHONE in page(client, "organization", branch.pk)) is sees
    assert PHONE not in client.get(reverse("person-search"), {"q": "李四"}).content.decode()


def test_the_system_administrator_sees_a_telephone_number_masked(client, branch, member):
    reader(client, branch, Role.SYSTEM, "out")

    for shown in (page(client, "person", member.pk), page(client, "people", q="李四")):
        assert "057****4321" in shown


def test_a_duty_that_ended_opens_no_telephone_number(client, branch, member):
    user = person("前书记", branch, Role.SECRETARY, until=LONG_AGO)
    client.force_login(user)

    assert PHONE not in page(client, "person", member.pk)


def test_names_posts_and_organizations_are_open_to_all(client, branch, member):
    reader(client, branch, Role.MEMBER, "out")

    shown = page(client, "people", q="李四")

    assert "一级科员" in shown
    assert "住建局 第一党支部" in shown
    assert member.username not in page(client, "person", member.pk)


@pytest.mark.parametrize("words", ["李四", "科员", "第一党"])
def test_a_person_is_found_by_name_post_and_organization(client, branch, member, words):
    reader(client, branch, Role.MEMBER, "out")

    assert "李四" in page(client, "people", q=words)
    assert "没有查到人员" in page(client, "people", q=words + "无")


def test_an_organization_finds_its_people_and_those_below(client, branch, member):
    other = person("外人", OrganizationFactory())
    reader(client, branch, Role.MEMBER, "own")

    shown = page(client, "people", organization=f"住建局党委 #{branch.parent.pk}")

    assert "李四" in shown
    assert other.name not in shown


def test_an_organization_that_is_not_found_is_said_and_filters_nothing(client, branch, member):
    reader(client, branch, Role.MEMBER, "own")

    shown = page(client, "people", organization="无此单位")

    assert "没有找到“无此单位”" in shown
    assert "李四" in shown


def test_a_disabled_account_is_in_no_list_but_keeps_its_page(client, branch, member):
    reader(client, branch, Role.MEMBER, "own")
    member.is_active = False
    member.save()

    assert "没有查到人员" in page(client, "people", q="李四")
    assert "已停用" in page(client, "person", member.pk)


def test_duties_stand_with_their_days(client, branch, member):
    DutyFactory(user=member, organization=branch, role=Role.LIAISON, until=ON - timedelta(days=1))
    reader(client, branch, Role.MEMBER, "own")

    shown = page(client, "person", member.pk)

    assert "2020年1月1日 至 今" in shown
    assert "2020年1月1日 至 2026年6月2日" in shown
    assert "已结束" in shown


def test_one_sees_all_about_oneself(client, branch, member):
    client.force_login(member)

    shown = page(client, "profile")

    assert PHONE in shown
    assert member.username in shown
    assert "修改密码" in shown


@pytest.mark.parametrize("key", [0, 999999, 10**30])
def test_a_person_who_does_not_exist_is_404(client, member, key):
    client.force_login(member)

    assert client.get(reverse("person", args=[key])).status_code == 404


@pytest.mark.parametrize("value", ["abc", "99999999", "-1", "\x00", "#9", "x" * 400, "9" * 5000])
def test_strange_addresses_are_pages_too(client, member, value):
    client.force_login(member)

    for key in ("page", "q", "organization"):
        assert client.get(reverse("people"), {key: value}).status_code == 200


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_costs_the_same_at_one_and_at_fifty(
    client, branch, member, count, django_assert_num_queries
):
    for _ in range(count):
        person("王五", branch, Role.MEMBER, Role.LIAISON)
    client.force_login(member)
    page(client, "people", q="王五")

    with django_assert_num_queries(7):
        page(client, "people", q="王五")
